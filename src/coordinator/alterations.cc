#include <algorithm>

#include "base/error.h"
#include "coordinator/definition_steps.h"
#include "sql/error_at.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

/// A table that a statement alters.
struct Altered {
  ObjectName name;
  std::shared_ptr<const connector::Connector> connector;
  std::shared_ptr<const connector::Table> table;

  const connector::ConnectorWrites& writes() const { return connector->writes(); }
  bool Has(const std::string& column) const { return Find(column) != nullptr; }
  const connector::Column* Find(const std::string& column) const {
    const auto& columns = table->columns();
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.name == column; });
    return found == columns.end() ? nullptr : &*found;
  }
};

/// Nothing when there is no table of that name and `may_be_missing`.
std::optional<Altered> Find(const CatalogObjects& objects, const sql::ast::QualifiedName& name,
                            bool may_be_missing, ErrorLocation location) {
  Altered altered{objects.ObjectOf(name), nullptr, nullptr};
  if (objects.FindView(altered.name)) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location,
                 "Relation '" + altered.name.ToString() + "' is a view, not a table");
  }
  altered.table = objects.FindTable(altered.name);
  if (!altered.table) {
    if (may_be_missing) return std::nullopt;
    objects.GetTable(altered.name, location);
  }
  altered.connector = objects.ConnectorOf(altered.name.catalog, location);
  return altered;
}

/// Columns of columns are not altered by any connector here.
std::string TopLevel(const sql::ast::QualifiedName& column, ErrorLocation location) {
  if (column.parts.size() != 1) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "This connector does not support modifying fields");
  }
  return sql::NameOf(column.parts[0]);
}

[[noreturn]] void ThrowNoColumn(const std::string& column, ErrorLocation location) {
  sql::ThrowAt(errors::COLUMN_NOT_FOUND, location, "Column '" + column + "' does not exist");
}

void RenameSchema(const CatalogObjects& objects, const sql::ast::RenameObject& rename,
                  ErrorLocation location) {
  const SchemaName name = objects.SchemaOf(rename.name, rename.name.parts.size());
  const auto connector = objects.FindConnector(name.catalog);
  if (!connector || !CatalogObjects::HasSchema(*connector, name.schema)) {
    sql::ThrowAt(errors::SCHEMA_NOT_FOUND, location, "Schema '" + name.ToString() + "' does not exist");
  }
  const SchemaName target{name.catalog, sql::NameOf(rename.target.parts.back())};
  if (CatalogObjects::HasSchema(*connector, target.schema)) {
    sql::ThrowAt(errors::SCHEMA_ALREADY_EXISTS, location,
                 "Target schema '" + target.ToString() + "' already exists");
  }
  connector->writes().RenameSchema(name.schema, target.schema);
}

