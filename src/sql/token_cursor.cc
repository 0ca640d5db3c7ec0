#include "sql/token_cursor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace planaria::sql {

namespace {

// Sorted, as listed in Trino 476's documentation.
constexpr std::string_view kReserved[] = {"ALTER",
                                          "AND",
                                          "AS",
                                          "AUTO",
                                          "BETWEEN",
                                          "BY",
                                          "CASE",
                                          "CAST",
                                          "CONSTRAINT",
                                          "CREATE",
                                          "CROSS",
                                          "CUBE",
                                          "CURRENT_CATALOG",
                                          "CURRENT_DATE",
                                          "CURRENT_PATH",
                                          "CURRENT_ROLE",
                                          "CURRENT_SCHEMA",
                                          "CURRENT_TIME",
                                          "CURRENT_TIMESTAMP",
                                          "CURRENT_USER",
                                          "DEALLOCATE",
                                          "DELETE",
                                          "DESCRIBE",
                                          "DISTINCT",
                                          "DROP",
                                          "ELSE",
                                          "END",
                                          "ESCAPE",
                                          "EXCEPT",
                                          "EXISTS",
                                          "EXTRACT",
                                          "FALSE",
                                          "FOR",
                                          "FROM",
                                          "FULL",
                                          "GROUP",
                                          "GROUPING",
                                          "HAVING",
                                          "IN",
                                          "INNER",
                                          "INSERT",
                                          "INTERSECT",
                                          "INTO",
                                          "IS",
                                          "JOIN",
                                          "JSON_ARRAY",
                                          "JSON_EXISTS",
                                          "JSON_OBJECT",
                                          "JSON_QUERY",
                                          "JSON_TABLE",
                                          "JSON_VALUE",
                                          "LEFT",
                                          "LIKE",
                                          "LISTAGG",
                                          "LOCALTIME",
                                          "LOCALTIMESTAMP",
                                          "NATURAL",
                                          "NORMALIZE",
                                          "NOT",
                                          "NULL",
                                          "ON",
                                          "OR",
                                          "ORDER",
                                          "OUTER",
                                          "PREPARE",
                                          "RECURSIVE",
                                          "RIGHT",
                                          "ROLLUP",
                                          "SELECT",
                                          "SKIP",
                                          "TABLE",
                                          "THEN",
                                          "TRIM",
                                          "TRUE",
                                          "UESCAPE",
                                          "UNION",
                                          "UNNEST",
                                          "USING",
                                          "VALUES",
                                          "WHEN",
                                          "WHERE",
                                          "WITH"};

bool IsReserved(const Token& token) {
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](auto word) { return token.IsWord(word); });
}

}  // namespace

TokenCursor::TokenCursor(std::string_view sql) : sql_(sql), tokens_(Tokenize(sql)) {
  if (tokens_.size() >= 2 && tokens_[tokens_.size() - 2].IsSymbol(";")) tokens_.erase(tokens_.end() - 2);
}

Token TokenCursor::Next() {
  const Token token = Peek();
  if (pos_ + 1 < tokens_.size()) ++pos_;
  return token;
}

bool TokenCursor::AcceptWord(std::string_view upper) {
  if (!Peek().IsWord(upper)) return false;
  Next();
  return true;
}

bool TokenCursor::AcceptSymbol(std::string_view symbol) {
  if (!Peek().IsSymbol(symbol)) return false;
  Next();
  return true;
}

void TokenCursor::ExpectWord(std::string_view upper) {
  if (!AcceptWord(upper)) Mismatch({fmt::format("'{}'", upper)});
}

void TokenCursor::ExpectSymbol(std::string_view symbol) {
  if (!AcceptSymbol(symbol)) Mismatch({fmt::format("'{}'", symbol)});
}

void TokenCursor::ExpectEnd() {
  if (!AtEnd()) Mismatch({"<EOF>"});
}

void TokenCursor::Mismatch(std::initializer_list<std::string_view> expecting) const {
  const Token& token = Peek();
  const std::string_view found = token.kind == TokenKind::kEnd ? "<EOF>" : token.text;
  ThrowAt(errors::SYNTAX_ERROR, Here(),
          fmt::format("mismatched input '{}'. Expecting: {}", found, fmt::join(expecting, ", ")));
}

