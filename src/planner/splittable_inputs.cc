#include "planner/splittable_inputs.h"

#include "duckdb/planner/operator/list.hpp"
#include "kernel/exchange_operator.h"

namespace planaria::planner {

using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

bool LeftRowsAreIndependent(JoinType type) {
  switch (type) {
    case JoinType::INNER:
    case JoinType::LEFT:
    case JoinType::SEMI:
    case JoinType::ANTI:
    case JoinType::MARK:
    case JoinType::SINGLE:
      return true;
    default:
      return false;
  }
}

bool RightRowsAreIndependent(JoinType type) {
  return type == JoinType::INNER || type == JoinType::RIGHT || type == JoinType::RIGHT_SEMI ||
         type == JoinType::RIGHT_ANTI;
}

namespace {

/// `independent`: nothing above looks at several rows of `op` together.
void Collect(const LogicalOperator& op, bool independent, std::set<uint32_t>* found) {
  if (const auto* source = dynamic_cast<const kernel::LogicalExchangeSource*>(&op)) {
    if (independent && source->partitioned) found->insert(source->exchange_id);
    return;
  }
  bool left = false;
  bool right = false;
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_UNNEST:
      left = true;
      break;
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ANY_JOIN: {
      const JoinType type = op.Cast<duckdb::LogicalJoin>().join_type;
      left = LeftRowsAreIndependent(type);
      right = RightRowsAreIndependent(type);
      break;
    }
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      left = right = true;
      break;
    default:
      break;
  }
  for (size_t i = 0; i < op.children.size(); i++) {
    Collect(*op.children[i], independent && (i == 0 ? left : right), found);
  }
}

}  // namespace

std::set<uint32_t> SplittableInputs(const LogicalOperator& piece, const LogicalOperator* partial) {
  const bool merged_again = &piece == partial || piece.type == LogicalOperatorType::LOGICAL_LIMIT ||
                            piece.type == LogicalOperatorType::LOGICAL_TOP_N ||
                            piece.type == LogicalOperatorType::LOGICAL_ORDER_BY;
  std::set<uint32_t> found;
  Collect(merged_again ? *piece.children[0] : piece, true, &found);
  return found;
}

}  // namespace planaria::planner
