#include "sql/analyzer/row_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/analyzer/pattern_compiler.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

PatternProgram::Output OutputOf(ast::MatchRecognize::Rows rows) {
  using Rows = ast::MatchRecognize::Rows;
  using Output = PatternProgram::Output;
  switch (rows) {
    case Rows::kAllShowEmpty:
      return Output::kShowEmpty;
    case Rows::kAllOmitEmpty:
      return Output::kOmitEmpty;
    case Rows::kAllWithUnmatched:
      return Output::kWithUnmatched;
    case Rows::kUnsaid:
    case Rows::kOne:
      break;
  }
  return Output::kOneRow;
}

}  // namespace

PatternBuilder::PatternBuilder(const ast::MatchRecognize& match) {
  AddLabels(*match.pattern);
  AddSubsets(match.subsets);
  CheckDefinitions(match.definitions);
  ForEachPattern(*match.pattern, [](const ast::RowPattern& pattern) {
    const auto* quantified = std::get_if<ast::QuantifiedPattern>(&pattern.node);
    if (quantified != nullptr) RangeOf(*quantified, pattern.location);
  });
  SkipTo(match);
  program.output = OutputOf(match.rows);
  if (program.output == PatternProgram::Output::kWithUnmatched) {
    ForEachPattern(*match.pattern, [](const ast::RowPattern& pattern) {
      if (!std::holds_alternative<ast::ExcludedPattern>(pattern.node)) return;
      ThrowAt(errors::INVALID_ROW_PATTERN, pattern.location,
              "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS is "
              "specified");
    });
  }
  program.steps = PatternCompiler(program.labels).Compile(*match.pattern);
  program.conditions.resize(program.labels.size());
}

void PatternBuilder::AddLabels(const ast::RowPattern& pattern) {
  program.unions.emplace_back();
  ForEachPattern(pattern, [this](const ast::RowPattern& one) {
    const auto* variable = std::get_if<ast::PatternVariable>(&one.node);
    if (variable == nullptr) return;
    const std::string name = CanonicalName(variable->name);
    if (!unions_.emplace(name, program.unions.size()).second) return;
    const size_t label = program.labels.size();
    program.labels.push_back(name);
    program.unions[0].push_back(label);
    program.unions.push_back({label});
  });
}

void PatternBuilder::AddSubsets(const std::vector<ast::SubsetDefinition>& subsets) {
  std::set<std::string> declared;
  std::vector<std::pair<std::string, size_t>> added;
  for (const ast::SubsetDefinition& subset : subsets) {
    const std::string name = CanonicalName(subset.name);
    if (unions_.contains(name)) {
      ThrowAt(errors::INVALID_LABEL, subset.name.location,
              fmt::format("union pattern variable name: {} is a duplicate of primary pattern variable name",
                          FormatName(subset.name)));
    }
    if (!declared.insert(name).second) {
      ThrowAt(errors::INVALID_LABEL, subset.name.location,
              fmt::format("union pattern variable name: {} is declared twice", FormatName(subset.name)));
    }
    std::set<size_t> members;
    for (const ast::Identifier& variable : subset.variables) {
      const auto found = unions_.find(CanonicalName(variable));
      if (found == unions_.end()) {
        ThrowAt(errors::INVALID_LABEL, variable.location,
                fmt::format("subset element: {} is not a primary pattern variable", FormatName(variable)));
      }
      members.insert(program.unions[found->second][0]);
    }
    added.emplace_back(name, program.unions.size());
    program.unions.emplace_back(members.begin(), members.end());
  }
  for (auto& [name, one] : added) unions_.emplace(std::move(name), one);
}

void PatternBuilder::CheckDefinitions(const std::vector<ast::VariableDefinition>& definitions) const {
  std::set<std::string> defined;
  for (const ast::VariableDefinition& definition : definitions) {
    const std::string name = CanonicalName(definition.name);
    if (std::find(program.labels.begin(), program.labels.end(), name) == program.labels.end()) {
      ThrowAt(
          errors::INVALID_LABEL, definition.name.location,
          fmt::format("defined variable: {} is not a primary pattern variable", FormatName(definition.name)));
    }
    if (!defined.insert(name).second) {
      ThrowAt(errors::INVALID_LABEL, definition.name.location,
              fmt::format("pattern variable with name: {} is defined twice", FormatName(definition.name)));
    }
  }
}

void PatternBuilder::SkipTo(const ast::MatchRecognize& match) {
  using Position = ast::SkipTo::Position;
  using Skip = PatternProgram::Skip;
  if (!match.after_match) return;
  static constexpr Skip kSkips[] = {Skip::kPastLastRow, Skip::kToNextRow, Skip::kToFirst, Skip::kToLast};
  program.skip = kSkips[static_cast<size_t>(match.after_match->position)];
  static_assert(static_cast<size_t>(Position::kLast) == 3);
  if (!match.after_match->variable) return;
  const ast::Identifier& name = *match.after_match->variable;
  const auto rows = UnionOf(name);
  if (!rows) {
    ThrowAt(errors::INVALID_LABEL, name.location,
            fmt::format("{} is not a primary or union pattern variable", FormatName(name)));
  }
  program.skip_rows = *rows;
}

std::optional<size_t> PatternBuilder::UnionOf(const ast::Identifier& name) const {
  const auto found = unions_.find(CanonicalName(name));
  if (found == unions_.end()) return std::nullopt;
  return found->second;
}

size_t PatternBuilder::LabelOf(const ast::Identifier& name) const {
  return program.unions[unions_.at(CanonicalName(name))][0];
}

size_t PatternBuilder::Slot(PatternSlot slot) {
  const auto found = std::find(program.slots.begin(), program.slots.end(), slot);
  if (found != program.slots.end()) return static_cast<size_t>(found - program.slots.begin());
  program.slots.push_back(std::move(slot));
  return program.slots.size() - 1;
}

size_t PatternBuilder::Column(const Field& column) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].sql == column.sql) return i;
  }
  columns.push_back(column);
  return columns.size() - 1;
}

size_t PatternBuilder::Argument(const Typed& value) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].sql.text() == value.sql.text()) return i;
  }
  arguments.push_back(value);
  return arguments.size() - 1;
}

}  // namespace planaria::sql
