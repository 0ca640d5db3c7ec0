// The operands of operators.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "sql/number_text.h"
#include "sql/parser/parser.h"
#include "sql/parser/string_text.h"

namespace planaria::sql::parser {

using enum TokenType;

namespace {

double DoubleOf(std::string_view text) {
  const std::string digits = WithoutUnderscores(text);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  // Too large or too small: the sign of the exponent tells.
  return digits.find_first_of("-") == std::string::npos ? std::numeric_limits<double>::infinity() : 0.0;
}

}  // namespace

ast::ExpressionPtr Parser::Primary() {
  Level level(*this);
  const size_t start = position();
  // What is taken from a value has the place of the value, as in Trino.
  const ErrorLocation location = Location();
  ++primary_depth_;
  ast::ExpressionPtr value = PrimaryHead();
  --primary_depth_;
  while (true) {
    primary_start_ = start;
    if (Accept(kOpenBracket)) {
      ast::ExpressionPtr index = Value();
      Expect(kCloseBracket);
      value = NewExpression(location, ast::Subscript{std::move(value), std::move(index)});
    } else if (At(kDot)) {
      if (star_allowed_ && Ahead(1).type == kAsterisk) return value;
      Next();
      if (star_allowed_) Note("'*'");
      value = NewExpression(location, ast::Dereference{std::move(value), Name()});
    } else {
      return value;
    }
    level.Grow();
  }
}

ast::ExpressionPtr Parser::PrimaryHead() {
  const ErrorLocation location = Location();
  const auto node = [&](auto value) { return NewExpression(location, std::move(value)); };
  const auto word = [&](auto value) {
    Next();
    return NewExpression(location, std::move(value));
  };
  using Time = ast::CurrentTime::Kind;
  switch (Here().type) {
    case kString:
    case kUnicodeString:
      return node(ast::StringLiteral{String()});
    case kBinary: {
      const DecodedText decoded = DecodeBinary(Unquoted(Next().text.substr(1)));
      if (!decoded.refusal.empty()) Refuse(location, decoded.refusal);
      return node(ast::BinaryLiteral{decoded.text});
    }
    case kInteger:
    case kDecimal:
    case kDouble:
    case kMinus:
      return node(Number());
    case kParameter:
      return word(ast::Parameter{parameters_++});
    case kOpen:
      return node(Parenthesized());
    case kOpenBracket:
      return node(Array());
    case K_NULL:
      return word(ast::NullLiteral{});
    case K_TRUE:
      return word(ast::BooleanLiteral{true});
    case K_FALSE:
      return word(ast::BooleanLiteral{false});
    case K_CASE:
      return node(Case());
    case K_CAST:
      return node(Cast(false));
    case K_EXISTS: {
      Next();
      Expect(kOpen);
      ast::QueryPtr query = Query();
      Expect(kClose);
      return node(ast::Exists{std::move(query)});
    }
    case K_EXTRACT:
      return node(Extract(location));
    case K_TRIM:
      return node(Trim(location));
    case K_NORMALIZE:
      return node(Normalize());
    case K_GROUPING:
      return node(Grouping());
    case K_LISTAGG:
      return node(Listagg());
    case K_JSON_EXISTS:
      return node(JsonExists());
    case K_JSON_VALUE:
      return node(JsonValue());
    case K_JSON_QUERY:
      return node(JsonQuery());
    case K_JSON_OBJECT:
      return node(JsonObject());
    case K_JSON_ARRAY:
      return node(JsonArray());
    case K_CURRENT_DATE:
      return word(ast::CurrentTime{Time::kDate, std::nullopt});
    case K_CURRENT_TIME:
      return node(CurrentTime(Time::kTime));
    case K_CURRENT_TIMESTAMP:
      return node(CurrentTime(Time::kTimestamp));
    case K_LOCALTIME:
      return node(CurrentTime(Time::kLocalTime));
    case K_LOCALTIMESTAMP:
      return node(CurrentTime(Time::kLocalTimestamp));
    case K_CURRENT_USER:
      return word(ast::CurrentSession{ast::SessionValue::kUser});
    case K_CURRENT_CATALOG:
      return word(ast::CurrentSession{ast::SessionValue::kCatalog});
    case K_CURRENT_SCHEMA:
      return word(ast::CurrentSession{ast::SessionValue::kSchema});
    case K_CURRENT_PATH:
      return word(ast::CurrentSession{ast::SessionValue::kPath});
    default:
      if (!IsName(Here().type)) Fail("<expression>");
      return node(NameOrCall());
  }
}

ast::Expression::Node Parser::Number() {
  const ErrorLocation location = Location();
  const bool negative = Accept(kMinus);
  const Token& token = Next();
  const std::string text = (negative ? "-" : "") + std::string(token.text);
  switch (token.type) {
    case kInteger:
      if (!BigintOf(text)) Refuse(location, "Invalid numeric literal: " + text);
      return ast::IntegerLiteral{text};
    case kDecimal:
      return ast::DecimalLiteral{text};
    default:
      return ast::DoubleLiteral{negative ? -DoubleOf(token.text) : DoubleOf(token.text)};
  }
}

ast::Expression::Node Parser::Parenthesized() {
  if (Sees({kOpen, kClose})) {
    Next(), Next();
    return Lambda({});
  }
  const size_t closing = ClosingOf(position());
  if (closing != 0 && TokenAt(closing + 1).type == kArrow) {
    bool names = true;
    for (size_t i = position() + 1; i < closing; ++i) {
      const bool comma = (i - position()) % 2 == 0;
      names = names && (comma ? TokenAt(i).type == kComma : IsName(TokenAt(i).type));
    }
    if (names) {
      std::vector<ast::Identifier> parameters;
      Next();
      if (!At(kClose)) {
        do parameters.push_back(Name());
        while (Accept(kComma));
      }
      Expect(kClose);
      return Lambda(std::move(parameters));
    }
  }
  const bool query = IsQuery(position() + 1);
  Next();
  const bool star = std::exchange(star_allowed_, false);
  if (query) {
    ast::QueryPtr subquery = Query();
    Expect(kClose);
    star_allowed_ = star;
    return ast::ScalarSubquery{std::move(subquery)};
  }
  ast::ExpressionList values = Expressions();
  Expect(kClose);
  star_allowed_ = star;
  if (values.size() == 1) return std::move(values[0]->node);
  return ast::RowConstructor{std::move(values)};
}

/// `[a, b]`; ARRAY before it says nothing more.
ast::ArrayConstructor Parser::Array() {
  Expect(kOpenBracket);
  ast::ArrayConstructor array;
  if (!At(kCloseBracket)) array.values = Expressions();
  Expect(kCloseBracket);
  return array;
}

ast::Lambda Parser::Lambda(std::vector<ast::Identifier> parameters) {
  Expect(kArrow);
  return {std::move(parameters), Expression()};
}

ast::Expression::Node Parser::NameOrCall() {
  const ErrorLocation location = Location();
  const TokenType next = Ahead(1).type;
  switch (Here().type) {
    case K_TRY_CAST:
      if (next == kOpen) return Cast(true);
      break;
    case K_SUBSTRING:
      if (next == kOpen && SeesBefore(position() + 1, K_FROM)) return Substring();
      break;
    case K_POSITION:
      if (next == kOpen && SeesBefore(position() + 1, K_IN)) return Position();
      break;
    case K_ARRAY:
      if (next == kOpenBracket) {
        Next();
        return Array();
      }
      break;
    case K_ROW:
      if (next == kOpen && Ahead(2).type != kClose) {
        Next(), Next();
        At(K_ORDER);
        ast::RowConstructor row{Expressions()};
        At(K_ORDER);
        Expect(kClose);
        return row;
      }
      break;
    case K_INTERVAL:
      if (SeesIntervalLiteral()) return Interval();
      break;
    case K_DOUBLE:
      if (next == K_PRECISION && IsString(Ahead(2).type)) {
        Next(), Next();
        return ast::GenericLiteral{"DOUBLE", String()};
      }
      break;
    default:
      break;
  }
  if (next == kArrow) {
    std::vector<ast::Identifier> parameters;
    parameters.push_back(Name());
    return Lambda(std::move(parameters));
  }
  if (IsString(next)) {
    const std::string type(Here().text);
    const bool decimal =
        Here().type == kIdentifier && type.size() == 7 &&
        std::equal(type.begin(), type.end(), "DECIMAL", [](char a, char b) { return (a & ~0x20) == b; });
    Name();
    std::string text = String();
    if (decimal) return ast::DecimalLiteral{std::move(text)};
    if (type == "X" || type == "x") {
      Refuse(location, "Spaces are not allowed between 'X' and the starting quote of a binary literal");
    }
    return ast::GenericLiteral{type, std::move(text)};
  }
  const bool mode = (Here().type == K_RUNNING || Here().type == K_FINAL) && IsName(next);
  size_t last = mode ? 1 : 0;
  while (Ahead(last + 1).type == kDot && IsName(Ahead(last + 2).type)) last += 2;
  if (Ahead(last + 1).type == kOpen) return Call(location);
  if (next == K_OVER && (Ahead(2).type == kOpen || IsName(Ahead(2).type))) {
    ast::Identifier name = Name();
    return ast::WindowMeasure{std::move(name), Over()};
  }
  ast::Identifier name = Name();
  // As the operand of nothing else, Trino has decided by now that the name is a column's.
  if (primary_depth_ > 1) At(kOpen), At(kArrow), At(K_OVER), AtString();
  return name;
}

bool Parser::SeesIntervalLiteral() const {
  const size_t sign = Ahead(1).type == kPlus || Ahead(1).type == kMinus ? 1 : 0;
  if (!IsString(Ahead(1 + sign).type)) return false;
  if (sign == 1) return true;
  switch (Ahead(2).type) {
    case K_YEAR:
    case K_MONTH:
    case K_DAY:
    case K_HOUR:
    case K_MINUTE:
    case K_SECOND:
    case K_UESCAPE:
      return true;
    default:
      return false;
  }
}

std::optional<ast::IntervalField> Parser::AcceptIntervalField() {
  static constexpr std::pair<TokenType, ast::IntervalField> kFields[] = {
      {K_YEAR, ast::IntervalField::kYear},     {K_MONTH, ast::IntervalField::kMonth},
      {K_DAY, ast::IntervalField::kDay},       {K_HOUR, ast::IntervalField::kHour},
      {K_MINUTE, ast::IntervalField::kMinute}, {K_SECOND, ast::IntervalField::kSecond}};
  for (const auto& [token, field] : kFields) {
    if (Accept(token)) return field;
  }
  return std::nullopt;
}

ast::IntervalLiteral Parser::Interval() {
  Expect(K_INTERVAL);
  ast::IntervalLiteral interval;
  if (Accept(kMinus)) {
    interval.negative = true;
  } else {
    Accept(kPlus);
  }
  interval.value = String();
  const auto from = AcceptIntervalField();
  if (!from) Fail();
  interval.from = *from;
  const TokenType field = Ahead(1).type;
  const bool to = field == K_YEAR || field == K_MONTH || field == K_DAY || field == K_HOUR ||
                  field == K_MINUTE || field == K_SECOND;
  if (Here().type == K_TO && to) {
    Next();
    interval.to = AcceptIntervalField();
  }
  return interval;
}

ast::Case Parser::Case() {
  Expect(K_CASE);
  ast::Case result;
  if (!At(K_WHEN)) result.operand = Expression();
  Expect(K_WHEN);
  do {
    ast::WhenClause when{Expression(), nullptr};
    Expect(K_THEN);
    when.result = Expression();
    result.when.push_back(std::move(when));
  } while (Accept(K_WHEN));
  if (Accept(K_ELSE)) result.otherwise = Expression();
  Expect(K_END);
  return result;
}

ast::Cast Parser::Cast(bool safe) {
  Next();
  Expect(kOpen);
  ast::Cast cast{Expression(), nullptr, safe};
  Expect(K_AS);
  cast.type = Type();
  Expect(kClose);
  return cast;
}

ast::CurrentTime Parser::CurrentTime(ast::CurrentTime::Kind kind) {
  Next();
  ast::CurrentTime time{kind, std::nullopt};
  if (Accept(kOpen)) {
    time.precision = Integer();
    Expect(kClose);
  }
  return time;
}

}  // namespace planaria::sql::parser
