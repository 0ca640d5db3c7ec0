// Functions that make arrays of arrays, of any element type.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "kernel/functions/array_functions.h"
#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::list_entry_t;
using duckdb::LogicalType;
using duckdb::Vector;

constexpr int64_t kMaxResultEntries = 10000;
constexpr int64_t kMaxResultBytes = 1'000'000;

/// A row's elements in order: `call(row, lists' entry)` takes some of them.
template <typename Call>
void EachList(duckdb::DataChunk& chunk, const Lists& lists, ListBuilder& builder, Call&& call) {
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row)) {
      builder.EndNull(row);
    } else {
      call(row, lists.At(row));
      builder.End(row);
    }
  }
}

void ArrayDistinct(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  ListBuilder builder(result);
  EachList(chunk, lists, builder, [&](idx_t, list_entry_t entry) {
    KeySet seen;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (seen.insert(keys[i]).second) builder.Take(i);
    }
  });
  builder.Finish(lists.elements());
}

void ArraySort(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  ListBuilder builder(result);
  std::vector<idx_t> order;
  EachList(chunk, lists, builder, [&](idx_t, list_entry_t entry) {
    order.resize(entry.length);
    for (idx_t i = 0; i < entry.length; ++i) order[i] = entry.offset + i;
    std::stable_sort(order.begin(), order.end(), [&](idx_t a, idx_t b) { return keys[a] < keys[b]; });
    for (const idx_t index : order) builder.Take(index);
  });
  builder.Finish(lists.elements());
}

void ArrayReverse(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  ListBuilder builder(result);
  EachList(chunk, lists, builder, [&](idx_t, list_entry_t entry) {
    for (idx_t i = entry.length; i > 0; --i) builder.Take(entry.offset + i - 1);
  });
  builder.Finish(lists.elements());
}

/// (list, seed)
void Shuffle(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers seeds(chunk.data[1], chunk.size());
  ListBuilder builder(result);
  std::vector<idx_t> order;
  EachList(chunk, lists, builder, [&](idx_t row, list_entry_t entry) {
    order.resize(entry.length);
    std::iota(order.begin(), order.end(), entry.offset);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(static_cast<uint64_t>(seeds[row])));
    for (const idx_t element : order) builder.Take(element);
  });
  builder.Finish(lists.elements());
}

void TrimArray(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers counts(chunk.data[1], chunk.size());
  ListBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || counts.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t entry = lists.At(row);
    const auto length = static_cast<int64_t>(entry.length);
    if (counts[row] < 0) FailArgument("size must not be negative: " + std::to_string(counts[row]));
    if (counts[row] > length) {
      FailArgument(fmt::format("size must not exceed array cardinality {}: {}", length, counts[row]));
    }
    for (int64_t i = 0; i < length - counts[row]; ++i) builder.Take(entry.offset + static_cast<idx_t>(i));
    builder.End(row);
  }
  builder.Finish(lists.elements());
}

void Slice(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Integers starts(chunk.data[1], chunk.size());
  const Integers lengths(chunk.data[2], chunk.size());
  ListBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || starts.IsNull(row) || lengths.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t entry = lists.At(row);
    const auto size = static_cast<int64_t>(entry.length);
    if (lengths[row] < 0) FailArgument("length must be greater than or equal to 0");
    if (starts[row] == 0) FailArgument("SQL array indices start at 1");
    const int64_t begin = starts[row] > 0 ? starts[row] - 1 : size + starts[row];
    if (begin >= 0 && begin < size) {
      const int64_t end = begin + std::min(lengths[row], size - begin);
      for (int64_t i = begin; i < end; ++i) builder.Take(entry.offset + static_cast<idx_t>(i));
    }
    builder.End(row);
  }
  builder.Finish(lists.elements());
}

enum class SetOperation { kUnion, kIntersect, kExcept };

template <SetOperation kOperation>
void CombineArrays(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  TwoLists lists(chunk);
  ListBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    list_entry_t taken = lists.left.At(row);
    list_entry_t others = lists.Right(row);
    // Trino goes through the longer one.
    if (kOperation == SetOperation::kIntersect && taken.length < others.length) std::swap(taken, others);
    KeySet other_keys;
    if (kOperation != SetOperation::kUnion) {
      for (idx_t i = others.offset; i < others.offset + others.length; ++i) other_keys.insert(lists.keys[i]);
    }
    KeySet seen;
    const auto take = [&](list_entry_t entry) {
      for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
        const std::string_view key = lists.keys[i];
        if (kOperation == SetOperation::kIntersect && !other_keys.contains(key)) continue;
        if (kOperation == SetOperation::kExcept && other_keys.contains(key)) continue;
        if (seen.insert(key).second) builder.Take(i);
      }
    };
    take(taken);
    if (kOperation == SetOperation::kUnion) take(others);
    builder.End(row);
  }
  builder.Finish(lists.elements);
}

