// Trino's functions as SHOW FUNCTIONS lists them.
#pragma once

#include <string>
#include <string_view>
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

/// Whether a function of Trino's of that name always gives the same for the same arguments; so do all others.
bool IsDeterministic(std::string_view name);

}  // namespace planaria::sql
