#include "connector/memory/memory_connector.h"

#include "base/error.h"
#include "base/units.h"
#include "connector/memory/memory_store.h"
#include "connector/sql_functions.h"

namespace planaria::connector {

namespace memory {
namespace {

constexpr const char* kDescription = "memory";

/// A version of a table; in processes that only read splits, a version without id and pages.
class MemoryTable final : public Table {
 public:
  explicit MemoryTable(std::shared_ptr<const TableVersion> version) : version_(std::move(version)) {}

  const std::vector<Column>& columns() const override { return version_->columns; }
  std::optional<uint64_t> row_count() const override {
    return version_->id == 0 ? std::nullopt : std::optional(version_->rows());
  }
  bool HasRowIds() const override { return true; }
  std::optional<std::string> description() const override { return kDescription; }
  std::optional<std::string> comment() const override { return version_->comment; }
  const TableVersion& version() const { return *version_; }

  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override {
    static const Positions none;
    std::vector<Split> splits;
    for (const PageInTable& page : version_->pages) {
      splits.push_back({SplitPayload(*page.page, page.deleted ? *page.deleted : none), page.live_rows(),
                        page.page->page_bytes});
    }
    return splits;
  }

  std::unique_ptr<PageSource> Open(duckdb::ClientContext&, const Split& split,
                                   const ScanRequest& request) const override {
    duckdb::vector<duckdb::LogicalType> types;
    for (const Column& column : columns()) types.push_back(column.type);
    return OpenPage(split.payload, std::move(types), request);
  }

 private:
  const std::shared_ptr<const TableVersion> version_;
};

/// What the fragments of one write hold together.
struct Gathered {
  explicit Gathered(const std::vector<std::string>& fragments) {
    for (const std::string& bytes : fragments) {
      Fragment fragment = ParseFragment(bytes);
      if (fragment.page) pages.push_back(std::move(fragment.page));
      deleted.insert(deleted.end(), fragment.deleted.begin(), fragment.deleted.end());
    }
  }
  std::vector<std::shared_ptr<StoredPage>> pages;
  std::vector<int64_t> deleted;
};

/// Sinks keep nothing, so there is nothing to remove.
class Creation final : public TableWrite {
 public:
  Creation(std::shared_ptr<MemoryStore> store, NewTable table)
      : store_(std::move(store)), table_(std::move(table)) {}
  std::string sink() const override { return kDescription; }
  void Commit(const std::vector<std::string>& fragments) override {
    store_->CreateTable(table_, Gathered(fragments).pages);
  }
  void Abort() override {}

 private:
  const std::shared_ptr<MemoryStore> store_;
  const NewTable table_;
};

class Modification final : public TableWrite {
 public:
  Modification(std::shared_ptr<MemoryStore> store, std::string schema, std::string table,
               const TableVersion* version)
      : store_(std::move(store)),
        schema_(std::move(schema)),
        table_(std::move(table)),
        id_(version ? version->id : 0),
        columns_(version ? static_cast<uint32_t>(version->columns.size()) : 0) {}
  std::string sink() const override { return kDescription; }
  void Commit(const std::vector<std::string>& fragments) override {
    Gathered gathered(fragments);
    store_->Change(schema_, table_, id_, columns_, std::move(gathered.pages), std::move(gathered.deleted));
  }
  void Abort() override {}

 private:
  const std::shared_ptr<MemoryStore> store_;
  const std::string schema_;
  const std::string table_;
  const uint64_t id_;
  const uint32_t columns_;
};

Column& ColumnOf(std::vector<Column>& columns, const std::string& name) {
  for (Column& column : columns) {
    if (column.name == name) return column;
  }
  throw TrinoException(errors::COLUMN_NOT_FOUND, "Column '" + name + "' does not exist");
}

class MemoryWrites final : public ConnectorWrites {
 public:
  MemoryWrites(std::shared_ptr<MemoryStore> store, uint64_t max_bytes)
      : store_(std::move(store)), max_bytes_(max_bytes) {}

  void CreateSchema(const std::string& schema) const override { store_->CreateSchema(schema); }
  void DropSchema(const std::string& schema, bool cascade) const override {
    store_->DropSchema(schema, cascade);
  }
  void CreateTable(const NewTable& table) const override { store_->CreateTable(table, {}); }
  void DropTable(const std::string& schema, const std::string& table) const override {
    store_->DropTable(schema, table);
  }
  void TruncateTable(const std::string& schema, const std::string& table) const override {
    store_->Truncate(schema, table);
  }

  void RenameSchema(const std::string& schema, const std::string& target) const override {
    store_->RenameSchema(schema, target);
  }
  void RenameTable(const TableReference& table, const TableReference& target) const override {
    store_->RenameTable(table, target);
  }
  void SetTableComment(const TableReference& table,
                       const std::optional<std::string>& comment) const override {
    store_->Alter(table, [&](TableVersion& version) { version.comment = comment; });
  }
  void SetColumnComment(const TableReference& table, const std::string& column,
                        const std::optional<std::string>& comment) const override {
    store_->Alter(table, [&](TableVersion& version) { ColumnOf(version.columns, column).comment = comment; });
  }
  void AddColumn(const TableReference& table, const Column& column) const override {
    store_->Alter(table, [&](TableVersion& version) {
      if (!column.nullable && version.rows() > 0) {
        throw TrinoException(errors::NOT_SUPPORTED, "Unable to add NOT NULL column '" + column.name +
                                                        "' for non-empty table: " + table.ToString());
      }
      version.columns.push_back(column);
    });
  }
  void RenameColumn(const TableReference& table, const std::string& column,
                    const std::string& target) const override {
    store_->Alter(table, [&](TableVersion& version) { ColumnOf(version.columns, column).name = target; });
  }
  void DropNotNull(const TableReference& table, const std::string& column) const override {
    store_->Alter(table, [&](TableVersion& version) { ColumnOf(version.columns, column).nullable = true; });
  }

