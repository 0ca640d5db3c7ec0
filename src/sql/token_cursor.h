// Walks the tokens of one statement; what does not fit becomes Trino's "mismatched input" error.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sql/lexer.h"
#include "sql/statement.h"

namespace planaria::sql {

class TokenCursor {
 public:
  /// `sql` must outlive the cursor. A final `;` is not seen.
  explicit TokenCursor(std::string_view sql);

  const Token& Peek(size_t ahead = 0) const { return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)]; }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  Token Next();

  bool AcceptWord(std::string_view upper);
  bool AcceptSymbol(std::string_view symbol);
  void ExpectWord(std::string_view upper);
  void ExpectSymbol(std::string_view symbol);
  void ExpectEnd();

  /// A name as written, quotes removed. Words that Trino reserves are refused.
  std::string Name();
  /// At most `max_parts` names with dots between, lower case.
  QualifiedName Qualified(size_t max_parts);
  Literal Value();
  std::string String();
  /// `[LIKE 'p' [ESCAPE 'e']]`
  std::optional<LikePattern> Like();
  /// SQL texts of a comma list that goes to the end; parentheses must match.
  std::vector<std::string> ValueTexts();

  /// Everything from here to the end, as written; the cursor is then at the end.
  std::string_view Rest();
  ErrorLocation Here() const { return LocationOf(sql_, Peek().offset); }
  /// Points at the current token.
  [[noreturn]] void Mismatch(std::initializer_list<std::string_view> expecting) const;

 private:
  std::string_view sql_;
  std::vector<Token> tokens_;
  size_t pos_ = 0;
};

}  // namespace planaria::sql
