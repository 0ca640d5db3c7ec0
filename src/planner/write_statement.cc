#include "planner/write_statement.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/connector_registry.h"
#include "connector/table_scan.h"
#include "duckdb/main/database.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "planner/merge_query.h"
#include "planner/trino_names.h"

namespace planaria::planner {

namespace {

using duckdb::StringUtil;

[[noreturn]] void Refuse(ErrorCode code, const std::string& message, size_t position,
                         const kernel::StatementText& text) {
  throw TrinoException(kernel::LocatedError(code, message, position, text));
}

[[noreturn]] void RefuseSyntax(const std::string& what, const kernel::StatementText& text) {
  Refuse(errors::SYNTAX_ERROR, what + " is not supported", 0, text);
}

size_t PositionOf(const std::vector<connector::Column>& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const connector::Column& column) {
    return StringUtil::CIEquals(column.name, name);
  });
  return found == columns.end() ? WriteQuery::kNothing : static_cast<size_t>(found - columns.begin());
}

TableName NameOf(const duckdb::TableRef& table) {
  const auto& base = table.Cast<duckdb::BaseTableRef>();
  return {base.catalog_name, base.schema_name, base.table_name,
          base.query_location.IsValid() ? base.query_location.GetIndex() : 0};
}

/// Makes the reference name what was found, under the name by which expressions call it.
std::string Bind(duckdb::BaseTableRef& table, const WriteTarget& target) {
  table.catalog_name = target.catalog;
  table.schema_name = target.schema;
  return table.alias.empty() ? table.table_name : table.alias;
}

WriteQuery AnalyzeInsert(duckdb::ClientContext& context, duckdb::InsertStatement& insert,
                         const QuerySession& session, const kernel::StatementText& text) {
  if (insert.on_conflict_info || !insert.returning_list.empty() || insert.default_values ||
      insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME || !insert.cte_map.map.empty()) {
    RefuseSyntax("This form of INSERT", text);
  }
  WriteQuery write;
  write.update_type = "INSERT";
  write.mismatch = "Insert query has mismatched column types: ";
  write.target =
      FindTarget(context, CompleteName({insert.catalog, insert.schema, insert.table, 0}, session, text), text,
                 "Inserting into views");
  const auto& columns = write.target.columns;
  write.sources.assign(columns.size(), WriteQuery::kNothing);
  if (insert.columns.empty()) {
    for (size_t i = 0; i < columns.size(); i++) write.sources[i] = i;
  }
  for (size_t i = 0; i < insert.columns.size(); i++) {
    const size_t position = PositionOf(columns, insert.columns[i]);
    if (position == WriteQuery::kNothing) {
      Refuse(errors::COLUMN_NOT_FOUND,
             "Insert column name does not exist in target table: " + StringUtil::Lower(insert.columns[i]), 0,
             text);
    }
    if (write.sources[position] != WriteQuery::kNothing) {
      Refuse(errors::DUPLICATE_COLUMN_NAME,
             "Insert column name is specified more than once: " + StringUtil::Lower(insert.columns[i]), 0,
             text);
    }
    write.sources[position] = i;
  }
  write.query = std::move(insert.select_statement->node);
  return write;
}

WriteQuery AnalyzeDelete(duckdb::ClientContext& context, duckdb::DeleteStatement& statement,
                         const QuerySession& session, const kernel::StatementText& text) {
  if (!statement.using_clauses.empty() || !statement.returning_list.empty() ||
      !statement.cte_map.map.empty()) {
    RefuseSyntax("This form of DELETE", text);
  }
  WriteQuery write;
  write.update_type = "DELETE";
  write.layout = connector::RowLayout::kChanges;
  write.operation = connector::RowOperation::kDelete;
  write.target =
      FindTarget(context, CompleteName(NameOf(*statement.table), session, text), text, "Deleting from views");
  write.sources.assign(write.target.columns.size(), WriteQuery::kNothing);
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  const std::string name = Bind(statement.table->Cast<duckdb::BaseTableRef>(), write.target);
  select->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(connector::kRowIdName, name));
  select->from_table = std::move(statement.table);
  select->where_clause = std::move(statement.condition);
  write.query = std::move(select);
  return write;
}

