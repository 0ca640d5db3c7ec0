// The server's side of one connection. Internal to src/env.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "env/clock.h"
#include "env/http_parser.h"
#include "env/http_router.h"
#include "env/http_server.h"
#include "env/read_buffer.h"
#include "env/tcp.h"

namespace planaria {

class HttpConnection;

/// What the connections of a server share.
class HttpServerState {
 public:
  HttpServerState(EventLoop& loop, HttpServerOptions options) : loop(loop), options(std::move(options)) {}

  /// False once stopping: the connection must not live.
  bool Register(const std::shared_ptr<HttpConnection>& connection);
  void Unregister(HttpConnection* connection);
  size_t connections() const;
  /// Closes all connections and waits for running handlers.
  void Stop();

  /// Posts a disconnect function; drops it once stopping.
  static void PostUnlessStopped(const std::shared_ptr<HttpServerState>& state, std::function<void()> fn);

  /// A handler or disconnect function that Stop() waits for. Made under the lock of a connection that Stop()
  /// has yet to close, so that none slips by.
  class Running {
   public:
    explicit Running(HttpServerState& state);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    HttpServerState& state_;
  };

  EventLoop& loop;
  const HttpServerOptions options;
  HttpRouter router;
  /// Called after a connection has gone.
  std::function<void()> on_unregister;

 private:
  mutable std::mutex mutex_;
  std::condition_variable all_returned_;
  std::unordered_map<HttpConnection*, std::weak_ptr<HttpConnection>> connections_;
  size_t running_ = 0;
  bool stopping_ = false;
};

/// Reads requests, hands one call at a time to its handler, and writes the answer.
///
/// Everything is guarded by one mutex; handlers, disconnect functions and destructors of what they hold run
/// outside it. A pending read, write or call keeps the connection alive.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServerState> state, std::unique_ptr<TcpSocket> socket);

  void Start();
  /// Breaks the connection; a call in flight sees its client gone.
  void Close();

  // For calls. `call` is the number the call was created with: a call that is over has no effect.
  void SendWhole(uint64_t call, HttpResponse response);
  /// Takes over the descriptor.
  void SendFile(uint64_t call, HttpResponse head, int descriptor, uint64_t offset, uint64_t length);
  void StartStream(uint64_t call, HttpResponse head);
  size_t WriteStream(uint64_t call, std::string bytes);
  void FinishStream(uint64_t call);
  /// Breaks the connection if the call is still the current one.
  void Abort(uint64_t call);
  void OnDisconnect(uint64_t call, std::function<void()> fn);

 private:
  using Lock = std::unique_lock<std::mutex>;

  struct FilePart {
    ~FilePart();
    int descriptor = -1;
    uint64_t offset = 0;
    uint64_t left = 0;
  };

  // A function that gets the lock may release it, then returns without holding it or touching state again.
  void Advance(Lock& lock);
  void Dispatch(Lock& lock);
  void Reject(Lock& lock, int status, const std::string& message);
  void Lose(Lock& lock);
  void OnRead(const IoResult& result, size_t size);
  void OnWritten(const IoResult& result, size_t size);
  void OnTimer();
  void EndCall(Lock& lock);

  void StartRead();
  void StartWrite();
  bool FillFromFile();
  void QueueHead(HttpResponse& head, std::optional<uint64_t> content_length);
  void Queue(std::string bytes);
  void StartParser();
  /// Duration::max() means none.
  void SetDeadline(Duration from_now);
  void ArmTimer(Duration from_now);
  bool IsCurrent(uint64_t call) const { return call == current_call_ && socket_; }

  const std::shared_ptr<HttpServerState> state_;
  const std::string peer_address_;
  const SystemClock clock_;
  std::mutex mutex_;
  /// Null once closed.
  std::unique_ptr<TcpSocket> socket_;
  TimerHandle timer_;
  Duration deadline_ = Duration::max();
  /// When timer_ looks at the deadline again.
  Duration timer_at_ = Duration::max();

  ReadBuffer input_;
  std::optional<HttpParser> parser_;
  bool reading_ = false;
  /// The peer sends nothing more.
  bool input_ended_ = false;
  /// Requests are over: input is dropped until the peer closes.
  bool draining_ = false;
  bool continue_sent_ = false;

  /// 0 while no call is in flight.
  uint64_t current_call_ = 0;
  uint64_t last_call_ = 0;
  bool is_head_request_ = false;
  bool is_http_10_ = false;
  bool keep_alive_ = true;
  bool client_gone_ = false;
  std::function<void()> on_disconnect_;

  std::deque<std::string> output_;
  size_t front_written_ = 0;
  size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool chunked_ = false;
  bool answer_complete_ = false;
  std::unique_ptr<FilePart> file_;
};

}  // namespace planaria
