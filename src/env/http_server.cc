#include "env/http_server.h"

#include <mutex>

#include "env/http_connection.h"
#include "env/tcp.h"

namespace planaria {

bool HttpServerState::Register(const std::shared_ptr<HttpConnection>& connection) {
  std::lock_guard lock(mutex_);
  if (stopping_) return false;
  connections_.emplace(connection.get(), connection);
  return true;
}

void HttpServerState::Unregister(HttpConnection* connection) {
  {
    std::lock_guard lock(mutex_);
    connections_.erase(connection);
    if (stopping_) return;
  }
  on_unregister();
}

size_t HttpServerState::connections() const {
  std::lock_guard lock(mutex_);
  return connections_.size();
}

HttpServerState::Running::Running(HttpServerState& state) : state_(state) {
  std::lock_guard lock(state_.mutex_);
  ++state_.running_;
}

HttpServerState::Running::~Running() {
  std::lock_guard lock(state_.mutex_);
  if (--state_.running_ == 0) state_.all_returned_.notify_all();
}

void HttpServerState::PostUnlessStopped(const std::shared_ptr<HttpServerState>& state,
                                        std::function<void()> fn) {
  std::lock_guard lock(state->mutex_);
  if (state->stopping_) return;
  state->loop.Post([state, fn = std::move(fn)] {
    {
      std::lock_guard inner(state->mutex_);
      if (state->stopping_) return;
      ++state->running_;
    }
    fn();
    std::lock_guard inner(state->mutex_);
    if (--state->running_ == 0) state->all_returned_.notify_all();
  });
}

void HttpServerState::Stop() {
  std::unordered_map<HttpConnection*, std::weak_ptr<HttpConnection>> open;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    open = connections_;
  }
  for (const auto& [key, weak] : open)
    if (auto connection = weak.lock()) connection->Close();
  std::unique_lock lock(mutex_);
  all_returned_.wait(lock, [&] { return running_ == 0; });
}

/// Takes connections while there are fewer than allowed.
class HttpServer::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(EventLoop& loop, HttpServerOptions options)
      : state_(std::make_shared<HttpServerState>(loop, std::move(options))),
        port_(0),
        listener_(TcpListen(loop, state_->options.address, state_->options.port)) {
    port_ = listener_->port();
  }

  void Start() {
    state_->on_unregister = [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->AcceptNext();
    };
    AcceptNext();
  }

  void Stop() {
    {
      std::lock_guard lock(mutex_);
      listener_.reset();
    }
    state_->Stop();
  }

  HttpServerState& state() { return *state_; }
  uint16_t port() const { return port_; }

 private:
  void AcceptNext() {
    std::lock_guard lock(mutex_);
    if (!listener_ || accepting_ || state_->connections() >= state_->options.max_connections) return;
    accepting_ = true;
    listener_->Accept([self = shared_from_this()](const IoResult& result, std::unique_ptr<TcpSocket> socket) {
      self->OnAccepted(result, std::move(socket));
    });
  }

  void OnAccepted(const IoResult& result, std::unique_ptr<TcpSocket> socket) {
    {
      std::lock_guard lock(mutex_);
      accepting_ = false;
    }
    if (result.kind == IoResult::Kind::kCanceled) return;
    if (!result.ok()) {
      // Out of descriptors, usually: accepting again at once would only spin.
      state_->loop.RunAfter(std::chrono::milliseconds(50), [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->AcceptNext();
      });
      return;
    }
    auto connection = std::make_shared<HttpConnection>(state_, std::move(socket));
    if (!state_->Register(connection)) return;
    AcceptNext();
    connection->Start();
  }

  const std::shared_ptr<HttpServerState> state_;
  uint16_t port_;
  std::mutex mutex_;
  std::unique_ptr<TcpListener> listener_;
  bool accepting_ = false;
};

HttpServer::HttpServer(EventLoop& loop, HttpServerOptions options)
    : acceptor_(std::make_shared<Acceptor>(loop, std::move(options))) {}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Route(const std::string& method, const std::string& pattern, HttpHandler handler) {
  acceptor_->state().router.Add(method, pattern, std::move(handler));
}

void HttpServer::Start() { acceptor_->Start(); }
void HttpServer::Stop() { acceptor_->Stop(); }
uint16_t HttpServer::port() const { return acceptor_->port(); }
size_t HttpServer::connections() const { return acceptor_->state().connections(); }

}  // namespace planaria
