// From a client's statement to what is to be done: a query for the kernel, or a change of the client's
// session.
//
// SHOW and DESCRIBE become queries over information_schema, EXPLAIN a query over its own text, so that every
// result takes the one way to the client.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/session_properties.h"
#include "coordinator/explanation.h"
#include "protocol/session_headers.h"
#include "sql/analyzer/analyzer.h"
#include "sql/ast/statement.h"

namespace planaria::coordinator {

/// CALL system.runtime.kill_query.
struct KillQuery {
  std::string query_id;
  std::string message;
};

/// START TRANSACTION, COMMIT or ROLLBACK.
struct TransactionControl {
  enum class Kind : uint8_t { kStart, kCommit, kRollback };
  Kind kind = Kind::kStart;
  /// Of kStart.
  std::string isolation_level;
  bool read_only = false;
};

struct PreparedStatement {
  /// The query, or the INSERT, DELETE, UPDATE or MERGE, to plan; nothing for statements that only change the
  /// session.
  std::optional<std::string> query;
  /// Where a byte of `query` stands in the client's text; for a query that was made for a statement, where
  /// the statement names what the query is about.
  std::function<ErrorLocation(size_t)> locate;
  /// Trino's types of the query's columns; empty when the analyser left the query to the kernel.
  std::vector<sql::Type> output_types;
  /// To be carried out by RunDefinition instead of a query; what is to be explained is the query that this
  /// gives.
  std::shared_ptr<const sql::ast::Statement> definition;
  /// A CREATE TABLE AS, whose table `query` fills.
  std::shared_ptr<const sql::ast::Statement> creation;
  /// Set when the plan, or for ANALYZE how it ran, is what the client wants to see.
  std::optional<Explanation> explain;
  /// SHOW STATS FOR a query with these columns: `query` is planned, and does not run.
  std::optional<std::vector<sql::OutputColumn>> statistics_of;
  /// Defaults for names in `query`.
  std::string catalog;
  std::string schema;
  QuerySettings settings;
  /// That of WITH SESSION, which may be none, and where it stands.
  std::optional<std::string> time_zone;
  ErrorLocation time_zone_location;
  protocol::SessionChanges changes;
  std::optional<std::string> update_type;
  std::optional<KillQuery> kill;
  std::optional<TransactionControl> transaction;
  /// The catalog whose rows or definitions change.
  std::optional<std::string> written_catalog;
  /// USE names a schema that must exist: the client is told of the change only if this query finds it.
  std::optional<std::string> required_schema_catalog;
  std::optional<std::string> required_schema;
};

/// Throws TrinoException with the statement's error: syntax, unknown session property, unknown prepared
/// statement, wrong number of parameters, or NOT_SUPPORTED naming the statement. `catalogs` are the
/// configured names; queries are analysed with `metadata`.
PreparedStatement PrepareStatement(const protocol::SessionHeaders& session, const std::string& sql,
                                   const SessionProperties& properties,
                                   const std::vector<std::string>& catalogs, const sql::Metadata& metadata);

}  // namespace planaria::coordinator
