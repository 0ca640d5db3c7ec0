// Cuts an optimised plan into fragments.
//
// The walk goes bottom-up. Every subtree is a piece: the part of a fragment that has been seen so far, with
// what is known about how its rows lie over tasks (Partitioning). An operator that needs its rows to lie
// otherwise has the piece below it closed: it becomes a fragment of its own, and an exchange source with the
// same bindings takes its place.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "connector/table_scan.h"
#include "kernel/exchange_operator.h"
#include "planner/distributed_plan.h"
#include "planner/partitioning.h"
#include "planner/plan_operators.h"
#include "planner/query_planner.h"

namespace planaria::planner {

/// Whether rows with partners by this condition can be brought together by partitioning.
bool IsJoinKey(const duckdb::JoinCondition& condition);
/// Bytes of a value in memory, about.
uint64_t WidthOf(const duckdb::LogicalType& type);
/// One side (0 left, 1 right) of all such conditions.
duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> JoinKeys(const duckdb::LogicalComparisonJoin& join,
                                                                size_t side);

class Fragmenter {
 public:
  using Operator = duckdb::unique_ptr<duckdb::LogicalOperator>;
  using Expressions = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

  /// `binder` is the one that bound the plan: it knows which table indexes are taken.
  Fragmenter(duckdb::ClientContext& context, duckdb::Binder& binder, const PlannerOptions& options);

  /// What happens to the plan's rows at the end, in this order, each if it is there.
  struct End {
    /// Takes the plan as its child and writes its rows, in the tasks that have them.
    Operator writer;
    /// Take all rows on the coordinator.
    std::vector<Operator> final_steps;
  };

  /// Fragments that are cut after this have Fragment::operators.
  void DescribeOperators();

  /// Producers first, root last.
  std::vector<Fragment> Cut(Operator plan, End end = {});
  /// The joins of what was cut that have two plans.
  std::vector<JoinChoice> TakeChoices() { return std::move(choices_); }

 private:
  /// Cuts below `op` as needed, may replace it, and says how its rows lie.
  Partitioning Visit(Operator& op);
  Partitioning VisitGet(Operator& op);
  Partitioning VisitAggregate(Operator& op);
  Partitioning VisitJoin(Operator& op);
  Partitioning VisitDelimJoin(Operator& op);
  Partitioning VisitUnconditionalJoin(Operator& op, bool may_replicate_right);
  Partitioning VisitMaterializedCte(Operator& op);
  Partitioning VisitCteRef(Operator& op);
  Partitioning VisitOrder(Operator& op);
  Partitioning VisitTopN(Operator& op);
  Partitioning VisitLimit(Operator& op);
  Partitioning VisitDistinct(Operator& op);
  Partitioning VisitWindow(Operator& op);
  Partitioning VisitSetOperation(Operator& op);
  Partitioning VisitProjection(Operator& op);
  Partitioning VisitPassThrough(Operator& op);
  /// All children gathered into one task; `reason` goes to EXPLAIN when that costs distribution.
  Partitioning VisitGathered(Operator& op, const char* reason);
  /// The whole subtree stays in one task, scans included; only references to CTEs become exchange sources.
  Partitioning VisitWhole(Operator& op, const char* reason);
  void KeepWhole(Operator& op);

  Partitioning PartitionJoin(Operator& op, const Partitioning& left, const Partitioning& right);
  Partitioning ReplicateSide(Operator& op, size_t side, const Partitioning& replicated,
                             const Partitioning& kept);
  /// As ReplicateSide, but planned as a partitioned join as well if the side may turn out large.
  Partitioning ReplicateUnlessLarge(Operator& op, size_t side, const Partitioning& replicated,
                                    const Partitioning& kept);
  Partitioning Repartition(Operator& op, const Partitioning& partitioning, Expressions keys);
  Partitioning Gather(Operator& op, const Partitioning& partitioning, bool ordered = false);

  void Finish(Operator& plan, Partitioning partitioning, bool ordered, End end);

