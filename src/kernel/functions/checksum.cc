// checksum: a sum of the hashes of values, which does not depend on their order. Those of numbers, texts,
// dates and timestamps are Trino's; of other types they are the kernel's.
#include <xxhash.h>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "kernel/functions/sketch_families.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

constexpr uint64_t kPrime = 0x9E3779B185EBCA87ULL;

struct State {
  uint64_t sum;
  bool any;

  void Add(uint64_t hash) {
    sum += hash;
    any = true;
  }
};

template <typename T>
uint64_t HashOf(const T& value) {
  const auto wide = static_cast<int64_t>(value);
  return XXH64(&wide, sizeof wide, 0);
}
template <>
uint64_t HashOf(const double& value) {
  const double plain = value == 0 ? 0 : value;
  return XXH64(&plain, sizeof plain, 0);
}
template <>
uint64_t HashOf(const float& value) {
  const float plain = value == 0 ? 0 : value;
  int32_t bits;
  std::memcpy(&bits, &plain, sizeof bits);
  return HashOf(int64_t{bits});
}
template <>
uint64_t HashOf(const duckdb::string_t& value) {
  return XXH64(value.GetData(), value.GetSize(), 0);
}
template <>
uint64_t HashOf(const duckdb::date_t& value) {
  return HashOf(value.days);
}
template <>
uint64_t HashOf(const duckdb::timestamp_t& value) {
  return HashOf(value.value);
}

/// Adds the hash of each row, NULL too, to what `state_of(row)` is.
template <typename T, typename StateOf>
void AddEach(Vector& input, idx_t count, const StateOf& state_of) {
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  for (idx_t i = 0; i < count; ++i) {
    const idx_t at = format.sel->get_index(i);
    const bool valid = format.validity.RowIsValid(at);
    state_of(i).Add(valid ? HashOf(duckdb::UnifiedVectorFormat::GetData<T>(format)[at]) * kPrime : kPrime);
  }
}

template <typename StateOf>
void AddOfAny(Vector& input, idx_t count, const StateOf& state_of) {
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  Vector hashes(LogicalType::HASH, count);
  duckdb::VectorOperations::Hash(input, hashes, count);
  hashes.Flatten(count);
  for (idx_t i = 0; i < count; ++i) {
    const bool valid = format.validity.RowIsValid(format.sel->get_index(i));
    state_of(i).Add(valid ? duckdb::FlatVector::GetData<duckdb::hash_t>(hashes)[i] * kPrime : kPrime);
  }
}

template <typename StateOf>
void AddAll(Vector& input, idx_t count, const StateOf& state_of) {
  switch (input.GetType().id()) {
    case LogicalTypeId::BOOLEAN:
      return AddEach<bool>(input, count, state_of);
    case LogicalTypeId::TINYINT:
      return AddEach<int8_t>(input, count, state_of);
    case LogicalTypeId::SMALLINT:
      return AddEach<int16_t>(input, count, state_of);
    case LogicalTypeId::INTEGER:
      return AddEach<int32_t>(input, count, state_of);
    case LogicalTypeId::BIGINT:
      return AddEach<int64_t>(input, count, state_of);
    case LogicalTypeId::FLOAT:
      return AddEach<float>(input, count, state_of);
    case LogicalTypeId::DOUBLE:
      return AddEach<double>(input, count, state_of);
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB:
      return AddEach<duckdb::string_t>(input, count, state_of);
    case LogicalTypeId::DATE:
      return AddEach<duckdb::date_t>(input, count, state_of);
    case LogicalTypeId::TIMESTAMP:
      return AddEach<duckdb::timestamp_t>(input, count, state_of);
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_SEC: {
      // Trino hashes microseconds, whatever the precision.
      Vector micros(LogicalType::TIMESTAMP, count);
      duckdb::VectorOperations::DefaultCast(input, micros, count);
      return AddEach<duckdb::timestamp_t>(micros, count, state_of);
    }
    case LogicalTypeId::DECIMAL:
      switch (input.GetType().InternalType()) {
        case duckdb::PhysicalType::INT16:
          return AddEach<int16_t>(input, count, state_of);
        case duckdb::PhysicalType::INT32:
          return AddEach<int32_t>(input, count, state_of);
        case duckdb::PhysicalType::INT64:
          return AddEach<int64_t>(input, count, state_of);
        default:
          return AddOfAny(input, count, state_of);
      }
    default:
      return AddOfAny(input, count, state_of);
  }
}

