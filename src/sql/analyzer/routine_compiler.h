// The body of a SQL routine as a program for the kernel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sql/analyzer/scope.h"
#include "sql/analyzer/typed.h"
#include "sql/ast/routine.h"
#include "sql/routine_program.h"

namespace planaria::sql {

class RoutineCompiler {
 public:
  /// Analyses an expression in which the scope's fields, the routine's variables, can be named.
  using Analyze = std::function<Typed(const ast::Expression&, const Scope&)>;

  explicit RoutineCompiler(Analyze analyze) : analyze_(std::move(analyze)) {}

  /// `parameters`: the types of the function's, which all have names. Throws TrinoException as Trino does:
  /// MISSING_RETURN, TYPE_MISMATCH, NOT_FOUND, ALREADY_EXISTS.
  RoutineProgram Compile(const ast::FunctionSpecification& function, const std::vector<Type>& parameters);

 private:
  struct Variable {
    std::string name;
    Type type;
    size_t index;
  };
  struct Label {
    std::string name;
    /// Of ITERATE and LEAVE: jumps whose ends are not known yet.
    std::vector<size_t> iterations = {}, departures = {};
  };

  size_t NewVariable(const Type& type);
  void Declare(const ast::Identifier& name, const Type& type);
  void Do(const ast::ControlStatements& statements);
  void Do(const ast::ReturnStatement& statement);
  void Do(const ast::AssignmentStatement& statement);
  void Do(const ast::CompoundStatement& statement);
  void Do(const ast::IfStatement& statement);
  void Do(const ast::CaseStatement& statement);
  void Do(const ast::LoopStatement& statement);
  void Do(const ast::WhileStatement& statement);
  void Do(const ast::RepeatStatement& statement);
  void Do(const ast::IterateStatement& statement);
  void Do(const ast::LeaveStatement& statement);

  void OpenLabel(const std::optional<ast::Identifier>& name);
  /// ITERATE goes to step `next`, LEAVE to here.
  void CloseLabel(size_t next);
  Label& LabelOf(const ast::Identifier& name);

  Typed Value(const ast::Expression& expression) const;
  /// `what` begins the message of TYPE_MISMATCH.
  Typed Value(const ast::Expression& expression, const Type& type, const std::string& what) const;
  Typed Condition(const ast::Expression& expression, const std::string& what) const;

  size_t Here() const { return program_.steps.size(); }
  size_t Add(RoutineStep::Kind kind, size_t target, const Typed* value);
  size_t Jump(size_t target = 0) { return Add(RoutineStep::Kind::kJump, target, nullptr); }
  /// The jump `from` goes to here.
  void Land(size_t from) { program_.steps[from].target = Here(); }

  const Analyze analyze_;
  Type returns_;
  RoutineProgram program_;
  std::vector<Variable> visible_;
  /// The loops around, the innermost last; one without a label has no name.
  std::vector<Label> labels_;
};

}  // namespace planaria::sql
