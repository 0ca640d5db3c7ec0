#include <algorithm>

#include "base/error.h"
#include "coordinator/definition_steps.h"
#include "sql/analyzer/literals.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

std::optional<sql::Type> DeclaredType(const sql::ast::DataType& type) {
  try {
    return sql::TypeOf(type);
  } catch (const sql::NotAnalyzed&) {
    return std::nullopt;
  }
}

}  // namespace

connector::Column ColumnOfType(const CatalogObjects& objects, const std::string& name,
                               const sql::ast::DataType& type, ErrorLocation location) {
  connector::Column column{name, {}};
  try {
    column.declared = DeclaredType(type);
    // The kernel reads the type: it is that of a cast.
    const auto plan =
        planner::PlanQuery(objects.engine(), objects.session(),
                           "SELECT CAST(NULL AS " + sql::LowerType(type) + ")", planner::PlannerOptions());
    column.type = plan.column_types[0];
  } catch (const TrinoException& exception) {
    if (exception.error().code.name != errors::TYPE_NOT_FOUND.name) throw;
    sql::ThrowAt(errors::TYPE_NOT_FOUND, location,
                 "Unknown type '" + sql::Format(type) + "' for column '" + name + "'");
  }
  return column;
}

connector::Column NewColumn(const CatalogObjects& objects, const sql::ast::ColumnDefinition& definition,
                            const std::string& catalog) {
  auto column =
      ColumnOfType(objects, sql::DottedName(definition.name), *definition.type, definition.location);
  column.nullable = definition.nullable;
  column.comment = definition.comment;
  if (!definition.properties.empty()) {
    const sql::ast::Property& property = definition.properties[0];
    sql::ThrowAt(
        errors::INVALID_COLUMN_PROPERTY, property.name.location,
        "Catalog '" + catalog + "' column property '" + sql::NameOf(property.name) + "' does not exist");
  }
  return column;
}

void CheckTableProperties(const std::vector<sql::ast::Property>& properties,
                          const connector::Connector& connector, const std::string& catalog) {
  const auto known = connector.writes().table_properties();
  for (const sql::ast::Property& property : properties) {
    const std::string name = sql::NameOf(property.name);
    if (std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.name == name; })) continue;
    sql::ThrowAt(errors::INVALID_TABLE_PROPERTY, property.name.location,
                 "Catalog '" + catalog + "' table property '" + name + "' does not exist");
  }
}

}  // namespace planaria::coordinator
