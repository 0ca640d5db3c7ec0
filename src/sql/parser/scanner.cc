#include "sql/parser/scanner.h"

#include <array>
#include <cstring>

namespace planaria::sql::parser {

namespace {

constexpr std::string_view kKeywords[] = {
#define PLANARIA_KEYWORD(WORD, RESERVED) #WORD,
#include "sql/parser/keywords.inc"
#undef PLANARIA_KEYWORD
};

constexpr bool kReserved[] = {
#define PLANARIA_KEYWORD(WORD, RESERVED) RESERVED,
#include "sql/parser/keywords.inc"
#undef PLANARIA_KEYWORD
};

constexpr size_t kLongestKeyword = 17;  // CURRENT_TIMESTAMP

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool IsNameStart(char c) { return IsLetter(c) || c == '_'; }

/// By character: most of a statement is names.
constexpr auto kNameParts = [] {
  std::array<bool, 256> parts{};
  for (int c = 0; c < 128; ++c) {
    const char character = static_cast<char>(c);
    parts[c] = IsNameStart(character) || IsDigit(character);
  }
  return parts;
}();
constexpr bool IsNamePart(char c) { return kNameParts[static_cast<unsigned char>(c)]; }
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
constexpr char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Of a word in any case: its length and three of its characters tell nearly all keywords apart.
constexpr uint32_t Hash(std::string_view word) {
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(Upper(word[i]))); };
  const uint32_t packed = at(0) | at(word.size() / 2) << 8 | at(word.size() - 1) << 16;
  const uint32_t hash = (packed ^ static_cast<uint32_t>(word.size()) << 24) * 0x9E3779B1u;
  return hash >> 20;
}

/// Open addressing over all keywords.
class KeywordTable {
 public:
  KeywordTable() {
    slots_.fill(-1);
    for (int i = 0; i < kKeywordCount; ++i) {
      size_t slot = Hash(kKeywords[i]) % kSlots;
      while (slots_[slot] >= 0) slot = (slot + 1) % kSlots;
      slots_[slot] = static_cast<int16_t>(i);
    }
  }

  TokenType Find(std::string_view word) const {
    if (word.empty() || word.size() > kLongestKeyword) return TokenType::kIdentifier;
    for (size_t slot = Hash(word) % kSlots; slots_[slot] >= 0; slot = (slot + 1) % kSlots) {
      if (IsInUpperCase(word, kKeywords[slots_[slot]])) return static_cast<TokenType>(slots_[slot]);
    }
    return TokenType::kIdentifier;
  }

 private:
  static bool IsInUpperCase(std::string_view word, std::string_view keyword) {
    if (word.size() != keyword.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      if (Upper(word[i]) != keyword[i]) return false;
    }
    return true;
  }

  static constexpr size_t kSlots = 4096;
  std::array<int16_t, kSlots> slots_;
};

