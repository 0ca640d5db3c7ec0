// Trino's functions as SHOW FUNCTIONS lists them.
#pragma once

#include <string>
#include <vector>

namespace planaria::sql {

struct ListedFunction {
  std::string name;
  std::string return_type;
  /// `array(t), t`; types of Trino's own inside, such as `joniregexp`, too.
  std::string argument_types;
  /// scalar, aggregate or window
  std::string kind;
  bool deterministic = true;
  std::string description;
};

/// Trino's overloads, with its texts and in its order, of the functions that are there.
const std::vector<ListedFunction>& ListFunctions();

}  // namespace planaria::sql
