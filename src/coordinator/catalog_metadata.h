// The tables of the attached catalogs, as the analyser asks for them.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "connector/connector.h"
#include "kernel/engine.h"
#include "sql/analyzer/metadata.h"

namespace planaria::coordinator {

/// For one statement: a connector is asked for a table once, however often it is named. Not thread-safe.
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
  std::vector<std::shared_ptr<const sql::ast::FunctionSpecification>> FindFunctions(
      const std::string& catalog, const std::string& schema, const std::string& name) const override;

 private:
  using Found = std::optional<std::vector<sql::TableColumn>>;
  Found Ask(const connector::Connector& connector, const std::string& name, const std::string& schema,
            const std::string& table) const;

  kernel::Engine& engine_;
  const std::string replaced_view_;
  /// Views whose queries are being analysed.
  mutable std::set<std::string> reading_;
  /// By full name.
  mutable std::map<std::string, Found> known_;
};

}  // namespace planaria::coordinator
