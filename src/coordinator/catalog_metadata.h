// The tables of the attached catalogs, as the analyser asks for them.
#pragma once

#include <memory>
#include <set>

#include "kernel/engine.h"
#include "sql/analyzer/metadata.h"

namespace planaria::coordinator {

/// For one statement: what a connector says is asked for once a table. Not thread-safe.
class CatalogMetadata : public sql::Metadata {
 public:
  /// `engine` must outlive it. `replaced_view`, full name, is a view that the statement makes anew: its query
  /// must not name it.
  explicit CatalogMetadata(kernel::Engine& engine, std::string replaced_view = {})
      : engine_(engine), replaced_view_(std::move(replaced_view)) {}

  bool HasCatalog(const std::string& catalog) const override;
  bool HasSchema(const std::string& catalog, const std::string& schema) const override;
  std::optional<std::vector<sql::TableColumn>> FindTable(const std::string& catalog,
                                                         const std::string& schema,
                                                         const std::string& table) const override;

 private:
  kernel::Engine& engine_;
  const std::string replaced_view_;
  /// Views whose queries are being analysed.
  mutable std::set<std::string> reading_;
};

}  // namespace planaria::coordinator
