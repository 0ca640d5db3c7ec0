// What the scheduler knows of a query: fragments, who reads whom, and the limits of its retries and task
// sizes. The plans themselves, the rows of the tables and the addresses of the nodes are none of its
// business.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/units.h"

namespace planaria::scheduler {

/// Time as the caller passes it in with every call; nothing here reads a clock. Must not go backwards (an
/// earlier value counts as the latest one seen).
using TimePoint = std::chrono::steady_clock::time_point;

/// What happens when a task fails.
enum class RetryPolicy : uint8_t {
  /// The query ends. All its tasks run at once and stream to each other.
  kNone,
  /// All tasks stream; the whole query runs again.
  kQuery,
  /// Outputs are spooled; the task runs again.
  kTask,
  /// Starts like kQuery and becomes kTask when it fails or lasts (QueryLimits::auto_durable_after).
  kAuto,
};

enum class Distribution : uint8_t {
  /// Tasks are cut from splits; a fragment without any split still gets one task.
  kSource,
  /// The partitions of the hashed inputs, small ones merged: a task reads a list of partitions.
  kHash,
  /// One task on any worker; reads every split of its scans, if it has any.
  kSingle,
  /// One task on the coordinator's node. It takes no slot there: the end of a query must not wait for
  /// workers.
  kCoordinator,
};

enum class InputMode : uint8_t {
  /// A hash task reads its own partitions; any other task reads all partitions.
  kPartitioned,
  /// Every task reads everything, which the producer wrote into partition 0.
  kReplicated,
  /// Every task reads all partitions.
  kGather,
};

struct FragmentInput {
  FragmentId producer;
  InputMode mode = InputMode::kPartitioned;
  /// Tasks may share a partition of this input when it is very large: each reads the rows of some producer
  /// tasks, and all rows of the partition from the other inputs (the probe side of a join that keeps no
  /// unmatched build rows).
  bool splittable = false;
};

struct FragmentPlan {
  FragmentId id;
  Distribution distribution = Distribution::kSource;
  std::vector<FragmentInput> inputs;
  /// Scan ids inside the fragment; their splits come with SplitsAdded.
  std::vector<uint32_t> scans;
  /// Partitions that each task of this fragment writes, at least 1.
  uint32_t output_partitions = 1;
  /// Bytes of node memory that one task is expected to need; 0 when unknown, then only slots count.
  uint64_t memory_bytes = 0;
  /// Readers need no more rows than this from all tasks together (a LIMIT above): once the committed outputs
  /// hold as many, the other tasks are not needed and the stage is complete.
  std::optional<uint64_t> row_limit = {};
  /// Its tasks write into a table: cut by the targets for writers, partitions never merged away.
  bool writes = false;
  /// Writes what its only input holds, in fewer and larger objects: each task reads all of what some of the
  /// producer's tasks have written. Whether it does is decided by what requests cost (exchange_cost.h), once,
  /// when enough of the producer's output is known; if not, its readers get the producer's outputs instead.
  bool merges = false;
};

/// A join with two plans, of which one runs. It is chosen once, when the output of one side is complete: no
/// more than `max_broadcast_bytes` of it go to every task of the other side, more is shuffled with it.
/// Readers of the join name `partitioned`, and read `broadcast` if that is chosen.
struct JoinChoice {
  /// Makes the side whose size decides.
  FragmentId decider;
  uint64_t max_broadcast_bytes = 0;
  /// The other side's work and the join, with all of the decider's output.
  FragmentId broadcast;
  /// The other side's work, its rows written by the join keys; and the join of these partitions. Nobody else
  /// reads `shuffle`.
  FragmentId shuffle;
  FragmentId partitioned;
  /// Tasks of `shuffle` may take slots that the decider leaves idle, before the choice is made. Once a
  /// quarter of them has finished, so much is done that it is chosen whatever the size.
  bool shuffle_may_start = false;
};

/// Session properties of one query, with Trino's defaults where Trino has the property.
struct QueryLimits {
  /// `task_retry_attempts_per_task`: extra runs of one task after its first failure.
  uint32_t task_retry_attempts = 4;
  /// `retry_initial_delay`, `retry_max_delay`, `retry_delay_scale_factor`. The delay is per task, not per
  /// query.
  Duration retry_initial_delay = std::chrono::seconds(10);
  Duration retry_max_delay = std::chrono::minutes(1);
  double retry_delay_scale_factor = 2.0;
  /// `query_retry_attempts`: extra runs of the whole query under QUERY.
  uint32_t query_retry_attempts = 4;
  /// AUTO: a streaming run that has given no row to the client by then is stopped and runs again as TASK.
  Duration auto_durable_after = std::chrono::seconds(10);
  /// `fault_tolerant_execution_task_memory_growth_factor`: applied when a task ran out of memory.
  double task_memory_growth_factor = 3.0;
  /// `fault_tolerant_execution_task_memory_estimation_quantile` of the peaks of a stage's finished tasks is
  /// what its later tasks are expected to need.
  double task_memory_estimation_quantile = 0.9;
  /// Copies of stragglers run in idle slots. Ours.
  bool speculation = true;
  /// Tasks start in idle slots while their producers still run, once each of these has finished
  /// `fault_tolerant_execution_min_source_stage_progress` of its tasks. Only for workers that take AddInputs.
  bool early_reading = false;
  double min_source_stage_progress = 0.2;

