#include "connector/information_schema.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "connector/column_type.h"
#include "connector/sql_functions.h"

namespace planaria::connector {
namespace {

using duckdb::Value;

constexpr const char* kSchema = "information_schema";

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// Column names in order, hidden ones with a `-` in front; all are varchar but `ordinal_position`.
const std::map<std::string, std::vector<std::string>>& Definitions() {
  static const std::map<std::string, std::vector<std::string>> definitions = {
      {"applicable_roles", {"grantee", "grantee_type", "role_name", "is_grantable"}},
      {"columns",
       {"table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default",
        "is_nullable", "data_type", "-comment", "-extra_info", "-column_comment"}},
      {"enabled_roles", {"role_name"}},
      {"roles", {"role_name"}},
      {"schemata", {"catalog_name", "schema_name"}},
      {"table_privileges",
       {"grantor", "grantor_type", "grantee", "grantee_type", "table_catalog", "table_schema", "table_name",
        "privilege_type", "is_grantable", "with_hierarchy"}},
      {"tables", {"table_catalog", "table_schema", "table_name", "table_type", "-table_comment"}},
      {"views", {"table_catalog", "table_schema", "table_name", "view_definition"}},
  };
  return definitions;
}

Value Text(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value(duckdb::LogicalType::VARCHAR);
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
      const bool hidden = column.starts_with('-');
      columns_.push_back({hidden ? column.substr(1) : column, type});
      columns_.back().hidden = hidden;
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
    const bool of_tables = name_ == "tables" || name_ == "columns";
    if (!of_tables && name_ != "schemata" && name_ != "views") return rows;
    for (const std::string& schema : connector_->ListSchemas()) {
      if (name_ == "schemata") {
        rows.push_back({catalog_, schema});
        continue;
      }
      if (of_tables) {
        for (const std::string& table : connector_->ListTables(schema))
          AddTable(context, schema, table, rows);
      }
      for (const std::string& name : connector_->ListViews(schema)) {
        // Nothing: dropped since it was listed.
        if (const auto view = connector_->GetView(schema, name)) AddView(schema, name, *view, rows);
      }
    }
    return rows;
  }

  void AddTable(duckdb::ClientContext& context, const std::string& schema, const std::string& table,
                Rows& rows) const {
    std::shared_ptr<const Table> found;
    try {
      found = connector_->GetTable(context, schema, table);
    } catch (const TrinoException&) {
      // One unreadable table must not make the whole catalog unlistable; reading the table itself tells why.
      if (name_ == "tables") rows.push_back({catalog_, schema, table, "BASE TABLE", Text(std::nullopt)});
      return;
    }
    // Dropped since it was listed.
    if (!found) return;
    if (name_ == "tables") {
      rows.push_back({catalog_, schema, table, "BASE TABLE", Text(found->comment())});
    } else {
      AddColumns(schema, table, found->columns(), rows);
    }
  }

  void AddView(const std::string& schema, const std::string& name, const View& view, Rows& rows) const {
    if (name_ == "tables") {
      rows.push_back({catalog_, schema, name, "VIEW", Text(view.comment)});
    } else if (name_ == "views") {
      rows.push_back({catalog_, schema, name, view.query});
    } else {
      AddColumns(schema, name, view.columns, rows);
    }
  }

  void AddColumns(const std::string& schema, const std::string& table, const std::vector<Column>& columns,
                  Rows& rows) const {
    int64_t position = 0;
    for (const Column& column : columns) {
      if (column.hidden) continue;
      rows.push_back({catalog_, schema, table, column.name, Value::BIGINT(++position), Text(std::nullopt),
                      column.nullable ? "YES" : "NO", ColumnTypeName(column), Text(column.comment),
                      Text(std::nullopt), Text(column.comment)});
    }
  }

  const std::string name_;
  const std::string catalog_;
  const std::shared_ptr<const Connector> connector_;
  std::vector<Column> columns_;
};

class ConnectorWithInformationSchema : public Connector,
                                       public KeepsSqlFunctions,
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

  std::vector<std::string> ListViews(const std::string& schema) const override {
    return connector_->ListViews(schema);
  }
  std::optional<View> GetView(const std::string& schema, const std::string& view) const override {
    return connector_->GetView(schema, view);
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
  SqlFunctionStore* functions() const override { return SqlFunctionsOf(connector_.get()); }

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
