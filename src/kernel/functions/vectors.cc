// Arrays of doubles as vectors: their products and distances; as the bins of width_bucket.
#include <array>
#include <cmath>
#include <string>
#include <unordered_map>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

/// What one pass over two vectors adds up.
struct Sums {
  double product = 0;
  double left_square = 0;
  double right_square = 0;
  double difference_square = 0;

  void Add(double left, double right) {
    product += left * right;
    left_square += left * left;
    right_square += right * right;
    difference_square += (left - right) * (left - right);
  }
};

double Product(const Sums& sums) { return sums.product; }
double Distance(const Sums& sums) { return std::sqrt(sums.difference_square); }
double Cosine(const Sums& sums) {
  if (sums.left_square == 0 || sums.right_square == 0) FailArgument("Vector magnitude cannot be zero");
  return sums.product / std::sqrt(sums.left_square * sums.right_square);
}
double CosineDistance(const Sums& sums) { return 1 - Cosine(sums); }

enum class NullElements { kZero, kNull };

template <auto kFinish, NullElements kNulls>
void Measure(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists lefts(chunk.data[0], chunk.size());
  const Lists rights(chunk.data[1], chunk.size());
  duckdb::UnifiedVectorFormat left, right;
  lefts.elements().ToUnifiedFormat(lefts.element_count(), left);
  rights.elements().ToUnifiedFormat(rights.element_count(), right);
  const auto* left_values = duckdb::UnifiedVectorFormat::GetData<double>(left);
  const auto* right_values = duckdb::UnifiedVectorFormat::GetData<double>(right);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    bool null = lefts.IsNull(row) || rights.IsNull(row);
    Sums sums;
    if (!null) {
      const auto a = lefts.At(row);
      const auto b = rights.At(row);
      if (a.length != b.length) FailArgument("The arguments must have the same length");
      for (idx_t i = 0; i < a.length && !null; ++i) {
        const idx_t at_left = left.sel->get_index(a.offset + i);
        const idx_t at_right = right.sel->get_index(b.offset + i);
        const bool has_left = left.validity.RowIsValid(at_left);
        const bool has_right = right.validity.RowIsValid(at_right);
        null = kNulls == NullElements::kNull && !(has_left && has_right);
        sums.Add(has_left ? left_values[at_left] : 0, has_right ? right_values[at_right] : 0);
      }
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      duckdb::FlatVector::GetData<double>(result)[row] = kFinish(sums);
    }
  }
}

/// Cosine similarity of maps as sparse vectors; NULL when a value is.
void MapSimilarity(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  using Format = duckdb::UnifiedVectorFormat;
  std::array<Lists, 2> maps = {Lists(chunk.data[0], chunk.size()), Lists(chunk.data[1], chunk.size())};
  std::array<Format, 2> keys, values;
  for (size_t i = 0; i < maps.size(); ++i) {
    duckdb::MapVector::GetKeys(chunk.data[i]).ToUnifiedFormat(maps[i].element_count(), keys[i]);
    duckdb::MapVector::GetValues(chunk.data[i]).ToUnifiedFormat(maps[i].element_count(), values[i]);
  }
  const auto key_at = [&](size_t map, idx_t i) {
    const auto& key = Format::GetData<duckdb::string_t>(keys[map])[keys[map].sel->get_index(i)];
    return std::string_view(key.GetData(), key.GetSize());
  };
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    bool null = maps[0].IsNull(row) || maps[1].IsNull(row);
    Sums sums;
    std::unordered_map<std::string_view, double> left;
    for (size_t map = 0; map < maps.size() && !null; ++map) {
      const auto entry = maps[map].At(row);
      for (idx_t i = entry.offset; i < entry.offset + entry.length && !null; ++i) {
        const idx_t at = values[map].sel->get_index(i);
        null = !values[map].validity.RowIsValid(at);
        if (null) break;
        const double value = Format::GetData<double>(values[map])[at];
        (map == 0 ? sums.left_square : sums.right_square) += value * value;
        if (map == 0) {
          left.emplace(key_at(map, i), value);
        } else if (const auto same = left.find(key_at(map, i)); same != left.end()) {
          sums.product += same->second * value;
        }
      }
    }
    if (null || sums.left_square == 0 || sums.right_square == 0) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      duckdb::FlatVector::GetData<double>(result)[row] =
          sums.product / (std::sqrt(sums.left_square) * std::sqrt(sums.right_square));
    }
  }
}

/// The number of bins whose lower bound the operand reaches.
void WidthBucket(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  using Format = duckdb::UnifiedVectorFormat;
  const Lists lists(chunk.data[1], chunk.size());
  Format operands, bins;
  chunk.data[0].ToUnifiedFormat(chunk.size(), operands);
  lists.elements().ToUnifiedFormat(lists.element_count(), bins);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    const idx_t at = operands.sel->get_index(row);
    if (lists.IsNull(row) || !operands.validity.RowIsValid(at)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const double operand = Format::GetData<double>(operands)[at];
    const auto entry = lists.At(row);
    if (entry.length == 0) FailArgument("Bins cannot be an empty array");
    if (std::isnan(operand)) FailArgument("Operand cannot be NaN");
    const auto bin_at = [&](idx_t index) {
      const idx_t bin = bins.sel->get_index(entry.offset + index);
      if (!bins.validity.RowIsValid(bin)) FailArgument("Bin values cannot be NULL");
      return Format::GetData<double>(bins)[bin];
    };
    idx_t low = 0, high = entry.length;
    // Trino's search, which sees that bins are not sorted only where it looks.
    while (low < high) {
      if (bin_at(low) > bin_at(high - 1)) FailArgument("Bin values are not sorted in ascending order");
      const idx_t middle = (low + high) / 2;
      const double bound = bin_at(middle);
      if (!std::isfinite(bound)) {
        std::string text;
        AppendJavaDouble(bound, &text);
        FailArgument("Bin value must be finite, got " + text);
      }
      if (operand < bound) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(low);
  }
}

}  // namespace

void AddVectors(FunctionSet& functions) {
  const LogicalType vector = LogicalType::LIST(LogicalType::DOUBLE);
  const auto add = [&](const char* name, duckdb::scalar_function_t run) {
    functions.Add(duckdb::ScalarFunction(name, {vector, vector}, LogicalType::DOUBLE, std::move(run)));
  };
  const LogicalType sparse = LogicalType::MAP(LogicalType::VARCHAR, LogicalType::DOUBLE);
  functions.Add(duckdb::ScalarFunction("trino_cosine_similarity", {sparse, sparse}, LogicalType::DOUBLE,
                                       MapSimilarity));
  functions.Add(duckdb::ScalarFunction("trino_width_bucket", {LogicalType::DOUBLE, vector},
                                       LogicalType::BIGINT, WidthBucket));
  add("trino_dot_product", Measure<Product, NullElements::kZero>);
  add("trino_euclidean_distance", Measure<Distance, NullElements::kZero>);
  add("trino_cosine_similarity", Measure<Cosine, NullElements::kNull>);
  add("trino_cosine_distance", Measure<CosineDistance, NullElements::kNull>);
}

}  // namespace planaria::kernel
