#include "coordinator/views.h"

#include <fmt/format.h>

#include "base/error.h"
#include "coordinator/catalog_metadata.h"
#include "kernel/declared_type.h"
#include "planner/view_query.h"
#include "sql/analyzer/analyzer.h"
#include "sql/format.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/types/coercion.h"

namespace planaria::coordinator {

namespace {

std::optional<sql::AnalyzedQuery> AnalyzeView(const sql::ast::Statement& query, const connector::View& view,
                                              const sql::Metadata& metadata) {
  return sql::Analyze(query, {}, {view.catalog, view.schema}, metadata);
}

/// What is stale about a view; nothing when its query still gives what it gave.
std::optional<std::string> Staleness(const std::vector<connector::Column>& stored,
                                     const std::vector<sql::OutputColumn>& derived) {
  if (stored.size() != derived.size()) {
    return fmt::format(
        "stored view column count ({}) does not match column count derived from the view query analysis ({})",
        stored.size(), derived.size());
  }
  for (size_t i = 0; i < stored.size(); ++i) {
    if (!stored[i].declared) continue;
    const std::string& from = derived[i].name;
    const std::string to = stored[i].name, from_type = derived[i].type.ToString();
    if (sql::LowerCase(from) != to) {
      return fmt::format(
          "column [{}] of type {} projected from query view at position {} has a different name from column "
          "[{}] "
          "of type {} stored in view definition",
          from, from_type, i, to, stored[i].declared->ToString());
    }
    if (!sql::CanCoerce(derived[i].type, *stored[i].declared)) {
      return fmt::format(
          "column [{}] of type {} projected from query view at position {} cannot be coerced to column [{}] "
          "of "
          "type {} stored in view definition",
          from, from_type, i, to, stored[i].declared->ToString());
    }
  }
  return std::nullopt;
}

/// The columns of a query that the analyser leaves to the kernel.
std::vector<connector::Column> KernelColumns(kernel::Engine& engine, const planner::QuerySession& session,
                                             const sql::ast::Statement& query) {
  const auto lowered = sql::Lower(query, {});
  const auto plan = planner::PlanQuery(engine, session, lowered.text(), planner::PlannerOptions(),
                                       [&lowered](size_t offset) { return lowered.LocationOf(offset); });
  std::vector<connector::Column> columns;
  for (size_t i = 0; i < plan.column_names.size(); i++) {
    columns.push_back({sql::LowerCase(plan.column_names[i]), plan.column_types[i]});
  }
  return columns;
}

/// The query with its columns as they are stored in the view.
std::string WithStoredTypes(const std::string& sql, const connector::View& view,
                            const std::vector<sql::OutputColumn>& derived) {
  std::string columns;
  bool same = true;
  for (size_t i = 0; i < derived.size() && i < view.columns.size(); ++i) {
    const connector::Column& column = view.columns[i];
    const auto from = kernel::StoredType(derived[i].type);
    const std::string name = sql::QuoteName(column.name);
    const bool cast = from && !kernel::SameStorage(*from, column.type);
    same = same && !cast;
    columns += (columns.empty() ? "" : ", ");
    columns += cast ? "CAST(" + name + " AS " + column.type.ToString() + ") AS " + name : name;
  }
  return same ? sql : "SELECT " + columns + " FROM (" + sql + ") AS \"view\"";
}

}  // namespace

connector::View MakeView(kernel::Engine& engine, const planner::QuerySession& session,
                         const sql::ast::Statement& statement, const sql::Metadata& metadata) {
  const auto& create = std::get<sql::ast::CreateView>(statement.node);
  connector::View view;
  view.query = sql::Format(*create.query);
  view.catalog = session.catalog;
  view.schema = session.schema;
  view.comment = create.comment;
  if (create.security != sql::ast::CreateView::Security::kInvoker) view.owner = session.user;
  if (const auto analyzed = AnalyzeView(statement, view, metadata)) {
    for (const sql::OutputColumn& column : analyzed->columns) {
      const auto stored = kernel::StoredType(column.type);
      view.columns.push_back({sql::LowerCase(column.name), stored.value_or(duckdb::LogicalType::INTEGER)});
      view.columns.back().declared = column.type;
    }
  } else {
    view.columns = KernelColumns(engine, session, *sql::Parse(view.query));
  }
  return view;
}

void CheckView(const std::string& name, const connector::View& view, const sql::Metadata& metadata) {
  std::optional<sql::AnalyzedQuery> analyzed;
  try {
    analyzed = AnalyzeView(*sql::Parse(view.query), view, metadata);
  } catch (const TrinoException& exception) {
    throw TrinoException(errors::INVALID_VIEW, fmt::format("Failed analyzing stored view '{}': {}", name,
                                                           exception.error().message));
  }
  if (!analyzed) return;
  if (const auto stale = Staleness(view.columns, analyzed->columns)) {
    throw TrinoException(errors::VIEW_IS_STALE,
                         fmt::format("View '{}' is stale or in invalid state: {}", name, *stale));
  }
}

void ReadViews(kernel::Engine& engine) {
  const auto registry = connector::ConnectorRegistry::Of(engine.instance());
  registry->ReadViewsWith([&engine](duckdb::ClientContext& context, const connector::View& view) {
    const auto query = sql::Parse(view.query);
    const auto analyzed = AnalyzeView(*query, view, CatalogMetadata(engine));
    const std::string sql = analyzed ? WithStoredTypes(analyzed->sql.text(), view, analyzed->columns)
                                     : sql::Lower(*query, {}).text();
    return planner::ParseViewQuery(context, sql, view.catalog, view.schema);
  });
}

}  // namespace planaria::coordinator
