#include "sql/routine_program.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace planaria::sql {

namespace {

[[noreturn]] void Fail() {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The text of a SQL routine is damaged");
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }

  char Character() {
    if (text_.empty()) Fail();
    const char found = text_[0];
    text_.remove_prefix(1);
    return found;
  }

  /// Digits and a colon.
  size_t Number() {
    size_t number = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    if (error != std::errc()) Fail();
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    if (Character() != ':') Fail();
    return number;
  }

  std::string Text() {
    const size_t length = Number();
    if (length > text_.size()) Fail();
    std::string text(text_.substr(0, length));
    text_.remove_prefix(length);
    return text;
  }

 private:
  std::string_view text_;
};

}  // namespace

std::string RoutineProgram::VariableText(size_t variable) {
  return fmt::format("\"{}\".\"{}\"", kQualifier, variable);
}

std::string RoutineProgram::ToText() const {
  std::string text = fmt::format("{}:", variables.size());
  for (const std::string& variable : variables) text += fmt::format("{}:{}", variable.size(), variable);
  for (const RoutineStep& step : steps) {
    text += fmt::format("{}{}:{}:{}", static_cast<char>(step.kind), step.target, step.expression.size(),
                        step.expression);
  }
  return text;
}

RoutineProgram RoutineProgram::FromText(std::string_view text) {
  Reader reader(text);
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
        if (step.target >= program.variables.size()) Fail();
        break;
      case RoutineStep::Kind::kJump:
      case RoutineStep::Kind::kJumpUnless:
        if (step.target >= program.steps.size()) Fail();
        break;
      case RoutineStep::Kind::kReturn:
        break;
      default:
        Fail();
    }
  }
  // No row runs out of steps.
  if (program.steps.empty() || program.steps.back().kind != RoutineStep::Kind::kReturn) Fail();
  return program;
}

}  // namespace planaria::sql
