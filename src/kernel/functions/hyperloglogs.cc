// approx_set, its merge and cardinality: a HyperLogLog is kept as its bytes.
#include "kernel/functions/hyperloglog.h"
#include "kernel/functions/murmur3.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sketch_aggregate.h"
#include "kernel/functions/sketch_families.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;

template <typename T>
void AddNumber(HyperLogLog& sketch, const SketchRow& row) {
  const T value = row.At<T>(0);
  sketch.AddHash(Murmur3({reinterpret_cast<const char*>(&value), sizeof value}).first);
}
void AddText(HyperLogLog& sketch, const SketchRow& row) { sketch.AddHash(Murmur3(row.BytesAt(0)).first); }

int64_t Cardinality(Bytes sketch) { return HyperLogLog::Of(sketch.view).Cardinality(); }
void Dense(Bytes sketch, BytesOut& out) {
  HyperLogLog dense = HyperLogLog::Of(sketch.view);
  dense.MakeDense();
  dense.AppendTo(&out.text);
}

}  // namespace

void AddHyperLogLogs(FunctionSet& functions) {
  functions.Add(SketchAggregate<HyperLogLog, &AddNumber<int64_t>>("trino_approx_set", {LogicalType::BIGINT}));
  functions.Add(SketchAggregate<HyperLogLog, &AddNumber<double>>("trino_approx_set", {LogicalType::DOUBLE}));
  functions.Add(SketchAggregate<HyperLogLog, &AddText>("trino_approx_set", {LogicalType::VARCHAR}));
  functions.Add(MergeAggregate<HyperLogLog>("trino_merge_hyperloglog"));
  functions.Add(Scalar<&Cardinality>("trino_hyperloglog_cardinality"));
  functions.Add(Scalar<&Dense>("trino_dense_hyperloglog"));
}

}  // namespace planaria::kernel
