#include "worker/announcer.h"

#include <spdlog/spdlog.h>

#include <mutex>

namespace planaria::worker {

namespace {
constexpr int kOnStandby = 503;
}  // namespace

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
    client.Send(Request(), [self = shared_from_this()](HttpOutcome outcome) { self->Answered(outcome); });
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

void Announcer::Change(const protocol::NodeAnnouncement& announcement) {
  for (const auto& loop : loops_) {
    const std::lock_guard lock(loop->mutex);
    loop->body = announcement.Serialize();
    // Besides the regular round, which goes on.
    loop->client.Send(loop->Request(), [](HttpOutcome) {});
  }
}

Announcer::~Announcer() {
  for (const auto& loop : loops_) {
    const std::lock_guard lock(loop->mutex);
    loop->stopped = true;
  }
}

}  // namespace planaria::worker
