#include "env/http_exchange.h"

namespace planaria {

namespace {

constexpr size_t kReadForHead = size_t{8} << 10;
constexpr size_t kReadForBody = size_t{256} << 10;

bool IsIdempotent(const ClientRequest& request) {
  return request.idempotent || request.method == "GET" || request.method == "HEAD" ||
         request.method == "PUT" || request.method == "DELETE";
}

std::string Milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

}  // namespace

TcpHttpClient::Exchange::Exchange(std::shared_ptr<Pool> pool, ClientRequest request, Callback callback)
    : pool_(std::move(pool)),
      request_(std::move(request)),
      is_stream_(false),
      callback_(std::move(callback)) {}

TcpHttpClient::Exchange::Exchange(std::shared_ptr<Pool> pool, ClientRequest request,
                                  StreamCallbacks callbacks)
    : pool_(std::move(pool)), request_(std::move(request)), is_stream_(true), stream_(std::move(callbacks)) {}

TcpHttpClient::Exchange::~Exchange() { Close(); }

void TcpHttpClient::Exchange::Start() {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  url_ = ParseUrl(request_.url);
  if (!url_) return Fail(Kind::kMalformed, "not a valid http URL");
  if (request_.method.empty() || request_.method.find_first_of(" \r\n") != std::string::npos)
    return Fail(Kind::kMalformed, "not a valid method");

  head_ = request_.method + " " + url_->target + " HTTP/1.1\r\n";
  if (!request_.headers.Has("Host")) head_ += "Host: " + url_->authority() + "\r\n";
  request_.headers.Remove("Content-Length");
  for (const auto& [name, value] : request_.headers)
    head_.append(name).append(": ").append(value).append("\r\n");
  if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT")
    head_ += "Content-Length: " + std::to_string(request_.body.size()) + "\r\n";
  head_ += "\r\n";

  if (request_.deadline > Duration::zero())
    deadline_ = pool_->loop.RunAfter(request_.deadline, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->OnDeadline();
    });
  socket_ = pool_->Take(url_->authority());
  reused_ = socket_ != nullptr;
  if (reused_)
    SendRequest();
  else
    Connect();
}

void TcpHttpClient::Exchange::Connect() {
  if (request_.connect_timeout > Duration::zero())
    connect_deadline_ = pool_->loop.RunAfter(request_.connect_timeout, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self) return;
      std::lock_guard lock(self->mutex_);
      if (!self->ended_ && self->connector_)
        self->Fail(Kind::kTimeout, "no connection within " + Milliseconds(self->request_.connect_timeout));
    });
  connector_ =
      TcpConnect(pool_->loop, url_->host, url_->port,
                 [self = shared_from_this()](const IoResult& result, std::unique_ptr<TcpSocket> socket) {
                   self->OnConnected(result, std::move(socket));
                 });
}

void TcpHttpClient::Exchange::OnConnected(const IoResult& result, std::unique_ptr<TcpSocket> socket) {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  connector_.reset();
  connect_deadline_.Cancel();
  if (!result.ok()) return Fail(Kind::kRefused, result.message);
  socket_ = std::move(socket);
  SendRequest();
}

void TcpHttpClient::Exchange::SendRequest() {
  written_ = 0;
  StartParser();
  Write();
}

void TcpHttpClient::Exchange::StartParser() {
  HttpParser::Options options;
  options.request = false;
  options.head_only = request_.method == "HEAD";
  if (is_stream_)
    options.body_sink = [this](std::string_view bytes) {
      if (ReportHead() && stream_.on_data) stream_.on_data(bytes);
    };
  else
    options.max_body_bytes = request_.max_response_bytes;
  parser_.emplace(std::move(options));
}

void TcpHttpClient::Exchange::Write() {
  const std::string_view head = head_;
  const std::string_view body = request_.body;
  std::string_view buffers[2] = {head.substr(std::min(written_, head.size())),
                                 body.substr(written_ > head.size() ? written_ - head.size() : 0)};
  socket_->WriteSome(
      buffers, [self = shared_from_this()](const IoResult& result, size_t n) { self->OnWritten(result, n); });
}

void TcpHttpClient::Exchange::OnWritten(const IoResult& result, size_t size) {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  written_ += size;
  // A failed write is found again by the read, behind what the server still said: a 413, for example.
  if (result.ok() && written_ < head_.size() + request_.body.size())
    Write();
  else
    Read();
}

void TcpHttpClient::Exchange::Read() {
  const size_t size = parser_->head_done() ? kReadForBody : kReadForHead;
  socket_->ReadSome(
      input_.Prepare(size), size,
      [self = shared_from_this()](const IoResult& result, size_t n) { self->OnRead(result, n); });
}

