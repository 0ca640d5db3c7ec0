#include "sim/network.h"

#include <charconv>
#include <deque>
#include <utility>

#include "env/url.h"

namespace planaria::sim {

using namespace std::chrono_literals;

namespace {
/// How long a blocked message waits before it is sent again.
constexpr Duration kRetransmit = 100ms;
}  // namespace

std::string UriOf(uint32_t host) { return "http://h" + std::to_string(host); }

/// One request, its connection and its answer.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Network& network, std::shared_ptr<Process> client, ClientRequest request)
      : network_(network), client_(std::move(client)), request_(std::move(request)) {}

  HttpClient::Callback callback;
  HttpClient::StreamCallbacks stream;
  bool is_stream = false;

  void Start();
  void Cancel();
  /// One of the two processes died.
  void ProcessDied(const std::shared_ptr<Process>& process, bool silent);
  bool ended() const { return ended_; }

  // The server's side.
  void Head(HttpResponse head) {
    SendToClient([head = std::move(head)](Exchange& self) {
      if (self.stream.on_head) self.stream.on_head(head);
    });
  }
  void Data(std::string bytes) {
    SendToClient([bytes = std::move(bytes)](Exchange& self) {
      if (self.stream.on_data) self.stream.on_data(bytes);
    });
  }
  void Whole(HttpResponse response) {
    on_disconnect = nullptr;
    SendToClient([response = std::move(response)](Exchange& self) { self.EndWith(response); });
  }
  void Broken() {
    SendToClient([](Exchange& self) { self.Fail(HttpError::Kind::kReset); });
  }
  bool client_gone() const { return client_gone_; }
  std::function<void()> on_disconnect;

 private:
  void Arrive(Duration give_up, bool doubled);
  void Serve(SimServer* server);
  void SendToClient(std::function<void(Exchange&)> deliver);
  void Pump();
  void EndWith(HttpResponse response);
  void Fail(HttpError::Kind kind);
  void FailAfter(Duration delay, HttpError::Kind kind);
  void CheckIdle();
  void TellServer();

  Network& network_;
  const std::shared_ptr<Process> client_;
  std::shared_ptr<Process> server_;
  ClientRequest request_;
  uint32_t server_host_ = 0;
  std::string target_;
  bool ended_ = false;
  bool client_gone_ = false;
  bool lose_answer_ = false;
  bool has_head_ = false;
  Duration last_byte_{};
  /// On the way to the client.
  std::deque<std::pair<Duration, std::function<void(Exchange&)>>> to_client_;
};

namespace {

class SimCall final : public HttpCall {
 public:
  using Parameters = std::map<std::string, std::string, std::less<>>;
  SimCall(std::shared_ptr<Exchange> exchange, HttpRequest request, Parameters parameters)
      : exchange_(std::move(exchange)), request_(std::move(request)), parameters_(std::move(parameters)) {}
  ~SimCall() override {
    if (state_ == State::kNone) exchange_->Whole(TextResponse(500, "no answer"));
    if (state_ == State::kStream) exchange_->Broken();
  }

  const HttpRequest& request() const override { return request_; }
  const std::string& path_parameter(std::string_view name) const override {
    static const std::string kNone;
    const auto found = parameters_.find(name);
    return found == parameters_.end() ? kNone : found->second;
  }
  void Respond(HttpResponse response) override {
    if (state_ != State::kNone) return;
    state_ = State::kDone;
    exchange_->Whole(std::move(response));
  }
  void RespondFile(const std::string&, uint64_t, uint64_t, HttpHeaders) override {
    Respond(NotFound("there are no files in a simulation"));
  }
  void StartStream(int status, HttpHeaders headers) override {
    if (state_ != State::kNone) return;
    state_ = State::kStream;
    exchange_->Head({.status = status, .headers = std::move(headers)});
  }
  size_t Write(std::string bytes) override {
    if (state_ == State::kStream && !exchange_->client_gone()) exchange_->Data(std::move(bytes));
    return 0;
  }
  void Finish() override {
    if (std::exchange(state_, State::kDone) == State::kStream) exchange_->Whole({});
  }
  void OnDisconnect(std::function<void()> fn) override { exchange_->on_disconnect = std::move(fn); }

 private:
  enum class State { kNone, kStream, kDone };
  const std::shared_ptr<Exchange> exchange_;
  const HttpRequest request_;
  const Parameters parameters_;
  State state_ = State::kNone;
};

}  // namespace

