// Regular expressions by RE2: Java's syntax where the two agree, linear time always. Look-around and
// references back are refused as patterns (docs/functions.md).
#include <fmt/format.h>

#include <memory>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/utf8.h"
#include "re2/re2.h"

namespace planaria::kernel {

namespace {

using duckdb_re2::RE2;
using duckdb_re2::StringPiece;

std::string_view View(const StringPiece& piece) { return {piece.data(), piece.size()}; }

/// Java's names of ASCII classes; RE2 has them between brackets only.
constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
    {"Lower", "lower"}, {"Upper", "upper"},   {"ASCII", "ascii"}, {"Alpha", "alpha"}, {"Digit", "digit"},
    {"Alnum", "alnum"}, {"Punct", "punct"},   {"Graph", "graph"}, {"Print", "print"}, {"Blank", "blank"},
    {"Cntrl", "cntrl"}, {"XDigit", "xdigit"}, {"Space", "space"}};

/// `[[:lower:]]` for `\p{Lower}`, `[^[:lower:]]` for `\P{Lower}`; empty for what is none of these.
std::string AsciiClass(std::string_view escape, bool in_brackets) {
  for (const auto& [java, re2] : kClasses) {
    if (escape.substr(3).starts_with(std::string(java) + "}")) {
      const char* not_in = escape[1] == 'P' ? "^" : "";
      return in_brackets ? fmt::format("[:{}{}:]", not_in, re2) : fmt::format("[{}[:{}:]]", not_in, re2);
    }
  }
  return {};
}

/// Where Java and RE2 write the same thing differently: (?<name>..) and the ASCII classes.
std::string InRe2Syntax(std::string_view pattern) {
  std::string result;
  bool in_brackets = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
      const std::string ascii = AsciiClass(rest, in_brackets);
      if (!ascii.empty()) {
        result += ascii;
        i += rest.find('}');
        continue;
      }
    }
    result.push_back(pattern[i]);
    if (pattern[i] == '\\' && rest.size() > 1) {
      result.push_back(pattern[++i]);
    } else if (in_brackets) {
      in_brackets = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_brackets = true;
      for (const char first : {'^', ']'}) {
        if (i + 1 < pattern.size() && pattern[i + 1] == first) result.push_back(pattern[++i]);
      }
    } else if (rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!') {
      result += "?P<";
      i += 2;
    }
  }
  return result;
}

/// The pattern of the last row, which is that of the next one as well as a rule.
class Pattern {
 public:
  const RE2& Of(std::string_view pattern) {
    if (!regex_ || text_ != pattern) {
      RE2::Options options;
      options.set_log_errors(false);
      text_ = pattern;
      regex_ = std::make_unique<RE2>(InRe2Syntax(pattern), options);
      if (!regex_->ok()) FailArgument(regex_->error());
    }
    return *regex_;
  }

 private:
  std::string text_;
  std::unique_ptr<RE2> regex_;
};

/// The matches of a pattern from left to right, none overlapping; after an empty one the next begins a code
/// point later.
class Matches {
 public:
  Matches(const RE2& regex, std::string_view text, size_t from = 0)
      : regex_(regex),
        text_(text),
        from_(from),
        groups_(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1) {}

  bool Next() {
    if (from_ > text_.size()) return false;
    const StringPiece text(text_.data(), text_.size());
    if (!regex_.Match(text, from_, text_.size(), RE2::UNANCHORED, groups_.data(),
                      static_cast<int>(groups_.size()))) {
      return false;
    }
    from_ = end();
    if (groups_[0].empty()) from_ += from_ < text_.size() ? FirstCodePoint(text_.substr(from_)).bytes : 1;
    return true;
  }

  size_t begin() const { return static_cast<size_t>(groups_[0].data() - text_.data()); }
  size_t end() const { return begin() + groups_[0].size(); }
  /// False when the group took no part in the match.
  bool Has(size_t group) const { return groups_[group].data() != nullptr; }
  std::string_view Group(size_t group) const { return View(groups_[group]); }

 private:
  const RE2& regex_;
  std::string_view text_;
  size_t from_;
  std::vector<StringPiece> groups_;
};

size_t CheckedGroup(const RE2& regex, int64_t group) {
  if (group < 0) FailArgument("Group cannot be negative");
  const int groups = regex.NumberOfCapturingGroups();
  if (group > groups)
    FailArgument(fmt::format("Pattern has {} groups. Cannot access group {}", groups, group));
  return static_cast<size_t>(group);
}

struct RegexpLike {
  bool operator()(std::string_view text, std::string_view pattern) {
    return RE2::PartialMatch(StringPiece(text.data(), text.size()), pattern_.Of(pattern));
  }
  Pattern pattern_;
};

struct RegexpCount {
  int64_t operator()(std::string_view text, std::string_view pattern) {
    Matches matches(pattern_.Of(pattern), text);
    int64_t count = 0;
    while (matches.Next()) ++count;
    return count;
  }
  Pattern pattern_;
};

