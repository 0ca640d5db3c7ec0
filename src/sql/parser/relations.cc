#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::RelationPtr Parser::Relation() {
  Level level(*this);
  ast::RelationPtr left = SampledRelation();
  while (true) {
    const bool joins[] = {At(K_CROSS), At(K_JOIN), At(K_INNER),  At(K_LEFT),
                          At(K_RIGHT), At(K_FULL), At(K_NATURAL)};
    bool any = false;
    for (const bool join : joins) any = any || join;
    if (!any) return left;
    left = JoinedWith(std::move(left));
    level.Grow();
  }
}

ast::RelationPtr Parser::JoinedWith(ast::RelationPtr left) {
  using Kind = ast::Join::Kind;
  const ErrorLocation location = left->location;
  ast::Join join;
  join.left = std::move(left);
  const auto finish = [&] { return std::make_unique<ast::Relation>(location, std::move(join)); };
  if (Accept(K_CROSS)) {
    Expect(K_JOIN);
    join.kind = Kind::kCross;
    join.right = SampledRelation();
    return finish();
  }
  join.natural = Accept(K_NATURAL);
  if (Accept(K_LEFT)) {
    join.kind = Kind::kLeft;
    Accept(K_OUTER);
  } else if (Accept(K_RIGHT)) {
    join.kind = Kind::kRight;
    Accept(K_OUTER);
  } else if (Accept(K_FULL)) {
    join.kind = Kind::kFull;
    Accept(K_OUTER);
  } else {
    Accept(K_INNER);
  }
  Expect(K_JOIN);
  if (join.natural) {
    join.right = SampledRelation();
    return finish();
  }
  join.right = Relation();
  // Trino lists only these two.
  if (taking_notes()) ReturnTo(position());
  if (Accept(K_ON)) {
    join.on = Expression();
  } else {
    Expect({K_USING, kOpen});
    do join.using_columns.push_back(Name());
    while (Accept(kComma));
    Expect(kClose);
  }
  return finish();
}

ast::RelationPtr Parser::SampledRelation() {
  ast::RelationPtr relation = PatternedRelation();
  const ErrorLocation location = relation->location;
  if (!Accept(K_TABLESAMPLE)) return relation;
  ast::SampledRelation sampled{std::move(relation), ast::SampledRelation::Method::kBernoulli, nullptr};
  if (!Accept(K_BERNOULLI)) {
    Expect(K_SYSTEM);
    sampled.method = ast::SampledRelation::Method::kSystem;
  }
  Expect(kOpen);
  sampled.percentage = Expression();
  Expect(kClose);
  return std::make_unique<ast::Relation>(location, std::move(sampled));
}

ast::RelationPtr Parser::PatternedRelation() {
  ast::RelationPtr input = AliasedRelation();
  if (!At(K_MATCH_RECOGNIZE) || Ahead(1).type != kOpen) return input;
  const ErrorLocation location = input->location;
  auto matched = std::make_unique<ast::Relation>(location, MatchRecognize(std::move(input)));
  const bool as = Accept(K_AS);
  if (!as && (!AtName() || SeesClause())) return matched;
  ast::AliasedRelation aliased{std::move(matched), Name(), {}};
  if (At(kOpen)) aliased.columns = ColumnAliases();
  return std::make_unique<ast::Relation>(location, std::move(aliased));
}

ast::RelationPtr Parser::AliasedRelation() {
  ast::RelationPtr relation = RelationPrimary();
  const bool as = Accept(K_AS);
  if (!as && (!AtName() || SeesClause())) return relation;
  const ErrorLocation location = relation->location;
  ast::AliasedRelation aliased{std::move(relation), Name(), {}};
  if (At(kOpen)) aliased.columns = ColumnAliases();
  return std::make_unique<ast::Relation>(location, std::move(aliased));
}

std::vector<ast::Identifier> Parser::ColumnAliases() {
  std::vector<ast::Identifier> names;
  Expect(kOpen);
  do names.push_back(Name());
  while (Accept(kComma));
  Expect(kClose);
  return names;
}

ast::Table Parser::Table() {
  ast::Table table{Qualified(), std::nullopt};
  if (Accept(K_FOR)) {
    ast::QueryPeriod period{Accept(K_TIMESTAMP), nullptr};
    if (!period.timestamp) Expect(K_VERSION);
    Expect({K_AS, K_OF});
    period.end = Value();
    table.period = std::move(period);
  }
  return table;
}

ast::RelationPtr Parser::RelationPrimary() {
  const ErrorLocation location = Location();
  const auto relation = [&](auto node) { return std::make_unique<ast::Relation>(location, std::move(node)); };
  if (At(kOpen)) {
    Level level(*this);
    const bool query = IsQuery(position() + 1);
    Next();
    if (query) {
      ast::SubqueryRelation subquery{Query()};
      Expect(kClose);
      return relation(std::move(subquery));
    }
    AtQuery();
    ast::RelationPtr inner = Relation();
    Expect(kClose);
    return inner;
  }
  if (Accept(K_UNNEST)) {
    Expect(kOpen);
    ast::Unnest unnest{Expressions(), false};
    Expect(kClose);
    if (Sees({K_WITH, K_ORDINALITY})) {
      Next(), Next();
      unnest.with_ordinality = true;
    }
    return relation(std::move(unnest));
  }
  At(K_LATERAL);
  if (Sees({K_LATERAL, kOpen})) {
    Next(), Next();
    ast::Lateral lateral{Query()};
    Expect(kClose);
    return relation(std::move(lateral));
  }
  if (Accept(K_TABLE)) {
    Expect(kOpen);
    ast::TableFunctionCall call = TableFunction();
    Expect(kClose);
    return relation(std::move(call));
  }
  if (At(K_JSON_TABLE)) return relation(JsonTable());
  if (!AtName()) Fail();
  return relation(Table());
}

}  // namespace planaria::sql::parser
