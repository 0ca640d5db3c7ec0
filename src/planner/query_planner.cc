#include "planner/query_planner.h"
#include "planner/merges.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "connector/catalog_adapter.h"
#include "connector/column_type.h"
#include "connector/connector_registry.h"
#include "connector/table_writer.h"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/planner.hpp"
#include "kernel/declared_type.h"
#include "kernel/duckdb_errors.h"
#include "kernel/final_step.h"
#include "kernel/session_zone.h"
#include "kernel/trino_type_name.h"
#include "planner/copied_scans.h"
#include "planner/fragmenter.h"
#include "planner/trino_names.h"
#include "planner/view_query.h"
#include "planner/write_commit.h"
#include "planner/write_statement.h"
#include "sql/types/coercion.h"

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
  kernel::SetTimeZone(connection, session.time_zone);
}

/// A column of the bound plan, or NULL, as a value of `type`.
duckdb::unique_ptr<duckdb::Expression> Typed(duckdb::ClientContext& context,
                                             const duckdb::LogicalOperator& plan,
                                             const duckdb::vector<duckdb::ColumnBinding>& bindings,
                                             size_t source, const duckdb::LogicalType& type) {
  if (source == WriteQuery::kNothing) {
    return duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value(type));
  }
  return duckdb::BoundCastExpression::AddCastToType(
      context, duckdb::make_uniq<duckdb::BoundColumnRefExpression>(plan.types[source], bindings[source]),
      type);
}

/// A char has blanks up to its length.
duckdb::unique_ptr<duckdb::Expression> Padded(duckdb::ClientContext& context,
                                              duckdb::unique_ptr<duckdb::Expression> text, int64_t length) {
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  arguments.push_back(std::move(text));
  arguments.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::BIGINT(length)));
  duckdb::ErrorData error;
  auto padded = duckdb::FunctionBinder(context).BindScalarFunction(DEFAULT_SCHEMA, "trino_cast_to_char",
                                                                   std::move(arguments), error);
  if (!padded) error.Throw();
  return padded;
}

std::string TypeList(const std::vector<duckdb::LogicalType>& types) {
  std::string text;
  for (const auto& type : types) text += (text.empty() ? "" : ", ") + kernel::TrinoTypeName(type);
  return "[" + text + "]";
}

/// Of a column that is NULL without a type, which the kernel takes for an integer.
bool IsUntyped(const std::vector<sql::Type>& declared, size_t column) {
  return column < declared.size() && declared[column].Is(sql::TypeKind::kUnknown);
}

/// Of an empty array or map, or of one that holds nothing but NULLs, which may become any of its kind.
bool BecomesWhatItIsTo(const std::vector<sql::Type>& declared, size_t column,
                       const connector::Column& target) {
  const auto holds_untyped = [](const sql::Type& type, const auto& again) -> bool {
    return type.Is(sql::TypeKind::kUnknown) ||
           std::any_of(type.children.begin(), type.children.end(),
                       [&](const sql::Type& child) { return again(child, again); });
  };
  if (column >= declared.size() || !holds_untyped(declared[column], holds_untyped)) return false;
  const auto type = connector::TrinoTypeOf(target);
  return type && sql::CanCoerce(declared[column], *type);
}

/// Throws TYPE_MISMATCH unless every column of the query may go where it is to go.
void CheckTypes(const WriteQuery& write, const duckdb::vector<duckdb::LogicalType>& query_types,
                const std::vector<sql::Type>& declared, const kernel::StatementText& statement) {
  if (write.mismatch.empty()) return;
  std::vector<duckdb::LogicalType> table, query;
  bool fits = true;
  for (size_t i = 0; i < write.sources.size(); i++) {
    if (write.sources[i] == WriteQuery::kNothing) continue;
    table.push_back(write.target.columns[i].type);
    if (write.sources[i] < query_types.size()) {
      fits = fits && (IsUntyped(declared, write.sources[i]) ||
                      BecomesWhatItIsTo(declared, write.sources[i], write.target.columns[i]) ||
                      Assignable(query_types[write.sources[i]], table.back()));
    } else {
      fits = false;
    }
  }
  query.assign(query_types.begin(), query_types.end());
  if (write.layout == connector::RowLayout::kChanges) query.erase(query.begin());
  if (fits && query.size() == table.size()) return;
  throw TrinoException(kernel::LocatedError(
      errors::TYPE_MISMATCH,
      write.mismatch + "Table: " + TypeList(table) + ", " + write.query_word + ": " + TypeList(query), 0,
      statement));
}