const KeywordTable& Keywords() {
  static const KeywordTable table;
  return table;
}

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  std::vector<Token> Run() {
    tokens_.reserve(sql_.size() / 4 + 2);
    while (true) {
      SkipBlanks();
      if (pos_ >= sql_.size()) break;
      const TokenType type = Take();
      tokens_.push_back({type, sql_.substr(pos_, end_ - pos_), pos_, location_});
      if (MayHoldAnything(type)) {
        AdvanceTo(end_);
      } else {
        location_.column += static_cast<int32_t>(end_ - pos_);
        pos_ = end_;
      }
    }
    tokens_.push_back({TokenType::kEnd, sql_.substr(sql_.size()), sql_.size(), location_});
    return std::move(tokens_);
  }

 private:
  char At(size_t pos) const { return pos < sql_.size() ? sql_[pos] : '\0'; }

  /// Line ends, and characters of several bytes; the other kinds are of ASCII and in one line.
  static bool MayHoldAnything(TokenType type) {
    using enum TokenType;
    return type == kQuotedName || type == kBackquotedName || type == kUnrecognized ||
           (type >= kString && type <= kDollarString);
  }

  void AdvanceTo(size_t end) {
    for (; pos_ < end; ++pos_) {
      if (sql_[pos_] == '\n') {
        ++location_.line;
        location_.column = 1;
      } else if (!IsContinuation(sql_[pos_])) {
        ++location_.column;
      }
    }
  }

  /// Blanks and comments. A block comment that does not end is no comment.
  void SkipBlanks() {
    while (pos_ < sql_.size()) {
      if (sql_[pos_] == '\n') {
        ++pos_;
        ++location_.line;
        location_.column = 1;
      } else if (IsBlank(sql_[pos_])) {
        ++pos_;
        ++location_.column;
      } else if (sql_[pos_] == '-' && At(pos_ + 1) == '-') {
        const size_t end = sql_.find_first_of("\r\n", pos_);
        AdvanceTo(end == std::string_view::npos ? sql_.size() : end);
      } else if (sql_[pos_] == '/' && At(pos_ + 1) == '*') {
        const size_t end = sql_.find("*/", pos_ + 2);
        if (end == std::string_view::npos) return;
        AdvanceTo(end + 2);
      } else {
        return;
      }
    }
  }

  TokenType Ends(size_t end, TokenType type) {
    end_ = end;
    return type;
  }

  /// The end of text in `quote`s from the opening one at `begin`, doubled ones belonging to it; 0 when it
  /// does not end.
  size_t QuotedEnd(size_t begin, char quote) const {
    for (size_t pos = begin + 1; pos < sql_.size(); ++pos) {
      if (sql_[pos] != quote) continue;
      if (At(pos + 1) != quote) return pos + 1;
      ++pos;
    }
    return 0;
  }

  TokenType Quoted(size_t begin, char quote, TokenType type) {
    const size_t end = QuotedEnd(begin, quote);
    return end == 0 ? Ends(pos_ + 1, TokenType::kUnrecognized) : Ends(end, type);
  }

  TokenType Take() {
    const char c = sql_[pos_];
    if ((c == 'X' || c == 'x') && At(pos_ + 1) == '\'' && QuotedEnd(pos_ + 1, '\'') != 0) {
      // Doubled quotes do not belong to it: X'65''66' is two tokens.
      return Ends(sql_.find('\'', pos_ + 2) + 1, TokenType::kBinary);
    }
    if ((c == 'U' || c == 'u') && At(pos_ + 1) == '&' && At(pos_ + 2) == '\'' &&
        QuotedEnd(pos_ + 2, '\'') != 0) {
      return Ends(QuotedEnd(pos_ + 2, '\''), TokenType::kUnicodeString);
    }
    if (IsNameStart(c)) {
      size_t end = pos_ + 1;
      while (end < sql_.size() && IsNamePart(sql_[end])) ++end;
      return Ends(end, Keywords().Find(sql_.substr(pos_, end - pos_)));
    }
    if (IsDigit(c) || (c == '.' && IsDigit(At(pos_ + 1)))) return TakeNumber();
    switch (c) {
      case '\'':
        return Quoted(pos_, c, TokenType::kString);
      case '"':
        return Quoted(pos_, c, TokenType::kQuotedName);
      case '`':
        return Quoted(pos_, c, TokenType::kBackquotedName);
      case '$':
        return TakeDollar();
      default:
        return TakeSymbol();
    }
  }

  TokenType TakeDollar() {
    if (At(pos_ + 1) == '$') {
      const size_t end = sql_.find("$$", pos_ + 2);
      if (end != std::string_view::npos) return Ends(end + 2, TokenType::kDollarString);
    }
    return Ends(pos_ + 1, TokenType::kDollar);
  }

  /// Digits with single `_` between them.
  template <typename Digit>
  size_t DigitsEnd(size_t pos, Digit is_digit) const {
    if (!is_digit(At(pos))) return pos;
    while (is_digit(At(pos)) || (At(pos) == '_' && is_digit(At(pos + 1)))) ++pos;
    return pos;
  }
  size_t DigitsEnd(size_t pos) const { return DigitsEnd(pos, IsDigit); }

  size_t RadixEnd() const {
    const auto prefixed = [&](size_t at) { return At(at) == '_' ? at + 1 : at; };
    switch (Upper(At(pos_ + 1))) {
      case 'X':
        return DigitsEnd(prefixed(pos_ + 2),
                         [](char c) { return IsDigit(c) || (Upper(c) >= 'A' && Upper(c) <= 'F'); });
      case 'O':
        return DigitsEnd(prefixed(pos_ + 2), [](char c) { return c >= '0' && c <= '7'; });
      default:
        return DigitsEnd(prefixed(pos_ + 2), [](char c) { return c == '0' || c == '1'; });
    }
  }

  /// The longest of number and word that begins with a digit.
  TokenType TakeNumber() {
    size_t name_end = pos_;
    while (IsDigit(sql_[pos_]) && name_end < sql_.size() && IsNamePart(sql_[name_end])) ++name_end;
    size_t end = DigitsEnd(pos_);
    TokenType type = TokenType::kInteger;
    const char radix = Upper(At(pos_ + 1));
    if (sql_[pos_] == '0' && (radix == 'X' || radix == 'O' || radix == 'B')) {
      const size_t radix_end = RadixEnd();
      if (IsNamePart(sql_[radix_end - 1]) && radix_end > pos_ + 2 && sql_[radix_end - 1] != '_')
        end = radix_end;
    } else if (At(end) == '.') {
      type = TokenType::kDecimal;
      end = DigitsEnd(end + 1);
    }
    if (Upper(At(end)) == 'E') {
      const size_t digits = end + (At(end + 1) == '+' || At(end + 1) == '-' ? 2 : 1);
      if (IsDigit(At(digits))) {
        type = TokenType::kDouble;
        end = digits;
        while (IsDigit(At(end))) ++end;
      }
    }
    return name_end > end ? Ends(name_end, TokenType::kDigitName) : Ends(end, type);
  }

  TokenType TakeSymbol() {
    using enum TokenType;
    const char next = At(pos_ + 1);
    const auto one = [&](TokenType type) { return Ends(pos_ + 1, type); };
    const auto two = [&](TokenType type) { return Ends(pos_ + 2, type); };
    switch (sql_[pos_]) {
      case '.':
        return one(kDot);
      case ',':
        return one(kComma);
      case '(':
        return one(kOpen);
      case ')':
        return one(kClose);
      case '[':
        return one(kOpenBracket);
      case ']':
        return one(kCloseBracket);
      case '{':
        return next == '-' ? two(kOpenExclude) : one(kOpenBrace);
      case '}':
        return one(kCloseBrace);
      case ':':
        return one(kColon);
      case ';':
        return one(kSemicolon);
      case '+':
        return one(kPlus);
      case '-':
        return next == '>' ? two(kArrow) : next == '}' ? two(kCloseExclude) : one(kMinus);
      case '*':
        return one(kAsterisk);
      case '/':
        return one(kSlash);
      case '%':
        return one(kPercent);
      case '|':
        return next == '|' ? two(kConcat) : one(kPipe);
      case '=':
        return next == '>' ? two(kDoubleArrow) : one(kEqual);
      case '<':
        return next == '>' ? two(kNotEqual) : next == '=' ? two(kLessEqual) : one(kLess);
      case '>':
        return next == '=' ? two(kGreaterEqual) : one(kGreater);
      case '!':
        return next == '=' ? two(kNotEqual) : one(kUnrecognized);
      case '?':
        return one(kParameter);
      case '^':
        return one(kCaret);
      default:
        break;
    }
    size_t end = pos_ + 1;
    while (end < sql_.size() && IsContinuation(sql_[end])) ++end;
    return Ends(end, kUnrecognized);
  }

  std::string_view sql_;
  size_t pos_ = 0;
  size_t end_ = 0;
  ErrorLocation location_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Scan(std::string_view sql) { return Scanner(sql).Run(); }

