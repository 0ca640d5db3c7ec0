// The cluster's nodes as the coordinator knows them: who announced itself, who is alive, what their tasks
// report.
//
// Workers announce themselves again and again; for every announced start of a worker the directory holds one
// endless response open (worker/report_log.h). Heartbeats and reports come over it. It breaks at once when
// the process dies, and after `loss_timeout` without a byte when the process, its machine or the network
// hangs; either way the node is lost, until it announces itself again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "env/http_client.h"
#include "protocol/task_messages.h"

namespace planaria::coordinator {

enum class NodeState : uint8_t { kConnecting, kActive, kLost };

struct ClusterNode {
  protocol::NodeAnnouncement announcement;
  NodeState state = NodeState::kConnecting;
};

/// Thread-safe.
class NodeDirectory {
 public:
  static constexpr size_t kRememberedLosses = 100;

  /// Called from loop threads, one node's calls in order.
  struct Listener {
    std::function<void(const protocol::NodeAnnouncement&)> on_joined;
    std::function<void(const protocol::NodeAnnouncement&, Error)> on_lost;
    /// An active node takes no new tasks from now on; again after it joined again.
    std::function<void(const protocol::NodeAnnouncement&)> on_draining;
    /// `settled` is to be called once, on any thread, when the node may forget the report.
    std::function<void(const NodeId&, protocol::TaskReport, std::function<void()> settled)> on_report;
  };

  NodeDirectory(HttpClient& client, Duration loss_timeout, Listener listener);
  ~NodeDirectory();

  /// Takes an announcement; opens the node's stream if it is new, restarted or was lost. When a restarted
  /// process answers, the former one is lost, noticed or not.
  void Announce(const protocol::NodeAnnouncement& announcement);
  /// A node of this very process: active without a stream.
  void AddLocal(const protocol::NodeAnnouncement& announcement);

  /// Of those that were lost the last kRememberedLosses: where machines come and go, names are many.
  std::vector<ClusterNode> Nodes() const;
  /// Where an active node listens; nothing when it is not active.
  std::optional<std::string> UriOf(const NodeId& node) const;
  /// Which start of the node's process is known; empty for an unknown node.
  std::string InstanceOf(const NodeId& node) const;
  /// Number of a report of the node that is settled like all before it, for acknowledging.
  uint64_t LastSettledReport(const NodeId& node) const;

 private:
  struct Node;
  void OpenStream(const std::shared_ptr<Node>& node);
  /// Tells a node that is about to go which of its reports arrived: no task will carry the news.
  void Acknowledge(const Node& node);
  /// The node answers; if it is a challenger, the process that it replaces is lost. False: it is of the past.
  bool Activate(const std::shared_ptr<Node>& node, uint64_t generation);
  void Settled(const std::weak_ptr<Node>& node, uint64_t sequence);
  void StreamEnded(const std::shared_ptr<Node>& node, uint64_t generation, std::optional<HttpError> error);

  HttpClient& client_;
  const Duration loss_timeout_;
  const Listener listener_;
  mutable std::mutex mutex_;
  std::map<NodeId, std::shared_ptr<Node>> nodes_;
  /// Announced as other starts of active nodes, and not yet heard from.
  std::map<NodeId, std::shared_ptr<Node>> challengers_;
  /// Who was lost, the last one at the end; some have come back since, or are gone.
  std::deque<std::weak_ptr<Node>> losses_;
};

}  // namespace planaria::coordinator
