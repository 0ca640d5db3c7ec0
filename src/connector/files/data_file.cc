#include "connector/files/data_file.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>

#include "base/error.h"

namespace planaria::connector::files {
namespace {

namespace fs = std::filesystem;

std::string Lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

bool Hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.empty() || name[0] == '.' || name[0] == '_';
}

struct NameParts {
  std::string stem;
  std::optional<FileFormat> format;
};

/// `Orders.csv.gz` is `orders` in CSV.
NameParts Split(const fs::path& path) {
  fs::path name = Lower(path.filename().string());
  const bool compressed = name.extension() == ".gz";
  if (compressed) name = name.stem();
  const std::string extension = name.extension().string();
  NameParts parts{name.stem().string(), std::nullopt};
  if (extension == ".csv") parts.format = FileFormat::kCsv;
  if (extension == ".json" || extension == ".ndjson" || extension == ".jsonl")
    parts.format = FileFormat::kJson;
  if (extension == ".parquet" && !compressed) parts.format = FileFormat::kParquet;
  return parts;
}

[[noreturn]] void Fail(const fs::path& path, const std::error_code& error) {
  throw TrinoException(errors::HIVE_FILESYSTEM_ERROR,
                       "Cannot read '" + path.string() + "': " + error.message());
}

/// The visible entries of a directory; none when it does not exist.
std::vector<fs::directory_entry> Entries(const fs::path& directory) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator iterator(directory, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return entries;
  if (error) Fail(directory, error);
  while (iterator != fs::directory_iterator()) {
    if (!Hidden(iterator->path())) entries.push_back(*iterator);
    iterator.increment(error);
    if (error) Fail(directory, error);
  }
  return entries;
}

int64_t Ticks(fs::file_time_type time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void Collect(const fs::path& base, const fs::directory_entry& entry, std::vector<DataFile>& files) {
  std::error_code error;
  if (entry.is_directory(error)) {
    for (const auto& child : Entries(entry.path())) Collect(base, child, files);
    return;
  }
  DataFile file;
  file.name = entry.path().lexically_relative(base).string();
  file.size = entry.file_size(error);
  if (!error) file.modified = Ticks(entry.last_write_time(error));
  // Deleted since it was listed: as if it had never been there.
  if (error == std::errc::no_such_file_or_directory) return;
  if (error) Fail(entry.path(), error);
  files.push_back(std::move(file));
}

}  // namespace

std::vector<std::string> FileTree::ListSchemas() const {
  std::set<std::string> names;
  for (const auto& entry : Entries(base_)) {
    if (entry.is_directory()) names.insert(Lower(entry.path().filename().string()));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> FileTree::ListTables(const std::string& schema) const {
  std::set<std::string> names;
  for (const auto& directory : Entries(base_)) {
    if (!directory.is_directory() || Lower(directory.path().filename().string()) != schema) continue;
    for (const auto& entry : Entries(directory.path())) {
      const NameParts parts = Split(entry.path());
      if (entry.is_directory()) {
        names.insert(Lower(entry.path().filename().string()));
      } else if (parts.format) {
        names.insert(parts.stem);
      }
    }
  }
  return {names.begin(), names.end()};
}

std::optional<TableFiles> FileTree::Find(const std::string& schema, const std::string& table) const {
  TableFiles result;
  for (const auto& directory : Entries(base_)) {
    if (!directory.is_directory() || Lower(directory.path().filename().string()) != schema) continue;
    for (const auto& entry : Entries(directory.path())) {
      const NameParts parts = Split(entry.path());
      const bool whole = entry.is_directory() && Lower(entry.path().filename().string()) == table;
      if (whole || (!entry.is_directory() && parts.format && parts.stem == table)) {
        Collect(base_, entry, result.files);
      }
    }
  }
  if (result.files.empty()) return std::nullopt;
  std::sort(result.files.begin(), result.files.end(),
            [](const DataFile& a, const DataFile& b) { return a.name < b.name; });
  for (const DataFile& file : result.files) {
    const auto format = Split(file.name).format;
    if (!format) {
      throw TrinoException(errors::UNSUPPORTED_TABLE_TYPE,
                           "Table " + schema + "." + table + ": the format of file '" + file.name +
                               "' is unknown (.parquet, .csv, .json and .ndjson are read)");
    }
    if (&file == &result.files.front()) result.format = *format;
    if (*format != result.format) {
      throw TrinoException(errors::UNSUPPORTED_TABLE_TYPE,
                           "Table " + schema + "." + table + " mixes formats: '" + result.files.front().name +
                               "' and '" + file.name + "'");
    }
  }
  return result;
}

void FileTree::CheckUnchanged(const DataFile& file) const {
  const fs::path path = base_ / file.name;
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  const int64_t modified = error ? 0 : Ticks(fs::last_write_time(path, error));
  if (error == std::errc::no_such_file_or_directory) {
    throw TrinoException(errors::HIVE_FILE_NOT_FOUND, "File '" + path.string() + "' does not exist");
  }
  if (error) Fail(path, error);
  if (size != file.size || modified != file.modified) {
    throw TrinoException(errors::HIVE_CANNOT_OPEN_SPLIT,
                         "File '" + path.string() + "' changed after the query was planned");
  }
}

}  // namespace planaria::connector::files
