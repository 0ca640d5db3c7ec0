// Makes a DuckDB aggregate function of a class of sketches.
//
//   class Sketch { Sketch(); void Merge(const Sketch&); void AppendTo(std::string*) const; };
//   void Add(Sketch& sketch, const SketchRow& row);
//   functions.Add(SketchAggregate<Sketch, &Add>("trino_sketch", {LogicalType::BIGINT}));
//
// The result is the sketch's bytes (BLOB), NULL when no row had a value. Rows with NULL in any argument are
// passed over. MergeAggregate makes the one that merges such bytes, which is how parts of several workers
// become one (planner/aggregation_split.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/function/aggregate_function.hpp"

namespace planaria::kernel {

/// One row of an aggregate's arguments, none of them NULL.
class SketchRow {
 public:
  SketchRow(const std::vector<duckdb::UnifiedVectorFormat>& formats, duckdb::idx_t row)
      : formats_(formats), row_(row) {}

  template <typename T>
  const T& At(size_t argument) const {
    const duckdb::UnifiedVectorFormat& format = formats_[argument];
    return duckdb::UnifiedVectorFormat::GetData<T>(format)[format.sel->get_index(row_)];
  }
  std::string_view BytesAt(size_t argument) const {
    const auto& text = At<duckdb::string_t>(argument);
    return {text.GetData(), text.GetSize()};
  }
  size_t size() const { return formats_.size(); }
  bool HasNull() const {
    for (const duckdb::UnifiedVectorFormat& format : formats_) {
      if (!format.validity.RowIsValid(format.sel->get_index(row_))) return true;
    }
    return false;
  }

 private:
  const std::vector<duckdb::UnifiedVectorFormat>& formats_;
  duckdb::idx_t row_;
};

namespace sketch_detail {

template <typename Sketch>
struct State {
  /// Null until a row has a value.
  Sketch* sketch;

  Sketch& Get() {
    if (sketch == nullptr) sketch = new Sketch();
    return *sketch;
  }
};

template <typename Sketch>
duckdb::idx_t Size(const duckdb::AggregateFunction&) {
  return sizeof(State<Sketch>);
}

template <typename Sketch>
void Initialize(const duckdb::AggregateFunction&, duckdb::data_ptr_t state) {
  reinterpret_cast<State<Sketch>*>(state)->sketch = nullptr;
}

inline std::vector<duckdb::UnifiedVectorFormat> Formats(duckdb::Vector inputs[], duckdb::idx_t inputs_count,
                                                        duckdb::idx_t rows) {
  std::vector<duckdb::UnifiedVectorFormat> formats(inputs_count);
  for (duckdb::idx_t i = 0; i < inputs_count; ++i) inputs[i].ToUnifiedFormat(rows, formats[i]);
  return formats;
}

template <typename Sketch>
State<Sketch>& StateAt(const duckdb::UnifiedVectorFormat& states, duckdb::idx_t row) {
  return *duckdb::UnifiedVectorFormat::GetDataNoConst<State<Sketch>*>(
      const_cast<duckdb::UnifiedVectorFormat&>(states))[states.sel->get_index(row)];
}

template <typename Sketch, void (*kAdd)(Sketch&, const SketchRow&)>
void Update(duckdb::Vector inputs[], duckdb::AggregateInputData&, duckdb::idx_t inputs_count,
            duckdb::Vector& states, duckdb::idx_t count) {
  const auto formats = Formats(inputs, inputs_count, count);
  duckdb::UnifiedVectorFormat state_format;
  states.ToUnifiedFormat(count, state_format);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const SketchRow row(formats, i);
    if (!row.HasNull()) kAdd(StateAt<Sketch>(state_format, i).Get(), row);
  }
}

template <typename Sketch, void (*kAdd)(Sketch&, const SketchRow&)>
void SimpleUpdate(duckdb::Vector inputs[], duckdb::AggregateInputData&, duckdb::idx_t inputs_count,
                  duckdb::data_ptr_t state, duckdb::idx_t count) {
  const auto formats = Formats(inputs, inputs_count, count);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const SketchRow row(formats, i);
    if (!row.HasNull()) kAdd(reinterpret_cast<State<Sketch>*>(state)->Get(), row);
  }
}

