// Maps: their construction with Trino's checks, look-up, and what aggregates of entries become.
#include <fmt/format.h>

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "kernel/functions/families.h"
#include "kernel/functions/lists.h"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::list_entry_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::sel_t;
using duckdb::Vector;

[[noreturn]] void FailDuplicate(Vector& keys, idx_t index) {
  FailArgument(fmt::format("Duplicate map keys ({}) are not allowed", keys.GetValue(index).ToString()));
}

/// Builds a column of maps out of indexes into keys and into values.
class MapBuilder {
 public:
  explicit MapBuilder(Vector& result) : result_(result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  }

  void Take(idx_t key, idx_t value) {
    keys_.push_back(static_cast<sel_t>(key));
    values_.push_back(static_cast<sel_t>(value));
  }
  void End(idx_t row) {
    duckdb::FlatVector::GetData<list_entry_t>(result_)[row] = {begin_, keys_.size() - begin_};
    begin_ = keys_.size();
  }
  void EndNull(idx_t row) {
    End(row);
    duckdb::FlatVector::SetNull(result_, row, true);
  }
  void Finish(Vector& keys, Vector& values) {
    duckdb::ListVector::Reserve(result_, keys_.size());
    CopyAt(keys, keys_, duckdb::MapVector::GetKeys(result_));
    CopyAt(values, values_, duckdb::MapVector::GetValues(result_));
    duckdb::ListVector::SetListSize(result_, keys_.size());
  }

 private:
  Vector& result_;
  std::vector<sel_t> keys_, values_;
  idx_t begin_ = 0;
};

/// map(keys, values)
void MakeMap(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists keys(chunk.data[0], chunk.size());
  const Lists values(chunk.data[1], chunk.size());
  const SortKeys sort_keys(keys.elements(), keys.element_count());
  MapBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (keys.IsNull(row) || values.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t of_keys = keys.At(row);
    const list_entry_t of_values = values.At(row);
    if (of_keys.length != of_values.length) FailArgument("Key and value arrays must be the same length");
    std::unordered_set<std::string_view> seen;
    for (idx_t i = 0; i < of_keys.length; ++i) {
      if (sort_keys.IsNull(of_keys.offset + i)) FailArgument("map key cannot be null");
      if (!seen.insert(sort_keys[of_keys.offset + i]).second)
        FailDuplicate(keys.elements(), of_keys.offset + i);
      builder.Take(of_keys.offset + i, of_values.offset + i);
    }
    builder.End(row);
  }
  builder.Finish(keys.elements(), values.elements());
}

/// Lists of rows of two fields, which are keys and values.
struct Entries {
  Entries(Vector& vector, idx_t rows)
      : lists(vector, rows),
        rows_format(),
        keys(*duckdb::StructVector::GetEntries(lists.elements())[0]),
        values(*duckdb::StructVector::GetEntries(lists.elements())[1]),
        sort_keys(keys, lists.element_count()) {
    lists.elements().ToUnifiedFormat(lists.element_count(), rows_format);
  }
  bool IsNullEntry(idx_t index) const {
    return !rows_format.validity.RowIsValid(rows_format.sel->get_index(index));
  }

  Lists lists;
  duckdb::UnifiedVectorFormat rows_format;
  Vector& keys;
  Vector& values;
  SortKeys sort_keys;
};

enum class Duplicates { kFail, kFirst };

/// map_from_entries(entries) fails for what map_agg, given its rows as entries, passes over: NULL and
/// repeated keys.
template <Duplicates kDuplicates>
void MapOfEntries(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Entries entries(chunk.data[0], chunk.size());
  MapBuilder builder(result);
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (entries.lists.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t entry = entries.lists.At(row);
    std::unordered_set<std::string_view> seen;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (kDuplicates == Duplicates::kFail && entries.IsNullEntry(i))
        FailArgument("map entry cannot be null");
      if (entries.sort_keys.IsNull(i)) {
        if (kDuplicates == Duplicates::kFail) FailArgument("map key cannot be null");
        continue;
      }
      if (seen.insert(entries.sort_keys[i]).second) {
        builder.Take(i, i);
      } else if (kDuplicates == Duplicates::kFail) {
        FailDuplicate(entries.keys, i);
      }
    }
    builder.End(row);
  }
  builder.Finish(entries.keys, entries.values);
}

/// multimap_from_entries, and multimap_agg of its rows as entries: all values of a key.
template <Duplicates kNulls>
void MultimapOfEntries(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Entries entries(chunk.data[0], chunk.size());
  MapBuilder builder(result);
  std::vector<std::vector<sel_t>> groups;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    if (entries.lists.IsNull(row)) {
      builder.EndNull(row);
      continue;
    }
    const list_entry_t entry = entries.lists.At(row);
    std::unordered_map<std::string_view, size_t> group_of;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (entries.sort_keys.IsNull(i)) {
        if (kNulls == Duplicates::kFail) FailArgument("map key cannot be null");
        continue;
      }
      const auto [found, added] = group_of.try_emplace(entries.sort_keys[i], groups.size());
      if (added) {
        groups.emplace_back();
        builder.Take(i, found->second);
      }
      groups[found->second].push_back(static_cast<sel_t>(i));
    }
    builder.End(row);
  }
  Vector lists(LogicalType::LIST(entries.values.GetType()), std::max<idx_t>(groups.size(), 1));
  ListBuilder list_builder(lists);
  for (size_t group = 0; group < groups.size(); ++group) {
    for (const sel_t index : groups[group]) list_builder.Take(index);
    list_builder.End(group);
  }
  list_builder.Finish(entries.values);
  builder.Finish(entries.keys, lists);
}

