#include "connector/files/parquet_table.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/error.h"
#include "connector/files/column_types.h"
#include "connector/files/parquet_source.h"
#include "connector/files/split_payload.h"
#include "duckdb/planner/table_filter.hpp"

namespace planaria::connector::files {
namespace {

using duckdb::BaseStatistics;
using duckdb::LogicalTypeId;
using duckdb::StatisticsType;

/// Smaller row groups share a split: opening one costs about as much as reading this many rows.
constexpr uint64_t kRowsPerSplit = 65536;

/// What a split is taken to weigh of which no column is read.
constexpr uint64_t kWithoutColumns = 64 << 10;

/// Of the columns (with all of their fields) that these names begin.
uint64_t CompressedBytes(const duckdb_parquet::RowGroup& group, const std::set<std::string>& columns) {
  if (columns.empty()) return kWithoutColumns;
  uint64_t bytes = 0;
  for (const auto& chunk : group.columns) {
    const auto& path = chunk.meta_data.path_in_schema;
    if (!path.empty() && columns.contains(path[0]))
      bytes += static_cast<uint64_t>(chunk.meta_data.total_compressed_size);
  }
  return bytes;
}

/// Bounds that hold for every row: of strings only a prefix is kept, and NaN is outside of a float's bounds.
bool HasExactBounds(const duckdb::LogicalType& type) {
  return BaseStatistics::GetStatsType(type) == StatisticsType::NUMERIC_STATS && !type.IsFloating() &&
         type.id() != LogicalTypeId::BOOLEAN;
}

/// The number of values between integral bounds, which bounds the number of distinct ones.
std::optional<double> Range(const duckdb::Value& low, const duckdb::Value& high) {
  const auto& type = low.type();
  if (type.IsIntegral()) {
    return high.DefaultCastAs(duckdb::LogicalType::DOUBLE).GetValue<double>() -
           low.DefaultCastAs(duckdb::LogicalType::DOUBLE).GetValue<double>() + 1;
  }
  if (type.id() == LogicalTypeId::DATE) {
    return static_cast<double>(high.GetValue<duckdb::date_t>().days) - low.GetValue<duckdb::date_t>().days +
           1;
  }
  return std::nullopt;
}

}  // namespace

ParquetTable::ParquetTable(duckdb::ClientContext& context, std::string name, const FileTree& tree,
                           FooterCache& footers, const std::vector<DataFile>& files)
    : name_(std::move(name)), tree_(tree), footers_(footers) {
  for (const DataFile& file : files) {
    files_.push_back(footers.Get(context, file));
    AddColumns(*files_.back());
    rows_ += static_cast<uint64_t>(files_.back()->data().num_rows);
  }
  for (size_t column = 0; column < columns_.size(); ++column) AddStatistics(column);
}

void ParquetTable::AddColumns(const ParquetFooter& footer) {
  for (size_t i = 0; i < footer.column_count(); ++i) {
    const std::string column_name = footer.ColumnName(i);
    const duckdb::LogicalType type = TrinoTypeOf(footer.ColumnType(i));
    const auto known = std::find_if(columns_.begin(), columns_.end(),
                                    [&](const Column& column) { return column.name == column_name; });
    if (known == columns_.end()) {
      columns_.push_back({column_name, type, true, {}});
      first_file_.push_back(footer.file.name);
      continue;
    }
    const std::string& other = first_file_[known - columns_.begin()];
    duckdb::LogicalType common;
    if (!CommonType(known->type, type, common)) {
      throw TrinoException(errors::HIVE_BAD_DATA, "Table " + name_ + ": column '" + column_name + "' is " +
                                                      known->type.ToString() + " in file '" + other +
                                                      "' but " + type.ToString() + " in file '" +
                                                      footer.file.name + "'");
    }
    known->type = common;
  }
}

std::vector<size_t> ParquetTable::PositionsIn(const ParquetFooter& footer) const {
  std::vector<size_t> positions(columns_.size(), kMissing);
  for (size_t i = 0; i < footer.column_count(); ++i) {
    const std::string column_name = footer.ColumnName(i);
    const auto known = std::find_if(columns_.begin(), columns_.end(),
                                    [&](const Column& column) { return column.name == column_name; });
    if (known != columns_.end()) positions[known - columns_.begin()] = i;
  }
  return positions;
}

void ParquetTable::AddStatistics(size_t column) {
  duckdb::unique_ptr<BaseStatistics> merged;
  bool complete = true;
  double most_distinct = 0;
  double largest_group = 0;
  for (const auto& footer : files_) {
    const size_t position = PositionsIn(*footer)[column];
    complete = complete && position != kMissing &&
               TrinoTypeOf(footer->ColumnType(position)) == columns_[column].type;
    if (!complete) return;
    const auto& schema = footer->root->children[position];
    for (size_t group = 0; group < footer->data().row_groups.size(); ++group) {
      auto statistics = footer->RowGroupStatistics(group, position);
      if (!statistics) return;
      if (merged) {
        merged->Merge(*statistics);
      } else {
        merged = std::move(statistics);
      }
      if (!schema.children.empty()) continue;
      const auto& row_group = footer->data().row_groups[group];
      const auto& chunk = row_group.columns.at(schema.column_index).meta_data.statistics;
      // Writers count the values of a dictionary; a column without one has many.
      const auto rows = static_cast<double>(row_group.num_rows);
      most_distinct = std::max(
          most_distinct, chunk.__isset.distinct_count ? static_cast<double>(chunk.distinct_count) : rows);
      largest_group = std::max(largest_group, rows);
    }
  }
  if (!merged) return;
  ColumnStatistics& result = columns_[column].statistics;
  if (!merged->CanHaveNull()) result.nulls_fraction = 0.0;
  if (HasExactBounds(merged->GetType()) && duckdb::NumericStats::HasMinMax(*merged)) {
    const auto& type = columns_[column].type;
    result.low = duckdb::NumericStats::Min(*merged).DefaultCastAs(type);
    result.high = duckdb::NumericStats::Max(*merged).DefaultCastAs(type);
    // Only a range that the rows must fill says how many values there are. Of a wide one, as that of a key
    // with gaps or of a table that refers to it, nothing is known: the rows of the smaller side of a join say
    // more.
    const auto range = Range(*result.low, *result.high);
    if (range && *range <= static_cast<double>(rows_) / 2) result.distinct_values = *range;
  }
  // A dictionary that repeats in every row group holds all values; one that nearly fills its group does not.
  if (most_distinct > 0 && most_distinct < largest_group / 8) {
    result.distinct_values = std::min(result.distinct_values.value_or(most_distinct), most_distinct);
  }
}

bool ParquetTable::MayPass(const ParquetFooter& footer, size_t row_group,
                           const std::vector<size_t>& positions, const ScanRequest& request) const {
  if (request.filters == nullptr) return true;
  for (const auto& [index, filter] : request.filters->filters) {
    const uint32_t column = request.columns.at(index);
    const size_t position = positions[column];
    if (position == kMissing || footer.ColumnType(position) != columns_[column].type) continue;
    const auto statistics = footer.RowGroupStatistics(row_group, position);
    // Bounds of floats say nothing about NaN, which DuckDB orders last.
    if (!statistics || columns_[column].type.IsFloating()) continue;
    if (filter->CheckStatistics(*statistics) == duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE)
      return false;
  }
  return true;
}

std::vector<Split> ParquetTable::Splits(duckdb::ClientContext&, const ScanRequest& request) const {
  std::vector<Split> splits;
  for (const auto& footer : files_) {
    const auto& groups = footer->data().row_groups;
    const auto positions = PositionsIn(*footer);
    std::set<std::string> read;
    for (const uint32_t column : request.columns) {
      if (column < positions.size() && positions[column] != kMissing)
        read.insert(footer->root->children[positions[column]].name);
    }
    FileSplit pending;
    Split size;
    const auto flush = [&] {
      if (pending.row_group_count == 0) return;
      pending.file = footer->file;
      size.payload = Encode(pending);
      splits.push_back(std::move(size));
      pending = {};
      size = {};
    };
    for (size_t group = 0; group < groups.size(); ++group) {
      if (!MayPass(*footer, group, positions, request)) {
        flush();
        continue;
      }
      if (size.rows + static_cast<uint64_t>(groups[group].num_rows) > kRowsPerSplit) flush();
      if (pending.row_group_count == 0) pending.first_row_group = static_cast<uint32_t>(group);
      ++pending.row_group_count;
      size.rows += static_cast<uint64_t>(groups[group].num_rows);
      size.bytes += CompressedBytes(groups[group], read);
    }
    flush();
  }
  return splits;
}

std::unique_ptr<PageSource> ParquetTable::Open(duckdb::ClientContext& context, const Split& split,
                                               const ScanRequest& request) const {
  const FileSplit part = DecodeFileSplit(split.payload);
  const auto footer = footers_.Get(context, part.file);
  if (part.first_row_group + static_cast<uint64_t>(part.row_group_count) > footer->data().row_groups.size()) {
    throw TrinoException(errors::HIVE_CANNOT_OPEN_SPLIT,
                         "File '" + tree_.PathOf(part.file) + "' has no row group " +
                             std::to_string(part.first_row_group + part.row_group_count - 1));
  }
  const auto positions = PositionsIn(*footer);
  std::vector<ParquetSourceColumn> wanted;
  for (const uint32_t column : request.columns) {
    ParquetSourceColumn source{columns_.at(column).type, std::nullopt};
    if (positions[column] != kMissing) source.position = positions[column];
    wanted.push_back(std::move(source));
  }
  return MakeParquetSource(context, tree_, *footer, part, wanted, request.filters);
}

}  // namespace planaria::connector::files
