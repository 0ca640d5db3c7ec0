// Fragments that merge wide exchanges: whether they do, and how they are cut.
#include <algorithm>
#include <numeric>

#include "scheduler/exchange_cost.h"
#include "scheduler/hash_packer.h"
#include "scheduler/query.h"

namespace planaria::scheduler {

namespace {

/// What there will be when the stage is complete, if the rest of it is like what there is.
ExchangeSize Expect(const Stage& producer, const ClusterShape& cluster, const QueryLimits& limits) {
  const double whole =
      producer.complete() ? 1.0 : static_cast<double>(producer.tasks()) / std::max(1u, producer.known());
  std::vector<uint64_t> bytes = producer.output_bytes;
  for (uint64_t& partition : bytes) partition = static_cast<uint64_t>(static_cast<double>(partition) * whole);
  return {producer.complete() ? producer.committed : producer.tasks(),
          PackHashPartitions(bytes, cluster, limits).size(),
          std::accumulate(bytes.begin(), bytes.end(), uint64_t{0})};
}

}  // namespace

void Query::DecideMerges(uint32_t index, const ClusterShape& cluster) {
  const Stage& producer = *stages_[index];
  if (!producer.cut) return;
  const auto reader = std::find_if(
      consumers_[index].begin(), consumers_[index].end(),
      [&](uint32_t consumer) { return stages_[consumer]->plan.merges && stages_[consumer]->undecided; });
  if (reader == consumers_[index].end()) return;
  const uint32_t merge = *reader;
  // Known before anything has run, so that its readers may start early.
  const bool narrow =
      uint64_t{producer.tasks()} * producer.plan.output_partitions < limits.merge_min_requests;
  const double enough = std::max(1.0, limits.min_source_stage_progress * producer.tasks());
  if (!narrow && !producer.complete() && producer.known() < enough) return;
  const bool merges =
      !narrow && MergingTasks(Expect(producer, cluster, limits), limits.merge_min_requests).has_value();
  Decide(merge, merges);
  decided_.push_back({id, stages_[merge]->plan.id, merges});
}

void Query::RestoreMerge(const MergeDecided& decision) {
  const auto stage = FindStage(decision.fragment);
  if (stage && stages_[*stage]->plan.merges && stages_[*stage]->undecided) Decide(*stage, decision.merges);
}

void Query::Decide(uint32_t merge, bool merges) {
  stages_[merge]->undecided = false;
  if (!merges) {
    Drop(merge);
    const std::vector<uint32_t> readers = consumers_[merge];
    Replace(merge, producers_[merge].front());
    for (const uint32_t reader : readers) RefreshReady(reader);
  }
  RefreshReady(merge);
}

std::vector<TaskWork> Query::MergeTasks(uint32_t merge, const ClusterShape& cluster) const {
  const Stage& producer = *stages_[producers_[merge].front()];
  // The decision was made on a part of the outputs: by all of them it may save nothing, but it stands.
  const uint32_t tasks = MergingTasks(Expect(producer, cluster, limits), 0).value_or(1);
  std::vector<uint32_t> all(producer.plan.output_partitions);
  std::iota(all.begin(), all.end(), 0);
  std::vector<TaskWork> work;
  for (uint32_t task = 0; task < tasks; ++task) work.push_back({{}, all, InputSlice{0, task, tasks}});
  return work;
}

}  // namespace planaria::scheduler
