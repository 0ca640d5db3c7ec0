// The settings of one query: config.properties gives the defaults, session properties override them.
#pragma once

#include <cstdint>
#include <optional>

#include "config/setting_visitor.h"

namespace planaria {

/// What is run again after a failure: nothing, the whole query, or the failed task. kAuto begins like kQuery
/// and becomes kTask when a run fails, lasts or is expected to be large. Ours.
enum class RetryPolicy : uint8_t { kNone, kQuery, kTask, kAuto };
enum class JoinDistribution : uint8_t { kAutomatic, kPartitioned, kBroadcast };
/// kAutomatic: raw pages on local disks, LZ4 on object stores.
enum class CompressionCodec : uint8_t { kAutomatic, kNone, kLz4, kZstd };

/// Trino's spelling: NONE, QUERY, TASK; AUTO.
std::string_view RetryPolicyName(RetryPolicy policy);

struct RetrySettings {
  RetryPolicy policy = RetryPolicy::kNone;
  /// Runs after the first one.
  int64_t query_attempts = 4;
  int64_t task_attempts_per_task = 4;
  Duration initial_delay = std::chrono::seconds(10);
  Duration max_delay = std::chrono::minutes(1);
  double delay_scale_factor = 2.0;
  /// kAuto: queries expected to read more than this are durable from the start.
  DataSize auto_durable_bytes{uint64_t{1} << 30};
  /// kAuto: a run that has given out no row by then becomes durable.
  Duration auto_durable_after = std::chrono::seconds(10);
};

/// How much input one task gets, and how many partitions an exchange has. Where a minimum is above its
/// maximum, the maximum holds: lowering one property alone must work.
struct TaskSizingSettings {
  DataSize scan_target_min{uint64_t{512} << 20};
  DataSize scan_target_max{uint64_t{50} << 30};
  int64_t scan_target_growth_period = 64;
  double scan_target_growth_factor = 1.26;
  DataSize hash_target{uint64_t{512} << 20};
  double hash_tasks_per_node_min = 2.0;
  /// TASK: what merging the outputs of an exchange has to save; ours.
  int64_t merge_min_requests = 10'000;
  DataSize standard_split_size{uint64_t{64} << 20};
  int64_t max_splits = 2048;
  /// The first target and the largest one of tasks that write, by scans; and of those that read partitions.
  DataSize scan_write_target_min{uint64_t{4} << 30};
  DataSize scan_write_target_max{uint64_t{50} << 30};
  DataSize hash_write_target{uint64_t{4} << 30};
  int64_t max_partitions = 50;
  int64_t min_partitions = 4;
  /// TASK: exchanges estimated at more than this for each of max_partitions have more of them.
  bool adaptive_partitioning = false;
  int64_t adaptive_partitions = 1000;
  DataSize adaptive_max_task_size{uint64_t{12} << 30};
};

/// Tasks that read what their producers have committed while these still run.
struct StageOverlapSettings {
  bool enabled = true;
  /// The share of a producer's tasks that must have finished.
  double min_source_progress = 0.2;
};

struct QueryMemorySettings {
  /// First guess of what one task takes, for packing tasks onto a node.
  DataSize task{uint64_t{5} << 30};
  double task_growth_factor = 3.0;
  double task_estimation_quantile = 0.9;
  /// Limits of a query over all nodes and on one node; not enforced under TASK, as in Trino.
  DataSize query{uint64_t{20} << 30};
  DataSize query_total{uint64_t{40} << 30};
  MemorySize query_per_node = MemorySize::Share(0.3);
};

/// Passing one ends the query: EXCEEDED_TIME_LIMIT, EXCEEDED_CPU_LIMIT, EXCEEDED_SCAN_LIMIT,
/// QUERY_HAS_TOO_MANY_STAGES.
struct QueryLimitSettings {
  Duration run_time = std::chrono::hours(24 * 100);
  Duration execution_time = std::chrono::hours(24 * 100);
  Duration planning_time = std::chrono::minutes(10);
  Duration cpu_time = std::chrono::hours(24 * 100'000);
  /// Of the splits that are read.
  std::optional<DataSize> scan_physical_bytes;
  int64_t stage_count = 150;
  /// Steps of WITH RECURSIVE.
  int64_t recursion_depth = 10;
};

struct QuerySettings {
  RetrySettings retry;
  TaskSizingSettings sizing;
  StageOverlapSettings overlap;
  QueryMemorySettings memory;
  QueryLimitSettings limits;
  CompressionCodec exchange_compression = CompressionCodec::kAutomatic;
  /// Threads of one task; 0 = chosen from cores and policy.
  int64_t task_concurrency = 0;
  JoinDistribution join_distribution = JoinDistribution::kAutomatic;
  /// A join's build side up to this size may be sent whole to every task.
  DataSize join_max_broadcast_size{uint64_t{100} << 20};
  /// TASK: joins whose estimates may be wrong are planned both ways and choose by real sizes.
  bool adaptive_planning = true;
};

/// Calls `visitor` for every setting of `settings`, in a fixed order.
void VisitQuerySettings(QuerySettings& settings, SettingVisitor& visitor);

/// What one setting alone cannot say is wrong, as text; nothing when all is well.
std::optional<std::string> CheckQuerySettings(const QuerySettings& settings);

}  // namespace planaria