template <typename Sketch>
void Combine(duckdb::Vector& from, duckdb::Vector& into, duckdb::AggregateInputData&, duckdb::idx_t count) {
  duckdb::UnifiedVectorFormat sources, targets;
  from.ToUnifiedFormat(count, sources);
  into.ToUnifiedFormat(count, targets);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const Sketch* source = StateAt<Sketch>(sources, i).sketch;
    if (source == nullptr) continue;
    State<Sketch>& target = StateAt<Sketch>(targets, i);
    if (target.sketch == nullptr) {
      target.sketch = new Sketch(*source);
    } else {
      target.sketch->Merge(*source);
    }
  }
}

template <typename Sketch>
void Finalize(duckdb::Vector& states, duckdb::AggregateInputData&, duckdb::Vector& result,
              duckdb::idx_t count, duckdb::idx_t offset) {
  const bool constant = states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto* values = constant ? duckdb::ConstantVector::GetData<duckdb::string_t>(result)
                          : duckdb::FlatVector::GetData<duckdb::string_t>(result);
  std::string bytes;
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const Sketch* sketch = StateAt<Sketch>(format, i).sketch;
    if (sketch == nullptr) {
      if (constant) {
        duckdb::ConstantVector::SetNull(result, true);
      } else {
        duckdb::FlatVector::SetNull(result, i + offset, true);
      }
      continue;
    }
    bytes.clear();
    sketch->AppendTo(&bytes);
    values[i + offset] = duckdb::StringVector::AddStringOrBlob(result, bytes);
  }
}

template <typename Sketch>
void Destroy(duckdb::Vector& states, duckdb::AggregateInputData&, duckdb::idx_t count) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    State<Sketch>& state = StateAt<Sketch>(format, i);
    delete state.sketch;
    state.sketch = nullptr;
  }
}

}  // namespace sketch_detail

template <typename Sketch, void (*kAdd)(Sketch&, const SketchRow&)>
duckdb::AggregateFunction SketchAggregate(const char* name, duckdb::vector<duckdb::LogicalType> arguments) {
  using namespace sketch_detail;
  return duckdb::AggregateFunction(name, std::move(arguments), duckdb::LogicalType::BLOB, Size<Sketch>,
                                   Initialize<Sketch>, Update<Sketch, kAdd>, Combine<Sketch>,
                                   Finalize<Sketch>, duckdb::FunctionNullHandling::DEFAULT_NULL_HANDLING,
                                   SimpleUpdate<Sketch, kAdd>, nullptr, Destroy<Sketch>);
}

/// A sketch whose sizes the first row tells.
template <typename Sketch>
struct Sized {
  std::optional<Sketch> sketch;

  void Merge(const Sized& other) {
    if (!sketch) {
      sketch = other.sketch;
    } else if (other.sketch) {
      sketch->Merge(*other.sketch);
    }
  }
  void AppendTo(std::string* out) const { sketch->AppendTo(out); }
};

/// The first row's sketch is taken as it is, with its sizes; the others are merged into it.
template <typename Sketch>
struct Merging {
  std::unique_ptr<Sketch> sketch;

  Merging() = default;
  Merging(const Merging& other) : sketch(other.sketch ? std::make_unique<Sketch>(*other.sketch) : nullptr) {}

  void Take(const Sketch& other) {
    if (sketch) {
      sketch->Merge(other);
    } else {
      sketch = std::make_unique<Sketch>(other);
    }
  }
  void Merge(const Merging& other) {
    if (other.sketch) Take(*other.sketch);
  }
  void AppendTo(std::string* out) const { sketch->AppendTo(out); }

  static void Add(Merging& merging, const SketchRow& row) { merging.Take(Sketch::Of(row.BytesAt(0))); }
};

template <typename Sketch>
duckdb::AggregateFunction MergeAggregate(const char* name) {
  return SketchAggregate<Merging<Sketch>, &Merging<Sketch>::Add>(name, {duckdb::LogicalType::BLOB});
}

}  // namespace planaria::kernel
