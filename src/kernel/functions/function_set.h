// Trino's functions on their way into an embedded DuckDB: overloads are collected by name, then registered.
//
// A function is called `trino_<name>`. Where DuckDB has no function of Trino's name, the plain name is
// registered too. Functions keep no state between rows and have no bind data, so that a plan which names them
// is the same on every node.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "duckdb/function/function_set.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace planaria::kernel {

/// Throws Trino's error out of a function: it reaches the client with this code and text.
[[noreturn]] void FailFunction(ErrorCode code, std::string message);
/// With INVALID_FUNCTION_ARGUMENT.
[[noreturn]] void FailArgument(std::string message);

class FunctionSet {
 public:
  /// Adds an overload. It may throw at run time and depends on its arguments only, unless told otherwise
  /// before.
  void Add(duckdb::ScalarFunction function);
  void Add(duckdb::AggregateFunction function);

  /// Registers everything with `database`'s system catalog. Call once per database.
  void Register(duckdb::DatabaseInstance& database) const;

 private:
  std::map<std::string, duckdb::ScalarFunctionSet> scalars_;
  std::map<std::string, duckdb::AggregateFunctionSet> aggregates_;
};

}  // namespace planaria::kernel
