// A table over CSV or JSON files: one split a file, read by DuckDB's own readers.
//
// Schemas are sniffed per file on the coordinator, once per version of the file; splits carry what was found,
// so that workers parse every file exactly as it was planned.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "connector/connector.h"
#include "connector/files/data_file.h"

namespace planaria::connector::files {

struct TextSchema {
  DataFile file;
  /// Arguments that fix the dialect for DuckDB's reader; empty for JSON.
  std::string reader_arguments;
  /// In the file's order, names as written in it.
  std::vector<std::pair<std::string, duckdb::LogicalType>> columns;
};

/// Thread-safe.
class TextSchemaCache {
 public:
  explicit TextSchemaCache(const FileTree& tree) : tree_(tree) {}

  /// Throws HIVE_BAD_DATA naming the file when no schema can be made out, HIVE_FILE_NOT_FOUND when it is
  /// gone.
  std::shared_ptr<const TextSchema> Get(duckdb::ClientContext& context, const DataFile& file,
                                        FileFormat format);

 private:
  const FileTree& tree_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const TextSchema>> by_name_;
};

class TextTable : public Table {
 public:
  /// Columns are those of all files, matched by name; types that differ between files become varchar unless
  /// one holds the other. `tree` outlives the table.
  TextTable(duckdb::ClientContext& context, std::string name, const FileTree& tree, TextSchemaCache& schemas,
            const TableFiles& files);

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return std::nullopt; }
  std::vector<Split> Splits(duckdb::ClientContext& context, const ScanRequest& request) const override;
  std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split& split,
                                   const ScanRequest& request) const override;

 private:
  const FileFormat format_;
  const FileTree& tree_;
  std::vector<std::shared_ptr<const TextSchema>> files_;
  std::vector<Column> columns_;
};

}  // namespace planaria::connector::files
