// Casts of Trino's ipaddress, which is kept as BLOB, and whether a network holds an address.
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"
#include "kernel/ip_address.h"

namespace planaria::kernel {

namespace {

constexpr size_t kIpv4Bytes = 4;
constexpr int kIpv4Bits = 32;
constexpr int kBits = 128;

void Store(const IpAddress& address, BytesOut& out) {
  out.text.assign(reinterpret_cast<const char*>(address.data()), address.size());
}

void OfText(std::string_view text, BytesOut& out) {
  const auto address = ParseIpAddress(text);
  if (!address) {
    FailFunction(errors::INVALID_CAST_ARGUMENT, fmt::format("Cannot cast value to IPADDRESS: {}", text));
  }
  Store(*address, out);
}

void OfBytes(Bytes bytes, BytesOut& out) {
  if (bytes.view.size() == kIpv4Bytes) {
    IpAddress address = *ParseIpAddress("0.0.0.0");
    std::memcpy(address.data() + address.size() - kIpv4Bytes, bytes.view.data(), kIpv4Bytes);
    return Store(address, out);
  }
  if (bytes.view.size() != sizeof(IpAddress)) {
    FailFunction(errors::INVALID_CAST_ARGUMENT,
                 fmt::format("Invalid IP address binary length: {}", bytes.view.size()));
  }
  out.text = bytes.view;
}

void ToText(Bytes bytes, std::string& out) { AppendIpAddress(bytes.view, &out); }

/// Whether the first `bits` of both are the same.
bool SamePrefix(const IpAddress& left, const IpAddress& right, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (std::memcmp(left.data(), right.data(), whole) != 0) return false;
  return bits % 8 == 0 || (left[whole] ^ right[whole]) >> (8 - bits % 8) == 0;
}

/// Whether bits beyond the first `bits` are set.
bool HasHostBits(const IpAddress& address, int bits) {
  IpAddress network = address;
  for (int bit = bits; bit < kBits; ++bit) network[static_cast<size_t>(bit / 8)] &= ~(0x80 >> bit % 8);
  return network != address;
}

/// `10.0.0.0/8` holds 10.1.2.3. A network that is written as one of IPv4 holds addresses of IPv4 only and has
/// to end with the bits that its length leaves out as zeros.
bool Contains(std::string_view network, Bytes bytes) {
  const size_t slash = network.find('/');
  if (slash == std::string_view::npos) FailArgument("Invalid CIDR");
  const std::string_view base_text = network.substr(0, slash), length_text = network.substr(slash + 1);
  const auto base = ParseIpAddress(base_text);
  if (!base) FailArgument("Invalid network IP address");
  int length = 0;
  const auto [end, failure] =
      std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  if (failure != std::errc() || end != length_text.data() + length_text.size() || length < 0) {
    FailArgument("Invalid prefix length");
  }
  IpAddress address;
  std::memcpy(address.data(), bytes.view.data(), address.size());
  if (base_text.find(':') != std::string_view::npos) {
    if (length > kBits) FailArgument("Invalid CIDR");
    return SamePrefix(*base, address, length);
  }
  if (length > kIpv4Bits || HasHostBits(*base, kBits - kIpv4Bits + length)) FailArgument("Invalid CIDR");
  return IsMappedIpv4(address) && SamePrefix(*base, address, kBits - kIpv4Bits + length);
}

}  // namespace

void AddIpAddresses(FunctionSet& functions) {
  functions.Add(Scalar<&OfText>("trino_cast_to_ipaddress"));
  functions.Add(Scalar<&OfBytes>("trino_cast_to_ipaddress"));
  functions.Add(Scalar<&ToText>("trino_ipaddress_to_varchar"));
  functions.Add(Scalar<&Contains>("trino_network_contains"));
}

}  // namespace planaria::kernel
