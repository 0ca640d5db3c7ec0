#include "connector/sql_functions.h"

#include <utility>

#include "connector/connector.h"

namespace planaria::connector {

std::vector<SqlFunction> SqlFunctionStore::List(const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  std::vector<SqlFunction> all;
  const auto found = functions_.find(schema);
  if (found == functions_.end()) return all;
  for (const auto& [key, function] : found->second) all.push_back(function);
  return all;
}

bool SqlFunctionStore::Create(const std::string& schema, SqlFunction function, bool replace) {
  const std::lock_guard lock(mutex_);
  std::pair key(function.name, function.arguments);
  auto& functions = functions_[schema];
  if (!replace && functions.contains(key)) return false;
  functions.insert_or_assign(std::move(key), std::move(function));
  return true;
}

bool SqlFunctionStore::Drop(const std::string& schema, const std::string& name,
                            const std::string& arguments) {
  const std::lock_guard lock(mutex_);
  const auto found = functions_.find(schema);
  return found != functions_.end() && found->second.erase({name, arguments}) > 0;
}

SqlFunctionStore* SqlFunctionsOf(const Connector* connector) {
  const auto* keeps = dynamic_cast<const KeepsSqlFunctions*>(connector);
  return keeps == nullptr ? nullptr : keeps->functions();
}

}  // namespace planaria::connector
