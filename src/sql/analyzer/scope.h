// What names can mean at a place of a query.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast/identifier.h"
#include "sql/types/type.h"

namespace planaria::sql {

/// A column that can be named.
struct Field {
  /// Parts that may stand before the name: `catalog.schema.table` or an alias; empty for none.
  std::vector<std::string> relation;
  /// Empty for a column without a name.
  std::string name;
  Type type;
  /// How the kernel's SQL names it: `"t"."a"`.
  std::string sql;
  /// Catalog, schema, table and name of the column that it is; empty for what was computed.
  std::vector<std::string> origin = {};
  /// Of a query's column: named with AS.
  bool aliased = false;
  /// `*` does not give it.
  bool hidden = false;
  /// The name as `*` shows it, where that is not `name`.
  std::string shown = {};
};

/// A query of a WITH clause.
struct NamedQuery {
  std::string sql_name;
  /// `sql` is the column's name alone.
  std::vector<Field> columns;
  /// Whether a relation has been named by it.
  mutable bool used = false;
};

struct Scope {
  /// Of the query around this one; not owned, may be null.
  const Scope* parent = nullptr;
  std::vector<Field> fields;
  /// Holds the parameters of a lambda expression; the query's own columns are the parent's.
  bool of_lambda = false;
  /// Of ON, which subqueries in it must not name.
  bool of_join = false;
  /// RIGHT or FULL: holds the left side of such a join, which its right side must not name.
  std::string_view left_of = {};
  /// Named queries that are seen here and not in the parent.
  std::map<std::string, NamedQuery> named;

  /// Fields of this scope alone that the name, lower case parts, fits.
  std::vector<const Field*> Matches(const std::vector<std::string>& name) const;
  const NamedQuery* FindNamed(const std::string& name) const;
};

}  // namespace planaria::sql
