// Texts of several parts: lists joined to one, maps out of one; and texts of numbers with units.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"
#include "kernel/functions/scalar.h"
#include "utf8proc.hpp"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::Vector;

/// A VARCHAR column by row.
class Texts {
 public:
  Texts(Vector& vector, idx_t rows) { vector.ToUnifiedFormat(rows, format_); }
  bool IsNull(idx_t row) const { return !format_.validity.RowIsValid(format_.sel->get_index(row)); }
  std::string_view operator[](idx_t row) const {
    const string_t& text =
        duckdb::UnifiedVectorFormat::GetData<string_t>(format_)[format_.sel->get_index(row)];
    return {text.GetData(), text.GetSize()};
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

/// The elements of a list of texts with `delimiter` between; NULLs are left out, or `for_null`.
void Join(const Texts& elements, duckdb::list_entry_t entry, std::string_view delimiter,
          std::optional<std::string_view> for_null, std::string* out) {
  bool first = true;
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    if (elements.IsNull(i) && !for_null) continue;
    if (!first) *out += delimiter;
    *out += elements.IsNull(i) ? *for_null : elements[i];
    first = false;
  }
}

/// Rows of a list and texts, `list` saying which argument the list is.
void JoinRows(duckdb::DataChunk& chunk, Vector& result, size_t list, size_t delimiter, bool for_null) {
  const Lists lists(chunk.data[list], chunk.size());
  const Texts elements(lists.elements(), lists.element_count());
  const Texts delimiters(chunk.data[delimiter], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::optional<Texts> replacements;
  if (for_null) replacements.emplace(chunk.data[2], chunk.size());
  std::string out;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || delimiters.IsNull(row) || (replacements && replacements->IsNull(row))) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    out.clear();
    Join(elements, lists.At(row), delimiters[row],
         replacements ? std::optional((*replacements)[row]) : std::nullopt, &out);
    duckdb::FlatVector::GetData<string_t>(result)[row] = duckdb::StringVector::AddString(result, out);
  }
}

void ArrayJoin(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  JoinRows(chunk, result, 0, 1, false);
}
void ArrayJoinReplacing(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  JoinRows(chunk, result, 0, 1, true);
}
void ConcatWs(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  JoinRows(chunk, result, 1, 0, false);
}

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Pairs SplitPairs(std::string_view text, std::string_view entry_delimiter, std::string_view key_delimiter) {
  if (entry_delimiter.empty()) FailArgument("entryDelimiter is empty");
  if (key_delimiter.empty()) FailArgument("keyValueDelimiter is empty");
  if (entry_delimiter == key_delimiter)
    FailArgument("entryDelimiter and keyValueDelimiter must not be the same");
  Pairs pairs;
  while (!text.empty()) {
    const size_t end = std::min(text.find(entry_delimiter), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + entry_delimiter.size(), text.size()));
    const size_t at = entry.find(key_delimiter);
    if (at == std::string_view::npos ||
        entry.find(key_delimiter, at + key_delimiter.size()) != std::string_view::npos) {
      FailArgument(
          fmt::format("Key-value delimiter must appear exactly once in each entry. Bad input: '{}'", entry));
    }
    pairs.emplace_back(entry.substr(0, at), entry.substr(at + key_delimiter.size()));
  }
  return pairs;
}

string_t Stored(Vector& vector, std::string_view text) {
  return duckdb::StringVector::AddString(vector, text.data(), text.size());
}

