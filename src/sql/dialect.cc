#include "sql/dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "sql/lexer.h"

namespace planaria::sql {

namespace {

/// Replaces the bytes [begin, end) of the original by `text`.
struct Edit {
  size_t begin;
  size_t end;
  std::string text;
};

constexpr std::pair<std::string_view, std::string_view> kRenamed[] = {
    {"EVERY", "bool_and"}, {"TRANSFORM", "list_transform"}, {"FILTER", "list_filter"}, {"TO_UTF8", "encode"}};

// Words that DuckDB 1.5 reserves and Trino 476 does not know: they can only be names.
constexpr std::string_view kOnlyNames[] = {
    "ANALYSE",   "ANTI",         "ASOF",       "ASYMMETRIC", "BINARY",     "CHECK",        "COLLATE",
    "COLLATION", "CONCURRENTLY", "DEFERRABLE", "DO",         "FOREIGN",    "FREEZE",       "GLOB",
    "ILIKE",     "ISNULL",       "LAMBDA",     "NOTNULL",    "PIVOT",      "PIVOT_LONGER", "PIVOT_WIDER",
    "PLACING",   "POSITIONAL",   "PRIMARY",    "QUALIFY",    "REFERENCES", "RETURNING",    "SEMI",
    "SIMILAR",   "SUMMARIZE",    "SYMMETRIC",  "UNIQUE",     "UNPACK",     "UNPIVOT",      "VARIADIC"};

class Rewriter {
 public:
  explicit Rewriter(std::string_view sql) : tokens_(Tokenize(sql)), sql_(sql) { MatchBrackets(); }

  std::vector<Edit> Run() {
    for (size_t i = 0; i + 1 < tokens_.size(); ++i) RewriteAt(i);
    std::stable_sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    return std::move(edits_);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  const Token& At(size_t i) const { return tokens_[std::min(i, tokens_.size() - 1)]; }

  void MatchBrackets() {
    match_.assign(tokens_.size(), kNone);
    std::vector<size_t> open;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (At(i).IsSymbol("(") || At(i).IsSymbol("[")) open.push_back(i);
      if ((At(i).IsSymbol(")") || At(i).IsSymbol("]")) && !open.empty()) {
        match_[i] = open.back();
        match_[open.back()] = i;
        open.pop_back();
      }
    }
  }

  void Replace(size_t first, size_t last, std::string text) {
    edits_.push_back({At(first).offset, At(last).end(), std::move(text)});
  }
  void InsertBefore(size_t i, std::string text) {
    edits_.push_back({At(i).offset, At(i).offset, std::move(text)});
  }
  void InsertAfter(size_t i, std::string text) {
    edits_.push_back({At(i).end(), At(i).end(), std::move(text)});
  }

  bool IsCall(size_t i) const {
    return At(i + 1).IsSymbol("(") && match_[i + 1] != kNone && !(i > 0 && At(i - 1).IsSymbol("."));
  }

  void RewriteAt(size_t i) {
    const Token& token = At(i);
    if (token.kind == TokenKind::kBinary) return RewriteBinary(i);
    if (token.IsSymbol(")")) return RewriteAfterCall(i);
    if (token.kind != TokenKind::kWord) return;
    const bool literal = At(i + 1).kind == TokenKind::kString;
    if (token.IsWord("VALUES")) return RewriteValues(i);
    if (token.IsWord("DECIMAL")) return literal ? RewriteDecimal(i) : RewriteDecimalType(i);
    if (token.IsWord("TIMESTAMP")) return literal ? RewriteZoned(i, "TIMESTAMPTZ") : RewriteTimestampType(i);
    if (token.IsWord("ARRAY") && IsCall(i)) return RewriteArrayType(i);
    if (token.IsWord("TABLESAMPLE")) return RewriteSample(i);
    for (const std::string_view word : kOnlyNames) {
      if (token.IsWord(word)) return Replace(i, i, fmt::format("\"{}\"", token.text));
    }
    if (IsCall(i)) RewriteFunction(i);
  }