std::string TokenCursor::Name() {
  const Token& token = Peek();
  if (token.kind == TokenKind::kQuotedName) {
    std::string name = Unquote(Next());
    if (name.empty())
      ThrowAt(errors::SYNTAX_ERROR, LocationOf(sql_, token.offset),
              "Zero-length delimited identifier not allowed");
    return name;
  }
  if (token.kind != TokenKind::kWord || IsReserved(token)) Mismatch({"<identifier>"});
  return std::string(Next().text);
}

QualifiedName TokenCursor::Qualified(size_t max_parts) {
  QualifiedName name;
  name.location = Here();
  do {
    if (name.parts.size() == max_parts) {
      ThrowAt(errors::SYNTAX_ERROR, name.location, fmt::format("Too many dots in '{}.'", name.ToString()));
    }
    name.parts.push_back(LowerCase(Name()));
  } while (AcceptSymbol("."));
  return name;
}

Literal TokenCursor::Value() {
  Literal literal;
  literal.location = Here();
  if (AcceptWord("NULL")) return literal;
  if (Peek().IsWord("TRUE") || Peek().IsWord("FALSE")) {
    literal.kind = LiteralKind::kBoolean;
    literal.text = LowerCase(Next().text);
    return literal;
  }
  if (Peek().kind == TokenKind::kString) {
    literal.kind = LiteralKind::kString;
    literal.text = Unquote(Next());
    return literal;
  }
  static constexpr std::string_view kNumberTypes[] = {"TINYINT", "SMALLINT", "INTEGER", "INT",
                                                      "BIGINT",  "REAL",     "DOUBLE",  "DECIMAL"};
  literal.kind = LiteralKind::kNumber;
  for (const std::string_view type : kNumberTypes) {
    if (!Peek().IsWord(type)) continue;
    Next();
    literal.text = String();
    return literal;
  }
  const bool negative = AcceptSymbol("-");
  if (Peek().kind != TokenKind::kNumber) Mismatch({"<string>", "<number>", "'TRUE'", "'FALSE'", "'NULL'"});
  literal.text = fmt::format("{}{}", negative ? "-" : "", Next().text);
  return literal;
}

std::string TokenCursor::String() {
  if (Peek().kind != TokenKind::kString) Mismatch({"<string>"});
  return Unquote(Next());
}

std::optional<LikePattern> TokenCursor::Like() {
  if (!AcceptWord("LIKE")) return std::nullopt;
  LikePattern like{String(), std::nullopt};
  if (AcceptWord("ESCAPE")) {
    const ErrorLocation location = Here();
    like.escape = String();
    const auto characters = LocationOf(*like.escape, like.escape->size()).column - 1;
    if (characters != 1) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location, "Escape string must be a single character");
    }
  }
  return like;
}

std::vector<std::string> TokenCursor::ValueTexts() {
  std::vector<std::string> texts;
  std::vector<std::string_view> closers;
  size_t start = pos_;
  while (true) {
    const Token& token = Peek();
    const bool separator = token.IsSymbol(",") && closers.empty();
    if (AtEnd() || separator) {
      if (!closers.empty()) Mismatch({fmt::format("'{}'", closers.back())});
      if (pos_ == start) Mismatch({"<expression>"});
      const size_t begin = tokens_[start].offset;
      texts.emplace_back(sql_.substr(begin, tokens_[pos_ - 1].end() - begin));
      if (AtEnd()) return texts;
      Next();
      start = pos_;
      continue;
    }
    if (token.IsSymbol("(")) closers.push_back(")");
    if (token.IsSymbol("[")) closers.push_back("]");
    if (token.IsSymbol(")") || token.IsSymbol("]")) {
      if (closers.empty() || closers.back() != token.text) Mismatch({"','", "<EOF>"});
      closers.pop_back();
    }
    if (token.kind == TokenKind::kParameter || token.IsSymbol(";")) Mismatch({"<expression>"});
    Next();
  }
}

std::string_view TokenCursor::Rest() {
  if (AtEnd()) return {};
  const size_t begin = Peek().offset;
  const size_t end = tokens_[tokens_.size() - 2].end();
  pos_ = tokens_.size() - 1;
  return sql_.substr(begin, end - begin);
}

}  // namespace planaria::sql
