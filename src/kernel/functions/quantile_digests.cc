// qdigest_agg, tdigest_agg, their merges, and the quantiles in their bytes. Numbers of a qdigest of real and
// double are kept as integers in the same order.
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "kernel/functions/lists.h"
#include "kernel/functions/qdigest.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sketch_aggregate.h"
#include "kernel/functions/sketch_families.h"
#include "kernel/functions/tdigest.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

template <typename T>
int64_t Sortable(T value) {
  if constexpr (std::is_same_v<T, int64_t>) {
    return value;
  } else {
    using Bits = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
    const auto bits = std::bit_cast<Bits>(value);
    return bits < 0 ? bits ^ std::numeric_limits<Bits>::max() : bits;
  }
}
template <typename T>
T OfSortable(int64_t sortable) {
  if constexpr (std::is_same_v<T, int64_t>) {
    return sortable;
  } else {
    using Bits = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
    const auto bits = static_cast<Bits>(sortable);
    return std::bit_cast<T>(bits < 0 ? static_cast<Bits>(bits ^ std::numeric_limits<Bits>::max()) : bits);
  }
}

/// The accuracy is that of the first row.
using AddedQDigest = Sized<QDigest>;

/// (value[, weight[, accuracy]])
template <typename T>
void AddQuantile(AddedQDigest& added, const SketchRow& row) {
  const int64_t weight = row.size() > 1 ? row.At<int64_t>(1) : 1;
  if (weight <= 0) FailArgument(fmt::format("Percentile weight must be > 0, was {}", weight));
  if (row.size() > 2) {
    const double accuracy = row.At<double>(2);
    if (!(accuracy > 0 && accuracy < 1)) {
      std::string text;
      AppendJavaDouble(accuracy, &text);
      FailArgument("Percentile accuracy must be exclusively between 0 and 1, was " + text);
    }
  }
  if (!added.sketch) added.sketch.emplace(row.size() > 2 ? row.At<double>(2) : QDigest::kDefaultAccuracy);
  added.sketch->Add(Sortable(row.At<T>(0)), static_cast<double>(weight));
}

void AddCentroid(TDigest& digest, const SketchRow& row) {
  digest.Add(row.At<double>(0), row.size() > 1 ? row.At<double>(1) : 1);
}

template <typename T>
std::optional<T> Found(std::optional<int64_t> sortable) {
  return sortable ? std::optional(OfSortable<T>(*sortable)) : std::nullopt;
}
template <typename T>
std::optional<T> Found(double value) {
  return value;
}

template <typename T>
std::optional<T> ValueAt(Bytes bytes, double quantile) {
  return Found<T>(QDigest::Of(bytes.view).ValueAt(quantile));
}
template <typename T>
std::optional<double> QuantileAt(Bytes bytes, T value) {
  return QDigest::Of(bytes.view).QuantileAt(Sortable(value));
}
/// (digest, quantiles): a value for each. `kIncreasing`: the quantiles have to be in order.
template <typename Digest, typename T, bool kIncreasing>
void ValuesAt(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  const idx_t rows = chunk.size();
  duckdb::UnifiedVectorFormat digests, quantiles;
  chunk.data[0].ToUnifiedFormat(rows, digests);
  const Lists lists(chunk.data[1], rows);
  lists.elements().ToUnifiedFormat(lists.element_count(), quantiles);
  duckdb::ListVector::Reserve(result, lists.element_count());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  idx_t made = 0;
  for (idx_t row = 0; row < rows; ++row) {
    const idx_t at = digests.sel->get_index(row);
    if (!digests.validity.RowIsValid(at) || lists.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const auto& bytes = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(digests)[at];
    Digest digest = Digest::Of({bytes.GetData(), bytes.GetSize()});
    const duckdb::list_entry_t list = lists.At(row);
    duckdb::ListVector::Reserve(result, made + list.length);
    duckdb::Vector& values = duckdb::ListVector::GetEntry(result);
    entries[row] = {made, list.length};
    double before = 0;
    for (idx_t i = 0; i < list.length; ++i, ++made) {
      const idx_t element = quantiles.sel->get_index(list.offset + i);
      std::optional<T> value;
      if (quantiles.validity.RowIsValid(element)) {
        const double quantile = duckdb::UnifiedVectorFormat::GetData<double>(quantiles)[element];
        if (kIncreasing && quantile < before) FailArgument("percentiles must be sorted in increasing order");
        before = quantile;
        value = Found<T>(digest.ValueAt(quantile));
      }
      if (value) {
        duckdb::FlatVector::GetData<T>(values)[made] = *value;
      } else {
        duckdb::FlatVector::SetNull(values, made, true);
      }
    }
  }
  duckdb::ListVector::SetListSize(result, made);
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <typename Digest, typename T, bool kIncreasing>
duckdb::ScalarFunction ValuesFunction(const std::string& name, const LogicalType& type) {
  return duckdb::ScalarFunction(name, {LogicalType::BLOB, LogicalType::LIST(LogicalType::DOUBLE)},
                                LogicalType::LIST(type), ValuesAt<Digest, T, kIncreasing>);
}

double TDigestValueAt(Bytes bytes, double quantile) { return TDigest::Of(bytes.view).ValueAt(quantile); }

template <typename T>
void AddQDigest(FunctionSet& functions, const LogicalType& type, const std::string& name) {
  const auto add = [&](duckdb::vector<LogicalType> arguments) {
    functions.Add(SketchAggregate<AddedQDigest, &AddQuantile<T>>("trino_qdigest_agg", std::move(arguments)));
  };
  add({type});
  add({type, LogicalType::BIGINT});
  add({type, LogicalType::BIGINT, LogicalType::DOUBLE});
  functions.Add(Scalar<&ValueAt<T>>("trino_qdigest_value_" + name));
  functions.Add(Scalar<&QuantileAt<T>>("trino_qdigest_quantile_" + name));
  functions.Add(ValuesFunction<QDigest, T, false>("trino_qdigest_values_" + name, type));
}

}  // namespace

void AddQuantileDigests(FunctionSet& functions) {
  AddQDigest<int64_t>(functions, LogicalType::BIGINT, "bigint");
  AddQDigest<double>(functions, LogicalType::DOUBLE, "double");
  AddQDigest<float>(functions, LogicalType::FLOAT, "real");
  functions.Add(MergeAggregate<QDigest>("trino_merge_qdigest"));
  functions.Add(SketchAggregate<TDigest, &AddCentroid>("trino_tdigest_agg", {LogicalType::DOUBLE}));
  functions.Add(SketchAggregate<TDigest, &AddCentroid>("trino_tdigest_agg",
                                                       {LogicalType::DOUBLE, LogicalType::DOUBLE}));
  functions.Add(MergeAggregate<TDigest>("trino_merge_tdigest"));
  functions.Add(Scalar<&TDigestValueAt>("trino_tdigest_value"));
  functions.Add(ValuesFunction<TDigest, double, true>("trino_tdigest_values", LogicalType::DOUBLE));
  functions.Add(ValuesFunction<TDigest, double, false>("trino_tdigest_percentiles", LogicalType::DOUBLE));
}

}  // namespace planaria::kernel
