// Incremental HTTP/1 message parser. Internal to src/env.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "env/http.h"

namespace planaria {

/// What a parser has found so far.
struct HttpMessage {
  std::string method;
  std::string target;
  int status = 0;
  /// 10 or 11.
  int version = 11;
  HttpHeaders headers;
  std::string body;
};

class HttpParser {
 public:
  struct Options {
    /// A request, or else a response.
    bool request = true;
    /// The response to HEAD: no body follows, whatever the headers say.
    bool head_only = false;
    size_t max_header_bytes = size_t{64} << 10;
    uint64_t max_body_bytes = ~uint64_t{0};
    /// Takes the body's bytes as they come; without it they gather in message().body.
    std::function<void(std::string_view)> body_sink;
  };
  enum class Failure { kNone, kMalformed, kHeaderTooLarge, kBodyTooLarge, kTruncated };

  explicit HttpParser(Options options);
  ~HttpParser();

  /// Parses a prefix of `input` and returns its length; the rest is to be offered again, with more behind it.
  /// Not after done() or a failure.
  size_t Feed(std::string_view input);
  /// The peer sends nothing more: completes a body that ends with the connection, else fails with kTruncated.
  void FeedEnd();

  bool started() const;
  bool head_done() const;
  bool done() const;
  /// Whether the connection may carry another message, as far as this one says.
  bool keep_alive() const;
  Failure failure() const;
  /// What was wrong, where failure() is not kNone.
  const std::string& failure_message() const;
  HttpMessage& message();

 private:
  class Impl;
  template <bool is_request>
  class BeastParser;
  std::unique_ptr<Impl> impl_;
};

}  // namespace planaria
