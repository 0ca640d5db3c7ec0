// URLs as HTTP uses them (RFC 3986): percent-encoding, query strings, absolute http URLs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planaria {

/// Resolves `%XX`, and `+` to a blank where `plus_is_blank` (query strings). Nothing when a `%` is not
/// followed by two hex digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_blank);
/// Encodes everything but letters, digits and `-._~`.
std::string PercentEncode(std::string_view text);

/// `a=1&b` to names and values, decoded, in order. Nothing when an escape is malformed.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

struct Url {
  /// Name or address, without the brackets of IPv6.
  std::string host;
  uint16_t port = 80;
  /// Path and query; at least `/`.
  std::string target;

  /// For the Host header: `host:port`, brackets where needed.
  std::string authority() const;
};

/// Only `http://`; nothing when malformed or with user information.
std::optional<Url> ParseUrl(std::string_view text);

}  // namespace planaria