/// Puts the query's columns into the layout of the table's sinks.
void LayOut(duckdb::ClientContext& context, duckdb::Planner& planner, const WriteQuery& write,
            const std::vector<sql::Type>& declared) {
  auto& plan = planner.plan;
  plan->ResolveOperatorTypes();
  const auto bindings = plan->GetColumnBindings();
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> columns;
  if (write.layout == connector::RowLayout::kChanges) {
    size_t next = 0;
    if (write.operation) {
      columns.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(
          duckdb::Value::TINYINT(static_cast<int8_t>(*write.operation))));
    } else {
      columns.push_back(Typed(context, *plan, bindings, next++, duckdb::LogicalType::TINYINT));
    }
    columns.push_back(Typed(context, *plan, bindings, next, duckdb::LogicalType::BIGINT));
  }
  for (size_t i = 0; i < write.sources.size(); i++) {
    const size_t source = IsUntyped(declared, write.sources[i]) ? WriteQuery::kNothing : write.sources[i];
    const connector::Column& target = write.target.columns[i];
    auto value = Typed(context, *plan, bindings, source, target.type);
    if (target.declared && target.declared->Is(sql::TypeKind::kChar)) {
      value = Padded(context, std::move(value), target.declared->precision);
    }
    columns.push_back(std::move(value));
  }
  auto projection =
      duckdb::make_uniq<duckdb::LogicalProjection>(planner.binder->GenerateTableIndex(), std::move(columns));
  projection->children.push_back(std::move(plan));
  projection->ResolveOperatorTypes();
  plan = std::move(projection);
}

/// Puts casts to `types` over the plan, where it has others.
void CastColumns(duckdb::ClientContext& context, duckdb::Planner& planner,
                 const std::vector<duckdb::LogicalType>& types) {
  auto& plan = planner.plan;
  plan->ResolveOperatorTypes();
  const auto bindings = plan->GetColumnBindings();
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> columns;
  for (size_t i = 0; i < types.size(); i++) columns.push_back(Typed(context, *plan, bindings, i, types[i]));
  auto projection =
      duckdb::make_uniq<duckdb::LogicalProjection>(planner.binder->GenerateTableIndex(), std::move(columns));
  projection->children.push_back(std::move(plan));
  projection->ResolveOperatorTypes();
  plan = std::move(projection);
  planner.types.assign(types.begin(), types.end());
}

/// Turns the columns into values of Trino's types where the kernel made others of them, and gives the types
/// to declare. Decimals may have fewer digits than declared: they are read by their scale.
std::vector<duckdb::LogicalType> Declare(duckdb::ClientContext& context, duckdb::Planner& planner,
                                         const std::vector<sql::Type>& types) {
  std::vector<duckdb::LogicalType> declared(planner.types.begin(), planner.types.end());
  std::vector<duckdb::LogicalType> wanted = declared;
  bool same = true;
  for (size_t i = 0; i < types.size() && i < declared.size(); i++) {
    const auto stored = kernel::StoredType(types[i]);
    if (!stored) continue;
    const bool decimal = types[i].Is(sql::TypeKind::kDecimal) &&
                         declared[i].id() == duckdb::LogicalTypeId::DECIMAL &&
                         duckdb::DecimalType::GetScale(declared[i]) == types[i].scale;
    if (decimal) {
      // A type of its own: an alias would be seen by all that share this one.
      declared[i] = duckdb::LogicalType::DECIMAL(duckdb::DecimalType::GetWidth(declared[i]),
                                                 duckdb::DecimalType::GetScale(declared[i]));
      declared[i].SetAlias(types[i].ToString());
      continue;
    }
    if (!kernel::SameStorage(declared[i], *stored)) {
      same = false;
      wanted[i] = *stored;
    }
    declared[i] = *stored;
  }
  if (!same) CastColumns(context, planner, wanted);
  return declared;
}

/// A new table's decimals have all the digits that their type says.
void WidenDecimals(duckdb::ClientContext& context, duckdb::Planner& planner,
                   const std::vector<sql::Type>& types) {
  std::vector<duckdb::LogicalType> wanted(planner.types.begin(), planner.types.end());
  bool same = true;
  for (size_t i = 0; i < types.size() && i < wanted.size(); i++) {
    const auto stored = kernel::StoredType(types[i]);
    const bool decimal =
        types[i].Is(sql::TypeKind::kDecimal) && wanted[i].id() == duckdb::LogicalTypeId::DECIMAL;
    if (!decimal || kernel::SameStorage(wanted[i], *stored)) continue;
    same = false;
    wanted[i] = *stored;
  }
  if (!same) CastColumns(context, planner, wanted);
}

