// Requests to object stores as their signers see them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "env/http.h"

namespace planaria::storage {

struct StoreRequest {
  std::string method = "GET";
  /// `https://host[:port]`.
  std::string origin = {};
  /// Percent-encoded, begins with a slash.
  std::string path = {};
  /// Not encoded. In the order in which they are sent and signed.
  std::map<std::string, std::string> query = {};
  HttpHeaders headers = {};
  /// Must outlive the request.
  std::string_view body = {};
  /// Where the body of a 2xx answer goes; longer ones are cut off. Without it the body goes to
  /// StoreResponse::body.
  void* into = nullptr;
  size_t into_size = 0;

  /// Origin, path and query as they are sent. May hold secrets (tokens in the query): not for messages.
  std::string Url() const;
};

struct StoreResponse {
  int status = 0;
  HttpHeaders headers = {};
  std::string body = {};
  /// Length of the body, wherever it went.
  size_t received = 0;

  bool ok() const { return status >= 200 && status < 300; }
};

/// Encodes every segment of a path but not the slashes between them.
std::string EncodePath(std::string_view path);

/// The part of `scheme://host[:port]` behind the slashes.
std::string_view AuthorityOf(std::string_view origin);

}  // namespace planaria::storage
