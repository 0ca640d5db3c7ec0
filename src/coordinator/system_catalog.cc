#include "coordinator/system_catalog.h"

#include <chrono>
#include <map>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/row_table.h"
#include "coordinator/coordinator.h"
#include "kernel/duckdb_errors.h"
#include "planner/query_planner.h"

namespace planaria::coordinator {

namespace {

using connector::Column;
using connector::Row;
using connector::RowTable;
using duckdb::LogicalType;
using duckdb::Value;

Value Text(const std::string& text) { return Value(text); }
Value OptionalText(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(LogicalType::VARCHAR);
}

Value Time(std::chrono::system_clock::time_point time) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros));
}

Value OptionalTime(const std::optional<std::chrono::system_clock::time_point>& time) {
  return time ? Time(*time) : Value(LogicalType::TIMESTAMP_TZ);
}

std::vector<Column> Columns(std::initializer_list<std::pair<const char*, LogicalType>> columns) {
  std::vector<Column> made;
  for (const auto& [name, type] : columns) made.push_back({name, type, true, {}});
  return made;
}

/// Trino's names.
std::string StateName(const ClusterNode& node) {
  if (node.state != NodeState::kActive) return "inactive";
  return node.announcement.draining ? "shutting_down" : "active";
}

std::shared_ptr<const connector::Table> NodesTable(const Coordinator& coordinator) {
  return std::make_shared<RowTable>(
      Columns({{"node_id", LogicalType::VARCHAR},
               {"http_uri", LogicalType::VARCHAR},
               {"node_version", LogicalType::VARCHAR},
               {"coordinator", LogicalType::BOOLEAN},
               {"state", LogicalType::VARCHAR}}),
      [&coordinator] {
        std::vector<Row> rows;
        for (const ClusterNode& node : coordinator.Nodes()) {
          rows.push_back({Text(node.announcement.node.value), Text(node.announcement.internal_uri),
                          Text(node.announcement.version), Value::BOOLEAN(node.announcement.coordinator),
                          Text(StateName(node))});
        }
        return rows;
      });
}

std::shared_ptr<const connector::Table> QueriesTable(const Coordinator& coordinator) {
  return std::make_shared<RowTable>(
      Columns({{"query_id", LogicalType::VARCHAR},
               {"state", LogicalType::VARCHAR},
               {"user", LogicalType::VARCHAR},
               {"source", LogicalType::VARCHAR},
               {"query", LogicalType::VARCHAR},
               {"resource_group_id", LogicalType::LIST(LogicalType::VARCHAR)},
               {"queued_time_ms", LogicalType::BIGINT},
               {"analysis_time_ms", LogicalType::BIGINT},
               {"planning_time_ms", LogicalType::BIGINT},
               {"created", LogicalType::TIMESTAMP_TZ},
               {"started", LogicalType::TIMESTAMP_TZ},
               {"last_heartbeat", LogicalType::TIMESTAMP_TZ},
               {"end", LogicalType::TIMESTAMP_TZ},
               {"error_type", LogicalType::VARCHAR},
               {"error_code", LogicalType::VARCHAR}}),
      [&coordinator] {
        std::vector<Row> rows;
        for (const auto& query : coordinator.Queries()) {
          const QuerySnapshot snapshot = query->Snapshot();
          const auto started =
              query->created() + std::chrono::milliseconds(snapshot.stats.queued_time_millis);
          const auto error = [&](auto part) {
            return snapshot.error ? Value(std::string(part(*snapshot.error))) : Value(LogicalType::VARCHAR);
          };
          rows.push_back({Text(query->id().value), Text(snapshot.stats.state), Text(query->session().user),
                          OptionalText(query->session().source), Text(query->sql()),
                          Value::LIST(LogicalType::VARCHAR, {Text("global")}),
                          Value::BIGINT(snapshot.stats.queued_time_millis),
                          Value::BIGINT(snapshot.stats.analysis_time_millis),
                          Value::BIGINT(snapshot.stats.planning_time_millis), Time(query->created()),
                          Time(started), Time(snapshot.ended.value_or(std::chrono::system_clock::now())),
                          OptionalTime(snapshot.ended),
                          error([](const Error& e) { return ErrorTypeName(e.code.type); }),
                          error([](const Error& e) { return e.code.name; })});
        }
        return rows;
      });
}

/// Trino's task states for the attempts' ones.
const char* TaskStateName(scheduler::AttemptState state) {
  switch (state) {
    case scheduler::AttemptState::kRunning:
      return "RUNNING";
    case scheduler::AttemptState::kCommitted:
    case scheduler::AttemptState::kInvalidated:
      return "FINISHED";
    case scheduler::AttemptState::kFailed:
    case scheduler::AttemptState::kLost:
      return "FAILED";
    case scheduler::AttemptState::kCanceled:
      return "CANCELED";
  }
  return "";
}

