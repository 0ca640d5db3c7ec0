// From a query's text to fragments: bind and optimise in the kernel, then cut.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "connector/table_writes.h"
#include "kernel/engine.h"
#include "planner/distributed_plan.h"
#include "sql/types/type.h"

namespace planaria::planner {

/// Where the catalog `system` is attached: the kernel keeps that name for itself.
inline constexpr const char* kSystemCatalog = "$system";

/// The cluster and the limits that decide where to cut and how wide.
struct PlannerOptions {
  uint32_t worker_count = 1;
  /// Tasks that one worker runs at once.
  uint32_t task_slots_per_worker = 2;
  /// Bytes that a scan task takes at least where there are more of them than workers, and hash tasks of a
  /// small stage for each worker: how many tasks a stage gets decides what a broadcast to it costs.
  uint64_t scan_task_bytes = 512ull << 20;
  double hash_tasks_per_worker = 2;
  uint32_t max_partition_count = 50;
  /// Hash exchanges have no fewer, unless that is above the maximum.
  uint32_t min_partition_count = 1;
  /// Hash exchanges of more than `adaptive_partition_bytes` for each of max_partition_count partitions, by
  /// estimate, have so many; 0: as many as others at most.
  uint32_t adaptive_partition_count = 0;
  uint64_t adaptive_partition_bytes = 12ull << 30;
  /// Hash exchanges of at least so many partitions may be merged; 0: none.
  uint32_t merge_from_partitions = 0;
  /// Bytes that a hash partition should have, by estimate.
  uint64_t target_partition_bytes = 64ull << 20;
  /// Largest estimated build side that is sent to every task (Trino's join_max_broadcast_table_size).
  uint64_t max_broadcast_bytes = 100ull << 20;
  /// Joins whose estimates may be wrong are planned both ways, for a choice by real sizes (JoinChoice).
  bool adaptive = false;
  /// Queries whose tables have no more rows than this run in one task: cutting would cost more than it gives.
  uint64_t single_task_rows = 250'000;
};

struct QuerySession {
  /// Defaults for unqualified names; empty when the session has none.
  std::string catalog;
  std::string schema;
  /// IANA zone for time functions; empty: the engine's.
  std::string time_zone;
  std::string user;
  /// What version() says.
  std::string server_version;
};

/// CREATE TABLE AS around a query.
struct TableCreation {
  std::string catalog;
  /// Without columns: the query has them.
  connector::NewTable table;
  /// Names for the query's columns; empty: its own.
  std::vector<std::string> aliases;
  bool with_data = true;
};

/// What is wanted of a plan beyond the query's rows.
struct StatementPurpose {
  /// Trino's types of the query's columns; empty: those that the kernel finds.
  std::vector<sql::Type> output_types;
  std::optional<TableCreation> creation;
  connector::WriteSession write;
  /// False for EXPLAIN: the write does not begin, the plan cannot run.
  bool execute = true;
  /// EXPLAIN ANALYZE: the rows stay, a final step (the last one) gives a text.
  bool analyze = false;
};

/// Plans one query, INSERT, DELETE, UPDATE or MERGE. A write has begun when this returns; it ends with the
/// plan's WriteCommit. Otherwise as PlanQuery.
DistributedPlan PlanStatement(kernel::Engine& engine, const QuerySession& session, const std::string& sql,
                              const PlannerOptions& options, StatementPurpose purpose,
                              std::function<ErrorLocation(size_t)> locate = {});

/// Plans one query. Thread-safe: uses a connection of its own. Throws TrinoException with the analysis error
/// (`line L:C: ...`), with NOT_SUPPORTED for what cannot run here, or with a connector's error while splits
/// are listed. `locate` says where a byte of `sql` stands in the client's own text, when that is another.
DistributedPlan PlanQuery(kernel::Engine& engine, const QuerySession& session, const std::string& sql,
                          const PlannerOptions& options, std::function<ErrorLocation(size_t)> locate = {});

}  // namespace planaria::planner
