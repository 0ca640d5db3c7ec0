#include "coordinator/node_directory.h"

#include <spdlog/spdlog.h>

#include <set>
#include <utility>

#include "base/units.h"
#include "worker/report_log.h"

namespace planaria::coordinator {

struct NodeDirectory::Node {
  protocol::NodeAnnouncement announcement;
  NodeState state = NodeState::kConnecting;
  bool local = false;
  uint64_t last_report = 0;
  /// Reports that arrived and are not settled yet.
  std::set<uint64_t> unsettled;
  uint64_t last_settled() const { return unsettled.empty() ? last_report : *unsettled.begin() - 1; }
  /// Tells the callbacks of a replaced stream from those of the current one.
  uint64_t generation = 0;
  worker::FrameReader frames;
  std::shared_ptr<HttpStream> stream;
};

NodeDirectory::NodeDirectory(HttpClient& client, Duration loss_timeout, Listener listener)
    : client_(client), loss_timeout_(loss_timeout), listener_(std::move(listener)) {}

NodeDirectory::~NodeDirectory() {
  std::vector<std::shared_ptr<HttpStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, node] : nodes_) streams.push_back(std::move(node->stream));
    for (auto& [id, node] : challengers_) streams.push_back(std::move(node->stream));
  }
  for (const auto& stream : streams) {
    if (stream) stream->Cancel();
  }
}

void NodeDirectory::AddLocal(const protocol::NodeAnnouncement& announcement) {
  auto node = std::make_shared<Node>();
  node->announcement = announcement;
  node->state = NodeState::kActive;
  node->local = true;
  {
    const std::lock_guard lock(mutex_);
    nodes_[announcement.node] = node;
  }
  listener_.on_joined(announcement);
}

void NodeDirectory::Announce(const protocol::NodeAnnouncement& announcement) {
  std::shared_ptr<Node> node;
  std::shared_ptr<HttpStream> replaced;
  bool connect = false;
  bool begins_to_drain = false;
  {
    const std::lock_guard lock(mutex_);
    auto& known = nodes_[announcement.node];
    if (known && known->local) return;
    if (known && known->announcement.instance == announcement.instance) {
      node = known;
    } else {
      // An announcement that was long on its way must not drive out the process that runs now: a node that
      // is there stays until the other answers.
      auto& place = known && known->state == NodeState::kActive ? challengers_[announcement.node] : known;
      if (place && place->announcement.instance == announcement.instance) return;
      if (place) replaced = std::move(place->stream);
      node = place = std::make_shared<Node>();
      node->announcement = announcement;
      node->state = NodeState::kLost;
    }
    begins_to_drain = announcement.draining && !node->announcement.draining;
    node->announcement.draining = announcement.draining;
    if (node->state == NodeState::kLost) {
      node->state = NodeState::kConnecting;
      connect = true;
    }
    begins_to_drain = begins_to_drain && node->state == NodeState::kActive;
  }
  if (replaced) replaced->Cancel();
  if (connect) return OpenStream(node);
  if (begins_to_drain) {
    spdlog::info("node {} drains", announcement.node.value);
    listener_.on_draining(announcement);
  }
  if (announcement.draining) Acknowledge(*node);
}

void NodeDirectory::Acknowledge(const Node& node) {
  ClientRequest request;
  request.method = "DELETE";
  {
    const std::lock_guard lock(mutex_);
    request.url = node.announcement.internal_uri +
                  "/v1/task/reports?through=" + std::to_string(node.last_settled()) +
                  "&instance=" + node.announcement.instance;
  }
  request.deadline = loss_timeout_;
  client_.Send(std::move(request), [](HttpOutcome) {});
}

bool NodeDirectory::Activate(const std::shared_ptr<Node>& node, uint64_t generation) {
  const NodeId& id = node->announcement.node;
  std::shared_ptr<Node> former;
  std::shared_ptr<HttpStream> stream;
  uint64_t former_generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (node->generation != generation) return false;
    const auto challenger = challengers_.find(id);
    if (challenger != challengers_.end() && challenger->second == node) {
      former = std::exchange(nodes_[id], node);
      former_generation = former->generation;
      stream = std::move(former->stream);
      challengers_.erase(challenger);
    } else if (nodes_[id] != node) {
      return false;
    }
    node->state = NodeState::kActive;
  }
  if (stream) stream->Cancel();
  if (former) StreamEnded(former, former_generation, HttpError{HttpError::Kind::kReset, "it was restarted"});
  return true;
}

