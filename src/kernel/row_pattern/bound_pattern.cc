#include "kernel/row_pattern/bound_pattern.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/error.h"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_binder.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/functions/function_set.h"

namespace planaria::kernel {

namespace {

using duckdb::BindResult;
using duckdb::ClientContext;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::ParsedExpression;
using duckdb::unique_ptr;
using Program = sql::PatternProgram;
using Slot = sql::PatternSlot;

/// The type and number of a value that `"qualifier"."name"` means.
struct Named {
  LogicalType type;
  size_t number;
};
/// Nothing for names that mean none.
using Names = std::function<std::optional<Named>(std::string_view qualifier, const std::string& name)>;

std::optional<Named> ByNumber(const duckdb::vector<LogicalType>& types, const std::string& name,
                              size_t first) {
  const size_t number = std::stoul(name);
  if (number >= types.size()) return std::nullopt;
  return Named{types[number], first + number};
}

/// Binds expressions over values that have names.
class NamedBinder : public duckdb::ExpressionBinder {
 public:
  NamedBinder(duckdb::Binder& binder, ClientContext& context, const Names& names)
      : ExpressionBinder(binder, context), names_(names) {}

 protected:
  BindResult BindExpression(unique_ptr<ParsedExpression>& expression, idx_t depth, bool root) override {
    switch (expression->GetExpressionClass()) {
      case duckdb::ExpressionClass::WINDOW:
      case duckdb::ExpressionClass::SUBQUERY:
        return BindResult("A row pattern cannot hold " + expression->ToString());
      case duckdb::ExpressionClass::COLUMN_REF: {
        const auto& column = expression->Cast<duckdb::ColumnRefExpression>();
        if (!column.IsQualified()) break;
        const auto found = names_(column.GetTableName(), column.GetColumnName());
        if (!found) break;
        return BindResult(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
            found->type, duckdb::ColumnBinding(0, found->number), depth));
      }
      default:
        break;
    }
    return ExpressionBinder::BindExpression(expression, depth, root);
  }

  duckdb::string UnsupportedAggregateMessage() override {
    return "An aggregate function stands here in no row pattern";
  }

 private:
  const Names& names_;
};

/// Binds what stands around aggregates: each becomes a reference to its number among `calls`.
class AggregatesBinder final : public NamedBinder {
 public:
  AggregatesBinder(duckdb::Binder& binder, ClientContext& context, const Names& names,
                   BoundAggregates& aggregates)
      : NamedBinder(binder, context, nothing_), row_names_(names), aggregates_(aggregates) {}

 protected:
  BindResult BindAggregate(duckdb::FunctionExpression& call, duckdb::AggregateFunctionCatalogEntry& entry,
                           idx_t) override {
    if (call.distinct || (call.order_bys && !call.order_bys->orders.empty()) || call.filter) {
      return BindResult("A row pattern cannot hold " + call.ToString());
    }
    duckdb::vector<unique_ptr<Expression>> children;
    duckdb::vector<LogicalType> types;
    for (auto& child : call.children) {
      NamedBinder row(binder, context, row_names_);
      children.push_back(row.Bind(child));
      types.push_back(children.back()->return_type);
    }
    duckdb::FunctionBinder functions(binder);
    duckdb::ErrorData error;
    const auto best = functions.BindFunction(entry.name, entry.functions, types, error);
    if (!best.IsValid()) error.Throw();
    auto aggregate = functions.BindAggregateFunction(entry.functions.GetFunctionByOffset(best.GetIndex()),
                                                     std::move(children));
    if (!aggregate->function.CanAggregate()) return BindResult("No aggregate function: " + call.ToString());
    auto reference =
        duckdb::make_uniq<duckdb::BoundReferenceExpression>(aggregate->return_type, aggregates_.calls.size());
    aggregates_.calls.push_back(std::move(aggregate));
    return BindResult(std::move(reference));
  }

 private:
  const Names nothing_ = [](std::string_view, const std::string&) { return std::nullopt; };
  const Names& row_names_;
  BoundAggregates& aggregates_;
};

/// References by position in `uses`, to which what is missing is added.
void ToReferences(unique_ptr<Expression>& expression, std::vector<size_t>& uses) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
    const auto& column = expression->Cast<duckdb::BoundColumnRefExpression>();
    const size_t number = column.binding.column_index;
    const auto found = std::find(uses.begin(), uses.end(), number);
    const auto position = static_cast<size_t>(found - uses.begin());
    if (found == uses.end()) uses.push_back(number);
    expression = duckdb::make_uniq<duckdb::BoundReferenceExpression>(column.return_type, position);
    return;
  }
  duckdb::ExpressionIterator::EnumerateChildren(
      *expression, [&uses](unique_ptr<Expression>& child) { ToReferences(child, uses); });
}

class PatternBinding {
 public:
  PatternBinding(ClientContext& context, BoundPattern& pattern)
      : context_(context), binder_(duckdb::Binder::CreateBinder(context)), pattern_(pattern) {}