void Exchange::Start() {
  const auto url = ParseUrl(request_.url);
  std::from_chars(url->host.data() + 1, url->host.data() + url->host.size(), server_host_);
  target_ = url->target;
  Conditions& conditions = network_.conditions;
  const Duration connect = request_.deadline > 0ns ? std::min(request_.connect_timeout, request_.deadline)
                                                   : request_.connect_timeout;
  if (request_.deadline > 0ns) {
    network_.loop.After(request_.deadline, client_, [self = shared_from_this()] {
      if (!self->is_stream || !self->has_head_) self->Fail(HttpError::Kind::kTimeout);
    });
  }
  last_byte_ = network_.loop.Now();
  Duration way = network_.Latency(client_->host, server_host_);
  if (conditions.Strikes(FaultKind::kReset)) {
    if (network_.random.Below(2) == 0) return FailAfter(2 * way, HttpError::Kind::kReset);
    lose_answer_ = true;
  }
  const bool repeatable = request_.idempotent || request_.method != "POST";
  if (repeatable && !is_stream && conditions.Strikes(FaultKind::kDuplicate)) {
    network_.loop.After(way + Duration(network_.random.Below(5'000'000'000)), nullptr,
                        [self = shared_from_this()] { self->Arrive(Duration::zero(), true); });
  }
  if (conditions.Strikes(FaultKind::kLate)) way += Duration(network_.random.Below(20'000'000'000));
  network_.loop.After(way, nullptr, [self = shared_from_this(), give_up = network_.loop.Now() + connect] {
    self->Arrive(give_up, false);
  });
}

/// The request is at the server's machine, or would be.
void Exchange::Arrive(Duration give_up, bool doubled) {
  if (network_.conditions.Blocked(client_->host, server_host_) || network_.IsDark(server_host_)) {
    if (doubled || ended_) return;
    if (network_.loop.Now() >= give_up) return FailAfter(0ns, HttpError::Kind::kTimeout);
    network_.loop.After(kRetransmit, nullptr,
                        [self = shared_from_this(), give_up] { self->Arrive(give_up, false); });
    return;
  }
  SimServer* server = network_.ServerAt(server_host_);
  if (!server) {
    if (!doubled) FailAfter(network_.Latency(server_host_, client_->host), HttpError::Kind::kRefused);
    return;
  }
  if (doubled) {
    // Served like any other; what is answered reaches nobody.
    auto twin = std::make_shared<Exchange>(network_, client_, request_);
    twin->server_host_ = server_host_;
    twin->target_ = target_;
    twin->ended_ = twin->client_gone_ = true;
    twin->server_ = server->process();
    network_.loop.After(0ns, twin->server_, [twin, server] { twin->Serve(server); });
    return;
  }
  server_ = server->process();
  if (!client_->alive || ended_) client_gone_ = true;
  network_.loop.After(0ns, server_, [self = shared_from_this(), server] { self->Serve(server); });
}

/// In the server's process, so the server is there.
void Exchange::Serve(SimServer* server) {
  HttpRequest request;
  request.method = request_.method;
  request.target = target_;
  const size_t question = target_.find('?');
  request.path = target_.substr(0, question);
  if (question != std::string::npos)
    request.query = *ParseQuery(std::string_view(target_).substr(question + 1));
  request.headers = request_.headers;
  request.body = request_.body;
  const auto match = server->router().Find(request.method, request.path);
  if (!match || !match->handler) return Whole(NotFound("no route " + request.path));
  auto call = std::make_shared<SimCall>(shared_from_this(), std::move(request), match->parameters);
  (*match->handler)(call);
  if (client_gone_) TellServer();
}

void Exchange::SendToClient(std::function<void(Exchange&)> deliver) {
  if (ended_ || !client_->alive || !server_->alive) return;
  if (lose_answer_) return FailAfter(network_.Latency(server_host_, client_->host), HttpError::Kind::kReset);
  Duration due = network_.loop.Now() + network_.Latency(server_host_, client_->host);
  if (!to_client_.empty()) due = std::max(due, to_client_.back().first);
  to_client_.emplace_back(due, std::move(deliver));
  if (to_client_.size() == 1) {
    network_.loop.At(due, client_, [self = shared_from_this()] { self->Pump(); });
  }
}

/// Delivers what is due, in order; a blocked link holds everything back.
void Exchange::Pump() {
  if (ended_) return to_client_.clear();
  if (network_.conditions.Blocked(server_host_, client_->host)) {
    network_.loop.After(kRetransmit, client_, [self = shared_from_this()] { self->Pump(); });
    return;
  }
  last_byte_ = network_.loop.Now();
  if (is_stream && !std::exchange(has_head_, true) && request_.idle_timeout > 0ns) CheckIdle();
  const auto deliver = std::move(to_client_.front().second);
  to_client_.pop_front();
  deliver(*this);
  if (to_client_.empty() || ended_) return;
  network_.loop.At(to_client_.front().first, client_, [self = shared_from_this()] { self->Pump(); });
}

void Exchange::CheckIdle() {
  if (ended_) return;
  const Duration left = last_byte_ + request_.idle_timeout - network_.loop.Now();
  if (left <= 0ns) return Fail(HttpError::Kind::kTimeout);
  network_.loop.After(left, client_, [self = shared_from_this()] { self->CheckIdle(); });
}

void Exchange::EndWith(HttpResponse response) {
  if (std::exchange(ended_, true)) return;
  if (is_stream) {
    if (stream.on_end) stream.on_end(std::nullopt);
    stream = {};
    return;
  }
  if (const auto done = std::exchange(callback, nullptr)) done(std::move(response));
}

void Exchange::Fail(HttpError::Kind kind) {
  if (std::exchange(ended_, true)) return;
  HttpError error{kind, request_.method + " " + request_.url + " failed"};
  const auto ends = std::exchange(stream, {});
  if (is_stream && ends.on_end) ends.on_end(error);
  if (const auto done = std::exchange(callback, nullptr)) done(std::move(error));
  client_gone_ = true;
  TellServer();
}

void Exchange::FailAfter(Duration delay, HttpError::Kind kind) {
  network_.loop.After(delay, client_, [self = shared_from_this(), kind] { self->Fail(kind); });
}

void Exchange::Cancel() {
  if (std::exchange(ended_, true)) return;
  callback = nullptr;
  stream = {};
  client_gone_ = true;
  TellServer();
}

/// The server sees its end of the connection close.
void Exchange::TellServer() {
  if (!server_ || !server_->alive || !on_disconnect) return;
  network_.loop.After(network_.Latency(client_->host, server_host_), server_, [self = shared_from_this()] {
    if (const auto tell = std::exchange(self->on_disconnect, nullptr)) tell();
  });
}

void Exchange::ProcessDied(const std::shared_ptr<Process>& process, bool silent) {
  if (process == client_) {
    ended_ = client_gone_ = true;
    callback = nullptr;
    stream = {};
    if (!silent) TellServer();
    return;
  }
  if (process != server_) return;
  on_disconnect = nullptr;
  if (ended_) return;
  // What it had sent may be lost with it or not.
  if (network_.random.Below(2) == 0 && to_client_.size() > 1) to_client_.resize(1);
  if (!silent) FailAfter(network_.Latency(server_host_, client_->host), HttpError::Kind::kReset);
}

void Network::Listen(SimServer& server) { servers_[server.process()->host] = &server; }

void Network::Died(const std::shared_ptr<Process>& process, bool silent) {
  const auto found = servers_.find(process->host);
  if (found != servers_.end() && found->second->process() == process) servers_.erase(found);
  if (silent) dark_.insert(process->host);
  const auto exchanges = exchanges_;
  for (const auto& weak : exchanges) {
    if (const auto exchange = weak.lock()) exchange->ProcessDied(process, silent);
  }
}

Duration Network::Latency(uint32_t from, uint32_t to) {
  if (from == to) return Duration(20'000);
  return Duration((100'000 + random.Below(900'000)) * conditions.LinkFactor(from, to));
}

SimServer* Network::ServerAt(uint32_t host) const {
  const auto found = servers_.find(host);
  return found == servers_.end() ? nullptr : found->second;
}

void Network::Register(const std::shared_ptr<Exchange>& exchange) {
  if (exchanges_.size() >= cleanup_at_) {
    std::erase_if(exchanges_, [](const auto& weak) {
      const auto exchange = weak.lock();
      return !exchange || (exchange->ended() && !exchange->on_disconnect);
    });
    cleanup_at_ = exchanges_.size() + 256;
  }
  exchanges_.push_back(exchange);
}

void SimHttpClient::Send(ClientRequest request, Callback callback) {
  if (!process_->alive) return;
  auto exchange = std::make_shared<Exchange>(network_, process_, std::move(request));
  exchange->callback = std::move(callback);
  network_.Register(exchange);
  exchange->Start();
}

HttpResponse SimHttpClient::Call(ClientRequest request) {
  throw TrinoException(errors::NOT_SUPPORTED, "No blocking calls in a simulation: " + request.url);
}

namespace {

class StreamHandle final : public HttpStream {
 public:
  explicit StreamHandle(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~StreamHandle() override { exchange_->Cancel(); }
  void Cancel() override { exchange_->Cancel(); }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

}  // namespace

std::shared_ptr<HttpStream> SimHttpClient::OpenStream(ClientRequest request, StreamCallbacks callbacks) {
  auto exchange = std::make_shared<Exchange>(network_, process_, std::move(request));
  exchange->is_stream = true;
  exchange->stream = std::move(callbacks);
  network_.Register(exchange);
  exchange->Start();
  return std::make_shared<StreamHandle>(exchange);
}

}  // namespace planaria::sim
