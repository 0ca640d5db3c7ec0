#include "sql/functions/function_list.h"

#include <set>
#include <string_view>

#include "sql/functions/function_table.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

std::string_view KindName(FunctionKind kind) {
  switch (kind) {
    case FunctionKind::kScalar:
      return "scalar";
    case FunctionKind::kAggregate:
      return "aggregate";
    case FunctionKind::kWindow:
      return "window";
  }
  return "";
}

/// Variables in small letters, as Trino shows them.
ListedFunction Listed(FunctionKind kind, std::string_view name, std::string_view arguments,
                      std::string_view result) {
  static const std::set<std::string_view> random = {"rand", "random", "shuffle", "uuid"};
  return {std::string(name), LowerCase(result), LowerCase(arguments), std::string(KindName(kind)),
          !random.contains(name)};
}

}  // namespace

const std::vector<ListedFunction>& ListFunctions() {
  static const std::vector<ListedFunction> functions = {
#define FUNCTION(KIND, NAME, ARGUMENTS, RESULT, PATTERN) \
  Listed(FunctionKind::k##KIND, NAME, ARGUMENTS, RESULT),
#include "sql/functions/functions.inc"
#undef FUNCTION
  };
  return functions;
}

}  // namespace planaria::sql
