// An expression that has been analysed: its type, and its text for the kernel.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/ast/expression.h"
#include "sql/lowering/lowered_query.h"
#include "sql/types/type.h"

namespace planaria::sql {

struct Typed {
  Type type;
  LoweredQuery sql;
  ErrorLocation location;
  /// Of a `?` whose type is looked for: where the type is put that it is turned into. Not owned.
  Type* parameter_type = nullptr;
  /// Names no column, aggregate or subquery.
  bool constant = true;
  /// Names a column outside of aggregates that is no key of the grouping.
  bool ungrouped = false;
  /// Calls of aggregate functions and GROUPING, and of window functions, in it.
  std::vector<const ast::Expression*> aggregates;
  std::vector<const ast::Expression*> windows;
};

/// Text, or an operand.
struct Part {
  Part(const char* text) : text(text) {}
  Part(std::string_view text) : text(text) {}
  Part(std::string text) : text(std::move(text)) {}
  Part(const Typed* operand) : operand(operand) {}

  std::string text;
  const Typed* operand = nullptr;
};

/// The parts one after the other; what holds for one part holds for the whole.
Typed Compose(const Type& type, ErrorLocation location, std::initializer_list<Part> parts);

/// Adds `part` to the end of `whole`.
void Append(Typed& whole, const Typed& part);
void Append(Typed& whole, std::string_view text);

/// `pattern` with `$1`, `$2`, ... replaced by the operands and `$*` by all with commas between.
Typed Expand(const Type& type, ErrorLocation location, std::string_view pattern,
             const std::vector<Typed>& operands);

/// A construct that the analyser does not know yet: its statement goes on without analysis.
struct NotAnalyzed {
  ErrorLocation location;
  std::string what;
};

}  // namespace planaria::sql