  void CreateView(const TableReference& name, const View& view, bool replace) const override {
    store_->CreateView(name, view, replace);
  }
  void DropView(const TableReference& view) const override { store_->DropView(view); }
  void RenameView(const TableReference& view, const TableReference& target) const override {
    store_->RenameView(view, target);
  }
  void SetViewComment(const TableReference& view, const std::optional<std::string>& comment) const override {
    store_->AlterView(view, [&](View& altered) { altered.comment = comment; });
  }
  void SetViewColumnComment(const TableReference& view, const std::string& column,
                            const std::optional<std::string>& comment) const override {
    store_->AlterView(view, [&](View& altered) { ColumnOf(altered.columns, column).comment = comment; });
  }

  std::unique_ptr<TableWrite> BeginCreate(const WriteSession&, const NewTable& table) const override {
    store_->CheckCreate(table);
    return std::make_unique<Creation>(store_, table);
  }
  std::unique_ptr<TableWrite> BeginInsert(const WriteSession&, const std::string& schema,
                                          const std::string& table) const override {
    const auto found = store_->Find(schema, table);
    return std::make_unique<Modification>(store_, schema, table, found.get());
  }
  std::unique_ptr<TableWrite> BeginChange(const WriteSession&, const std::string& schema,
                                          const std::string& table,
                                          std::shared_ptr<const Table> snapshot) const override {
    const auto& version = static_cast<const MemoryTable&>(*snapshot).version();
    return std::make_unique<Modification>(store_, schema, table, &version);
  }
  std::unique_ptr<PageSink> OpenSink(duckdb::ClientContext&, const SinkRequest& request) const override {
    return MakeSink(request, max_bytes_);
  }

 private:
  const std::shared_ptr<MemoryStore> store_;
  const uint64_t max_bytes_;
};

class MemoryConnector final : public Connector, public KeepsSqlFunctions {
 public:
  MemoryConnector(const std::string& catalog, uint64_t max_bytes)
      : store_(std::make_shared<MemoryStore>(catalog, max_bytes)), writes_(store_, max_bytes) {}

  std::vector<std::string> ListSchemas() const override { return store_->Schemas(); }
  std::vector<std::string> ListTables(const std::string& schema) const override {
    return store_->Tables(schema);
  }
  std::vector<std::string> ListViews(const std::string& schema) const override {
    return store_->Views(schema);
  }
  std::optional<View> GetView(const std::string& schema, const std::string& view) const override {
    const auto found = store_->FindView(schema, view);
    return found ? std::optional(*found) : std::nullopt;
  }
  std::shared_ptr<const Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                        const std::string& table) const override {
    auto version = store_->Find(schema, table);
    return version ? std::make_shared<MemoryTable>(std::move(version)) : nullptr;
  }
  std::shared_ptr<const Table> DescribedTable(std::vector<Column> columns,
                                              const std::string&) const override {
    auto version = std::make_shared<TableVersion>();
    version->columns = std::move(columns);
    return std::make_shared<MemoryTable>(std::move(version));
  }
  const ConnectorWrites& writes() const override { return writes_; }
  SqlFunctionStore* functions() const override { return &functions_; }

 private:
  const std::shared_ptr<MemoryStore> store_;
  const MemoryWrites writes_;
  mutable SqlFunctionStore functions_;
};

constexpr const char* kMaxData = "memory.max-data-per-node";
constexpr const char* kSplitsPerNode = "memory.splits-per-node";

}  // namespace
}  // namespace memory

std::shared_ptr<const Connector> CreateMemoryConnector(const std::string& catalog,
                                                       const std::map<std::string, std::string>& properties) {
  const auto invalid = [&](const std::string& message) {
    return TrinoException(errors::CONFIGURATION_INVALID, "Catalog '" + catalog + "': " + message);
  };
  uint64_t max_bytes = uint64_t{128} << 20;
  for (const auto& [key, value] : properties) {
    if (key == "connector.name") continue;
    if (key == memory::kMaxData) {
      try {
        max_bytes = DataSize::Parse(value).bytes;
      } catch (const TrinoException& exception) {
        throw invalid("Configuration property '" + key + "': " + exception.what());
      }
    } else if (key == memory::kSplitsPerNode) {
      if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos) {
        throw invalid("Configuration property '" + key + "': '" + value + "' is not a number");
      }
    } else {
      throw invalid("Configuration property '" + key + "' was not used");
    }
  }
  return std::make_shared<memory::MemoryConnector>(catalog, max_bytes);
}

}  // namespace planaria::connector