  void RewriteBinary(size_t i) {
    std::string digits;
    for (const char c : At(i).text.substr(2, At(i).text.size() - 3)) {
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
      if (!std::isxdigit(static_cast<unsigned char>(c))) {
        ThrowAt(errors::INVALID_LITERAL, LocationOf(sql_, At(i).offset),
                "Binary literal can only contain hexadecimal digits");
      }
      digits.push_back(c);
    }
    if (digits.size() % 2 != 0) {
      ThrowAt(errors::INVALID_LITERAL, LocationOf(sql_, At(i).offset),
              "Binary literal must contain an even number of digits");
    }
    std::string bytes;
    for (size_t at = 0; at < digits.size(); at += 2) bytes.append("\\x").append(digits, at, 2);
    Replace(i, i, fmt::format("CAST('{}' AS BLOB)", bytes));
  }

  /// `) IGNORE NULLS` and `) WITHIN GROUP (` belong inside the parentheses.
  void RewriteAfterCall(size_t i) {
    if (match_[i] == kNone || match_[i] == 0) return;
    const bool ignore = At(i + 1).IsWord("IGNORE");
    if ((ignore || At(i + 1).IsWord("RESPECT")) && At(i + 2).IsWord("NULLS") && At(i + 3).IsWord("OVER")) {
      if (ignore) InsertBefore(i, " IGNORE NULLS");
      return Replace(i + 1, i + 2, "");
    }
    if (At(match_[i] - 1).IsWord("LISTAGG") && At(i + 1).IsWord("WITHIN") && At(i + 2).IsWord("GROUP") &&
        At(i + 3).IsSymbol("(") && At(i + 4).IsWord("ORDER")) {
      Replace(i, i + 3, " ");
    }
  }

  /// Wraps each row that is not one parenthesised group already.
  void RewriteValues(size_t values) {
    static constexpr std::string_view kAfter[] = {"ORDER", "LIMIT",     "OFFSET", "FETCH",
                                                  "UNION", "INTERSECT", "EXCEPT"};
    size_t first = values + 1;
    for (size_t i = first;; ++i) {
      const Token& token = At(i);
      if (i > first && match_[i - 1] == kNone && At(i - 1).IsSymbol("(")) return;
      const bool ends =
          token.kind == TokenKind::kEnd || token.IsSymbol(")") ||
          std::any_of(std::begin(kAfter), std::end(kAfter), [&](auto word) { return token.IsWord(word); });
      if (ends || token.IsSymbol(",")) {
        const bool grouped = i > first && At(first).IsSymbol("(") && match_[first] == i - 1;
        if (i > first && !grouped) {
          InsertBefore(first, "(");
          InsertAfter(i - 1, ")");
        }
        if (ends) return;
        first = i + 1;
      } else if ((token.IsSymbol("(") || token.IsSymbol("[")) && match_[i] != kNone) {
        i = match_[i];
      }
    }
  }

  /// Precision and scale are those of the digits written.
  void RewriteDecimal(size_t i) {
    const std::string text = Unquote(At(i + 1));
    size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    size_t digits = 0;
    size_t scale = 0;
    bool fraction = false;
    bool valid = true;
    for (; at < text.size(); ++at) {
      if (text[at] == '.' && !fraction) {
        fraction = true;
        continue;
      }
      valid = valid && text[at] >= '0' && text[at] <= '9';
      ++digits;
      if (fraction) ++scale;
    }
    if (!valid || digits == 0 || digits > 38) {
      ThrowAt(errors::INVALID_LITERAL, LocationOf(sql_, At(i).offset),
              fmt::format("'{}' is not a valid DECIMAL literal", text));
    }
    Replace(i, i + 1, fmt::format("CAST({} AS DECIMAL({},{}))", At(i + 1).text, digits, scale));
  }

  void RewriteDecimalType(size_t i) {
    const size_t open = At(i + 1).IsSymbol(")") ? match_[i + 1] : kNone;
    if (open == kNone || open == 0 || !At(i - 1).IsWord("AS")) return;
    if (At(open - 1).IsWord("CAST") || At(open - 1).IsWord("TRY_CAST")) InsertAfter(i, "(38,0)");
  }

  /// A zone is whatever follows the digits of the time, or an offset after the date.
  void RewriteZoned(size_t i, std::string_view type) {
    const std::string text = Unquote(At(i + 1));
    const size_t time = text.find(' ');
    if (time == std::string::npos) return;
    if (text.find_first_not_of("0123456789:. ", time) != std::string::npos) Replace(i, i, std::string(type));
  }

