#include "planner/merge_query.h"

#include <algorithm>

#include "base/error.h"
#include "connector/table_scan.h"
#include "connector/table_writes.h"
#include "duckdb/parser/expression/case_expression.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/conjunction_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/planner/planner.hpp"
#include "kernel/trino_type_name.h"
#include "planner/trino_names.h"
#include "planner/write_statement.h"

namespace planaria::planner {

namespace {

using duckdb::make_uniq;
using duckdb::StringUtil;
using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;

/// WHEN ... THEN: what it does and to which columns.
struct MergeCase {
  connector::RowOperation operation = connector::RowOperation::kDelete;
  /// Without `row id IS [NOT] NULL`; nullptr: always.
  Expression condition;
  /// By position in the table; nullptr: unchanged, or NULL in a new row.
  std::vector<Expression> values;
};

class MergeRewrite {
 public:
  MergeRewrite(duckdb::ClientContext& context, duckdb::MergeIntoStatement& merge, const std::string& target,
               const std::vector<connector::Column>& columns, const QuerySession& session,
               const kernel::StatementText& text)
      : context_(context),
        merge_(merge),
        target_(target),
        columns_(columns),
        session_(session),
        text_(text) {}

  duckdb::unique_ptr<duckdb::QueryNode> Run() {
    if (!merge_.using_columns.empty() || !merge_.returning_list.empty() || !merge_.cte_map.map.empty()) {
      Refuse(errors::SYNTAX_ERROR, "This form of MERGE is not supported");
    }
    for (auto& [condition, actions] : merge_.actions) {
      if (condition == duckdb::MergeActionCondition::WHEN_NOT_MATCHED_BY_SOURCE) {
        Refuse(errors::SYNTAX_ERROR, "WHEN NOT MATCHED BY SOURCE is not supported");
      }
      for (auto& action : actions) cases_.push_back(CaseOf(*action));
    }
    const bool inserts = std::any_of(cases_.begin(), cases_.end(), [](const MergeCase& one) {
      return one.operation == connector::RowOperation::kInsert;
    });
    auto join = make_uniq<duckdb::JoinRef>();
    join->type = inserts ? duckdb::JoinType::LEFT : duckdb::JoinType::INNER;
    join->left = std::move(merge_.source);
    join->right = std::move(merge_.target);
    join->condition = std::move(merge_.join_condition);
    CheckTypes(*join);
    return Select(std::move(join));
  }

 private:
  [[noreturn]] void Refuse(ErrorCode code, const std::string& message) const {
    throw TrinoException(kernel::LocatedError(code, message, size_t{0}, text_));
  }

  Expression RowId() const { return make_uniq<duckdb::ColumnRefExpression>(connector::kRowIdName, target_); }

  size_t PositionOf(const std::string& name, const char* operation) const {
    for (size_t i = 0; i < columns_.size(); i++) {
      if (StringUtil::CIEquals(columns_[i].name, name)) return i;
    }
    Refuse(errors::COLUMN_NOT_FOUND, std::string("Merge column name does not exist in target table: ") +
                                         StringUtil::Lower(name) + " (" + operation + ")");
  }

  void Assign(MergeCase& merge_case, const std::string& column, Expression value, const char* operation) {
    Expression& place = merge_case.values[PositionOf(column, operation)];
    if (place) {
      Refuse(
          errors::DUPLICATE_COLUMN_NAME,
          std::string(operation) + " column name is specified more than once: " + StringUtil::Lower(column));
    }
    place = std::move(value);
  }

  MergeCase CaseOf(duckdb::MergeIntoAction& action) {
    MergeCase made;
    made.condition = std::move(action.condition);
    made.values.resize(columns_.size());
    switch (action.action_type) {
      case duckdb::MergeActionType::MERGE_DELETE:
        made.operation = connector::RowOperation::kDelete;
        return made;
      case duckdb::MergeActionType::MERGE_UPDATE:
        made.operation = connector::RowOperation::kUpdate;
        if (!action.update_info) break;
        for (size_t i = 0; i < action.update_info->columns.size(); i++) {
          Assign(made, action.update_info->columns[i], std::move(action.update_info->expressions[i]),
                 "Update");
        }
        return made;
      case duckdb::MergeActionType::MERGE_INSERT: {
        made.operation = connector::RowOperation::kInsert;
        if (action.default_values || action.expressions.empty() ||
            action.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME) {
          break;
        }
        const bool all = action.insert_columns.empty();
        const size_t expected = all ? columns_.size() : action.insert_columns.size();
        if (action.expressions.size() != expected) {
          Refuse(errors::MISMATCHED_COLUMN_ALIASES,
                 "MERGE INSERT has " + std::to_string(action.expressions.size()) + " values for " +
                     std::to_string(expected) + " columns");
        }
        for (size_t i = 0; i < expected; i++) {
          Assign(made, all ? columns_[i].name : action.insert_columns[i], std::move(action.expressions[i]),
                 "Insert");
        }
        return made;
      }
      default:
        break;
    }
    Refuse(errors::SYNTAX_ERROR, "This form of MERGE is not supported");
  }

