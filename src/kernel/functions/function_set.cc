#include "kernel/functions/function_set.h"

#include "kernel/duckdb_errors.h"

namespace planaria::kernel {

namespace {

constexpr std::string_view kPrefix = "trino_";

template <typename Set>
void RegisterUnder(duckdb::ExtensionLoader& loader, const std::string& name, Set set) {
  set.name = name;
  for (auto& function : set.functions) function.name = name;
  loader.RegisterFunction(std::move(set));
}

template <typename Sets>
void RegisterAll(duckdb::ExtensionLoader& loader, const Sets& sets) {
  for (const auto& [name, set] : sets) {
    RegisterUnder(loader, name, set);
    const std::string plain = name.substr(kPrefix.size());
    if (!loader.TryGetFunction(plain)) RegisterUnder(loader, plain, set);
  }
}

}  // namespace

void FailFunction(ErrorCode code, std::string message) {
  ThrowIntoKernel({code, std::move(message), {}, {}});
}

void FailArgument(std::string message) {
  FailFunction(errors::INVALID_FUNCTION_ARGUMENT, std::move(message));
}

void FunctionSet::Add(duckdb::ScalarFunction function) {
  function.SetFallible();
  const std::string name = function.name;
  scalars_.try_emplace(name, name).first->second.AddFunction(std::move(function));
}

void FunctionSet::Add(duckdb::AggregateFunction function) {
  function.SetFallible();
  const std::string name = function.name;
  aggregates_.try_emplace(name, name).first->second.AddFunction(std::move(function));
}

void FunctionSet::Register(duckdb::DatabaseInstance& database) const {
  duckdb::ExtensionLoader loader(database, "planaria");
  RegisterAll(loader, scalars_);
  RegisterAll(loader, aggregates_);
}

}  // namespace planaria::kernel
