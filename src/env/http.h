// HTTP messages as plain values (RFC 9110), shared by HttpServer and HttpClient.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planaria {

/// Header lines in order; names compare without case, a name may repeat.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> lines);

  /// Appends a line. Throws TrinoException(INVALID_ARGUMENTS) when name or value holds CR, LF or NUL.
  void Add(std::string name, std::string value);
  /// Replaces every line of this name by one.
  void Set(std::string name, std::string value);
  void Remove(std::string_view name);

  /// Value of the first line of this name; valid until the headers change.
  std::optional<std::string_view> Get(std::string_view name) const;
  /// Values of all lines of this name, in order.
  std::vector<std::string_view> GetAll(std::string_view name) const;
  bool Has(std::string_view name) const { return Get(name).has_value(); }
  /// True if the comma-separated list in the lines of this name holds `token` (compared without case).
  bool HasToken(std::string_view name, std::string_view token) const;

  auto begin() const { return lines_.begin(); }
  auto end() const { return lines_.end(); }
  size_t size() const { return lines_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

/// True if both are equal but for the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view left, std::string_view right);

struct HttpRequest {
  std::string method;
  /// As sent: path and query, still percent-encoded.
  std::string target;
  /// The target's path, still percent-encoded; starts with `/`.
  std::string path;
  /// Decoded, in order; names may repeat.
  std::vector<std::pair<std::string, std::string>> query;
  HttpHeaders headers = {};
  std::string body = {};
  /// The peer's IP address, without port.
  std::string peer_address;

  /// First query parameter of this name; valid until the request changes.
  std::optional<std::string_view> query_parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
  /// Server side: compress the body when the client accepts gzip and it is large enough to gain.
  bool gzip = false;
};

/// A text/plain response; `message` ends with a newline on the wire.
HttpResponse TextResponse(int status, std::string message);
/// 400 with a message for whoever wrote the request.
HttpResponse BadRequest(std::string message);
HttpResponse NotFound(std::string message);
/// A response of the given content type.
HttpResponse ContentResponse(std::string content_type, std::string body);

/// `Not Found` for 404; `Unknown` for what RFC 9110 does not name.
std::string_view HttpReason(int status);

}  // namespace planaria
