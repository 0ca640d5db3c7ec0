// Makes a DuckDB scalar function of a C++ function of one row.
//
//   int64_t Strpos(std::string_view text, std::string_view part);          (VARCHAR, VARCHAR) -> BIGINT
//   std::optional<int64_t> FromBase(std::string_view text, int64_t radix)  nullopt is NULL
//   void Reverse(std::string_view text, std::string& out);                 (VARCHAR) -> VARCHAR; bool: false
//   is NULL void Sha1(Bytes bytes, BytesOut& out);                                 (BLOB) -> BLOB void
//   Split(std::string_view text, ..., ListOut<std::string>& out);     (VARCHAR, ..) -> VARCHAR[]
//
//   functions.Add(Scalar<&Strpos>("trino_strpos"));
//   functions.Add(ScalarOf<RegexpLike>("trino_regexp_like"));              a class with operator(), one per
//   chunk
//
// NULL in any argument gives NULL without a call. `out` comes empty and its memory is kept from row to row,
// so nothing is allocated per row but what the result needs.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/time.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/function/scalar_function.hpp"

namespace planaria::kernel {

/// VARBINARY where std::string_view is VARCHAR.
struct Bytes {
  std::string_view view;
};
struct BytesOut {
  std::string text;
};
/// Trino's json: canonical text.
struct Json {
  std::string_view view;
};
struct JsonOut {
  std::string text;
};
/// ARRAY(VARCHAR), ARRAY(BIGINT), ...; ListOut<std::optional<T>> may have NULLs.
template <typename T>
struct ListOut {
  std::vector<T> items;
};
/// The instant of a timestamp with time zone.
struct Instant {
  int64_t micros;
};

namespace scalar_detail {

template <typename T>
struct Traits {
  using Stored = T;
  static const T& Load(const T& stored) { return stored; }
  static T Store(const T& value) { return value; }
};
template <>
struct Traits<std::string_view> {
  using Stored = duckdb::string_t;
  static std::string_view Load(const Stored& stored) { return {stored.GetData(), stored.GetSize()}; }
};
template <>
struct Traits<Bytes> {
  using Stored = duckdb::string_t;
  static Bytes Load(const Stored& stored) { return {{stored.GetData(), stored.GetSize()}}; }
};
template <>
struct Traits<Json> {
  using Stored = duckdb::string_t;
  static Json Load(const Stored& stored) { return {{stored.GetData(), stored.GetSize()}}; }
};
template <>
struct Traits<Instant> {
  using Stored = duckdb::timestamp_t;
  static Instant Load(const Stored& stored) { return {stored.value}; }
  static Stored Store(Instant instant) { return Stored(instant.micros); }
};

template <typename T>
duckdb::LogicalType TypeOf() {
  using duckdb::LogicalType;
  if constexpr (std::is_same_v<T, bool>) return LogicalType::BOOLEAN;
  if constexpr (std::is_same_v<T, int8_t>) return LogicalType::TINYINT;
  if constexpr (std::is_same_v<T, int16_t>) return LogicalType::SMALLINT;
  if constexpr (std::is_same_v<T, int32_t>) return LogicalType::INTEGER;
  if constexpr (std::is_same_v<T, int64_t>) return LogicalType::BIGINT;
  if constexpr (std::is_same_v<T, duckdb::hugeint_t>) return LogicalType::HUGEINT;
  if constexpr (std::is_same_v<T, float>) return LogicalType::FLOAT;
  if constexpr (std::is_same_v<T, double>) return LogicalType::DOUBLE;
  if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
    return LogicalType::VARCHAR;
  }
  if constexpr (std::is_same_v<T, Bytes> || std::is_same_v<T, BytesOut>) return LogicalType::BLOB;
  if constexpr (std::is_same_v<T, Json> || std::is_same_v<T, JsonOut>) return LogicalType::JSON();
  if constexpr (std::is_same_v<T, duckdb::date_t>) return LogicalType::DATE;
  if constexpr (std::is_same_v<T, duckdb::dtime_t>) return LogicalType::TIME;
  if constexpr (std::is_same_v<T, duckdb::timestamp_t>) return LogicalType::TIMESTAMP;
  if constexpr (std::is_same_v<T, Instant>) return LogicalType::TIMESTAMP_TZ;
  if constexpr (std::is_same_v<T, duckdb::interval_t>) return LogicalType::INTERVAL;
}

template <typename T>
struct Unwrap {
  using Type = T;
};
template <typename T>
struct Unwrap<std::optional<T>> {
  using Type = T;
};

template <typename T>
struct Element {
  static constexpr bool kIsList = false;
};
template <typename T>
struct Element<ListOut<T>> {
  static constexpr bool kIsList = true;
  using Type = T;
};

template <typename T>
duckdb::LogicalType AnyTypeOf() {
  if constexpr (Element<T>::kIsList) {
    return duckdb::LogicalType::LIST(TypeOf<typename Unwrap<typename Element<T>::Type>::Type>());
  } else {
    return TypeOf<T>();
  }
}

template <typename T>
constexpr bool kIsOut = Element<std::decay_t<T>>::kIsList || std::is_same_v<T, std::string&> ||
                        std::is_same_v<T, BytesOut&> || std::is_same_v<T, JsonOut&>;

inline std::string& TextOf(std::string& out) { return out; }
inline std::string& TextOf(BytesOut& out) { return out.text; }
inline std::string& TextOf(JsonOut& out) { return out.text; }

template <typename T>
void Clear(T& out) {
  if constexpr (Element<T>::kIsList) {
    out.items.clear();
  } else {
    TextOf(out).clear();
  }
}

inline duckdb::string_t StoredText(duckdb::Vector& vector, const std::string& text) {
  return duckdb::StringVector::AddStringOrBlob(vector, text.data(), text.size());
}

template <typename T>
void StoreElement(const T& item, duckdb::Vector& child, duckdb::idx_t row) {
  if constexpr (std::is_same_v<T, std::string>) {
    duckdb::FlatVector::GetData<duckdb::string_t>(child)[row] = StoredText(child, item);
  } else if constexpr (!std::is_same_v<typename Unwrap<T>::Type, T>) {
    if (item) {
      StoreElement(*item, child, row);
    } else {
      duckdb::FlatVector::SetNull(child, row, true);
    }
  } else {
    duckdb::FlatVector::GetData<T>(child)[row] = item;
  }
}

/// Writes `out` as row `row` of `result`.
template <typename T>
void StoreOut(const T& out, duckdb::Vector& result, duckdb::idx_t row) {
  if constexpr (Element<T>::kIsList) {
    const duckdb::idx_t begin = duckdb::ListVector::GetListSize(result);
    duckdb::ListVector::Reserve(result, begin + out.items.size());
    duckdb::Vector& child = duckdb::ListVector::GetEntry(result);
    for (duckdb::idx_t i = 0; i < out.items.size(); ++i) StoreElement(out.items[i], child, begin + i);
    duckdb::ListVector::SetListSize(result, begin + out.items.size());
    duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin, out.items.size()};
  } else {
    duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
        StoredText(result, TextOf(const_cast<T&>(out)));
  }
}