WriteQuery AnalyzeUpdate(duckdb::ClientContext& context, duckdb::UpdateStatement& update,
                         const QuerySession& session, const kernel::StatementText& text) {
  if (update.from_table || !update.returning_list.empty() || !update.cte_map.map.empty()) {
    RefuseSyntax("This form of UPDATE", text);
  }
  WriteQuery write;
  write.update_type = "UPDATE";
  write.layout = connector::RowLayout::kChanges;
  write.operation = connector::RowOperation::kUpdate;
  write.mismatch = "UPDATE table column types don't match SET expressions: ";
  write.query_word = "Expressions";
  write.target =
      FindTarget(context, CompleteName(NameOf(*update.table), session, text), text, "Updating views");
  const auto& columns = write.target.columns;
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  const std::string name = Bind(update.table->Cast<duckdb::BaseTableRef>(), write.target);
  select->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(connector::kRowIdName, name));
  for (size_t i = 0; i < columns.size(); i++) {
    select->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(columns[i].name, name));
    write.sources.push_back(i + 1);
  }
  std::set<size_t> assigned;
  for (size_t i = 0; i < update.set_info->columns.size(); i++) {
    const std::string column = StringUtil::Lower(update.set_info->columns[i]);
    const size_t position = PositionOf(columns, column);
    if (position == WriteQuery::kNothing) {
      Refuse(errors::COLUMN_NOT_FOUND, "The UPDATE SET target column " + column + " doesn't exist", 0, text);
    }
    if (!assigned.insert(position).second) {
      Refuse(errors::DUPLICATE_COLUMN_NAME, "Update column name is specified more than once: " + column, 0,
             text);
    }
    select->select_list[position + 1] = std::move(update.set_info->expressions[i]);
  }
  select->from_table = std::move(update.table);
  select->where_clause = std::move(update.set_info->condition);
  write.query = std::move(select);
  return write;
}

WriteQuery AnalyzeMerge(duckdb::ClientContext& context, duckdb::MergeIntoStatement& merge,
                        const QuerySession& session, const kernel::StatementText& text) {
  WriteQuery write;
  write.update_type = "MERGE";
  write.layout = connector::RowLayout::kChanges;
  write.target =
      FindTarget(context, CompleteName(NameOf(*merge.target), session, text), text, "Merging into views");
  const std::string name = Bind(merge.target->Cast<duckdb::BaseTableRef>(), write.target);
  for (size_t i = 0; i < write.target.columns.size(); i++) write.sources.push_back(i + 2);
  write.query = MergeQuery(context, merge, name, write.target.columns, session, text);
  return write;
}

bool IsText(const duckdb::LogicalType& type) { return type.id() == duckdb::LogicalTypeId::VARCHAR; }

bool IsTimestamp(const duckdb::LogicalType& type) {
  using duckdb::LogicalTypeId;
  switch (type.id()) {
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ:
      return true;
    default:
      return false;
  }
}

bool IsTime(const duckdb::LogicalType& type) {
  return type.id() == duckdb::LogicalTypeId::TIME || type.id() == duckdb::LogicalTypeId::TIME_TZ ||
         type.id() == duckdb::LogicalTypeId::TIME_NS;
}

/// Times and timestamps that the kernel has no type for (kernel/moment.h).
bool IsMoment(const duckdb::LogicalType& type) { return type.id() == duckdb::LogicalTypeId::UHUGEINT; }

}  // namespace

bool Assignable(const duckdb::LogicalType& from, const duckdb::LogicalType& to) {
  using duckdb::LogicalTypeId;
  if (from == to || from.id() == LogicalTypeId::SQLNULL || from.id() == LogicalTypeId::UNKNOWN) return true;
  if (from.id() == LogicalTypeId::INTEGER_LITERAL) return to.IsNumeric();
  if (from.id() == LogicalTypeId::STRING_LITERAL) return IsText(to);
  if (IsMoment(from) || IsMoment(to)) return from.id() == to.id();
  if (from.IsNumeric() && to.IsNumeric()) return true;
  if (IsTimestamp(from) && IsTimestamp(to)) return true;
  if (IsTime(from) && IsTime(to)) return true;
  if (from.id() != to.id()) return false;
  if (from.id() == LogicalTypeId::LIST) {
    return Assignable(duckdb::ListType::GetChildType(from), duckdb::ListType::GetChildType(to));
  }
  if (from.id() == LogicalTypeId::MAP) {
    return Assignable(duckdb::MapType::KeyType(from), duckdb::MapType::KeyType(to)) &&
           Assignable(duckdb::MapType::ValueType(from), duckdb::MapType::ValueType(to));
  }
  if (from.id() == LogicalTypeId::STRUCT) {
    const auto& fields = duckdb::StructType::GetChildTypes(from);
    const auto& others = duckdb::StructType::GetChildTypes(to);
    if (fields.size() != others.size()) return false;
    for (size_t i = 0; i < fields.size(); i++) {
      if (!Assignable(fields[i].second, others[i].second)) return false;
    }
  }
  return true;
}

