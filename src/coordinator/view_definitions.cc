#include "base/error.h"
#include "coordinator/catalog_metadata.h"
#include "coordinator/definition_steps.h"
#include "coordinator/views.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

[[noreturn]] void ThrowNoView(const CatalogObjects& objects, const ObjectName& name, ErrorCode code,
                              ErrorLocation location, const std::string& instead) {
  std::string message = "View '" + name.ToString() + "' does not exist";
  if (objects.FindTable(name)) {
    message += ", but a table with that name exists. Did you mean " + instead + "?";
  }
  sql::ThrowAt(code, location, message);
}

}  // namespace

DefinitionAnswer DefineView(const CatalogObjects& objects, const sql::ast::Statement& statement) {
  const auto& create = std::get<sql::ast::CreateView>(statement.node);
  const ErrorLocation location = statement.location;
  const ObjectName name = objects.ObjectOf(create.name);
  const auto connector = objects.ConnectorOf(name.catalog, location);
  const bool exists = objects.FindView(name).has_value();
  const CatalogMetadata metadata(objects.engine(),
                                 create.or_replace && exists ? name.ToString() : std::string());
  const connector::View view = MakeView(objects.engine(), objects.session(), statement, metadata);
  if (!create.properties.empty()) {
    const sql::ast::Property& property = create.properties[0];
    sql::ThrowAt(
        errors::INVALID_VIEW_PROPERTY, property.name.location,
        "Catalog '" + name.catalog + "' view property '" + sql::NameOf(property.name) + "' does not exist");
  }
  if (objects.FindTable(name)) {
    sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, location, "Table already exists: '" + name.ToString() + "'");
  }
  if (exists && !create.or_replace) {
    sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, location, "View already exists: '" + name.ToString() + "'");
  }
  connector->writes().CreateView(name.reference, view, create.or_replace);
  return std::nullopt;
}

DefinitionAnswer DropView(const CatalogObjects& objects, const sql::ast::DropObject& drop,
                          ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(drop.name);
  if (!objects.FindView(name)) {
    if (drop.if_exists && !objects.FindTable(name)) return std::nullopt;
    ThrowNoView(objects, name, errors::GENERIC_USER_ERROR, location, "DROP TABLE " + name.ToString());
  }
  objects.ConnectorOf(name.catalog, location)->writes().DropView(name.reference);
  return std::nullopt;
}

DefinitionAnswer RenameView(const CatalogObjects& objects, const sql::ast::RenameObject& rename,
                            ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(rename.name);
  if (!objects.FindView(name)) {
    ThrowNoView(objects, name, errors::TABLE_NOT_FOUND, location,
                "ALTER TABLE " + name.ToString() + " RENAME TO ...");
  }
  const ObjectName target = objects.TargetOf(name, rename.target);
  objects.ConnectorOf(target.catalog, location);
  if (objects.FindView(target)) {
    sql::ThrowAt(errors::GENERIC_USER_ERROR, location,
                 "Target view '" + target.ToString() + "' already exists");
  }
  if (objects.FindTable(target)) {
    sql::ThrowAt(
        errors::TABLE_ALREADY_EXISTS, location,
        "Target view '" + target.ToString() + "' does not exist, but a table with that name exists.");
  }
  if (name.catalog != target.catalog) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "View rename across catalogs is not supported");
  }
  objects.ConnectorOf(name.catalog, location)->writes().RenameView(name.reference, target.reference);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::CreateMaterializedView& create,
                        ErrorLocation location) {
  objects.ConnectorOf(objects.ObjectOf(create.name).catalog, location);
  throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support creating materialized views");
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::RefreshMaterializedView& refresh,
                        ErrorLocation location) {
  sql::ThrowAt(errors::TABLE_NOT_FOUND, location,
               "Materialized view '" + objects.ObjectOf(refresh.name).ToString() + "' does not exist");
}

DefinitionAnswer DropMaterializedView(const CatalogObjects& objects, const sql::ast::DropObject& drop,
                                      ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(drop.name);
  std::string message = "Materialized view '" + name.ToString() + "' does not exist";
  if (objects.FindView(name)) {
    message += ", but a view with that name exists. Did you mean DROP VIEW " + name.ToString() + "?";
  } else if (objects.FindTable(name)) {
    message += ", but a table with that name exists. Did you mean DROP TABLE " + name.ToString() + "?";
  } else if (drop.if_exists) {
    return std::nullopt;
  }
  sql::ThrowAt(errors::GENERIC_USER_ERROR, location, message);
}

}  // namespace planaria::coordinator
