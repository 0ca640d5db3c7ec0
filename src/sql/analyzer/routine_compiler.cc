#include "sql/analyzer/routine_compiler.h"

#include <fmt/format.h>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

using Kind = RoutineStep::Kind;

}  // namespace

RoutineProgram RoutineCompiler::Compile(const ast::FunctionSpecification& function,
                                        const std::vector<Type>& parameters) {
  program_ = {};
  visible_.clear();
  labels_.clear();
  returns_ = TypeOf(*function.returns);
  for (size_t i = 0; i < parameters.size(); ++i) Declare(*function.parameters[i].name, parameters[i]);
  for (const ast::RoutineCharacteristic& characteristic : function.characteristics) {
    if (characteristic.kind != ast::RoutineCharacteristic::Kind::kReturnsNullOnNull) continue;
    for (size_t i = 0; i < parameters.size(); ++i) {
      const std::string variable = RoutineProgram::VariableText(i);
      const Typed null = Compose(Type::Of(TypeKind::kBoolean), function.location, {variable, " IS NULL"});
      const size_t skip = Add(Kind::kJumpUnless, 0, &null);
      const Typed nothing = Compose(returns_, function.location, {NullText(returns_)});
      Add(Kind::kReturn, 0, &nothing);
      Land(skip);
    }
  }
  const auto* body = std::get_if<ast::CompoundStatement>(&function.statement->node);
  if (body != nullptr && (body->statements.empty() ||
                          !std::holds_alternative<ast::ReturnStatement>(body->statements.back()->node))) {
    ThrowAt(errors::MISSING_RETURN, function.statement->location, "Function must end in a RETURN statement");
  }
  std::visit([this](const auto& node) { Do(node); }, function.statement->node);
  return std::move(program_);
}

size_t RoutineCompiler::NewVariable(const Type& type) {
  program_.variables.push_back(NullText(type));
  return program_.variables.size() - 1;
}

void RoutineCompiler::Declare(const ast::Identifier& name, const Type& type) {
  for (const Variable& variable : visible_) {
    if (variable.name != NameOf(name)) continue;
    ThrowAt(errors::ALREADY_EXISTS, name.location,
            fmt::format("Variable already declared in this scope: {}", name.value));
  }
  visible_.push_back({NameOf(name), type, NewVariable(type)});
}

void RoutineCompiler::Do(const ast::ControlStatements& statements) {
  for (const ast::ControlStatementPtr& statement : statements) {
    std::visit([this](const auto& node) { Do(node); }, statement->node);
  }
}

void RoutineCompiler::Do(const ast::ReturnStatement& statement) {
  const Typed value = Value(*statement.value, returns_, "RETURN");
  Add(Kind::kReturn, 0, &value);
}

void RoutineCompiler::Do(const ast::AssignmentStatement& statement) {
  for (const Variable& variable : visible_) {
    if (variable.name != NameOf(statement.target)) continue;
    const Typed value =
        Value(*statement.value, variable.type, fmt::format("SET '{}'", statement.target.value));
    Add(Kind::kSet, variable.index, &value);
    return;
  }
  ThrowAt(errors::NOT_FOUND, statement.target.location,
          fmt::format("Variable cannot be resolved: {}", statement.target.value));
}

void RoutineCompiler::Do(const ast::CompoundStatement& statement) {
  const size_t outside = visible_.size();
  for (const ast::VariableDeclaration& declaration : statement.variables) {
    const Type type = TypeOf(*declaration.type);
    const Typed value = declaration.default_value ? Value(*declaration.default_value, type, "DEFAULT")
                                                  : Compose(type, declaration.location, {NullText(type)});
    for (const ast::Identifier& name : declaration.names) {
      Declare(name, type);
      // A block in a loop begins anew each time.
      Add(Kind::kSet, visible_.back().index, &value);
    }
  }
  Do(statement.statements);
  visible_.resize(outside);
}

void RoutineCompiler::Do(const ast::IfStatement& statement) {
  std::vector<size_t> ends;
  for (size_t i = 0; i < statement.branches.size(); ++i) {
    const ast::ControlBranch& branch = statement.branches[i];
    const Typed condition = Condition(*branch.condition, i == 0 ? "IF statement" : "ELSEIF clause");
    const size_t next = Add(Kind::kJumpUnless, 0, &condition);
    Do(branch.statements);
    ends.push_back(Jump());
    Land(next);
  }
  if (statement.otherwise) Do(*statement.otherwise);
  for (const size_t end : ends) Land(end);
}

