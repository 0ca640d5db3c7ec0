#include "coordinator/usage_collector.h"

#include <spdlog/spdlog.h>

#include <mutex>
#include <set>

namespace planaria::coordinator {

namespace {
constexpr auto kDeadline = std::chrono::seconds(5);
}

struct UsageCollector::State {
  std::mutex mutex;
  /// Empty once nobody listens any more.
  Listener listener;
  std::set<NodeId> asked;

  void Tell(const NodeId& node, const protocol::NodeUsage& usage) {
    if (listener) listener(node, usage);
  }

  void Answered(const NodeId& node, const HttpOutcome& outcome) {
    const std::lock_guard lock(mutex);
    asked.erase(node);
    const auto* response = std::get_if<HttpResponse>(&outcome);
    if (!response || response->status != 200) return;
    try {
      Tell(node, protocol::NodeUsage::Parse(response->body));
    } catch (const TrinoException& exception) {
      spdlog::warn("what the tasks of node {} use cannot be read: {}", node.value, exception.what());
    }
  }
};

UsageCollector::UsageCollector(HttpClient& client, const NodeDirectory& nodes, NodeId self,
                               const worker::TaskPool& own, Listener listener)
    : client_(client), nodes_(nodes), self_(std::move(self)), own_(own), state_(std::make_shared<State>()) {
  state_->listener = std::move(listener);
}

UsageCollector::~UsageCollector() {
  const std::lock_guard lock(state_->mutex);
  state_->listener = nullptr;
}

void UsageCollector::Ask() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->Tell(self_, own_.Usage());
  }
  for (const ClusterNode& node : nodes_.Nodes()) {
    const NodeId& id = node.announcement.node;
    if (node.state != NodeState::kActive || id == self_) continue;
    {
      const std::lock_guard lock(state_->mutex);
      if (!state_->asked.insert(id).second) continue;
    }
    ClientRequest request;
    request.method = "GET";
    request.url = node.announcement.internal_uri + "/v1/task/usage";
    request.deadline = kDeadline;
    client_.Send(std::move(request),
                 [state = state_, id](const HttpOutcome& outcome) { state->Answered(id, outcome); });
  }
}

}  // namespace planaria::coordinator
