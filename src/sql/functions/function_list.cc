#include "sql/functions/function_list.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "sql/functions/function_table.h"

namespace planaria::sql {

namespace {

/// Functions that the analyser makes of others; the table has them in part or not at all.
bool IsAnalyzed(std::string_view name) {
  static const std::set<std::string_view> names = {
      "all_match",       "any_match",      "array_join",       "array_sort", "concat",     "current_date",
      "exclude_columns", "filter",         "format",           "greatest",   "least",      "map_concat",
      "map_filter",      "map_zip_with",   "none_match",       "reduce",     "reduce_agg", "uuid",
      "transform",       "transform_keys", "transform_values", "typeof",     "zip_with"};
  return names.contains(name);
}

/// Overloads that take or give values of these are not there.
bool HasAbsentType(const ListedFunction& function) {
  static constexpr std::string_view kAbsent[] = {"CodePoints"};
  return std::any_of(std::begin(kAbsent), std::end(kAbsent), [&](std::string_view type) {
    return function.argument_types.find(type) != std::string::npos ||
           function.return_type.find(type) != std::string::npos;
  });
}

/// Commas outside of parentheses separate arguments.
size_t CountArguments(std::string_view types) {
  if (types.empty()) return 0;
  int depth = 0;
  size_t count = 1;
  for (const char c : types) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) ++count;
  }
  return count;
}

bool IsThere(const ListedFunction& function) {
  if (HasAbsentType(function)) return false;
  if (IsAnalyzed(function.name)) return true;
  const bool lambda = function.argument_types.find("function(") != std::string::npos;
  return !lambda && HasFunction(function.name) &&
         TakesArguments(function.name, CountArguments(function.argument_types));
}

}  // namespace

const std::vector<ListedFunction>& ListFunctions() {
  static const std::vector<ListedFunction> functions = [] {
    std::vector<ListedFunction> all = {
#define LISTED(NAME, RESULT, ARGUMENTS, KIND, DETERMINISTIC, DESCRIPTION) \
  {NAME, RESULT, ARGUMENTS, KIND, DETERMINISTIC, DESCRIPTION},
#include "sql/functions/function_list.inc"
#undef LISTED
    };
    std::erase_if(all, [](const ListedFunction& function) { return !IsThere(function); });
    return all;
  }();
  return functions;
}

bool IsDeterministic(std::string_view name) {
  static const std::set<std::string_view> others = [] {
    std::set<std::string_view> names;
#define LISTED(NAME, RESULT, ARGUMENTS, KIND, DETERMINISTIC, DESCRIPTION) \
  if (!(DETERMINISTIC)) names.insert(NAME);
#include "sql/functions/function_list.inc"
#undef LISTED
    return names;
  }();
  return !others.contains(name);
}

}  // namespace planaria::sql
