#include "sql/pattern_program.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/program_text.h"

namespace planaria::sql {

namespace {

template <typename Enum>
Enum OneOf(ProgramReader& reader, std::initializer_list<Enum> known) {
  const auto found = static_cast<Enum>(reader.Character());
  if (std::find(known.begin(), known.end(), found) == known.end()) reader.Fail();
  return found;
}

std::vector<std::string> Texts(ProgramReader& reader) {
  std::vector<std::string> texts;
  for (size_t left = reader.Number(); left > 0; --left) texts.push_back(reader.Text());
  return texts;
}

void Write(ProgramWriter& writer, const std::vector<std::string>& texts) {
  writer.Number(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

void Write(ProgramWriter& writer, const std::vector<size_t>& numbers) {
  writer.Number(numbers.size());
  for (const size_t number : numbers) writer.Number(number);
}

void Write(ProgramWriter& writer, const PatternSlot& slot) {
  writer.Character(static_cast<char>(slot.kind));
  writer.Number(slot.index);
  writer.Number(slot.rows);
  writer.Number(slot.from_first ? 1 : 0);
  writer.Number(slot.final_rows ? 1 : 0);
  writer.Number(slot.logical_offset);
  writer.Character(slot.physical_offset < 0 ? '-' : '+');
  writer.Number(static_cast<size_t>(std::abs(slot.physical_offset)));
  writer.Text(slot.aggregate);
}

PatternSlot Slot(ProgramReader& reader, size_t unions) {
  using Kind = PatternSlot::Kind;
  PatternSlot slot;
  slot.kind = OneOf(
      reader, {Kind::kColumn, Kind::kClassifier, Kind::kMatchNumber, Kind::kAggregate, Kind::kArgument});
  slot.index = reader.Number();
  slot.rows = reader.Index(unions);
  slot.from_first = reader.Index(2) == 1;
  slot.final_rows = reader.Index(2) == 1;
  slot.logical_offset = reader.Number();
  const char sign = reader.Character();
  if (sign != '-' && sign != '+') reader.Fail();
  const auto offset = static_cast<int64_t>(reader.Number());
  slot.physical_offset = sign == '-' ? -offset : offset;
  slot.aggregate = reader.Text();
  return slot;
}

std::vector<PatternStep> Steps(ProgramReader& reader, size_t labels) {
  using Kind = PatternStep::Kind;
  std::vector<PatternStep> steps;
  for (size_t left = reader.Number(); left > 0; --left) {
    PatternStep step;
    step.kind = OneOf(reader, {Kind::kLabel, Kind::kJump, Kind::kChoice, Kind::kPartitionStart,
                               Kind::kPartitionEnd, Kind::kExclude, Kind::kInclude, Kind::kMatched});
    step.first = reader.Number();
    step.second = reader.Number();
    steps.push_back(step);
  }
  for (const PatternStep& step : steps) {
    const bool jumps = step.kind == Kind::kJump || step.kind == Kind::kChoice;
    if (jumps && std::max(step.first, step.second) >= steps.size()) reader.Fail();
    if (step.kind == Kind::kLabel && step.first >= labels) reader.Fail();
  }
  // No way leads out of the steps.
  if (steps.empty() || steps.back().kind != Kind::kMatched) reader.Fail();
  return steps;
}

}  // namespace

std::string PatternProgram::SlotText(size_t slot) {
  return fmt::format("\"{}\".\"{}\"", kSlotQualifier, slot);
}

std::string PatternProgram::RowText(size_t column) { return RowText(std::to_string(column)); }

std::string PatternProgram::RowText(std::string_view value) {
  return fmt::format("\"{}\".\"{}\"", kRowQualifier, value);
}

std::string PatternProgram::ArgumentText(size_t argument) {
  return fmt::format("\"{}\".\"{}\"", kArgumentQualifier, argument);
}

std::string PatternProgram::ToText() const {
  ProgramWriter writer;
  Write(writer, labels);
  writer.Number(unions.size());
  for (const std::vector<size_t>& one : unions) Write(writer, one);
  writer.Number(steps.size());
  for (const PatternStep& step : steps) {
    writer.Character(static_cast<char>(step.kind));
    writer.Number(step.first);
    writer.Number(step.second);
  }
  writer.Number(slots.size());
  for (const PatternSlot& slot : slots) Write(writer, slot);
  Write(writer, conditions);
  Write(writer, measures);
  writer.Number(ordered ? 1 : 0);
  Write(writer, columns);
  writer.Character(static_cast<char>(output));
  writer.Character(static_cast<char>(skip));
  writer.Number(skip_rows);
  return writer.text();
}

PatternProgram PatternProgram::FromText(std::string_view text) {
  ProgramReader reader(text, "a row pattern");
  PatternProgram program;
  program.labels = Texts(reader);
  for (size_t left = reader.Number(); left > 0; --left) {
    std::vector<size_t>& one = program.unions.emplace_back();
    for (size_t labels = reader.Number(); labels > 0; --labels) {
      one.push_back(reader.Index(program.labels.size()));
    }
  }
  if (program.unions.empty()) reader.Fail();
  program.steps = Steps(reader, program.labels.size());
  for (size_t left = reader.Number(); left > 0; --left) {
    program.slots.push_back(Slot(reader, program.unions.size()));
  }
  program.conditions = Texts(reader);
  if (program.conditions.size() != program.labels.size()) reader.Fail();
  program.measures = Texts(reader);
  program.ordered = reader.Index(2) == 1;
  for (size_t left = reader.Number(); left > 0; --left) program.columns.push_back(reader.Number());
  program.output =
      OneOf(reader, {Output::kOneRow, Output::kShowEmpty, Output::kOmitEmpty, Output::kWithUnmatched});
  program.skip = OneOf(reader, {Skip::kPastLastRow, Skip::kToNextRow, Skip::kToFirst, Skip::kToLast});
  program.skip_rows = reader.Index(program.unions.size());
  if (!reader.AtEnd()) reader.Fail();
  return program;
}

}  // namespace planaria::sql
