// Functions of varbinary: hashes, encodings, numbers in big-endian bytes.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>
#include <zlib.h>

#include <bit>
#include <cstring>

#include "kernel/functions/families.h"
#include "kernel/functions/murmur3.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/utf8.h"

namespace planaria::kernel {

namespace {

const unsigned char* Data(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.view.data()); }

using Algorithm = const EVP_MD* (*)();

template <Algorithm kAlgorithm>
void Digest(Bytes bytes, BytesOut& out) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.view.data(), bytes.view.size(), digest, &size, kAlgorithm(), nullptr) != 1) {
    FailFunction(errors::GENERIC_INTERNAL_ERROR, "this digest is not available");
  }
  out.text.assign(reinterpret_cast<const char*>(digest), size);
}

template <Algorithm kAlgorithm>
void Hmac(Bytes bytes, Bytes key, BytesOut& out) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(kAlgorithm(), key.view.data(), static_cast<int>(key.view.size()), Data(bytes), bytes.view.size(),
            digest, &size)) {
    FailFunction(errors::GENERIC_INTERNAL_ERROR, "this digest is not available");
  }
  out.text.assign(reinterpret_cast<const char*>(digest), size);
}

int64_t Crc32(Bytes bytes) {
  return static_cast<int64_t>(crc32_z(crc32_z(0, nullptr, 0), Data(bytes), bytes.view.size()));
}

