// Tells the coordinator that this node is there, again and again.
#pragma once

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

  /// Sends this from now on, and at once.
  void Change(const protocol::NodeAnnouncement& announcement);

 private:
  struct Loop;
  std::vector<std::shared_ptr<Loop>> loops_;
};

}  // namespace planaria::worker