void RenameTable(const CatalogObjects& objects, const sql::ast::RenameObject& rename,
                 ErrorLocation location) {
  const ObjectName name = objects.ObjectOf(rename.name);
  if (objects.FindView(name)) {
    sql::ThrowAt(errors::GENERIC_USER_ERROR, location,
                 "Table '" + name.ToString() +
                     "' does not exist, but a view with that name exists. Did you mean ALTER VIEW " +
                     name.ToString() + " RENAME TO ...?");
  }
  const auto altered = Find(objects, rename.name, rename.if_exists, location);
  if (!altered) return;
  const ObjectName target = objects.TargetOf(name, rename.target);
  objects.ConnectorOf(target.catalog, location);
  if (objects.FindView(target)) {
    sql::ThrowAt(
        errors::GENERIC_USER_ERROR, location,
        "Target table '" + target.ToString() + "' does not exist, but a view with that name exists.");
  }
  if (objects.FindTable(target)) {
    sql::ThrowAt(errors::TABLE_ALREADY_EXISTS, location,
                 "Target table '" + target.ToString() + "' already exists");
  }
  if (name.catalog != target.catalog) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "Table rename across catalogs is not supported");
  }
  altered->writes().RenameTable(name.reference, target.reference);
}

}  // namespace

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::RenameObject& rename,
                        ErrorLocation location) {
  switch (rename.kind) {
    case sql::ast::ObjectKind::kSchema:
      RenameSchema(objects, rename, location);
      return std::nullopt;
    case sql::ast::ObjectKind::kView:
      return RenameView(objects, rename, location);
    case sql::ast::ObjectKind::kMaterializedView:
      if (rename.if_exists) return std::nullopt;
      sql::ThrowAt(errors::TABLE_NOT_FOUND, location,
                   "Materialized View '" + objects.ObjectOf(rename.name).ToString() + "' does not exist");
    default:
      RenameTable(objects, rename, location);
      return std::nullopt;
  }
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::SetProperties& set,
                        ErrorLocation location) {
  if (set.kind != sql::ast::ObjectKind::kTable) {
    sql::ThrowAt(errors::TABLE_NOT_FOUND, location,
                 "Materialized View '" + objects.ObjectOf(set.name).ToString() + "' does not exist");
  }
  const auto altered = Find(objects, set.name, false, location);
  CheckTableProperties(set.properties, *altered->connector, altered->name.catalog);
  throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support setting table properties");
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::SetAuthorization& set, ErrorLocation) {
  const size_t parts = set.kind == "SCHEMA" ? set.name.parts.size() : set.name.parts.size() - 1;
  throw TrinoException(errors::NOT_SUPPORTED, "Catalog does not support permission management: " +
                                                  objects.SchemaOf(set.name, parts).catalog);
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::AddColumn& add,
                        ErrorLocation location) {
  using Position = sql::ast::AddColumn::Position;
  const auto altered = Find(objects, add.table, add.table_if_exists, location);
  if (!altered) return std::nullopt;
  const std::string name = TopLevel(add.column.name, location);
  const connector::Column column = NewColumn(objects, add.column, altered->name.catalog);
  if (altered->Has(name)) {
    if (add.if_not_exists) return std::nullopt;
    sql::ThrowAt(errors::COLUMN_ALREADY_EXISTS, location, "Column '" + name + "' already exists");
  }
  if (add.position == Position::kAfter && !altered->Has(sql::NameOf(add.after))) {
    ThrowNoColumn(sql::NameOf(add.after), location);
  }
  if (add.position == Position::kFirst || add.position == Position::kAfter) {
    throw TrinoException(errors::NOT_SUPPORTED,
                         std::string("This connector does not support adding columns with ") +
                             (add.position == Position::kFirst ? "FIRST" : "AFTER") + " clause");
  }
  altered->writes().AddColumn(altered->name.reference, column);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::RenameColumn& rename,
                        ErrorLocation location) {
  const auto altered = Find(objects, rename.table, rename.table_if_exists, location);
  if (!altered) return std::nullopt;
  const std::string name = TopLevel(rename.column, location), target = sql::NameOf(rename.target);
  if (!altered->Has(name)) {
    if (rename.if_exists) return std::nullopt;
    ThrowNoColumn(name, location);
  }
  if (altered->Has(target)) {
    sql::ThrowAt(errors::COLUMN_ALREADY_EXISTS, location, "Column '" + target + "' already exists");
  }
  altered->writes().RenameColumn(altered->name.reference, name, target);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::DropColumn& drop,
                        ErrorLocation location) {
  const auto altered = Find(objects, drop.table, drop.table_if_exists, location);
  if (!altered) return std::nullopt;
  const std::string name = TopLevel(drop.column, location);
  if (!altered->Has(name)) {
    if (drop.if_exists) return std::nullopt;
    ThrowNoColumn(name, location);
  }
  if (altered->table->columns().size() == 1) {
    sql::ThrowAt(errors::NOT_SUPPORTED, location, "Cannot drop the only column in a table");
  }
  altered->writes().DropColumn(altered->name.reference, name);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::SetColumnType& set,
                        ErrorLocation location) {
  const auto altered = Find(objects, set.table, set.table_if_exists, location);
  if (!altered) return std::nullopt;
  const std::string name = TopLevel(set.column, location);
  if (!altered->Has(name)) ThrowNoColumn(name, location);
  const connector::Column column = ColumnOfType(objects, name, *set.type, set.type->location);
  altered->writes().SetColumnType(altered->name.reference, name, column.type);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::DropNotNull& drop,
                        ErrorLocation location) {
  const auto altered = Find(objects, drop.table, drop.table_if_exists, location);
  if (!altered) return std::nullopt;
  const std::string name = sql::NameOf(drop.column);
  const auto* column = altered->Find(name);
  if (column == nullptr) ThrowNoColumn(name, location);
  if (column->nullable) sql::ThrowAt(errors::NOT_SUPPORTED, location, "Column is already nullable");
  altered->writes().DropNotNull(altered->name.reference, name);
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::Comment& comment,
                        ErrorLocation location) {
  using Kind = sql::ast::Comment::Kind;
  const auto refuse = [&](const ObjectName& name, const std::string& is, const std::string& other,
                          const std::string& word) {
    sql::ThrowAt(errors::TABLE_NOT_FOUND, location,
                 is + " '" + name.ToString() + "' does not exist, but a " + other +
                     " with that name exists. Did you mean COMMENT ON " + word + " " + name.ToString() +
                     " IS ...?");
  };
  sql::ast::QualifiedName object = comment.name;
  std::string column;
  if (comment.kind == Kind::kColumn) {
    if (object.parts.size() < 2) {
      sql::ThrowAt(errors::MISSING_TABLE, location, "Table must be specified");
    }
    column = sql::NameOf(object.parts.back());
    object.parts.pop_back();
  }
  const ObjectName name = objects.ObjectOf(object);
  const auto view = objects.FindView(name);
  const auto table = view ? nullptr : objects.FindTable(name);
  const auto connector = objects.FindConnector(name.catalog);
  // Where there is a table or a view there is a connector.
  const auto writes = [&]() -> const connector::ConnectorWrites& { return connector->writes(); };
  if (comment.kind == Kind::kView) {
    if (table) refuse(name, "View", "table", "TABLE");
    if (!view) {
      sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "View '" + name.ToString() + "' does not exist");
    }
    writes().SetViewComment(name.reference, comment.comment);
    return std::nullopt;
  }
  if (comment.kind == Kind::kTable && view) refuse(name, "Table", "view", "VIEW");
  if (!view && !table) {
    sql::ThrowAt(errors::TABLE_NOT_FOUND, location, "Table does not exist: " + name.ToString());
  }
  if (comment.kind == Kind::kTable) {
    writes().SetTableComment(name.reference, comment.comment);
    return std::nullopt;
  }
  const auto& columns = view ? view->columns : table->columns();
  if (std::none_of(columns.begin(), columns.end(), [&](const auto& one) { return one.name == column; })) {
    sql::ThrowAt(errors::COLUMN_NOT_FOUND, location, "Column does not exist: " + column);
  }
  if (view) {
    writes().SetViewColumnComment(name.reference, column, comment.comment);
  } else {
    writes().SetColumnComment(name.reference, column, comment.comment);
  }
  return std::nullopt;
}

DefinitionAnswer Define(const CatalogObjects& objects, const sql::ast::TableExecute& execute,
                        ErrorLocation location) {
  objects.GetTable(objects.ObjectOf(execute.table), location);
  throw TrinoException(errors::PROCEDURE_NOT_FOUND,
                       "Table procedure not registered: " + sql::NameOf(execute.procedure));
}

}  // namespace planaria::coordinator
