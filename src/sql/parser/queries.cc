#include <utility>

#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

bool Parser::IsQuery(size_t index) const {
  // Deeper ones are refused anyway.
  constexpr size_t kMostParentheses = 2000;
  size_t open = index;
  while (TokenAt(open).type == kOpen && open - index < kMostParentheses) ++open;
  const TokenType first = TokenAt(open).type;
  // TABLE(f()) is a relation, TABLE t a query.
  const bool function = first == K_TABLE && TokenAt(open + 1).type == kOpen;
  if (function || (first != K_SELECT && first != K_VALUES && first != K_TABLE && first != K_WITH))
    return false;
  // What follows each closing parenthesis, from the inside, must go on as a query does.
  while (open > index) {
    const size_t closing = ClosingOf(--open);
    if (closing == 0) return true;
    switch (TokenAt(closing + 1).type) {
      case K_UNION:
      case K_INTERSECT:
      case K_EXCEPT:
      case K_ORDER:
      case K_OFFSET:
      case K_LIMIT:
      case K_FETCH:
      case kClose:
      case kComma:
      case kEnd:
      case K_WITH:
        break;
      default:
        return false;
    }
  }
  return true;
}

bool Parser::AtQuery() {
  const TokenType type = Here().type;
  if (type == K_SELECT || type == K_VALUES || type == K_TABLE || type == K_WITH || type == kOpen) return true;
  Note("<query>");
  return false;
}

/// Whether a clause of a query begins here, with a word that could also be an alias.
bool Parser::SeesClause() const {
  const TokenType next = Ahead(1).type;
  switch (Here().type) {
    case K_LIMIT:
      return next == kInteger || next == kParameter || next == K_ALL;
    case K_OFFSET:
      return next == kInteger || next == kParameter;
    case K_FETCH:
      return next == K_FIRST || next == K_NEXT;
    case K_WINDOW:
      return IsName(next);
    case K_TABLESAMPLE:
      return next == K_BERNOULLI || next == K_SYSTEM;
    case K_MATCH_RECOGNIZE:
      return next == kOpen;
    default:
      return false;
  }
}

ast::QueryPtr Parser::RootQuery() {
  std::vector<ast::SessionProperty> session;
  std::vector<ast::FunctionSpecification> functions;
  const ErrorLocation location = Location();
  At(K_WITH);
  if (Sees({K_WITH, K_SESSION}) && IsName(Ahead(2).type)) {
    Next(), Next();
    do {
      ast::SessionProperty property{Qualified(), nullptr};
      Expect(kEqual);
      property.value = Expression();
      session.push_back(std::move(property));
    } while (Accept(kComma));
  }
  if (Sees({K_WITH, K_FUNCTION}) && IsName(Ahead(2).type)) {
    Next();
    do {
      const ErrorLocation start = Location();
      Expect(K_FUNCTION);
      functions.push_back(Function());
      functions.back().location = start;
    } while (Accept(kComma));
  }
  ast::QueryPtr query = Query();
  query->location = location;
  query->session = std::move(session);
  query->functions = std::move(functions);
  return query;
}

ast::QueryPtr Parser::Query() {
  Level level(*this);
  const bool star = std::exchange(star_allowed_, false);
  const int primary_depth = std::exchange(primary_depth_, 0);
  if (!AtQuery()) Fail();
  auto query = std::make_unique<ast::Query>();
  query->location = Location();
  if (At(K_WITH)) query->with = With();
  query->body = QueryTerm(false);
  QueryRest(*query);
  star_allowed_ = star;
  primary_depth_ = primary_depth;
  return query;
}

ast::With Parser::With() {
  Expect(K_WITH);
  ast::With with;
  At(K_FUNCTION), At(K_SESSION);
  with.recursive = Accept(K_RECURSIVE);
  do {
    ast::WithQuery named{Name(), {}, nullptr};
    if (At(kOpen)) named.columns = ColumnAliases();
    Expect({K_AS, kOpen});
    named.query = Query();
    Expect(kClose);
    with.queries.push_back(std::move(named));
  } while (Accept(kComma));
  if (taking_notes()) ReturnTo(position());
  return with;
}

