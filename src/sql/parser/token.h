// The tokens of Trino's SQL.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace planaria::sql::parser {

/// K_SELECT and so on for keywords, reserved or not.
enum class TokenType : uint16_t {
#define PLANARIA_KEYWORD(WORD, RESERVED) K_##WORD,
#include "sql/parser/keywords.inc"
#undef PLANARIA_KEYWORD
  kIdentifier,      // a word that is no keyword
  kQuotedName,      // "name"
  kBackquotedName,  // `name`: no name in Trino, refused where a name could be
  kDigitName,       // 1x: refused likewise
  kString,          // 'text'
  kUnicodeString,   // U&'\2603'
  kBinary,          // X'6869'
  kDollarString,    // $$ text $$
  kInteger,         // 1, 0x1F, 1_000
  kDecimal,         // 1.5
  kDouble,          // 1.5e0
  kDot,
  kComma,
  kOpen,          // (
  kClose,         // )
  kOpenBracket,   // [
  kCloseBracket,  // ]
  kOpenBrace,     // {
  kCloseBrace,    // }
  kOpenExclude,   // {-
  kCloseExclude,  // -}
  kColon,
  kSemicolon,
  kPlus,
  kMinus,
  kAsterisk,
  kSlash,
  kPercent,
  kConcat,        // ||
  kPipe,          // |
  kEqual,         // =
  kNotEqual,      // <> or !=
  kLess,          // <
  kLessEqual,     // <=
  kGreater,       // >
  kGreaterEqual,  // >=
  kArrow,         // ->
  kDoubleArrow,   // =>
  kParameter,     // ?
  kCaret,         // ^
  kDollar,        // $
  kUnrecognized,  // a character that begins nothing
  kEnd,           // after the last one; empty text
};

constexpr int kKeywordCount = static_cast<int>(TokenType::kIdentifier);

struct Token {
  TokenType type = TokenType::kEnd;
  /// As written, quotes included; points into the text that was split.
  std::string_view text;
  size_t offset = 0;
  ErrorLocation location;
};

/// `SELECT` for K_SELECT, `(` for kOpen; how the token is named in "Expecting: ...", without quotes.
std::string_view SpellingOf(TokenType type);

/// True for keywords that cannot be names unless quoted.
bool IsReserved(TokenType type);

/// The same for a word in any case.
bool IsReservedWord(std::string_view word);

}  // namespace planaria::sql::parser