/// The write that CREATE TABLE AS is, once its query is bound.
WriteQuery CreationOf(const TableCreation& creation, const duckdb::Planner& planner,
                      const std::vector<sql::Type>& types, const kernel::StatementText& statement) {
  const auto refuse = [&](ErrorCode code, const std::string& message) {
    return TrinoException(kernel::LocatedError(code, message, size_t{0}, statement));
  };
  if (!creation.aliases.empty() && creation.aliases.size() != planner.names.size()) {
    throw refuse(errors::MISMATCHED_COLUMN_ALIASES,
                 "Column alias list has " + std::to_string(creation.aliases.size()) +
                     " entries but relation has " + std::to_string(planner.names.size()) + " columns");
  }
  WriteQuery write;
  write.update_type = "CREATE TABLE";
  write.target.catalog = creation.catalog;
  write.target.schema = creation.table.schema;
  write.target.table = creation.table.name;
  std::set<std::string> names;
  for (size_t i = 0; i < planner.names.size(); i++) {
    if (creation.aliases.empty() && IsUnnamedMark(planner.names[i])) {
      throw refuse(errors::MISSING_COLUMN_NAME,
                   "Column name not specified at position " + std::to_string(i + 1));
    }
    const std::string name =
        duckdb::StringUtil::Lower(creation.aliases.empty() ? planner.names[i] : creation.aliases[i]);
    if (!names.insert(name).second) {
      throw refuse(errors::DUPLICATE_COLUMN_NAME, "Column name '" + name + "' specified more than once");
    }
    write.target.columns.push_back({name, ColumnTypeFor(planner.types[i])});
    if (i < types.size()) {
      write.target.columns.back().declared = types[i];
    }
    write.sources.push_back(i);
  }
  return write;
}

std::unique_ptr<connector::TableWrite> Begin(const WriteQuery& write,
                                             const connector::ConnectorWrites& writes,
                                             const StatementPurpose& purpose) {
  if (purpose.creation) {
    connector::NewTable table = purpose.creation->table;
    table.columns = write.target.columns;
    return writes.BeginCreate(purpose.write, table);
  }
  const WriteTarget& target = write.target;
  if (write.layout == connector::RowLayout::kRows) {
    return writes.BeginInsert(purpose.write, target.schema, target.table);
  }
  return writes.BeginChange(purpose.write, target.schema, target.table, target.snapshot);
}

/// 0 for a column of no texts, or of texts of any length.
duckdb::idx_t MaxLength(const connector::Column& column) {
  const bool limited =
      column.declared && column.declared->IsText() && column.declared->precision != sql::Type::kUnbounded;
  return limited ? static_cast<duckdb::idx_t>(column.declared->precision) : 0;
}

duckdb::unique_ptr<duckdb::LogicalOperator> WriterOf(const WriteQuery& write, std::string sink) {
  connector::WriterTarget target;
  target.catalog = write.target.catalog;
  target.table = write.target.schema + "." + write.target.table;
  target.sink = {std::move(sink), write.layout, {}};
  for (size_t i = 0; i < write.target.columns.size(); i++) {
    const connector::Column& column = write.target.columns[i];
    target.sink.types.push_back(column.type);
    target.column_names.push_back(column.name);
    if (!column.nullable) target.not_null.push_back(i);
    target.max_lengths.push_back(MaxLength(column));
  }
  return duckdb::make_uniq<connector::LogicalTableWriter>(std::move(target));
}