void TcpHttpClient::Exchange::OnRead(const IoResult& result, size_t size) {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  if (result.ok()) {
    got_bytes_ = true;
    if (is_stream_) last_byte_ = clock_.Now();
    input_.Commit(size);
    if (Parse()) Read();
    if (ended_) DropCallbacks();
    return;
  }
  if (result.kind == IoResult::Kind::kEnd && got_bytes_) {
    parser_->FeedEnd();
    if (ended_) return;
    if (parser_->done()) return Complete();
  }
  OnBroken(result);
}

bool TcpHttpClient::Exchange::Parse() {
  while (true) {
    parsing_ = true;
    if (input_.size() > 0) input_.Consume(parser_->Feed(input_.view()));
    if (parser_->head_done() && parser_->message().status >= 200) ReportHead();
    parsing_ = false;
    if (ended_) return false;
    switch (parser_->failure()) {
      case HttpParser::Failure::kNone:
        break;
      case HttpParser::Failure::kBodyTooLarge:
        Fail(Kind::kTooLarge,
             "response is larger than " + std::to_string(request_.max_response_bytes) + " bytes");
        return false;
      default:
        Fail(Kind::kMalformed, "malformed response: " + parser_->failure_message());
        return false;
    }
    const int status = parser_->message().status;
    const bool interim = parser_->done() && status >= 100 && status < 200;
    if (!interim) break;
    StartParser();
  }
  if (!parser_->done()) return true;
  Complete();
  return false;
}

// True while the stream is wanted.
bool TcpHttpClient::Exchange::ReportHead() {
  if (is_stream_ && !ended_ && !head_reported_) {
    head_reported_ = true;
    deadline_.Cancel();
    if (request_.idle_timeout > Duration::zero()) ArmIdleTimer(request_.idle_timeout);
    const HttpMessage& message = parser_->message();
    if (stream_.on_head) stream_.on_head({message.status, message.headers, {}});
  }
  return !ended_;
}

void TcpHttpClient::Exchange::OnBroken(const IoResult& result) {
  const bool closed = result.kind == IoResult::Kind::kEnd || result.kind == IoResult::Kind::kReset;
  if (reused_ && !retried_ && !got_bytes_ && closed && IsIdempotent(request_)) {
    retried_ = true;
    reused_ = false;
    socket_.reset();
    return Connect();
  }
  Fail(Kind::kReset,
       result.kind == IoResult::Kind::kEnd ? "connection closed by the server" : result.message);
}

void TcpHttpClient::Exchange::OnDeadline() {
  std::lock_guard lock(mutex_);
  if (ended_ || head_reported_) return;
  Fail(Kind::kTimeout,
       (socket_ ? "no response within " : "no connection within ") + Milliseconds(request_.deadline));
}

void TcpHttpClient::Exchange::ArmIdleTimer(Duration delay) {
  idle_timer_ = pool_->loop.RunAfter(delay, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->OnIdle();
  });
}

void TcpHttpClient::Exchange::OnIdle() {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  const Duration left = last_byte_ + request_.idle_timeout - clock_.Now();
  if (left > Duration::zero()) return ArmIdleTimer(left);
  Fail(Kind::kTimeout, "nothing received for " + Milliseconds(request_.idle_timeout));
}

void TcpHttpClient::Exchange::Complete() {
  const bool all_written = written_ == head_.size() + request_.body.size();
  if (parser_->keep_alive() && all_written && input_.size() == 0)
    pool_->Keep(url_->authority(), std::move(socket_));
  HttpMessage& message = parser_->message();
  Release();
  if (is_stream_)
    ReportEnd(std::nullopt);
  else
    ReportOutcome(HttpResponse{message.status, std::move(message.headers), std::move(message.body)});
}

void TcpHttpClient::Exchange::Fail(Kind kind, const std::string& why) {
  Release();
  HttpError error{kind, request_.method + " " + request_.url + ": " + why};
  if (is_stream_)
    ReportEnd(std::move(error));
  else
    ReportOutcome(std::move(error));
}

void TcpHttpClient::Exchange::ReportEnd(std::optional<HttpError> error) {
  const auto on_end = std::move(stream_.on_end);
  DropCallbacks();
  if (on_end) on_end(std::move(error));
}

void TcpHttpClient::Exchange::ReportOutcome(HttpOutcome outcome) {
  const auto callback = std::move(callback_);
  callback(std::move(outcome));
}

void TcpHttpClient::Exchange::Cancel() {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  Release();
  DropCallbacks();
}

// What the callbacks captured may hold the stream's handle. One that runs is dropped after it has returned.
void TcpHttpClient::Exchange::DropCallbacks() {
  if (!parsing_) stream_ = {};
}

void TcpHttpClient::Exchange::Close() {
  std::lock_guard lock(mutex_);
  if (!ended_) Fail(Kind::kClosed, "client closed");
}

void TcpHttpClient::Exchange::Release() {
  ended_ = true;
  connector_.reset();
  socket_.reset();
  deadline_.Cancel();
  connect_deadline_.Cancel();
  idle_timer_.Cancel();
  pool_->Unregister(this);
}

}  // namespace planaria
