// MATCH_RECOGNIZE and what windows share with it.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::MatchRecognize Parser::MatchRecognize(ast::RelationPtr input) {
  Expect({K_MATCH_RECOGNIZE, kOpen});
  ast::MatchRecognize match;
  match.input = std::move(input);
  if (Accept(K_PARTITION)) {
    Expect(K_BY);
    match.partition_by = Expressions();
  }
  OrderBy(match.order_by);
  if (Accept(K_MEASURES)) match.measures = Measures();
  using Rows = ast::MatchRecognize::Rows;
  if (Accept(K_ONE)) {
    Expect({K_ROW, K_PER, K_MATCH});
    match.rows = Rows::kOne;
  } else if (Accept(K_ALL)) {
    Expect({K_ROWS, K_PER, K_MATCH});
    match.rows = Rows::kAllShowEmpty;
    if (Accept(K_SHOW)) {
      Expect({K_EMPTY, K_MATCHES});
    } else if (Accept(K_OMIT)) {
      Expect({K_EMPTY, K_MATCHES});
      match.rows = Rows::kAllOmitEmpty;
    } else if (Accept(K_WITH)) {
      Expect({K_UNMATCHED, K_ROWS});
      match.rows = Rows::kAllWithUnmatched;
    }
  }
  if (Accept(K_AFTER)) match.after_match = SkipTo();
  match.search = PatternSearch();
  Expect({K_PATTERN, kOpen});
  match.pattern = RowPattern();
  Expect(kClose);
  match.subsets = Subsets();
  Expect(K_DEFINE);
  match.definitions = VariableDefinitions();
  Expect(kClose);
  return match;
}

std::vector<ast::Measure> Parser::Measures() {
  std::vector<ast::Measure> measures;
  do {
    ast::Measure measure{Expression(), {}};
    Expect(K_AS);
    measure.name = Name();
    measures.push_back(std::move(measure));
  } while (Accept(kComma));
  return measures;
}

ast::SkipTo Parser::SkipTo() {
  using Position = ast::SkipTo::Position;
  Expect({K_MATCH, K_SKIP});
  if (Accept(K_PAST)) {
    Expect({K_LAST, K_ROW});
    return {Position::kPastLastRow, std::nullopt};
  }
  Expect(K_TO);
  if (Accept(K_NEXT)) {
    Expect(K_ROW);
    return {Position::kNextRow, std::nullopt};
  }
  const bool first = Here().type == K_FIRST && IsName(Ahead(1).type);
  if (first || (Here().type == K_LAST && IsName(Ahead(1).type))) Next();
  return {first ? Position::kFirst : Position::kLast, Name()};
}

ast::PatternSearch Parser::PatternSearch() {
  if (Accept(K_INITIAL)) return ast::PatternSearch::kInitial;
  if (Accept(K_SEEK)) return ast::PatternSearch::kSeek;
  return ast::PatternSearch::kUnsaid;
}

std::vector<ast::SubsetDefinition> Parser::Subsets() {
  std::vector<ast::SubsetDefinition> subsets;
  if (!Accept(K_SUBSET)) return subsets;
  do {
    ast::SubsetDefinition subset{Name(), {}};
    Expect({kEqual, kOpen});
    do subset.variables.push_back(Name());
    while (Accept(kComma));
    Expect(kClose);
    subsets.push_back(std::move(subset));
  } while (Accept(kComma));
  return subsets;
}

std::vector<ast::VariableDefinition> Parser::VariableDefinitions() {
  std::vector<ast::VariableDefinition> definitions;
  do {
    ast::VariableDefinition definition{Name(), nullptr};
    Expect(K_AS);
    definition.condition = Expression();
    definitions.push_back(std::move(definition));
  } while (Accept(kComma));
  return definitions;
}

ast::RowPatternPtr Parser::RowPattern() {
  Level level(*this);
  ast::RowPatternPtr left = PatternSequence();
  while (At(kPipe)) {
    const ErrorLocation location = Next().location;
    level.Grow();
    ast::RowPatternPtr right = PatternSequence();
    left = std::make_unique<ast::RowPattern>(
        ast::RowPattern{location, ast::PatternAlternation{std::move(left), std::move(right)}});
  }
  return left;
}

ast::RowPatternPtr Parser::PatternSequence() {
  Level level(*this);
  ast::RowPatternPtr left = PatternFactor();
  while (AtPatternPrimary()) {
    const ErrorLocation location = Location();
    level.Grow();
    ast::RowPatternPtr right = PatternFactor();
    left = std::make_unique<ast::RowPattern>(
        ast::RowPattern{location, ast::PatternConcatenation{std::move(left), std::move(right)}});
  }
  return left;
}

ast::RowPatternPtr Parser::PatternFactor() {
  using Kind = ast::QuantifiedPattern::Kind;
  ast::RowPatternPtr pattern = PatternPrimary();
  const ErrorLocation location = Location();
  ast::QuantifiedPattern quantified;
  if (Accept(kAsterisk)) {
    quantified.kind = Kind::kZeroOrMore;
  } else if (Accept(kPlus)) {
    quantified.kind = Kind::kOneOrMore;
  } else if (Accept(kParameter)) {
    quantified.kind = Kind::kZeroOrOne;
  } else if (Accept(kOpenBrace)) {
    quantified.kind = Kind::kRange;
    if (At(kInteger)) quantified.at_least = Integer();
    if (Accept(kComma)) {
      if (At(kInteger)) quantified.at_most = Integer();
    } else if (quantified.at_least) {
      quantified.at_most = quantified.at_least;
    } else {
      Fail();
    }
    Expect(kCloseBrace);
  } else {
    return pattern;
  }
  quantified.reluctant = Accept(kParameter);
  quantified.pattern = std::move(pattern);
  return std::make_unique<ast::RowPattern>(ast::RowPattern{location, std::move(quantified)});
}

bool Parser::AtPatternPrimary() {
  const bool open = At(kOpen), caret = At(kCaret), dollar = At(kDollar), exclude = At(kOpenExclude);
  if (Here().type != K_PERMUTE) At(K_PERMUTE);
  return AtName() || open || caret || dollar || exclude;
}

ast::RowPatternPtr Parser::PatternPrimary() {
  if (!AtPatternPrimary()) Fail();
  const ErrorLocation location = Location();
  const auto pattern = [&](auto node) {
    return std::make_unique<ast::RowPattern>(ast::RowPattern{location, std::move(node)});
  };
  if (Sees({K_PERMUTE, kOpen})) {
    Next(), Next();
    ast::PatternPermutation permutation;
    do permutation.patterns.push_back(RowPattern());
    while (Accept(kComma));
    Expect(kClose);
    return pattern(std::move(permutation));
  }
  if (Accept(kCaret)) return pattern(ast::PatternAnchor{false});
  if (Accept(kDollar)) return pattern(ast::PatternAnchor{true});
  if (Accept(kOpenExclude)) {
    ast::RowPatternPtr excluded = RowPattern();
    Expect(kCloseExclude);
    return pattern(ast::ExcludedPattern{std::move(excluded)});
  }
  if (Accept(kOpen)) {
    if (Accept(kClose)) return pattern(ast::EmptyPattern{});
    ast::RowPatternPtr inner = RowPattern();
    Expect(kClose);
    return inner;
  }
  return pattern(ast::PatternVariable{Name()});
}

}  // namespace planaria::sql::parser
