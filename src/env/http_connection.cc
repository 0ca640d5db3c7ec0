#include "env/http_connection.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "env/http_call.h"
#include "env/url.h"

namespace planaria {

namespace {

constexpr size_t kReadForHead = size_t{8} << 10;
constexpr size_t kReadForBody = size_t{256} << 10;
/// What a client may send ahead while its call is answered.
constexpr size_t kPipelineBytes = size_t{64} << 10;
constexpr size_t kFileBlock = size_t{256} << 10;
/// How long a rejected client may go on sending before the connection is reset under it.
constexpr Duration kDrainTime = std::chrono::seconds(2);

void RunHandler(const HttpHandler& handler, const std::shared_ptr<HttpCall>& call) {
  try {
    handler(call);
  } catch (const TrinoException& exception) {
    call->Respond(TextResponse(500, exception.error().ToString()));
  } catch (const std::exception& exception) {
    call->Respond(TextResponse(500, exception.what()));
  }
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

HttpConnection::FilePart::~FilePart() {
  if (descriptor >= 0) close(descriptor);
}

HttpConnection::HttpConnection(std::shared_ptr<HttpServerState> state, std::unique_ptr<TcpSocket> socket)
    : state_(std::move(state)), peer_address_(socket->peer_address()), socket_(std::move(socket)) {}

void HttpConnection::Start() {
  Lock lock(mutex_);
  StartParser();
  Advance(lock);
}

void HttpConnection::Close() {
  Lock lock(mutex_);
  Lose(lock);
}

void HttpConnection::StartParser() {
  HttpParser::Options options;
  options.max_header_bytes = state_->options.max_header_bytes;
  options.max_body_bytes = state_->options.max_body_bytes;
  parser_.emplace(std::move(options));
  continue_sent_ = false;
  SetDeadline(state_->options.idle_timeout);
}

void HttpConnection::Advance(Lock& lock) {
  if (!socket_) return;
  if (draining_ || current_call_ != 0) {
    if (input_.size() < kPipelineBytes && !input_ended_) StartRead();
    return;
  }
  if (input_.size() > 0) input_.Consume(parser_->Feed(input_.view()));
  switch (parser_->failure()) {
    case HttpParser::Failure::kNone:
      break;
    case HttpParser::Failure::kHeaderTooLarge:
      return Reject(lock, 431, "request header is too large");
    case HttpParser::Failure::kBodyTooLarge:
      return Reject(
          lock, 413,
          "request body is larger than " + std::to_string(state_->options.max_body_bytes) + " bytes");
    case HttpParser::Failure::kMalformed:
    case HttpParser::Failure::kTruncated:
      return Reject(lock, 400, "malformed HTTP request: " + parser_->failure_message());
  }
  if (parser_->done()) return Dispatch(lock);
  if (input_ended_) return Lose(lock);
  if (parser_->head_done() && !continue_sent_) {
    continue_sent_ = true;
    if (parser_->message().headers.HasToken("Expect", "100-continue")) {
      Queue("HTTP/1.1 100 Continue\r\n\r\n");
      StartWrite();
    }
  }
  StartRead();
}

void HttpConnection::StartRead() {
  if (reading_) return;
  reading_ = true;
  const bool in_body = current_call_ == 0 && !draining_ && parser_->head_done();
  const size_t size = in_body ? kReadForBody : kReadForHead;
  socket_->ReadSome(
      input_.Prepare(size), size,
      [self = shared_from_this()](const IoResult& result, size_t n) { self->OnRead(result, n); });
}

void HttpConnection::OnRead(const IoResult& result, size_t size) {
  Lock lock(mutex_);
  reading_ = false;
  if (!socket_) return;
  if (!result.ok() && result.kind != IoResult::Kind::kEnd) return Lose(lock);
  if (draining_) {
    if (!result.ok()) return Lose(lock);
    return Advance(lock);
  }
  if (result.ok()) {
    input_.Commit(size);
    // Only the body's bytes are progress: a header that trickles in must be there before its deadline.
    if (current_call_ == 0 && parser_->head_done()) SetDeadline(state_->options.idle_timeout);
    return Advance(lock);
  }
  input_ended_ = true;
  if (current_call_ == 0) return Advance(lock);
  // The client may only have ended its side; what it still reads is found out by writing.
  client_gone_ = true;
  std::function<void()> gone;
  gone.swap(on_disconnect_);
  const HttpServerState::Running running(*state_);
  lock.unlock();
  if (gone) gone();
}

void HttpConnection::Dispatch(Lock& lock) {
  HttpMessage& message = parser_->message();
  keep_alive_ = parser_->keep_alive();
  is_http_10_ = message.version < 11;
  is_head_request_ = message.method == "HEAD";
  if (!is_http_10_ && message.headers.GetAll("Host").size() != 1)
    return Reject(lock, 400, "an HTTP/1.1 request needs one Host header");

  HttpRequest request;
  request.method = std::move(message.method);
  request.target = std::move(message.target);
  request.headers = std::move(message.headers);
  request.body = std::move(message.body);
  request.peer_address = peer_address_;

  std::string_view target = request.target;
  if (const size_t scheme = target.find("://");
      scheme != std::string_view::npos && !target.starts_with('/')) {
    // Absolute form, as sent to proxies.
    const size_t path = target.find_first_of("/?", scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  auto query = ParseQuery(target.substr(std::min(question + 1, target.size())));
  std::optional<HttpRouter::Match> match;
  if (request.path.empty()) request.path = "/";
  if (request.path.starts_with('/') && query) match = state_->router.Find(request.method, request.path);
  if (!match) return Reject(lock, 400, "malformed request target");
  request.query = std::move(*query);

  const uint64_t number = ++last_call_;
  current_call_ = number;
  answer_complete_ = false;
  chunked_ = false;
  client_gone_ = input_ended_;
  SetDeadline(Duration::max());
  if (!reading_) input_.Trim(kReadForHead);
  if (!input_ended_ && input_.size() < kPipelineBytes) StartRead();

  const HttpServerState::Running running(*state_);
  lock.unlock();
  auto call = std::make_shared<HttpServerCall>(shared_from_this(), number, std::move(request),
                                               std::move(match->parameters));
  if (match->handler) return RunHandler(*match->handler, call);
  if (match->allowed.empty()) return call->Respond(NotFound("no such path: " + call->request().path));
  HttpResponse response = TextResponse(405, "method not allowed: " + call->request().method);
  response.headers.Add("Allow", match->allowed);
  call->Respond(std::move(response));
}

void HttpConnection::Reject(Lock&, int status, const std::string& message) {
  HttpResponse response = TextResponse(status, message);
  keep_alive_ = false;
  draining_ = true;
  answer_complete_ = true;
  input_.Consume(input_.size());
  QueueHead(response, response.body.size());
  Queue(std::move(response.body));
  SetDeadline(kDrainTime);
  StartWrite();
  if (!input_ended_) StartRead();
}

void HttpConnection::QueueHead(HttpResponse& head, std::optional<uint64_t> content_length) {
  std::string text = "HTTP/1.1 " + std::to_string(head.status) + " ";
  text.append(HttpReason(head.status)).append("\r\n");
  head.headers.Remove("Content-Length");
  head.headers.Remove("Transfer-Encoding");
  head.headers.Remove("Connection");
  for (const auto& [name, value] : head.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (content_length && HasBody(head.status))
    text.append("Content-Length: ").append(std::to_string(*content_length)).append("\r\n");
  if (!content_length && !is_http_10_) text.append("Transfer-Encoding: chunked\r\n");
  if (!content_length && is_http_10_) keep_alive_ = false;
  if (!keep_alive_)
    text.append("Connection: close\r\n");
  else if (is_http_10_)
    text.append("Connection: keep-alive\r\n");
  text.append("\r\n");
  Queue(std::move(text));
}

void HttpConnection::Queue(std::string bytes) {
  if (bytes.empty()) return;
  queued_bytes_ += bytes.size();
  output_.push_back(std::move(bytes));
}

void HttpConnection::SendWhole(uint64_t call, HttpResponse response) {
  Lock lock(mutex_);
  if (!IsCurrent(call)) return;
  QueueHead(response, response.body.size());
  if (!is_head_request_ && HasBody(response.status)) Queue(std::move(response.body));
  answer_complete_ = true;
  StartWrite();
}

void HttpConnection::SendFile(uint64_t call, HttpResponse head, int descriptor, uint64_t offset,
                              uint64_t length) {
  auto file = std::make_unique<FilePart>();
  file->descriptor = descriptor;
  file->offset = offset;
  file->left = length;
  Lock lock(mutex_);
  if (!IsCurrent(call)) return;
  QueueHead(head, length);
  if (!is_head_request_) file_ = std::move(file);
  answer_complete_ = true;
  StartWrite();
}

void HttpConnection::StartStream(uint64_t call, HttpResponse head) {
  Lock lock(mutex_);
  if (!IsCurrent(call)) return;
  chunked_ = !is_http_10_;
  QueueHead(head, std::nullopt);
  StartWrite();
}

size_t HttpConnection::WriteStream(uint64_t call, std::string bytes) {
  Lock lock(mutex_);
  if (!IsCurrent(call) || answer_complete_) return 0;
  if (bytes.empty() || is_head_request_) return queued_bytes_;
  if (chunked_) {
    char frame[20];
    Queue(std::string(frame, snprintf(frame, sizeof frame, "%zx\r\n", bytes.size())));
    Queue(std::move(bytes));
    Queue("\r\n");
  } else {
    Queue(std::move(bytes));
  }
  StartWrite();
  return queued_bytes_;
}

void HttpConnection::FinishStream(uint64_t call) {
  Lock lock(mutex_);
  if (!IsCurrent(call) || answer_complete_) return;
  if (chunked_ && !is_head_request_) Queue("0\r\n\r\n");
  answer_complete_ = true;
  StartWrite();
  if (writing_) return;
  // Everything has left already. The next request's handler must not run inside this call.
  state_->loop.Post([self = shared_from_this(), call] {
    Lock lock(self->mutex_);
    if (self->IsCurrent(call)) self->EndCall(lock);
  });
}

void HttpConnection::Abort(uint64_t call) {
  Lock lock(mutex_);
  if (!IsCurrent(call)) return;
  std::function<void()> forgotten;
  forgotten.swap(on_disconnect_);
  Lose(lock);
}

void HttpConnection::OnDisconnect(uint64_t call, std::function<void()> fn) {
  Lock lock(mutex_);
  if (call != current_call_) return;
  if (!client_gone_) {
    on_disconnect_.swap(fn);
    lock.unlock();
    return;
  }
  lock.unlock();
  HttpServerState::PostUnlessStopped(state_, std::move(fn));
}

void HttpConnection::StartWrite() {
  if (writing_ || !socket_) return;
  if (output_.empty() && !FillFromFile()) return;
  writing_ = true;
  if (current_call_ != 0) SetDeadline(state_->options.idle_timeout);
  std::array<std::string_view, 16> buffers;
  size_t count = 0;
  for (const std::string& piece : output_) {
    buffers[count] = piece;
    if (count == 0) buffers[0].remove_prefix(front_written_);
    if (++count == buffers.size()) break;
  }
  socket_->WriteSome({buffers.data(), count}, [self = shared_from_this()](const IoResult& result, size_t n) {
    self->OnWritten(result, n);
  });
}

// True if there is something to write now.
bool HttpConnection::FillFromFile() {
  if (!file_ || file_->left == 0) return false;
  std::string block(std::min<uint64_t>(kFileBlock, file_->left), '\0');
  ssize_t n;
  do n = pread(file_->descriptor, block.data(), block.size(), static_cast<off_t>(file_->offset));
  while (n < 0 && errno == EINTR);
  // The length is promised already: a file that has shrunk can only end in a broken connection.
  if (n <= 0) return false;
  block.resize(static_cast<size_t>(n));
  file_->offset += block.size();
  file_->left -= block.size();
  Queue(std::move(block));
  return true;
}

void HttpConnection::OnWritten(const IoResult& result, size_t size) {
  Lock lock(mutex_);
  writing_ = false;
  if (!socket_) return;
  if (!result.ok()) return Lose(lock);
  queued_bytes_ -= size;
  while (size > 0) {
    const size_t left = output_.front().size() - front_written_;
    if (size < left) {
      front_written_ += size;
      break;
    }
    size -= left;
    front_written_ = 0;
    output_.pop_front();
  }
  if (!output_.empty() || FillFromFile()) return StartWrite();
  if (file_ && file_->left > 0) return Lose(lock);
  if (draining_) {
    socket_->ShutdownSend();
    if (input_ended_) Lose(lock);
    return;
  }
  if (current_call_ == 0) return;
  if (answer_complete_) return EndCall(lock);
  SetDeadline(Duration::max());
}

void HttpConnection::EndCall(Lock& lock) {
  current_call_ = 0;
  file_.reset();
  std::function<void()> forgotten;
  forgotten.swap(on_disconnect_);
  if (keep_alive_) {
    StartParser();
    Advance(lock);
  } else if (input_ended_) {
    Lose(lock);
  } else {
    draining_ = true;
    input_.Consume(input_.size());
    socket_->ShutdownSend();
    SetDeadline(kDrainTime);
    StartRead();
  }
  if (lock.owns_lock()) lock.unlock();
}

void HttpConnection::Lose(Lock& lock) {
  std::function<void()> gone;
  gone.swap(on_disconnect_);
  client_gone_ = true;
  const HttpServerState::Running running(*state_);
  if (socket_) {
    socket_.reset();
    timer_.Cancel();
    file_.reset();
    state_->Unregister(this);
  }
  lock.unlock();
  if (gone) gone();
}

void HttpConnection::SetDeadline(Duration from_now) {
  deadline_ = from_now == Duration::max() ? from_now : clock_.Now() + from_now;
  // A timer that fires too early looks at the deadline and sleeps on; only an earlier deadline needs a new
  // one.
  if (deadline_ < timer_at_) {
    timer_.Cancel();
    ArmTimer(from_now);
  }
}

void HttpConnection::ArmTimer(Duration from_now) {
  timer_at_ = clock_.Now() + from_now;
  timer_ = state_->loop.RunAfter(from_now, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->OnTimer();
  });
}

void HttpConnection::OnTimer() {
  Lock lock(mutex_);
  timer_at_ = Duration::max();
  if (!socket_ || deadline_ == Duration::max()) return;
  const Duration now = clock_.Now();
  if (now >= deadline_) return Lose(lock);
  ArmTimer(deadline_ - now);
}

}  // namespace planaria