std::shared_ptr<const connector::Table> TasksTable(const Coordinator& coordinator) {
  auto columns = Columns({{"node_id", LogicalType::VARCHAR},
                          {"task_id", LogicalType::VARCHAR},
                          {"stage_id", LogicalType::VARCHAR},
                          {"query_id", LogicalType::VARCHAR},
                          {"state", LogicalType::VARCHAR}});
  for (const char* counter :
       {"splits", "queued_splits", "running_splits", "completed_splits", "split_scheduled_time_ms",
        "split_cpu_time_ms", "split_blocked_time_ms", "internal_network_input_bytes", "processed_input_bytes",
        "processed_input_rows", "output_bytes", "output_rows", "physical_input_bytes",
        "physical_written_bytes"}) {
    columns.push_back({counter, LogicalType::BIGINT, true, {}});
  }
  for (const char* time : {"created", "start", "last_heartbeat", "end"}) {
    columns.push_back({time, LogicalType::TIMESTAMP_TZ, true, {}});
  }
  const size_t width = columns.size();
  return std::make_shared<RowTable>(std::move(columns), [&coordinator, width] {
    // The scheduler's times are monotonic; shown ones are calendar times.
    const auto steady_now = std::chrono::steady_clock::now();
    const auto now = std::chrono::system_clock::now();
    const auto calendar = [&](scheduler::TimePoint time) {
      return now + std::chrono::duration_cast<std::chrono::system_clock::duration>(time - steady_now);
    };
    std::vector<Row> rows;
    for (const auto& query : coordinator.Queries()) {
      for (const auto& attempt : coordinator.Attempts(*query)) {
        Row row = {Text(attempt.node.value), Text(attempt.task.ToString()),
                   Text(query->id().value + "." + std::to_string(attempt.task.fragment.value)),
                   Text(query->id().value), Text(TaskStateName(attempt.state))};
        while (row.size() + 4 < width) row.push_back(Value(LogicalType::BIGINT));
        row.push_back(Time(calendar(attempt.started)));
        row.push_back(Time(calendar(attempt.started)));
        row.push_back(Time(calendar(attempt.ended.value_or(steady_now))));
        row.push_back(attempt.ended ? Time(calendar(*attempt.ended)) : Value(LogicalType::TIMESTAMP_TZ));
        rows.push_back(std::move(row));
      }
    }
    return rows;
  });
}

/// What SHOW FUNCTIONS shows: the kernel's functions, without those that tell of the kernel itself.
std::shared_ptr<const connector::Table> FunctionsTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(
      Columns({{"function_name", LogicalType::VARCHAR},
               {"return_type", LogicalType::VARCHAR},
               {"argument_types", LogicalType::VARCHAR},
               {"function_type", LogicalType::VARCHAR},
               {"deterministic", LogicalType::BOOLEAN},
               {"description", LogicalType::VARCHAR}}),
      [&database] {
        duckdb::Connection connection(database);
        const auto result = connection.Query(
            "SELECT DISTINCT function_name, lower(coalesce(return_type, '')), "
            "lower(coalesce(array_to_string(parameter_types, ', '), '')), function_type, "
            "coalesce(stability = 'CONSISTENT', true), coalesce(description, '') FROM duckdb_functions() "
            "WHERE function_type IN ('scalar', 'aggregate') AND regexp_matches(function_name, '^[a-z]') "
            "AND NOT regexp_matches(function_name, '^(duckdb_|pg_|pragma_|planaria_)')");
        if (result->HasError()) throw TrinoException(kernel::TranslateError(result->GetErrorObject()));
        std::vector<Row> rows;
        for (const auto& chunk : result->Collection().Chunks()) {
          for (duckdb::idx_t i = 0; i < chunk.size(); i++) {
            Row row;
            for (duckdb::idx_t column = 0; column < chunk.ColumnCount(); column++) {
              row.push_back(chunk.GetValue(column, i));
            }
            rows.push_back(std::move(row));
          }
        }
        return rows;
      });
}

class SystemConnector : public connector::Connector {
 public:
  SystemConnector(duckdb::DatabaseInstance& database, const Coordinator& coordinator) {
    schemas_["metadata"]["functions"] = FunctionsTable(database);
    schemas_["runtime"]["nodes"] = NodesTable(coordinator);
    schemas_["runtime"]["queries"] = QueriesTable(coordinator);
    schemas_["runtime"]["tasks"] = TasksTable(coordinator);
  }

  std::vector<std::string> ListSchemas() const override {
    std::vector<std::string> names;
    for (const auto& [name, tables] : schemas_) names.push_back(name);
    return names;
  }
  std::vector<std::string> ListTables(const std::string& schema) const override {
    std::vector<std::string> names;
    const auto found = schemas_.find(schema);
    if (found == schemas_.end()) return names;
    for (const auto& [name, table] : found->second) names.push_back(name);
    return names;
  }
  std::shared_ptr<const connector::Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                                   const std::string& table) const override {
    const auto tables = schemas_.find(schema);
    if (tables == schemas_.end()) return nullptr;
    const auto found = tables->second.find(table);
    return found == tables->second.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, std::map<std::string, std::shared_ptr<const connector::Table>>> schemas_;
};

}  // namespace

void AttachSystemCatalog(duckdb::DatabaseInstance& database, const Coordinator& coordinator) {
  connector::AttachCatalog(database, planner::kSystemCatalog,
                           std::make_shared<SystemConnector>(database, coordinator));
}

}  // namespace planaria::coordinator
