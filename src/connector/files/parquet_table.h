// A table over Parquet files: split by row groups, read by DuckDB's own Parquet reader.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "connector/files/parquet_footer.h"

namespace planaria::connector::files {

class ParquetTable : public Table {
 public:
  /// Columns are those of all files, matched by name; a file without one reads as NULL. `name` is for
  /// messages. `tree` and `footers` outlive the table. Throws HIVE_BAD_DATA when the files disagree about a
  /// type.
  ParquetTable(duckdb::ClientContext& context, std::string name, const FileTree& tree, FooterCache& footers,
               const std::vector<DataFile>& files);

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return rows_; }
  bool AppliesFilters() const override { return true; }
  std::vector<Split> Splits(duckdb::ClientContext& context, const ScanRequest& request) const override;
  std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split& split,
                                   const ScanRequest& request) const override;

 private:
  void AddColumns(const ParquetFooter& footer);
  void AddStatistics(size_t column);
  /// For each column of the table its position in the file; kMissing when it has none.
  std::vector<size_t> PositionsIn(const ParquetFooter& footer) const;
  /// False when statistics show that no row of the row group passes the filters.
  bool MayPass(const ParquetFooter& footer, size_t row_group, const std::vector<size_t>& positions,
               const ScanRequest& request) const;

  static constexpr size_t kMissing = static_cast<size_t>(-1);

  const std::string name_;
  const FileTree& tree_;
  FooterCache& footers_;
  std::vector<std::shared_ptr<const ParquetFooter>> files_;
  std::vector<Column> columns_;
  /// For each column the file that introduced it, for messages.
  std::vector<std::string> first_file_;
  uint64_t rows_ = 0;
};

}  // namespace planaria::connector::files
