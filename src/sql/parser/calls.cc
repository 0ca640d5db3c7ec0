// Calls of functions, and functions with a syntax of their own.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

namespace {

constexpr std::pair<std::string_view, ast::ExtractField> kExtractFields[] = {
    {"YEAR", ast::ExtractField::kYear},
    {"QUARTER", ast::ExtractField::kQuarter},
    {"MONTH", ast::ExtractField::kMonth},
    {"WEEK", ast::ExtractField::kWeek},
    {"DAY", ast::ExtractField::kDay},
    {"DAY_OF_MONTH", ast::ExtractField::kDayOfMonth},
    {"DAY_OF_WEEK", ast::ExtractField::kDayOfWeek},
    {"DOW", ast::ExtractField::kDow},
    {"DAY_OF_YEAR", ast::ExtractField::kDayOfYear},
    {"DOY", ast::ExtractField::kDoy},
    {"YEAR_OF_WEEK", ast::ExtractField::kYearOfWeek},
    {"YOW", ast::ExtractField::kYow},
    {"HOUR", ast::ExtractField::kHour},
    {"MINUTE", ast::ExtractField::kMinute},
    {"SECOND", ast::ExtractField::kSecond},
    {"TIMEZONE_MINUTE", ast::ExtractField::kTimezoneMinute},
    {"TIMEZONE_HOUR", ast::ExtractField::kTimezoneHour},
};

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// Functions that Trino evaluates itself, and how many arguments they take.
struct SpecialFunction {
  std::string_view name;
  std::optional<ast::SpecialForm::Kind> kind;
  size_t min_arguments;
  size_t max_arguments;
  std::string_view wrong_count;
};
constexpr size_t kMany = static_cast<size_t>(-1);
constexpr SpecialFunction kSpecialFunctions[] = {
    {"if", ast::SpecialForm::Kind::kIf, 2, 3, "Invalid number of arguments for 'if' function"},
    {"nullif", ast::SpecialForm::Kind::kNullIf, 2, 2, "Invalid number of arguments for 'nullif' function"},
    {"coalesce", ast::SpecialForm::Kind::kCoalesce, 2, kMany,
     "The 'coalesce' function must have at least two arguments"},
    {"try", ast::SpecialForm::Kind::kTry, 1, 1, "The 'try' function must have exactly one argument"},
    {"format", std::nullopt, 2, kMany, "The 'format' function must have at least two arguments"},
};

}  // namespace

ast::FunctionCall CallOf(std::string name, ErrorLocation location, ast::ExpressionList arguments) {
  ast::FunctionCall call;
  call.name.parts.push_back({std::move(name), false, location});
  call.name.location = location;
  call.arguments = std::move(arguments);
  return call;
}

ast::Expression::Node Parser::Call(ErrorLocation location) {
  const bool star_before = std::exchange(star_allowed_, false);
  ast::FunctionCall call;
  const bool mode =
      (Here().type == K_RUNNING || Here().type == K_FINAL) && Ahead(1).type != kOpen && Ahead(1).type != kDot;
  if (mode)
    call.mode = Next().type == K_RUNNING ? ast::ProcessingMode::kRunning : ast::ProcessingMode::kFinal;
  call.name = Qualified();
  Expect(kOpen);
  if (Accept(kAsterisk)) {
    call.star = true;
  } else if (IsName(Here().type) && Ahead(1).type == kDot && Ahead(2).type == kAsterisk) {
    call.star = true;
    call.star_label = Name();
    Next(), Next();
  } else if (!At(kClose)) {
    bool arguments = true;
    if (Accept(K_DISTINCT)) {
      call.distinct = true;
    } else if (At(K_ALL) && (AtExpression(), Ahead(1).type != kComma && Ahead(1).type != kClose)) {
      Next();
    } else if (At(K_ORDER)) {
      arguments = false;
    }
    if (arguments) call.arguments = Expressions();
    OrderBy(call.order_by);
  }
  Expect(kClose);
  star_allowed_ = star_before;
  call.filter = OptionalFilter();
  if (Accept({K_IGNORE, K_NULLS})) {
    call.nulls = ast::NullTreatment::kIgnore;
  } else if (Accept({K_RESPECT, K_NULLS})) {
    call.nulls = ast::NullTreatment::kRespect;
  }
  if (Here().type == K_OVER && (Ahead(1).type == kOpen || IsName(Ahead(1).type))) {
    call.window = Over();
  } else if (call.nulls != ast::NullTreatment::kUnsaid) {
    Expect(K_OVER);
    call.window = Over();
  } else {
    At(K_OVER);
  }
  return FinishCall(std::move(call), location);
}

