// SQL routines: programs (sql/routine_program.h) that run over many rows at once. Each row has a step of its
// own; of all rows the ones whose step is first go on together, so that rows which branched meet again.
#include "kernel/functions/routines.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_binder.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "kernel/duckdb_errors.h"
#include "sql/routine_program.h"

namespace planaria::kernel {

namespace {

using duckdb::BindResult;
using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::ParsedExpression;
using duckdb::unique_ptr;
using duckdb::Vector;
using Kind = sql::RoutineStep::Kind;

/// Binds expressions over a routine's variables.
class VariableBinder final : public duckdb::ExpressionBinder {
 public:
  VariableBinder(duckdb::Binder& binder, ClientContext& context, const std::vector<LogicalType>& variables)
      : ExpressionBinder(binder, context), variables_(variables) {}

 protected:
  BindResult BindExpression(unique_ptr<ParsedExpression>& expression, idx_t depth, bool root) override {
    switch (expression->GetExpressionClass()) {
      case duckdb::ExpressionClass::WINDOW:
      case duckdb::ExpressionClass::SUBQUERY:
        return BindResult("A routine cannot hold " + expression->ToString());
      case duckdb::ExpressionClass::COLUMN_REF: {
        const auto& column = expression->Cast<duckdb::ColumnRefExpression>();
        if (!column.IsQualified() || column.GetTableName() != sql::RoutineProgram::kQualifier) break;
        const auto variable = std::stoul(column.GetColumnName());
        if (variable >= variables_.size())
          return BindResult("A routine has no variable " + column.GetColumnName());
        return BindResult(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
            variables_[variable], duckdb::ColumnBinding(0, variable), depth));
      }
      default:
        break;
    }
    return ExpressionBinder::BindExpression(expression, depth, root);
  }

  duckdb::string UnsupportedAggregateMessage() override {
    return "A routine cannot hold aggregate functions";
  }

 private:
  const std::vector<LogicalType>& variables_;
};

/// Columns by their position in the chunk of the variables.
void ToReferences(unique_ptr<Expression>& expression) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
    const auto& column = expression->Cast<duckdb::BoundColumnRefExpression>();
    expression =
        duckdb::make_uniq<duckdb::BoundReferenceExpression>(column.return_type, column.binding.column_index);
    return;
  }
  duckdb::ExpressionIterator::EnumerateChildren(*expression,
                                                [](unique_ptr<Expression>& child) { ToReferences(child); });
}

struct BoundStep {
  Kind kind;
  size_t target;
  /// nullptr of kJump.
  unique_ptr<Expression> expression;
};

struct BoundRoutine {
  std::vector<LogicalType> variables;
  std::vector<BoundStep> steps;
  LogicalType result;
  bool is_volatile = false;
};

class RoutineBinding {
 public:
  explicit RoutineBinding(ClientContext& context)
      : context_(context), binder_(duckdb::Binder::CreateBinder(context)) {}

  std::shared_ptr<const BoundRoutine> Bind(const sql::RoutineProgram& program) {
    auto routine = std::make_shared<BoundRoutine>();
    for (const std::string& variable : program.variables) {
      routine->variables.push_back(Bind(variable, *routine)->return_type);
    }
    for (const sql::RoutineStep& step : program.steps) {
      BoundStep bound{step.kind, step.target, nullptr};
      if (step.kind != Kind::kJump) {
        bound.expression = Bind(step.expression, *routine);
        if (step.kind == Kind::kSet) Cast(bound.expression, routine->variables[step.target]);
        if (step.kind == Kind::kJumpUnless) Cast(bound.expression, LogicalType::BOOLEAN);
        routine->is_volatile = routine->is_volatile || bound.expression->IsVolatile();
      }
      // A loop may have no end: it must not run while the statement is planned, where nothing would end it.
      const bool jumps = step.kind == Kind::kJump || step.kind == Kind::kJumpUnless;
      routine->is_volatile = routine->is_volatile || (jumps && step.target <= routine->steps.size());
      routine->steps.push_back(std::move(bound));
    }
    routine->result = routine->steps.back().expression->return_type;
    for (BoundStep& step : routine->steps) {
      if (step.kind == Kind::kReturn) Cast(step.expression, routine->result);
    }
    return routine;
  }

 private:
  unique_ptr<Expression> Bind(const std::string& text, const BoundRoutine& routine) {
    auto parsed = duckdb::Parser::ParseExpressionList(text, context_.GetParserOptions());
    if (parsed.size() != 1)
      FailFunction(errors::GENERIC_INTERNAL_ERROR, "A routine holds no expression: " + text);
    VariableBinder binder(*binder_, context_, routine.variables);
    auto bound = binder.Bind(parsed[0]);
    ToReferences(bound);
    return bound;
  }

  void Cast(unique_ptr<Expression>& expression, const LogicalType& type) {
    expression = duckdb::BoundCastExpression::AddCastToType(context_, std::move(expression), type);
  }

  ClientContext& context_;
  duckdb::shared_ptr<duckdb::Binder> binder_;
};

struct RoutineData final : duckdb::FunctionData {
  RoutineData(std::string text, std::shared_ptr<const BoundRoutine> routine)
      : text(std::move(text)), routine(std::move(routine)) {}

  unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<RoutineData>(text, routine); }
  bool Equals(const FunctionData& other) const override { return text == other.Cast<RoutineData>().text; }

  const std::string text;
  const std::shared_ptr<const BoundRoutine> routine;
};

