// CREATE FUNCTION, DROP FUNCTION, and what shows the functions that a catalog keeps.
#include "base/error.h"
#include "connector/sql_functions.h"
#include "coordinator/catalog_metadata.h"
#include "coordinator/definition_steps.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/literals.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/like_pattern.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

struct FunctionName {
  std::string catalog, schema, name;
};

FunctionName FullName(const sql::ast::QualifiedName& name, ErrorLocation location) {
  const std::vector<std::string> parts = sql::PartsOf(name);
  if (parts.size() == 1) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location,
                 "Catalog and schema must be specified when function schema is not configured");
  }
  if (parts.size() != 3) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location,
                 "Function name must be unqualified or fully qualified with catalog and schema");
  }
  return {parts[0], parts[1], parts[2]};
}

/// nullptr where the catalog, if there is one, keeps no functions.
connector::SqlFunctionStore* StoreOf(const CatalogObjects& objects, const std::string& catalog) {
  // The registry keeps the connector as long as the server runs.
  return connector::SqlFunctionsOf(objects.FindConnector(catalog).get());
}

std::string ArgumentsOf(const std::vector<sql::ast::RoutineParameter>& parameters) {
  std::vector<sql::Type> types;
  for (const auto& parameter : parameters) types.push_back(sql::TypeOf(*parameter.type));
  return sql::TypeList(types);
}

std::string CommentOf(const sql::ast::FunctionSpecification& function) {
  for (const auto& characteristic : function.characteristics) {
    if (characteristic.kind == sql::ast::RoutineCharacteristic::Kind::kComment) return characteristic.comment;
  }
  return "";
}

/// Rows under the names, of texts but for what is deterministic; none where `rows` is empty.
std::string Rows(const std::vector<std::string>& names, const std::string& rows) {
  std::string columns, nothing;
  for (const std::string& name : names) {
    columns += (columns.empty() ? "" : ", ") + sql::QuoteName(name);
    nothing +=
        (nothing.empty() ? "" : ", ") + std::string("CAST(NULL AS VARCHAR) AS ") + sql::QuoteName(name);
  }
  if (rows.empty()) return "SELECT " + nothing + " WHERE false";
  return "SELECT * FROM (VALUES " + rows + ") AS f(" + columns + ")";
}

}  // namespace

DefinitionAnswer DefineFunction(const CatalogObjects& objects, const sql::ast::Statement& statement) {
  const auto& create = std::get<sql::ast::CreateFunction>(statement.node);
  const FunctionName name = FullName(create.function.name, statement.location);
  objects.ConnectorOf(name.catalog, statement.location);
  const CatalogMetadata metadata(objects.engine());
  const sql::AnalysisSession session{objects.session().catalog, objects.session().schema, {}};
  connector::SqlFunction function;
  function.deterministic = sql::CheckFunction(create.function, session, metadata);
  function.name = name.name;
  function.arguments = ArgumentsOf(create.function.parameters);
  function.returns = sql::TypeOf(*create.function.returns).ToString();
  function.comment = CommentOf(create.function);
  function.definition = sql::Format(statement);
  constexpr std::string_view kReplace = "CREATE OR REPLACE ";
  if (function.definition.starts_with(kReplace)) function.definition.replace(0, kReplace.size(), "CREATE ");
  connector::SqlFunctionStore* store = StoreOf(objects, name.catalog);
  if (store == nullptr) {
    throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support creating functions");
  }
  if (!store->Create(name.schema, std::move(function), create.or_replace)) {
    sql::ThrowAt(errors::ALREADY_EXISTS, statement.location, "Function already exists");
  }
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::DropFunction& drop,
                        ErrorLocation location) {
  const FunctionName name = FullName(drop.name, location);
  connector::SqlFunctionStore* store = StoreOf(objects, name.catalog);
  const bool dropped = store != nullptr && store->Drop(name.schema, name.name, ArgumentsOf(drop.parameters));
  if (!dropped && !drop.if_exists) sql::ThrowAt(errors::NOT_FOUND, location, "Function not found");
  return std::nullopt;
}

DefinitionAnswer ShowCreateFunction(const CatalogObjects& objects, const sql::ast::ShowCreate& show,
                                    ErrorLocation location) {
  const FunctionName name = FullName(show.name, location);
  std::string rows;
  if (const connector::SqlFunctionStore* store = StoreOf(objects, name.catalog)) {
    for (const connector::SqlFunction& function : store->List(name.schema)) {
      if (function.name != name.name) continue;
      rows += (rows.empty() ? "(" : ", (") + sql::QuoteString(function.definition) + ")";
    }
  }
  if (rows.empty()) sql::ThrowAt(errors::NOT_FOUND, location, "Function not found");
  return Rows({"Create Function"}, rows);
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::ShowFunctions& show, ErrorLocation) {
  const SchemaName schema = objects.SchemaOf(*show.schema, show.schema->parts.size());
  std::string rows;
  if (const connector::SqlFunctionStore* store = StoreOf(objects, schema.catalog)) {
    for (const connector::SqlFunction& function : store->List(schema.schema)) {
      rows += (rows.empty() ? "(" : ", (") + sql::QuoteString(function.name) + ", " +
              sql::QuoteString(function.returns) + ", " + sql::QuoteString(function.arguments) +
              ", 'scalar', " + (function.deterministic ? "true, " : "false, ") +
              sql::QuoteString(function.comment) + ")";
    }
  }
  return "SELECT * REPLACE (CAST(\"Deterministic\" AS BOOLEAN) AS \"Deterministic\") FROM (" +
         Rows({"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"},
              rows) +
         ") WHERE true" + (rows.empty() ? "" : sql::AndLike("\"Function\"", show.like)) +
         " ORDER BY 1, 2, 3, 4";
}

}  // namespace planaria::coordinator