void RoutineCompiler::Do(const ast::CaseStatement& statement) {
  std::optional<Typed> operand;
  if (statement.operand) {
    const Typed value = Value(*statement.operand);
    const size_t variable = NewVariable(value.type);
    Add(Kind::kSet, variable, &value);
    operand = Compose(value.type, value.location, {RoutineProgram::VariableText(variable)});
  }
  std::vector<size_t> ends;
  for (const ast::ControlBranch& branch : statement.branches) {
    Typed condition = operand ? Value(*branch.condition) : Condition(*branch.condition, "WHEN clause");
    if (operand) {
      if (!CanCoerce(condition.type, operand->type)) {
        ThrowAt(errors::TYPE_MISMATCH, branch.condition->location,
                fmt::format("WHEN clause value must evaluate to CASE value type {} (actual: {})",
                            operand->type.ToString(), condition.type.ToString()));
      }
      condition = Coerce(std::move(condition), operand->type);
      const bool nested = !operand->type.children.empty();
      condition =
          Compose(Type::Of(TypeKind::kBoolean), condition.location,
                  {nested ? "trino_nested_equal(" : "(", &*operand, nested ? ", " : " = ", &condition, ")"});
    }
    const size_t next = Add(Kind::kJumpUnless, 0, &condition);
    Do(branch.statements);
    ends.push_back(Jump());
    Land(next);
  }
  if (statement.otherwise) Do(*statement.otherwise);
  for (const size_t end : ends) Land(end);
}

void RoutineCompiler::Do(const ast::LoopStatement& statement) {
  OpenLabel(statement.label);
  const size_t start = Here();
  Do(statement.statements);
  Jump(start);
  CloseLabel(start);
}

void RoutineCompiler::Do(const ast::WhileStatement& statement) {
  OpenLabel(statement.label);
  const size_t start = Here();
  const Typed condition = Condition(*statement.condition, "WHILE statement");
  const size_t end = Add(Kind::kJumpUnless, 0, &condition);
  Do(statement.statements);
  Jump(start);
  Land(end);
  CloseLabel(start);
}

void RoutineCompiler::Do(const ast::RepeatStatement& statement) {
  OpenLabel(statement.label);
  const size_t start = Here();
  Do(statement.statements);
  const Typed condition = Condition(*statement.until, "REPEAT statement");
  Add(Kind::kJumpUnless, start, &condition);
  // As in Trino, ITERATE does not ask for the condition.
  CloseLabel(start);
}

void RoutineCompiler::Do(const ast::IterateStatement& statement) {
  LabelOf(statement.label).iterations.push_back(Jump());
}

void RoutineCompiler::Do(const ast::LeaveStatement& statement) {
  LabelOf(statement.label).departures.push_back(Jump());
}

void RoutineCompiler::OpenLabel(const std::optional<ast::Identifier>& name) {
  for (const Label& label : labels_) {
    if (!name || label.name != NameOf(*name)) continue;
    ThrowAt(errors::ALREADY_EXISTS, name->location,
            fmt::format("Label already declared in this scope: {}", name->value));
  }
  labels_.push_back({name ? NameOf(*name) : ""});
}

void RoutineCompiler::CloseLabel(size_t next) {
  for (const size_t jump : labels_.back().iterations) program_.steps[jump].target = next;
  for (const size_t jump : labels_.back().departures) Land(jump);
  labels_.pop_back();
}

RoutineCompiler::Label& RoutineCompiler::LabelOf(const ast::Identifier& name) {
  for (Label& label : labels_) {
    if (label.name == NameOf(name)) return label;
  }
  ThrowAt(errors::NOT_FOUND, name.location, fmt::format("Label not defined: {}", name.value));
}

Typed RoutineCompiler::Value(const ast::Expression& expression) const {
  Scope scope;
  scope.of_lambda = true;
  for (const Variable& variable : visible_) {
    scope.fields.push_back({{}, variable.name, variable.type, RoutineProgram::VariableText(variable.index)});
  }
  return analyze_(expression, scope);
}

Typed RoutineCompiler::Value(const ast::Expression& expression, const Type& type,
                             const std::string& what) const {
  Typed value = Value(expression);
  if (!CanCoerce(value.type, type)) {
    ThrowAt(errors::TYPE_MISMATCH, expression.location,
            fmt::format("Value of {} must evaluate to {} (actual: {})", what, type.ToString(),
                        value.type.ToString()));
  }
  return Coerce(std::move(value), type);
}

Typed RoutineCompiler::Condition(const ast::Expression& expression, const std::string& what) const {
  const Type boolean = Type::Of(TypeKind::kBoolean);
  Typed value = Value(expression);
  if (!CanCoerce(value.type, boolean)) {
    ThrowAt(
        errors::TYPE_MISMATCH, expression.location,
        fmt::format("Condition of {} must evaluate to boolean (actual: {})", what, value.type.ToString()));
  }
  return Coerce(std::move(value), boolean);
}

size_t RoutineCompiler::Add(RoutineStep::Kind kind, size_t target, const Typed* value) {
  program_.steps.push_back({kind, target, value == nullptr ? "" : value->sql.text()});
  return Here() - 1;
}

}  // namespace planaria::sql