  /// Binds all values over the join, only to learn their types: inside CASE they would be unified first.
  void CheckTypes(const duckdb::JoinRef& join) {
    auto select = make_uniq<duckdb::SelectNode>();
    std::vector<std::pair<size_t, size_t>> places;
    for (size_t number = 0; number < cases_.size(); number++) {
      for (size_t i = 0; i < columns_.size(); i++) {
        if (!cases_[number].values[i]) continue;
        select->select_list.push_back(cases_[number].values[i]->Copy());
        places.emplace_back(number, i);
      }
    }
    if (places.empty()) return;
    select->from_table = const_cast<duckdb::JoinRef&>(join).Copy();
    ResolveNames(*select, session_, text_);
    auto statement = make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(select);
    duckdb::Planner planner(context_);
    planner.CreatePlan(std::move(statement));
    for (size_t number = 0; number < cases_.size(); number++) {
      std::string table, query;
      bool fits = true;
      for (size_t i = 0; i < places.size(); i++) {
        if (places[i].first != number) continue;
        const auto& column = columns_[places[i].second];
        table += (table.empty() ? "" : ", ") + kernel::TrinoTypeName(column.type);
        query += (query.empty() ? "" : ", ") + kernel::TrinoTypeName(planner.types[i]);
        fits = fits && Assignable(planner.types[i], column.type);
      }
      if (!fits) {
        Refuse(errors::TYPE_MISMATCH, "MERGE table column types don't match for MERGE case " +
                                          std::to_string(number) + ", SET expressions: Table: [" + table +
                                          "], Expressions: [" + query + "]");
      }
    }
  }

  Expression ConditionOf(const MergeCase& merge_case) const {
    const bool matched = merge_case.operation != connector::RowOperation::kInsert;
    Expression condition = make_uniq<duckdb::OperatorExpression>(
        matched ? duckdb::ExpressionType::OPERATOR_IS_NOT_NULL : duckdb::ExpressionType::OPERATOR_IS_NULL,
        RowId());
    if (!merge_case.condition) return condition;
    return make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_AND,
                                                    std::move(condition), merge_case.condition->Copy());
  }

  static Expression Typed(Expression value, const duckdb::LogicalType& type) {
    return make_uniq<duckdb::CastExpression>(type, std::move(value));
  }

  /// CASE over the merge's cases; `value` gives what a case makes of it.
  template <typename Value>
  Expression ByCase(Value value, const duckdb::LogicalType& type) const {
    auto by_case = make_uniq<duckdb::CaseExpression>();
    for (const MergeCase& one : cases_) {
      duckdb::CaseCheck check;
      check.when_expr = ConditionOf(one);
      check.then_expr = Typed(value(one), type);
      by_case->case_checks.push_back(std::move(check));
    }
    by_case->else_expr =
        Typed(make_uniq<duckdb::ConstantExpression>(duckdb::Value(duckdb::LogicalType::SQLNULL)), type);
    return by_case;
  }

  Expression Operation() const {
    return ByCase(
        [](const MergeCase& one) -> Expression {
          return make_uniq<duckdb::ConstantExpression>(
              duckdb::Value::TINYINT(static_cast<int8_t>(one.operation)));
        },
        duckdb::LogicalType::TINYINT);
  }

  duckdb::unique_ptr<duckdb::QueryNode> Select(duckdb::unique_ptr<duckdb::JoinRef> join) const {
    auto select = make_uniq<duckdb::SelectNode>();
    select->select_list.push_back(Operation());
    select->select_list.push_back(RowId());
    for (size_t i = 0; i < columns_.size(); i++) {
      select->select_list.push_back(ByCase(
          [&](const MergeCase& one) -> Expression {
            if (one.values[i]) return one.values[i]->Copy();
            if (one.operation == connector::RowOperation::kUpdate) {
              return make_uniq<duckdb::ColumnRefExpression>(columns_[i].name, target_);
            }
            return make_uniq<duckdb::ConstantExpression>(duckdb::Value(duckdb::LogicalType::SQLNULL));
          },
          columns_[i].type));
    }
    select->from_table = std::move(join);
    select->where_clause =
        make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, Operation());
    return select;
  }

  duckdb::ClientContext& context_;
  duckdb::MergeIntoStatement& merge_;
  const std::string& target_;
  const std::vector<connector::Column>& columns_;
  const QuerySession& session_;
  const kernel::StatementText& text_;
  std::vector<MergeCase> cases_;
};

}  // namespace

duckdb::unique_ptr<duckdb::QueryNode> MergeQuery(duckdb::ClientContext& context,
                                                 duckdb::MergeIntoStatement& merge, const std::string& target,
                                                 const std::vector<connector::Column>& columns,
                                                 const QuerySession& session,
                                                 const kernel::StatementText& text) {
  return MergeRewrite(context, merge, target, columns, session, text).Run();
}

}  // namespace planaria::planner
