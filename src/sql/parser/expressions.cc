// Expressions down to what operators join.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

namespace {

std::optional<ast::ComparisonOperator> ComparisonOperatorOf(TokenType type) {
  switch (type) {
    case kEqual:
      return ast::ComparisonOperator::kEqual;
    case kNotEqual:
      return ast::ComparisonOperator::kNotEqual;
    case kLess:
      return ast::ComparisonOperator::kLess;
    case kLessEqual:
      return ast::ComparisonOperator::kLessEqual;
    case kGreater:
      return ast::ComparisonOperator::kGreater;
    case kGreaterEqual:
      return ast::ComparisonOperator::kGreaterEqual;
    default:
      return std::nullopt;
  }
}

struct BinaryOperator {
  TokenType token;
  int precedence;
  ast::ArithmeticOperator op;
};
constexpr BinaryOperator kBinaryOperators[] = {
    {kConcat, 1, {}},
    {kPlus, 2, ast::ArithmeticOperator::kAdd},
    {kMinus, 2, ast::ArithmeticOperator::kSubtract},
    {kAsterisk, 3, ast::ArithmeticOperator::kMultiply},
    {kSlash, 3, ast::ArithmeticOperator::kDivide},
    {kPercent, 3, ast::ArithmeticOperator::kModulus},
};

ast::ExpressionPtr Negated(ErrorLocation location, ast::ExpressionPtr value) {
  return NewExpression(location, ast::Not{std::move(value)});
}

}  // namespace

bool Parser::StartsExpression(TokenType type) {
  if (IsName(type)) return true;
  switch (type) {
    case kString:
    case kUnicodeString:
    case kBinary:
    case kInteger:
    case kDecimal:
    case kDouble:
    case kParameter:
    case kOpen:
    case kOpenBracket:
    case kPlus:
    case kMinus:
    case K_NOT:
    case K_NULL:
    case K_TRUE:
    case K_FALSE:
    case K_CASE:
    case K_CAST:
    case K_EXISTS:
    case K_EXTRACT:
    case K_GROUPING:
    case K_JSON_ARRAY:
    case K_JSON_EXISTS:
    case K_JSON_OBJECT:
    case K_JSON_QUERY:
    case K_JSON_VALUE:
    case K_LISTAGG:
    case K_NORMALIZE:
    case K_TRIM:
    case K_CURRENT_DATE:
    case K_CURRENT_TIME:
    case K_CURRENT_TIMESTAMP:
    case K_CURRENT_USER:
    case K_CURRENT_CATALOG:
    case K_CURRENT_SCHEMA:
    case K_CURRENT_PATH:
    case K_LOCALTIME:
    case K_LOCALTIMESTAMP:
      return true;
    default:
      return false;
  }
}

bool Parser::AtExpression() {
  if (StartsExpression(Here().type)) return true;
  Note("<expression>");
  return false;
}

ast::ExpressionPtr Parser::Expression() {
  if (!AtExpression()) Fail();
  return Or();
}

ast::ExpressionList Parser::Expressions() {
  ast::ExpressionList list;
  do list.push_back(Expression());
  while (Accept(kComma));
  return list;
}

ast::ExpressionPtr Parser::Or() {
  const ErrorLocation location = Location();
  ast::ExpressionPtr first = And();
  if (!At(K_OR)) return first;
  ast::Logical logical{ast::Logical::Operator::kOr, {}};
  logical.terms.push_back(std::move(first));
  while (Accept(K_OR)) logical.terms.push_back(And());
  return NewExpression(location, std::move(logical));
}

ast::ExpressionPtr Parser::And() {
  const ErrorLocation location = Location();
  ast::ExpressionPtr first = Not();
  if (!At(K_AND)) return first;
  ast::Logical logical{ast::Logical::Operator::kAnd, {}};
  logical.terms.push_back(std::move(first));
  while (Accept(K_AND)) logical.terms.push_back(Not());
  return NewExpression(location, std::move(logical));
}

ast::ExpressionPtr Parser::Not() {
  if (!AtExpression()) Fail();
  if (Here().type != K_NOT) return Predicate();
  Level level(*this);
  const ErrorLocation location = Next().location;
  return Negated(location, Not());
}

ast::ExpressionPtr Parser::Predicate() { return PredicateOn(Value()); }

ast::ExpressionPtr Parser::PredicateOn(ast::ExpressionPtr value) {
  const ErrorLocation location = Location();
  switch (Here().type) {
    case kEqual:
    case kNotEqual:
    case kLess:
    case kLessEqual:
    case kGreater:
    case kGreaterEqual:
      return ComparisonOf(std::move(value), location);
    case K_IN: {
      // Trino finds the fault of a list that does not parse at its IN.
      const size_t start = position();
      if (!taking_notes()) return InOf(std::move(value), location);
      try {
        return InOf(NewExpression(location, ast::NullLiteral{}), location);
      } catch (const Mismatch&) {
        ReturnTo(start);
        return value;
      }
    }
    case K_BETWEEN:
    case K_LIKE:
      return NegatablePredicateOf(std::move(value), location);
    case K_NOT:
      Next();
      return Negated(location, NegatablePredicateOf(std::move(value), location));
    case K_IS: {
      Next();
      const bool negated = Accept(K_NOT);
      if (Accept(K_NULL)) return NewExpression(location, ast::IsNull{std::move(value), negated});
      Expect({K_DISTINCT, K_FROM});
      auto distinct = NewExpression(
          location, ast::Comparison{ast::ComparisonOperator::kIsDistinctFrom, std::move(value), Value()});
      return negated ? Negated(location, std::move(distinct)) : std::move(distinct);
    }
    default:
      Note("<predicate>");
      return value;
  }
}