struct RegexpExtractGroup {
  bool operator()(std::string_view text, std::string_view pattern, int64_t group, std::string& out) {
    const RE2& regex = pattern_.Of(pattern);
    const size_t index = CheckedGroup(regex, group);
    Matches matches(regex, text);
    if (!matches.Next() || !matches.Has(index)) return false;
    out = matches.Group(index);
    return true;
  }
  Pattern pattern_;
};

struct RegexpExtract {
  bool operator()(std::string_view text, std::string_view pattern, std::string& out) {
    return extract_(text, pattern, 0, out);
  }
  RegexpExtractGroup extract_;
};

struct RegexpExtractAllGroup {
  void operator()(std::string_view text, std::string_view pattern, int64_t group,
                  ListOut<std::optional<std::string>>& out) {
    const RE2& regex = pattern_.Of(pattern);
    const size_t index = CheckedGroup(regex, group);
    for (Matches matches(regex, text); matches.Next();) {
      auto& item = out.items.emplace_back();
      if (matches.Has(index)) item = matches.Group(index);
    }
  }
  Pattern pattern_;
};

struct RegexpExtractAll {
  void operator()(std::string_view text, std::string_view pattern, ListOut<std::optional<std::string>>& out) {
    extract_(text, pattern, 0, out);
  }
  RegexpExtractAllGroup extract_;
};

struct RegexpSplit {
  void operator()(std::string_view text, std::string_view pattern, ListOut<std::string>& out) {
    size_t begin = 0;
    for (Matches matches(pattern_.Of(pattern), text); matches.Next();) {
      out.items.emplace_back(text.substr(begin, matches.begin() - begin));
      begin = matches.end();
    }
    out.items.emplace_back(text.substr(begin));
  }
  Pattern pattern_;
};

struct RegexpPositionOccurrence {
  int32_t operator()(std::string_view text, std::string_view pattern, int64_t start, int64_t occurrence) {
    if (start < 1) FailArgument("start position cannot be smaller than 1");
    if (occurrence < 1) FailArgument("occurrence cannot be smaller than 1");
    const RE2& regex = pattern_.Of(pattern);
    if (start > static_cast<int64_t>(CodePoints(text))) return -1;
    Matches matches(regex, text, OffsetOfCodePoint(text, static_cast<size_t>(start - 1)));
    while (matches.Next()) {
      if (--occurrence == 0) return static_cast<int32_t>(CodePoints(text.substr(0, matches.begin()))) + 1;
    }
    return -1;
  }
  Pattern pattern_;
};

struct RegexpPositionStart {
  int32_t operator()(std::string_view text, std::string_view pattern, int64_t start) {
    return position_(text, pattern, start, 1);
  }
  RegexpPositionOccurrence position_;
};

struct RegexpPosition {
  int32_t operator()(std::string_view text, std::string_view pattern) {
    return position_(text, pattern, 1, 1);
  }
  RegexpPositionOccurrence position_;
};

/// Java's replacement: `$1`, `$12` as far as there are so many groups, `${name}`, `\` before a character as
/// such.
void AppendReplacement(std::string_view replacement, const RE2& regex, const Matches& match,
                       std::string& out) {
  const auto digit = [&](size_t at) {
    return at < replacement.size() && replacement[at] >= '0' && replacement[at] <= '9';
  };
  const int groups = regex.NumberOfCapturingGroups();
  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c == '\\') {
      if (++i == replacement.size())
        FailArgument(fmt::format("Illegal replacement sequence: {}", replacement));
      out.push_back(replacement[i]);
    } else if (c != '$') {
      out.push_back(c);
    } else if (i + 1 < replacement.size() && replacement[i + 1] == '{') {
      const size_t close = replacement.find('}', i);
      if (close == std::string_view::npos)
        FailArgument(fmt::format("Illegal replacement sequence: {}", replacement));
      const std::string name(replacement.substr(i + 2, close - i - 2));
      const auto found = regex.NamedCapturingGroups().find(name);
      if (found == regex.NamedCapturingGroups().end()) {
        FailArgument(fmt::format("Illegal replacement sequence: unknown group {{ {} }}", name));
      }
      if (match.Has(static_cast<size_t>(found->second)))
        out += match.Group(static_cast<size_t>(found->second));
      i = close;
    } else if (digit(i + 1)) {
      int group = replacement[++i] - '0';
      if (group > groups) FailArgument(fmt::format("Illegal replacement sequence: unknown group {}", group));
      while (digit(i + 1) && group * 10 + (replacement[i + 1] - '0') <= groups) {
        group = group * 10 + (replacement[++i] - '0');
      }
      if (match.Has(static_cast<size_t>(group))) out += match.Group(static_cast<size_t>(group));
    } else {
      FailArgument(fmt::format("Illegal replacement sequence: {}", replacement));
    }
  }
}

struct RegexpReplace {
  void operator()(std::string_view text, std::string_view pattern, std::string_view replacement,
                  std::string& out) {
    const RE2& regex = pattern_.Of(pattern);
    size_t begin = 0;
    for (Matches matches(regex, text); matches.Next();) {
      out += text.substr(begin, matches.begin() - begin);
      AppendReplacement(replacement, regex, matches, out);
      begin = matches.end();
    }
    out += text.substr(begin);
  }
  Pattern pattern_;
};

