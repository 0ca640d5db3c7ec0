// What answers HTTP requests, whatever brings them: calls, handlers, and the routes that lead to them.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "env/http.h"

namespace planaria {

/// One request on its way to one answer.
///
/// All functions may be called from any thread, inside the handler or later. The first of Respond,
/// RespondFile and StartStream decides the answer; later ones do nothing. A call dropped without an answer
/// is answered with 500; a stream dropped without Finish() breaks the connection, so that the client sees
/// that something is missing. Answers to clients that are gone are dropped silently.
class HttpCall {
 public:
  static constexpr uint64_t kToEnd = std::numeric_limits<uint64_t>::max();

  virtual ~HttpCall() = default;

  virtual const HttpRequest& request() const = 0;
  /// The percent-decoded text that the pattern's `{name}` or `{name*}` stands for; empty if it has none.
  virtual const std::string& path_parameter(std::string_view name) const = 0;

  /// Sends the whole answer. Content-Length and Connection are added here.
  virtual void Respond(HttpResponse response) = 0;
  /// Sends `length` bytes of a file from `offset` in bounded memory: 404 when it cannot be opened, 416 when
  /// the range passes its end. `length` kToEnd means all the rest.
  virtual void RespondFile(const std::string& path, uint64_t offset, uint64_t length,
                           HttpHeaders headers = {}) = 0;

  /// Starts an answer of unknown length (chunked).
  virtual void StartStream(int status, HttpHeaders headers) = 0;
  /// Queues bytes of the stream; they leave at once if the client reads. Returns how many bytes wait for the
  /// client, this call's included: the writer holds back when that grows. 0 once the client is gone.
  virtual size_t Write(std::string bytes) = 0;
  /// Ends the stream.
  virtual void Finish() = 0;

  /// Runs `fn` at most once, on a loop thread or inside HttpServer::Stop(), when the client goes away before
  /// the answer is complete (soon, if it already has). Forgotten when the answer is complete; a later call
  /// replaces it. Capture the call weakly.
  virtual void OnDisconnect(std::function<void()> fn) = 0;
};

/// Runs on a loop thread and must not block: long work and long polls keep the call and answer later. A
/// thrown exception is answered with 500 and its message.
using HttpHandler = std::function<void(std::shared_ptr<HttpCall>)>;

/// HttpServer is the real one; sim/ has one without sockets.
class HttpRoutes {
 public:
  virtual ~HttpRoutes() = default;
  /// Before requests are served only. `pattern` is a path of literal segments, `{name}` for one segment and a
  /// trailing `{name*}` for the rest, possibly empty. A literal wins over `{name}`, which wins over
  /// `{name*}`. GET routes also serve HEAD. Throws TrinoException(INVALID_ARGUMENTS) for a bad or repeated
  /// pattern.
  virtual void Route(const std::string& method, const std::string& pattern, HttpHandler handler) = 0;
};

}  // namespace planaria
