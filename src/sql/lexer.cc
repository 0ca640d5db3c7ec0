#include "sql/lexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace planaria::sql {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    // The kernel's parser would take it for the end and answer half of the statement.
    if (const size_t zero = sql_.find('\0'); zero != std::string_view::npos)
      Fail(zero, "zero byte in the statement");
    while (SkipBlanks()) Take();
    tokens_.push_back({TokenKind::kEnd, {}, sql_.size()});
    return std::move(tokens_);
  }

 private:
  char At(size_t pos) const { return pos < sql_.size() ? sql_[pos] : '\0'; }

  [[noreturn]] void Fail(size_t offset, std::string_view message) const {
    ThrowAt(errors::SYNTAX_ERROR, LocationOf(sql_, offset), message);
  }

  /// False at the end of the text.
  bool SkipBlanks() {
    while (pos_ < sql_.size()) {
      if (IsSpace(sql_[pos_])) {
        ++pos_;
      } else if (sql_.substr(pos_, 2) == "--") {
        pos_ = std::min(sql_.find_first_of("\r\n", pos_), sql_.size());
      } else if (sql_.substr(pos_, 2) == "/*") {
        const size_t end = sql_.find("*/", pos_ + 2);
        if (end == std::string_view::npos) Fail(pos_, "unterminated comment, expected */");
        pos_ = end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  void Add(TokenKind kind, size_t end) {
    tokens_.push_back({kind, sql_.substr(pos_, end - pos_), pos_});
    pos_ = end;
  }

  void Take() {
    const char c = sql_[pos_];
    if (c == '\'') return Add(TokenKind::kString, QuotedEnd(pos_, '\'', "string"));
    if (c == '"') return Add(TokenKind::kQuotedName, QuotedEnd(pos_, '"', "quoted identifier"));
    if (Upper(c) == 'X' && At(pos_ + 1) == '\'') {
      return Add(TokenKind::kBinary, QuotedEnd(pos_ + 1, '\'', "binary literal"));
    }
    if (Upper(c) == 'U' && sql_.substr(pos_ + 1, 2) == "&'") {
      return Add(TokenKind::kUnicode, QuotedEnd(pos_ + 2, '\'', "string"));
    }
    if (c == '`')
      Fail(pos_, "backquoted identifiers are not supported; use double quotes to quote identifiers");
    if (IsLetter(c)) return Add(TokenKind::kWord, WordEnd(pos_));
    if (IsDigit(c) || (c == '.' && IsDigit(At(pos_ + 1)) && !AfterName())) return TakeNumber();
    if (c == '?') return Add(TokenKind::kParameter, pos_ + 1);
    TakeSymbol();
  }

  /// `a.5` is never a number, `t .5` neither: a dot after a name qualifies.
  bool AfterName() const {
    return !tokens_.empty() && tokens_.back().end() == pos_ &&
           (tokens_.back().kind == TokenKind::kWord || tokens_.back().kind == TokenKind::kQuotedName);
  }

  size_t QuotedEnd(size_t start, char quote, std::string_view what) const {
    size_t pos = start + 1;
    while (true) {
      const size_t end = sql_.find(quote, pos);
      if (end == std::string_view::npos)
        Fail(start, fmt::format("unterminated {}, expected {}", what, quote));
      if (At(end + 1) != quote) return end + 1;
      pos = end + 2;
    }
  }

  size_t WordEnd(size_t pos) const {
    while (pos < sql_.size() && (IsLetter(sql_[pos]) || IsDigit(sql_[pos]))) ++pos;
    return pos;
  }

  size_t DigitsEnd(size_t pos) const {
    while (IsDigit(At(pos)) || (At(pos) == '_' && IsDigit(At(pos + 1)))) ++pos;
    return pos;
  }

  void TakeNumber() {
    const char base = Upper(At(pos_ + 1));
    if (sql_[pos_] == '0' && (base == 'X' || base == 'O' || base == 'B'))
      return Add(TokenKind::kNumber, WordEnd(pos_));
    size_t end = DigitsEnd(pos_);
    if (At(end) == '.') end = DigitsEnd(end + 1);
    if (Upper(At(end)) == 'E') {
      const size_t sign = At(end + 1) == '+' || At(end + 1) == '-' ? 1 : 0;
      if (IsDigit(At(end + 1 + sign))) end = DigitsEnd(end + 1 + sign);
    }
    if (IsLetter(At(end))) {
      Fail(pos_, "identifiers must not start with a digit; surround the identifier with double quotes");
    }
    Add(TokenKind::kNumber, end);
  }

  void TakeSymbol() {
    static constexpr std::string_view kPairs[] = {"<>", "!=", "<=", ">=", "||", "->", "=>", "::"};
    const std::string_view pair = sql_.substr(pos_, 2);
    if (std::find(std::begin(kPairs), std::end(kPairs), pair) != std::end(kPairs)) {
      return Add(TokenKind::kSymbol, pos_ + 2);
    }
    size_t end = pos_ + 1;
    while (end < sql_.size() && (static_cast<unsigned char>(sql_[end]) & 0xC0) == 0x80) ++end;
    Add(TokenKind::kSymbol, end);
  }

  std::string_view sql_;
  size_t pos_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

bool Token::IsWord(std::string_view upper) const {
  return kind == TokenKind::kWord && std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                                                [](char a, char b) { return Upper(a) == b; });
}

std::vector<Token> Tokenize(std::string_view sql) { return Lexer(sql).Run(); }

std::string Unquote(const Token& token) {
  const char quote = token.text.front();
  std::string out;
  for (size_t i = 1; i + 1 < token.text.size(); ++i) {
    out.push_back(token.text[i]);
    if (token.text[i] == quote) ++i;
  }
  return out;
}

std::string QuoteString(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out += '\'';
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

ErrorLocation LocationOf(std::string_view sql, size_t offset) {
  ErrorLocation location;
  for (const char c : sql.substr(0, offset)) {
    if (c == '\n') {
      ++location.line;
      location.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++location.column;
    }
  }
  return location;
}

void ThrowAt(ErrorCode code, ErrorLocation location, std::string_view message) {
  throw TrinoException(
      Error{code, fmt::format("line {}:{}: {}", location.line, location.column, message), location, {}});
}

}  // namespace planaria::sql
