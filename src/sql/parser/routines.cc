// SQL routines.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

std::vector<ast::RoutineParameter> Parser::RoutineParameters() {
  std::vector<ast::RoutineParameter> parameters;
  Expect(kOpen);
  if (!At(kClose)) {
    if (!IsName(Here().type)) Fail("<type>");
    do {
      ast::RoutineParameter parameter;
      if (SeesFieldName()) parameter.name = Name();
      parameter.type = Type();
      parameters.push_back(std::move(parameter));
    } while (Accept(kComma));
  }
  Expect(kClose);
  return parameters;
}

/// From the name on.
ast::FunctionSpecification Parser::Function() {
  ast::FunctionSpecification function;
  function.location = Location();
  function.name = Qualified();
  function.parameters = RoutineParameters();
  Expect(K_RETURNS);
  function.returns = Type();
  if (taking_notes()) ReturnTo(position());
  while (auto characteristic = Characteristic())
    function.characteristics.push_back(std::move(*characteristic));
  if (Accept(K_AS)) {
    const ErrorLocation location = Location();
    if (!At(kDollarString)) Fail();
    const std::string_view text = Next().text;
    std::string_view definition = text.substr(2, text.size() - 4);
    if (definition.starts_with("\r\n")) {
      definition.remove_prefix(2);
    } else if (definition.starts_with('\n')) {
      definition.remove_prefix(1);
    } else {
      Refuse(location, "Function definition must start with a newline after opening quotes");
    }
    function.definition = definition;
  } else {
    function.statement = ControlStatement();
  }
  return function;
}

std::optional<ast::RoutineCharacteristic> Parser::Characteristic() {
  using Kind = ast::RoutineCharacteristic::Kind;
  ast::RoutineCharacteristic characteristic;
  characteristic.location = Location();
  if (Accept(K_LANGUAGE)) {
    characteristic.language = Name();
  } else if (Accept(K_DETERMINISTIC)) {
    characteristic.kind = Kind::kDeterministic;
  } else if (Accept(K_NOT)) {
    Expect(K_DETERMINISTIC);
    characteristic.kind = Kind::kNotDeterministic;
  } else if (Accept(K_CALLED)) {
    Expect({K_ON, K_NULL, K_INPUT});
    characteristic.kind = Kind::kCalledOnNull;
  } else if (Accept(K_RETURNS)) {
    Expect({K_NULL, K_ON, K_NULL, K_INPUT});
    characteristic.kind = Kind::kReturnsNullOnNull;
  } else if (Accept(K_SECURITY)) {
    characteristic.kind = Kind::kSecurityDefiner;
    if (!Accept(K_DEFINER)) {
      Expect(K_INVOKER);
      characteristic.kind = Kind::kSecurityInvoker;
    }
  } else if (Accept(K_COMMENT)) {
    characteristic.kind = Kind::kComment;
    characteristic.comment = String();
  } else if (At(K_WITH)) {
    characteristic.kind = Kind::kProperties;
    characteristic.properties = OptionalProperties();
  } else {
    return std::nullopt;
  }
  return characteristic;
}

bool Parser::AtControlStatement() {
  bool found = false;
  for (const TokenType type :
       {K_BEGIN, K_CASE, K_IF, K_ITERATE, K_LEAVE, K_LOOP, K_REPEAT, K_RETURN, K_SET, K_WHILE}) {
    if (At(type)) found = true;
  }
  if (!found) return AtName();
  return true;
}

ast::ControlStatements Parser::ControlStatements() {
  ast::ControlStatements statements;
  while (Here().type != K_END && Here().type != K_ELSE && Here().type != K_ELSEIF && Here().type != K_WHEN &&
         Here().type != K_UNTIL && Here().type != kEnd) {
    statements.push_back(ControlStatement());
    Expect(kSemicolon);
  }
  return statements;
}

ast::ControlStatementPtr Parser::ControlStatement() {
  Level level(*this);
  const ErrorLocation location = Location();
  if (!AtControlStatement()) Fail();
  return std::make_unique<ast::ControlStatement>(location, ControlNode());
}

ast::ControlStatement::Node Parser::ControlNode() {
  if (Ahead(1).type == kColon) {
    ast::Identifier label = Name();
    Next();
    return LabelledLoop(std::move(label));
  }
  switch (Here().type) {
    case K_RETURN: {
      Next();
      At(kColon);
      return ast::ReturnStatement{Value()};
    }
    case K_SET: {
      Next();
      ast::AssignmentStatement assignment{Name(), nullptr};
      Expect(kEqual);
      assignment.value = Value();
      return assignment;
    }
    case K_BEGIN:
      return Compound();
    case K_IF:
      return IfStatement();
    case K_CASE:
      return CaseStatement();
    case K_ITERATE:
      Next();
      return ast::IterateStatement{Name()};
    case K_LEAVE:
      Next();
      return ast::LeaveStatement{Name()};
    case K_LOOP:
    case K_WHILE:
    case K_REPEAT:
      return LabelledLoop(std::nullopt);
    default:
      Name();
      Expect(kColon);
      Fail();
  }
}

ast::ControlStatement::Node Parser::LabelledLoop(std::optional<ast::Identifier> label) {
  if (Accept(K_LOOP)) {
    ast::LoopStatement loop{std::move(label), ControlStatements()};
    Expect({K_END, K_LOOP});
    return loop;
  }
  if (Accept(K_WHILE)) {
    ast::WhileStatement loop{std::move(label), Expression(), {}};
    Expect(K_DO);
    loop.statements = ControlStatements();
    Expect({K_END, K_WHILE});
    return loop;
  }
  Expect(K_REPEAT);
  ast::RepeatStatement loop{std::move(label), ControlStatements(), nullptr};
  Expect(K_UNTIL);
  loop.until = Expression();
  Expect({K_END, K_REPEAT});
  return loop;
}

ast::CompoundStatement Parser::Compound() {
  Expect(K_BEGIN);
  ast::CompoundStatement compound;
  while (Accept(K_DECLARE)) {
    ast::VariableDeclaration declaration;
    declaration.location = Location();
    do declaration.names.push_back(Name());
    while (Accept(kComma));
    declaration.type = Type();
    if (Accept(K_DEFAULT)) declaration.default_value = Value();
    Expect(kSemicolon);
    compound.variables.push_back(std::move(declaration));
  }
  if (!At(K_END)) {
    At(kColon);
    AtControlStatement();
  }
  compound.statements = ControlStatements();
  Expect(K_END);
  return compound;
}

ast::IfStatement Parser::IfStatement() {
  Expect(K_IF);
  ast::IfStatement result;
  do {
    ast::ControlBranch branch{Expression(), {}};
    Expect(K_THEN);
    branch.statements = ControlStatements();
    result.branches.push_back(std::move(branch));
  } while (Accept(K_ELSEIF));
  if (Accept(K_ELSE)) result.otherwise = ControlStatements();
  Expect({K_END, K_IF});
  return result;
}

ast::CaseStatement Parser::CaseStatement() {
  Expect(K_CASE);
  ast::CaseStatement result;
  if (!At(K_WHEN)) result.operand = Expression();
  Expect(K_WHEN);
  do {
    ast::ControlBranch branch{Expression(), {}};
    Expect(K_THEN);
    branch.statements = ControlStatements();
    result.branches.push_back(std::move(branch));
  } while (Accept(K_WHEN));
  if (Accept(K_ELSE)) result.otherwise = ControlStatements();
  Expect({K_END, K_CASE});
  return result;
}

}  // namespace planaria::sql::parser
