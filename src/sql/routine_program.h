// What a SQL routine does, as the kernel runs it: steps over variables, with jumps for all that branches.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::sql {

struct RoutineStep {
  enum class Kind : char {
    /// The variable `target` becomes the expression's value.
    kSet = 'S',
    /// On to step `target` unless the expression is true.
    kJumpUnless = 'U',
    /// On to step `target`.
    kJump = 'J',
    kReturn = 'R'
  };
  Kind kind = Kind::kReturn;
  size_t target = 0;
  /// In the kernel's SQL, variables as VariableText says; of kJump empty.
  std::string expression;
};

struct RoutineProgram {
  /// Of each variable a NULL of its type in the kernel's SQL. The first are the parameters.
  std::vector<std::string> variables;
  std::vector<RoutineStep> steps;

  static constexpr std::string_view kQualifier = "routine";

  /// How expressions name a variable: `"routine"."3"`.
  static std::string VariableText(size_t variable);

  /// As a constant in a plan, and back. FromText throws TrinoException GENERIC_INTERNAL_ERROR for any other
  /// text.
  std::string ToText() const;
  static RoutineProgram FromText(std::string_view text);
};

}  // namespace planaria::sql
