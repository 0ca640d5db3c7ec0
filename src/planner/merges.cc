#include "planner/merges.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace planaria::planner {

namespace {

bool IsRead(const DistributedPlan& plan, uint32_t producer) {
  return std::any_of(plan.fragments.begin(), plan.fragments.end(), [&](const Fragment& fragment) {
    return std::any_of(fragment.inputs.begin(), fragment.inputs.end(), [&](const FragmentInput& input) {
      return input.partitioned && input.producer == producer;
    });
  });
}

Fragment MergeOf(const Fragment& producer, uint32_t input_id) {
  Fragment merge;
  merge.distribution = Distribution::kHash;
  merge.partition_count = merge.output_partition_count = producer.output_partition_count;
  merge.inputs.push_back({input_id, producer.id, true, false});
  merge.output = producer.output;
  merge.estimated_rows = producer.estimated_rows;
  merge.estimated_bytes = producer.estimated_bytes;
  merge.merges = true;
  return merge;
}

}  // namespace

void AddMerges(uint32_t from_partitions, DistributedPlan& plan) {
  std::set<uint32_t> in_choices;
  for (const JoinChoice& choice : plan.choices)
    in_choices.insert({choice.decider, choice.broadcast, choice.shuffle, choice.partitioned});
  uint32_t next_input = 0;
  for (const Fragment& fragment : plan.fragments) {
    for (const FragmentInput& input : fragment.inputs) next_input = std::max(next_input, input.input_id + 1);
  }
  std::vector<Fragment> fragments;
  // By former number: the fragment's new one, and that of what merges its outputs.
  std::map<uint32_t, uint32_t> numbers, merged;
  for (Fragment& fragment : plan.fragments) {
    const bool wide = fragment.output == ExchangeType::kRepartitionHash &&
                      fragment.output_partition_count >= from_partitions && !fragment.row_limit &&
                      !in_choices.contains(fragment.id) && IsRead(plan, fragment.id);
    std::optional<Fragment> merge;
    if (wide) merge = MergeOf(fragment, next_input++);
    const uint32_t former = fragment.id;
    numbers[former] = static_cast<uint32_t>(fragments.size());
    fragments.push_back(fragment);
    if (!merge) continue;
    merged[former] = static_cast<uint32_t>(fragments.size());
    fragments.push_back(*std::move(merge));
  }
  for (uint32_t id = 0; id < fragments.size(); id++) {
    Fragment& fragment = fragments[id];
    fragment.id = id;
    for (FragmentInput& input : fragment.inputs) {
      const auto instead = merged.find(input.producer);
      const bool through = input.partitioned && !fragment.merges && instead != merged.end();
      input.producer = through ? instead->second : numbers.at(input.producer);
    }
  }
  for (JoinChoice& choice : plan.choices) {
    for (uint32_t* member : {&choice.decider, &choice.broadcast, &choice.shuffle, &choice.partitioned})
      *member = numbers.at(*member);
  }
  plan.fragments = std::move(fragments);
}

}  // namespace planaria::planner
