#include "config/query_settings.h"

#include <fmt/format.h>

namespace planaria {

namespace {

constexpr std::string_view kPolicies[] = {"NONE", "QUERY", "TASK", "AUTO"};
constexpr std::string_view kJoinDistributions[] = {"AUTOMATIC", "PARTITIONED", "BROADCAST"};
constexpr std::string_view kCodecs[] = {"AUTOMATIC", "NONE", "LZ4", "ZSTD"};
// What Java's Integer.MAX_VALUE limits in Trino.
constexpr int64_t kIntMax = 2147483647;
constexpr double kFactorMax = 1e9;

void VisitRetry(RetrySettings& retry, SettingVisitor& visitor) {
  visitor.Enum({"retry-policy", "retry_policy", "Retry policy", true}, retry.policy, kPolicies);
  visitor.Integer({"query-retry-attempts", "query_retry_attempts", "Maximum number of query retry attempts"},
                  retry.query_attempts, 0, kIntMax);
  visitor.Integer({"task-retry-attempts-per-task", "task_retry_attempts_per_task",
                   "Maximum number of task retry attempts per single task"},
                  retry.task_attempts_per_task, 0, 126);
  visitor.Time({"retry-initial-delay", "retry_initial_delay",
                "Initial delay before initiating a retry attempt. Delay increases exponentially for each "
                "subsequent attempt up to 'retry_max_delay'"},
               retry.initial_delay, Duration(0));
  visitor.Time({"retry-max-delay", "retry_max_delay",
                "Maximum delay before initiating a retry attempt. Delay increases exponentially for each "
                "subsequent attempt starting from 'retry_initial_delay'"},
               retry.max_delay, Duration(0));
  visitor.Number({"retry-delay-scale-factor", "retry_delay_scale_factor",
                  "Factor by which retry delay is scaled on subsequent failures"},
                 retry.delay_scale_factor, 1.0, kFactorMax);
  visitor.Size({"auto-durable-bytes", "auto_durable_bytes",
                "Retry policy AUTO: estimated input from which a query retries tasks from the start"},
               retry.auto_durable_bytes);
  visitor.Time(
      {"auto-durable-after", "auto_durable_after",
       "Retry policy AUTO: time after which a query without result rows starts anew with task retries"},
      retry.auto_durable_after, Duration(0));
}

void VisitSizing(TaskSizingSettings& sizing, SettingVisitor& visitor) {
  visitor.Size({"fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min",
                "fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min",
                "Initial target input size of tasks that scan tables", true},
               sizing.scan_target_min);
  visitor.Size({"fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-max",
                "fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max",
                "Maximum target input size of tasks that scan tables", true},
               sizing.scan_target_max);
  visitor.Integer({"fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-growth-period",
                   "fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_growth_period",
                   "Number of tasks created before the target input size grows", true},
                  sizing.scan_target_growth_period, 1, kIntMax);
  visitor.Number({"fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-growth-factor",
                  "fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_growth_factor",
                  "Growth factor of the target input size", true},
                 sizing.scan_target_growth_factor, 1.0, kFactorMax);
  visitor.Size({"fault-tolerant-execution-hash-distribution-compute-task-target-size",
                "fault_tolerant_execution_hash_distribution_compute_task_target_size",
                "Target input size of tasks that read hash partitions", true},
               sizing.hash_target);
  visitor.Number({"fault-tolerant-execution-hash-distribution-compute-task-to-node-min-ratio",
                  "fault_tolerant_execution_hash_distribution_compute_task_to_node_min_ratio",
                  "Minimum ratio of tasks that read hash partitions to nodes", true},
                 sizing.hash_tasks_per_node_min, 0.0, kFactorMax);
  visitor.Integer(
      {"fault-tolerant-execution-merge-min-requests", "fault_tolerant_execution_merge_min_requests",
       "Requests that merging the outputs of an exchange has to save", true},
      sizing.merge_min_requests, 1, kIntMax);
  visitor.Size({"fault-tolerant-execution-arbitrary-distribution-write-task-target-size-min",
                "fault_tolerant_execution_arbitrary_distribution_write_task_target_size_min",
                "Initial target input size of tasks that scan tables and write", true},
               sizing.scan_write_target_min);
  visitor.Size({"fault-tolerant-execution-arbitrary-distribution-write-task-target-size-max",
                "fault_tolerant_execution_arbitrary_distribution_write_task_target_size_max",
                "Maximum target input size of tasks that scan tables and write", true},
               sizing.scan_write_target_max);
  visitor.Size({"fault-tolerant-execution-hash-distribution-write-task-target-size",
                "fault_tolerant_execution_hash_distribution_write_task_target_size",
                "Target input size of tasks that read hash partitions and write", true},
               sizing.hash_write_target);
  visitor.Size(
      {"fault-tolerant-execution-standard-split-size", "fault_tolerant_execution_standard_split_size",
       "Bytes that a split of standard weight counts for", true},
      sizing.standard_split_size);
  visitor.Integer(
      {"fault-tolerant-execution-max-task-split-count", "fault_tolerant_execution_max_task_split_count",
       "Maximum number of splits of one task", true},
      sizing.max_splits, 1, kIntMax);
  visitor.Integer(
      {"fault-tolerant-execution-max-partition-count", "fault_tolerant_execution_max_partition_count",
       "Maximum number of partitions for distributed joins and aggregations", true},
      sizing.max_partitions, 1, 1000);
  visitor.Integer(
      {"fault-tolerant-execution-min-partition-count", "fault_tolerant_execution_min_partition_count",
       "Minimum number of partitions for distributed joins and aggregations", true},
      sizing.min_partitions, 1, 1000);
  visitor.Flag({"fault-tolerant-execution-runtime-adaptive-partitioning-enabled",
                "fault_tolerant_execution_runtime_adaptive_partitioning_enabled",
                "Use more partitions where the estimate of an exchange is large", true},
               sizing.adaptive_partitioning);
  visitor.Integer({"fault-tolerant-execution-runtime-adaptive-partitioning-partition-count",
                   "fault_tolerant_execution_runtime_adaptive_partitioning_partition_count",
                   "Number of partitions of an exchange whose estimate is large", true},
                  sizing.adaptive_partitions, 1, 1000);
  visitor.Size({"fault-tolerant-execution-runtime-adaptive-partitioning-max-task-size",
                "fault_tolerant_execution_runtime_adaptive_partitioning_max_task_size",
                "Estimated size of a partition above which an exchange has more of them", true},
               sizing.adaptive_max_task_size);
}

void VisitOverlap(StageOverlapSettings& overlap, SettingVisitor& visitor) {
  visitor.Flag(
      {"fault-tolerant-execution-stage-overlap-enabled", "fault_tolerant_execution_stage_overlap_enabled",
       "Start tasks in idle slots while the stages that they read still run", true},
      overlap.enabled);
  visitor.Number({"fault-tolerant-execution-min-source-stage-progress",
                  "fault_tolerant_execution_min_source_stage_progress",
                  "Share of a stage's tasks that must have finished before its readers may start", true},
                 overlap.min_source_progress, 0.0, 1.0);
}

void VisitMemory(QueryMemorySettings& memory, SettingVisitor& visitor) {
  visitor.Size({"fault-tolerant-execution-task-memory", "fault_tolerant_execution_task_memory",
                "Estimated amount of memory a single task will use when TASK retries are on", true},
               memory.task);
  visitor.Number({"fault-tolerant-execution-task-memory-growth-factor",
                  "fault_tolerant_execution_task_memory_growth_factor",
                  "Factor by which the estimate grows when a task runs out of memory", true},
                 memory.task_growth_factor, 1.0, kFactorMax);
  visitor.Number({"fault-tolerant-execution-task-memory-estimation-quantile",
                  "fault_tolerant_execution_task_memory_estimation_quantile",
                  "Quantile of finished tasks' memory that later tasks are estimated with", true},
                 memory.task_estimation_quantile, 0.0, 1.0);
  visitor.Size(
      {"query.max-memory", "query_max_memory", "Maximum amount of distributed memory a query can use"},
      memory.query);
  visitor.Size({"query.max-total-memory", "query_max_total_memory",
                "Maximum amount of distributed total memory a query can use"},
               memory.query_total);
  visitor.Memory({"query.max-memory-per-node", "query_max_memory_per_node",
                  "Maximum amount of memory a query can use per node"},
                 memory.query_per_node);
}

void VisitLimits(QueryLimitSettings& limits, SettingVisitor& visitor) {
  visitor.Time({"query.max-run-time", "query_max_run_time",
                "Maximum run time of a query (includes the queueing time)"},
               limits.run_time, Duration(0));
  visitor.Time({"query.max-execution-time", "query_max_execution_time", "Maximum execution time of a query"},
               limits.execution_time, Duration(0));
  visitor.Time({"query.max-planning-time", "query_max_planning_time", "Maximum planning time of a query"},
               limits.planning_time, Duration(0));
  visitor.Time({"query.max-cpu-time", "query_max_cpu_time", "Maximum CPU time of a query"}, limits.cpu_time,
               Duration(0));
  visitor.OptionalSize({"query.max-scan-physical-bytes", "query_max_scan_physical_bytes",
                        "Maximum scan physical bytes of a query"},
                       limits.scan_physical_bytes);
  visitor.Integer(
      {"query.max-stage-count", "query_max_stage_count", "Maximum number of stages a query can have"},
      limits.stage_count, 1, kIntMax);
  visitor.Integer({"max-recursion-depth", "max_recursion_depth",
                   "Maximum recursion depth for recursive common table expression"},
                  limits.recursion_depth, 1, kIntMax);
}

}  // namespace

std::string_view RetryPolicyName(RetryPolicy policy) { return kPolicies[static_cast<size_t>(policy)]; }

void VisitQuerySettings(QuerySettings& settings, SettingVisitor& visitor) {
  VisitRetry(settings.retry, visitor);
  VisitSizing(settings.sizing, visitor);
  VisitOverlap(settings.overlap, visitor);
  VisitMemory(settings.memory, visitor);
  VisitLimits(settings.limits, visitor);
  visitor.Enum({"exchange.compression-codec", "exchange_compression_codec",
                "Compression codec used for data in exchanges"},
               settings.exchange_compression, kCodecs);
  visitor.Integer({"task.concurrency", "task_concurrency",
                   "Default number of local parallel jobs per task, a power of two; 0 chooses by cores"},
                  settings.task_concurrency, 0, 1024);
  visitor.Enum({"join-distribution-type", "join_distribution_type", "Join distribution type"},
               settings.join_distribution, kJoinDistributions);
  visitor.Size(
      {"join-max-broadcast-table-size", "join_max_broadcast_table_size",
       "Maximum estimated size of a table that can be broadcast when using automatic join type selection"},
      settings.join_max_broadcast_size);
  visitor.Flag({"fault-tolerant-execution-adaptive-query-planning-enabled",
                "fault_tolerant_execution_adaptive_query_planning_enabled",
                "Change plans while they run, by the real sizes of what has finished", true},
               settings.adaptive_planning);
}

std::optional<std::string> CheckQuerySettings(const QuerySettings& settings) {
  const int64_t threads = settings.task_concurrency;
  if ((threads & (threads - 1)) != 0)
    return fmt::format("task.concurrency is {}, expected a power of two", threads);
  return std::nullopt;
}

}  // namespace planaria
