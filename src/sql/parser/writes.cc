// Statements that change rows.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::Insert Parser::Insert() {
  Expect(K_INTO);
  ast::Insert insert{Qualified(), std::nullopt, nullptr};
  if (taking_notes()) ReturnTo(position());
  At(kOpen);
  if (Here().type == kOpen && !IsQuery(position() + 1)) {
    Next();
    At(kOpen), At(K_SELECT), At(K_TABLE), At(K_VALUES);
    std::vector<ast::Identifier> columns;
    do columns.push_back(Name());
    while (Accept(kComma));
    Expect(kClose);
    insert.columns = std::move(columns);
  }
  insert.query = RootQuery();
  return insert;
}

ast::Delete Parser::Delete() {
  Expect(K_FROM);
  ast::Delete remove{Qualified(), nullptr};
  if (Accept(K_WHERE)) remove.where = Expression();
  return remove;
}

std::vector<ast::Assignment> Parser::Assignments() {
  std::vector<ast::Assignment> assignments;
  do {
    ast::Assignment assignment{Name(), nullptr};
    Expect(kEqual);
    assignment.value = Expression();
    assignments.push_back(std::move(assignment));
  } while (Accept(kComma));
  return assignments;
}

ast::Update Parser::Update() {
  ast::Update update{Qualified(), {}, nullptr};
  Expect(K_SET);
  update.assignments = Assignments();
  if (Accept(K_WHERE)) update.where = Expression();
  return update;
}

ast::Merge Parser::Merge() {
  Expect(K_INTO);
  ast::Merge merge;
  merge.table = Qualified();
  if (taking_notes()) ReturnTo(position());
  if (Accept(K_AS)) {
    merge.alias = Name();
  } else if (AtName()) {
    merge.alias = Name();
  }
  Expect(K_USING);
  merge.source = Relation();
  Expect(K_ON);
  merge.on = Expression();
  if (taking_notes()) ReturnTo(position());
  if (!At(K_WHEN)) Fail();
  while (Accept(K_WHEN)) merge.cases.push_back(MergeCase());
  return merge;
}

ast::MergeCase Parser::MergeCase() {
  ast::MergeCase result;
  result.location = Location();
  const bool matched = !Accept(K_NOT);
  Expect(K_MATCHED);
  if (Accept(K_AND)) result.condition = Expression();
  Expect(K_THEN);
  if (!matched) {
    Expect(K_INSERT);
    ast::MergeInsert insert;
    if (At(kOpen)) insert.columns = ColumnAliases();
    Expect({K_VALUES, kOpen});
    insert.values = Expressions();
    Expect(kClose);
    result.action = std::move(insert);
  } else if (Accept(K_UPDATE)) {
    Expect(K_SET);
    result.action = ast::MergeUpdate{Assignments()};
  } else {
    Expect(K_DELETE);
    result.action = ast::MergeDelete{};
  }
  return result;
}

ast::Analyze Parser::Analyze() {
  ast::Analyze analyze{Qualified(), {}};
  analyze.properties = OptionalProperties();
  return analyze;
}

}  // namespace planaria::sql::parser
