#include "coordinator/show_stats.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "coordinator/definition_steps.h"
#include "kernel/java_number.h"
#include "planner/plan_operators.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

std::string Number(const std::optional<double>& value) {
  return value ? fmt::format("CAST({:.17g} AS DOUBLE)", *value) : "CAST(NULL AS DOUBLE)";
}

/// Integers and dates as they are, other numbers as Trino's doubles; of other types Trino shows no bounds.
std::string Bound(const std::optional<duckdb::Value>& value) {
  const std::string none = "CAST(NULL AS VARCHAR)";
  if (!value || value->IsNull()) return none;
  const duckdb::LogicalType& type = value->type();
  if (type.IsIntegral() || type.id() == duckdb::LogicalTypeId::DATE) {
    return sql::QuoteString(value->ToString());
  }
  if (!type.IsNumeric()) return none;
  std::string text;
  if (type.id() == duckdb::LogicalTypeId::FLOAT) {
    kernel::AppendJavaFloat(value->GetValue<float>(), &text);
  } else {
    kernel::AppendJavaDouble(value->GetValue<double>(), &text);
  }
  return sql::QuoteString(text);
}

/// A row for each column, then one for the whole.
class StatsRows {
 public:
  void Add(const std::string& name, const connector::ColumnStatistics& statistics) {
    Row(sql::QuoteString(name), statistics, std::nullopt);
  }

  std::string Query(const std::optional<double>& row_count) {
    Row("CAST(NULL AS VARCHAR)", {}, row_count);
    const std::string columns =
        "column_name, data_size, distinct_values_count, nulls_fraction, row_count, low_value, high_value";
    return "SELECT " + columns + " FROM (VALUES " + rows_ + ") AS stats(n, " + columns + ") ORDER BY n";
  }

 private:
  void Row(const std::string& name, const connector::ColumnStatistics& statistics,
           const std::optional<double>& row_count) {
    rows_ += fmt::format("{}({}, {}, CAST(NULL AS DOUBLE), {}, {}, {}, {}, {})", count_ == 0 ? "" : ", ",
                         count_, name, Number(statistics.distinct_values), Number(statistics.nulls_fraction),
                         Number(row_count), Bound(statistics.low), Bound(statistics.high));
    count_++;
  }

  std::string rows_;
  size_t count_ = 0;
};

/// The tables that a plan reads.
void AddTables(const planner::PlanOperator& op, std::vector<ObjectName>& tables) {
  if (!op.table.empty()) tables.push_back({op.table[0], {op.table[1], op.table[2]}});
  for (const planner::PlanOperator& child : op.children) AddTables(child, tables);
}

/// Of the column that an output column is.
connector::ColumnStatistics StatisticsOf(const CatalogObjects& objects, const sql::OutputColumn& column) {
  if (column.origin.size() < 4) return {};
  const auto table = objects.FindTable({column.origin[0], {column.origin[1], column.origin[2]}});
  if (!table) return {};
  const auto& columns = table->columns();
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const connector::Column& one) { return one.name == column.origin[3]; });
  return found == columns.end() ? connector::ColumnStatistics() : found->statistics;
}

}  // namespace

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::ShowStats& show,
                        ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(*show.table);
  StatsRows rows;
  if (const auto view = objects.FindView(name)) {
    for (const connector::Column& column : view->columns) rows.Add(column.name, {});
    return rows.Query(std::nullopt);
  }
  const auto found = objects.GetTable(name, location);
  for (const connector::Column& column : found->columns()) {
    if (!column.hidden) rows.Add(column.name, column.statistics);
  }
  const auto row_count = found->row_count();
  return rows.Query(row_count ? std::optional(static_cast<double>(*row_count)) : std::nullopt);
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::Analyze& analyze,
                        ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(analyze.table);
  if (objects.FindView(name))
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "Analyzing views is not supported");
  objects.GetTable(name, location);
  if (!analyze.properties.empty()) {
    const sql::ast::Identifier& property = analyze.properties[0].name;
    sql::ThrowAt(errors::INVALID_ANALYZE_PROPERTY, property.location,
                 fmt::format("Catalog '{}' analyze property '{}' does not exist", name.catalog,
                             sql::NameOf(property)));
  }
  throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support analyze");
}

std::string QueryStatsQuery(const CatalogObjects& objects, const std::vector<sql::OutputColumn>& columns,
                            const planner::DistributedPlan& plan) {
  std::vector<ObjectName> tables;
  for (const planner::Fragment& fragment : plan.fragments) {
    if (fragment.operators != nullptr) AddTables(*fragment.operators, tables);
  }
  std::optional<double> row_count = static_cast<double>(plan.root().estimated_rows);
  for (const ObjectName& name : tables) {
    const auto table = objects.FindTable(name);
    if (!table || !table->row_count()) row_count.reset();
  }
  StatsRows rows;
  for (const sql::OutputColumn& column : columns) {
    connector::ColumnStatistics statistics = StatisticsOf(objects, column);
    if (statistics.distinct_values && row_count) {
      statistics.distinct_values = std::min(*statistics.distinct_values, *row_count);
    }
    // A join may add NULLs.
    if (tables.size() > 1) statistics.nulls_fraction.reset();
    rows.Add(column.name, statistics);
  }
  return rows.Query(row_count);
}

}  // namespace planaria::coordinator
