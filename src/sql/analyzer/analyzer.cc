#include "sql/analyzer/analyzer.h"

#include <fmt/format.h>

#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/lowering/lowering.h"

namespace planaria::sql {

std::optional<AnalyzedQuery> Analyze(const ast::Statement& statement, const ast::ExpressionList& parameters,
                                     const AnalysisSession& session, const Metadata& metadata) {
  QueryAnalyzer analyzer(parameters, session, metadata);
  const ErrorLocation location = statement.location;
  try {
    if (const auto* query = std::get_if<ast::QueryPtr>(&statement.node)) {
      AnalyzedQuery analyzed = analyzer.Statement(**query);
      for (size_t i = 0; i < analyzed.columns.size(); ++i) {
        OutputColumn& column = analyzed.columns[i];
        if (column.name.empty()) column.name = fmt::format("_col{}", i);
      }
      return analyzed;
    }
    if (const auto* create = std::get_if<ast::CreateTableAs>(&statement.node)) {
      AnalyzedQuery analyzed = analyzer.Statement(*create->query);
      for (size_t i = 0; i < analyzed.columns.size() && create->columns.empty(); ++i) {
        if (!analyzed.columns[i].name.empty()) continue;
        ThrowAt(errors::MISSING_COLUMN_NAME, location,
                fmt::format("Column name not specified at position {}", i + 1));
      }
      return analyzed;
    }
    if (const auto* insert = std::get_if<ast::Insert>(&statement.node)) {
      LoweredQuery sql = LowerInsertTarget(*insert, location);
      sql.Append(analyzer.Statement(*insert->query).sql);
      return AnalyzedQuery{std::move(sql), {}};
    }
    if (const auto* remove = std::get_if<ast::Delete>(&statement.node)) {
      return AnalyzedQuery{analyzer.Delete(*remove, location), {}};
    }
    if (const auto* update = std::get_if<ast::Update>(&statement.node)) {
      return AnalyzedQuery{analyzer.Update(*update, location), {}};
    }
    if (const auto* merge = std::get_if<ast::Merge>(&statement.node)) {
      return AnalyzedQuery{analyzer.Merge(*merge, location), {}};
    }
  } catch (const NotAnalyzed&) {
    // What is not known here the kernel's binder may know.
  }
  return std::nullopt;
}

}  // namespace planaria::sql
