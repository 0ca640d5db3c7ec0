// EXPLAIN: which plan in which form. The plans' text is ours; that they are one text in one column, and the
// shape of JSON and GRAPHVIZ, are Trino's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/show_queries.h"
#include "planner/distributed_plan.h"
#include "sql/ast/statement.h"

namespace planaria::coordinator {

struct Explanation {
  enum class Type : uint8_t { kLogical, kDistributed, kValidate, kIo };
  enum class Format : uint8_t { kText, kGraphviz, kJson };
  Type type = Type::kDistributed;
  Format format = Format::kText;
  /// How the query ran.
  bool analyze = false;
  /// Catalog, schema and name of the table that the statement writes; empty for queries. For TYPE IO.
  std::vector<std::string> output_table;
};

/// The first TYPE and the first FORMAT among the options hold. Throws what Trino throws for pairs that it has
/// no plan for.
Explanation ExplanationOf(const sql::ast::Explain& explain);

/// What EXPLAIN says of a statement that has no plan, such as DROP TABLE; nothing for queries and writes.
std::optional<std::string> ExplainTask(const sql::ast::Statement& statement);

/// The query that gives the text of a plan: one column `Query Plan`, a varchar of its length, or `Valid` for
/// TYPE VALIDATE. The plan has operators, unless its text is asked for.
ConstantQuery ExplainQuery(const Explanation& explanation, const planner::DistributedPlan& plan);
/// The same for what ExplainTask says.
ConstantQuery ExplainQuery(const Explanation& explanation, const std::string& text);

}  // namespace planaria::coordinator
