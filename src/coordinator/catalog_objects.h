// Schemas, tables and views by the names that statements give them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/table_writes.h"
#include "kernel/engine.h"
#include "planner/query_planner.h"
#include "sql/ast/identifier.h"

namespace planaria::coordinator {

struct SchemaName {
  std::string catalog;
  std::string schema;
  std::string ToString() const { return catalog + "." + schema; }
};

/// Of a table or view.
struct ObjectName {
  std::string catalog;
  connector::TableReference reference;
  std::string ToString() const { return catalog + "." + reference.ToString(); }
};

/// For one statement. Borrows engine and session.
class CatalogObjects {
 public:
  CatalogObjects(kernel::Engine& engine, const planner::QuerySession& session)
      : engine_(engine), session_(session) {}

  kernel::Engine& engine() const { return engine_; }
  const planner::QuerySession& session() const { return session_; }

  /// The first `parts` parts of the name, the session's filled in. Throws MISSING_CATALOG_NAME,
  /// MISSING_SCHEMA_NAME, SYNTAX_ERROR.
  SchemaName SchemaOf(const sql::ast::QualifiedName& name, size_t parts) const;
  ObjectName ObjectOf(const sql::ast::QualifiedName& name) const;
  /// What `source` is to be called: parts that the name leaves out are the source's.
  ObjectName TargetOf(const ObjectName& source, const sql::ast::QualifiedName& name) const;

  /// Throws CATALOG_NOT_FOUND.
  std::shared_ptr<const connector::Connector> ConnectorOf(const std::string& catalog,
                                                          const ErrorLocation& location) const;
  /// The same, nullptr when there is no such catalog.
  std::shared_ptr<const connector::Connector> FindConnector(const std::string& catalog) const;

  /// nullptr when there is no such table.
  std::shared_ptr<const connector::Table> FindTable(const ObjectName& name) const;
  std::optional<connector::View> FindView(const ObjectName& name) const;
  /// Throws TABLE_NOT_FOUND, at `location`.
  std::shared_ptr<const connector::Table> GetTable(const ObjectName& name, ErrorLocation location) const;

  static bool HasSchema(const connector::Connector& connector, const std::string& schema);

 private:
  kernel::Engine& engine_;
  const planner::QuerySession& session_;
};

/// As the kernel knows the catalog.
std::string AttachedName(const std::string& catalog);

}  // namespace planaria::coordinator
