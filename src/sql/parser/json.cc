// The SQL/JSON functions.
#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

ast::JsonFormat Parser::JsonFormat() {
  Expect(K_JSON);
  if (!Accept(K_ENCODING)) return ast::JsonFormat::kJson;
  if (Accept(K_UTF8)) return ast::JsonFormat::kUtf8;
  if (Accept(K_UTF16)) return ast::JsonFormat::kUtf16;
  Expect(K_UTF32);
  return ast::JsonFormat::kUtf32;
}

std::optional<ast::JsonFormat> Parser::OptionalJsonFormat() {
  if (!Accept(K_FORMAT)) return std::nullopt;
  return JsonFormat();
}

ast::JsonValueExpression Parser::JsonInput() {
  ast::JsonValueExpression input{Expression(), std::nullopt};
  input.format = OptionalJsonFormat();
  return input;
}

ast::JsonPathInvocation Parser::JsonPath() {
  ast::JsonPathInvocation path;
  path.location = Location();
  path.input = JsonInput();
  // What is no JSON value yet is read as JSON text.
  if (!path.input.format) path.input.format = ast::JsonFormat::kJson;
  Expect(kComma);
  path.path_location = Location();
  path.path = String();
  if (Accept(K_AS)) path.path_name = Name();
  if (!Accept(K_PASSING)) return path;
  do {
    ast::JsonPassing passing{JsonInput(), {}};
    Expect(K_AS);
    passing.name = Name();
    path.passing.push_back(std::move(passing));
  } while (Accept(kComma));
  return path;
}

ast::JsonExists Parser::JsonExists() {
  Next();
  Expect(kOpen);
  ast::JsonExists exists{JsonPath(), ast::JsonExists::OnError::kFalse};
  using OnError = ast::JsonExists::OnError;
  std::optional<OnError> on_error;
  if (Accept(K_TRUE)) {
    on_error = OnError::kTrue;
  } else if (Accept(K_FALSE)) {
    on_error = OnError::kFalse;
  } else if (Accept(K_UNKNOWN)) {
    on_error = OnError::kUnknown;
  } else if (Accept(K_ERROR)) {
    on_error = OnError::kError;
  }
  if (on_error) {
    Expect({K_ON, K_ERROR});
    exists.on_error = *on_error;
  }
  Expect(kClose);
  return exists;
}

std::optional<ast::JsonValueBehavior> Parser::OptionalValueBehavior() {
  using Kind = ast::JsonValueBehavior::Kind;
  if (Accept(K_NULL)) return ast::JsonValueBehavior{Kind::kNull, nullptr};
  if (Accept(K_ERROR)) return ast::JsonValueBehavior{Kind::kError, nullptr};
  if (Accept(K_DEFAULT)) return ast::JsonValueBehavior{Kind::kDefault, Expression()};
  return std::nullopt;
}

ast::JsonValue Parser::JsonValue() {
  Next();
  Expect(kOpen);
  ast::JsonValue value{JsonPath(), nullptr, {}, {}};
  if (Accept(K_RETURNING)) value.returning = Type();
  auto behavior = OptionalValueBehavior();
  if (behavior) {
    Expect(K_ON);
    if (Accept(K_EMPTY)) {
      value.on_empty = std::move(*behavior);
      behavior = OptionalValueBehavior();
      if (behavior) Expect(K_ON);
    }
    if (behavior) {
      Expect(K_ERROR);
      value.on_error = std::move(*behavior);
    }
  }
  Expect(kClose);
  return value;
}

std::optional<ast::JsonQueryBehavior> Parser::OptionalQueryBehavior() {
  if (Accept(K_NULL)) return ast::JsonQueryBehavior::kNull;
  if (Accept(K_ERROR)) return ast::JsonQueryBehavior::kError;
  if (!Accept(K_EMPTY)) return std::nullopt;
  if (Accept(K_ARRAY)) return ast::JsonQueryBehavior::kEmptyArray;
  Expect(K_OBJECT);
  return ast::JsonQueryBehavior::kEmptyObject;
}

