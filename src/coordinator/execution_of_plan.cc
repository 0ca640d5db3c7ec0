#include "coordinator/execution_of_plan.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace planaria::coordinator {

namespace {

scheduler::Distribution SchedulerDistribution(planner::Distribution distribution) {
  switch (distribution) {
    case planner::Distribution::kSource:
      return scheduler::Distribution::kSource;
    case planner::Distribution::kHash:
      return scheduler::Distribution::kHash;
    case planner::Distribution::kSingle:
      return scheduler::Distribution::kSingle;
    case planner::Distribution::kCoordinator:
      break;
  }
  return scheduler::Distribution::kCoordinator;
}

scheduler::RetryPolicy SchedulerPolicy(RetryPolicy policy) {
  switch (policy) {
    case RetryPolicy::kNone:
      return scheduler::RetryPolicy::kNone;
    case RetryPolicy::kQuery:
      return scheduler::RetryPolicy::kQuery;
    case RetryPolicy::kAuto:
      return scheduler::RetryPolicy::kAuto;
    case RetryPolicy::kTask:
      break;
  }
  return scheduler::RetryPolicy::kTask;
}

scheduler::QueryLimits LimitsOf(const QuerySettings& settings) {
  scheduler::QueryLimits limits;
  limits.task_retry_attempts = static_cast<uint32_t>(settings.retry.task_attempts_per_task);
  limits.query_retry_attempts = static_cast<uint32_t>(settings.retry.query_attempts);
  limits.auto_durable_after = settings.retry.auto_durable_after;
  limits.retry_initial_delay = settings.retry.initial_delay;
  limits.retry_max_delay = settings.retry.max_delay;
  limits.retry_delay_scale_factor = settings.retry.delay_scale_factor;
  limits.early_reading = settings.overlap.enabled;
  limits.min_source_stage_progress = settings.overlap.min_source_progress;
  limits.task_memory_growth_factor = settings.memory.task_growth_factor;
  limits.task_memory_estimation_quantile = settings.memory.task_estimation_quantile;
  limits.scan_task_target_min_bytes = settings.sizing.scan_target_min.bytes;
  limits.scan_task_target_max_bytes = settings.sizing.scan_target_max.bytes;
  limits.scan_task_growth_period = static_cast<uint32_t>(settings.sizing.scan_target_growth_period);
  limits.scan_task_growth_factor = settings.sizing.scan_target_growth_factor;
  limits.scan_task_floor_bytes =
      std::min(limits.scan_task_floor_bytes, settings.sizing.scan_target_min.bytes);
  limits.max_task_split_count = static_cast<uint32_t>(settings.sizing.max_splits);
  limits.standard_split_bytes = settings.sizing.standard_split_size.bytes;
  limits.hash_task_target_bytes = settings.sizing.hash_target.bytes;
  limits.hash_task_floor_bytes = std::min(limits.hash_task_floor_bytes, settings.sizing.hash_target.bytes);
  limits.scan_write_task_target_min_bytes = settings.sizing.scan_write_target_min.bytes;
  limits.scan_write_task_target_max_bytes = settings.sizing.scan_write_target_max.bytes;
  limits.hash_write_task_target_bytes = settings.sizing.hash_write_target.bytes;
  limits.merge_min_requests = static_cast<uint64_t>(settings.sizing.merge_min_requests);
  limits.hash_task_to_node_min_ratio = settings.sizing.hash_tasks_per_node_min;
  return limits;
}

scheduler::QueryPlan SchedulerPlan(const planner::DistributedPlan& plan, const QuerySettings& settings) {
  scheduler::QueryPlan result;
  for (const planner::Fragment& fragment : plan.fragments) {
    scheduler::FragmentPlan part;
    part.id = {fragment.id};
    part.distribution = SchedulerDistribution(fragment.distribution);
    part.output_partitions = fragment.output_partition_count;
    part.row_limit = fragment.row_limit;
    part.writes = fragment.writes;
    part.merges = fragment.merges;
    for (const planner::FragmentInput& input : fragment.inputs) {
      part.inputs.push_back(
          {{input.producer},
           input.partitioned ? scheduler::InputMode::kPartitioned : scheduler::InputMode::kGather,
           input.splittable});
    }
    for (const planner::FragmentScan& scan : fragment.scans) part.scans.push_back(scan.scan_id);
    result.fragments.push_back(std::move(part));
  }
  for (const planner::JoinChoice& choice : plan.choices) {
    // When a broadcast was planned, its reader would have waited for the decider anyway.
    result.choices.push_back({{choice.decider},
                              choice.max_broadcast_bytes,
                              {choice.broadcast},
                              {choice.shuffle},
                              {choice.partitioned},
                              !choice.planned_broadcast});
  }
  result.root = {plan.root().id};
  result.retry_policy = SchedulerPolicy(settings.retry.policy);
  result.limits = LimitsOf(settings);
  return result;
}

std::shared_ptr<const SplitPayloads> PackPayloads(const QueryId& query,
                                                  const std::vector<connector::Split>& splits,
                                                  DescriptorStorage& storage) {
  const auto payloads = std::make_shared<SplitPayloads>(storage, query);
  for (const connector::Split& split : splits) payloads->Add(split.payload);
  payloads->Close();
  return payloads;
}

}  // namespace

Execution ExecutionOfPlan(const QueryId& query, planner::DistributedPlan& plan, const QuerySettings& settings,
                          protocol::TaskSession session, DescriptorStorage& storage) {
  // Both plans of a join have scans of the same number, with the same splits.
  std::map<uint32_t, std::shared_ptr<const SplitPayloads>> known;
  Execution execution;
  execution.plan = SchedulerPlan(plan, settings);
  execution.session = std::move(session);
  for (planner::Fragment& fragment : plan.fragments) {
    ExecutionFragment& part = execution.fragments[{fragment.id}];
    part.plan = fragment.plan;
    part.output_partitions = fragment.output_partition_count;
    for (const planner::FragmentInput& input : fragment.inputs) part.input_ids.push_back(input.input_id);
    for (planner::FragmentScan& scan : fragment.scans) {
      auto& payloads = known[scan.scan_id];
      if (!payloads) payloads = PackPayloads(query, scan.splits, storage);
      part.payloads[scan.scan_id] = payloads;
      auto& splits = part.scans[scan.scan_id];
      splits.reserve(scan.splits.size());
      for (connector::Split& split : scan.splits) {
        splits.push_back({{}, split.rows, split.bytes});
        split.payload = {};
      }
    }
  }
  return execution;
}

void CheckOutputPartitions(const planner::DistributedPlan& plan, int64_t allowed) {
  for (const planner::Fragment& fragment : plan.fragments) {
    if (fragment.output_partition_count <= allowed) continue;
    throw TrinoException(errors::MAX_OUTPUT_PARTITION_COUNT_EXCEEDED,
                         "Max number of output partitions exceeded for exchange 'external-exchange-" +
                             std::to_string(fragment.id) + "'. Allowed: " + std::to_string(allowed) +
                             ". Requested: " + std::to_string(fragment.output_partition_count) + ".");
  }
}

}  // namespace planaria::coordinator
