// What statements ask of a coordinator beside rows: names that are there, transactions, the end of others'
// queries.
#include <algorithm>

#include "connector/connector_registry.h"
#include "coordinator/coordinator.h"
#include "coordinator/statement_preparation.h"
#include "planner/query_planner.h"
#include "sql/error_at.h"

namespace planaria::coordinator {

void Coordinator::RequireSchema(const std::string& catalog, const std::string& schema,
                                bool of_session) const {
  if (schema == "information_schema") return;
  const auto schemas = connector::ConnectorOf(parts_.engine->instance(),
                                              catalog == "system" ? planner::kSystemCatalog : catalog)
                           ->ListSchemas();
  if (std::find(schemas.begin(), schemas.end(), schema) != schemas.end()) return;
  if (!of_session) sql::ThrowAt(errors::SCHEMA_NOT_FOUND, {1, 1}, "Schema '" + schema + "' does not exist");
  throw TrinoException(errors::NOT_FOUND, "Schema does not exist: " + catalog + "." + schema);
}

void Coordinator::Control(const PreparedStatement& statement, const protocol::SessionHeaders& session,
                          protocol::SessionChanges& changes) {
  using Kind = TransactionControl::Kind;
  const auto now = Transactions::Clock::now();
  if (!statement.transaction) {
    if (session.transaction_id) transactions_.Use(*session.transaction_id, statement.written_catalog, now);
    return;
  }
  const TransactionControl& control = *statement.transaction;
  if (control.kind == Kind::kStart) {
    changes.started_transaction =
        transactions_.Begin(control.isolation_level, control.read_only, *parts_.random, now);
  } else {
    transactions_.End(*session.transaction_id, control.kind == Kind::kCommit);
  }
}

std::vector<Transaction> Coordinator::OpenTransactions() const {
  return transactions_.List(Transactions::Clock::now());
}

std::map<std::string, std::string> Coordinator::ConnectorNames() const {
  std::map<std::string, std::string> names;
  for (const CatalogConfig& catalog : parts_.config->catalogs) {
    names[catalog.name] = catalog.connector_name;
  }
  return names;
}

void Coordinator::Kill(const KillQuery& kill) {
  const auto target = FindQuery({kill.query_id});
  if (!target) throw TrinoException(errors::NOT_FOUND, "Target query not found: " + kill.query_id);
  if (target->ended()) {
    throw TrinoException(errors::NOT_SUPPORTED, "Target query is not running: " + kill.query_id);
  }
  target->Cancel({errors::ADMINISTRATIVELY_KILLED,
                  "Query killed." + (kill.message.empty() ? "" : " Message: " + kill.message),
                  {},
                  {}});
}

void Coordinator::RequireTimeZone(const std::string& zone, std::optional<ErrorLocation> location) const {
  planner::QuerySession session;
  session.time_zone = zone;
  try {
    planner::PlanQuery(*parts_.engine, session, "SELECT 1", planner::PlannerOptions());
  } catch (const TrinoException&) {
    const std::string message = "Time zone not supported: " + zone;
    if (location) sql::ThrowAt(errors::INVALID_SESSION_PROPERTY, *location, message);
    throw TrinoException(errors::NOT_SUPPORTED, message);
  }
}

}  // namespace planaria::coordinator
