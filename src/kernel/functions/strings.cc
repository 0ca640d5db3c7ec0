// Functions of varchar that count in code points.
#include <fmt/format.h>

#include <algorithm>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/utf8.h"
#include "utf8proc.hpp"

namespace planaria::kernel {

namespace {

/// The part from code point `start` (1-based, negative from the end) on; nothing when that is outside.
std::string_view From(std::string_view text, int64_t start) {
  if (start > 0) return text.substr(OffsetOfCodePoint(text, static_cast<size_t>(start - 1)));
  const auto points = static_cast<int64_t>(CodePoints(text));
  if (start == 0 || start < -points) return {};
  return text.substr(OffsetOfCodePoint(text, static_cast<size_t>(points + start)));
}

void Substr(std::string_view text, int64_t start, std::string& out) { out = From(text, start); }

void SubstrLength(std::string_view text, int64_t start, int64_t length, std::string& out) {
  const std::string_view rest = From(text, start);
  if (length > 0) out = rest.substr(0, OffsetOfCodePoint(rest, static_cast<size_t>(length)));
}

size_t StepBytes(std::string_view text) { return FirstCodePoint(text).bytes; }

int64_t PositionAt(std::string_view text, size_t offset) {
  return static_cast<int64_t>(CodePoints(text.substr(0, offset))) + 1;
}

int64_t Strpos(std::string_view text, std::string_view part) {
  const size_t at = text.find(part);
  return at == std::string_view::npos ? 0 : PositionAt(text, at);
}

int64_t StrposInstance(std::string_view text, std::string_view part, int64_t instance) {
  if (instance == 0) FailArgument("'instance' must be a positive or negative number.");
  if (part.empty()) return 1;
  size_t at = instance > 0 ? text.find(part) : text.rfind(part);
  for (int64_t i = instance > 0 ? 1 : -1; i != instance && at != std::string_view::npos;) {
    if (instance > 0) {
      at = text.find(part, at + 1);
      ++i;
    } else {
      at = at == 0 ? std::string_view::npos : text.rfind(part, at - 1);
      --i;
    }
  }
  return at == std::string_view::npos ? 0 : PositionAt(text, at);
}

bool SplitPart(std::string_view text, std::string_view delimiter, int64_t index, std::string& out) {
  if (index <= 0) FailArgument("Index must be greater than zero");
  if (delimiter.empty()) {
    // Trino takes the text apart into its code points.
    if (index > static_cast<int64_t>(CodePoints(text))) return false;
    const std::string_view rest = text.substr(OffsetOfCodePoint(text, static_cast<size_t>(index - 1)));
    out = rest.substr(0, StepBytes(rest));
    return true;
  }
  size_t begin = 0;
  for (int64_t i = 1;; ++i) {
    const size_t end = text.find(delimiter, begin);
    if (i == index) {
      out = text.substr(begin, end == std::string_view::npos ? end : end - begin);
      return true;
    }
    if (end == std::string_view::npos) return false;
    begin = end + delimiter.size();
  }
}

/// As many as Trino counts to.
constexpr int64_t kMostParts = std::numeric_limits<int32_t>::max();

void SplitLimit(std::string_view text, std::string_view delimiter, int64_t limit, ListOut<std::string>& out) {
  if (limit <= 0) FailArgument("Limit must be positive");
  if (limit > kMostParts) FailArgument("Limit is too large");
  if (delimiter.empty()) FailArgument("The delimiter may not be the empty string");
  size_t begin = 0;
  while (static_cast<int64_t>(out.items.size()) + 1 < limit) {
    const size_t end = text.find(delimiter, begin);
    if (end == std::string_view::npos) break;
    out.items.emplace_back(text.substr(begin, end - begin));
    begin = end + delimiter.size();
  }
  out.items.emplace_back(text.substr(begin));
}

void Split(std::string_view text, std::string_view delimiter, ListOut<std::string>& out) {
  SplitLimit(text, delimiter, kMostParts, out);
}

template <bool kLeft>
void Pad(std::string_view text, int64_t length, std::string_view padding, std::string& out) {
  if (length < 0 || length > 2147483647) FailArgument("Target length must be in the range [0..2147483647]");
  if (padding.empty()) FailArgument("Padding string must not be empty");
  const auto points = static_cast<int64_t>(CodePoints(text));
  if (length <= points) {
    out = text.substr(0, OffsetOfCodePoint(text, static_cast<size_t>(length)));
    return;
  }
  if (!kLeft) out = text;
  const auto padding_points = static_cast<int64_t>(CodePoints(padding));
  int64_t missing = length - points;
  for (; missing >= padding_points; missing -= padding_points) out += padding;
  out += padding.substr(0, OffsetOfCodePoint(padding, static_cast<size_t>(missing)));
  if (kLeft) out += text;
}

void Replace(std::string_view text, std::string_view search, std::string_view replacement, std::string& out) {
  if (search.empty()) {
    // Around every code point.
    out = replacement;
    while (!text.empty()) {
      const size_t bytes = StepBytes(text);
      out += text.substr(0, bytes);
      out += replacement;
      text.remove_prefix(bytes);
    }
    return;
  }
  size_t begin = 0;
  for (size_t at = text.find(search); at != std::string_view::npos; at = text.find(search, begin)) {
    out += text.substr(begin, at - begin);
    out += replacement;
    begin = at + search.size();
  }
  out += text.substr(begin);
}

void Remove(std::string_view text, std::string_view search, std::string& out) {
  Replace(text, search, {}, out);
}

void Translate(std::string_view text, std::string_view from, std::string_view to, std::string& out) {
  const auto source = DecodeUtf8(from);
  const auto target = DecodeUtf8(to);
  while (!text.empty()) {
    const CodePoint point = FirstCodePoint(text);
    const auto found = std::find(source.begin(), source.end(), point.value);
    const auto index = static_cast<size_t>(found - source.begin());
    if (found == source.end()) {
      out += text.substr(0, point.bytes);
    } else if (index < target.size()) {
      AppendUtf8(target[index], &out);
    }
    text.remove_prefix(point.bytes);
  }
}

void Reverse(std::string_view text, std::string& out) {
  out.reserve(text.size());
  size_t end = text.size();
  while (end > 0) {
    size_t begin = end - 1;
    while (begin > 0 && IsContinuation(text[begin])) --begin;
    out += text.substr(begin, end - begin);
    end = begin;
  }
}

void Chr(int64_t point, std::string& out) {
  if (point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    FailArgument(fmt::format("Not a valid Unicode code point: {}", point));
  }
  AppendUtf8(static_cast<uint32_t>(point), &out);
}

int32_t CodePointOf(std::string_view text) {
  if (CodePoints(text) != 1) FailArgument("Input string must be a single character string");
  return static_cast<int32_t>(FirstCodePoint(text).value);
}

enum Side { kBegin = 1, kEnd = 2, kBoth = 3 };

template <int kSides, typename Removed>
std::string_view Trimmed(std::string_view text, const Removed& removed) {
  while ((kSides & kBegin) && !text.empty() && removed(FirstCodePoint(text).value)) {
    text.remove_prefix(StepBytes(text));
  }
  while ((kSides & kEnd) && !text.empty()) {
    size_t begin = text.size() - 1;
    while (begin > 0 && IsContinuation(text[begin])) --begin;
    if (!removed(FirstCodePoint(text.substr(begin)).value)) break;
    text = text.substr(0, begin);
  }
  return text;
}

template <int kSides>
void Trim(std::string_view text, std::string& out) {
  out = Trimmed<kSides>(text, IsJavaWhitespace);
}

template <int kSides>
void TrimCharacters(std::string_view text, std::string_view characters, std::string& out) {
  const auto points = DecodeUtf8(characters);
  out = Trimmed<kSides>(
      text, [&](uint32_t point) { return std::find(points.begin(), points.end(), point) != points.end(); });
}

int64_t LevenshteinDistance(std::string_view left, std::string_view right) {
  const auto a = DecodeUtf8(left);
  const auto b = DecodeUtf8(right);
  if (!a.empty() && !b.empty() && a.size() * b.size() > 1000000) {
    FailArgument(fmt::format("The combined inputs for Levenshtein distance are too large: {}, {}", a.size(),
                             b.size()));
  }
  std::vector<int64_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int64_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int64_t diagonal = row[0];
    row[0] = static_cast<int64_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

int64_t HammingDistance(std::string_view left, std::string_view right) {
  const auto a = DecodeUtf8(left);
  const auto b = DecodeUtf8(right);
  if (a.size() != b.size()) {
    FailArgument("The input strings to hamming_distance function must have the same length");
  }
  int64_t distance = 0;
  for (size_t i = 0; i < a.size(); ++i) distance += a[i] != b[i];
  return distance;
}

bool LuhnCheck(std::string_view digits) {
  if (digits.empty()) return false;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (c < '0' || c > '9') FailArgument("Input contains non-digit character");
    const int digit = (c - '0') * (i % 2 == 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

/// American Soundex; h and w do not part equal codes.
void Soundex(std::string_view text, std::string& out) {
  static constexpr std::string_view kCodes = "01230120022455012623010202";
  char last = '0';
  while (!text.empty() && out.size() < 4) {
    const CodePoint point = FirstCodePoint(text);
    text.remove_prefix(point.bytes);
    if (point.value >= 0x80) {
      const auto upper = static_cast<uint32_t>(duckdb::utf8proc_toupper(static_cast<int32_t>(point.value)));
      std::string character;
      AppendUtf8(upper, &character);
      FailArgument(fmt::format("The character is not mapped: {} (index={})", character, upper - 'A'));
    }
    auto c = static_cast<char>(point.value);
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c < 'A' || c > 'Z') continue;
    const char code = kCodes[static_cast<size_t>(c - 'A')];
    if (out.empty()) {
      out.push_back(c);
      last = code;
    } else if (c != 'H' && c != 'W') {
      if (code != '0' && code != last) out.push_back(code);
      last = code;
    }
  }
  if (!out.empty()) out.append(4 - out.size(), '0');
}

}  // namespace

void AddStrings(FunctionSet& functions) {
  for (const char* name : {"trino_substr", "trino_substring"}) {
    functions.Add(Scalar<&Substr>(name));
    functions.Add(Scalar<&SubstrLength>(name));
  }
  functions.Add(Scalar<&Strpos>("trino_strpos"));
  functions.Add(Scalar<&StrposInstance>("trino_strpos"));
  functions.Add(Scalar<&SplitPart>("trino_split_part"));
  functions.Add(Scalar<&Split>("trino_split"));
  functions.Add(Scalar<&SplitLimit>("trino_split"));
  functions.Add(Scalar<&Pad<true>>("trino_lpad"));
  functions.Add(Scalar<&Pad<false>>("trino_rpad"));
  functions.Add(Scalar<&Remove>("trino_replace"));
  functions.Add(Scalar<&Replace>("trino_replace"));
  functions.Add(Scalar<&Translate>("trino_translate"));
  functions.Add(Scalar<&Reverse>("trino_reverse"));
  functions.Add(Scalar<&Chr>("trino_chr"));
  functions.Add(Scalar<&CodePointOf>("trino_codepoint"));
  functions.Add(Scalar<&Trim<kBoth>>("trino_trim"));
  functions.Add(Scalar<&TrimCharacters<kBoth>>("trino_trim"));
  functions.Add(Scalar<&Trim<kBegin>>("trino_ltrim"));
  functions.Add(Scalar<&TrimCharacters<kBegin>>("trino_ltrim"));
  functions.Add(Scalar<&Trim<kEnd>>("trino_rtrim"));
  functions.Add(Scalar<&TrimCharacters<kEnd>>("trino_rtrim"));
  functions.Add(Scalar<&LevenshteinDistance>("trino_levenshtein_distance"));
  functions.Add(Scalar<&HammingDistance>("trino_hamming_distance"));
  functions.Add(Scalar<&LuhnCheck>("trino_luhn_check"));
  functions.Add(Scalar<&Soundex>("trino_soundex"));
}

}  // namespace planaria::kernel
