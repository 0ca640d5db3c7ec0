#include "connector/information_schema.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "kernel/trino_type_name.h"

namespace planaria::connector {
namespace {

using duckdb::Value;

constexpr const char* kSchema = "information_schema";

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// Column names in order; all are varchar but `ordinal_position`.
const std::map<std::string, std::vector<std::string>>& Definitions() {
  static const std::map<std::string, std::vector<std::string>> definitions = {
      {"applicable_roles", {"grantee", "grantee_type", "role_name", "is_grantable"}},
      {"columns",
       {"table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default",
        "is_nullable", "data_type"}},
      {"enabled_roles", {"role_name"}},
      {"roles", {"role_name"}},
      {"schemata", {"catalog_name", "schema_name"}},
      {"table_privileges",
       {"grantor", "grantor_type", "grantee", "grantee_type", "table_catalog", "table_schema", "table_name",
        "privilege_type", "is_grantable", "with_hierarchy"}},
      {"tables", {"table_catalog", "table_schema", "table_name", "table_type"}},
      {"views", {"table_catalog", "table_schema", "table_name", "view_definition"}},
  };
  return definitions;
}

class RowsSource : public PageSource {
 public:
  RowsSource(Rows rows, std::vector<uint32_t> columns)
      : rows_(std::move(rows)), columns_(std::move(columns)) {}

  void Next(duckdb::DataChunk& chunk) override {
    duckdb::idx_t count = 0;
    for (; next_ < rows_.size() && count < STANDARD_VECTOR_SIZE; ++next_, ++count) {
      for (size_t i = 0; i < columns_.size(); ++i) chunk.SetValue(i, count, rows_[next_][columns_[i]]);
    }
    chunk.SetCardinality(count);
  }

 private:
  const Rows rows_;
  const std::vector<uint32_t> columns_;
  size_t next_ = 0;
};

class InformationSchemaTable : public Table {
 public:
  InformationSchemaTable(std::string name, std::string catalog, std::shared_ptr<const Connector> connector)
      : name_(std::move(name)), catalog_(std::move(catalog)), connector_(std::move(connector)) {
    for (const std::string& column : Definitions().at(name_)) {
      const auto type =
          column == "ordinal_position" ? duckdb::LogicalType::BIGINT : duckdb::LogicalType::VARCHAR;
      columns_.push_back({column, type, true, {}});
    }
  }

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return std::nullopt; }
  bool CoordinatorOnly() const override { return true; }
  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override { return {Split{}}; }
  std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split&,
                                   const ScanRequest& request) const override {
    return std::make_unique<RowsSource>(MakeRows(context), request.columns);
  }

 private:
  Rows MakeRows(duckdb::ClientContext& context) const {
    Rows rows;
    if (name_ != "schemata" && name_ != "tables" && name_ != "columns") return rows;
    for (const std::string& schema : connector_->ListSchemas()) {
      if (name_ == "schemata") {
        rows.push_back({catalog_, schema});
        continue;
      }
      for (const std::string& table : connector_->ListTables(schema)) {
        if (name_ == "tables") {
          rows.push_back({catalog_, schema, table, "BASE TABLE"});
        } else {
          AddColumns(context, schema, table, rows);
        }
      }
    }
    return rows;
  }

  void AddColumns(duckdb::ClientContext& context, const std::string& schema, const std::string& table,
                  Rows& rows) const {
    std::shared_ptr<const Table> found;
    try {
      found = connector_->GetTable(context, schema, table);
    } catch (const TrinoException&) {
      // One unreadable table must not make the whole catalog unlistable; reading the table itself tells why.
      return;
    }
    // Dropped since it was listed.
    if (!found) return;
    int64_t position = 0;
    for (const Column& column : found->columns()) {
      rows.push_back({catalog_, schema, table, column.name, Value::BIGINT(++position),
                      Value(duckdb::LogicalType::VARCHAR), column.nullable ? "YES" : "NO",
                      kernel::TrinoTypeName(column.type)});
    }
  }

  const std::string name_;
  const std::string catalog_;
  const std::shared_ptr<const Connector> connector_;
  std::vector<Column> columns_;
};

class ConnectorWithInformationSchema : public Connector,
                                       public std::enable_shared_from_this<ConnectorWithInformationSchema> {
 public:
  ConnectorWithInformationSchema(std::string catalog, std::shared_ptr<const Connector> connector)
      : catalog_(std::move(catalog)), connector_(std::move(connector)) {}

  std::vector<std::string> ListSchemas() const override {
    auto schemas = connector_->ListSchemas();
    if (std::find(schemas.begin(), schemas.end(), kSchema) == schemas.end()) {
      schemas.emplace_back(kSchema);
      std::sort(schemas.begin(), schemas.end());
    }
    return schemas;
  }

  std::vector<std::string> ListTables(const std::string& schema) const override {
    if (schema != kSchema) return connector_->ListTables(schema);
    std::vector<std::string> names;
    for (const auto& [name, columns] : Definitions()) names.push_back(name);
    return names;
  }

  std::shared_ptr<const Table> GetTable(duckdb::ClientContext& context, const std::string& schema,
                                        const std::string& table) const override {
    if (schema != kSchema) return connector_->GetTable(context, schema, table);
    if (!Definitions().contains(table)) return nullptr;
    return std::make_shared<InformationSchemaTable>(table, catalog_, shared_from_this());
  }

  std::shared_ptr<const Table> DescribedTable(std::vector<Column> columns,
                                              const std::string& description) const override {
    return connector_->DescribedTable(std::move(columns), description);
  }

  const ConnectorWrites& writes() const override { return connector_->writes(); }

 private:
  const std::string catalog_;
  const std::shared_ptr<const Connector> connector_;
};

}  // namespace

std::shared_ptr<const Connector> WithInformationSchema(const std::string& catalog,
                                                       std::shared_ptr<const Connector> connector) {
  return std::make_shared<ConnectorWithInformationSchema>(catalog, std::move(connector));
}

}  // namespace planaria::connector
