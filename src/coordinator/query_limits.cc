#include "coordinator/query_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace planaria::coordinator {

namespace {

using namespace std::chrono_literals;

constexpr int32_t kTooManyStages = 1;
constexpr const char* kFewerStages =
    "If the query contains multiple aggregates with DISTINCT over different columns, please set the "
    "'distinct_aggregations_strategy' session property to 'single_step'. If the query contains WITH clauses "
    "that are referenced more than once, please create temporary table(s) for the queries in those clauses.";

/// As a file would say it, with Trino's two decimals: `5.00m`, `90.00s`.
std::string LimitText(Duration limit) {
  constexpr std::pair<const char*, Duration> kUnits[] = {{"d", 24h},  {"h", 1h},   {"m", 1min}, {"s", 1s},
                                                         {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}};
  for (const auto& [name, unit] : kUnits) {
    if (limit >= unit && limit % unit == Duration::zero())
      return fmt::format("{:.2f}{}", static_cast<double>(limit / unit), name);
  }
  return "0.00ns";
}

Error TimeLimit(const char* text, Duration limit) {
  return {errors::EXCEEDED_TIME_LIMIT, text + LimitText(limit), {}, {}};
}

/// Trino's shortest form: `1GB`, `117.19kB`.
std::string SizeText(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  auto number = static_cast<double>(bytes);
  for (; number >= 1024 && unit + 1 < std::size(kUnits); ++unit) number /= 1024;
  const bool whole = number == std::floor(number);
  return whole ? fmt::format("{:.0f}{}", number, kUnits[unit])
               : fmt::format("{:.2f}{}", number, kUnits[unit]);
}

std::optional<DataSize> Smaller(std::optional<DataSize> one, std::optional<DataSize> other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

}  // namespace

std::optional<Error> FindExceeded(const QueryConsumption& used, const QueryLimitSettings& query,
                                  const QueryLimitSettings& server) {
  if (used.execution > query.execution_time)
    return TimeLimit("Query exceeded the maximum execution time limit of ", query.execution_time);
  if (used.planning > query.planning_time)
    return TimeLimit("Query exceeded the maximum planning time limit of ", query.planning_time);
  if (used.run > query.run_time) return TimeLimit("Query exceeded maximum time limit of ", query.run_time);
  const Duration cpu = std::min(query.cpu_time, server.cpu_time);
  if (used.cpu > cpu)
    return Error{errors::EXCEEDED_CPU_LIMIT, "Exceeded CPU limit of " + LimitText(cpu), {}, {}};
  const auto scan = Smaller(query.scan_physical_bytes, server.scan_physical_bytes);
  if (scan && used.scanned_bytes > scan->bytes)
    return Error{errors::EXCEEDED_SCAN_LIMIT, "Exceeded scan limit of " + scan->ToString(), {}, {}};
  return std::nullopt;
}

MemoryLimits MemoryLimitsOf(const QueryMemorySettings& query, const QueryMemorySettings& server,
                            DataSize heap) {
  return {std::min(query.query, server.query).bytes, std::min(query.query_total, server.query_total).bytes,
          std::min(query.query_per_node.Resolve(heap), server.query_per_node.Resolve(heap)).bytes};
}

std::optional<Error> FindExceeded(const HeldMemory& held, const MemoryLimits& limits) {
  uint64_t sum = 0;
  for (const auto& [node, bytes] : held) {
    sum += bytes;
    if (bytes <= limits.per_node) continue;
    return Error{errors::EXCEEDED_LOCAL_MEMORY_LIMIT,
                 fmt::format("Query exceeded per-node memory limit of {} [Allocated: {}, Node: {}]",
                             SizeText(limits.per_node), SizeText(bytes), node.value),
                 {},
                 {}};
  }
  const auto distributed = [&](const char* which, uint64_t limit) {
    return Error{errors::EXCEEDED_GLOBAL_MEMORY_LIMIT,
                 fmt::format("Query exceeded distributed {} memory limit of {}", which, SizeText(limit)),
                 {},
                 {}};
  };
  if (sum > limits.query) return distributed("user", limits.query);
  if (sum > limits.query_total) return distributed("total", limits.query_total);
  return std::nullopt;
}

int64_t CountStages(const planner::DistributedPlan& plan) {
  return static_cast<int64_t>(plan.fragments.size()) - static_cast<int64_t>(plan.choices.size());
}

std::optional<protocol::Warning> CheckStages(int64_t stages, int64_t most, int64_t warn_above) {
  if (stages > most) {
    throw TrinoException(
        errors::QUERY_HAS_TOO_MANY_STAGES,
        fmt::format("Number of stages in the query ({}) exceeds the allowed maximum ({}). {}", stages, most,
                    kFewerStages));
  }
  if (stages <= warn_above) return std::nullopt;
  return protocol::Warning{kTooManyStages, "TOO_MANY_STAGES",
                           fmt::format("Number of stages in the query ({}) exceeds the soft limit ({}). {}",
                                       stages, warn_above, kFewerStages)};
}

}  // namespace planaria::coordinator