std::optional<ast::JsonWrapper> Parser::OptionalWrapper() {
  std::optional<ast::JsonWrapper> wrapper;
  if (Accept(K_WITHOUT)) {
    wrapper = ast::JsonWrapper::kWithout;
  } else if (Accept(K_WITH)) {
    wrapper = ast::JsonWrapper::kUnconditional;
    if (Accept(K_CONDITIONAL)) {
      wrapper = ast::JsonWrapper::kConditional;
    } else {
      Accept(K_UNCONDITIONAL);
    }
  } else {
    return std::nullopt;
  }
  Accept(K_ARRAY);
  Expect(K_WRAPPER);
  return wrapper;
}

ast::JsonQuotes Parser::OptionalQuotes() {
  ast::JsonQuotes quotes = ast::JsonQuotes::kUnsaid;
  if (Accept(K_KEEP)) {
    quotes = ast::JsonQuotes::kKeep;
  } else if (Accept(K_OMIT)) {
    quotes = ast::JsonQuotes::kOmit;
  } else {
    return quotes;
  }
  Expect(K_QUOTES);
  if (Accept(K_ON)) Expect({K_SCALAR, K_STRING});
  return quotes;
}

std::optional<ast::JsonReturning> Parser::OptionalJsonReturning() {
  if (!Accept(K_RETURNING)) return std::nullopt;
  ast::JsonReturning returning{Type(), std::nullopt};
  returning.format = OptionalJsonFormat();
  return returning;
}

ast::JsonQuery Parser::JsonQuery() {
  Next();
  Expect(kOpen);
  ast::JsonQuery query;
  query.path = JsonPath();
  query.returning = OptionalJsonReturning();
  if (const auto wrapper = OptionalWrapper()) query.wrapper = *wrapper;
  query.quotes = OptionalQuotes();
  auto behavior = OptionalQueryBehavior();
  if (behavior) {
    Expect(K_ON);
    if (Accept(K_EMPTY)) {
      query.on_empty = *behavior;
      behavior = OptionalQueryBehavior();
      if (behavior) Expect(K_ON);
    }
    if (behavior) {
      Expect(K_ERROR);
      query.on_error = *behavior;
    }
  }
  Expect(kClose);
  return query;
}

ast::JsonObject Parser::JsonObject() {
  Next();
  Expect(kOpen);
  ast::JsonObject object;
  const bool empty =
      Here().type == kClose || Sees({K_RETURNING}) || Sees({K_NULL, K_ON}) || Sees({K_ABSENT, K_ON});
  if (!empty) {
    do {
      ast::JsonMember member;
      // KEY may be a name.
      const TokenType next = Ahead(1).type;
      const bool sign = next == kPlus || next == kMinus || next == kOpenBracket;
      if (Here().type == K_KEY && StartsExpression(next) && next != K_VALUE && !sign) Next();
      member.key = Expression();
      if (!Accept(kColon)) Expect(K_VALUE);
      member.value = JsonInput();
      object.members.push_back(std::move(member));
    } while (Accept(kComma));
  }
  if (Accept(K_NULL)) {
    Expect({K_ON, K_NULL});
  } else if (Accept(K_ABSENT)) {
    Expect({K_ON, K_NULL});
    object.null_on_null = false;
  }
  const bool with = Accept(K_WITH);
  if (with || Accept(K_WITHOUT)) {
    Expect(K_UNIQUE);
    Accept(K_KEYS);
    object.unique_keys = with;
  }
  object.returning = OptionalJsonReturning();
  Expect(kClose);
  return object;
}

ast::JsonArray Parser::JsonArray() {
  Next();
  Expect(kOpen);
  ast::JsonArray array;
  if (!At(kClose) && !At(K_RETURNING)) {
    do array.elements.push_back(JsonInput());
    while (Accept(kComma));
    if (Accept(K_NULL)) {
      Expect({K_ON, K_NULL});
      array.null_on_null = true;
    } else if (Accept(K_ABSENT)) {
      Expect({K_ON, K_NULL});
    }
  }
  array.returning = OptionalJsonReturning();
  Expect(kClose);
  return array;
}

}  // namespace planaria::sql::parser
