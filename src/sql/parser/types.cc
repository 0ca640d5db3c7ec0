#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::DataTypePtr Parser::Type() {
  Level level(*this);
  if (!IsName(Here().type)) Fail("<type>");
  ast::DataType type = SimpleType();
  while (Accept(K_ARRAY)) {
    level.Grow();
    if (Accept(kOpenBracket)) {
      Refuse(type.location, "Explicit array size not supported");
      Integer();
      Expect(kCloseBracket);
    }
    ast::GenericType array{{"array", false, type.location}, {}};
    array.parameters.emplace_back(std::make_unique<ast::DataType>(std::move(type)));
    type = ast::DataType{array.name.location, std::move(array)};
  }
  return std::make_unique<ast::DataType>(std::move(type));
}

ast::DataType Parser::SimpleType() {
  const ErrorLocation location = Location();
  if (Sees({K_ROW, kOpen})) {
    Next(), Next();
    ast::RowType row;
    do row.fields.push_back(RowField());
    while (Accept(kComma));
    Expect(kClose);
    return {location, std::move(row)};
  }
  if (Sees({K_INTERVAL}) && (IsName(Ahead(1).type))) {
    const size_t start = position();
    Next();
    if (const auto from = AcceptIntervalField()) {
      ast::IntervalType interval{*from, *from};
      if (Accept(K_TO)) {
        const auto to = AcceptIntervalField();
        if (!to) Fail();
        interval.to = *to;
      }
      return {location, interval};
    }
    ReturnTo(start);
  }
  if (Sees({K_TIMESTAMP})) return DateTime(ast::DateTimeType::Kind::kTimestamp);
  if (Sees({K_TIME})) return DateTime(ast::DateTimeType::Kind::kTime);
  if (Sees({K_DOUBLE, K_PRECISION})) {
    Next(), Next();
    return {location, ast::GenericType{{"double", false, location}, {}}};
  }
  return {location, Generic()};
}

ast::DataType Parser::DateTime(ast::DateTimeType::Kind kind) {
  ast::DateTimeType type{kind, std::nullopt, false};
  const ErrorLocation location = Next().location;
  if (Accept(kOpen)) {
    type.precision = TypeParameter();
    Expect(kClose);
  }
  if (Accept({K_WITHOUT, K_TIME, K_ZONE})) return {location, std::move(type)};
  if (Accept(K_WITH)) {
    Expect({K_TIME, K_ZONE});
    type.with_time_zone = true;
  }
  return {location, std::move(type)};
}

ast::GenericType Parser::Generic() {
  const bool array = Sees({K_ARRAY});
  const bool map = Sees({K_MAP});
  ast::GenericType type{Name(), {}};
  if ((array || map) && Accept(kLess)) {
    type.parameters.emplace_back(Type());
    if (map) {
      Expect(kComma);
      type.parameters.emplace_back(Type());
    }
    Expect(kGreater);
  } else if (Accept(kOpen)) {
    do type.parameters.push_back(TypeParameter());
    while (Accept(kComma));
    Expect(kClose);
  }
  return type;
}

ast::TypeParameter Parser::TypeParameter() {
  if (At(kInteger)) return Integer();
  return Type();
}

/// `timestamp timestamp` is a field with a name, `double precision` and `bigint array` are not.
bool Parser::SeesFieldName() const {
  if (!IsName(Here().type) || !IsName(Ahead(1).type)) return false;
  const TokenType next = Ahead(1).type;
  const TokenType after = Ahead(2).type;
  if (Sees({K_DOUBLE, K_PRECISION})) return after != kComma && after != kClose;
  if (next == K_ARRAY) return after != kComma && after != kClose && after != kOpenBracket && after != K_ARRAY;
  if (next == K_WITHOUT) return after != K_TIME;
  if (Here().type == K_INTERVAL) {
    const bool field = next == K_YEAR || next == K_MONTH || next == K_DAY || next == K_HOUR ||
                       next == K_MINUTE || next == K_SECOND;
    return !field;
  }
  return true;
}

ast::RowField Parser::RowField() {
  ast::RowField field;
  At(kInteger);
  if (SeesFieldName()) field.name = Name();
  field.type = Type();
  return field;
}

}  // namespace planaria::sql::parser