/// Plans in the context's transaction.
DistributedPlan PlanParsed(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> parsed,
                           const QuerySession& session, const kernel::StatementText& statement,
                           const PlannerOptions& options, const StatementPurpose& purpose) {
  DistributedPlan result;
  std::optional<WriteQuery> write;
  if (parsed->type == duckdb::StatementType::SELECT_STATEMENT) {
    auto& query = *parsed->Cast<duckdb::SelectStatement>().node;
    ResolveNames(query, session, statement);
    MarkUnnamedColumns(query);
  } else {
    write = AnalyzeWrite(context, *parsed, session, statement);
    if (!write) throw TrinoException(errors::NOT_SUPPORTED, "Only queries are supported here");
    auto select = duckdb::make_uniq<duckdb::SelectStatement>();
    select->node = std::move(write->query);
    parsed = std::move(select);
  }
  duckdb::Planner planner(context);
  planner.CreatePlan(std::move(parsed));
  if (purpose.creation) {
    WidenDecimals(context, planner, purpose.output_types);
    write = CreationOf(*purpose.creation, planner, purpose.output_types, statement);
  }
  if (write) {
    CheckTypes(*write, planner.types, purpose.output_types, statement);
    LayOut(context, planner, *write, purpose.output_types);
    if (purpose.creation && !purpose.creation->with_data) {
      auto nothing = duckdb::make_uniq<duckdb::LogicalLimit>(duckdb::BoundLimitNode::ConstantValue(0),
                                                             duckdb::BoundLimitNode());
      nothing->children.push_back(std::move(planner.plan));
      planner.plan = std::move(nothing);
    }
    result.update_type = write->update_type;
    result.column_names = {"rows"};
    result.column_types = {duckdb::LogicalType::BIGINT};
  } else {
    result.column_names = NameOutput(planner.names);
    const auto declared = Declare(context, planner, purpose.output_types);
    result.column_types.assign(declared.begin(), declared.end());
  }
  PlanNames().VisitOperator(*planner.plan);
  QueryConstants(context).VisitOperator(*planner.plan);
  const CopiedScans scans(*planner.plan);
  duckdb::Optimizer optimizer(*planner.binder, context);
  auto plan = optimizer.Optimize(std::move(planner.plan));
  scans.Restore(*plan);

  Fragmenter::End end;
  if (write) {
    const auto connector =
        connector::ConnectorOf(duckdb::DatabaseInstance::GetDatabase(context), write->target.catalog);
    std::string sink;
    if (purpose.execute) {
      auto begun = Begin(*write, connector->writes(), purpose);
      sink = begun->sink();
      result.write = std::make_shared<WriteCommit>(std::move(begun));
    }
    end.writer = WriterOf(*write, std::move(sink));
    end.final_steps.push_back(
        duckdb::make_uniq<kernel::LogicalFinalStep>(0, "TABLE_COMMIT", duckdb::LogicalType::BIGINT));
  }
  if (purpose.analyze) {
    const auto number = static_cast<uint32_t>(end.final_steps.size());
    end.final_steps.push_back(
        duckdb::make_uniq<kernel::LogicalFinalStep>(number, "EXPLAIN_ANALYZE", duckdb::LogicalType::VARCHAR));
    // The client reads a text, not a count.
    result.update_type.reset();
    result.column_names = {"Query Plan"};
    result.column_types = {duckdb::LogicalType::VARCHAR};
  }
  Fragmenter fragmenter(context, *planner.binder, options);
  if (!purpose.execute) fragmenter.DescribeOperators();
  result.fragments = fragmenter.Cut(std::move(plan), std::move(end));
  result.choices = fragmenter.TakeChoices();
  if (options.merge_from_partitions > 0) AddMerges(options.merge_from_partitions, result);
  return result;
}

}  // namespace

DistributedPlan PlanStatement(kernel::Engine& engine, const QuerySession& session, const std::string& sql,
                              const PlannerOptions& options, StatementPurpose purpose,
                              std::function<ErrorLocation(size_t)> locate) {
  const kernel::StatementText statement{
      .sql = sql, .catalog = session.catalog, .schema = session.schema, .locate = std::move(locate)};
  const auto connection = engine.Connect();
  auto& context = *connection->context;
  UseDefaults(*connection, session);
  RememberSession(context, session);
  DistributedPlan result;
  kernel::OutsideKernel(
      [&] {
        context.RunFunctionInTransaction([&] {
          duckdb::Parser parser(context.GetParserOptions());
          parser.ParseQuery(sql);
          if (parser.statements.size() != 1) {
            throw TrinoException(errors::NOT_SUPPORTED, "Only one statement can be planned at a time");
          }
          result = PlanParsed(context, std::move(parser.statements[0]), session, statement, options, purpose);
        });
      },
      statement);
  return result;
}

DistributedPlan PlanQuery(kernel::Engine& engine, const QuerySession& session, const std::string& sql,
                          const PlannerOptions& options, std::function<ErrorLocation(size_t)> locate) {
  return PlanStatement(engine, session, sql, options, {}, std::move(locate));
}

}  // namespace planaria::planner