  /// Closes the piece under `op`: a new fragment, or those of both plans of its join; `op` becomes the
  /// exchange source over it. `closed` takes what was there.
  kernel::LogicalExchangeSource& Close(Operator& op, const Partitioning& partitioning, ExchangeType type,
                                       uint32_t partition_count, Expressions keys, bool ordered,
                                       Operator* closed = nullptr);
  /// Adds the piece under `sink` as a fragment, and returns its id.
  uint32_t Write(const kernel::LogicalExchangeSink& sink, const Partitioning& partitioning,
                 ExchangeType type);

  // join_choice.cc
  /// A join of an open piece that may be run by another plan than the one it is seen by, until its piece is
  /// closed: then the fragments of both are written.
  struct TwoPlans {
    duckdb::LogicalComparisonJoin* join = nullptr;
    /// The child that decides: an exchange source.
    size_t side = 0;
    JoinChoice choice;
    /// How the joined rows lie by either plan.
    Partitioning broadcast;
    Partitioning partitioned;
    /// While the piece has the partitioned join: what stands for the other child in the broadcast one.
    Operator other;
  };
  /// What the decider may have at most to be broadcast, when the join of `kept` with all of `side` (small, by
  /// estimate) is to be planned as a partitioned one as well; nothing when it need not be.
  std::optional<uint64_t> LimitOfPlannedBroadcast(duckdb::LogicalOperator& join, size_t side,
                                                  const Partitioning& kept);
  /// The same for a partitioned join, whose `side` is to be broadcast if it turns out small.
  std::optional<uint64_t> LimitOfPlannedShuffle(duckdb::LogicalOperator& join, size_t side,
                                                const Partitioning& other);
  /// Writes the plan's fragments by either plan, and returns what readers name.
  uint32_t WriteBoth(const kernel::LogicalExchangeSink& sink, TwoPlans& plans, ExchangeType type);
  /// For the fragments of the last Close.
  void ForClosed(const std::function<void(Fragment&)>& change);
  /// More rows than this cannot come out.
  uint64_t MaxRows(duckdb::LogicalOperator& op);
  duckdb::unique_ptr<kernel::LogicalExchangeSource> ReadAgain(const kernel::LogicalExchangeSource& source);
  void ReplaceDelimGets(Operator& op, const kernel::LogicalExchangeSource& outer,
                        const Expressions& duplicates);
  void DescribePiece(duckdb::LogicalOperator& op, Fragment* fragment);
  /// Numbers the scan and lists its splits, unless another plan of its join did.
  FragmentScan Describe(const duckdb::LogicalGet& get, connector::ScanBindData& scan);

  uint64_t Rows(duckdb::LogicalOperator& op);
  uint64_t Bytes(duckdb::LogicalOperator& op);
  /// About how many tasks work on the piece, and would each read all of what is replicated to it.
  uint64_t TasksOf(duckdb::LogicalOperator& op, const Partitioning& lies);
  /// What may be hashed by each of `copies` tasks instead of `bytes` being partitioned: the larger a table,
  /// the slower it is to make and to look into, while partitions of it are small ones.
  static uint64_t LargestBroadcast(uint64_t bytes, uint64_t copies);
  uint32_t PartitionCountFor(uint64_t bytes) const;

  /// The exchange that stands for a producer and how its rows lie for a consumer that reads it partitioned.
  struct Shared {
    duckdb::unique_ptr<kernel::LogicalExchangeSource> source;
    Partitioning partitioning;
  };

  duckdb::ClientContext& context_;
  duckdb::Binder& binder_;
  const PlannerOptions& options_;
  /// The whole plan while it is cut; what is above an operator is found from here.
  Operator* root_ = nullptr;
  std::vector<Fragment> fragments_;
  std::map<duckdb::idx_t, Shared> ctes_;
  /// By input id: how a source's rows lie, and which fragment makes them.
  std::map<uint32_t, Partitioning> source_partitioning_;
  std::map<uint32_t, uint32_t> source_producer_;
  /// By input id: the most rows that can come.
  std::map<uint32_t, uint64_t> source_max_rows_;
  std::vector<TwoPlans> two_plans_;
  std::vector<JoinChoice> choices_;
  std::string gathered_because_;
  std::optional<OperatorReader> reader_;
  /// The first half of the aggregation that is being split; null at other times.
  const duckdb::LogicalOperator* partial_aggregate_ = nullptr;
  uint32_t next_input_ = 0;
  uint32_t next_scan_ = 0;
};

}  // namespace planaria::planner