void Repeat(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Integers counts(chunk.data[1], chunk.size());
  ListBuilder builder(result);
  Vector values(chunk.data[0].GetType(), chunk.size());
  duckdb::VectorOperations::Copy(chunk.data[0], values, chunk.size(), 0, 0);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (counts.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    if (counts[row] > kMaxResultEntries) {
      FailArgument("count argument of repeat function must be less than or equal to 10000");
    }
    if (counts[row] < 0) FailArgument("count argument of repeat function must be greater than or equal to 0");
    if (values.GetType().InternalType() == duckdb::PhysicalType::VARCHAR &&
        duckdb::FlatVector::Validity(values).RowIsValid(row) &&
        static_cast<int64_t>(duckdb::FlatVector::GetData<duckdb::string_t>(values)[row].GetSize()) *
                counts[row] >
            kMaxResultBytes) {
      FailArgument("result of repeat function must not take more than 1000000 bytes");
    }
    for (int64_t i = 0; i < counts[row]; ++i) builder.Take(row);
    builder.End(row);
  }
  builder.Finish(values);
}

int64_t CheckedSequenceLength(int64_t start, int64_t stop, int64_t step) {
  if (step == 0) FailArgument("step must not be zero");
  if (step > 0 ? stop < start : stop > start) {
    FailArgument(
        "sequence stop value should be greater than or equal to start value if step is greater than zero "
        "otherwise stop "
        "should be less than or equal to start");
  }
  const __int128 length = (__int128{stop} - start) / step + 1;
  if (length > kMaxResultEntries)
    FailArgument("result of sequence function must not have more than 10000 entries");
  return static_cast<int64_t>(length);
}

/// What a comparing lambda gave; -1, 0 or 1.
int64_t CheckedOrder(int64_t order) {
  if (order < -1 || order > 1) FailArgument("Lambda comparator must return either -1, 0, or 1");
  return order;
}

void SequenceStep(int64_t start, int64_t stop, int64_t step, ListOut<int64_t>& out) {
  const int64_t length = CheckedSequenceLength(start, stop, step);
  for (int64_t i = 0; i < length; ++i) out.items.push_back(start + i * step);
}
void Sequence(int64_t start, int64_t stop, ListOut<int64_t>& out) {
  SequenceStep(start, stop, stop >= start ? 1 : -1, out);
}
void DateSequence(duckdb::date_t start, duckdb::date_t stop, ListOut<duckdb::date_t>& out) {
  const int step = stop >= start ? 1 : -1;
  const int64_t length = CheckedSequenceLength(start.days, stop.days, step);
  for (int64_t i = 0; i < length; ++i) out.items.emplace_back(start.days + static_cast<int32_t>(i) * step);
}

duckdb::unique_ptr<duckdb::FunctionData> BindRepeat(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  function.SetReturnType(LogicalType::LIST(arguments[0]->return_type));
  return nullptr;
}

}  // namespace

void AddArrays(FunctionSet& functions) {
  AddArray<ArrayKind::kList>(functions, "trino_array_distinct", ArrayDistinct);
  AddArray<ArrayKind::kList>(functions, "trino_array_sort", ArraySort);
  AddArray<ArrayKind::kList>(functions, "trino_array_reverse", ArrayReverse);
  AddArray<ArrayKind::kList, ArrayKind::kBigint>(functions, "trino_shuffle", Shuffle);
  AddArray<ArrayKind::kList, ArrayKind::kBigint>(functions, "trino_trim_array", TrimArray);
  AddArray<ArrayKind::kList, ArrayKind::kBigint, ArrayKind::kBigint>(functions, "trino_slice", Slice);
  AddArray<ArrayKind::kList, ArrayKind::kList>(functions, "trino_array_union",
                                               CombineArrays<SetOperation::kUnion>);
  AddArray<ArrayKind::kList, ArrayKind::kList>(functions, "trino_array_intersect",
                                               CombineArrays<SetOperation::kIntersect>);
  AddArray<ArrayKind::kList, ArrayKind::kList>(functions, "trino_array_except",
                                               CombineArrays<SetOperation::kExcept>);
  duckdb::ScalarFunction repeat("trino_repeat", {LogicalType::ANY, LogicalType::BIGINT},
                                LogicalType::LIST(LogicalType::ANY), Repeat, BindRepeat);
  repeat.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  functions.Add(std::move(repeat));
  functions.Add(Scalar<&CheckedOrder>("trino_checked_order"));
  functions.Add(Scalar<&Sequence>("trino_sequence"));
  functions.Add(Scalar<&SequenceStep>("trino_sequence"));
  functions.Add(Scalar<&DateSequence>("trino_sequence"));
}

}  // namespace planaria::kernel
