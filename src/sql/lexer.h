// Splits SQL text into tokens: comments, quoted names and strings are understood, nothing else is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/error_at.h"

namespace planaria::sql {

enum class TokenKind : uint8_t {
  kWord,        // name or keyword, as written
  kQuotedName,  // "name"
  kString,      // 'text'
  kBinary,      // X'6869'
  kUnicode,     // U&'\2603'
  kNumber,      // 1, 1.5, 1e0, 0x1F, 1_000
  kParameter,   // ?
  kSymbol,      // operators and punctuation
  kEnd,         // after the last one; empty text
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  /// As written, quotes included; points into the text that was split.
  std::string_view text;
  size_t offset = 0;

  size_t end() const { return offset + text.size(); }
  bool IsSymbol(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
  /// An unquoted word; `upper` is written in capitals.
  bool IsWord(std::string_view upper) const;
};

/// All tokens and a final kEnd. `sql` must outlive them. Throws TrinoException(SYNTAX_ERROR) with a location
/// for strings, quoted names and comments that do not end, and for names that Trino does not allow.
std::vector<Token> Tokenize(std::string_view sql);

/// The text of a kString or kQuotedName without quotes, doubled quotes made single.
std::string Unquote(const Token& token);
/// `'it''s'`
std::string QuoteString(std::string_view text);

/// ASCII only, as Trino's names.
std::string LowerCase(std::string_view text);

/// Line and column of a byte, both from 1; columns count characters.
ErrorLocation LocationOf(std::string_view sql, size_t offset);

}  // namespace planaria::sql