enum class Missing { kNull, kError };

template <Missing kMissing>
void MapElement(duckdb::DataChunk& chunk, duckdb::ExpressionState&, Vector& result) {
  const Lists maps(chunk.data[0], chunk.size());
  Vector& keys = duckdb::MapVector::GetKeys(chunk.data[0]);
  const SortKeys sort_keys(keys, maps.element_count());
  const SortKeys wanted(chunk.data[1], chunk.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<sel_t> chosen(chunk.size(), 0);
  std::vector<idx_t> nulls;
  for (idx_t row = 0; row < chunk.size(); ++row) {
    std::optional<idx_t> found;
    const bool null = maps.IsNull(row) || wanted.IsNull(row);
    const list_entry_t entry = null ? list_entry_t(0, 0) : maps.At(row);
    for (idx_t i = entry.offset; i < entry.offset + entry.length && !found; ++i) {
      if (sort_keys[i] == wanted[row]) found = i;
    }
    if (kMissing == Missing::kError && !null && !found) {
      FailArgument("Key not present in map: " + chunk.data[1].GetValue(row).ToString());
    }
    if (found) {
      chosen[row] = static_cast<sel_t>(*found);
    } else {
      nulls.push_back(row);
    }
  }
  if (nulls.size() < chunk.size()) CopyAt(duckdb::MapVector::GetValues(chunk.data[0]), chosen, result);
  for (const idx_t row : nulls) duckdb::FlatVector::SetNull(result, row, true);
}

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

LogicalType ElementOf(const LogicalType& list) {
  return list.id() == LogicalTypeId::LIST ? duckdb::ListType::GetChildType(list)
                                          : LogicalType(LogicalType::SQLNULL);
}

duckdb::unique_ptr<duckdb::FunctionData> BindMap(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                 Arguments& arguments) {
  const LogicalType key = ElementOf(arguments[0]->return_type);
  const LogicalType value = ElementOf(arguments[1]->return_type);
  function.arguments = {LogicalType::LIST(key), LogicalType::LIST(value)};
  function.SetReturnType(LogicalType::MAP(key, value));
  return nullptr;
}

template <bool kMultimap>
duckdb::unique_ptr<duckdb::FunctionData> BindEntries(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
  const LogicalType entry = ElementOf(arguments[0]->return_type);
  if (entry.id() != LogicalTypeId::STRUCT || duckdb::StructType::GetChildCount(entry) != 2) {
    FailFunction(errors::TYPE_MISMATCH, "entries of maps are rows of a key and a value");
  }
  function.arguments[0] = arguments[0]->return_type;
  const LogicalType& value = duckdb::StructType::GetChildType(entry, 1);
  function.SetReturnType(LogicalType::MAP(duckdb::StructType::GetChildType(entry, 0),
                                          kMultimap ? LogicalType::LIST(value) : value));
  return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindElement(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
  const LogicalType& map = arguments[0]->return_type;
  if (map.id() != LogicalTypeId::MAP) FailFunction(errors::TYPE_MISMATCH, "a map is expected");
  function.arguments = {map, duckdb::MapType::KeyType(map)};
  function.SetReturnType(duckdb::MapType::ValueType(map));
  return nullptr;
}

}  // namespace

void AddMaps(FunctionSet& functions) {
  const LogicalType list = LogicalType::LIST(LogicalType::ANY);
  const LogicalType map = LogicalType::MAP(LogicalType::ANY, LogicalType::ANY);
  functions.Add(duckdb::ScalarFunction("trino_map", {list, list}, map, MakeMap, BindMap));
  functions.Add(duckdb::ScalarFunction("trino_map_from_entries", {list}, map, MapOfEntries<Duplicates::kFail>,
                                       BindEntries<false>));
  functions.Add(duckdb::ScalarFunction("trino_map_agg_of_entries", {list}, map,
                                       MapOfEntries<Duplicates::kFirst>, BindEntries<false>));
  functions.Add(duckdb::ScalarFunction("trino_multimap_from_entries", {list}, map,
                                       MultimapOfEntries<Duplicates::kFail>, BindEntries<true>));
  functions.Add(duckdb::ScalarFunction("trino_multimap_agg_of_entries", {list}, map,
                                       MultimapOfEntries<Duplicates::kFirst>, BindEntries<true>));
  functions.Add(duckdb::ScalarFunction("trino_element_at", {map, LogicalType::ANY}, LogicalType::ANY,
                                       MapElement<Missing::kNull>, BindElement));
  functions.Add(duckdb::ScalarFunction("trino_subscript", {map, LogicalType::ANY}, LogicalType::ANY,
                                       MapElement<Missing::kError>, BindElement));
}

}  // namespace planaria::kernel
