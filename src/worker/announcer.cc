#include "worker/announcer.h"

#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>

namespace planaria::worker {

namespace {
constexpr int kOnStandby = 503;
}  // namespace

/// A changed announcement that somebody waits for to be heard.
struct Announcer::News {
  std::mutex mutex;
  /// Coordinators that have not answered, or may be there without having heard.
  size_t unheard = 0;
  /// Empty once called.
  std::function<void()> told;

  void Heard(bool taken) {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex);
      unheard--;
      if (taken || unheard == 0) call = std::exchange(told, nullptr);
    }
    if (call) call();
  }
};

/// The rounds of one coordinator.
struct Announcer::Loop : std::enable_shared_from_this<Announcer::Loop> {
  Executor& executor;
  HttpClient& client;
  const std::string url;
  const Duration interval;
  std::mutex mutex;
  std::string body;
  bool stopped = false;
  bool reachable = true;
  /// What `body` says and this coordinator has not heard.
  std::shared_ptr<News> news;

  Loop(Executor& executor, HttpClient& client, std::string url, std::string body, Duration interval)
      : executor(executor), client(client), url(std::move(url)), interval(interval), body(std::move(body)) {}

  /// With the lock held.
  ClientRequest Request() const {
    ClientRequest request;
    request.method = "PUT";
    request.url = url;
    request.body = body;
    request.deadline = std::chrono::seconds(5);
    return request;
  }

  void Send() {
    client.Send(Request(), [self = shared_from_this(), sent = news](HttpOutcome outcome) {
      self->Heard(outcome, sent);
      self->Answered(outcome);
    });
  }

  void Heard(const HttpOutcome& outcome, const std::shared_ptr<News>& sent) {
    const auto* response = std::get_if<HttpResponse>(&outcome);
    const auto* error = std::get_if<HttpError>(&outcome);
    // One that waits on standby, or is not there, has no tasks to send.
    const bool none = error ? error->kind == HttpError::Kind::kRefused : response->status == kOnStandby;
    if (!none && (error || response->status >= 300)) return;
    {
      const std::lock_guard lock(mutex);
      if (stopped || !sent || news != sent) return;
      news.reset();
    }
    sent->Heard(!none);
  }

  void Answered(const HttpOutcome& outcome) {
    const auto* response = std::get_if<HttpResponse>(&outcome);
    const bool ok = response && response->status < 300;
    const std::lock_guard lock(mutex);
    if (stopped) return;
    if (ok != reachable) {
      if (ok) {
        spdlog::info("announced at {}", url);
      } else if (response && response->status == kOnStandby) {
        spdlog::info("not announced at {}: it waits on standby", url);
      } else {
        spdlog::warn("cannot announce this node: {}",
                     response ? "HTTP status " + std::to_string(response->status) + " from " + url
                              : std::get<HttpError>(outcome).message);
      }
      reachable = ok;
    }
    executor.RunAfter(interval, [self = shared_from_this()] {
      const std::lock_guard lock(self->mutex);
      if (!self->stopped) self->Send();
    });
  }
};

Announcer::Announcer(Executor& executor, HttpClient& client, const std::vector<std::string>& coordinator_uris,
                     protocol::NodeAnnouncement announcement, Duration interval) {
  for (std::string uri : coordinator_uris) {
    while (uri.ends_with('/')) uri.pop_back();
    loops_.push_back(std::make_shared<Loop>(executor, client,
                                            uri + "/v1/announcement/" + announcement.node.value,
                                            announcement.Serialize(), interval));
  }
  for (const auto& loop : loops_) {
    const std::lock_guard lock(loop->mutex);
    loop->Send();
  }
}

void Announcer::Change(const protocol::NodeAnnouncement& announcement, std::function<void()> told) {
  const auto news = std::make_shared<News>();
  news->unheard = loops_.size();
  news->told = std::move(told);
  for (const auto& loop : loops_) {
    const std::lock_guard lock(loop->mutex);
    loop->body = announcement.Serialize();
    loop->news = news;
    // Besides the regular round, which goes on.
    loop->client.Send(loop->Request(),
                      [loop, news](const HttpOutcome& outcome) { loop->Heard(outcome, news); });
  }
}

Announcer::~Announcer() {
  for (const auto& loop : loops_) {
    const std::lock_guard lock(loop->mutex);
    loop->stopped = true;
  }
}

}  // namespace planaria::worker
