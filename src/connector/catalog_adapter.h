// Makes Trino catalogs visible to DuckDB's binder: `catalog.schema.table` finds the connector's table.
#pragma once

#include <memory>
#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// Attaches `connector` under `name` to `db`, read-only, for every connection. Attaching is done once per
/// process and catalog, on coordinators and workers alike: plans refer to catalogs by name. Besides the
/// connector's own schemas the catalog has `information_schema` (connector/information_schema.h). Metadata is
/// looked up once per transaction.
///
/// Unknown names surface as DuckDB's errors, which kernel::TranslateError turns into CATALOG_NOT_FOUND,
/// SCHEMA_NOT_FOUND and TABLE_NOT_FOUND; changes throw NOT_SUPPORTED.
/// Throws TrinoException(ALREADY_EXISTS) when the name is taken (DuckDB reserves `system`, `temp` and
/// `main`).
void AttachCatalog(duckdb::DatabaseInstance& db, const std::string& name,
                   std::shared_ptr<const Connector> connector);

/// The table as the current transaction of `context` sees it; nullptr when there is none.
std::shared_ptr<const Table> FindTable(duckdb::ClientContext& context, const std::string& catalog,
                                       const std::string& schema, const std::string& table);

/// Sets a connection's default catalog and schema (Trino's session catalog and schema) without looking them
/// up.
void UseSchema(duckdb::ClientContext& context, const std::string& catalog, const std::string& schema);

}  // namespace planaria::connector
