#include "kernel/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace planaria::kernel {

namespace {

constexpr IpAddress kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
constexpr size_t kMappedBytes = 12;
constexpr size_t kGroups = 8;

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address = kMapped;
  const bool valid = text.find(':') == std::string_view::npos
                         ? inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedBytes) == 1
                         : inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
  return valid ? std::optional(address) : std::nullopt;
}

bool IsMappedIpv4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedBytes, address.begin());
}

void AppendIpAddress(std::string_view bytes, std::string* out) {
  IpAddress address;
  std::memcpy(address.data(), bytes.data(), address.size());
  const auto append = std::back_inserter(*out);
  if (IsMappedIpv4(address)) {
    fmt::format_to(append, "{}.{}.{}.{}", address[12], address[13], address[14], address[15]);
    return;
  }
  std::array<unsigned, kGroups> groups;
  for (size_t i = 0; i < kGroups; ++i) groups[i] = address[2 * i] << 8 | address[2 * i + 1];
  size_t longest = kGroups, length = 1;
  for (size_t begin = 0; begin < kGroups; ++begin) {
    size_t end = begin;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - begin > length) longest = begin, length = end - begin;
    begin = std::max(begin, end);
  }
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == longest) {
      out->append("::");
      i += length - 1;
      continue;
    }
    if (i > 0 && i != longest + length) out->push_back(':');
    fmt::format_to(append, "{:x}", groups[i]);
  }
}

}  // namespace planaria::kernel
