// JSON_TABLE in FROM.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::JsonTable Parser::JsonTable() {
  Expect({K_JSON_TABLE, kOpen});
  ast::JsonTable table;
  table.path = JsonPath();
  Expect(K_COLUMNS);
  table.columns = JsonTableColumns();
  if (Accept(K_PLAN)) {
    const bool by_default = Accept(K_DEFAULT);
    Expect(kOpen);
    if (by_default) {
      table.plan = JsonTableDefaultPlan();
    } else {
      table.plan = JsonTablePlan();
    }
    Expect(kClose);
  }
  if (Accept(K_ERROR)) {
    Expect({K_ON, K_ERROR});
    table.on_error = ast::JsonTable::OnError::kError;
  } else if (Accept(K_EMPTY)) {
    Expect({K_ON, K_ERROR});
    table.on_error = ast::JsonTable::OnError::kEmpty;
  }
  Expect(kClose);
  return table;
}

std::vector<ast::JsonTableColumn> Parser::JsonTableColumns() {
  Level level(*this);
  std::vector<ast::JsonTableColumn> columns;
  Expect(kOpen);
  do columns.push_back(JsonTableColumn());
  while (Accept(kComma));
  Expect(kClose);
  return columns;
}

ast::JsonTableColumn Parser::JsonTableColumn() {
  const ErrorLocation location = Location();
  At(K_NESTED);
  if (Here().type == K_NESTED && (Ahead(1).type == K_PATH || IsString(Ahead(1).type))) {
    Next();
    Accept(K_PATH);
    ast::NestedColumns nested;
    nested.path_location = Location();
    nested.path = String();
    if (Accept(K_AS)) nested.path_name = Name();
    Expect(K_COLUMNS);
    nested.columns = JsonTableColumns();
    return {std::move(nested), location};
  }
  ast::Identifier name = Name();
  if (Accept(K_FOR)) {
    Expect(K_ORDINALITY);
    return {ast::OrdinalityColumn{std::move(name)}, location};
  }
  ast::DataTypePtr type = Type();
  if (Accept(K_FORMAT)) {
    ast::QueryColumn column;
    column.name = std::move(name);
    column.type = std::move(type);
    column.format = JsonFormat();
    if (Accept(K_PATH)) {
      column.path_location = Location();
      column.path = String();
    }
    if (const auto wrapper = OptionalWrapper()) column.wrapper = *wrapper;
    column.quotes = OptionalQuotes();
    auto behavior = OptionalQueryBehavior();
    if (behavior) {
      Expect(K_ON);
      if (Accept(K_EMPTY)) {
        column.on_empty = *behavior;
        behavior = OptionalQueryBehavior();
        if (behavior) Expect(K_ON);
      }
      if (behavior) {
        Expect(K_ERROR);
        column.on_error = behavior;
      }
    }
    return {std::move(column), location};
  }
  ast::ValueColumn column;
  column.name = std::move(name);
  column.type = std::move(type);
  if (Accept(K_PATH)) {
    column.path_location = Location();
    column.path = String();
  }
  auto behavior = OptionalValueBehavior();
  if (behavior) {
    Expect(K_ON);
    if (Accept(K_EMPTY)) {
      column.on_empty = std::move(*behavior);
      behavior = OptionalValueBehavior();
      if (behavior) Expect(K_ON);
    }
    if (behavior) {
      Expect(K_ERROR);
      column.on_error = std::move(behavior);
    }
  }
  return {std::move(column), location};
}

ast::JsonTablePlan Parser::JsonTablePlan() {
  using Kind = ast::JsonTablePlan::Kind;
  const ErrorLocation location = Location();
  ast::JsonTablePlan plan = JsonTablePlanPrimary();
  const auto join = [&](Kind kind) {
    ast::JsonTablePlan joined{kind, location, {}, {}};
    joined.operands.push_back(std::move(plan));
    joined.operands.push_back(JsonTablePlanPrimary());
    return joined;
  };
  if (plan.kind == Kind::kPath && Accept(K_OUTER)) return join(Kind::kOuter);
  if (plan.kind == Kind::kPath && Accept(K_INNER)) return join(Kind::kInner);
  const TokenType type = Here().type;
  if (type != K_UNION && type != K_CROSS) {
    At(K_UNION), At(K_CROSS);
    return plan;
  }
  Next();
  plan = join(type == K_UNION ? Kind::kUnion : Kind::kCross);
  while (Accept(type)) plan.operands.push_back(JsonTablePlanPrimary());
  return plan;
}

ast::JsonTablePlan Parser::JsonTablePlanPrimary() {
  Level level(*this);
  if (Accept(kOpen)) {
    ast::JsonTablePlan plan = JsonTablePlan();
    Expect(kClose);
    return plan;
  }
  const ErrorLocation location = Location();
  return {ast::JsonTablePlan::Kind::kPath, location, Name(), {}};
}

ast::JsonTableDefaultPlan Parser::JsonTableDefaultPlan() {
  ast::JsonTableDefaultPlan plan;
  const auto parent = [&] {
    if (Accept(K_INNER)) return plan.inner = true;
    return Accept(K_OUTER);
  };
  const auto sibling = [&] {
    if (Accept(K_CROSS)) return plan.cross = true;
    return Accept(K_UNION);
  };
  if (parent()) {
    if (Accept(kComma) && !sibling()) Fail();
  } else if (sibling()) {
    if (Accept(kComma) && !parent()) Fail();
  } else {
    Fail();
  }
  return plan;
}

}  // namespace planaria::sql::parser