struct RegexpRemove {
  void operator()(std::string_view text, std::string_view pattern, std::string& out) {
    replace_(text, pattern, {}, out);
  }
  RegexpReplace replace_;
};

/// The groups of every match, as an array for each.
void RegexpGroups(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  using duckdb::idx_t;
  using Format = duckdb::UnifiedVectorFormat;
  Format texts, patterns;
  chunk.data[0].ToUnifiedFormat(chunk.size(), texts);
  chunk.data[1].ToUnifiedFormat(chunk.size(), patterns);
  const auto at = [](const Format& format, idx_t row) {
    const auto& text = Format::GetData<duckdb::string_t>(format)[format.sel->get_index(row)];
    return std::string_view(text.GetData(), text.GetSize());
  };
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  duckdb::Vector& matched = duckdb::ListVector::GetEntry(result);
  Pattern pattern;
  idx_t end = 0;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t begin = end;
    if (!texts.validity.RowIsValid(texts.sel->get_index(row)) ||
        !patterns.validity.RowIsValid(patterns.sel->get_index(row))) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      const RE2& regex = pattern.Of(at(patterns, row));
      const auto groups = static_cast<size_t>(regex.NumberOfCapturingGroups());
      for (Matches matches(regex, at(texts, row)); matches.Next(); ++end) {
        ListOut<std::optional<std::string>> out;
        for (size_t group = 1; group <= groups; ++group) {
          auto& item = out.items.emplace_back();
          if (matches.Has(group)) item = matches.Group(group);
        }
        duckdb::ListVector::Reserve(result, end + 1);
        scalar_detail::StoreOut(out, matched, end);
      }
    }
    duckdb::ListVector::SetListSize(result, end);
    duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin, end - begin};
  }
}

/// What lies between matches and what comes in their places; NULL when one of these is.
void RegexpJoined(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  using duckdb::idx_t;
  using Format = duckdb::UnifiedVectorFormat;
  const Lists between(chunk.data[0], chunk.size());
  const Lists replacements(chunk.data[1], chunk.size());
  Format pieces, texts;
  between.elements().ToUnifiedFormat(between.element_count(), pieces);
  replacements.elements().ToUnifiedFormat(replacements.element_count(), texts);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string out;
  const auto append = [&](const Format& format, idx_t row) {
    const idx_t index = format.sel->get_index(row);
    if (!format.validity.RowIsValid(index)) return false;
    const auto& text = Format::GetData<duckdb::string_t>(format)[index];
    out.append(text.GetData(), text.GetSize());
    return true;
  };
  for (idx_t row = 0; row < chunk.size(); ++row) {
    bool valid = !between.IsNull(row) && !replacements.IsNull(row);
    out.clear();
    for (idx_t i = 0; valid && i < between.At(row).length; ++i) {
      valid = append(pieces, between.At(row).offset + i);
      if (valid && i < replacements.At(row).length) valid = append(texts, replacements.At(row).offset + i);
    }
    if (valid) {
      duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
          duckdb::StringVector::AddString(result, out);
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
}

}  // namespace

void AddRegexp(FunctionSet& functions) {
  functions.Add(ScalarOf<RegexpLike>("trino_regexp_like"));
  functions.Add(ScalarOf<RegexpCount>("trino_regexp_count"));
  functions.Add(ScalarOf<RegexpExtract>("trino_regexp_extract"));
  functions.Add(ScalarOf<RegexpExtractGroup>("trino_regexp_extract"));
  functions.Add(ScalarOf<RegexpExtractAll>("trino_regexp_extract_all"));
  functions.Add(ScalarOf<RegexpExtractAllGroup>("trino_regexp_extract_all"));
  functions.Add(ScalarOf<RegexpSplit>("trino_regexp_split"));
  functions.Add(ScalarOf<RegexpPosition>("trino_regexp_position"));
  functions.Add(ScalarOf<RegexpPositionStart>("trino_regexp_position"));
  functions.Add(ScalarOf<RegexpPositionOccurrence>("trino_regexp_position"));
  functions.Add(ScalarOf<RegexpReplace>("trino_regexp_replace"));
  functions.Add(ScalarOf<RegexpRemove>("trino_regexp_replace"));
  // regexp_replace with a lambda: the pieces that regexp_split gives and the lambda of every match's groups.
  using duckdb::LogicalType;
  const LogicalType texts = LogicalType::LIST(LogicalType::VARCHAR);
  functions.Add(duckdb::ScalarFunction("trino_regexp_groups", {LogicalType::VARCHAR, LogicalType::VARCHAR},
                                       LogicalType::LIST(texts), RegexpGroups));
  functions.Add(
      duckdb::ScalarFunction("trino_regexp_joined", {texts, texts}, LogicalType::VARCHAR, RegexpJoined));
}

}  // namespace planaria::kernel