/// What a row function takes and gives, out of its type.
template <typename Result, typename... Arguments>
struct Shape {
  static constexpr size_t kAll = sizeof...(Arguments);
  using Tuple = std::tuple<Arguments...>;
  static constexpr bool kTextResult = kIsOut<std::tuple_element_t<kAll - 1, Tuple>>;
  static constexpr size_t kInputs = kTextResult ? kAll - 1 : kAll;
  template <size_t I>
  using Input = std::decay_t<std::tuple_element_t<I, Tuple>>;
  using Last = std::decay_t<std::tuple_element_t<kAll - 1, Tuple>>;
  using Value = typename Unwrap<Result>::Type;

  static duckdb::LogicalType ResultType() {
    if constexpr (kTextResult) {
      return AnyTypeOf<Last>();
    } else {
      return TypeOf<Value>();
    }
  }
  static duckdb::vector<duckdb::LogicalType> InputTypes() {
    return []<size_t... I>(std::index_sequence<I...>) {
      return duckdb::vector<duckdb::LogicalType>{TypeOf<Input<I>>()...};
    }
    (std::make_index_sequence<kInputs>{});
  }

  template <typename Operation>
  static void Run(duckdb::DataChunk& chunk, duckdb::Vector& result) {
    Run<Operation>(chunk, result, std::make_index_sequence<kInputs>{});
  }

