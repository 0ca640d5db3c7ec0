// Trino's functions: which overload a call means, its type, and what calls it in the kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types/type.h"

namespace planaria::sql {

enum class FunctionKind : uint8_t { kScalar, kAggregate, kWindow };

/// An overload for certain argument types.
struct ResolvedFunction {
  FunctionKind kind = FunctionKind::kScalar;
  /// What the arguments are turned into first.
  std::vector<Type> arguments;
  Type result;
  /// Scalars: the kernel's text, `$1` and so on for arguments, `$*` for all, `$r` for the kernel's name of
  /// the result's type, `$p` and `$s` for the digits of a decimal. Aggregates and window functions:
  /// `{sum}` stands for the call of the kernel's `sum` with DISTINCT, FILTER and OVER as they are written,
  /// `{number}` for the number of rows that it takes; `{list:row($1, $2)}` calls it with that instead of the
  /// arguments.
  std::string pattern;
};

/// Whether the table has every overload of the function; names are lower case.
bool HasFunction(std::string_view name);
/// Whether Trino has a function of that name, be it in the table or not.
bool IsKnownToTrino(std::string_view name);
/// Whether an overload of the function is an aggregate function.
bool IsAggregate(std::string_view name);
/// Whether an overload takes that many arguments.
bool TakesArguments(std::string_view name, size_t count);

/// The overload that Trino would choose; nothing when none fits, or no single one fits best.
std::optional<ResolvedFunction> Resolve(std::string_view name, const std::vector<Type>& arguments);

/// `abs(bigint), abs(double)`: what a message lists.
std::string Overloads(std::string_view name);

}  // namespace planaria::sql
