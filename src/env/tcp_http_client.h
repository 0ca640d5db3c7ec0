// An asynchronous HTTP/1.1 client with a pool of kept connections per host and port.
#pragma once

#include <memory>

#include "env/executor.h"
#include "env/http_client.h"

namespace planaria {

class TcpHttpClient final : public HttpClient {
 public:
  struct Options {
    /// Unused connections are closed after this; keep it below the servers' idle timeout.
    Duration keep_alive = std::chrono::seconds(20);
    size_t max_idle_per_host = 64;
  };

  explicit TcpHttpClient(EventLoop& loop) : TcpHttpClient(loop, Options{}) {}
  TcpHttpClient(EventLoop& loop, Options options);
  /// Ends exchanges in flight with kClosed; no callback runs once this has returned. Their callbacks may run
  /// on this thread.
  ~TcpHttpClient() override;
  TcpHttpClient(const TcpHttpClient&) = delete;
  TcpHttpClient& operator=(const TcpHttpClient&) = delete;

  void Send(ClientRequest request, Callback callback) override;
  std::shared_ptr<HttpStream> OpenStream(ClientRequest request, StreamCallbacks callbacks) override;

  /// Kept connections that wait for a request.
  size_t idle_connections() const;

 private:
  class Pool;
  class Exchange;
  class StreamHandle;
  std::shared_ptr<Pool> pool_;
};

}  // namespace planaria
