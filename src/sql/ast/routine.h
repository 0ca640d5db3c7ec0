// SQL routines: what CREATE FUNCTION and WITH FUNCTION define.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/data_type.h"
#include "sql/ast/property.h"

namespace planaria::sql::ast {

using ControlStatements = std::vector<ControlStatementPtr>;

struct ReturnStatement {
  ExpressionPtr value;
};
struct AssignmentStatement {
  Identifier target;
  ExpressionPtr value;
};
struct VariableDeclaration {
  ErrorLocation location;
  std::vector<Identifier> names;
  DataTypePtr type;
  /// May be null.
  ExpressionPtr default_value;
};
struct CompoundStatement {
  std::vector<VariableDeclaration> variables;
  ControlStatements statements;
};
/// IF and CASE without operand, ELSEIF and WHEN each a branch.
struct ControlBranch {
  ExpressionPtr condition;
  ControlStatements statements;
};
struct IfStatement {
  std::vector<ControlBranch> branches;
  std::optional<ControlStatements> otherwise;
};
struct CaseStatement {
  /// Null for CASE WHEN.
  ExpressionPtr operand;
  std::vector<ControlBranch> branches;
  std::optional<ControlStatements> otherwise;
};
struct LoopStatement {
  std::optional<Identifier> label;
  ControlStatements statements;
};
struct WhileStatement {
  std::optional<Identifier> label;
  ExpressionPtr condition;
  ControlStatements statements;
};
struct RepeatStatement {
  std::optional<Identifier> label;
  ControlStatements statements;
  ExpressionPtr until;
};
struct IterateStatement {
  Identifier label;
};
struct LeaveStatement {
  Identifier label;
};

struct ControlStatement {
  using Node =
      std::variant<ReturnStatement, AssignmentStatement, CompoundStatement, IfStatement, CaseStatement,
                   LoopStatement, WhileStatement, RepeatStatement, IterateStatement, LeaveStatement>;

  ControlStatement(ErrorLocation location, Node node);
  ~ControlStatement();

  ErrorLocation location;
  Node node;
};

struct RoutineParameter {
  std::optional<Identifier> name;
  DataTypePtr type;
};

/// One of what stands between RETURNS and the body, in the order written.
struct RoutineCharacteristic {
  enum class Kind : uint8_t {
    kLanguage,
    kDeterministic,
    kNotDeterministic,
    kCalledOnNull,
    kReturnsNullOnNull,
    kSecurityDefiner,
    kSecurityInvoker,
    kComment,
    kProperties
  };
  Kind kind = Kind::kLanguage;
  ErrorLocation location;
  /// Of kLanguage.
  Identifier language;
  /// Of kComment.
  std::string comment;
  /// Of kProperties.
  std::vector<Property> properties;
};

struct FunctionSpecification {
  ErrorLocation location;
  QualifiedName name;
  std::vector<RoutineParameter> parameters;
  DataTypePtr returns;
  std::vector<RoutineCharacteristic> characteristics;
  /// One of the two: a statement, or the text between `$$` of another language.
  ControlStatementPtr statement;
  std::optional<std::string> definition;
};

}  // namespace planaria::sql::ast
