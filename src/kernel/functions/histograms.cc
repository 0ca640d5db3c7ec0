// numeric_histogram and approx_most_frequent, their merges, and the keys and values of their maps.
#include "kernel/functions/most_frequent.h"
#include "kernel/functions/numeric_histogram.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sketch_aggregate.h"
#include "kernel/functions/sketch_bytes.h"
#include "kernel/functions/sketch_families.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;

/// (buckets, value[, weight])
void AddBucket(Sized<NumericHistogram>& sized, const SketchRow& row) {
  if (!sized.sketch) sized.sketch.emplace(row.At<int64_t>(0));
  sized.sketch->Add(row.At<double>(1), row.size() > 2 ? row.At<double>(2) : 1);
}

/// (buckets, value, capacity)
void AddNumber(Sized<MostFrequent>& sized, const SketchRow& row) {
  if (!sized.sketch) sized.sketch.emplace(row.At<int64_t>(0), row.At<int64_t>(2));
  const int64_t value = row.At<int64_t>(1);
  sized.sketch->Add({reinterpret_cast<const char*>(&value), sizeof value}, 1);
}
void AddText(Sized<MostFrequent>& sized, const SketchRow& row) {
  if (!sized.sketch) sized.sketch.emplace(row.At<int64_t>(0), row.At<int64_t>(2));
  sized.sketch->Add(row.BytesAt(1), 1);
}

void HistogramValues(Bytes bytes, ListOut<double>& out) {
  for (const auto& bucket : NumericHistogram::Of(bytes.view).Buckets()) out.items.push_back(bucket.value);
}
void HistogramWeights(Bytes bytes, ListOut<double>& out) {
  for (const auto& bucket : NumericHistogram::Of(bytes.view).Buckets()) out.items.push_back(bucket.weight);
}
void FrequentNumbers(Bytes bytes, ListOut<int64_t>& out) {
  for (const auto& item : MostFrequent::Of(bytes.view).Top()) {
    SketchReader number(item.value, "list of frequent numbers");
    out.items.push_back(number.Take<int64_t>());
  }
}
void FrequentTexts(Bytes bytes, ListOut<std::string>& out) {
  for (const auto& item : MostFrequent::Of(bytes.view).Top()) out.items.push_back(item.value);
}
void FrequentCounts(Bytes bytes, ListOut<int64_t>& out) {
  for (const auto& item : MostFrequent::Of(bytes.view).Top()) out.items.push_back(item.count);
}

}  // namespace

void AddHistograms(FunctionSet& functions) {
  using Histogram = Sized<NumericHistogram>;
  using Frequent = Sized<MostFrequent>;
  constexpr const char* kHistogram = "trino_numeric_histogram";
  constexpr const char* kFrequent = "trino_most_frequent";
  functions.Add(
      SketchAggregate<Histogram, &AddBucket>(kHistogram, {LogicalType::BIGINT, LogicalType::DOUBLE}));
  functions.Add(SketchAggregate<Histogram, &AddBucket>(
      kHistogram, {LogicalType::BIGINT, LogicalType::DOUBLE, LogicalType::DOUBLE}));
  functions.Add(MergeAggregate<NumericHistogram>("trino_merge_numeric_histogram"));
  functions.Add(Scalar<&HistogramValues>("trino_numeric_histogram_values"));
  functions.Add(Scalar<&HistogramWeights>("trino_numeric_histogram_weights"));
  functions.Add(SketchAggregate<Frequent, &AddNumber>(
      kFrequent, {LogicalType::BIGINT, LogicalType::BIGINT, LogicalType::BIGINT}));
  functions.Add(SketchAggregate<Frequent, &AddText>(
      kFrequent, {LogicalType::BIGINT, LogicalType::VARCHAR, LogicalType::BIGINT}));
  functions.Add(MergeAggregate<MostFrequent>("trino_merge_most_frequent"));
  functions.Add(Scalar<&FrequentNumbers>("trino_frequent_numbers"));
  functions.Add(Scalar<&FrequentTexts>("trino_frequent_texts"));
  functions.Add(Scalar<&FrequentCounts>("trino_frequent_counts"));
}

}  // namespace planaria::kernel