duckdb::LogicalType ColumnTypeFor(const duckdb::LogicalType& type) {
  using duckdb::LogicalType;
  using duckdb::LogicalTypeId;
  switch (type.id()) {
    case LogicalTypeId::HUGEINT:
      return LogicalType::DECIMAL(38, 0);
    case LogicalTypeId::UTINYINT:
      return LogicalType::SMALLINT;
    case LogicalTypeId::USMALLINT:
      return LogicalType::INTEGER;
    case LogicalTypeId::UINTEGER:
      return LogicalType::BIGINT;
    case LogicalTypeId::UBIGINT:
      return LogicalType::DECIMAL(20, 0);
    case LogicalTypeId::ENUM:
    case LogicalTypeId::BIT:
      return LogicalType::VARCHAR;
    case LogicalTypeId::LIST:
      return LogicalType::LIST(ColumnTypeFor(duckdb::ListType::GetChildType(type)));
    default:
      return type;
  }
}

TableName CompleteName(TableName name, const QuerySession& session, const kernel::StatementText& statement) {
  name.schema = StringUtil::Lower(name.schema);
  name.catalog = StringUtil::Lower(name.catalog);
  name.table = StringUtil::Lower(name.table);
  if (name.schema.empty()) {
    if (session.schema.empty()) {
      Refuse(errors::MISSING_SCHEMA_NAME, "Schema must be specified when session schema is not set",
             name.position, statement);
    }
    name.schema = session.schema;
  }
  if (name.catalog.empty()) {
    if (session.catalog.empty()) {
      Refuse(errors::MISSING_CATALOG_NAME, "Catalog must be specified when session catalog is not set",
             name.position, statement);
    }
    name.catalog = session.catalog;
  }
  if (name.catalog == "system") name.catalog = kSystemCatalog;
  return name;
}

WriteTarget FindTarget(duckdb::ClientContext& context, const TableName& name,
                       const kernel::StatementText& statement, const std::string& what_views_refuse) {
  const auto registry = connector::ConnectorRegistry::Of(duckdb::DatabaseInstance::GetDatabase(context));
  const auto connector = registry ? registry->Find(name.catalog) : nullptr;
  if (connector && connector->GetView(name.schema, name.table)) {
    Refuse(errors::NOT_SUPPORTED, what_views_refuse + " is not supported", 0, statement);
  }
  auto table = connector ? connector::FindTable(context, name.catalog, name.schema, name.table) : nullptr;
  if (!table) {
    Refuse(errors::TABLE_NOT_FOUND,
           "Table '" + name.catalog + "." + name.schema + "." + name.table + "' does not exist",
           name.position, statement);
  }
  return {name.catalog, name.schema, name.table, table->columns(), table};
}

std::optional<WriteQuery> AnalyzeWrite(duckdb::ClientContext& context, duckdb::SQLStatement& statement,
                                       const QuerySession& session, const kernel::StatementText& text) {
  std::optional<WriteQuery> write;
  switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT:
      write = AnalyzeInsert(context, statement.Cast<duckdb::InsertStatement>(), session, text);
      break;
    case duckdb::StatementType::DELETE_STATEMENT:
      write = AnalyzeDelete(context, statement.Cast<duckdb::DeleteStatement>(), session, text);
      break;
    case duckdb::StatementType::UPDATE_STATEMENT:
      write = AnalyzeUpdate(context, statement.Cast<duckdb::UpdateStatement>(), session, text);
      break;
    case duckdb::StatementType::MERGE_INTO_STATEMENT:
      write = AnalyzeMerge(context, statement.Cast<duckdb::MergeIntoStatement>(), session, text);
      break;
    default:
      return std::nullopt;
  }
  if (write->layout == connector::RowLayout::kChanges && !write->target.snapshot->HasRowIds()) {
    throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support modifying table rows");
  }
  ResolveNames(*write->query, session, text);
  return write;
}

}  // namespace planaria::planner