unique_ptr<duckdb::FunctionData> BindRoutine(ClientContext& context, duckdb::ScalarFunction& function,
                                             duckdb::vector<unique_ptr<Expression>>& arguments) {
  if (arguments.empty() || !arguments[0]->IsFoldable())
    FailArgument("A routine's program must be a constant");
  const std::string text =
      duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]).GetValue<duckdb::string>();
  const sql::RoutineProgram program = InsideKernel([&] { return sql::RoutineProgram::FromText(text); });
  auto routine = RoutineBinding(context).Bind(program);
  if (arguments.size() - 1 > routine->variables.size()) FailArgument("A routine has too many arguments");
  function.arguments = {LogicalType::VARCHAR};
  for (size_t i = 1; i < arguments.size(); ++i) function.arguments.push_back(routine->variables[i - 1]);
  function.varargs = LogicalType::INVALID;
  function.SetReturnType(routine->result);
  if (routine->is_volatile) function.SetVolatile();
  return duckdb::make_uniq<RoutineData>(text, std::move(routine));
}

struct RoutineState final : duckdb::FunctionLocalState {
  RoutineState(ClientContext& context, const BoundRoutine& routine) {
    for (const BoundStep& step : routine.steps) {
      executors.push_back(step.expression
                              ? std::make_unique<duckdb::ExpressionExecutor>(context, *step.expression)
                              : nullptr);
    }
    const duckdb::vector<LogicalType> types(routine.variables.begin(), routine.variables.end());
    variables.Initialize(context, types);
    chosen.Initialize(context, types);
  }

  /// Of each step; nullptr of jumps.
  std::vector<std::unique_ptr<duckdb::ExpressionExecutor>> executors;
  /// Of all rows, and of those that do a step.
  DataChunk variables, chosen;
};

unique_ptr<duckdb::FunctionLocalState> InitRoutine(duckdb::ExpressionState& state,
                                                   const duckdb::BoundFunctionExpression&,
                                                   duckdb::FunctionData* data) {
  return duckdb::make_uniq<RoutineState>(state.GetContext(), *data->Cast<RoutineData>().routine);
}

class Run {
 public:
  Run(ClientContext& context, const BoundRoutine& routine, RoutineState& state, idx_t rows, Vector& result)
      : context_(context),
        routine_(routine),
        state_(state),
        steps_(rows, 0),
        result_(result),
        rows_(STANDARD_VECTOR_SIZE) {}

  void ToEnd() {
    while (true) {
      const size_t step = *std::min_element(steps_.begin(), steps_.end());
      if (step == kDone) return;
      // A loop may have no end.
      if (context_.IsInterrupted()) throw duckdb::InterruptException();
      count_ = 0;
      for (idx_t row = 0; row < steps_.size(); ++row) {
        if (steps_[row] == step) rows_.set_index(count_++, row);
      }
      Do(step);
    }
  }

 private:
  static constexpr size_t kDone = SIZE_MAX;

  void Do(size_t at) {
    const BoundStep& step = routine_.steps[at];
    if (step.kind == Kind::kJump) return MoveTo(step.target);
    Vector value(step.expression->return_type);
    state_.chosen.Reset();
    state_.chosen.Slice(state_.variables, rows_, count_);
    state_.executors[at]->ExecuteExpression(state_.chosen, value);
    value.Flatten(count_);
    if (step.kind == Kind::kReturn) {
      Scatter(value, result_);
      return MoveTo(kDone);
    }
    if (step.kind == Kind::kSet) {
      Scatter(value, state_.variables.data[step.target]);
      return MoveTo(at + 1);
    }
    for (idx_t i = 0; i < count_; ++i) {
      const bool holds =
          duckdb::FlatVector::Validity(value).RowIsValid(i) && duckdb::FlatVector::GetData<bool>(value)[i];
      steps_[rows_.get_index(i)] = holds ? at + 1 : step.target;
    }
  }

  void MoveTo(size_t step) {
    for (idx_t i = 0; i < count_; ++i) steps_[rows_.get_index(i)] = step;
  }

  void Scatter(Vector& value, Vector& target) {
    for (idx_t i = 0; i < count_; ++i) {
      duckdb::VectorOperations::Copy(value, target, i + 1, i, rows_.get_index(i));
    }
  }

  ClientContext& context_;
  const BoundRoutine& routine_;
  RoutineState& state_;
  /// Of each row the step that it does next.
  std::vector<size_t> steps_;
  Vector& result_;
  duckdb::SelectionVector rows_;
  idx_t count_ = 0;
};

void RunRoutine(DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>();
  const BoundRoutine& routine = *function.bind_info->Cast<RoutineData>().routine;
  auto& local = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<RoutineState>();
  // Without arguments all rows are one.
  const bool constant = !routine.is_volatile && arguments.AllConstant();
  const idx_t rows = constant ? 1 : arguments.size();
  local.variables.Reset();
  local.variables.SetCardinality(rows);
  for (size_t i = 0; i < routine.variables.size(); ++i) {
    Vector& variable = local.variables.data[i];
    variable.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    if (i + 1 < arguments.ColumnCount()) {
      duckdb::VectorOperations::Copy(arguments.data[i + 1], variable, rows, 0, 0);
    } else {
      for (idx_t row = 0; row < rows; ++row) duckdb::FlatVector::SetNull(variable, row, true);
    }
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  if (rows > 0) Run(state.GetContext(), routine, local, rows, result).ToEnd();
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

void AddRoutines(FunctionSet& functions) {
  duckdb::ScalarFunction routine("trino_routine", {LogicalType::VARCHAR}, LogicalType::ANY, RunRoutine,
                                 BindRoutine);
  routine.varargs = LogicalType::ANY;
  routine.SetInitStateCallback(InitRoutine);
  routine.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  functions.Add(std::move(routine));
}

}  // namespace planaria::kernel
