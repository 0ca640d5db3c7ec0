// make_set_digest, its merge, and what is asked of the bytes of a SetDigest.
#include "kernel/functions/set_digest.h"

#include "kernel/functions/murmur3.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sketch_aggregate.h"
#include "kernel/functions/sketch_families.h"

namespace planaria::kernel {

namespace {

using duckdb::LogicalType;

void AddNumber(SetDigest& sketch, const SketchRow& row) {
  const int64_t value = row.At<int64_t>(0);
  sketch.AddHash(Murmur3({reinterpret_cast<const char*>(&value), sizeof value}).first);
}
void AddText(SetDigest& sketch, const SketchRow& row) { sketch.AddHash(Murmur3(row.BytesAt(0)).first); }

int64_t Cardinality(Bytes sketch) { return SetDigest::Of(sketch.view).Cardinality(); }
int64_t IntersectionCardinality(Bytes left, Bytes right) {
  return SetDigest::Of(left.view).IntersectionCardinality(SetDigest::Of(right.view));
}
double JaccardIndex(Bytes left, Bytes right) {
  return SetDigest::Of(left.view).JaccardIndex(SetDigest::Of(right.view));
}
void Hashes(Bytes sketch, ListOut<int64_t>& out) {
  const SetDigest digest = SetDigest::Of(sketch.view);
  for (const auto& entry : digest.counts()) out.items.push_back(entry.first);
}
void Counts(Bytes sketch, ListOut<int16_t>& out) {
  const SetDigest digest = SetDigest::Of(sketch.view);
  for (const auto& entry : digest.counts()) out.items.push_back(entry.second);
}

}  // namespace

void AddSetDigests(FunctionSet& functions) {
  functions.Add(SketchAggregate<SetDigest, &AddNumber>("trino_make_set_digest", {LogicalType::BIGINT}));
  functions.Add(SketchAggregate<SetDigest, &AddText>("trino_make_set_digest", {LogicalType::VARCHAR}));
  functions.Add(SketchAggregate<SetDigest, &AddText>("trino_make_set_digest", {LogicalType::BLOB}));
  functions.Add(MergeAggregate<SetDigest>("trino_merge_set_digest"));
  functions.Add(Scalar<&Cardinality>("trino_set_digest_cardinality"));
  functions.Add(Scalar<&IntersectionCardinality>("trino_intersection_cardinality"));
  functions.Add(Scalar<&JaccardIndex>("trino_jaccard_index"));
  functions.Add(Scalar<&Hashes>("trino_set_digest_hashes"));
  functions.Add(Scalar<&Counts>("trino_set_digest_counts"));
}

}  // namespace planaria::kernel