void Parser::QueryRest(ast::Query& query) {
  OrderBy(query.order_by);
  if (Accept(K_OFFSET)) {
    query.offset = RowCount();
    if (!Accept(K_ROW)) Accept(K_ROWS);
  }
  const ErrorLocation location = Location();
  if (Accept(K_LIMIT)) {
    ast::Limit limit;
    limit.location = location;
    if (Accept(K_ALL)) {
      limit.count = ast::RowCount{"ALL"};
    } else {
      limit.count = RowCount();
    }
    query.limit = std::move(limit);
  } else if (Accept(K_FETCH)) {
    ast::Limit limit;
    limit.location = location;
    limit.fetch = true;
    if (!Accept(K_FIRST)) Expect(K_NEXT);
    if (At(kInteger) || At(kParameter)) limit.count = RowCount();
    if (!Accept(K_ROW)) Expect(K_ROWS);
    if (!Accept(K_ONLY)) {
      Expect({K_WITH, K_TIES});
      limit.with_ties = true;
    }
    query.limit = std::move(limit);
  }
}

ast::RowCount Parser::RowCount() {
  if (Accept(kParameter)) return {"?", parameters_++};
  return {Integer()};
}

void Parser::OrderBy(std::vector<ast::SortItem>& items) {
  if (!Accept(K_ORDER)) return;
  Expect(K_BY);
  do items.push_back(SortItem());
  while (Accept(kComma));
}

ast::SortItem Parser::SortItem() {
  ast::SortItem item{Expression(), false, ast::NullOrdering::kUndefined};
  if (!Accept(K_ASC)) item.descending = Accept(K_DESC);
  if (Accept(K_NULLS)) {
    item.nulls = ast::NullOrdering::kFirst;
    if (!Accept(K_FIRST)) {
      Expect(K_LAST);
      item.nulls = ast::NullOrdering::kLast;
    }
  }
  return item;
}

/// INTERSECT binds tighter than UNION and EXCEPT.
ast::QueryBodyPtr Parser::QueryTerm(bool intersect_only) {
  Level level(*this);
  ast::QueryBodyPtr left = intersect_only ? QueryPrimary() : QueryTerm(true);
  while (true) {
    using Kind = ast::SetOperation::Kind;
    ast::SetOperation operation;
    const ErrorLocation location = Location();
    if (intersect_only) {
      if (!Accept(K_INTERSECT)) return left;
      operation.kind = Kind::kIntersect;
    } else if (Accept(K_EXCEPT)) {
      operation.kind = Kind::kExcept;
    } else if (!Accept(K_UNION)) {
      return left;
    }
    operation.all = Accept(K_ALL);
    if (!operation.all) Accept(K_DISTINCT);
    operation.corresponding = Accept(K_CORRESPONDING);
    if (operation.corresponding && Accept(K_BY)) operation.corresponding_by = ColumnAliases();
    operation.left = std::move(left);
    operation.right = intersect_only ? QueryPrimary() : QueryTerm(true);
    level.Grow();
    left = std::make_unique<ast::QueryBody>(location, std::move(operation));
  }
}

ast::QueryBodyPtr Parser::QueryPrimary() {
  const ErrorLocation location = Location();
  const auto body = [&](auto node) { return std::make_unique<ast::QueryBody>(location, std::move(node)); };
  if (At(K_SELECT)) return body(QuerySpecification());
  if (Accept(K_VALUES)) return body(ast::Values{Expressions()});
  if (Accept(K_TABLE)) return body(ast::TableQuery{Qualified()});
  if (!Accept(kOpen)) Fail();
  // Which query a parenthesis holds, Trino decides before it says what it expected.
  if (!IsQuery(position())) {
    Level level(*this);
    QueryPrimary();
    Fail();
  }
  ast::QueryPtr query = Query();
  Expect(kClose);
  return body(std::move(query));
}

ast::QuerySpecification Parser::QuerySpecification() {
  Expect(K_SELECT);
  ast::QuerySpecification select;
  if (Accept(K_DISTINCT)) {
    select.distinct = true;
  } else if (At(K_ALL)) {
    const Token& next = Ahead(1);
    const bool item = next.type == kAsterisk || next.type == kOpen || !ContinuesExpression(next);
    const bool ends = next.type == kComma || next.type == kClose || next.type == kEnd ||
                      next.type == K_FROM || next.type == K_AS || next.type == K_WHERE ||
                      next.type == K_GROUP || next.type == K_ORDER || next.type == K_HAVING ||
                      next.type == K_UNION || next.type == K_EXCEPT || next.type == K_INTERSECT;
    if (item && !ends) Next();
  }
  do select.items.push_back(SelectItem());
  while (Accept(kComma));
  if (Accept(K_FROM)) {
    do select.from.push_back(Relation());
    while (Accept(kComma));
  }
  if (Accept(K_WHERE)) select.where = Expression();
  if (Accept(K_GROUP)) {
    Expect(K_BY);
    select.group_by = GroupBy();
  }
  if (Accept(K_HAVING)) select.having = Expression();
  if (Accept(K_WINDOW)) {
    do {
      ast::WindowDefinition window{Name(), {}};
      Expect({K_AS, kOpen});
      window.specification = WindowSpecification();
      Expect(kClose);
      select.windows.push_back(std::move(window));
    } while (Accept(kComma));
  }
  return select;
}

