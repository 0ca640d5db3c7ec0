// A query as fragments joined by exchanges: what the planner gives to the coordinator.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "duckdb.hpp"

namespace planaria::planner {

/// How a fragment becomes tasks (Trino's partitioning handles).
enum class Distribution : uint8_t {
  kSource,       ///< splits of its scans, spread over tasks
  kHash,         ///< task i reads partition i of every partitioned input
  kSingle,       ///< one task with all splits and all inputs
  kCoordinator,  ///< one task on the coordinator
};

/// How a fragment's rows are laid out for its consumers.
enum class ExchangeType : uint8_t { kRepartitionHash, kRepartitionRoundRobin, kReplicate, kGather };

struct PlanOperator;

struct FragmentInput {
  /// What the plan's exchange source is numbered; unique in the query, so one producer may be read twice.
  uint32_t input_id = 0;
  uint32_t producer = 0;
  /// True: task i reads partition i. False: every task reads all partitions.
  bool partitioned = false;
  /// Several tasks may share a partition of it (planner/splittable_inputs.h).
  bool splittable = false;
};

struct FragmentScan {
  uint32_t scan_id = 0;
  std::string catalog, schema, table;
  std::vector<connector::Split> splits;
};

struct Fragment {
  uint32_t id = 0;
  Distribution distribution = Distribution::kSingle;
  /// Tasks of a kHash fragment before merging; 1 for single ones, meaningless for kSource.
  uint32_t partition_count = 1;
  /// Serialised, root is an exchange sink (kernel/fragment_runner.h).
  std::string plan;
  std::vector<FragmentInput> inputs;
  std::vector<FragmentScan> scans;
  ExchangeType output = ExchangeType::kGather;
  uint32_t output_partition_count = 1;
  /// Estimates of the optimizer.
  uint64_t estimated_rows = 0;
  uint64_t estimated_bytes = 0;
  /// Its tasks write into a table.
  bool writes = false;
  /// Writes what its only input holds, in fewer and larger objects, or is left out (scheduler::FragmentPlan).
  /// Has no plan.
  bool merges = false;
  /// Its only reader needs no more rows than this from all tasks together: a LIMIT without an order.
  std::optional<uint64_t> row_limit;
  /// Why the fragment is not distributed although its data might be large; empty when there is nothing to
  /// say.
  std::string gathered_because;
  /// Its operators, indented, for EXPLAIN.
  std::string text;
  /// The same as a tree; nullptr in a plan that is to run.
  std::shared_ptr<const PlanOperator> operators;
};

/// A join near the border between broadcast and shuffle, in both plans: one is chosen when the size of one
/// side is known (scheduler::JoinChoice). Readers of the join name `partitioned` as their producer.
struct JoinChoice {
  /// Makes the side whose size decides, by the join keys in both plans.
  uint32_t decider = 0;
  uint64_t max_broadcast_bytes = 0;
  /// The other side with the join, reading all of the decider.
  uint32_t broadcast = 0;
  /// The other side by the join keys, and the join of the partitions.
  uint32_t shuffle = 0;
  uint32_t partitioned = 0;
  /// Which of the two the estimates speak for.
  bool planned_broadcast = false;
};

/// Producers come before their consumers; the last fragment is the root, whose single output partition is the
/// result.
class WriteCommit;

struct DistributedPlan {
  std::vector<Fragment> fragments;
  std::vector<JoinChoice> choices = {};
  std::vector<std::string> column_names;
  duckdb::vector<duckdb::LogicalType> column_types;
  /// `INSERT`, `CREATE TABLE`, ...: set when the statement writes.
  std::optional<std::string> update_type;
  /// The write that this plan ends in, final step 0; nullptr for queries and EXPLAIN.
  std::shared_ptr<WriteCommit> write;

  const Fragment& root() const { return fragments.back(); }
};

/// `SOURCE`, `HASH`, `SINGLE`, `COORDINATOR_ONLY`
const char* DistributionName(Distribution distribution);

/// EXPLAIN (TYPE DISTRIBUTED) text in Trino's manner: fragments with distribution, output and operators.
std::string ExplainDistributed(const DistributedPlan& plan);
/// Its two parts for one fragment: where it runs and what is expected of it; what it does.
std::string ExplainFragmentHead(const DistributedPlan& plan, const Fragment& fragment);
std::string ExplainFragmentBody(const Fragment& fragment);

}  // namespace planaria::planner
