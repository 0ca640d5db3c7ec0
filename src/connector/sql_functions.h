// Functions written in SQL that a catalog keeps.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace planaria::connector {

struct SqlFunction {
  /// Lower case.
  std::string name;
  /// The types of its arguments, which tell it from others of its name: `integer, varchar`.
  std::string arguments;
  std::string returns;
  bool deterministic = true;
  std::string comment;
  /// The statement that makes it, CREATE FUNCTION with its full name, as the formatter writes it.
  std::string definition;
};

/// Thread-safe. Schemas need not exist, as in Trino's connector of memory.
class SqlFunctionStore {
 public:
  /// Of one schema, by name and arguments.
  std::vector<SqlFunction> List(const std::string& schema) const;
  /// False when there is one of that name and arguments, unless it is to be replaced.
  bool Create(const std::string& schema, SqlFunction function, bool replace);
  /// False when there is none.
  bool Drop(const std::string& schema, const std::string& name, const std::string& arguments);

 private:
  mutable std::mutex mutex_;
  /// By schema, then name and arguments.
  std::map<std::string, std::map<std::pair<std::string, std::string>, SqlFunction>> functions_;
};

class Connector;

/// What a connector is besides when its catalog may keep functions.
class KeepsSqlFunctions {
 public:
  /// nullptr: it keeps none. Lives as long as the connector.
  virtual SqlFunctionStore* functions() const = 0;

 protected:
  ~KeepsSqlFunctions() = default;
};

/// nullptr for a connector, or no connector, that keeps none.
SqlFunctionStore* SqlFunctionsOf(const Connector* connector);

}  // namespace planaria::connector
