#include "sql/routine_program.h"

#include <fmt/format.h>

#include "sql/program_text.h"

namespace planaria::sql {

std::string RoutineProgram::VariableText(size_t variable) {
  return fmt::format("\"{}\".\"{}\"", kQualifier, variable);
}

std::string RoutineProgram::ToText() const {
  ProgramWriter writer;
  writer.Number(variables.size());
  for (const std::string& variable : variables) writer.Text(variable);
  for (const RoutineStep& step : steps) {
    writer.Character(static_cast<char>(step.kind));
    writer.Number(step.target);
    writer.Text(step.expression);
  }
  return writer.text();
}

RoutineProgram RoutineProgram::FromText(std::string_view text) {
  ProgramReader reader(text, "a SQL routine");
  RoutineProgram program;
  for (size_t left = reader.Number(); left > 0; --left) program.variables.push_back(reader.Text());
  while (!reader.AtEnd()) {
    RoutineStep step;
    step.kind = static_cast<RoutineStep::Kind>(reader.Character());
    step.target = reader.Number();
    step.expression = reader.Text();
    program.steps.push_back(std::move(step));
  }
  for (const RoutineStep& step : program.steps) {
    switch (step.kind) {
      case RoutineStep::Kind::kSet:
        if (step.target >= program.variables.size()) reader.Fail();
        break;
      case RoutineStep::Kind::kJump:
      case RoutineStep::Kind::kJumpUnless:
        if (step.target >= program.steps.size()) reader.Fail();
        break;
      case RoutineStep::Kind::kReturn:
        break;
      default:
        reader.Fail();
    }
  }
  // No row runs out of steps.
  if (program.steps.empty() || program.steps.back().kind != RoutineStep::Kind::kReturn) reader.Fail();
  return program;
}

}  // namespace planaria::sql
