#include "connector/files/files_connector.h"

#include <filesystem>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "connector/files/data_file.h"
#include "connector/files/parquet_footer.h"
#include "connector/files/parquet_table.h"
#include "connector/files/text_table.h"

namespace planaria::connector {
namespace {

constexpr const char* kBaseDirectory = "files.base-directory";

class FilesConnector : public Connector {
 public:
  explicit FilesConnector(const std::filesystem::path& base)
      : tree_(base), footers_(tree_), text_schemas_(tree_) {}

  std::vector<std::string> ListSchemas() const override { return tree_.ListSchemas(); }
  std::vector<std::string> ListTables(const std::string& schema) const override {
    return tree_.ListTables(schema);
  }

  std::shared_ptr<const Table> GetTable(duckdb::ClientContext& context, const std::string& schema,
                                        const std::string& table) const override {
    auto found = tree_.Find(schema, table);
    if (!found) return nullptr;
    const auto key = std::make_pair(schema, table);
    {
      const std::lock_guard lock(mutex_);
      const auto known = tables_.find(key);
      if (known != tables_.end() && known->second.files == *found) return known->second.table;
    }
    std::shared_ptr<const Table> made = Make(context, schema + "." + table, *found);
    const std::lock_guard lock(mutex_);
    tables_[key] = {std::move(*found), made};
    return made;
  }

 private:
  struct Known {
    files::TableFiles files;
    std::shared_ptr<const Table> table;
  };

  std::shared_ptr<const Table> Make(duckdb::ClientContext& context, const std::string& name,
                                    const files::TableFiles& found) const {
    if (found.format == files::FileFormat::kParquet) {
      return std::make_shared<files::ParquetTable>(context, name, tree_, footers_, found.files);
    }
    return std::make_shared<files::TextTable>(context, name, tree_, text_schemas_, found);
  }

  const files::FileTree tree_;
  mutable files::FooterCache footers_;
  mutable files::TextSchemaCache text_schemas_;
  mutable std::mutex mutex_;
  /// The last version of each table that was asked for.
  mutable std::map<std::pair<std::string, std::string>, Known> tables_;
};

[[noreturn]] void Invalid(const std::string& catalog, const std::string& message) {
  throw TrinoException(errors::CONFIGURATION_INVALID, "Catalog '" + catalog + "': " + message);
}

}  // namespace

std::shared_ptr<const Connector> CreateFilesConnector(const std::string& catalog,
                                                      const std::map<std::string, std::string>& properties) {
  std::string base;
  for (const auto& [key, value] : properties) {
    if (key == kBaseDirectory) {
      base = value;
    } else if (key != "connector.name") {
      Invalid(catalog, "Configuration property '" + key + "' was not used");
    }
  }
  if (base.empty())
    Invalid(catalog, std::string("Configuration property '") + kBaseDirectory + "' is required");
  std::error_code error;
  if (!std::filesystem::is_directory(base, error)) {
    Invalid(catalog, std::string("Configuration property '") + kBaseDirectory + "': '" + base +
                         "' is not a directory");
  }
  return std::make_shared<FilesConnector>(std::filesystem::canonical(base));
}

}  // namespace planaria::connector
