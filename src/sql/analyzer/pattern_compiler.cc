#include "sql/analyzer/pattern_compiler.h"

#include <algorithm>

#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql {

namespace {

using Kind = PatternStep::Kind;

constexpr size_t kMostSteps = 500'000;

size_t BoundOf(const std::string& digits, int64_t lowest, std::string_view what, ErrorLocation location) {
  constexpr int64_t kHighest = 2147483647;
  const int64_t bound = BigintOf(digits).value_or(INT64_MAX);
  const std::string message = "Pattern quantifier " + std::string(what) + " bound must ";
  if (bound < lowest) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, location,
            message + "be greater than or equal to " + std::to_string(lowest));
  }
  if (bound > kHighest) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, location, message + "not exceed " + std::to_string(kHighest));
  }
  return static_cast<size_t>(bound);
}

}  // namespace

PatternRange RangeOf(const ast::QuantifiedPattern& quantified, ErrorLocation location) {
  switch (quantified.kind) {
    case ast::QuantifiedPattern::Kind::kZeroOrMore:
      return {0, std::nullopt};
    case ast::QuantifiedPattern::Kind::kOneOrMore:
      return {1, std::nullopt};
    case ast::QuantifiedPattern::Kind::kZeroOrOne:
      return {0, 1};
    case ast::QuantifiedPattern::Kind::kRange:
      break;
  }
  PatternRange range;
  if (quantified.at_least) range.at_least = BoundOf(*quantified.at_least, 0, "lower", location);
  if (quantified.at_most) range.at_most = BoundOf(*quantified.at_most, 1, "upper", location);
  if (range.at_most && range.at_least > *range.at_most) {
    ThrowAt(errors::INVALID_RANGE, location, "Pattern quantifier lower bound must not exceed upper bound");
  }
  return range;
}

std::vector<PatternStep> PatternCompiler::Compile(const ast::RowPattern& pattern) {
  steps_.clear();
  Add(pattern);
  Put(Kind::kMatched);
  return std::move(steps_);
}

size_t PatternCompiler::Put(Kind kind, size_t first, size_t second) {
  if (steps_.size() >= kMostSteps) {
    ThrowAt(errors::NOT_SUPPORTED, location_,
            "A row pattern of so many repetitions or permutations is not supported");
  }
  steps_.push_back({kind, first, second});
  return steps_.size() - 1;
}

void PatternCompiler::Choose(size_t step, size_t inside, size_t outside, bool reluctant) {
  steps_[step] = {Kind::kChoice, reluctant ? outside : inside, reluctant ? inside : outside};
}

void PatternCompiler::Add(const ast::RowPattern& pattern) {
  location_ = pattern.location;
  std::visit([this](const auto& node) { Add(node); }, pattern.node);
}

void PatternCompiler::Add(const ast::PatternVariable& variable) {
  const auto found = std::find(labels_.begin(), labels_.end(), CanonicalName(variable.name));
  Put(Kind::kLabel, static_cast<size_t>(found - labels_.begin()));
}

void PatternCompiler::Add(const ast::PatternAnchor& anchor) {
  Put(anchor.end ? Kind::kPartitionEnd : Kind::kPartitionStart);
}

void PatternCompiler::Add(const ast::ExcludedPattern& excluded) {
  Put(Kind::kExclude);
  Add(*excluded.pattern);
  Put(Kind::kInclude);
}

void PatternCompiler::Add(const ast::PatternConcatenation& concatenation) {
  Add(*concatenation.left);
  Add(*concatenation.right);
}

void PatternCompiler::Add(const ast::PatternAlternation& alternation) {
  const size_t choice = Put(Kind::kChoice);
  Add(*alternation.left);
  const size_t end = Put(Kind::kJump);
  Choose(choice, choice + 1, Here(), false);
  Add(*alternation.right);
  steps_[end].first = Here();
}

void PatternCompiler::Add(const ast::PatternPermutation& permutation) {
  std::vector<const ast::RowPattern*> all;
  for (const ast::RowPatternPtr& one : permutation.patterns) all.push_back(one.get());
  AddOrders(all);
}

void PatternCompiler::AddOrders(const std::vector<const ast::RowPattern*>& left) {
  std::vector<size_t> ends;
  for (size_t i = 0; i < left.size(); ++i) {
    const bool last = i + 1 == left.size();
    const size_t choice = last ? 0 : Put(Kind::kChoice);
    Add(*left[i]);
    std::vector<const ast::RowPattern*> others = left;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    AddOrders(others);
    if (last) break;
    ends.push_back(Put(Kind::kJump));
    Choose(choice, choice + 1, Here(), false);
  }
  for (const size_t end : ends) steps_[end].first = Here();
}

void PatternCompiler::AddLoop(const ast::RowPattern& pattern, size_t at_least, bool reluctant) {
  // What is repeated ends with the choice to go back: one that takes no row finds itself there and goes on.
  const size_t skip = at_least == 0 ? Put(Kind::kChoice) : 0;
  size_t start = Here();
  for (size_t i = 0; i < std::max<size_t>(at_least, 1); ++i) {
    start = Here();
    Add(pattern);
    // What takes no row and no step is the same however often it stands there.
    if (Here() == start) break;
  }
  const size_t again = Put(Kind::kChoice);
  Choose(again, start, Here(), reluctant);
  if (at_least == 0) Choose(skip, start, Here(), reluctant);
}

void PatternCompiler::Add(const ast::QuantifiedPattern& quantified) {
  const PatternRange range = RangeOf(quantified, location_);
  if (!range.at_most) return AddLoop(*quantified.pattern, range.at_least, quantified.reluctant);
  for (size_t i = 0; i < range.at_least; ++i) {
    const size_t before = Here();
    Add(*quantified.pattern);
    if (Here() == before) break;
  }
  std::vector<size_t> choices;
  for (size_t i = range.at_least; i < *range.at_most; ++i) {
    choices.push_back(Put(Kind::kChoice));
    Add(*quantified.pattern);
  }
  for (const size_t choice : choices) Choose(choice, choice + 1, Here(), quantified.reluctant);
}

}  // namespace planaria::sql