ast::SelectItem Parser::SelectItem() {
  if (Accept(kAsterisk)) return ast::AllColumns{};
  const size_t start = position();
  const bool before = std::exchange(star_allowed_, true);
  ast::ExpressionPtr expression = Expression();
  star_allowed_ = before;
  if (Sees({kDot, kAsterisk}) && primary_start_ == start) {
    Next(), Next();
    ast::AllColumns all{std::move(expression), {}};
    if (Accept(K_AS)) all.aliases = ColumnAliases();
    return all;
  }
  ast::SingleColumn column{std::move(expression), std::nullopt};
  if (Accept(K_AS)) {
    column.alias = Name();
  } else if (AtName() && !SeesClause()) {
    column.alias = Name();
  }
  return column;
}

ast::GroupBy Parser::GroupBy() {
  ast::GroupBy group_by;
  if (Accept(K_DISTINCT)) {
    group_by.distinct = true;
  } else if (At(K_ALL) && (IsName(Ahead(1).type) || Ahead(1).type == kOpen || Ahead(1).type == kInteger ||
                           Ahead(1).type == K_ROLLUP || Ahead(1).type == K_CUBE ||
                           Ahead(1).type == K_GROUPING || Ahead(1).type == K_AUTO)) {
    Next();
  }
  do group_by.elements.push_back(GroupingElement());
  while (Accept(kComma));
  return group_by;
}

bool Parser::ContinuesExpression(const Token& token) const {
  switch (token.type) {
    case kPlus:
    case kMinus:
    case kAsterisk:
    case kSlash:
    case kPercent:
    case kConcat:
    case kEqual:
    case kNotEqual:
    case kLess:
    case kLessEqual:
    case kGreater:
    case kGreaterEqual:
    case kOpenBracket:
    case kDot:
    case kArrow:
    case kOpen:
    case K_AND:
    case K_OR:
    case K_NOT:
    case K_IN:
    case K_IS:
    case K_LIKE:
    case K_BETWEEN:
    case K_AT:
      return true;
    default:
      return false;
  }
}

ast::GroupingElement Parser::GroupingElement() {
  if (Accept(K_AUTO)) return ast::AutoGroupBy{};
  using Kind = ast::GroupingSets::Kind;
  std::optional<Kind> kind;
  if (Accept(K_ROLLUP)) kind = Kind::kRollup;
  if (!kind && Accept(K_CUBE)) kind = Kind::kCube;
  if (!kind && At(K_GROUPING) && Ahead(1).type == K_SETS) {
    Next(), Next();
    kind = Kind::kExplicit;
  }
  if (!kind) {
    const bool set = At(kOpen) && ClosingOf(position()) != 0 && !IsQuery(position() + 1) &&
                     !ContinuesExpression(TokenAt(ClosingOf(position()) + 1));
    if (!set) {
      ast::SimpleGroupBy simple;
      simple.columns.push_back(Expression());
      return simple;
    }
    ast::SimpleGroupBy simple{GroupingSet(), true};
    // `(a)` is an expression as well as a set of one.
    simple.parenthesized = simple.columns.size() != 1;
    return simple;
  }
  ast::GroupingSets sets{*kind, {}};
  Expect(kOpen);
  const bool may_be_empty = *kind != Kind::kExplicit;
  if (!(may_be_empty && At(kClose))) {
    do sets.sets.push_back(GroupingSet());
    while (Accept(kComma));
  }
  if (taking_notes()) ReturnTo(position()), At(kComma);
  Expect(kClose);
  return sets;
}

ast::ExpressionList Parser::GroupingSet() {
  ast::ExpressionList set;
  const bool parenthesized =
      At(kOpen) && !(ClosingOf(position()) != 0 && ContinuesExpression(TokenAt(ClosingOf(position()) + 1))) &&
      !IsQuery(position() + 1);
  if (!parenthesized) {
    set.push_back(Expression());
    return set;
  }
  Next();
  if (!At(kClose)) set = Expressions();
  Expect(kClose);
  return set;
}

}  // namespace planaria::sql::parser