ast::Expression::Node Parser::FinishCall(ast::FunctionCall call, ErrorLocation location) {
  if (call.name.parts.size() != 1) return call;
  for (const SpecialFunction& special : kSpecialFunctions) {
    if (!EqualsIgnoringCase(call.name.parts[0].value, special.name)) continue;
    const auto refuse = [&](std::string_view what) {
      Refuse(location, fmt::format("{} not valid for '{}' function", what, special.name));
    };
    if (call.arguments.size() < special.min_arguments || call.arguments.size() > special.max_arguments) {
      Refuse(location, special.wrong_count);
    }
    if (call.window) refuse("OVER clause");
    if (call.distinct) refuse("DISTINCT");
    if (call.nulls != ast::NullTreatment::kUnsaid) refuse("Null treatment clause");
    if (call.mode != ast::ProcessingMode::kUnsaid) refuse("Processing mode");
    if (call.filter) refuse("FILTER");
    if (!special.kind) {
      call.name.parts[0] = {std::string(special.name), false, call.name.location};
      return call;
    }
    return ast::SpecialForm{*special.kind, std::move(call.arguments)};
  }
  return call;
}

ast::ExpressionPtr Parser::OptionalFilter() {
  if (!Accept({K_FILTER, kOpen})) return nullptr;
  Expect(K_WHERE);
  ast::ExpressionPtr filter = Expression();
  Expect(kClose);
  return filter;
}

/// Whether a token of `type` stands directly between the parenthesis at `open` and its closing one.
bool Parser::SeesBefore(size_t open, TokenType type) const {
  const size_t closing = ClosingOf(open);
  // Without an end the function is recognised by how it begins.
  if (closing == 0) return true;
  for (size_t i = open + 1; i < closing; ++i) {
    if (TokenAt(i).type == type) return true;
    if (ClosingOf(i) != 0) i = ClosingOf(i);
  }
  return false;
}

ast::Expression::Node Parser::Extract(ErrorLocation location) {
  Expect({K_EXTRACT, kOpen});
  const ast::Identifier name = Name();
  Expect(K_FROM);
  ast::Extract extract{ast::ExtractField::kYear, Value()};
  Expect(kClose);
  std::string field = name.value;
  std::transform(field.begin(), field.end(), field.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const auto& [spelling, value] : kExtractFields) {
    if (field != spelling) continue;
    extract.field = value;
    return extract;
  }
  std::string valid;
  for (const auto& [spelling, value] : kExtractFields)
    valid += (valid.empty() ? "" : ", ") + std::string(spelling);
  Refuse(location, fmt::format("Invalid EXTRACT field {}, valid fields are: {}", name.value, valid));
  return extract;
}

