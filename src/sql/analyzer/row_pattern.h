// What expressions of DEFINE and MEASURES take from a match, gathered while they are analysed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sql/analyzer/scope.h"
#include "sql/analyzer/typed.h"
#include "sql/ast/relation.h"
#include "sql/pattern_program.h"

namespace planaria::sql {

class PatternBuilder {
 public:
  /// Checks variables, quantifiers and where the search goes on as Trino does, and compiles the pattern.
  /// Throws TrinoException INVALID_LABEL, NUMERIC_VALUE_OUT_OF_RANGE, INVALID_RANGE, INVALID_ROW_PATTERN.
  explicit PatternBuilder(const ast::MatchRecognize& match);

  /// The union with that name: of one label, or of SUBSET.
  std::optional<size_t> UnionOf(const ast::Identifier& name) const;
  /// The index of a label.
  size_t LabelOf(const ast::Identifier& name) const;

  /// The slot, made where there is none like it.
  size_t Slot(PatternSlot slot);
  /// The place of a column in the rows that the kernel gets.
  size_t Column(const Field& column);
  /// The place of a value that is the same for all rows.
  size_t Argument(const Typed& value);

  PatternProgram program;
  /// Texts and types of the rows' columns.
  std::vector<Field> columns;
  std::vector<Typed> arguments;
  /// Unions that column references and CLASSIFIER named, in the order in which they were analysed.
  std::vector<size_t> named;

 private:
  void AddLabels(const ast::RowPattern& pattern);
  void AddSubsets(const std::vector<ast::SubsetDefinition>& subsets);
  void CheckDefinitions(const std::vector<ast::VariableDefinition>& definitions) const;
  void SkipTo(const ast::MatchRecognize& match);

  /// By canonical name.
  std::map<std::string, size_t> unions_;
};

/// Where an expression stands.
struct PatternPlace {
  PatternBuilder* builder = nullptr;
  bool define = false;
  /// Which row columns are of, as FIRST, LAST, PREV and NEXT around them say.
  PatternSlot navigation = {};
  /// The innermost navigation and the aggregate function around it; null for none.
  const ast::FunctionCall* navigating = nullptr;
  const ast::FunctionCall* aggregating = nullptr;
  /// Within what is computed outside of the match.
  bool outside = false;
};

}  // namespace planaria::sql