  void Bind() {
    const Program& program = pattern_.program;
    pattern_.inputs.columns = pattern_.columns.size();
    for (const Slot& slot : program.slots) BindSlot(slot);
    for (const std::string& condition : program.conditions) {
      BoundOverSlots bound;
      if (!condition.empty()) {
        bound.expression = duckdb::BoundCastExpression::AddCastToType(
            context_, OverSlots(condition, bound.uses), LogicalType::BOOLEAN);
      }
      pattern_.conditions.push_back(std::move(bound));
    }
    for (const std::string& measure : program.measures) {
      pattern_.measures.push_back(OverSlots(measure, pattern_.measure_uses));
      pattern_.output.push_back(pattern_.measures.back()->return_type);
    }
    for (const size_t column : program.columns) pattern_.output.push_back(Checked(pattern_.columns, column));
  }

 private:
  static const LogicalType& Checked(const duckdb::vector<LogicalType>& types, size_t index) {
    if (index < types.size()) return types[index];
    FailFunction(errors::GENERIC_INTERNAL_ERROR, "A row pattern names what it does not get");
  }

  void BindSlot(const Slot& slot) {
    std::unique_ptr<BoundAggregates> aggregates;
    switch (slot.kind) {
      case Slot::Kind::kColumn:
        pattern_.slots.push_back(Checked(pattern_.columns, slot.index));
        break;
      case Slot::Kind::kArgument:
        pattern_.slots.push_back(Checked(pattern_.arguments, slot.index));
        break;
      case Slot::Kind::kClassifier:
        pattern_.slots.push_back(LogicalType::VARCHAR);
        break;
      case Slot::Kind::kMatchNumber:
        pattern_.slots.push_back(LogicalType::BIGINT);
        break;
      case Slot::Kind::kAggregate:
        aggregates = Aggregates(slot.aggregate);
        pattern_.slots.push_back(aggregates->result->return_type);
        break;
    }
    pattern_.aggregates.push_back(std::move(aggregates));
  }

  std::unique_ptr<BoundAggregates> Aggregates(const std::string& text) {
    const Names names = [this](std::string_view qualifier, const std::string& name) -> std::optional<Named> {
      const RowInputs& inputs = pattern_.inputs;
      if (qualifier == Program::kArgumentQualifier) {
        return ByNumber(pattern_.arguments, name, inputs.argument(0));
      }
      if (qualifier != Program::kRowQualifier) return std::nullopt;
      if (name == Program::kRowClassifier) return Named{LogicalType::VARCHAR, inputs.classifier()};
      if (name == Program::kRowMatchNumber) return Named{LogicalType::BIGINT, inputs.match_number()};
      return ByNumber(pattern_.columns, name, 0);
    };
    auto aggregates = std::make_unique<BoundAggregates>();
    auto parsed = Parsed(text);
    AggregatesBinder binder(*binder_, context_, names, *aggregates);
    aggregates->result = binder.Bind(parsed);
    for (auto& call : aggregates->calls) {
      for (auto& child : call->children) ToReferences(child, aggregates->uses);
      pattern_.is_volatile = pattern_.is_volatile || call->IsVolatile();
    }
    return aggregates;
  }

  unique_ptr<Expression> OverSlots(const std::string& text, std::vector<size_t>& uses) {
    const Names names = [this](std::string_view qualifier, const std::string& name) -> std::optional<Named> {
      if (qualifier != Program::kSlotQualifier) return std::nullopt;
      return ByNumber(pattern_.slots, name, 0);
    };
    auto parsed = Parsed(text);
    NamedBinder binder(*binder_, context_, names);
    auto bound = binder.Bind(parsed);
    ToReferences(bound, uses);
    pattern_.is_volatile = pattern_.is_volatile || bound->IsVolatile();
    return bound;
  }

  unique_ptr<ParsedExpression> Parsed(const std::string& text) {
    auto parsed = duckdb::Parser::ParseExpressionList(text, context_.GetParserOptions());
    if (parsed.size() != 1) {
      FailFunction(errors::GENERIC_INTERNAL_ERROR, "A row pattern holds no expression: " + text);
    }
    return std::move(parsed[0]);
  }

  ClientContext& context_;
  duckdb::shared_ptr<duckdb::Binder> binder_;
  BoundPattern& pattern_;
};

}  // namespace

bool BoundAggregates::Uses(size_t input) const {
  return std::find(uses.begin(), uses.end(), input) != uses.end();
}

std::shared_ptr<const BoundPattern> BindPattern(ClientContext& context, std::string_view text,
                                                duckdb::vector<LogicalType> columns,
                                                duckdb::vector<LogicalType> arguments) {
  auto pattern = std::make_shared<BoundPattern>();
  pattern->program = InsideKernel([&] { return Program::FromText(text); });
  pattern->columns = std::move(columns);
  pattern->arguments = std::move(arguments);
  PatternBinding(context, *pattern).Bind();
  return pattern;
}

}  // namespace planaria::kernel
