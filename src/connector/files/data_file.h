// The files behind the tables of a `files` catalog: <base>/<schema>/<table>/** or
// <base>/<schema>/<table>.<ext>.
//
// Names that start with `.` or `_` are hidden. Directories and files give lower-case schema and table names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace planaria::connector::files {

enum class FileFormat { kParquet, kCsv, kJson };

struct DataFile {
  /// Below the base directory, so that it means the same in every process of the cluster.
  std::string name;
  uint64_t size = 0;
  /// Nanoseconds of the file system's clock; tells versions apart, nothing else.
  int64_t modified = 0;

  bool operator==(const DataFile&) const = default;
};

struct TableFiles {
  FileFormat format = FileFormat::kParquet;
  /// Sorted by name; never empty.
  std::vector<DataFile> files;

  bool operator==(const TableFiles&) const = default;
};

/// Lists a base directory. Every call looks at the disk; all methods may throw
/// TrinoException(HIVE_FILESYSTEM_ERROR).
class FileTree {
 public:
  explicit FileTree(std::filesystem::path base) : base_(std::move(base)) {}

  std::vector<std::string> ListSchemas() const;
  std::vector<std::string> ListTables(const std::string& schema) const;
  /// Nothing when there is no such table or it has no files. Throws UNSUPPORTED_TABLE_TYPE when a table mixes
  /// formats or holds a file whose name tells none.
  std::optional<TableFiles> Find(const std::string& schema, const std::string& table) const;

  std::string PathOf(const DataFile& file) const { return (base_ / file.name).string(); }
  /// Throws HIVE_FILE_NOT_FOUND when `file` is gone and HIVE_CANNOT_OPEN_SPLIT when it is not the version
  /// meant.
  void CheckUnchanged(const DataFile& file) const;

 private:
  const std::filesystem::path base_;
};

}  // namespace planaria::connector::files
