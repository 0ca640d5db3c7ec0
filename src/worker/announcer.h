// Tells the coordinator that this node is there, again and again.
#pragma once

#include <memory>

#include "env/executor.h"
#include "env/http_client.h"
#include "protocol/task_messages.h"

namespace planaria::worker {

/// Sends the announcement at once and then every `interval`, until destroyed. Failures are logged when they
/// begin and when they end; the next round tries again.
class Announcer {
 public:
  Announcer(Executor& executor, HttpClient& client, std::string coordinator_uri,
            protocol::NodeAnnouncement announcement, Duration interval);
  ~Announcer();

  /// Sends this from now on, and at once.
  void Change(const protocol::NodeAnnouncement& announcement);

 private:
  struct Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace planaria::worker
