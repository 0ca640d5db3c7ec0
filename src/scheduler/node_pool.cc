#include "scheduler/node_pool.h"

#include <algorithm>

namespace planaria::scheduler {
namespace {

/// How many nodes without enough memory Choose looks past before it calls the cluster busy.
constexpr int kMemoryCandidates = 16;

}  // namespace

std::optional<NodeIndex> NodePool::Find(const NodeId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

NodeIndex NodePool::Know(const NodeId& id) {
  const auto [entry, fresh] = by_id_.emplace(id, static_cast<NodeIndex>(nodes_.size()));
  if (fresh) nodes_.emplace_back().id = id;
  return entry->second;
}

void NodePool::Join(const NodeId& id, const std::string& instance, uint32_t slots, uint64_t memory_bytes,
                    bool is_coordinator) {
  const NodeIndex index = Know(id);
  Unlist(index);
  Node& node = nodes_[index];
  node.instance = instance;
  node.slots = slots;
  node.memory_bytes = memory_bytes;
  node.alive = true;
  node.draining = false;
  if (is_coordinator) coordinator_ = index;
  largest_memory_.reset();
  List(index);
}

std::vector<TaskRef> NodePool::Lose(NodeIndex index) {
  std::vector<TaskRef> ended;
  Node& node = nodes_[index];
  if (!node.alive) return ended;
  Unlist(index);
  for (const auto& [task, hold] : node.leases) ended.push_back(task);
  node.leases.clear();
  streams_ -= node.streams;
  node.used_slots = 0;
  node.streams = 0;
  node.used_memory = 0;
  node.alive = false;
  largest_memory_.reset();
  if (coordinator_ == index) coordinator_.reset();
  return ended;
}

void NodePool::Drain(NodeIndex index) {
  Unlist(index);
  nodes_[index].draining = true;
  largest_memory_.reset();
  List(index);
}

std::optional<NodeIndex> NodePool::Choose(const std::vector<NodeIndex>& avoid, uint64_t memory_bytes) const {
  const auto avoidable =
      std::count_if(avoid.begin(), avoid.end(), [&](NodeIndex index) { return nodes_[index].takes_tasks(); });
  const bool avoiding = avoidable < static_cast<int64_t>(shape_.nodes);
  int too_small = 0;
  for (const auto& [load, last_used, index] : free_) {
    if (avoiding && std::find(avoid.begin(), avoid.end(), index) != avoid.end()) continue;
    const Node& node = nodes_[index];
    const bool fits = memory_bytes == 0 || node.memory_bytes == 0 || node.leases.empty() ||
                      node.used_memory + memory_bytes <= node.memory_bytes;
    if (fits) return index;
    if (++too_small == kMemoryCandidates) break;
  }
  return std::nullopt;
}

std::optional<NodeIndex> NodePool::ChooseForStream() const {
  if (open_.empty()) return std::nullopt;
  return std::get<NodeIndex>(*open_.begin());
}

uint64_t NodePool::largest_memory() const {
  if (!largest_memory_) {
    largest_memory_ = 0;
    for (const Node& node : nodes_) {
      if (node.takes_tasks()) largest_memory_ = std::max(*largest_memory_, node.memory_bytes);
    }
  }
  return *largest_memory_;
}

void NodePool::Lease(NodeIndex index, const TaskRef& task, uint64_t memory_bytes, Claim claim) {
  Unlist(index);
  Node& node = nodes_[index];
  node.leases.emplace(task, Hold{memory_bytes, claim});
  node.used_slots += claim == Claim::kSlot ? 1 : 0;
  node.streams += claim == Claim::kStream ? 1 : 0;
  streams_ += claim == Claim::kStream ? 1 : 0;
  node.used_memory += memory_bytes;
  node.last_used = ++uses_;
  List(index);
}

void NodePool::Yield(NodeIndex index, const TaskRef& task) {
  if (!nodes_[index].leases.contains(task)) return;
  Release(index, task);
  nodes_[index].leases.emplace(task, Hold{0, Claim::kNothing});
}

void NodePool::Release(NodeIndex index, const TaskRef& task) {
  Node& node = nodes_[index];
  const auto lease = node.leases.find(task);
  if (lease == node.leases.end()) return;
  Unlist(index);
  node.used_slots -= lease->second.claim == Claim::kSlot ? 1 : 0;
  node.streams -= lease->second.claim == Claim::kStream ? 1 : 0;
  streams_ -= lease->second.claim == Claim::kStream ? 1 : 0;
  node.used_memory -= lease->second.memory_bytes;
  node.leases.erase(lease);
  List(index);
}

NodePool::LoadKey NodePool::KeyOf(NodeIndex index) const {
  const Node& node = nodes_[index];
  uint64_t load = (uint64_t{node.used_slots} + node.streams) * 1'000'000 / node.slots;
  if (node.memory_bytes > 0) {
    const double share = static_cast<double>(node.used_memory) / static_cast<double>(node.memory_bytes);
    load = std::max(load, static_cast<uint64_t>(share * 1e6));
  }
  return {load, node.last_used, index};
}

void NodePool::Unlist(NodeIndex index) {
  const Node& node = nodes_[index];
  if (!node.takes_tasks()) return;
  open_.erase(KeyOf(index));
  free_.erase(KeyOf(index));
  shape_.nodes -= 1;
  shape_.slots -= node.slots;
}

void NodePool::List(NodeIndex index) {
  const Node& node = nodes_[index];
  if (!node.takes_tasks()) return;
  open_.insert(KeyOf(index));
  if (node.used_slots < node.slots) free_.insert(KeyOf(index));
  shape_.nodes += 1;
  shape_.slots += node.slots;
}

}  // namespace planaria::scheduler
