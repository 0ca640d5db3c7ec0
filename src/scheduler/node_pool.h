// The nodes, what each still has free, and who holds the rest.
//
// A node is a number here that stays with its id over restarts, so that attempts remember it cheaply. A lease
// is one running attempt's hold on a node. Choosing the least loaded node is O(log n); it looks past a
// bounded number of unsuited ones only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "scheduler/hash_packer.h"

namespace planaria::scheduler {

using NodeIndex = uint32_t;

/// One attempt, by numbers only; `query` is the serial number the scheduler gave it.
struct TaskRef {
  uint64_t query = 0;
  uint32_t stage = 0;
  uint32_t partition = 0;
  uint32_t attempt = 0;
  auto operator<=>(const TaskRef&) const = default;
};

/// What a lease takes from its node.
enum class Claim : uint8_t {
  kSlot,
  /// A streaming task: takes no slot, but counts as load where others are placed.
  kStream,
  /// The coordinator's own tasks.
  kNothing,
};

class NodePool {
 public:
  /// Adds a node, or updates the one with this id. Any lost instance must have been taken out by Lose before.
  void Join(const NodeId& id, const std::string& instance, uint32_t slots, uint64_t memory_bytes,
            bool is_coordinator);
  /// Takes a node out and returns the leases that end with it, in order. Nothing when it is not there.
  std::vector<TaskRef> Lose(NodeIndex node);
  void Drain(NodeIndex node);
  /// Since Drain, until it joins again; also once it is gone.
  bool draining(NodeIndex node) const { return nodes_[node].draining; }

  std::optional<NodeIndex> Find(const NodeId& id) const;
  /// The index of a node that may not have joined yet.
  NodeIndex Know(const NodeId& id);
  bool alive(NodeIndex node) const { return nodes_[node].alive; }
  const NodeId& id(NodeIndex node) const { return nodes_[node].id; }
  const std::string& instance(NodeIndex node) const { return nodes_[node].instance; }

  /// The least loaded node with a free slot, the one used longest ago among equals. Never one of `avoid`
  /// while another node is there. `memory_bytes` must be free, or the node empty. Nothing: busy, or no node.
  std::optional<NodeIndex> Choose(const std::vector<NodeIndex>& avoid, uint64_t memory_bytes) const;
  /// The least loaded node, with or without a free slot.
  std::optional<NodeIndex> ChooseForStream() const;
  /// The coordinator's node, if it is there.
  std::optional<NodeIndex> coordinator() const { return coordinator_; }

  void Lease(NodeIndex node, const TaskRef& task, uint64_t memory_bytes, Claim claim);
  /// The lease goes on, and claims nothing.
  void Yield(NodeIndex node, const TaskRef& task);
  /// No effect when the lease has ended with its node.
  void Release(NodeIndex node, const TaskRef& task);

  /// Of the nodes that take tasks; 0 when unknown. Costs a look at all nodes after each that came or went.
  uint64_t largest_memory() const;

  /// Nodes that take new tasks, and their slots.
  ClusterShape shape() const { return shape_; }
  bool has_free_slot() const { return !free_.empty(); }
  /// Streaming tasks that run.
  uint64_t streams() const { return streams_; }

 private:
  struct Hold {
    uint64_t memory_bytes;
    Claim claim;
  };
  struct Node {
    NodeId id;
    std::string instance;
    uint32_t slots = 0;
    uint64_t memory_bytes = 0;
    bool alive = false;
    bool draining = false;
    uint32_t used_slots = 0;
    uint32_t streams = 0;
    uint64_t used_memory = 0;
    uint64_t last_used = 0;
    std::map<TaskRef, Hold> leases = {};
    bool takes_tasks() const { return alive && !draining && slots > 0; }
  };
  /// Load in millionths of the scarcer of slots (which streaming tasks share) and memory, then the time of
  /// last use.
  using LoadKey = std::tuple<uint64_t, uint64_t, NodeIndex>;

  LoadKey KeyOf(NodeIndex index) const;
  /// Takes the node out of the shape and the sets before a change, and puts it back after.
  void Unlist(NodeIndex index);
  void List(NodeIndex index);

  std::vector<Node> nodes_;
  std::unordered_map<NodeId, NodeIndex> by_id_;
  /// Nodes that take tasks; those of them with a free slot.
  std::set<LoadKey> open_;
  std::set<LoadKey> free_;
  uint64_t streams_ = 0;
  /// Nothing: has to be found again.
  mutable std::optional<uint64_t> largest_memory_;
  ClusterShape shape_;
  std::optional<NodeIndex> coordinator_;
  uint64_t uses_ = 0;
};

}  // namespace planaria::scheduler
