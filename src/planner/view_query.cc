#include "planner/view_query.h"

#include "base/error.h"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/parser/parser.hpp"
#include "kernel/duckdb_errors.h"
#include "planner/trino_names.h"

namespace planaria::planner {

namespace {

constexpr const char* kStateName = "planaria_session";

struct SessionState : duckdb::ClientContextState {
  explicit SessionState(QuerySession session) : session(std::move(session)) {}
  const QuerySession session;
};

}  // namespace

void RememberSession(duckdb::ClientContext& context, const QuerySession& session) {
  context.registered_state->Insert(kStateName, duckdb::make_shared_ptr<SessionState>(session));
}

duckdb::unique_ptr<duckdb::SelectStatement> ParseViewQuery(duckdb::ClientContext& context,
                                                           const std::string& sql, const std::string& catalog,
                                                           const std::string& schema) {
  QuerySession session;
  if (const auto state = context.registered_state->Get<SessionState>(kStateName)) session = state->session;
  session.catalog = catalog;
  session.schema = schema;
  const kernel::StatementText statement{.sql = sql, .catalog = catalog, .schema = schema};
  return kernel::OutsideKernel(
      [&] {
        duckdb::Parser parser(context.GetParserOptions());
        parser.ParseQuery(sql);
        if (parser.statements.size() != 1 ||
            parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
          throw TrinoException(errors::INVALID_VIEW, "The query of a view is none");
        }
        auto query = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
            std::move(parser.statements[0]));
        ResolveNames(*query->node, session, statement);
        return query;
      },
      statement);
}

}  // namespace planaria::planner