idx_t Size(const duckdb::AggregateFunction&) { return sizeof(State); }
void Initialize(const duckdb::AggregateFunction&, duckdb::data_ptr_t state) {
  *reinterpret_cast<State*>(state) = State{};
}

void Update(Vector inputs[], duckdb::AggregateInputData&, idx_t, Vector& states, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto* const* pointers = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  AddAll(inputs[0], count,
         [&](idx_t row) -> State& { return *const_cast<State*>(pointers[format.sel->get_index(row)]); });
}
void SimpleUpdate(Vector inputs[], duckdb::AggregateInputData&, idx_t, duckdb::data_ptr_t state,
                  idx_t count) {
  AddAll(inputs[0], count, [&](idx_t) -> State& { return *reinterpret_cast<State*>(state); });
}

/// Of checksums: their sum.
template <typename StateOf>
void AddSums(Vector& input, idx_t count, const StateOf& state_of) {
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  for (idx_t i = 0; i < count; ++i) {
    const idx_t at = format.sel->get_index(i);
    if (!format.validity.RowIsValid(at)) continue;
    uint64_t sum;
    std::memcpy(&sum, duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format)[at].GetData(),
                sizeof sum);
    state_of(i).Add(sum);
  }
}
void MergeUpdate(Vector inputs[], duckdb::AggregateInputData&, idx_t, Vector& states, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto* const* pointers = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  AddSums(inputs[0], count,
          [&](idx_t row) -> State& { return *const_cast<State*>(pointers[format.sel->get_index(row)]); });
}
void MergeSimpleUpdate(Vector inputs[], duckdb::AggregateInputData&, idx_t, duckdb::data_ptr_t state,
                       idx_t count) {
  AddSums(inputs[0], count, [&](idx_t) -> State& { return *reinterpret_cast<State*>(state); });
}

void Combine(Vector& from, Vector& into, duckdb::AggregateInputData&, idx_t count) {
  const auto* sources = duckdb::FlatVector::GetData<const State*>(from);
  auto* targets = duckdb::FlatVector::GetData<State*>(into);
  for (idx_t i = 0; i < count; ++i) {
    if (sources[i]->any) targets[i]->Add(sources[i]->sum);
  }
}

void Finalize(Vector& states, duckdb::AggregateInputData&, Vector& result, idx_t count, idx_t offset) {
  const bool constant = states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  auto* pointers = constant ? duckdb::ConstantVector::GetData<State*>(states)
                            : duckdb::FlatVector::GetData<State*>(states);
  auto* values = constant ? duckdb::ConstantVector::GetData<duckdb::string_t>(result)
                          : duckdb::FlatVector::GetData<duckdb::string_t>(result);
  for (idx_t i = 0; i < count; ++i) {
    const State& state = *pointers[i];
    if (state.any) {
      values[i + offset] = duckdb::StringVector::AddStringOrBlob(
          result, reinterpret_cast<const char*>(&state.sum), sizeof state.sum);
    } else if (constant) {
      duckdb::ConstantVector::SetNull(result, true);
    } else {
      duckdb::FlatVector::SetNull(result, i + offset, true);
    }
  }
}

duckdb::AggregateFunction Function(const char* name, const LogicalType& argument,
                                   duckdb::aggregate_update_t update,
                                   duckdb::aggregate_simple_update_t simple_update) {
  return duckdb::AggregateFunction(name, {argument}, LogicalType::BLOB, Size, Initialize, update, Combine,
                                   Finalize, duckdb::FunctionNullHandling::SPECIAL_HANDLING, simple_update);
}

}  // namespace

void AddChecksum(FunctionSet& functions) {
  functions.Add(Function("trino_checksum", LogicalType::ANY, Update, SimpleUpdate));
  functions.Add(Function("trino_merge_checksum", LogicalType::BLOB, MergeUpdate, MergeSimpleUpdate));
}

}  // namespace planaria::kernel
