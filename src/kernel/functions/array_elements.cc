// Functions that ask arrays about their elements, of any type.
#include <fmt/format.h>

#include <optional>

#include "kernel/functions/array_functions.h"
#include "kernel/functions/families.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::list_entry_t;
using duckdb::Vector;

/// NULL when there is no common element but a NULL on either side.
void ArraysOverlap(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const TwoLists lists(chunk);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* values = duckdb::FlatVector::GetData<bool>(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const KeySet right = lists.RightKeys(row);
    bool null = false;
    bool found = false;
    const list_entry_t entry = lists.left.At(row);
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      null = null || lists.keys.IsNull(i);
      found = found || (!lists.keys.IsNull(i) && right.contains(lists.keys[i]));
    }
    const list_entry_t others = lists.Right(row);
    for (idx_t i = others.offset; i < others.offset + others.length; ++i) null = null || lists.keys.IsNull(i);
    values[row] = found;
    null = null && entry.length > 0 && others.length > 0;
    if (!found && null) duckdb::FlatVector::SetNull(result, row, true);
  }
}

/// `call(row, entry, key of the second argument)` for rows whose arguments are no NULLs.
template <typename Call>
void EachWithElement(duckdb::DataChunk& chunk, const Lists& lists, const SortKeys& wanted, Vector& result,
                     Call&& call) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || wanted.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      call(row, lists.At(row), wanted[row]);
    }
  }
}

void ArrayPosition(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  const SortKeys wanted(chunk.data[1], chunk.size());
  EachWithElement(chunk, lists, wanted, result, [&](idx_t row, list_entry_t entry, std::string_view key) {
    int64_t position = 0;
    for (idx_t i = 0; i < entry.length && position == 0; ++i) {
      if (keys[entry.offset + i] == key) position = static_cast<int64_t>(i) + 1;
    }
    duckdb::FlatVector::GetData<int64_t>(result)[row] = position;
  });
}

void Contains(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  const SortKeys wanted(chunk.data[1], chunk.size());
  EachWithElement(chunk, lists, wanted, result, [&](idx_t row, list_entry_t entry, std::string_view key) {
    bool found = false;
    bool null = false;
    for (idx_t i = entry.offset; i < entry.offset + entry.length && !found; ++i) {
      found = keys[i] == key;
      null = null || keys.IsNull(i);
    }
    duckdb::FlatVector::GetData<bool>(result)[row] = found;
    if (!found && null) duckdb::FlatVector::SetNull(result, row, true);
  });
}

/// One element of each list, chosen by `choose(row, entry)`; nullopt is NULL.
template <typename Choose>
void PickElements(duckdb::DataChunk& chunk, const Lists& lists, Vector& result, Choose&& choose) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<duckdb::sel_t> chosen(chunk.size(), 0);
  std::vector<idx_t> nulls;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const std::optional<idx_t> index = lists.IsNull(row) ? std::nullopt : choose(row, lists.At(row));
    if (index) {
      chosen[row] = static_cast<duckdb::sel_t>(*index);
    } else {
      nulls.push_back(row);
    }
  }
  if (nulls.size() < chunk.size()) CopyAt(lists.elements(), chosen, result);
  for (const idx_t row : nulls) duckdb::FlatVector::SetNull(result, row, true);
}

/// NULL for none, and when there is a NULL among them.
template <bool kMax>
void ArrayExtreme(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  PickElements(chunk, lists, result, [&](idx_t, list_entry_t entry) -> std::optional<idx_t> {
    std::optional<idx_t> best;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (keys.IsNull(i)) return std::nullopt;
      if (!best || (kMax ? keys[*best] < keys[i] : keys[i] < keys[*best])) best = i;
    }
    return best;
  });
}

enum class Missing { kNull, kError };

/// element_at counts from the end for negative indexes, and is NULL outside; the subscript fails.
template <Missing kMissing>
void ArrayElement(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers indexes(chunk.data[1], chunk.size());
  PickElements(chunk, lists, result, [&](idx_t row, list_entry_t entry) -> std::optional<idx_t> {
    if (indexes.IsNull(row)) return std::nullopt;
    const int64_t index = indexes[row];
    const auto length = static_cast<int64_t>(entry.length);
    if (index == 0) FailArgument("SQL array indices start at 1");
    if (kMissing == Missing::kError && index < 0) {
      FailArgument(fmt::format("Array subscript is negative: {}", index));
    }
    if (kMissing == Missing::kError && index > length) {
      FailArgument(
          fmt::format("Array subscript must be less than or equal to array length: {} > {}", index, length));
    }
    if (index > length || index < -length) return std::nullopt;
    return entry.offset + static_cast<idx_t>(index > 0 ? index - 1 : length + index);
  });
}

}  // namespace

void AddArrayElements(FunctionSet& functions) {
  AddArray<ArrayKind::kBoolean, ArrayKind::kList>(functions, "trino_arrays_overlap", ArraysOverlap);
  AddArray<ArrayKind::kBigint, ArrayKind::kElement>(functions, "trino_array_position", ArrayPosition);
  AddArray<ArrayKind::kBoolean, ArrayKind::kElement>(functions, "trino_contains", Contains);
  AddArray<ArrayKind::kElement>(functions, "trino_array_max", ArrayExtreme<true>);
  AddArray<ArrayKind::kElement>(functions, "trino_array_min", ArrayExtreme<false>);
  AddArray<ArrayKind::kElement, ArrayKind::kBigint>(functions, "trino_element_at",
                                                    ArrayElement<Missing::kNull>);
  AddArray<ArrayKind::kElement, ArrayKind::kBigint>(functions, "trino_subscript",
                                                    ArrayElement<Missing::kError>);
}

}  // namespace planaria::kernel
