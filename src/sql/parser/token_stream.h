// Walks the tokens of a statement and knows what it looked for in vain.
//
// A statement is parsed without taking notes. When that fails it is parsed again with notes on: each token
// kind that was asked for where the parser stood when it failed is what the message lists after "Expecting:".
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/ast/identifier.h"
#include "sql/parser/token.h"

namespace planaria::sql::parser {

/// Thrown where a token does not fit; becomes a SYNTAX_ERROR that says what would have.
struct Mismatch {};

class TokenStream {
 public:
  /// `tokens` end in kEnd and must outlive the stream.
  TokenStream(const std::vector<Token>& tokens, bool take_notes);

  /// What Mismatch means, when notes were taken.
  [[noreturn]] void ThrowMismatch() const;
  /// The first thing that the grammar allows and Trino refuses all the same; thrown when the rest parses.
  void ThrowRefusal() const;

 protected:
  const Token& Here() const { return tokens_[pos_]; }
  const Token& Ahead(size_t tokens) const { return tokens_[std::min(pos_ + tokens, tokens_.size() - 1)]; }
  ErrorLocation Location() const { return Here().location; }
  const Token& Next() {
    const Token& token = tokens_[pos_];
    if (pos_ + 1 < tokens_.size()) ++pos_;
    return token;
  }

  /// Whether the token here is of this kind. Notes the kind when not.
  bool At(TokenType type) {
    if (Here().type == type) return true;
    if (take_notes_) Note(type);
    return false;
  }
  bool Accept(TokenType type) {
    if (!At(type)) return false;
    Next();
    return true;
  }
  void Expect(TokenType type);
  /// The same for several tokens, one after the other; Accept takes all or none and notes the first only.
  bool Accept(std::initializer_list<TokenType> types);
  void Expect(std::initializer_list<TokenType> types);
  /// Whether tokens of these kinds stand here. Notes nothing.
  bool Sees(std::initializer_list<TokenType> types) const;

  /// Notes what has no token kind of its own: `<expression>`.
  void Note(std::string_view expected);
  void Note(TokenType expected);
  [[noreturn]] void Fail() const { throw Mismatch(); }
  [[noreturn]] void Fail(std::string_view expected);

  static bool IsName(TokenType type);
  bool AtName();
  ast::Identifier Name();
  ast::QualifiedName Qualified();

  /// 'text' or U&'text' [UESCAPE 'c'], decoded.
  static bool IsString(TokenType type) {
    return type == TokenType::kString || type == TokenType::kUnicodeString;
  }
  bool AtString();
  std::string String();
  /// Digits as written.
  std::string Integer();

  /// The index of the `)` that closes the `(` at `index`; 0 when none does.
  size_t ClosingOf(size_t index) const { return closing_[index]; }
  size_t position() const { return pos_; }
  const Token& TokenAt(size_t index) const { return tokens_[std::min(index, tokens_.size() - 1)]; }

  /// Remembers the first of these that is not thrown at once.
  void Refuse(ErrorLocation location, std::string_view message);

  bool taking_notes() const { return take_notes_; }
  /// Forgets what was noted and stands at `position` again.
  void ReturnTo(size_t position);

  /// Counts how deeply what is being parsed nests, downwards and upwards: lives as long as one level is
  /// parsed.
  class Level {
   public:
    explicit Level(TokenStream& stream);
    ~Level();
    /// What has been parsed in this level became the left part of something larger.
    void Grow();

   private:
    void Check() const;
    TokenStream& stream_;
    int height_before_;
  };

 private:
  const std::vector<Token>& tokens_;
  std::vector<uint32_t> closing_;
  size_t pos_ = 0;
  bool take_notes_;
  size_t noted_at_ = 0;
  std::set<std::string> expected_;
  std::optional<Error> refusal_;
  int depth_ = 0;
  /// Of the highest tree that was finished in the current level.
  int height_ = 0;
};

}  // namespace planaria::sql::parser
