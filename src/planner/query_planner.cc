#include "planner/query_planner.h"

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/planner.hpp"
#include "kernel/duckdb_errors.h"
#include "planner/fragmenter.h"
#include "planner/trino_names.h"

namespace planaria::planner {

namespace {

/// now(), current_date and their like must be the same in every task of a query.
class QueryConstants : public duckdb::LogicalOperatorVisitor {
 public:
  explicit QueryConstants(duckdb::ClientContext& context) : context_(context) {}

 protected:
  duckdb::unique_ptr<duckdb::Expression> VisitReplace(duckdb::BoundFunctionExpression& function,
                                                      duckdb::unique_ptr<duckdb::Expression>*) override {
    if (function.function.stability != duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY) return nullptr;
    for (const auto& child : function.children) {
      if (!child->IsFoldable()) return nullptr;
    }
    return duckdb::make_uniq<duckdb::BoundConstantExpression>(
        duckdb::ExpressionExecutor::EvaluateScalar(context_, function, true));
  }

 private:
  duckdb::ClientContext& context_;
};

/// Plans show marked columns under a name that a client may read.
class PlanNames : public duckdb::LogicalOperatorVisitor {
 public:
  void VisitExpression(duckdb::unique_ptr<duckdb::Expression>* expression) override {
    if (IsUnnamedMark((*expression)->GetAlias())) (*expression)->SetAlias("_col");
  }
};

void UseDefaults(duckdb::Connection& connection, const QuerySession& session) {
  if (!session.catalog.empty() && !session.schema.empty()) {
    connector::UseSchema(*connection.context, session.catalog == "system" ? kSystemCatalog : session.catalog,
                         session.schema);
  }
  if (session.time_zone.empty()) return;
  const auto set = connection.Query("SET TimeZone = " + duckdb::Value(session.time_zone).ToSQLString());
  if (set->HasError()) throw TrinoException(kernel::TranslateError(set->GetErrorObject()));
}

}  // namespace

DistributedPlan PlanQuery(kernel::Engine& engine, const QuerySession& session, const std::string& sql,
                          const PlannerOptions& options, std::function<ErrorLocation(size_t)> locate) {
  const kernel::StatementText statement{
      .sql = sql, .catalog = session.catalog, .schema = session.schema, .locate = std::move(locate)};
  const auto connection = engine.Connect();
  auto& context = *connection->context;
  UseDefaults(*connection, session);
  DistributedPlan result;
  kernel::OutsideKernel(
      [&] {
        context.RunFunctionInTransaction([&] {
          duckdb::Parser parser(context.GetParserOptions());
          parser.ParseQuery(sql);
          if (parser.statements.size() != 1 ||
              parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
            throw TrinoException(errors::NOT_SUPPORTED, "Only queries are supported here");
          }
          auto& query = *parser.statements[0]->Cast<duckdb::SelectStatement>().node;
          ResolveNames(query, session, statement);
          MarkUnnamedColumns(query);
          duckdb::Planner planner(context);
          planner.CreatePlan(std::move(parser.statements[0]));
          result.column_names = NameOutput(planner.names);
          result.column_types = planner.types;
          PlanNames().VisitOperator(*planner.plan);
          QueryConstants(context).VisitOperator(*planner.plan);
          duckdb::Optimizer optimizer(*planner.binder, context);
          auto plan = optimizer.Optimize(std::move(planner.plan));
          result.fragments = Fragmenter(context, *planner.binder, options).Cut(std::move(plan));
        });
      },
      statement);
  return result;
}

}  // namespace planaria::planner
