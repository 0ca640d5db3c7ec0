// What the HTTP tests share: a server with a loop, and a socket that sends any bytes.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "env/http_server.h"
#include "env/tcp_http_client.h"

namespace planaria::test {

/// A value that arrives from another thread.
template <typename T>
class Arrival {
 public:
  void Set(T value) {
    std::lock_guard lock(mutex_);
    value_ = std::move(value);
    arrived_.notify_all();
  }
  /// Nothing if it does not arrive within a generous while.
  std::optional<T> Wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return value_.has_value(); });
    return value_;
  }
  bool HasArrived() {
    std::lock_guard lock(mutex_);
    return value_.has_value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<T> value_;
};

/// A blocking client socket to 127.0.0.1, or one taken by RawListener.
class RawSocket {
 public:
  explicit RawSocket(uint16_t port);
  static RawSocket Adopt(int descriptor) { return RawSocket(AdoptTag{}, descriptor); }
  RawSocket(RawSocket&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  ~RawSocket() { Close(); }

  void Send(std::string_view bytes);
  /// Up to and with `end`, or to the end of the connection.
  std::string ReadUntil(std::string_view end);
  std::string ReadAll() { return ReadUntil({}); }
  void ShutdownSend();
  void Close();
  /// Closes with a reset instead of an end.
  void Reset();

 private:
  struct AdoptTag {};
  RawSocket(AdoptTag, int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

/// A server that answers nothing by itself.
class RawListener {
 public:
  RawListener();
  ~RawListener();
  RawSocket Accept();
  uint16_t port() const { return port_; }

 private:
  int descriptor_ = -1;
  uint16_t port_ = 0;
};

/// A loop with two threads, a server that waits for Start(), and a client.
struct HttpFixture {
  explicit HttpFixture(HttpServerOptions options = {}) : server(loop, std::move(options)), client(loop) {}

  std::string Url(const std::string& target) {
    return "http://127.0.0.1:" + std::to_string(server.port()) + target;
  }
  HttpResponse Get(const std::string& target) { return client.Call({.url = Url(target)}); }

  EventLoop loop{2};
  HttpServer server;
  TcpHttpClient client;
};

}  // namespace planaria::test
