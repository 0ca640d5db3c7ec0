#include "sql/parser/token_stream.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/error_at.h"
#include "sql/parser/string_text.h"

namespace planaria::sql::parser {

namespace {

/// Bounds the stack that parsing, formatting and freeing a statement take.
constexpr int kMaxNesting = 1000;

std::string Quoted(TokenType type) {
  switch (type) {
    case TokenType::kEnd:
      return "<EOF>";
    case TokenType::kInteger:
      return "<integer>";
    case TokenType::kDollarString:
      return "DOLLAR_STRING";
    default:
      return fmt::format("'{}'", SpellingOf(type));
  }
}

}  // namespace

TokenStream::TokenStream(const std::vector<Token>& tokens, bool take_notes)
    : tokens_(tokens), closing_(tokens.size()), take_notes_(take_notes) {
  std::vector<uint32_t> open;
  for (uint32_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].type == TokenType::kOpen) open.push_back(i);
    if (tokens[i].type == TokenType::kClose && !open.empty()) {
      closing_[open.back()] = i;
      open.pop_back();
    }
  }
}

void TokenStream::ThrowMismatch() const {
  const Token& token = tokens_[noted_at_];
  const std::string_view found = token.type == TokenType::kEnd ? "<EOF>" : token.text;
  ThrowAt(errors::SYNTAX_ERROR, token.location,
          fmt::format("mismatched input '{}'. Expecting: {}", found, fmt::join(expected_, ", ")));
}

void TokenStream::ThrowRefusal() const {
  if (refusal_) throw TrinoException(*refusal_);
}

void TokenStream::Refuse(ErrorLocation location, std::string_view message) {
  if (refusal_) return;
  refusal_ = Error{errors::SYNTAX_ERROR,
                   fmt::format("line {}:{}: {}", location.line, location.column, message),
                   location,
                   {}};
}

void TokenStream::ReturnTo(size_t position) {
  pos_ = position;
  noted_at_ = position;
  expected_.clear();
}

void TokenStream::Note(std::string_view expected) {
  if (!take_notes_) return;
  if (noted_at_ != pos_) expected_.clear();
  noted_at_ = pos_;
  expected_.emplace(expected);
}

void TokenStream::Fail(std::string_view expected) {
  Note(expected);
  Fail();
}

void TokenStream::Note(TokenType expected) { Note(Quoted(expected)); }

void TokenStream::Expect(TokenType type) {
  if (!At(type)) Fail();
  Next();
}

bool TokenStream::Sees(std::initializer_list<TokenType> types) const {
  size_t ahead = 0;
  return std::all_of(types.begin(), types.end(), [&](TokenType type) { return Ahead(ahead++).type == type; });
}

bool TokenStream::Accept(std::initializer_list<TokenType> types) {
  if (!Sees(types)) {
    At(*types.begin());
    return false;
  }
  for (size_t i = 0; i < types.size(); ++i) Next();
  return true;
}

void TokenStream::Expect(std::initializer_list<TokenType> types) {
  for (const TokenType type : types) Expect(type);
}

bool TokenStream::IsName(TokenType type) { return type <= TokenType::kDigitName && !IsReserved(type); }

bool TokenStream::AtName() {
  if (IsName(Here().type)) return true;
  Note("<identifier>");
  return false;
}

ast::Identifier TokenStream::Name() {
  if (!AtName()) Fail();
  const Token& token = Next();
  switch (token.type) {
    case TokenType::kQuotedName: {
      ast::Identifier name{Unquoted(token.text), true, token.location};
      if (name.value.empty())
        ThrowAt(errors::SYNTAX_ERROR, token.location, "Zero-length delimited identifier not allowed");
      return name;
    }
    case TokenType::kBackquotedName:
      ThrowAt(errors::SYNTAX_ERROR, token.location,
              "backquoted identifiers are not supported; use double quotes to quote identifiers");
    case TokenType::kDigitName:
      ThrowAt(errors::SYNTAX_ERROR, token.location,
              "identifiers must not start with a digit; surround the identifier with double quotes");
    default:
      return {std::string(token.text), false, token.location};
  }
}

ast::QualifiedName TokenStream::Qualified() {
  ast::QualifiedName name;
  name.location = Location();
  do name.parts.push_back(Name());
  while (Accept(TokenType::kDot));
  return name;
}

bool TokenStream::AtString() {
  if (IsString(Here().type)) return true;
  Note("<string>");
  return false;
}

std::string TokenStream::String() {
  if (!AtString()) Fail();
  const Token& token = Next();
  if (token.type == TokenType::kString) return Unquoted(token.text);
  std::string escape = "\\";
  if (Accept(TokenType::K_UESCAPE)) {
    if (!At(TokenType::kString)) Fail("<string>");
    escape = Unquoted(Next().text);
  }
  const DecodedText decoded = DecodeUnicode(Unquoted(token.text.substr(2)), escape);
  if (!decoded.refusal.empty()) Refuse(token.location, decoded.refusal);
  return decoded.text;
}

std::string TokenStream::Integer() {
  if (!At(TokenType::kInteger)) Fail();
  return std::string(Next().text);
}

TokenStream::Level::Level(TokenStream& stream) : stream_(stream), height_before_(stream.height_) {
  stream_.height_ = 0;
  ++stream_.depth_;
  Check();
}

TokenStream::Level::~Level() {
  --stream_.depth_;
  stream_.height_ = std::max(height_before_, stream_.height_ + 1);
}

void TokenStream::Level::Grow() {
  ++stream_.height_;
  Check();
}

void TokenStream::Level::Check() const {
  if (stream_.depth_ + stream_.height_ <= kMaxNesting) return;
  ThrowAt(errors::SYNTAX_ERROR, {1, 1}, "statement is too large (stack overflow while parsing)");
}

}  // namespace planaria::sql::parser