  void RewriteTimestampType(size_t i) {
    if (At(i + 1).IsSymbol("(") && At(i + 2).text == "6" && At(i + 3).IsSymbol(")") &&
        At(i + 4).IsWord("WITH") && At(i + 5).IsWord("TIME") && At(i + 6).IsWord("ZONE")) {
      Replace(i + 1, i + 3, "");
    }
  }

  void RewriteArrayType(size_t i) {
    const size_t close = match_[i + 1];
    Replace(i, i + 1, "");
    Replace(close, close, "[]");
  }

  void RewriteSample(size_t i) {
    if (At(i + 2).IsSymbol("(") && At(i + 3).kind == TokenKind::kNumber && At(i + 4).IsSymbol(")")) {
      InsertAfter(i + 3, " PERCENT");
    }
  }

  /// `AS every(a)`, `) every(a)`, `every(a) AS (`: the name of a table with its columns.
  bool NamesTable(size_t i, size_t close) const {
    const bool alias = i > 0 && (At(i - 1).IsWord("AS") || At(i - 1).IsSymbol(")"));
    return alias || (At(close + 1).IsWord("AS") && At(close + 2).IsSymbol("("));
  }

  void RewriteFunction(size_t i) {
    const size_t close = match_[i + 1];
    if (NamesTable(i, close)) return;
    const bool empty = close == i + 2;
    for (const std::string_view constant : {"INFINITY", "NAN"}) {
      if (At(i).IsWord(constant) && empty)
        return Replace(i, close, fmt::format("CAST('{}' AS DOUBLE)", At(i).text));
    }
    if (At(i).IsWord("APPROX_DISTINCT") && ArgumentCount(i + 1) == 1)
      return Replace(i, i, "approx_count_distinct");
    // count(x) FILTER (WHERE ..) is no call of filter.
    if (At(i).IsWord("FILTER") && At(i + 2).IsWord("WHERE")) return;
    for (const auto& [name, ours] : kRenamed) {
      if (At(i).IsWord(name)) return Replace(i, i, std::string(ours));
    }
  }

  size_t ArgumentCount(size_t open) const {
    size_t commas = 0;
    for (size_t i = open + 1; i < match_[open]; ++i) {
      if (At(i).IsSymbol(",")) ++commas;
      if ((At(i).IsSymbol("(") || At(i).IsSymbol("[")) && match_[i] != kNone) i = match_[i];
    }
    return commas + 1;
  }

  std::vector<Token> tokens_;
  std::string_view sql_;
  /// The partner of each bracket.
  std::vector<size_t> match_;
  std::vector<Edit> edits_;
};

}  // namespace

ErrorLocation AdaptedQuery::LocationOf(size_t offset) const {
  auto after = std::upper_bound(anchors_.begin(), anchors_.end(), offset,
                                [](size_t value, const Anchor& anchor) { return value < anchor.adapted; });
  size_t original = offset;
  if (after != anchors_.begin()) {
    const Anchor& anchor = *std::prev(after);
    original = anchor.original + (offset - anchor.adapted);
    // Inside inserted text the nearest original place is where the next piece begins.
    if (after != anchors_.end()) original = std::min(original, after->original);
  } else if (after != anchors_.end()) {
    original = std::min(original, after->original);
  }
  ErrorLocation location = sql::LocationOf(original_, std::min(original, original_.size()));
  if (location.line == 1) location.column += start_.column - 1;
  location.line += start_.line - 1;
  return location;
}

AdaptedQuery AdaptQuery(const Query& query) {
  AdaptedQuery adapted;
  adapted.original_ = query.text;
  adapted.start_ = query.location;
  size_t copied = 0;
  for (const Edit& edit : Rewriter(query.text).Run()) {
    // Two rewrites of one place cannot both hold; the outer one, which comes first, does.
    if (edit.begin < copied) continue;
    adapted.text_.append(query.text, copied, edit.begin - copied);
    adapted.anchors_.push_back({adapted.text_.size(), edit.begin});
    adapted.text_ += edit.text;
    copied = edit.end;
    adapted.anchors_.push_back({adapted.text_.size(), edit.end});
  }
  adapted.text_.append(query.text, copied);
  return adapted;
}

}  // namespace planaria::sql
