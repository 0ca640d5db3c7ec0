// What the footer of a Parquet file tells, read once per version of the file.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connector/files/data_file.h"
#include "duckdb.hpp"
#include "parquet_reader.hpp"

namespace planaria::connector::files {

struct ParquetFooter {
  DataFile file;
  duckdb::shared_ptr<duckdb::ParquetFileMetadataCache> metadata;
  duckdb::unique_ptr<duckdb::ParquetColumnSchema> root;

  const duckdb_parquet::FileMetaData& data() const { return *metadata->metadata; }
  size_t column_count() const { return root->children.size(); }
  /// Lower case, as Trino's names are.
  std::string ColumnName(size_t column) const;
  const duckdb::LogicalType& ColumnType(size_t column) const { return root->children[column].type; }
  /// nullptr when the file has none.
  duckdb::unique_ptr<duckdb::BaseStatistics> RowGroupStatistics(size_t row_group, size_t column) const;
};

/// Opens a file with DuckDB's reader. Throws TrinoException: HIVE_BAD_DATA when it is no Parquet file,
/// HIVE_FILE_NOT_FOUND when it is gone; messages name the file.
duckdb::shared_ptr<duckdb::ParquetReader> OpenParquet(
    duckdb::ClientContext& context, const FileTree& tree, const DataFile& file,
    duckdb::shared_ptr<duckdb::ParquetFileMetadataCache> metadata);

/// Rethrows what reading `file` threw with the file's name and a connector code; errors that are not the
/// file's (cancellation, memory, the query's own) pass unchanged.
[[noreturn]] void ThrowReadError(const std::exception& exception, const std::string& path);

/// Thread-safe; drops the least recently used footers beyond kCapacity.
class FooterCache {
 public:
  explicit FooterCache(const FileTree& tree) : tree_(tree) {}

  /// Reads the footer unless this version of the file is known. Throws as OpenParquet.
  std::shared_ptr<const ParquetFooter> Get(duckdb::ClientContext& context, const DataFile& file);

 private:
  static constexpr size_t kCapacity = 20000;

  using Recent = std::list<std::shared_ptr<const ParquetFooter>>;

  const FileTree& tree_;
  std::mutex mutex_;
  Recent recent_;
  std::map<std::string, Recent::iterator> by_name_;
};

}  // namespace planaria::connector::files
