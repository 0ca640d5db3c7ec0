// spooky_hash_v2_32 and _64: Bob Jenkins' SpookyHash V2 with seed 0, in big-endian bytes.
#include <array>
#include <bit>
#include <cstring>

#include "kernel/functions/scalar.h"
#include "kernel/functions/sketch_families.h"

namespace planaria::kernel {

namespace {

constexpr uint64_t kConstant = 0xdeadbeefdeadbeefULL;
constexpr size_t kVariables = 12;
constexpr size_t kBlock = kVariables * sizeof(uint64_t);
/// Longer texts are hashed by blocks.
constexpr size_t kShort = 2 * kBlock;

uint64_t WordAt(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

uint64_t ShortHash(std::string_view text) {
  // The four words in the order in which the rounds go through them.
  uint64_t a = 0, b = 0, c = kConstant, d = kConstant;
  const auto mix = [&] {
    static constexpr int kTurns[] = {50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36};
    std::array<uint64_t*, 4> words = {&c, &d, &a, &b};
    for (size_t i = 0; i < std::size(kTurns); ++i) {
      uint64_t& turned = *words[i % 4];
      turned = std::rotl(turned, kTurns[i]) + *words[(i + 1) % 4];
      *words[(i + 2) % 4] ^= turned;
    }
  };
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 32; left -= 32, at += 32) {
    c += WordAt(at);
    d += WordAt(at + 8);
    mix();
    a += WordAt(at + 16);
    b += WordAt(at + 24);
  }
  if (left >= 16) {
    c += WordAt(at);
    d += WordAt(at + 8);
    mix();
    at += 16;
    left -= 16;
  }
  d += static_cast<uint64_t>(text.size()) << 56;
  if (left > 0) {
    char rest[16] = {};
    std::memcpy(rest, at, left);
    c += WordAt(rest);
    d += WordAt(rest + 8);
  } else {
    c += kConstant;
    d += kConstant;
  }
  static constexpr int kTurns[] = {15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63};
  std::array<uint64_t*, 4> words = {&c, &d, &a, &b};
  for (size_t i = 0; i < std::size(kTurns); ++i) {
    uint64_t& turned = *words[i % 4];
    uint64_t& next = *words[(i + 1) % 4];
    next ^= turned;
    turned = std::rotl(turned, kTurns[i]);
    next += turned;
  }
  return a;
}

using Variables = std::array<uint64_t, kVariables>;

void MixBlock(const char* block, Variables& s) {
  static constexpr int kTurns[kVariables] = {11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46};
  for (size_t i = 0; i < kVariables; ++i) {
    s[i] += WordAt(block + i * 8);
    s[(i + 2) % kVariables] ^= s[(i + 10) % kVariables];
    s[(i + 11) % kVariables] ^= s[i];
    s[i] = std::rotl(s[i], kTurns[i]);
    s[(i + 11) % kVariables] += s[(i + 1) % kVariables];
  }
}

void MixEnd(Variables& s) {
  static constexpr int kTurns[kVariables] = {44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54};
  for (size_t i = 0; i < kVariables; ++i) {
    uint64_t& next = s[(i + 1) % kVariables];
    s[(i + 11) % kVariables] += next;
    s[(i + 2) % kVariables] ^= s[(i + 11) % kVariables];
    next = std::rotl(next, kTurns[i]);
  }
}

uint64_t Hash(std::string_view text) {
  if (text.size() < kShort) return ShortHash(text);
  Variables s = {0, 0, kConstant, 0, 0, kConstant, 0, 0, kConstant, 0, 0, kConstant};
  for (; text.size() >= kBlock; text.remove_prefix(kBlock)) MixBlock(text.data(), s);
  char rest[kBlock] = {};
  std::memcpy(rest, text.data(), text.size());
  rest[kBlock - 1] = static_cast<char>(text.size());
  for (size_t i = 0; i < kVariables; ++i) s[i] += WordAt(rest + i * 8);
  for (int round = 0; round < 3; ++round) MixEnd(s);
  return s[0];
}

template <typename T>
void Spooky(Bytes bytes, BytesOut& out) {
  const auto hash = static_cast<T>(Hash(bytes.view));
  for (int shift = (static_cast<int>(sizeof(T)) - 1) * 8; shift >= 0; shift -= 8) {
    out.text.push_back(static_cast<char>(hash >> shift));
  }
}

}  // namespace

void AddSpookyHash(FunctionSet& functions) {
  functions.Add(Scalar<&Spooky<uint32_t>>("trino_spooky_hash_v2_32"));
  functions.Add(Scalar<&Spooky<uint64_t>>("trino_spooky_hash_v2_64"));
}

}  // namespace planaria::kernel