std::string_view SpellingOf(TokenType type) {
  using enum TokenType;
  if (type < kIdentifier) return kKeywords[static_cast<size_t>(type)];
  switch (type) {
    case kDot:
      return ".";
    case kComma:
      return ",";
    case kOpen:
      return "(";
    case kClose:
      return ")";
    case kOpenBracket:
      return "[";
    case kCloseBracket:
      return "]";
    case kOpenBrace:
      return "{";
    case kCloseBrace:
      return "}";
    case kOpenExclude:
      return "{-";
    case kCloseExclude:
      return "-}";
    case kColon:
      return ":";
    case kSemicolon:
      return ";";
    case kPlus:
      return "+";
    case kMinus:
      return "-";
    case kAsterisk:
      return "*";
    case kSlash:
      return "/";
    case kPercent:
      return "%";
    case kConcat:
      return "||";
    case kPipe:
      return "|";
    case kEqual:
      return "=";
    case kNotEqual:
      return "<>";
    case kLess:
      return "<";
    case kLessEqual:
      return "<=";
    case kGreater:
      return ">";
    case kGreaterEqual:
      return ">=";
    case kArrow:
      return "->";
    case kDoubleArrow:
      return "=>";
    case kParameter:
      return "?";
    case kCaret:
      return "^";
    case kDollar:
      return "$";
    default:
      return "";
  }
}

bool IsReserved(TokenType type) {
  return type < TokenType::kIdentifier && kReserved[static_cast<size_t>(type)];
}

bool IsReservedWord(std::string_view word) { return IsReserved(Keywords().Find(word)); }

}  // namespace planaria::sql::parser