template <typename T>
void AppendBigEndian(T value, std::string& out) {
  for (int shift = (static_cast<int>(sizeof(T)) - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

template <typename T>
T ReadBigEndian(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

void XxHash64(Bytes bytes, BytesOut& out) {
  AppendBigEndian(static_cast<uint64_t>(XXH64(bytes.view.data(), bytes.view.size(), 0)), out.text);
}

/// The two halves in little-endian order.
void Murmur3Bytes(Bytes bytes, BytesOut& out) {
  const Hash128 hash = Murmur3(bytes.view);
  out.text.append(reinterpret_cast<const char*>(&hash), sizeof hash);
}

void ToHex(Bytes bytes, std::string& out) {
  for (const char byte : bytes.view) {
    out.push_back("0123456789ABCDEF"[static_cast<unsigned char>(byte) >> 4]);
    out.push_back("0123456789ABCDEF"[byte & 0xF]);
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  FailArgument(fmt::format("not a hexadecimal digit: \"{}\" = {}", c,
                           static_cast<int>(static_cast<unsigned char>(c))));
}

void FromHex(std::string_view text, BytesOut& out) {
  if (text.size() % 2 != 0) FailArgument(fmt::format("invalid input length {}", text.size()));
  for (size_t i = 0; i < text.size(); i += 2) {
    out.text.push_back(static_cast<char>(HexDigit(text[i]) * 16 + HexDigit(text[i + 1])));
  }
}
void FromHexBytes(Bytes bytes, BytesOut& out) { FromHex(bytes.view, out); }

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Groups of `kBits` bits as characters of the alphabet, padded to whole groups of `kGroup` characters.
template <const std::string_view& kAlphabet, int kBits, size_t kGroup>
void Encode(Bytes bytes, std::string& out) {
  uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes.view) {
    buffer = (buffer << 8) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= kBits; bits -= kBits) {
      out.push_back(kAlphabet[(buffer >> (bits - kBits)) & ((1u << kBits) - 1)]);
    }
  }
  if (bits > 0) out.push_back(kAlphabet[(buffer << (kBits - bits)) & ((1u << kBits) - 1)]);
  while (out.size() % kGroup != 0) out.push_back('=');
}

template <const std::string_view& kAlphabet, int kBits, size_t kGroup>
void Decode(std::string_view text, BytesOut& out) {
  const size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  const std::string_view digits = text.substr(0, text.size() - padding);
  constexpr bool kIs64 = kBits == 6;
  if (kIs64 && digits.size() % kGroup == 1) {
    FailArgument(digits.size() == 1 && padding == 0
                     ? "Input byte[] should at least have 2 bytes for base64 bytes"
                     : "Last unit does not have enough valid bits");
  }
  if (kIs64 && padding > 0 && text.size() % kGroup != 0) {
    FailArgument("Input byte array has wrong 4-byte ending unit");
  }
  if (!kIs64 && (digits.size() % 8 == 1 || digits.size() % 8 == 3 || digits.size() % 8 == 6)) {
    FailArgument(fmt::format("Invalid input length {}", digits.size()));
  }
  uint32_t buffer = 0;
  int bits = 0;
  for (const char c : digits) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) {
      FailArgument(kIs64 ? fmt::format("Illegal base64 character {:x}", static_cast<unsigned char>(c))
                         : fmt::format("Unrecognized character: {}", c));
    }
    buffer = (buffer << kBits) | static_cast<uint32_t>(digit);
    bits += kBits;
    if (bits >= 8) {
      bits -= 8;
      out.text.push_back(static_cast<char>(buffer >> bits));
    }
  }
}
template <const std::string_view& kAlphabet, int kBits, size_t kGroup>
void DecodeBytes(Bytes bytes, BytesOut& out) {
  Decode<kAlphabet, kBits, kGroup>(bytes.view, out);
}

void ToBigEndian32(int32_t value, BytesOut& out) { AppendBigEndian(static_cast<uint32_t>(value), out.text); }
void ToBigEndian64(int64_t value, BytesOut& out) { AppendBigEndian(static_cast<uint64_t>(value), out.text); }
void ToIeee32(float value, BytesOut& out) { AppendBigEndian(std::bit_cast<uint32_t>(value), out.text); }
void ToIeee64(double value, BytesOut& out) { AppendBigEndian(std::bit_cast<uint64_t>(value), out.text); }

template <typename Result, typename Raw>
Result FromBigEndian(Bytes bytes) {
  if (bytes.view.size() != sizeof(Raw)) {
    FailArgument(fmt::format("expected {}-byte input, but got instead: {}", sizeof(Raw), bytes.view.size()));
  }
  return std::bit_cast<Result>(ReadBigEndian<Raw>(bytes.view));
}
template <typename Result, typename Raw>
Result FromIeee(Bytes bytes) {
  if (bytes.view.size() != sizeof(Raw)) {
    FailArgument(fmt::format("Input floating-point value must be exactly {} bytes long", sizeof(Raw)));
  }
  return std::bit_cast<Result>(ReadBigEndian<Raw>(bytes.view));
}

void ToUtf8(std::string_view text, BytesOut& out) { out.text = text; }

/// Every byte that is no part of a code point's UTF-8 becomes `replacement`.
void ReplaceInvalid(std::string_view bytes, std::string_view replacement, std::string& out) {
  while (!bytes.empty()) {
    const CodePoint point = FirstCodePoint(bytes);
    const bool valid =
        static_cast<unsigned char>(bytes[0]) < 0x80 ||
        (point.bytes > 1 && point.value <= 0x10FFFF && (point.value < 0xD800 || point.value > 0xDFFF) &&
         point.value >= (point.bytes == 2   ? 0x80u
                         : point.bytes == 3 ? 0x800u
                                            : 0x10000u));
    if (valid) {
      out += bytes.substr(0, point.bytes);
    } else {
      out += replacement;
    }
    bytes.remove_prefix(valid ? point.bytes : 1);
  }
}

void FromUtf8(Bytes bytes, std::string& out) { ReplaceInvalid(bytes.view, "\xEF\xBF\xBD", out); }
void FromUtf8Replacing(Bytes bytes, std::string_view replacement, std::string& out) {
  if (CodePoints(replacement) > 1) {
    FailArgument("Replacement character string must empty or a single character");
  }
  ReplaceInvalid(bytes.view, replacement, out);
}
void FromUtf8ReplacingPoint(Bytes bytes, int64_t point, std::string& out) {
  if (point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    FailArgument("Invalid replacement character");
  }
  std::string replacement;
  AppendUtf8(static_cast<uint32_t>(point), &replacement);
  ReplaceInvalid(bytes.view, replacement, out);
}

int64_t Length(Bytes bytes) { return static_cast<int64_t>(bytes.view.size()); }
void Reverse(Bytes bytes, BytesOut& out) { out.text.assign(bytes.view.rbegin(), bytes.view.rend()); }

void SubstrLength(Bytes bytes, int64_t start, int64_t length, BytesOut& out) {
  const auto size = static_cast<int64_t>(bytes.view.size());
  const int64_t begin = start > 0 ? start - 1 : size + start;
  if (start == 0 || length <= 0 || begin < 0 || begin >= size) return;
  out.text = bytes.view.substr(static_cast<size_t>(begin), static_cast<size_t>(length));
}
void Substr(Bytes bytes, int64_t start, BytesOut& out) {
  SubstrLength(bytes, start, std::numeric_limits<int64_t>::max(), out);
}

template <bool kLeft>
void Pad(Bytes bytes, int64_t length, Bytes padding, BytesOut& out) {
  if (length < 0 || length > 2147483647) FailArgument("Target length must be in the range [0..2147483647]");
  if (padding.view.empty()) FailArgument("Padding bytes must not be empty");
  const auto wanted = static_cast<size_t>(length);
  if (wanted <= bytes.view.size()) {
    out.text = bytes.view.substr(0, wanted);
    return;
  }
  std::string pad;
  for (size_t i = bytes.view.size(); i < wanted; ++i)
    pad.push_back(padding.view[(i - bytes.view.size()) % padding.view.size()]);
  out.text = kLeft ? pad + std::string(bytes.view) : std::string(bytes.view) + pad;
}

}  // namespace