ast::Expression::Node Parser::Trim(ErrorLocation location) {
  Expect({K_TRIM, kOpen});
  ast::Trim trim;
  const auto side = [&](TokenType type, ast::Trim::Side value) {
    const TokenType next = Ahead(1).type;
    // As a name it would be the value or the characters.
    if (!At(type) || next == kClose || next == kComma || (next == kDot)) return false;
    Next();
    trim.side = value;
    return true;
  };
  const bool said = side(K_BOTH, ast::Trim::Side::kBoth) || side(K_LEADING, ast::Trim::Side::kLeading) ||
                    side(K_TRAILING, ast::Trim::Side::kTrailing);
  if (Accept(K_FROM)) {
    if (!said)
      Refuse(location,
             "The 'trim' function must have specification, char or both arguments when it takes FROM");
    trim.value = Value();
    Expect(kClose);
    return trim;
  }
  if (!AtExpression()) Fail();
  trim.value = Value();
  if (Accept(K_FROM)) {
    trim.characters = std::exchange(trim.value, nullptr);
    trim.value = Value();
  } else if (said) {
    Fail();
  } else if (Accept(kComma)) {
    trim.characters = Value();
  }
  Expect(kClose);
  return trim;
}

ast::Expression::Node Parser::Substring() {
  const ErrorLocation location = Next().location;
  Expect(kOpen);
  ast::ExpressionList arguments;
  arguments.push_back(Value());
  Expect(K_FROM);
  arguments.push_back(Value());
  if (Accept(K_FOR)) arguments.push_back(Value());
  Expect(kClose);
  return CallOf("substr", location, std::move(arguments));
}

ast::Expression::Node Parser::Position() {
  const ErrorLocation location = Next().location;
  Expect(kOpen);
  ast::ExpressionPtr part = Value();
  Expect(K_IN);
  ast::ExpressionList arguments;
  arguments.push_back(Value());
  arguments.push_back(std::move(part));
  Expect(kClose);
  return CallOf("strpos", location, std::move(arguments));
}

ast::Expression::Node Parser::Normalize() {
  const ErrorLocation location = Next().location;
  Expect(kOpen);
  ast::ExpressionList arguments;
  arguments.push_back(Value());
  std::string form = "NFC";
  if (Accept(kComma)) {
    bool known = false;
    for (const TokenType type : {K_NFC, K_NFD, K_NFKC, K_NFKD}) {
      if (known || !Accept(type)) continue;
      form = SpellingOf(type);
      known = true;
    }
    if (!known) Fail();
  }
  Expect(kClose);
  arguments.push_back(NewExpression(location, ast::StringLiteral{form}));
  return CallOf("normalize", location, std::move(arguments));
}

ast::GroupingOperation Parser::Grouping() {
  Expect({K_GROUPING, kOpen});
  ast::GroupingOperation grouping;
  if (!At(kClose)) {
    do grouping.columns.push_back(Qualified());
    while (Accept(kComma));
  }
  Expect(kClose);
  return grouping;
}

ast::Listagg Parser::Listagg() {
  Expect({K_LISTAGG, kOpen});
  ast::Listagg listagg;
  if (Accept(K_DISTINCT)) {
    listagg.distinct = true;
  } else if (At(K_ALL) && Ahead(1).type != kComma && Ahead(1).type != kClose) {
    Next();
  }
  listagg.value = Expression();
  if (Accept(kComma)) listagg.separator = String();
  if (Accept(K_ON)) {
    Expect(K_OVERFLOW);
    if (!Accept(K_ERROR)) {
      Expect(K_TRUNCATE);
      listagg.overflow = ast::Listagg::Overflow::kTruncate;
      if (AtString()) listagg.filler = String();
      listagg.with_count = Accept(K_WITH);
      if (!listagg.with_count) Expect(K_WITHOUT);
      Expect(K_COUNT);
    }
  }
  Expect(kClose);
  Expect({K_WITHIN, K_GROUP, kOpen});
  if (!At(K_ORDER)) Fail();
  OrderBy(listagg.within_group);
  Expect(kClose);
  listagg.filter = OptionalFilter();
  if (At(K_OVER) && (Ahead(1).type == kOpen || IsName(Ahead(1).type))) listagg.window = Over();
  return listagg;
}

}  // namespace planaria::sql::parser