ast::ExpressionPtr Parser::ComparisonOf(ast::ExpressionPtr value, ErrorLocation location) {
  const ast::ComparisonOperator op = *ComparisonOperatorOf(Next().type);
  std::optional<ast::Quantifier> quantifier;
  if (At(K_ALL)) quantifier = ast::Quantifier::kAll;
  if (At(K_ANY)) quantifier = ast::Quantifier::kAny;
  if (At(K_SOME)) quantifier = ast::Quantifier::kSome;
  if (quantifier && Ahead(1).type == kOpen && IsQuery(position() + 2)) {
    Next(), Next();
    ast::QueryPtr query = Query();
    Expect(kClose);
    return NewExpression(location,
                         ast::QuantifiedComparison{op, *quantifier, std::move(value), std::move(query)});
  }
  return NewExpression(location, ast::Comparison{op, std::move(value), Value()});
}

ast::ExpressionPtr Parser::NegatablePredicateOf(ast::ExpressionPtr value, ErrorLocation location) {
  if (Accept(K_BETWEEN)) {
    ast::ExpressionPtr min = Value();
    Expect(K_AND);
    return NewExpression(location, ast::Between{std::move(value), std::move(min), Value()});
  }
  if (At(K_IN)) return InOf(std::move(value), location);
  Expect(K_LIKE);
  ast::Like like{std::move(value), Value(), nullptr};
  if (Accept(K_ESCAPE)) like.escape = Value();
  return NewExpression(location, std::move(like));
}

ast::ExpressionPtr Parser::InOf(ast::ExpressionPtr value, ErrorLocation location) {
  Expect({K_IN, kOpen});
  // One parenthesised query is a list of one scalar subquery.
  const bool one_scalar = Here().type == kOpen && IsQuery(position()) &&
                          (TokenAt(ClosingOf(position()) + 1).type == kClose ||
                           TokenAt(ClosingOf(position()) + 1).type == kComma);
  if (IsQuery(position()) && !one_scalar) {
    ast::QueryPtr query = Query();
    Expect(kClose);
    return NewExpression(location, ast::InSubquery{std::move(value), std::move(query)});
  }
  ast::InList in{std::move(value), Expressions()};
  if (taking_notes()) ReturnTo(position()), At(kComma);
  Expect(kClose);
  return NewExpression(location, std::move(in));
}

ast::ExpressionPtr Parser::Value(int precedence) {
  Level level(*this);
  ast::ExpressionPtr left = Unary();
  while (true) {
    const BinaryOperator* found = nullptr;
    for (const BinaryOperator& candidate : kBinaryOperators) {
      if (At(candidate.token)) found = &candidate;
    }
    if (found == nullptr || found->precedence <= precedence) return left;
    const ErrorLocation location = Next().location;
    ast::ExpressionPtr right = Value(found->precedence);
    level.Grow();
    if (found->token == kConcat) {
      ast::ExpressionList arguments;
      arguments.push_back(std::move(left));
      arguments.push_back(std::move(right));
      left = NewExpression(location, CallOf("concat", location, std::move(arguments)));
    } else {
      left = NewExpression(location, ast::ArithmeticBinary{found->op, std::move(left), std::move(right)});
    }
  }
}

ast::ExpressionPtr Parser::Unary() {
  const TokenType sign = Here().type;
  if (sign != kPlus && sign != kMinus) return Zoned();
  const TokenType next = Ahead(1).type;
  const bool number = next == kInteger || next == kDecimal || next == kDouble;
  if (sign == kMinus && number) return Zoned();
  Level level(*this);
  const ErrorLocation location = Next().location;
  return NewExpression(location, ast::ArithmeticUnary{sign == kMinus, Unary()});
}

ast::ExpressionPtr Parser::Zoned() {
  Level level(*this);
  ast::ExpressionPtr value = Primary();
  while (true) {
    const ErrorLocation location = Location();
    if (!Accept({K_AT, K_TIME})) return value;
    Expect(K_ZONE);
    const ErrorLocation zone = Location();
    level.Grow();
    ast::ExpressionPtr zone_value;
    if (At(K_INTERVAL)) {
      zone_value = NewExpression(zone, Interval());
    } else {
      zone_value = NewExpression(zone, ast::StringLiteral{String()});
    }
    value = NewExpression(location, ast::AtTimeZone{std::move(value), std::move(zone_value)});
  }
}

}  // namespace planaria::sql::parser
