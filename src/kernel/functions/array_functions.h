// How functions of arrays are declared and bound, and what their arguments look like.
#pragma once

#include <string_view>
#include <unordered_set>

#include "kernel/functions/function_set.h"
#include "kernel/functions/lists.h"

namespace planaria::kernel {

/// A BIGINT argument by row.
class Integers {
 public:
  Integers(duckdb::Vector& vector, duckdb::idx_t rows) { vector.ToUnifiedFormat(rows, format_); }
  bool IsNull(duckdb::idx_t row) const { return !format_.validity.RowIsValid(format_.sel->get_index(row)); }
  int64_t operator[](duckdb::idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(format_)[format_.sel->get_index(row)];
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

using KeySet = std::unordered_set<std::string_view>;

/// The elements of both arguments under one numbering: those of the second follow those of the first.
struct TwoLists {
  explicit TwoLists(duckdb::DataChunk& chunk)
      : left(chunk.data[0], chunk.size()),
        right(chunk.data[1], chunk.size()),
        elements(Joined(left.elements(), left.element_count(), right.elements(), right.element_count())),
        keys(elements, left.element_count() + right.element_count()) {}

  bool IsNull(duckdb::idx_t row) const { return left.IsNull(row) || right.IsNull(row); }
  duckdb::list_entry_t Right(duckdb::idx_t row) const {
    duckdb::list_entry_t entry = right.At(row);
    entry.offset += left.element_count();
    return entry;
  }
  KeySet RightKeys(duckdb::idx_t row) const {
    const duckdb::list_entry_t entry = Right(row);
    KeySet set;
    for (duckdb::idx_t i = entry.offset; i < entry.offset + entry.length; ++i) set.insert(keys[i]);
    return set;
  }

  Lists left, right;
  duckdb::Vector elements;
  SortKeys keys;
};

/// The first argument is an array, and the result what `Result` makes of it; further arguments have its type,
/// that of its elements, or BIGINT.
enum class ArrayKind { kList, kElement, kBigint, kBoolean };

inline duckdb::LogicalType ArrayTypeOf(ArrayKind kind, const duckdb::LogicalType& list) {
  switch (kind) {
    case ArrayKind::kList:
      return list;
    case ArrayKind::kElement:
      return duckdb::ListType::GetChildType(list);
    case ArrayKind::kBigint:
      return duckdb::LogicalType::BIGINT;
    default:
      return duckdb::LogicalType::BOOLEAN;
  }
}

template <ArrayKind kResult, ArrayKind... kArguments>
duckdb::unique_ptr<duckdb::FunctionData> BindArray(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  duckdb::LogicalType list = arguments[0]->return_type;
  if (list.id() != duckdb::LogicalTypeId::LIST)
    list = duckdb::LogicalType::LIST(duckdb::LogicalType::SQLNULL);
  constexpr ArrayKind kKinds[] = {ArrayKind::kList, kArguments...};
  for (size_t i = 1; i < arguments.size(); ++i) {
    const duckdb::LogicalType& type = arguments[i]->return_type;
    if (kKinds[i] == ArrayKind::kElement) {
      list = duckdb::LogicalType::LIST(
          duckdb::LogicalType::MaxLogicalType(context, duckdb::ListType::GetChildType(list), type));
    }
    if (kKinds[i] == ArrayKind::kList && type.id() == duckdb::LogicalTypeId::LIST) {
      list = duckdb::LogicalType::MaxLogicalType(context, list, type);
    }
  }
  for (size_t i = 0; i < arguments.size(); ++i) function.arguments[i] = ArrayTypeOf(kKinds[i], list);
  function.SetReturnType(ArrayTypeOf(kResult, list));
  return nullptr;
}

template <ArrayKind kResult, ArrayKind... kArguments>
void AddArray(FunctionSet& functions, const char* name,
              void (*run)(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&)) {
  const auto declared = [](ArrayKind kind) {
    return kind == ArrayKind::kList      ? duckdb::LogicalType::LIST(duckdb::LogicalType::ANY)
           : kind == ArrayKind::kElement ? duckdb::LogicalType(duckdb::LogicalType::ANY)
           : kind == ArrayKind::kBigint  ? duckdb::LogicalType(duckdb::LogicalType::BIGINT)
                                         : duckdb::LogicalType(duckdb::LogicalType::BOOLEAN);
  };
  duckdb::ScalarFunction function(name, {declared(ArrayKind::kList), declared(kArguments)...},
                                  declared(kResult), run, BindArray<kResult, kArguments...>);
  functions.Add(std::move(function));
}

}  // namespace planaria::kernel