 private:
  template <typename Operation, size_t... I>
  static void Run(duckdb::DataChunk& chunk, duckdb::Vector& result, std::index_sequence<I...>) {
    using duckdb::UnifiedVectorFormat;
    const bool constant = ((chunk.data[I].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) && ...);
    const duckdb::idx_t count = constant ? 1 : chunk.size();
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    std::array<UnifiedVectorFormat, kInputs> formats;
    (chunk.data[I].ToUnifiedFormat(count, formats[I]), ...);
    const std::tuple<const typename Traits<Input<I>>::Stored*...> data(
        UnifiedVectorFormat::GetData<typename Traits<Input<I>>::Stored>(formats[I])...);
    Operation operation;
    [[maybe_unused]] std::conditional_t<kTextResult, Last, char> out{};
    auto& validity = duckdb::FlatVector::Validity(result);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      const std::array<duckdb::idx_t, kInputs> at{formats[I].sel->get_index(row)...};
      if (!(formats[I].validity.RowIsValid(at[I]) && ...)) {
        validity.SetInvalid(row);
      } else if constexpr (kTextResult) {
        Clear(out);
        bool valid = true;
        if constexpr (std::is_same_v<Result, bool>) {
          valid = operation(Traits<Input<I>>::Load(std::get<I>(data)[at[I]])..., out);
        } else {
          operation(Traits<Input<I>>::Load(std::get<I>(data)[at[I]])..., out);
        }
        if (valid) {
          StoreOut(out, result, row);
        } else {
          validity.SetInvalid(row);
        }
      } else {
        const Result value = operation(Traits<Input<I>>::Load(std::get<I>(data)[at[I]])...);
        auto* values = duckdb::FlatVector::GetData<typename Traits<Value>::Stored>(result);
        if constexpr (std::is_same_v<Result, Value>) {
          values[row] = Traits<Value>::Store(value);
        } else if (value) {
          values[row] = Traits<Value>::Store(*value);
        } else {
          validity.SetInvalid(row);
        }
      }
    }
    if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
};

template <typename Result, typename... Arguments>
Shape<Result, Arguments...> ShapeOfCall(Result (*)(Arguments...));
template <typename Class, typename Result, typename... Arguments>
Shape<Result, Arguments...> ShapeOfCall(Result (Class::*)(Arguments...));
template <typename Class, typename Result, typename... Arguments>
Shape<Result, Arguments...> ShapeOfCall(Result (Class::*)(Arguments...) const);

template <auto kFunction>
struct Plain {
  template <typename... Arguments>
  auto operator()(Arguments&&... arguments) const {
    return kFunction(std::forward<Arguments>(arguments)...);
  }
};

template <typename ShapeOf, typename Operation>
duckdb::ScalarFunction Make(const std::string& name) {
  return duckdb::ScalarFunction(
      name, ShapeOf::InputTypes(), ShapeOf::ResultType(),
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        ShapeOf::template Run<Operation>(chunk, result);
      });
}

}  // namespace scalar_detail

template <auto kFunction>
duckdb::ScalarFunction Scalar(const std::string& name) {
  using ShapeOf = decltype(scalar_detail::ShapeOfCall(kFunction));
  return scalar_detail::Make<ShapeOf, scalar_detail::Plain<kFunction>>(name);
}

template <typename Operation>
duckdb::ScalarFunction ScalarOf(const std::string& name) {
  using ShapeOf = decltype(scalar_detail::ShapeOfCall(&Operation::operator()));
  return scalar_detail::Make<ShapeOf, Operation>(name);
}

}  // namespace planaria::kernel