  /// Scan tasks are not cut smaller than this, so that a tiny table is one task. Ours.
  uint64_t scan_task_floor_bytes = 8ull << 20;
  /// `..._arbitrary_distribution_compute_task_target_size_min`, `_max`, `_growth_period`, `_growth_factor`.
  uint64_t scan_task_target_min_bytes = 512ull << 20;
  uint64_t scan_task_target_max_bytes = 50ull << 30;
  /// The first two for tasks that write: `..._arbitrary_distribution_write_task_target_size_min`, `_max`.
  uint64_t scan_write_task_target_min_bytes = 4ull << 30;
  uint64_t scan_write_task_target_max_bytes = 50ull << 30;
  uint32_t scan_task_growth_period = 64;
  double scan_task_growth_factor = 1.26;
  /// `fault_tolerant_execution_max_task_split_count`.
  uint32_t max_task_split_count = 2048;
  /// `fault_tolerant_execution_standard_split_size`: what a split of unknown size counts for.
  uint64_t standard_split_bytes = 64ull << 20;

  /// A hash task is not cut smaller than this: less total input than this is one task. Ours.
  uint64_t hash_task_floor_bytes = 4ull << 20;
  /// `fault_tolerant_execution_hash_distribution_compute_task_target_size`.
  uint64_t hash_task_target_bytes = 512ull << 20;
  /// `fault_tolerant_execution_hash_distribution_write_task_target_size`.
  uint64_t hash_write_task_target_bytes = 4ull << 30;
  /// What a merged exchange has to save at least, in requests. Ours.
  uint64_t merge_min_requests = 10'000;
  /// `fault_tolerant_execution_hash_distribution_compute_task_to_node_min_ratio`.
  double hash_task_to_node_min_ratio = 2.0;
};

struct QueryPlan {
  /// In any order; inputs name producers, the whole is a DAG.
  std::vector<FragmentPlan> fragments;
  /// Its committed output is the query's result.
  FragmentId root;
  RetryPolicy retry_policy = RetryPolicy::kTask;
  QueryLimits limits;
  /// Under TASK only.
  std::vector<JoinChoice> choices = {};
  /// TASK with outputs kept on the node that made them: a lost node then loses them, and the ones still
  /// needed are made again.
  bool outputs_die_with_node = false;
  /// The number of every task's first attempt. Not 0 when a query goes on after a restart of the coordinator:
  /// the numbers below belong to its earlier starts, of which the journal may not know all, or to streaming
  /// runs of an AUTO query that had become durable (BecameDurable).
  uint32_t first_attempt = 0;
};

/// Positions in `plan.fragments`, producers before consumers, and of a choice the decider and `broadcast`
/// before the others. Empty when the inputs form a cycle or name an unknown fragment.
std::vector<size_t> ProducersFirst(const QueryPlan& plan);

/// GENERIC_INTERNAL_ERROR naming the fragment when the plan cannot be scheduled: no or double fragments,
/// unknown producers or root, cycles, a hash fragment with scans, without partitioned input or with inputs of
/// different partition counts, a choice whose plans cannot stand for each other, a merging fragment that
/// cannot be left out.
std::optional<Error> FindPlanFault(const QueryPlan& plan);

}  // namespace planaria::scheduler
