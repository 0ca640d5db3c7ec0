#include "env/tcp_http_client.h"

#include "env/http_exchange.h"

namespace planaria {

std::unique_ptr<TcpSocket> TcpHttpClient::Pool::Take(const std::string& authority) {
  // Destroyed outside the lock: closing is a system call.
  std::vector<Idle> stale;
  std::lock_guard lock(mutex_);
  const auto found = idle_.find(authority);
  if (found == idle_.end()) return nullptr;
  auto& kept = found->second;
  const Duration oldest = clock_.Now() - options_.keep_alive;
  std::unique_ptr<TcpSocket> taken;
  while (!kept.empty() && !taken) {
    if (kept.back().since >= oldest && kept.back().socket->IsQuiet())
      taken = std::move(kept.back().socket);
    else
      stale.push_back(std::move(kept.back()));
    kept.pop_back();
  }
  if (kept.empty()) idle_.erase(found);
  return taken;
}

void TcpHttpClient::Pool::Keep(const std::string& authority, std::unique_ptr<TcpSocket> socket) {
  std::vector<Idle> stale;
  std::lock_guard lock(mutex_);
  if (closed_) return;
  auto& kept = idle_[authority];
  const Duration now = clock_.Now();
  // Oldest first: the front goes when it is too old or too many.
  size_t drop = 0;
  while (drop < kept.size() &&
         (kept[drop].since < now - options_.keep_alive || kept.size() - drop >= options_.max_idle_per_host))
    stale.push_back(std::move(kept[drop++]));
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(drop));
  kept.push_back({std::move(socket), now});
}

size_t TcpHttpClient::Pool::idle() const {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [authority, kept] : idle_) count += kept.size();
  return count;
}

void TcpHttpClient::Pool::Register(const std::shared_ptr<Exchange>& exchange) {
  std::lock_guard lock(mutex_);
  exchanges_.emplace(exchange.get(), exchange);
}

void TcpHttpClient::Pool::Unregister(Exchange* exchange) {
  std::lock_guard lock(mutex_);
  exchanges_.erase(exchange);
}

void TcpHttpClient::Pool::Close() {
  std::unordered_map<Exchange*, std::weak_ptr<Exchange>> open;
  std::unordered_map<std::string, std::vector<Idle>> idle;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    open = exchanges_;
    idle.swap(idle_);
  }
  for (const auto& [key, weak] : open)
    if (auto exchange = weak.lock()) exchange->Close();
}

class TcpHttpClient::StreamHandle final : public HttpStream {
 public:
  explicit StreamHandle(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~StreamHandle() override { Cancel(); }
  void Cancel() override { exchange_->Cancel(); }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

TcpHttpClient::TcpHttpClient(EventLoop& loop, Options options)
    : pool_(std::make_shared<Pool>(loop, options)) {}

TcpHttpClient::~TcpHttpClient() { pool_->Close(); }

void TcpHttpClient::Send(ClientRequest request, Callback callback) {
  auto exchange = std::make_shared<Exchange>(pool_, std::move(request), std::move(callback));
  pool_->Register(exchange);
  pool_->loop.Post([exchange] { exchange->Start(); });
}

std::shared_ptr<HttpStream> TcpHttpClient::OpenStream(ClientRequest request, StreamCallbacks callbacks) {
  auto exchange = std::make_shared<Exchange>(pool_, std::move(request), std::move(callbacks));
  pool_->Register(exchange);
  pool_->loop.Post([exchange] { exchange->Start(); });
  return std::make_shared<StreamHandle>(exchange);
}

size_t TcpHttpClient::idle_connections() const { return pool_->idle(); }

}  // namespace planaria
