// combinations, ngrams, array_histogram, contains_sequence.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::list_entry_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::sel_t;
using duckdb::Vector;

constexpr int64_t kMaxCombinationSize = 5;
constexpr double kMaxCombinations = 100000;

/// Builds a column of lists of lists out of indexes into elements.
class PiecesBuilder {
 public:
  explicit PiecesBuilder(Vector& result) : outer_(result) {}

  void Take(idx_t index) { indexes_.push_back(static_cast<sel_t>(index)); }
  void EndPiece() {
    ends_.push_back(indexes_.size());
    outer_.Take(ends_.size() - 1);
  }
  void End(idx_t row) { outer_.End(row); }
  void EndNull(idx_t row) { outer_.EndNull(row); }
  void Finish(Vector& elements) {
    Vector pieces(LogicalType::LIST(elements.GetType()), std::max<idx_t>(ends_.size(), 1));
    ListBuilder inner(pieces);
    idx_t begin = 0;
    for (idx_t piece = 0; piece < ends_.size(); ++piece) {
      for (; begin < ends_[piece]; ++begin) inner.Take(indexes_[begin]);
      inner.End(piece);
    }
    inner.Finish(elements);
    outer_.Finish(pieces);
  }

 private:
  ListBuilder outer_;
  std::vector<sel_t> indexes_;
  std::vector<idx_t> ends_;
};

template <typename Call>
void EachWithNumber(duckdb::DataChunk& chunk, Vector& result, Call&& call) {
  const Lists lists(chunk.data[0], chunk.size());
  duckdb::UnifiedVectorFormat numbers;
  chunk.data[1].ToUnifiedFormat(chunk.size(), numbers);
  PiecesBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t at = numbers.sel->get_index(row);
    if (lists.IsNull(row) || !numbers.validity.RowIsValid(at)) {
      builder.EndNull(row);
    } else {
      call(lists.At(row), duckdb::UnifiedVectorFormat::GetData<int64_t>(numbers)[at], builder);
      builder.End(row);
    }
  }
  builder.Finish(lists.elements());
}

/// All choices of `size` elements, in order of their last places.
void Combine(list_entry_t entry, int64_t size, PiecesBuilder& builder) {
  if (size < 0) FailArgument(fmt::format("combination size must not be negative: {}", size));
  if (size > kMaxCombinationSize) {
    FailArgument(fmt::format("combination size must not exceed {}: {}", kMaxCombinationSize, size));
  }
  const auto length = static_cast<int64_t>(entry.length);
  if (size > length) return;
  double count = 1;
  for (int64_t i = 0; i < size; ++i)
    count = count * static_cast<double>(length - i) / static_cast<double>(i + 1);
  if (count > kMaxCombinations) FailArgument("combinations exceed max size");
  std::vector<int64_t> chosen(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) chosen[static_cast<size_t>(i)] = i;
  for (;;) {
    for (const int64_t place : chosen) builder.Take(entry.offset + static_cast<idx_t>(place));
    builder.EndPiece();
    // The first place that can move on without meeting the next; those before it start anew.
    int64_t first = 0;
    const auto next = [&](int64_t i) { return i + 1 < size ? chosen[static_cast<size_t>(i + 1)] : length; };
    while (first < size && chosen[static_cast<size_t>(first)] + 1 == next(first)) ++first;
    if (first == size) return;
    ++chosen[static_cast<size_t>(first)];
    for (int64_t i = 0; i < first; ++i) chosen[static_cast<size_t>(i)] = i;
  }
}

void Combinations(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  EachWithNumber(chunk, result, Combine);
}

void Ngrams(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  EachWithNumber(chunk, result, [](list_entry_t entry, int64_t size, PiecesBuilder& builder) {
    if (size <= 0) FailArgument("N must be positive");
    const idx_t width = std::min<idx_t>(static_cast<idx_t>(size), entry.length);
    for (idx_t begin = 0; begin + width <= entry.length; ++begin) {
      for (idx_t i = 0; i < width; ++i) builder.Take(entry.offset + begin + i);
      builder.EndPiece();
      if (width == 0) break;
    }
  });
}