template <bool kMultimap>
void SplitToMap(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Texts texts(chunk.data[0], chunk.size());
  const Texts entry_delimiters(chunk.data[1], chunk.size());
  const Texts key_delimiters(chunk.data[2], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  Vector& keys = duckdb::MapVector::GetKeys(result);
  Vector& values = duckdb::MapVector::GetValues(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (texts.IsNull(row) || entry_delimiters.IsNull(row) || key_delimiters.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    std::vector<std::pair<std::string_view, std::vector<std::string_view>>> groups;
    std::map<std::string_view, size_t> group_of;
    for (const auto& [key, value] : SplitPairs(texts[row], entry_delimiters[row], key_delimiters[row])) {
      const auto [found, added] = group_of.try_emplace(key, groups.size());
      if (added) groups.emplace_back(key, std::vector<std::string_view>());
      if (!added && !kMultimap) FailArgument(fmt::format("Duplicate keys ({}) are not allowed", key));
      groups[found->second].second.push_back(value);
    }
    const idx_t begin = duckdb::ListVector::GetListSize(result);
    duckdb::ListVector::Reserve(result, begin + groups.size());
    duckdb::ListVector::SetListSize(result, begin + groups.size());
    for (idx_t i = 0; i < groups.size(); ++i) {
      duckdb::FlatVector::GetData<string_t>(keys)[begin + i] = Stored(keys, groups[i].first);
      if constexpr (kMultimap) {
        const idx_t inner = duckdb::ListVector::GetListSize(values);
        duckdb::ListVector::Reserve(values, inner + groups[i].second.size());
        Vector& texts_of_key = duckdb::ListVector::GetEntry(values);
        for (idx_t j = 0; j < groups[i].second.size(); ++j) {
          duckdb::FlatVector::GetData<string_t>(texts_of_key)[inner + j] =
              Stored(texts_of_key, groups[i].second[j]);
        }
        duckdb::ListVector::SetListSize(values, inner + groups[i].second.size());
        duckdb::FlatVector::GetData<duckdb::list_entry_t>(values)[begin + i] = {inner,
                                                                                groups[i].second.size()};
      } else {
        duckdb::FlatVector::GetData<string_t>(values)[begin + i] = Stored(values, groups[i].second[0]);
      }
    }
    duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin, groups.size()};
  }
}

void Normalize(std::string_view text, std::string_view form, std::string& out) {
  int options = duckdb::UTF8PROC_STABLE;
  options |= form == "NFC" || form == "NFKC" ? duckdb::UTF8PROC_COMPOSE : duckdb::UTF8PROC_DECOMPOSE;
  if (form == "NFKC" || form == "NFKD") options |= duckdb::UTF8PROC_COMPAT;
  if (form != "NFC" && form != "NFD" && form != "NFKC" && form != "NFKD") {
    FailArgument("Normalization form must be one of [NFD, NFC, NFKD, NFKC]");
  }
  utf8proc_uint8_t* normalized = nullptr;
  const auto size = duckdb::utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &normalized,
                                         static_cast<duckdb::utf8proc_option_t>(options));
  if (size >= 0) out.assign(reinterpret_cast<const char*>(normalized), static_cast<size_t>(size));
  std::free(normalized);
  if (size < 0) FailArgument("the text is no UTF-8");
}
void NormalizeNfc(std::string_view text, std::string& out) { Normalize(text, "NFC", out); }

/// `12.3M`: three digits at most.
void FormatNumber(int64_t number, std::string& out) {
  auto value = static_cast<double>(number);
  static constexpr std::array<const char*, 6> kUnits = {"", "K", "M", "B", "T", "Q"};
  size_t unit = 0;
  while (std::fabs(value) >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const double magnitude = std::fabs(value);
  const int digits = magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0;
  const double factor = std::pow(10, digits);
  const double rounded = std::floor(magnitude * factor + 0.5) / factor;
  out = fmt::format("{}{:.{}f}", value < 0 ? "-" : "", rounded, digits);
  if (digits > 0) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  out += kUnits[unit];
}

/// What is beyond the point does not count.
void FormatDouble(double number, std::string& out) {
  constexpr double kLimit = 9223372036854775808.0;
  const double inside = std::isnan(number) ? 0 : std::clamp(std::trunc(number), -kLimit, kLimit);
  FormatNumber(inside < kLimit ? static_cast<int64_t>(inside) : std::numeric_limits<int64_t>::max(), out);
}

}  // namespace

void AddTextParts(FunctionSet& functions) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType texts = LogicalType::LIST(text);
  functions.Add(duckdb::ScalarFunction("trino_array_join", {texts, text}, text, ArrayJoin));
  functions.Add(duckdb::ScalarFunction("trino_array_join", {texts, text, text}, text, ArrayJoinReplacing));
  functions.Add(duckdb::ScalarFunction("trino_concat_ws", {text, texts}, text, ConcatWs));
  functions.Add(duckdb::ScalarFunction("trino_split_to_map", {text, text, text}, LogicalType::MAP(text, text),
                                       SplitToMap<false>));
  functions.Add(duckdb::ScalarFunction("trino_split_to_multimap", {text, text, text},
                                       LogicalType::MAP(text, texts), SplitToMap<true>));
  functions.Add(Scalar<&Normalize>("trino_normalize"));
  functions.Add(Scalar<&NormalizeNfc>("trino_normalize"));
  functions.Add(Scalar<&FormatNumber>("trino_format_number"));
  functions.Add(Scalar<&FormatDouble>("trino_format_number"));
}

}  // namespace planaria::kernel
