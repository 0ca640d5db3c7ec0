#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::WindowPtr Parser::Over() {
  Expect(K_OVER);
  auto window = std::make_unique<ast::Window>();
  window->location = Location();
  if (Accept(kOpen)) {
    window->specification = WindowSpecification();
    Expect(kClose);
  } else {
    window->name = Name();
  }
  return window;
}

ast::WindowSpecification Parser::WindowSpecification() {
  ast::WindowSpecification window;
  const TokenType next = Ahead(1).type;
  const bool partition = Sees({K_PARTITION, K_BY});
  const bool measures = Here().type == K_MEASURES && next != kClose && next != K_PARTITION && next != K_ORDER;
  const bool frame = (Here().type == K_RANGE || Here().type == K_ROWS || Here().type == K_GROUPS) &&
                     next != kClose && next != K_PARTITION && next != K_ORDER;
  if (!partition && !measures && !frame && AtName()) window.existing = Name();
  if (Accept(K_PARTITION)) {
    Expect(K_BY);
    window.partition_by = Expressions();
  }
  OrderBy(window.order_by);
  window.frame = OptionalFrame();
  return window;
}

std::optional<ast::WindowFrame> Parser::OptionalFrame() {
  ast::WindowFrame frame;
  const bool measures = Accept(K_MEASURES);
  if (measures) frame.measures = Measures();
  if (Accept(K_RANGE)) {
    frame.unit = ast::WindowFrame::Unit::kRange;
  } else if (Accept(K_ROWS)) {
    frame.unit = ast::WindowFrame::Unit::kRows;
  } else if (Accept(K_GROUPS)) {
    frame.unit = ast::WindowFrame::Unit::kGroups;
  } else if (measures) {
    Fail();
  } else {
    return std::nullopt;
  }
  if (Accept(K_BETWEEN)) {
    frame.start = FrameBound();
    Expect(K_AND);
    frame.end = FrameBound();
  } else {
    frame.start = FrameBound();
  }
  if (Accept(K_AFTER)) frame.after_match = SkipTo();
  frame.search = PatternSearch();
  if (Accept(K_PATTERN)) {
    Expect(kOpen);
    frame.pattern = RowPattern();
    Expect(kClose);
  }
  frame.subsets = Subsets();
  if (Accept(K_DEFINE)) frame.definitions = VariableDefinitions();
  return frame;
}

ast::FrameBound Parser::FrameBound() {
  using Kind = ast::FrameBound::Kind;
  if (Accept({K_UNBOUNDED, K_PRECEDING})) return {Kind::kUnboundedPreceding, nullptr};
  if (Accept({K_UNBOUNDED, K_FOLLOWING})) return {Kind::kUnboundedFollowing, nullptr};
  if (Accept({K_CURRENT, K_ROW})) return {Kind::kCurrentRow, nullptr};
  ast::ExpressionPtr value = Expression();
  if (Accept(K_PRECEDING)) return {Kind::kPreceding, std::move(value)};
  Expect(K_FOLLOWING);
  return {Kind::kFollowing, std::move(value)};
}

}  // namespace planaria::sql::parser
