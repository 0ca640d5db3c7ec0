#include "kernel/engine.h"

#include "duckdb/storage/buffer_manager.hpp"
#include "kernel/exchange_operator.h"
#include "kernel/final_step.h"
#include "kernel/functions/families.h"
#include "kernel/merge_aggregates.h"
#include "kernel/session_zone.h"
#include "kernel/task_allocator.h"
#include "kernel/task_buffer_pool.h"

namespace planaria::kernel {

namespace {

/// Passes that assume one process: they compress keys by statistics that both sides of an exchange would have
/// to share, fetch rows again by row id, or link operators by pointers (FragmentRunner makes those links
/// where they run).
constexpr const char* kSingleProcessPasses =
    "compressed_materialization,late_materialization,join_filter_pushdown,row_group_pruner";

duckdb::shared_ptr<TaskBufferPool> MakePool(const EngineOptions& options) {
  if (options.memory_limit == 0) return nullptr;
  return duckdb::make_shared_ptr<TaskBufferPool>(options.memory_limit, options.longest_memory_wait);
}

std::unique_ptr<duckdb::DBConfig> MakeConfig(const EngineOptions& options,
                                             const duckdb::shared_ptr<TaskBufferPool>& pool) {
  auto made = std::make_unique<duckdb::DBConfig>();
  duckdb::DBConfig& config = *made;
  if (options.threads > 0) config.SetOptionByName("threads", duckdb::Value::UBIGINT(options.threads));
  if (options.memory_limit > 0) {
    config.SetOptionByName("memory_limit", duckdb::Value(std::to_string(options.memory_limit) + "B"));
  }
  config.SetOptionByName("temp_directory", duckdb::Value(options.temp_directory));
  config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
  // SQL leaves the order of rows open where there is no ORDER BY; keeping it would cost parallelism.
  config.SetOptionByName("preserve_insertion_order", duckdb::Value::BOOLEAN(false));
  // An aggregate function may be told to order by a constant, as in Trino.
  config.SetOptionByName("order_by_non_integer_literal", duckdb::Value::BOOLEAN(true));
  config.SetOptionByName("disabled_optimizers", duckdb::Value(kSingleProcessPasses));
  config.AddExtensionOption(kTimeZoneOption, "The session's time zone, as Trino names it",
                            duckdb::LogicalType::VARCHAR, duckdb::Value("UTC"));
  RegisterExchangeOperators(config);
  RegisterFinalStepOperator(config);
  config.allocator = MakeTaskAllocator();
  config.buffer_pool = pool;
  return made;
}

}  // namespace

Engine::Engine(const EngineOptions& options)
    : pool_(MakePool(options)), database_(nullptr, MakeConfig(options, pool_).get()) {
  // A table that is not there is an error, never a file of that name.
  duckdb::DBConfig::GetConfig(instance()).replacement_scans.clear();
  RegisterMergeAggregates(instance());
  RegisterTrinoFunctions(instance());
  // DuckDB calls its own database `memory`, a name that catalogs like to have.
  const auto renamed = duckdb::Connection(database_).Query("ALTER DATABASE memory SET ALIAS TO \"$kernel\"");
  if (renamed->HasError()) renamed->ThrowError();
}

Engine::~Engine() = default;

std::unique_ptr<duckdb::Connection> Engine::Connect() {
  return std::make_unique<duckdb::Connection>(instance());
}

uint32_t Engine::WaitingForMemory() const { return pool_ ? pool_->waiting() : 0; }

uint64_t Engine::OperatorMemory() const {
  uint64_t bytes = 0;
  for (const auto& use : database_.instance->GetBufferManager().GetMemoryUsageInfo()) {
    if (use.tag != duckdb::MemoryTag::EXTERNAL_FILE_CACHE && use.tag != duckdb::MemoryTag::OBJECT_CACHE) {
      bytes += use.size;
    }
  }
  return bytes;
}

}  // namespace planaria::kernel
