// Cuts an optimised plan into fragments.
//
// The walk goes bottom-up. Every subtree is a piece: the part of a fragment that has been seen so far, with
// what is known about how its rows lie over tasks (Partitioning). An operator that needs its rows to lie
// otherwise has the piece below it closed: it becomes a fragment of its own, and an exchange source with the
// same bindings takes its place.
#pragma once

#include <map>
#include <vector>

#include "kernel/exchange_operator.h"
#include "planner/distributed_plan.h"
#include "planner/partitioning.h"
#include "planner/query_planner.h"

namespace planaria::planner {

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

  /// Producers first, root last.
  std::vector<Fragment> Cut(Operator plan, End end = {});

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
  Partitioning Repartition(Operator& op, const Partitioning& partitioning, Expressions keys);
  Partitioning Gather(Operator& op, const Partitioning& partitioning, bool ordered = false);

  void Finish(Operator& plan, Partitioning partitioning, bool ordered, End end);

  /// Closes the piece under `op`: a new fragment; `op` becomes the exchange source over it.
  kernel::LogicalExchangeSource& Close(Operator& op, const Partitioning& partitioning, ExchangeType type,
                                       uint32_t partition_count, Expressions keys, bool ordered);
  duckdb::unique_ptr<kernel::LogicalExchangeSource> ReadAgain(const kernel::LogicalExchangeSource& source);
  void ReplaceDelimGets(Operator& op, const kernel::LogicalExchangeSource& outer,
                        const Expressions& duplicates);
  void DescribePiece(duckdb::LogicalOperator& op, Fragment* fragment);

  uint64_t Rows(duckdb::LogicalOperator& op);
  uint64_t Bytes(duckdb::LogicalOperator& op);
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
  std::string gathered_because_;
  /// The first half of the aggregation that is being split; null at other times.
  const duckdb::LogicalOperator* partial_aggregate_ = nullptr;
  uint32_t next_input_ = 0;
  uint32_t next_scan_ = 0;
};

}  // namespace planaria::planner
