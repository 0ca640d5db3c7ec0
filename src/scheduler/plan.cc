#include "scheduler/plan.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace planaria::scheduler {
namespace {

Error PlanFault(FragmentId fragment, const std::string& fault) {
  return Error{errors::GENERIC_INTERNAL_ERROR,
               "Fragment " + std::to_string(fragment.value) + " cannot be scheduled: " + fault,
               {},
               {}};
}

using Positions = std::unordered_map<FragmentId, size_t>;

std::optional<Error> FindHashFault(const QueryPlan& plan, const Positions& positions,
                                   const FragmentPlan& fragment) {
  if (!fragment.scans.empty()) return PlanFault(fragment.id, "a hash fragment has scans");
  std::optional<uint32_t> count;
  for (const FragmentInput& input : fragment.inputs) {
    if (input.mode != InputMode::kPartitioned) continue;
    const uint32_t partitions = plan.fragments[positions.at(input.producer)].output_partitions;
    if (count.value_or(partitions) != partitions) {
      return PlanFault(fragment.id, "its inputs have " + std::to_string(*count) + " and " +
                                        std::to_string(partitions) + " partitions");
    }
    count = partitions;
  }
  if (!count) return PlanFault(fragment.id, "a hash fragment has no partitioned input");
  return std::nullopt;
}

std::optional<Error> FindFragmentFault(const QueryPlan& plan, const Positions& positions,
                                       const FragmentPlan& fragment) {
  for (const FragmentInput& input : fragment.inputs) {
    if (!positions.contains(input.producer)) {
      return PlanFault(fragment.id,
                       "its producer " + std::to_string(input.producer.value) + " is not in the plan");
    }
    if (fragment.distribution == Distribution::kSource && input.mode == InputMode::kPartitioned) {
      return PlanFault(fragment.id, "a source fragment has a partitioned input");
    }
  }
  if (fragment.output_partitions == 0) return PlanFault(fragment.id, "it writes no partition");
  std::unordered_set<uint32_t> scans(fragment.scans.begin(), fragment.scans.end());
  if (scans.size() != fragment.scans.size()) return PlanFault(fragment.id, "a scan is there twice");
  if (fragment.distribution == Distribution::kHash) return FindHashFault(plan, positions, fragment);
  return std::nullopt;
}

bool Reads(const FragmentPlan& reader, FragmentId producer) {
  return std::any_of(reader.inputs.begin(), reader.inputs.end(),
                     [&](const FragmentInput& input) { return input.producer == producer; });
}

std::optional<Error> FindChoiceFault(const QueryPlan& plan, const Positions& positions) {
  std::unordered_set<FragmentId> members, never_named;
  for (const JoinChoice& choice : plan.choices) {
    const auto fault = [&](const std::string& text) {
      return PlanFault(choice.partitioned, "as one of two plans of a join: " + text);
    };
    if (plan.retry_policy != RetryPolicy::kTask) return fault("the query streams");
    for (const FragmentId id : {choice.decider, choice.broadcast, choice.shuffle, choice.partitioned}) {
      if (!positions.contains(id)) return fault(std::to_string(id.value) + " is not in the plan");
    }
    for (const FragmentId id : {choice.broadcast, choice.shuffle, choice.partitioned}) {
      if (!members.insert(id).second) return fault(std::to_string(id.value) + " is in it twice");
    }
    never_named.insert({choice.broadcast, choice.shuffle});
    const FragmentPlan& broadcast = plan.fragments[positions.at(choice.broadcast)];
    const FragmentPlan& partitioned = plan.fragments[positions.at(choice.partitioned)];
    if (!Reads(broadcast, choice.decider) || !Reads(partitioned, choice.decider) ||
        !Reads(partitioned, choice.shuffle)) {
      return fault("it does not read both sides");
    }
    if (broadcast.output_partitions != partitioned.output_partitions) {
      return fault("the other one writes other partitions");
    }
  }
  for (const JoinChoice& choice : plan.choices) {
    if (never_named.contains(choice.decider))
      return PlanFault(choice.decider, "it may be dropped, yet decides");
    for (const FragmentPlan& fragment : plan.fragments) {
      const bool own = fragment.id == choice.partitioned;
      if (Reads(fragment, choice.broadcast) || (!own && Reads(fragment, choice.shuffle)))
        return PlanFault(fragment.id, "it reads what may be dropped");
    }
  }
  if (never_named.contains(plan.root)) return PlanFault(plan.root, "the root may be dropped");
  return std::nullopt;
}

/// Of a fragment that merges: what allows to leave it out.
std::optional<Error> FindMergeFault(const QueryPlan& plan, const Positions& positions,
                                    const FragmentPlan& fragment) {
  const auto fault = [&](const std::string& text) {
    return PlanFault(fragment.id, "as one that merges: " + text);
  };
  if (plan.retry_policy != RetryPolicy::kTask) return fault("the query streams");
  if (fragment.distribution != Distribution::kHash || fragment.inputs.size() != 1 ||
      fragment.inputs.front().mode != InputMode::kPartitioned) {
    return fault("it does not read the partitions of one producer");
  }
  const FragmentPlan& producer = plan.fragments[positions.at(fragment.inputs.front().producer)];
  if (producer.output_partitions != fragment.output_partitions)
    return fault("its producer writes other partitions");
  if (producer.row_limit || producer.merges) return fault("its producer cannot take its place");
  if (plan.root == fragment.id) return fault("it is the root");
  for (const JoinChoice& choice : plan.choices) {
    for (const FragmentId id : {choice.decider, choice.broadcast, choice.shuffle, choice.partitioned}) {
      if (id == fragment.id || id == producer.id) return fault("it is part of a choice");
    }
  }
  for (const FragmentPlan& other : plan.fragments) {
    if (other.merges && other.id != fragment.id && Reads(other, producer.id))
      return fault("another one merges the same");
  }
  return std::nullopt;
}

}  // namespace

