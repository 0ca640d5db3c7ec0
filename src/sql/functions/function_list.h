// Trino's functions as SHOW FUNCTIONS lists them.
#pragma once

#include <string>
#include <vector>

namespace planaria::sql {

struct ListedFunction {
  std::string name;
  std::string return_type;
  /// `array(t), t`
  std::string argument_types;
  /// scalar, aggregate or window
  std::string kind;
  bool deterministic = true;
};

/// Every overload of the function table.
const std::vector<ListedFunction>& ListFunctions();

}  // namespace planaria::sql
