// Arrays of doubles as vectors: their products and distances.
#include <cmath>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"

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
  return sums.product / (std::sqrt(sums.left_square) * std::sqrt(sums.right_square));
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

}  // namespace

void AddVectors(FunctionSet& functions) {
  const LogicalType vector = LogicalType::LIST(LogicalType::DOUBLE);
  const auto add = [&](const char* name, duckdb::scalar_function_t run) {
    functions.Add(duckdb::ScalarFunction(name, {vector, vector}, LogicalType::DOUBLE, std::move(run)));
  };
  add("trino_dot_product", Measure<Product, NullElements::kZero>);
  add("trino_euclidean_distance", Measure<Distance, NullElements::kZero>);
  add("trino_cosine_similarity", Measure<Cosine, NullElements::kNull>);
  add("trino_cosine_distance", Measure<CosineDistance, NullElements::kNull>);
}

}  // namespace planaria::kernel