std::vector<size_t> ProducersFirst(const QueryPlan& plan) {
  Positions positions;
  for (size_t i = 0; i < plan.fragments.size(); ++i) positions.emplace(plan.fragments[i].id, i);
  std::vector<std::vector<FragmentId>> after(plan.fragments.size());
  for (size_t i = 0; i < plan.fragments.size(); ++i) {
    for (const FragmentInput& input : plan.fragments[i].inputs) after[i].push_back(input.producer);
  }
  for (const JoinChoice& choice : plan.choices) {
    const auto shuffle = positions.find(choice.shuffle), partitioned = positions.find(choice.partitioned);
    if (shuffle == positions.end() || partitioned == positions.end()) return {};
    after[shuffle->second].push_back(choice.decider);
    after[partitioned->second].push_back(choice.broadcast);
  }
  std::vector<size_t> open_inputs(plan.fragments.size());
  std::vector<std::vector<size_t>> consumers(plan.fragments.size());
  std::vector<size_t> order;
  for (size_t i = 0; i < plan.fragments.size(); ++i) {
    open_inputs[i] = after[i].size();
    if (open_inputs[i] == 0) order.push_back(i);
    for (const FragmentId earlier : after[i]) {
      const auto producer = positions.find(earlier);
      if (producer == positions.end()) return {};
      consumers[producer->second].push_back(i);
    }
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const size_t consumer : consumers[order[next]]) {
      if (--open_inputs[consumer] == 0) order.push_back(consumer);
    }
  }
  if (order.size() != plan.fragments.size()) return {};
  return order;
}

std::optional<Error> FindPlanFault(const QueryPlan& plan) {
  Positions positions;
  for (size_t i = 0; i < plan.fragments.size(); ++i) {
    if (!positions.emplace(plan.fragments[i].id, i).second) {
      return PlanFault(plan.fragments[i].id, "it is there twice");
    }
  }
  if (!positions.contains(plan.root)) return PlanFault(plan.root, "the root is not in the plan");
  for (const FragmentPlan& fragment : plan.fragments) {
    if (auto fault = FindFragmentFault(plan, positions, fragment)) return fault;
  }
  for (const FragmentPlan& fragment : plan.fragments) {
    if (!fragment.merges) continue;
    if (auto fault = FindMergeFault(plan, positions, fragment)) return fault;
  }
  if (auto fault = FindChoiceFault(plan, positions)) return fault;
  if (ProducersFirst(plan).empty()) return PlanFault(plan.root, "the fragments read each other in a circle");
  return std::nullopt;
}

}  // namespace planaria::scheduler