void NodeDirectory::OpenStream(const std::shared_ptr<Node>& node) {
  uint64_t generation;
  ClientRequest request;
  {
    const std::lock_guard lock(mutex_);
    generation = ++node->generation;
    node->frames = {};
    request.url = node->announcement.internal_uri +
                  "/v1/task/reports?after=" + std::to_string(node->last_report) +
                  "&instance=" + node->announcement.instance;
  }
  request.deadline = loss_timeout_;
  request.connect_timeout = loss_timeout_;
  request.idle_timeout = loss_timeout_;
  HttpClient::StreamCallbacks callbacks;
  const std::weak_ptr<Node> weak = node;
  callbacks.on_head = [this, weak, generation](const HttpResponse& head) {
    const auto node = weak.lock();
    if (!node || head.status != 200 || !Activate(node, generation)) return;
    protocol::NodeAnnouncement joined;
    {
      const std::lock_guard lock(mutex_);
      joined = node->announcement;
    }
    spdlog::info("node {} joined at {}", joined.node.value, joined.internal_uri);
    listener_.on_joined(joined);
    if (joined.draining) listener_.on_draining(joined);
  };
  callbacks.on_data = [this, weak, generation](std::string_view bytes) {
    const auto node = weak.lock();
    if (!node) return;
    std::vector<std::pair<uint64_t, protocol::TaskReport>> reports;
    try {
      const std::lock_guard lock(mutex_);
      if (node->generation != generation || node->state != NodeState::kActive) return;
      node->frames.Feed(bytes, [&](uint64_t sequence, std::string_view payload) {
        if (payload.empty()) return;
        reports.emplace_back(sequence, protocol::TaskReport::Parse(payload));
        node->last_report = sequence;
        node->unsettled.insert(sequence);
      });
    } catch (const TrinoException& exception) {
      StreamEnded(node, generation, HttpError{HttpError::Kind::kMalformed, exception.what()});
      return;
    }
    for (auto& [sequence, report] : reports) {
      listener_.on_report(node->announcement.node, std::move(report),
                          [this, weak, sequence = sequence] { Settled(weak, sequence); });
    }
  };
  callbacks.on_end = [this, weak, generation](std::optional<HttpError> error) {
    if (const auto node = weak.lock()) StreamEnded(node, generation, std::move(error));
  };
  auto stream = client_.OpenStream(std::move(request), std::move(callbacks));
  const std::lock_guard lock(mutex_);
  if (node->generation == generation) node->stream = std::move(stream);
}

void NodeDirectory::Settled(const std::weak_ptr<Node>& weak, uint64_t sequence) {
  const auto node = weak.lock();
  if (!node) return;
  bool acknowledge;
  {
    const std::lock_guard lock(mutex_);
    node->unsettled.erase(sequence);
    acknowledge = node->announcement.draining && node->unsettled.empty();
  }
  if (acknowledge) Acknowledge(*node);
}

void NodeDirectory::StreamEnded(const std::shared_ptr<Node>& node, uint64_t generation,
                                std::optional<HttpError> error) {
  bool was_active;
  // Goes without the lock.
  std::shared_ptr<Node> forgotten;
  {
    const std::lock_guard lock(mutex_);
    if (node->generation != generation) return;
    was_active = node->state == NodeState::kActive;
    node->state = NodeState::kLost;
    const auto challenger = challengers_.find(node->announcement.node);
    if (challenger != challengers_.end() && challenger->second == node) challengers_.erase(challenger);
    if (was_active) losses_.push_back(node);
    if (losses_.size() > kRememberedLosses) {
      const auto oldest = losses_.front().lock();
      losses_.pop_front();
      const auto known = oldest ? nodes_.find(oldest->announcement.node) : nodes_.end();
      if (known != nodes_.end() && known->second == oldest && oldest->state == NodeState::kLost) {
        forgotten = std::move(known->second);
        nodes_.erase(known);
      }
    }
  }
  if (!was_active) return;
  const std::string reason = error ? error->message : "it closed its report stream";
  spdlog::warn("node {} is lost: {}", node->announcement.node.value, reason);
  listener_.on_lost(node->announcement, Error{errors::REMOTE_HOST_GONE, reason, {}, {}});
}

std::vector<ClusterNode> NodeDirectory::Nodes() const {
  const std::lock_guard lock(mutex_);
  std::vector<ClusterNode> nodes;
  for (const auto& [id, node] : nodes_) nodes.push_back({node->announcement, node->state});
  return nodes;
}

std::optional<std::string> NodeDirectory::UriOf(const NodeId& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(node);
  if (found == nodes_.end() || found->second->state != NodeState::kActive) return std::nullopt;
  return found->second->announcement.internal_uri;
}

std::string NodeDirectory::InstanceOf(const NodeId& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? std::string() : found->second->announcement.instance;
}

uint64_t NodeDirectory::LastSettledReport(const NodeId& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? 0 : found->second->last_settled();
}

}  // namespace planaria::coordinator
