#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Node(const ast::CreateFunction& create, int indent) {
  Function(create.function, indent, create.or_replace ? "CREATE OR REPLACE FUNCTION " : "CREATE FUNCTION ");
}

void SqlWriter::Node(const ast::DropFunction& drop, int) {
  Put(drop.if_exists ? "DROP FUNCTION IF EXISTS " : "DROP FUNCTION ");
  Write(drop.name);
  Put("(");
  Separated(drop.parameters, ", ", [&](const ast::RoutineParameter& parameter) {
    if (parameter.name) {
      Write(*parameter.name);
      Put(" ");
    }
    Write(*parameter.type);
  });
  Put(")");
}

void SqlWriter::Function(const ast::FunctionSpecification& function, int indent, std::string_view head) {
  PutAt(indent, head);
  Write(function.name);
  Put("(");
  Separated(function.parameters, ", ", [&](const ast::RoutineParameter& parameter) {
    if (parameter.name) {
      Write(*parameter.name);
      Put(" ");
    }
    Write(*parameter.type);
  });
  Put(")\n");
  PutAt(indent, "RETURNS ");
  Write(*function.returns);
  Put("\n");
  for (const ast::RoutineCharacteristic& characteristic : function.characteristics) {
    PutAt(indent, "");
    Characteristic(characteristic, indent);
    Put("\n");
  }
  if (function.statement) return Control(*function.statement, indent);
  PutAt(indent, "AS $$\n");
  Put(*function.definition);
  Put("$$");
}

void SqlWriter::Characteristic(const ast::RoutineCharacteristic& characteristic, int indent) {
  using Kind = ast::RoutineCharacteristic::Kind;
  switch (characteristic.kind) {
    case Kind::kLanguage:
      Put("LANGUAGE ");
      return Write(characteristic.language);
    case Kind::kDeterministic:
      return Put("DETERMINISTIC");
    case Kind::kNotDeterministic:
      return Put("NOT DETERMINISTIC");
    case Kind::kCalledOnNull:
      return Put("CALLED ON NULL INPUT");
    case Kind::kReturnsNullOnNull:
      return Put("RETURNS NULL ON NULL INPUT");
    case Kind::kSecurityDefiner:
      return Put("SECURITY DEFINER");
    case Kind::kSecurityInvoker:
      return Put("SECURITY INVOKER");
    case Kind::kComment:
      Put("COMMENT ");
      return PutString(characteristic.comment);
    case Kind::kProperties:
      Put("WITH (\n");
      PutAt(indent + 1, "");
      Properties(characteristic.properties, ",\n" + std::string(static_cast<size_t>(indent + 1) * 3, ' '));
      Put("\n");
      return PutAt(indent, ")");
  }
}

void SqlWriter::Control(const ast::ControlStatement& statement, int indent) {
  std::visit([&](const auto& node) { Node(node, indent); }, statement.node);
}

void SqlWriter::Controls(const ast::ControlStatements& statements, int indent) {
  for (const auto& statement : statements) {
    Control(*statement, indent);
    Put(";\n");
  }
}

void SqlWriter::Label(const std::optional<ast::Identifier>& label) {
  if (!label) return;
  Write(*label);
  Put(": ");
}

void SqlWriter::Node(const ast::ReturnStatement& statement, int indent) {
  PutAt(indent, "RETURN ");
  Write(*statement.value);
}

void SqlWriter::Node(const ast::AssignmentStatement& statement, int indent) {
  PutAt(indent, "SET ");
  Write(statement.target);
  Put(" = ");
  Write(*statement.value);
}

void SqlWriter::Node(const ast::CompoundStatement& statement, int indent) {
  PutAt(indent, "BEGIN\n");
  for (const ast::VariableDeclaration& declaration : statement.variables) {
    PutAt(indent + 1, "DECLARE ");
    Names(declaration.names);
    Put(" ");
    Write(*declaration.type);
    if (declaration.default_value) {
      Put(" DEFAULT ");
      Write(*declaration.default_value);
    }
    Put(";\n");
  }
  Controls(statement.statements, indent + 1);
  PutAt(indent, "END");
}

void SqlWriter::Node(const ast::IfStatement& statement, int indent) {
  bool first = true;
  for (const ast::ControlBranch& branch : statement.branches) {
    PutAt(indent, first ? "IF " : "ELSEIF ");
    first = false;
    Write(*branch.condition);
    Put(" THEN\n");
    Controls(branch.statements, indent + 1);
  }
  if (statement.otherwise) {
    PutAt(indent, "ELSE\n");
    Controls(*statement.otherwise, indent + 1);
  }
  PutAt(indent, "END IF");
}

void SqlWriter::Node(const ast::CaseStatement& statement, int indent) {
  PutAt(indent, "CASE");
  if (statement.operand) {
    Put(" ");
    Write(*statement.operand);
  }
  Put("\n");
  for (const ast::ControlBranch& branch : statement.branches) {
    PutAt(indent + 1, "WHEN ");
    Write(*branch.condition);
    Put(" THEN\n");
    Controls(branch.statements, indent + 2);
  }
  if (statement.otherwise) {
    PutAt(indent + 1, "ELSE\n");
    Controls(*statement.otherwise, indent + 2);
  }
  PutAt(indent, "END CASE");
}

void SqlWriter::Node(const ast::LoopStatement& statement, int indent) {
  PutAt(indent, "");
  Label(statement.label);
  Put("LOOP\n");
  Controls(statement.statements, indent + 1);
  PutAt(indent, "END LOOP");
}

void SqlWriter::Node(const ast::WhileStatement& statement, int indent) {
  PutAt(indent, "");
  Label(statement.label);
  Put("WHILE ");
  Write(*statement.condition);
  Put(" DO\n");
  Controls(statement.statements, indent + 1);
  PutAt(indent, "END WHILE");
}

void SqlWriter::Node(const ast::RepeatStatement& statement, int indent) {
  PutAt(indent, "");
  Label(statement.label);
  Put("REPEAT\n");
  Controls(statement.statements, indent + 1);
  PutAt(indent, "UNTIL ");
  Write(*statement.until);
  Put("\n");
  PutAt(indent, "END REPEAT");
}

void SqlWriter::Node(const ast::IterateStatement& statement, int indent) {
  PutAt(indent, "ITERATE ");
  Write(statement.label);
}

void SqlWriter::Node(const ast::LeaveStatement& statement, int indent) {
  PutAt(indent, "LEAVE ");
  Write(statement.label);
}

}  // namespace planaria::sql::formatter
