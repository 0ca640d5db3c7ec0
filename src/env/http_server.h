// An HTTP/1.1 server whose calls are answered when their answer is there: a waiting call holds no thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/units.h"
#include "env/executor.h"
#include "env/http_routes.h"

namespace planaria {

struct HttpServerOptions {
  /// An IP address; `0.0.0.0` or `::` for all interfaces.
  std::string address = "127.0.0.1";
  /// 0 takes any free port.
  uint16_t port = 0;
  /// Request line and header lines together; more is answered with 431.
  size_t max_header_bytes = size_t{64} << 10;
  /// More is answered with 413.
  uint64_t max_body_bytes = uint64_t{128} << 20;
  /// Closes connections that make no progress: between requests, inside a request, while the client does not
  /// read. A call that waits for its handler is not idle.
  Duration idle_timeout = std::chrono::seconds(60);
  /// Further clients wait in the kernel's queue.
  size_t max_connections = 16384;
};

class HttpServer final : public HttpRoutes {
 public:
  /// Listens at once, so that port() is known, but serves only after Start(). Throws
  /// TrinoException(CONFIGURATION_UNAVAILABLE) when the address cannot be taken.
  HttpServer(EventLoop& loop, HttpServerOptions options);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Before Start() only.
  void Route(const std::string& method, const std::string& pattern, HttpHandler handler) override;

  void Start();
  /// Closes every connection (calls in flight see OnDisconnect) and waits for running handlers; none starts
  /// afterwards. Not from a handler.
  void Stop();

  uint16_t port() const;
  /// Open connections.
  size_t connections() const;

 private:
  class Acceptor;
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace planaria
