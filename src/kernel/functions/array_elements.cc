// Functions that ask arrays about their elements, of any type.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "kernel/functions/array_functions.h"
#include "kernel/functions/equality.h"
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

/// Whether element `index` equals the value that `function` looks for in `row`. Throws NOT_SUPPORTED for
/// elements of which that is unknown, as Trino does.
bool IsWanted(const ComparedValues& elements, idx_t index, const ComparedValues& wanted, idx_t row,
              std::string_view function) {
  const Equality equality = Compare(elements, index, wanted, row);
  if (equality == Equality::kUnknown) {
    FailFunction(
        errors::NOT_SUPPORTED,
        fmt::format("{} does not support arrays with elements that are null or contain null", function));
  }
  return equality == Equality::kEqual;
}

/// `call(row, entry)` for rows whose arguments are no NULLs.
template <typename Call>
void EachWithElement(duckdb::DataChunk& chunk, const Lists& lists, const ComparedValues& wanted,
                     Vector& result, Call&& call) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || wanted.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      call(row, lists.At(row));
    }
  }
}

void ArrayPosition(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const ComparedValues elements(lists.elements(), lists.element_count());
  const ComparedValues wanted(chunk.data[1], chunk.size());
  EachWithElement(chunk, lists, wanted, result, [&](idx_t row, list_entry_t entry) {
    int64_t position = 0;
    for (idx_t i = 0; i < entry.length && position == 0; ++i) {
      const idx_t index = entry.offset + i;
      if (elements.IsNull(index)) continue;
      if (IsWanted(elements, index, wanted, row, "array_position")) position = static_cast<int64_t>(i) + 1;
    }
    duckdb::FlatVector::GetData<int64_t>(result)[row] = position;
  });
}

void Contains(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const ComparedValues elements(lists.elements(), lists.element_count());
  const ComparedValues wanted(chunk.data[1], chunk.size());
  EachWithElement(chunk, lists, wanted, result, [&](idx_t row, list_entry_t entry) {
    bool found = false;
    bool null = false;
    for (idx_t i = entry.offset; i < entry.offset + entry.length && !found; ++i) {
      if (elements.IsNull(i)) {
        null = true;
      } else {
        found = IsWanted(elements, i, wanted, row, "contains");
      }
    }
    duckdb::FlatVector::GetData<bool>(result)[row] = found;
    if (!found && null) duckdb::FlatVector::SetNull(result, row, true);
  });
}

void ArrayRemove(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const ComparedValues elements(lists.elements(), lists.element_count());
  const ComparedValues removed(chunk.data[1], chunk.size());
  ListBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || removed.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t entry = lists.At(row);
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (elements.IsNull(i) || !IsWanted(elements, i, removed, row, "array_remove")) builder.Take(i);
    }
    builder.End(row);
  }
  builder.Finish(lists.elements());
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

/// In the first `count` values, NaN becomes the least number.
void ReplaceNan(Vector& values, idx_t count) {
  const auto replace = [&](auto* numbers) {
    using Number = std::decay_t<decltype(*numbers)>;
    for (idx_t i = 0; i < count; ++i) {
      if (std::isnan(numbers[i])) numbers[i] = -std::numeric_limits<Number>::infinity();
    }
  };
  switch (values.GetType().InternalType()) {
    case duckdb::PhysicalType::FLOAT:
      return replace(duckdb::FlatVector::GetData<float>(values));
    case duckdb::PhysicalType::DOUBLE:
      return replace(duckdb::FlatVector::GetData<double>(values));
    case duckdb::PhysicalType::LIST:
      return ReplaceNan(duckdb::ListVector::GetEntry(values), duckdb::ListVector::GetListSize(values));
    case duckdb::PhysicalType::STRUCT:
      for (auto& field : duckdb::StructVector::GetEntries(values)) ReplaceNan(*field, count);
      return;
    default:
      return;
  }
}

/// NULL for none, and when there is a NULL among them. NaN is neither least nor greatest where there are
/// numbers: the keys have it as the greatest, a copy of the values as the least.
template <bool kMax>
void ArrayExtreme(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  Vector numbers(lists.elements().GetType(), std::max<idx_t>(1, lists.element_count()));
  duckdb::VectorOperations::Copy(lists.elements(), numbers, lists.element_count(), 0, 0);
  ReplaceNan(numbers, lists.element_count());
  const SortKeys without_nan(numbers, lists.element_count());
  const auto better = [&](idx_t one, idx_t best) {
    if (!kMax) return keys[one] < keys[best];
    const int order = without_nan[one].compare(without_nan[best]);
    return order > 0 || (order == 0 && keys[one] < keys[best]);
  };
  PickElements(chunk, lists, result, [&](idx_t, list_entry_t entry) -> std::optional<idx_t> {
    std::optional<idx_t> best;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (keys.IsNull(i)) return std::nullopt;
      if (!best || better(i, *best)) best = i;
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
  AddArray<ArrayKind::kList, ArrayKind::kElement>(functions, "trino_array_remove", ArrayRemove);
  AddArray<ArrayKind::kElement>(functions, "trino_array_max", ArrayExtreme<true>);
  AddArray<ArrayKind::kElement>(functions, "trino_array_min", ArrayExtreme<false>);
  AddArray<ArrayKind::kElement, ArrayKind::kBigint>(functions, "trino_element_at",
                                                    ArrayElement<Missing::kNull>);
  AddArray<ArrayKind::kElement, ArrayKind::kBigint>(functions, "trino_subscript",
                                                    ArrayElement<Missing::kError>);
}

}  // namespace planaria::kernel
