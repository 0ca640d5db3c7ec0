#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Pattern(const ast::RowPattern& pattern) {
  std::visit([&](const auto& node) { Node(node); }, pattern.node);
}

void SqlWriter::Node(const ast::PatternVariable& variable) { Write(variable.name); }
void SqlWriter::Node(const ast::EmptyPattern&) { Put("()"); }
void SqlWriter::Node(const ast::PatternAnchor& anchor) { Put(anchor.end ? "$" : "^"); }

void SqlWriter::Node(const ast::ExcludedPattern& excluded) {
  Put("{-");
  Pattern(*excluded.pattern);
  Put("-}");
}

void SqlWriter::Node(const ast::PatternPermutation& permutation) {
  Put("PERMUTE(");
  Separated(permutation.patterns, ", ", [&](const auto& pattern) { Pattern(*pattern); });
  Put(")");
}

void SqlWriter::Node(const ast::PatternConcatenation& concatenation) {
  Put("(");
  Pattern(*concatenation.left);
  Put(" ");
  Pattern(*concatenation.right);
  Put(")");
}

void SqlWriter::Node(const ast::PatternAlternation& alternation) {
  Put("(");
  Pattern(*alternation.left);
  Put(" | ");
  Pattern(*alternation.right);
  Put(")");
}

void SqlWriter::Node(const ast::QuantifiedPattern& quantified) {
  using Kind = ast::QuantifiedPattern::Kind;
  Put("(");
  Pattern(*quantified.pattern);
  switch (quantified.kind) {
    case Kind::kZeroOrMore:
      Put("*");
      break;
    case Kind::kOneOrMore:
      Put("+");
      break;
    case Kind::kZeroOrOne:
      Put("?");
      break;
    case Kind::kRange:
      Put("{");
      Put(quantified.at_least.value_or(""));
      Put(",");
      Put(quantified.at_most.value_or(""));
      Put("}");
  }
  Put(quantified.reluctant ? "?)" : ")");
}

void SqlWriter::Skip(const ast::SkipTo& skip) {
  using Position = ast::SkipTo::Position;
  switch (skip.position) {
    case Position::kPastLastRow:
      return Put("AFTER MATCH SKIP PAST LAST ROW");
    case Position::kNextRow:
      return Put("AFTER MATCH SKIP TO NEXT ROW");
    case Position::kFirst:
      Put("AFTER MATCH SKIP TO FIRST ");
      break;
    case Position::kLast:
      Put("AFTER MATCH SKIP TO LAST ");
  }
  Write(*skip.variable);
}

void SqlWriter::Measure(const ast::Measure& measure) {
  Write(*measure.value);
  Put(" AS ");
  Write(measure.name);
}

void SqlWriter::Subset(const ast::SubsetDefinition& subset) {
  Write(subset.name);
  Put(" = (");
  Names(subset.variables);
  Put(")");
}

void SqlWriter::Definition(const ast::VariableDefinition& definition) {
  Write(definition.name);
  Put(" AS ");
  Write(*definition.condition);
}

void SqlWriter::Node(const ast::MatchRecognize& match, int indent) {
  using Rows = ast::MatchRecognize::Rows;
  const auto line = [&](std::string_view text) {
    Put("\n");
    PutAt(indent + 1, text);
  };
  /// One on the line of the word, several on lines of their own.
  const auto list = [&](std::string_view word, const auto& elements, auto one) {
    line(word);
    const bool several = elements.size() > 1;
    Separated(elements, ",", [&](const auto& element) {
      if (several) {
        Put("\n");
        PutAt(indent + 2, "");
      } else {
        Put(" ");
      }
      one(element);
    });
  };
  Operand(*match.input, indent);
  Put(" MATCH_RECOGNIZE (");
  if (!match.partition_by.empty()) {
    line("PARTITION BY ");
    Expressions(match.partition_by);
  }
  if (!match.order_by.empty()) {
    line("");
    OrderBy(match.order_by);
  }
  if (!match.measures.empty())
    list("MEASURES", match.measures, [&](const auto& measure) { Measure(measure); });
  if (match.rows == Rows::kOne) line("ONE ROW PER MATCH");
  if (match.rows == Rows::kAllShowEmpty) line("ALL ROWS PER MATCH SHOW EMPTY MATCHES");
  if (match.rows == Rows::kAllOmitEmpty) line("ALL ROWS PER MATCH OMIT EMPTY MATCHES");
  if (match.rows == Rows::kAllWithUnmatched) line("ALL ROWS PER MATCH WITH UNMATCHED ROWS");
  if (match.after_match) {
    line("");
    Skip(*match.after_match);
  }
  if (match.search == ast::PatternSearch::kInitial) line("INITIAL");
  if (match.search == ast::PatternSearch::kSeek) line("SEEK");
  line("PATTERN (");
  Pattern(*match.pattern);
  Put(")");
  if (!match.subsets.empty()) list("SUBSET", match.subsets, [&](const auto& subset) { Subset(subset); });
  list("DEFINE", match.definitions, [&](const auto& definition) { Definition(definition); });
  Put("\n)");
}

}  // namespace planaria::sql::formatter
