#include "env/tcp.h"

#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/container/static_vector.hpp>
#include <cerrno>
#include <mutex>
#include <vector>

#include "base/error.h"

namespace planaria {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using LoopExecutor = asio::io_context::executor_type;
using LoopSocket = asio::basic_stream_socket<tcp, LoopExecutor>;

namespace {

IoResult ResultOf(const error_code& error) {
  using Kind = IoResult::Kind;
  if (!error) return {};
  Kind kind = Kind::kOther;
  if (error == asio::error::eof)
    kind = Kind::kEnd;
  else if (error == asio::error::operation_aborted)
    kind = Kind::kCanceled;
  else if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::connection_aborted)
    kind = Kind::kReset;
  else if (error == asio::error::connection_refused || error == asio::error::host_unreachable ||
           error == asio::error::network_unreachable || error == asio::error::timed_out ||
           error.category() == asio::error::get_netdb_category() ||
           error.category() == asio::error::get_addrinfo_category())
    kind = Kind::kRefused;
  return {kind, error.message()};
}

class LoopTcpSocket final : public TcpSocket {
 public:
  explicit LoopTcpSocket(LoopSocket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    if (!ignored) peer_address_ = peer.address().to_string();
  }

  void ReadSome(char* data, size_t size, Done done) override {
    socket_.async_read_some(
        asio::buffer(data, size),
        [done = std::move(done)](const error_code& e, size_t n) { done(ResultOf(e), n); });
  }

  void WriteSome(std::span<const std::string_view> buffers, Done done) override {
    boost::container::static_vector<asio::const_buffer, 16> sequence;
    for (const auto& buffer : buffers) sequence.emplace_back(buffer.data(), buffer.size());
    socket_.async_write_some(
        sequence, [done = std::move(done)](const error_code& e, size_t n) { done(ResultOf(e), n); });
  }

  bool IsQuiet() override {
    char byte;
    const ssize_t n = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void ShutdownSend() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  const std::string& peer_address() const override { return peer_address_; }

 private:
  LoopSocket socket_;
  std::string peer_address_;
};

// Shared with its pending operation, which a destroyed handle only cancels.
class ConnectAttempt : public std::enable_shared_from_this<ConnectAttempt> {
 public:
  using Done = std::function<void(const IoResult&, std::unique_ptr<TcpSocket>)>;

  ConnectAttempt(asio::io_context& context, Done done)
      : socket_(context), resolver_(context), done_(std::move(done)) {}

  void Start(const std::string& host, uint16_t port) {
    std::lock_guard lock(mutex_);
    error_code not_literal;
    const auto address = asio::ip::make_address(host, not_literal);
    if (!not_literal) {
      endpoints_.emplace_back(address, port);
      Next();
      return;
    }
    resolver_.async_resolve(host, std::to_string(port), asio::ip::resolver_base::numeric_service,
                            [self = shared_from_this()](const error_code& error, const auto& results) {
                              self->OnResolved(error, results);
                            });
  }

  void GiveUp() {
    std::lock_guard lock(mutex_);
    canceled_ = true;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  using Resolver = asio::ip::basic_resolver<tcp, LoopExecutor>;

  void OnResolved(const error_code& error, const Resolver::results_type& results) {
    std::unique_lock lock(mutex_);
    if (!error && !canceled_) {
      for (const auto& entry : results) endpoints_.push_back(entry.endpoint());
      if (!endpoints_.empty()) {
        Next();
        return;
      }
    }
    Finish(lock, canceled_ ? error_code(asio::error::operation_aborted) : error);
  }

  void Next() {
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(endpoints_[position_++],
                          [self = shared_from_this()](const error_code& error) { self->OnConnected(error); });
  }

  void OnConnected(const error_code& error) {
    std::unique_lock lock(mutex_);
    if (error && !canceled_ && position_ < endpoints_.size()) {
      Next();
      return;
    }
    Finish(lock, canceled_ ? error_code(asio::error::operation_aborted) : error);
  }

  void Finish(std::unique_lock<std::mutex>& lock, const error_code& error) {
    std::unique_ptr<TcpSocket> connected;
    if (!error) connected = std::make_unique<LoopTcpSocket>(std::move(socket_));
    Done done;
    done.swap(done_);
    lock.unlock();
    done(ResultOf(error), std::move(connected));
  }

  std::mutex mutex_;
  LoopSocket socket_;
  Resolver resolver_;
  Done done_;
  std::vector<tcp::endpoint> endpoints_;
  size_t position_ = 0;
  bool canceled_ = false;
};

// Holds the attempt weakly: once it is over, nothing here refers to the loop.
class ConnectHandle final : public TcpConnector {
 public:
  explicit ConnectHandle(std::weak_ptr<ConnectAttempt> attempt) : attempt_(std::move(attempt)) {}
  ~ConnectHandle() override {
    if (auto attempt = attempt_.lock()) attempt->GiveUp();
  }

 private:
  std::weak_ptr<ConnectAttempt> attempt_;
};

class LoopTcpListener final : public TcpListener {
 public:
  LoopTcpListener(asio::io_context& context, const std::string& address, uint16_t port) : acceptor_(context) {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    const tcp::endpoint endpoint(ip, port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      throw TrinoException(
          errors::CONFIGURATION_UNAVAILABLE,
          "cannot listen on " + address + ":" + std::to_string(port) + ": " + error.message());
    port_ = acceptor_.local_endpoint().port();
  }

  void Accept(std::function<void(const IoResult&, std::unique_ptr<TcpSocket>)> done) override {
    acceptor_.async_accept([done = std::move(done)](const error_code& error, LoopSocket socket) {
      done(ResultOf(error), error ? nullptr : std::make_unique<LoopTcpSocket>(std::move(socket)));
    });
  }

  uint16_t port() const override { return port_; }

 private:
  asio::basic_socket_acceptor<tcp, LoopExecutor> acceptor_;
  uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<TcpConnector> TcpConnect(
    EventLoop& loop, const std::string& host, uint16_t port,
    std::function<void(const IoResult&, std::unique_ptr<TcpSocket>)> done) {
  auto attempt = std::make_shared<ConnectAttempt>(loop.context(), std::move(done));
  attempt->Start(host, port);
  return std::make_unique<ConnectHandle>(attempt);
}

std::unique_ptr<TcpListener> TcpListen(EventLoop& loop, const std::string& address, uint16_t port) {
  return std::make_unique<LoopTcpListener>(loop.context(), address, port);
}

}  // namespace planaria
