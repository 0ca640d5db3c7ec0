#include "sql/analyzer/analyzer.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "sql/analyzer/insert_casts.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

/// What becomes a table or a view has names for all its columns.
void RequireNames(const AnalyzedQuery& query, ErrorLocation location) {
  std::set<std::string> names;
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const std::string& name = query.columns[i].name;
    if (name.empty()) {
      ThrowAt(errors::MISSING_COLUMN_NAME, location,
              fmt::format("Column name not specified at position {}", i + 1));
    }
    if (!names.insert(LowerCase(name)).second) {
      ThrowAt(errors::DUPLICATE_COLUMN_NAME, location,
              fmt::format("Column name '{}' specified more than once", LowerCase(name)));
    }
  }
}

/// Catalog, schema and table; nothing for a name that has no such.
std::optional<std::array<std::string, 3>> FullName(const ast::QualifiedName& name,
                                                   const AnalysisSession& session) {
  const std::vector<std::string> parts = PartsOf(name);
  if (parts.size() > 3) return std::nullopt;
  std::array<std::string, 3> full = {session.catalog, session.schema, parts.back()};
  for (size_t i = 1; i < parts.size(); ++i) full[2 - i] = parts[parts.size() - 1 - i];
  return full[0].empty() || full[1].empty() ? std::nullopt : std::optional(full);
}

std::optional<AnalyzedQuery> AnalyzeWith(QueryAnalyzer& analyzer, const ast::Statement& statement,
                                         const AnalysisSession& session, const Metadata& metadata) {
  const ErrorLocation location = statement.location;
  try {
    const auto* query = std::get_if<ast::QueryPtr>(&statement.node);
    ast::QueryPtr all;
    if (const auto* show = std::get_if<ast::ShowStats>(&statement.node)) {
      query = &show->query;
      if (show->table) {
        all = std::make_unique<ast::Query>();
        all->body = std::make_unique<ast::QueryBody>(show->table->location, ast::TableQuery{*show->table});
        query = &all;
      }
    }
    if (query != nullptr) {
      AnalyzedQuery analyzed = analyzer.Statement(**query);
      for (size_t i = 0; i < analyzed.columns.size(); ++i) {
        OutputColumn& column = analyzed.columns[i];
        if (column.name.empty()) column.name = fmt::format("_col{}", i);
      }
      return analyzed;
    }
    if (const auto* create = std::get_if<ast::CreateTableAs>(&statement.node)) {
      AnalyzedQuery analyzed = analyzer.Statement(*create->query);
      if (create->columns.empty()) RequireNames(analyzed, location);
      for (const OutputColumn& column : analyzed.columns) {
        if (!column.type.Is(TypeKind::kUnknown)) continue;
        ThrowAt(errors::COLUMN_TYPE_UNKNOWN, location,
                fmt::format("Column type is unknown: {}", LowerCase(column.name)));
      }
      return analyzed;
    }
    if (const auto* create = std::get_if<ast::CreateView>(&statement.node)) {
      AnalyzedQuery analyzed = analyzer.Statement(*create->query);
      RequireNames(analyzed, location);
      return analyzed;
    }
    if (const auto* insert = std::get_if<ast::Insert>(&statement.node)) {
      LoweredQuery sql = LowerInsertTarget(*insert, location);
      AnalyzedQuery analyzed = analyzer.Statement(*insert->query);
      const auto name = FullName(insert->table, session);
      if (const auto table = name ? metadata.FindTable((*name)[0], (*name)[1], (*name)[2]) : std::nullopt) {
        CastForInsert(analyzed, *insert, *table);
      }
      sql.Append(analyzed.sql);
      return AnalyzedQuery{std::move(sql), std::move(analyzed.columns)};
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

}  // namespace

std::optional<AnalyzedQuery> Analyze(const ast::Statement& statement, const ast::ExpressionList& parameters,
                                     const AnalysisSession& session, const Metadata& metadata) {
  QueryAnalyzer analyzer(parameters, session, metadata);
  return AnalyzeWith(analyzer, statement, session, metadata);
}

std::vector<Type> InferParameters(const ast::Statement& statement, const AnalysisSession& session,
                                  const Metadata& metadata) {
  std::vector<Type> types(statement.parameters);
  const ast::ExpressionList none;
  QueryAnalyzer analyzer(none, session, metadata, &types);
  AnalyzeWith(analyzer, statement, session, metadata);
  return types;
}

bool CheckFunction(const ast::FunctionSpecification& function, const AnalysisSession& session,
                   const Metadata& metadata) {
  const ast::ExpressionList none;
  QueryAnalyzer analyzer(none, session, metadata);
  try {
    return analyzer.CheckFunction(function);
  } catch (const NotAnalyzed& what) {
    ThrowAt(errors::NOT_SUPPORTED, what.location,
            fmt::format("{} is not supported in a function", what.what));
  }
}

}  // namespace planaria::sql
