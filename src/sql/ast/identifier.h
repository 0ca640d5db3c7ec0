// Names in a statement.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace planaria::sql::ast {

struct Identifier {
  /// As written, without quotes; doubled quotes made single.
  std::string value;
  /// Written in double quotes.
  bool delimited = false;
  ErrorLocation location;
};

/// `catalog.schema.table`: at least one part.
struct QualifiedName {
  std::vector<Identifier> parts;
  ErrorLocation location;
};

}  // namespace planaria::sql::ast
