// approx_distinct: a HyperLogLog of the kernel's hashes of values of any type, as many buckets as the
// standard error asks for.
#include <cmath>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "kernel/functions/hyperloglog.h"
#include "kernel/functions/sketch_aggregate.h"
#include "kernel/functions/sketch_bytes.h"
#include "kernel/functions/sketch_families.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

constexpr double kLeastError = 0.0040625, kMostError = 0.26;

/// The number of buckets is the first power of two from which on the error of a HyperLogLog, 1.04 divided by
/// the square root of that number, is small enough.
int IndexBitsFor(double error) {
  if (!(error >= kLeastError && error <= kMostError)) {
    std::string text = "Max standard error must be in [0.0040625, 0.26]: ";
    AppendJavaDouble(error, &text);
    FailArgument(text);
  }
  return static_cast<int>(std::ceil(std::log2(std::ceil(1.0816 / (error * error)))));
}

using Distinct = Sized<HyperLogLog>;
using State = sketch_detail::State<Distinct>;

/// (value[, standard error]): `state_of(row)` is what the row belongs to.
template <typename StateOf>
void AddEach(Vector inputs[], idx_t inputs_count, idx_t count, const StateOf& state_of) {
  const auto formats = sketch_detail::Formats(inputs, inputs_count, count);
  Vector hashes(LogicalType::HASH, count);
  duckdb::VectorOperations::Hash(inputs[0], hashes, count);
  hashes.Flatten(count);
  for (idx_t i = 0; i < count; ++i) {
    const SketchRow row(formats, i);
    if (row.HasNull()) continue;
    std::optional<HyperLogLog>& sketch = state_of(i).Get().sketch;
    if (!sketch) {
      sketch.emplace(inputs_count > 1 ? IndexBitsFor(row.At<double>(1))
                                      : HyperLogLog::kApproxDistinctIndexBits);
    }
    sketch->AddHash(duckdb::FlatVector::GetData<duckdb::hash_t>(hashes)[i]);
  }
}

void Update(Vector inputs[], duckdb::AggregateInputData&, idx_t inputs_count, Vector& states, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  AddEach(inputs, inputs_count, count,
          [&](idx_t row) -> State& { return sketch_detail::StateAt<Distinct>(format, row); });
}
void SimpleUpdate(Vector inputs[], duckdb::AggregateInputData&, idx_t inputs_count, duckdb::data_ptr_t state,
                  idx_t count) {
  AddEach(inputs, inputs_count, count, [&](idx_t) -> State& { return *reinterpret_cast<State*>(state); });
}

duckdb::AggregateFunction Function(duckdb::vector<LogicalType> arguments) {
  using namespace sketch_detail;
  return duckdb::AggregateFunction("trino_approx_distinct", std::move(arguments), LogicalType::BLOB,
                                   Size<Distinct>, Initialize<Distinct>, Update, Combine<Distinct>,
                                   Finalize<Distinct>, duckdb::FunctionNullHandling::DEFAULT_NULL_HANDLING,
                                   SimpleUpdate, nullptr, Destroy<Distinct>);
}

}  // namespace

void AddApproxDistinct(FunctionSet& functions) {
  functions.Add(Function({LogicalType::ANY}));
  functions.Add(Function({LogicalType::ANY, LogicalType::DOUBLE}));
}

}  // namespace planaria::kernel
