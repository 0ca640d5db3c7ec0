// Trino's semantic analysis: what names mean, what types expressions have, what is turned into what.
//
// A query is analysed into DuckDB's SQL in which nothing is left to guess: every column is named with its
// relation, every coercion is a cast, every function is one whose meaning is Trino's. Queries that hold
// something that is not analysed yet (docs/grammar.md has the list) are left to lowering/lowering.h whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/analyzer/metadata.h"
#include "sql/ast/statement.h"
#include "sql/lowering/lowered_query.h"

namespace planaria::sql {

struct OutputColumn {
  /// What the client reads: as written, `_col0` for an expression without a name.
  std::string name;
  Type type;
  /// Catalog, schema, table and name of the column that it is; empty for what was computed.
  std::vector<std::string> origin;
  /// Named with AS.
  bool aliased = false;
};

struct AnalyzedQuery {
  LoweredQuery sql;
  std::vector<OutputColumn> columns;
};

struct FunctionSchema {
  std::string catalog;
  std::string schema;
};

/// Defaults for names; empty when the session has none.
struct AnalysisSession {
  std::string catalog;
  std::string schema;
  /// Where functions are looked for that Trino does not have, lower case.
  std::vector<FunctionSchema> path = {};
  /// What CURRENT_PATH says.
  std::string path_text = {};
  /// Steps of WITH RECURSIVE; one more fails.
  int64_t max_recursion_depth = 10;
};

/// Analyses a query, that of SHOW STATS, CREATE TABLE AS and CREATE VIEW, INSERT, DELETE, UPDATE or MERGE;
/// those have no columns. `parameters` stand for the `?`. Nothing when it cannot tell. Throws TrinoException
/// with Trino's semantic errors: COLUMN_NOT_FOUND, TYPE_MISMATCH, EXPRESSION_NOT_AGGREGATE and the like,
/// `line L:C: ` in front.
std::optional<AnalyzedQuery> Analyze(const ast::Statement& statement, const ast::ExpressionList& parameters,
                                     const AnalysisSession& session, const Metadata& metadata);

/// The types of the `?` of such a statement: unknown where nothing says, as for all of a statement that
/// Analyze cannot tell of. Throws as it does.
std::vector<Type> InferParameters(const ast::Statement& statement, const AnalysisSession& session,
                                  const Metadata& metadata);

/// Checks a function of SQL that is to be kept in a catalog; tells whether it is deterministic. Throws
/// TrinoException as for WITH FUNCTION.
bool CheckFunction(const ast::FunctionSpecification& function, const AnalysisSession& session,
                   const Metadata& metadata);

}  // namespace planaria::sql
