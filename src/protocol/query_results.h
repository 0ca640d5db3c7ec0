// The QueryResults document, the answer to every request of the statement protocol.
//
// Clients differ in what they forgive, so the writer follows the strictest: absent fields are omitted and
// never null, `data` only comes with `columns`, counters are integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/trino_type.h"

namespace planaria::protocol {

struct Column {
  std::string name;
  TrinoType type;
};

struct Warning {
  int32_t code = 0;
  std::string name;
  std::string message;
};

/// What a progress display shows of one stage. Times are milliseconds, sizes bytes.
struct StageStats {
  std::string stage_id;
  /// PLANNED, SCHEDULING, RUNNING, PENDING, FINISHED, ABORTED or FAILED.
  std::string state;
  bool done = false;
  bool coordinator_only = false;
  int64_t nodes = 0;
  int64_t total_splits = 0;
  int64_t queued_splits = 0;
  int64_t running_splits = 0;
  int64_t completed_splits = 0;
  int64_t cpu_time_millis = 0;
  int64_t wall_time_millis = 0;
  int64_t processed_rows = 0;
  int64_t processed_bytes = 0;
  int64_t physical_input_bytes = 0;
  int64_t failed_tasks = 0;
  std::vector<StageStats> sub_stages;
};

/// Counts only winning attempts; `completed_splits` never goes back. Times are milliseconds, sizes bytes.
struct QueryStats {
  /// QUEUED, WAITING_FOR_RESOURCES, DISPATCHING, PLANNING, STARTING, RUNNING, FINISHING, FINISHED or FAILED.
  std::string state = "QUEUED";
  bool scheduled = false;
  std::optional<double> progress_percentage;
  int64_t nodes = 0;
  int64_t total_splits = 0;
  int64_t queued_splits = 0;
  int64_t running_splits = 0;
  int64_t completed_splits = 0;
  int64_t planning_time_millis = 0;
  int64_t analysis_time_millis = 0;
  int64_t cpu_time_millis = 0;
  int64_t wall_time_millis = 0;
  int64_t queued_time_millis = 0;
  int64_t elapsed_time_millis = 0;
  int64_t finishing_time_millis = 0;
  int64_t physical_input_time_millis = 0;
  int64_t processed_rows = 0;
  int64_t processed_bytes = 0;
  int64_t physical_input_bytes = 0;
  int64_t physical_written_bytes = 0;
  int64_t internal_network_input_bytes = 0;
  int64_t peak_memory_bytes = 0;
  int64_t spilled_bytes = 0;
  std::optional<StageStats> root_stage;

  bool done() const { return state == "FINISHED" || state == "FAILED"; }
};

struct QueryResults {
  std::string id;
  std::string info_uri;
  std::optional<std::string> next_uri;
  std::optional<std::string> partial_cancel_uri;
  /// Empty for statements without a result; nothing while unknown.
  std::optional<std::vector<Column>> columns;
  /// Rows already encoded, `[..],[..]` without the outer brackets; borrowed. Requires `columns`.
  std::string_view rows;
  /// Stands in place of `rows`: the JSON object that names segments (coordinator/spooled_rows.h); borrowed.
  std::string_view segments;
  QueryStats stats;
  std::optional<Error> error;
  std::vector<Warning> warnings;
  std::optional<std::string> update_type;
  std::optional<int64_t> update_count;
};

/// UTF-8 JSON text of the document.
std::string WriteQueryResults(const QueryResults& results);

/// The `stats` object alone, for the query list.
std::string WriteQueryStats(const QueryStats& stats);
/// The `failureInfo` object of an error, as in documents and query details.
std::string WriteFailureInfo(const Error& error);

}  // namespace planaria::protocol
