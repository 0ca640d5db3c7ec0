// Tells the coordinator that this node is there, again and again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "env/executor.h"
#include "env/http_client.h"
#include "protocol/task_messages.h"

namespace planaria::worker {

/// Sends the announcement to every coordinator at once and then every `interval`, until destroyed; those that
/// wait to take over refuse it until they do. A coordinator that hangs does not keep the others waiting.
/// Failures are logged when they begin and when they end; the next round tries again.
class Announcer {
 public:
  Announcer(Executor& executor, HttpClient& client, const std::vector<std::string>& coordinator_uris,
            protocol::NodeAnnouncement announcement, Duration interval);
  ~Announcer();

  /// Sends this from now on, and at once. `told` is called once, on any thread, unless the announcer goes
  /// before: when a coordinator has taken it, or when there is none that could.
  void Change(const protocol::NodeAnnouncement& announcement, std::function<void()> told);

 private:
  struct Loop;
  struct News;
  std::vector<std::shared_ptr<Loop>> loops_;
};

}  // namespace planaria::worker
