#include "connector/files/parquet_footer.h"

#include "base/error.h"
#include "kernel/duckdb_errors.h"

namespace planaria::connector::files {

std::string ParquetFooter::ColumnName(size_t column) const {
  return duckdb::StringUtil::Lower(root->children[column].name);
}

duckdb::unique_ptr<duckdb::BaseStatistics> ParquetFooter::RowGroupStatistics(size_t row_group,
                                                                             size_t column) const {
  return root->children[column].Stats(data(), duckdb::ParquetOptions(), row_group,
                                      data().row_groups[row_group].columns);
}

void ThrowReadError(const std::exception& exception, const std::string& path) {
  if (const auto* own = dynamic_cast<const TrinoException*>(&exception)) throw *own;
  const duckdb::ErrorData data(exception);
  Error error = kernel::TranslateException(exception);
  if (kernel::CarriesTrinoError(data) || error.code == errors::USER_CANCELED ||
      error.code == errors::DIVISION_BY_ZERO || error.code.type == ErrorType::kInsufficientResources) {
    throw TrinoException(std::move(error));
  }
  const bool io = data.Type() == duckdb::ExceptionType::IO;
  std::error_code missing;
  if (io && !std::filesystem::exists(path, missing)) {
    throw TrinoException(errors::HIVE_FILE_NOT_FOUND, "File '" + path + "' does not exist");
  }
  throw TrinoException(errors::HIVE_BAD_DATA, "Cannot read file '" + path + "': " + error.message);
}

duckdb::shared_ptr<duckdb::ParquetReader> OpenParquet(
    duckdb::ClientContext& context, const FileTree& tree, const DataFile& file,
    duckdb::shared_ptr<duckdb::ParquetFileMetadataCache> metadata) {
  tree.CheckUnchanged(file);
  const std::string path = tree.PathOf(file);
  try {
    return duckdb::make_shared_ptr<duckdb::ParquetReader>(context, duckdb::OpenFileInfo(path),
                                                          duckdb::ParquetOptions(), std::move(metadata));
  } catch (const std::exception& exception) {
    ThrowReadError(exception, path);
  }
}

std::shared_ptr<const ParquetFooter> FooterCache::Get(duckdb::ClientContext& context, const DataFile& file) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(file.name);
    if (found != by_name_.end() && (*found->second)->file == file) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return *found->second;
    }
  }
  auto footer = std::make_shared<ParquetFooter>();
  footer->file = file;
  const auto reader = OpenParquet(context, tree_, file, nullptr);
  footer->metadata = reader->metadata;
  footer->root = std::move(reader->root_schema);

  const std::lock_guard lock(mutex_);
  if (const auto old = by_name_.find(file.name); old != by_name_.end()) {
    recent_.erase(old->second);
    by_name_.erase(old);
  }
  recent_.push_front(footer);
  by_name_[file.name] = recent_.begin();
  if (recent_.size() > kCapacity) {
    by_name_.erase(recent_.back()->file.name);
    recent_.pop_back();
  }
  return footer;
}

}  // namespace planaria::connector::files
