// Trino's ipaddress: 16 bytes, an address of IPv4 as `::ffff:a.b.c.d`. They order as their bytes do.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace planaria::kernel {

using IpAddress = std::array<unsigned char, 16>;

/// `1.2.3.4`, `2001:db8::1`, `64:ff9b::10.0.0.0`; nothing for what is no address.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

/// Of IPv4, with its first 12 bytes as they have to be.
bool IsMappedIpv4(const IpAddress& address);

/// `1.2.3.4` for one of IPv4, else groups in small letters with the first longest run of zeros as `::`.
/// `bytes` are 16.
void AppendIpAddress(std::string_view bytes, std::string* out);

}  // namespace planaria::kernel
