// url_encode, url_decode, and the parts of URLs as java.net.URI takes them apart.
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void UrlEncode(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (IsAlphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '*') {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

void UrlDecode(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) {
        FailFunction(errors::INVALID_FUNCTION_ARGUMENT, "URLDecoder: Incomplete trailing escape (%) pattern");
      }
      for (const char digit : text.substr(i + 1, 2)) {
        if (HexDigit(digit) < 0) {
          FailFunction(
              errors::INVALID_FUNCTION_ARGUMENT,
              fmt::format("URLDecoder: Illegal hex characters in escape (%) pattern - not a hexadecimal "
                          "digit: \"{}\" = {}",
                          digit, static_cast<int>(static_cast<unsigned char>(digit))));
        }
      }
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    }
  }
}

/// The parts as written; a missing one has no data.
struct Uri {
  std::string_view scheme, host, port, path, query, fragment;
};

bool IsLegal(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) return false;
    } else if (c <= ' ' || c == 0x7F || std::strchr("\"<>\\^`{|}", c)) {
      return false;
    }
  }
  return true;
}

/// nullopt where new URI(text) fails.
std::optional<Uri> ParseUri(std::string_view text) {
  Uri uri;
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    uri.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (!IsLegal(text) || !IsLegal(uri.fragment)) return std::nullopt;
  const size_t colon = text.find_first_of(":/?");
  if (colon != std::string_view::npos && text[colon] == ':') {
    uri.scheme = text.substr(0, colon);
    if (uri.scheme.empty() || !std::isalpha(static_cast<unsigned char>(uri.scheme[0]))) return std::nullopt;
    for (const char c : uri.scheme) {
      if (!IsAlphanumeric(c) && c != '+' && c != '-' && c != '.') return std::nullopt;
    }
    text = text.substr(colon + 1);
    if (text.empty()) return std::nullopt;
    // `mailto:a@b` has a scheme and nothing that can be asked for.
    if (text[0] != '/') return uri;
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    uri.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text = text.substr(2);
    const size_t slash = std::min(text.find('/'), text.size());
    std::string_view authority = text.substr(0, slash);
    if (authority.empty() && slash == text.size()) return std::nullopt;
    text = text.substr(slash);
    if (const size_t user = authority.find('@'); user != std::string_view::npos)
      authority = authority.substr(user + 1);
    const size_t bracket = authority.find(']');
    const size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    uri.host = authority.substr(0, port);
    if (port != std::string_view::npos) uri.port = authority.substr(port + 1);
    // A host that is no host name leaves the whole without one.
    for (const char c : bracket == std::string_view::npos ? uri.host : std::string_view()) {
      if (!IsAlphanumeric(c) && c != '-' && c != '.') uri.host = uri.port = {};
    }
  }
  uri.path = text;
  return uri;
}

/// `%20` is a space, `+` is itself.
void Unescape(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
}

template <std::string_view Uri::*kPart>
bool UrlExtract(std::string_view text, std::string& out) {
  const auto uri = ParseUri(text);
  if (!uri) return false;
  Unescape((*uri).*kPart, out);
  return true;
}

std::optional<int64_t> UrlExtractPort(std::string_view text) {
  const auto uri = ParseUri(text);
  int32_t port = 0;
  if (!uri || uri->port.empty()) return std::nullopt;
  const auto [end, failure] = std::from_chars(uri->port.data(), uri->port.data() + uri->port.size(), port);
  if (failure != std::errc() || end != uri->port.data() + uri->port.size()) return std::nullopt;
  return port;
}

bool UrlExtractParameter(std::string_view text, std::string_view name, std::string& out) {
  const auto uri = ParseUri(text);
  if (!uri || uri->query.data() == nullptr) return false;
  std::string_view rest = uri->query;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t equals = std::min(one.find('='), one.size());
    if (one.substr(0, equals) == name) {
      if (equals < one.size()) UrlDecode(one.substr(equals + 1), out);
      return true;
    }
  }
  return false;
}

}  // namespace

void AddUrls(FunctionSet& functions) {
  functions.Add(Scalar<&UrlEncode>("trino_url_encode"));
  functions.Add(Scalar<&UrlDecode>("trino_url_decode"));
  functions.Add(Scalar<&UrlExtract<&Uri::scheme>>("trino_url_extract_protocol"));
  functions.Add(Scalar<&UrlExtract<&Uri::host>>("trino_url_extract_host"));
  functions.Add(Scalar<&UrlExtract<&Uri::path>>("trino_url_extract_path"));
  functions.Add(Scalar<&UrlExtract<&Uri::query>>("trino_url_extract_query"));
  functions.Add(Scalar<&UrlExtract<&Uri::fragment>>("trino_url_extract_fragment"));
  functions.Add(Scalar<&UrlExtractPort>("trino_url_extract_port"));
  functions.Add(Scalar<&UrlExtractParameter>("trino_url_extract_parameter"));
}

}  // namespace planaria::kernel