void AddBinary(FunctionSet& functions) {
  functions.Add(Scalar<&Digest<EVP_md5>>("trino_md5"));
  functions.Add(Scalar<&Digest<EVP_sha1>>("trino_sha1"));
  functions.Add(Scalar<&Digest<EVP_sha256>>("trino_sha256"));
  functions.Add(Scalar<&Digest<EVP_sha512>>("trino_sha512"));
  functions.Add(Scalar<&Hmac<EVP_md5>>("trino_hmac_md5"));
  functions.Add(Scalar<&Hmac<EVP_sha1>>("trino_hmac_sha1"));
  functions.Add(Scalar<&Hmac<EVP_sha256>>("trino_hmac_sha256"));
  functions.Add(Scalar<&Hmac<EVP_sha512>>("trino_hmac_sha512"));
  functions.Add(Scalar<&Crc32>("trino_crc32"));
  functions.Add(Scalar<&XxHash64>("trino_xxhash64"));
  functions.Add(Scalar<&Murmur3Bytes>("trino_murmur3"));
  functions.Add(Scalar<&ToHex>("trino_to_hex"));
  functions.Add(Scalar<&FromHex>("trino_from_hex"));
  functions.Add(Scalar<&FromHexBytes>("trino_from_hex"));
  functions.Add(Scalar<&Encode<kBase64, 6, 4>>("trino_to_base64"));
  functions.Add(Scalar<&Decode<kBase64, 6, 4>>("trino_from_base64"));
  functions.Add(Scalar<&DecodeBytes<kBase64, 6, 4>>("trino_from_base64"));
  functions.Add(Scalar<&Encode<kBase64Url, 6, 4>>("trino_to_base64url"));
  functions.Add(Scalar<&Decode<kBase64Url, 6, 4>>("trino_from_base64url"));
  functions.Add(Scalar<&DecodeBytes<kBase64Url, 6, 4>>("trino_from_base64url"));
  functions.Add(Scalar<&Encode<kBase32, 5, 8>>("trino_to_base32"));
  functions.Add(Scalar<&Decode<kBase32, 5, 8>>("trino_from_base32"));
  functions.Add(Scalar<&DecodeBytes<kBase32, 5, 8>>("trino_from_base32"));
  functions.Add(Scalar<&ToBigEndian32>("trino_to_big_endian_32"));
  functions.Add(Scalar<&ToBigEndian64>("trino_to_big_endian_64"));
  functions.Add(Scalar<&FromBigEndian<int32_t, uint32_t>>("trino_from_big_endian_32"));
  functions.Add(Scalar<&FromBigEndian<int64_t, uint64_t>>("trino_from_big_endian_64"));
  functions.Add(Scalar<&ToIeee32>("trino_to_ieee754_32"));
  functions.Add(Scalar<&ToIeee64>("trino_to_ieee754_64"));
  functions.Add(Scalar<&FromIeee<float, uint32_t>>("trino_from_ieee754_32"));
  functions.Add(Scalar<&FromIeee<double, uint64_t>>("trino_from_ieee754_64"));
  functions.Add(Scalar<&ToUtf8>("trino_to_utf8"));
  functions.Add(Scalar<&FromUtf8>("trino_from_utf8"));
  functions.Add(Scalar<&FromUtf8Replacing>("trino_from_utf8"));
  functions.Add(Scalar<&FromUtf8ReplacingPoint>("trino_from_utf8"));
  functions.Add(Scalar<&Length>("trino_length"));
  functions.Add(Scalar<&Reverse>("trino_reverse"));
  functions.Add(Scalar<&Substr>("trino_substr"));
  functions.Add(Scalar<&SubstrLength>("trino_substr"));
  functions.Add(Scalar<&Pad<true>>("trino_lpad"));
  functions.Add(Scalar<&Pad<false>>("trino_rpad"));
}

}  // namespace planaria::kernel
