#include "coordinator/catalog_listing.h"

#include <map>

#include "base/error.h"
#include "connector/connector_registry.h"

namespace planaria::coordinator::system_tables {

void ForEachCatalog(duckdb::DatabaseInstance& database,
                    const std::function<void(const std::string&, const connector::Connector&)>& visit) {
  const auto registry = connector::ConnectorRegistry::Of(database);
  std::map<std::string, std::shared_ptr<const connector::Connector>> catalogs;
  for (const std::string& attached : registry->Catalogs()) {
    catalogs[attached.starts_with('$') ? attached.substr(1) : attached] = registry->Find(attached);
  }
  for (const auto& [name, connector] : catalogs) visit(name, *connector);
}

void ForEachObject(duckdb::DatabaseInstance& database, duckdb::ClientContext& context,
                   const std::function<void(const ListedObject&)>& visit) {
  ForEachCatalog(database, [&](const std::string& catalog, const connector::Connector& connector) {
    for (const std::string& schema : connector.ListSchemas()) {
      for (const std::string& name : connector.ListTables(schema)) {
        ListedObject object{catalog, schema, name, false, std::nullopt, {}};
        try {
          const auto table = connector.GetTable(context, schema, name);
          // Dropped since it was listed.
          if (!table) continue;
          object.comment = table->comment();
          object.columns = table->columns();
        } catch (const TrinoException&) {
          // One unreadable table must not make all catalogs unlistable; reading the table itself tells why.
        }
        visit(object);
      }
      for (const std::string& name : connector.ListViews(schema)) {
        const auto view = connector.GetView(schema, name);
        if (view) visit({catalog, schema, name, true, view->comment, view->columns});
      }
    }
  });
}

}  // namespace planaria::coordinator::system_tables
