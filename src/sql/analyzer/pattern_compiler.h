// A row pattern as an automaton for the kernel.
#pragma once

#include <string>
#include <vector>

#include "sql/ast/row_pattern.h"
#include "sql/pattern_program.h"

namespace planaria::sql {

class PatternCompiler {
 public:
  /// `labels`: canonical names of the pattern's variables; steps name them by index. Must outlive the
  /// compiler.
  explicit PatternCompiler(const std::vector<std::string>& labels) : labels_(labels) {}

  /// Quantifiers must have been checked. Throws TrinoException NOT_SUPPORTED at a pattern that takes more
  /// than half a million steps.
  std::vector<PatternStep> Compile(const ast::RowPattern& pattern);

 private:
  void Add(const ast::RowPattern& pattern);
  void Add(const ast::PatternVariable& variable);
  void Add(const ast::EmptyPattern&) {}
  void Add(const ast::PatternAnchor& anchor);
  void Add(const ast::ExcludedPattern& excluded);
  void Add(const ast::PatternPermutation& permutation);
  void Add(const ast::PatternConcatenation& concatenation);
  void Add(const ast::PatternAlternation& alternation);
  void Add(const ast::QuantifiedPattern& quantified);

  /// All orders of what is left, the first in the order in which it is written.
  void AddOrders(const std::vector<const ast::RowPattern*>& left);
  /// At least so many times; more are preferred, or fewer.
  void AddLoop(const ast::RowPattern& pattern, size_t at_least, bool reluctant);

  size_t Here() const { return steps_.size(); }
  size_t Put(PatternStep::Kind kind, size_t first = 0, size_t second = 0);
  /// A choice between going on into `inside` and leaving to `outside`.
  void Choose(size_t step, size_t inside, size_t outside, bool reluctant);

  const std::vector<std::string>& labels_;
  std::vector<PatternStep> steps_;
  ErrorLocation location_;
};

/// How often a quantified pattern is matched at least; at most, where there is a bound.
struct PatternRange {
  size_t at_least = 0;
  std::optional<size_t> at_most;
};
/// Throws TrinoException NUMERIC_VALUE_OUT_OF_RANGE or INVALID_RANGE at `location`.
PatternRange RangeOf(const ast::QuantifiedPattern& quantified, ErrorLocation location);

/// `visit` for the pattern and all within it, from the outside in.
template <typename Visit>
void ForEachPattern(const ast::RowPattern& pattern, const Visit& visit) {
  visit(pattern);
  if (const auto* excluded = std::get_if<ast::ExcludedPattern>(&pattern.node)) {
    ForEachPattern(*excluded->pattern, visit);
  } else if (const auto* permutation = std::get_if<ast::PatternPermutation>(&pattern.node)) {
    for (const ast::RowPatternPtr& one : permutation->patterns) ForEachPattern(*one, visit);
  } else if (const auto* concatenation = std::get_if<ast::PatternConcatenation>(&pattern.node)) {
    ForEachPattern(*concatenation->left, visit);
    ForEachPattern(*concatenation->right, visit);
  } else if (const auto* alternation = std::get_if<ast::PatternAlternation>(&pattern.node)) {
    ForEachPattern(*alternation->left, visit);
    ForEachPattern(*alternation->right, visit);
  } else if (const auto* quantified = std::get_if<ast::QuantifiedPattern>(&pattern.node)) {
    ForEachPattern(*quantified->pattern, visit);
  }
}

}  // namespace planaria::sql