void ArrayHistogram(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<sel_t> distinct;
  std::vector<int64_t> counts;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t begin = distinct.size();
    if (lists.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      const list_entry_t entry = lists.At(row);
      std::unordered_map<std::string_view, size_t> place_of;
      for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
        if (keys.IsNull(i)) continue;
        const auto [found, added] = place_of.try_emplace(keys[i], distinct.size());
        if (added) {
          distinct.push_back(static_cast<sel_t>(i));
          counts.push_back(0);
        }
        ++counts[found->second];
      }
    }
    duckdb::FlatVector::GetData<list_entry_t>(result)[row] = {begin, distinct.size() - begin};
  }
  duckdb::ListVector::Reserve(result, distinct.size());
  CopyAt(lists.elements(), distinct, duckdb::MapVector::GetKeys(result));
  std::copy(counts.begin(), counts.end(),
            duckdb::FlatVector::GetData<int64_t>(duckdb::MapVector::GetValues(result)));
  duckdb::ListVector::SetListSize(result, distinct.size());
}

void ContainsSequence(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lists(chunk.data[0], chunk.size());
  const Lists parts(chunk.data[1], chunk.size());
  const SortKeys keys(lists.elements(), lists.element_count());
  const SortKeys part_keys(parts.elements(), parts.element_count());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (lists.IsNull(row) || parts.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const list_entry_t list = lists.At(row);
    const list_entry_t part = parts.At(row);
    bool found = part.length == 0;
    for (idx_t begin = 0; begin + part.length <= list.length && !found; ++begin) {
      found = true;
      for (idx_t i = 0; i < part.length && found; ++i) {
        found = keys[list.offset + begin + i] == part_keys[part.offset + i];
      }
    }
    duckdb::FlatVector::GetData<bool>(result)[row] = found;
  }
}

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

LogicalType ListOf(const duckdb::Expression& argument) {
  const LogicalType& type = argument.return_type;
  return type.id() == LogicalTypeId::LIST ? type : LogicalType::LIST(LogicalType::SQLNULL);
}

duckdb::unique_ptr<duckdb::FunctionData> BindPieces(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                    Arguments& arguments) {
  function.arguments[0] = ListOf(*arguments[0]);
  function.SetReturnType(LogicalType::LIST(function.arguments[0]));
  return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindHistogram(duckdb::ClientContext&,
                                                       duckdb::ScalarFunction& function,
                                                       Arguments& arguments) {
  function.arguments[0] = ListOf(*arguments[0]);
  function.SetReturnType(
      LogicalType::MAP(duckdb::ListType::GetChildType(function.arguments[0]), LogicalType::BIGINT));
  return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindSequence(duckdb::ClientContext& context,
                                                      duckdb::ScalarFunction& function,
                                                      Arguments& arguments) {
  const LogicalType type = LogicalType::MaxLogicalType(context, ListOf(*arguments[0]), ListOf(*arguments[1]));
  function.arguments = {type, type};
  return nullptr;
}

}  // namespace

void AddArrayPieces(FunctionSet& functions) {
  const LogicalType list = LogicalType::LIST(LogicalType::ANY);
  functions.Add(duckdb::ScalarFunction("trino_combinations", {list, LogicalType::BIGINT},
                                       LogicalType::LIST(list), Combinations, BindPieces));
  functions.Add(duckdb::ScalarFunction("trino_ngrams", {list, LogicalType::BIGINT}, LogicalType::LIST(list),
                                       Ngrams, BindPieces));
  functions.Add(duckdb::ScalarFunction("trino_array_histogram", {list},
                                       LogicalType::MAP(LogicalType::ANY, LogicalType::BIGINT),
                                       ArrayHistogram, BindHistogram));
  functions.Add(duckdb::ScalarFunction("trino_contains_sequence", {list, list}, LogicalType::BOOLEAN,
                                       ContainsSequence, BindSequence));
}

}  // namespace planaria::kernel
