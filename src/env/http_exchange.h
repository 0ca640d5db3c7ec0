// One request of TcpHttpClient and its response. Internal to src/env.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "env/clock.h"
#include "env/http_parser.h"
#include "env/read_buffer.h"
#include "env/tcp.h"
#include "env/tcp_http_client.h"
#include "env/url.h"

namespace planaria {

/// Kept connections and the exchanges in flight.
class TcpHttpClient::Pool {
 public:
  Pool(EventLoop& loop, Options options) : loop(loop), options_(options) {}

  /// A kept connection that looks alive, or null.
  std::unique_ptr<TcpSocket> Take(const std::string& authority);
  void Keep(const std::string& authority, std::unique_ptr<TcpSocket> socket);
  size_t idle() const;

  void Register(const std::shared_ptr<Exchange>& exchange);
  void Unregister(Exchange* exchange);
  void Close();

  EventLoop& loop;

 private:
  struct Idle {
    std::unique_ptr<TcpSocket> socket;
    Duration since;
  };

  const Options options_;
  const SystemClock clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Idle>> idle_;
  std::unordered_map<Exchange*, std::weak_ptr<Exchange>> exchanges_;
  bool closed_ = false;
};

/// Connects or takes a kept connection, writes, reads, and reports. One recursive mutex guards everything and
/// is held while callbacks run, which is what lets Cancel() promise that none runs afterwards.
class TcpHttpClient::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  /// For Send().
  Exchange(std::shared_ptr<Pool> pool, ClientRequest request, Callback callback);
  /// For OpenStream().
  Exchange(std::shared_ptr<Pool> pool, ClientRequest request, StreamCallbacks callbacks);
  /// Reports kClosed if nothing was reported: its loop is gone.
  ~Exchange();

  void Start();
  void Cancel();
  /// Ends with kClosed unless it has ended.
  void Close();

 private:
  using Kind = HttpError::Kind;

  void Connect();
  void OnConnected(const IoResult& result, std::unique_ptr<TcpSocket> socket);
  void SendRequest();
  void Write();
  void OnWritten(const IoResult& result, size_t size);
  void Read();
  void OnRead(const IoResult& result, size_t size);
  /// Hands the received bytes to the parser; true while the response is incomplete and wanted.
  bool Parse();
  void StartParser();
  bool ReportHead();
  void OnBroken(const IoResult& result);
  void OnDeadline();
  void OnIdle();
  void ArmIdleTimer(Duration delay);
  void Complete();
  void Fail(Kind kind, const std::string& why);
  void ReportEnd(std::optional<HttpError> error);
  void ReportOutcome(HttpOutcome outcome);
  void DropCallbacks();
  /// Marks the end: gives back sockets and timers.
  void Release();

  const std::shared_ptr<Pool> pool_;
  ClientRequest request_;
  const bool is_stream_;
  Callback callback_;
  StreamCallbacks stream_;
  const SystemClock clock_;

  std::recursive_mutex mutex_;
  bool ended_ = false;
  std::optional<Url> url_;
  std::unique_ptr<TcpConnector> connector_;
  std::unique_ptr<TcpSocket> socket_;
  TimerHandle deadline_;
  TimerHandle connect_deadline_;
  TimerHandle idle_timer_;
  Duration last_byte_{};

  std::string head_;
  size_t written_ = 0;
  ReadBuffer input_;
  std::optional<HttpParser> parser_;
  /// A stream's callback may be running.
  bool parsing_ = false;
  bool reused_ = false;
  bool retried_ = false;
  bool got_bytes_ = false;
  bool head_reported_ = false;
};

}  // namespace planaria
