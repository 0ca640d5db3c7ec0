// What the analyser asks about tables and functions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/ast/routine.h"
#include "sql/types/type.h"

namespace planaria::sql {

struct TableColumn {
  /// As the kernel knows it.
  std::string name;
  /// Nothing for a type that the analyser has no word for.
  std::optional<Type> type;
  /// `*` does not give it.
  bool hidden = false;
  /// What makes a value of `type` out of what is stored, `$1`, in the kernel's SQL; empty: it is one.
  std::string conversion = {};
};

/// Names that are asked for are lower case and complete. Implementations may throw TrinoException with a
/// connector's error.
class Metadata {
 public:
  virtual ~Metadata() = default;

  virtual bool HasCatalog(const std::string& catalog) const = 0;
  virtual bool HasSchema(const std::string& catalog, const std::string& schema) const = 0;
  /// The columns of a table or view; nothing when there is none of that name. Throws INVALID_VIEW and the
  /// like, without a place, for a view that cannot be read.
  virtual std::optional<std::vector<TableColumn>> FindTable(const std::string& catalog,
                                                            const std::string& schema,
                                                            const std::string& table) const = 0;
  /// Functions of SQL of that name that a catalog keeps; none where there is no such catalog or schema.
  virtual std::vector<std::shared_ptr<const ast::FunctionSpecification>> FindFunctions(
      const std::string&, const std::string&, const std::string&) const {
    return {};
  }
};

}  // namespace planaria::sql
