#include "coordinator/system_catalog.h"

#include <chrono>
#include <map>

#include "connector/catalog_adapter.h"
#include "connector/row_table.h"
#include "coordinator/coordinator.h"
#include "coordinator/system_tables.h"
#include "planner/query_planner.h"

namespace planaria::coordinator {

namespace {

using connector::Row;
using connector::RowTable;
using duckdb::LogicalType;
using duckdb::Value;
using namespace system_tables;

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
      [&coordinator](duckdb::ClientContext&) {
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
      [&coordinator](duckdb::ClientContext&) {
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
        "split_cpu_time_ms", "split_blocked_time_ms", "raw_input_bytes", "raw_input_rows",
        "processed_input_bytes", "processed_input_rows", "output_bytes", "output_rows",
        "physical_input_bytes", "physical_written_bytes"}) {
    columns.push_back({counter, LogicalType::BIGINT, true, {}});
  }
  for (const char* time : {"created", "start", "last_heartbeat", "end"}) {
    columns.push_back(SystemColumn(time, LogicalType::TIMESTAMP_TZ));
  }
  const size_t width = columns.size();
  return std::make_shared<RowTable>(std::move(columns), [&coordinator, width](duckdb::ClientContext&) {
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

std::shared_ptr<const connector::Table> TransactionsTable(const Coordinator& coordinator) {
  return std::make_shared<RowTable>(
      Columns({{"transaction_id", LogicalType::VARCHAR},
               {"isolation_level", LogicalType::VARCHAR},
               {"read_only", LogicalType::BOOLEAN},
               {"auto_commit_context", LogicalType::BOOLEAN},
               {"create_time", LogicalType::TIMESTAMP_TZ},
               {"idle_time_secs", LogicalType::BIGINT},
               {"written_catalog", LogicalType::VARCHAR},
               {"catalogs", LogicalType::LIST(LogicalType::VARCHAR)}}),
      [&coordinator](duckdb::ClientContext&) {
        std::vector<Row> rows;
        for (const Transaction& transaction : coordinator.OpenTransactions()) {
          rows.push_back({Text(transaction.id), Text(transaction.isolation_level),
                          Value::BOOLEAN(transaction.read_only), Value::BOOLEAN(false),
                          Time(transaction.created), Value::BIGINT(transaction.idle.count()),
                          Value(LogicalType::VARCHAR), Value::LIST(LogicalType::VARCHAR, {})});
        }
        return rows;
      });
}

/// The kernel's optimizer tells nothing about its rules.
std::shared_ptr<const connector::Table> OptimizerRuleStatsTable() {
  return NoRows(
      {{"rule_name", LogicalType::VARCHAR},
       {"invocations", LogicalType::BIGINT},
       {"matches", LogicalType::BIGINT},
       {"failures", LogicalType::BIGINT},
       {"average_time", LogicalType::DOUBLE},
       {"time_distribution_percentiles", LogicalType::MAP(LogicalType::DOUBLE, LogicalType::DOUBLE)}});
}

class SystemConnector : public connector::Connector {
 public:
  SystemConnector(duckdb::DatabaseInstance& database, const Coordinator& coordinator) {
    schemas_["jdbc"] = JdbcTables(database);
    schemas_["metadata"] = MetadataTables(database, coordinator.ConnectorNames());
    schemas_["runtime"]["optimizer_rule_stats"] = OptimizerRuleStatsTable();
    schemas_["runtime"]["transactions"] = TransactionsTable(coordinator);
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
  std::map<std::string, Tables> schemas_;
};

}  // namespace

void AttachSystemCatalog(duckdb::DatabaseInstance& database, const Coordinator& coordinator) {
  connector::AttachCatalog(database, planner::kSystemCatalog,
                           std::make_shared<SystemConnector>(database, coordinator));
}

}  // namespace planaria::coordinator
