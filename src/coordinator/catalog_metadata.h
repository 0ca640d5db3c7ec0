// The tables of the attached catalogs, as the analyser asks for them.
#pragma once

#include <memory>

#include "kernel/engine.h"
#include "sql/analyzer/metadata.h"

namespace planaria::coordinator {

/// For one statement: what a connector says is asked for once a table. Not thread-safe.
class CatalogMetadata : public sql::Metadata {
 public:
  /// `engine` must outlive it.
  explicit CatalogMetadata(kernel::Engine& engine) : engine_(engine) {}

  bool HasCatalog(const std::string& catalog) const override;
  bool HasSchema(const std::string& catalog, const std::string& schema) const override;
  std::optional<std::vector<sql::TableColumn>> FindTable(const std::string& catalog,
                                                         const std::string& schema,
                                                         const std::string& table) const override;

 private:
  kernel::Engine& engine_;
};

}  // namespace planaria::coordinator
