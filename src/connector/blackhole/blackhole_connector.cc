#include "connector/blackhole/blackhole_connector.h"

#include <charconv>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "base/units.h"
#include "connector/table_writes.h"
#include "duckdb/main/client_context.hpp"
#include "kernel/moment.h"

namespace planaria::connector {

namespace blackhole {
namespace {

struct Shape {
  uint64_t split_count = 0;
  uint64_t pages_per_split = 0;
  uint64_t rows_per_page = 0;
  uint64_t field_length = 16;
  Duration page_processing_delay{0};

  std::string ToText() const {
    std::ostringstream text;
    text << split_count << ' ' << pages_per_split << ' ' << rows_per_page << ' ' << field_length << ' '
         << page_processing_delay.count();
    return text.str();
  }
  static Shape FromText(const std::string& text) {
    Shape shape;
    int64_t nanos = 0;
    std::istringstream in(text);
    in >> shape.split_count >> shape.pages_per_split >> shape.rows_per_page >> shape.field_length >> nanos;
    if (!in) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Unreadable black hole table");
    shape.page_processing_delay = Duration(nanos);
    return shape;
  }
};

/// Sleeps in steps, so that a cancelled task does not wait for a long delay's end.
void Delay(duckdb::ClientContext& context, Duration delay) {
  constexpr Duration kStep = std::chrono::milliseconds(20);
  for (Duration left = delay; left > Duration::zero(); left -= kStep) {
    if (context.interrupted) throw TrinoException(errors::USER_CANCELED, "Query was canceled");
    std::this_thread::sleep_for(std::min(left, kStep));
  }
}

/// 0, false, the epoch, 00:00; texts and bytes are `length` stars.
duckdb::Value ConstantOf(const duckdb::LogicalType& type, uint64_t length) {
  using duckdb::LogicalTypeId;
  using duckdb::Value;
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
      return Value(std::string(length, '*'));
    case LogicalTypeId::BLOB:
      return Value::BLOB_RAW(std::string(length, '*'));
    case LogicalTypeId::DATE:
      return Value::DATE(duckdb::date_t(0));
    case LogicalTypeId::TIME:
      return Value::TIME(duckdb::dtime_t(0));
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ:
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(0)).DefaultCastAs(type);
    case LogicalTypeId::UHUGEINT:
      return Value::UHUGEINT(kernel::Pack(kernel::Moment()));
    default:
      if (type.IsNumeric() || type.id() == LogicalTypeId::BOOLEAN)
        return Value::INTEGER(0).DefaultCastAs(type);
      return Value(type);
  }
}

class Source final : public PageSource {
 public:
  Source(duckdb::ClientContext& context, const Shape& shape, std::vector<duckdb::Value> values)
      : context_(context), shape_(shape), values_(std::move(values)) {}

  void Next(duckdb::DataChunk& chunk) override {
    if (rows_left_ == 0) {
      if (pages_ == shape_.pages_per_split) return;
      pages_++;
      rows_left_ = shape_.rows_per_page;
      Delay(context_, shape_.page_processing_delay);
    }
    for (size_t i = 0; i < values_.size(); i++) chunk.data[i].Reference(values_[i]);
    const uint64_t rows = std::min<uint64_t>(rows_left_, STANDARD_VECTOR_SIZE);
    rows_left_ -= rows;
    chunk.SetCardinality(rows);
  }

 private:
  duckdb::ClientContext& context_;
  const Shape shape_;
  const std::vector<duckdb::Value> values_;
  uint64_t pages_ = 0;
  uint64_t rows_left_ = 0;
};

struct TableState {
  std::vector<Column> columns;
  std::optional<std::string> comment;
  std::map<std::string, std::string> properties;
  Shape shape;
};

class BlackHoleTable final : public Table {
 public:
  explicit BlackHoleTable(TableState state) : state_(std::move(state)) {}

  const std::vector<Column>& columns() const override { return state_.columns; }
  std::optional<uint64_t> row_count() const override {
    return state_.shape.split_count * state_.shape.pages_per_split * state_.shape.rows_per_page;
  }
  bool HasRowIds() const override { return true; }
  std::optional<std::string> description() const override { return state_.shape.ToText(); }
  std::optional<std::string> comment() const override { return state_.comment; }
  std::map<std::string, std::string> properties() const override { return state_.properties; }
  const Shape& shape() const { return state_.shape; }

  std::vector<Split> Splits(duckdb::ClientContext&, const ScanRequest&) const override {
    const uint64_t rows = state_.shape.pages_per_split * state_.shape.rows_per_page;
    return std::vector<Split>(state_.shape.split_count, Split{"", rows, rows * 8 * state_.columns.size()});
  }

  std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split&,
                                   const ScanRequest& request) const override {
    std::vector<duckdb::Value> values;
    for (const uint32_t column : request.columns) {
      values.push_back(column == ScanRequest::kRowId
                           ? duckdb::Value::BIGINT(0)
                           : ConstantOf(state_.columns[column].type, state_.shape.field_length));
    }
    return std::make_unique<Source>(context, state_.shape, std::move(values));
  }

 private:
  const TableState state_;
};

/// A chunk counts as a page.
class Sink final : public PageSink {
 public:
  Sink(duckdb::ClientContext& context, Duration delay) : context_(context), delay_(delay) {}
  void Append(duckdb::DataChunk&, std::vector<std::string>*) override { Delay(context_, delay_); }
  void Finish(std::vector<std::string>*) override {}

 private:
  duckdb::ClientContext& context_;
  const Duration delay_;
};

uint64_t CountOf(const std::string& name, const std::string& text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw TrinoException(errors::INVALID_TABLE_PROPERTY, "Invalid value for catalog property '" + name +
                                                             "': Cannot convert [" + text + "] to integer");
  }
  if (count < 0) throw TrinoException(errors::INVALID_TABLE_PROPERTY, name + " property is negative");
  return static_cast<uint64_t>(count);
}

Shape ShapeOf(const std::map<std::string, std::string>& properties) {
  Shape shape;
  for (const auto& [name, value] : properties) {
    if (name == "split_count") {
      shape.split_count = CountOf(name, value);
    } else if (name == "pages_per_split") {
      shape.pages_per_split = CountOf(name, value);
    } else if (name == "rows_per_page") {
      shape.rows_per_page = CountOf(name, value);
    } else if (name == "field_length") {
      shape.field_length = CountOf(name, value);
    } else if (name == "page_processing_delay") {
      try {
        // The value is a string literal.
        shape.page_processing_delay = ParseDuration(
            value.size() >= 2 && value.front() == '\'' ? value.substr(1, value.size() - 2) : value);
      } catch (const TrinoException& exception) {
        throw TrinoException(errors::INVALID_TABLE_PROPERTY,
                             "Invalid value for table property '" + name + "': " + exception.what());
      }
    } else {
      throw TrinoException(errors::INVALID_TABLE_PROPERTY, "Table property '" + name + "' does not exist");
    }
  }
  const bool any = shape.split_count > 0 || shape.pages_per_split > 0 || shape.rows_per_page > 0;
  const bool all = shape.split_count > 0 && shape.pages_per_split > 0 && shape.rows_per_page > 0;
  if (any && !all) {
    throw TrinoException(errors::INVALID_TABLE_PROPERTY,
                         "All properties [split_count, pages_per_split, rows_per_page] must be set if any "
                         "are set");
  }
  return shape;
}

/// Schemas and tables, on the coordinator. Thread-safe.
class Names {
 public:
  std::vector<std::string> Schemas() const {
    const std::lock_guard lock(mutex_);
    return {schemas_.begin(), schemas_.end()};
  }
  std::vector<std::string> Tables(const std::string& schema) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, table] : tables_) {
      if (name.first == schema) names.push_back(name.second);
    }
    return names;
  }
  std::shared_ptr<const BlackHoleTable> Find(const std::string& schema, const std::string& table) const {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find({schema, table});
    return found == tables_.end() ? nullptr : found->second;
  }
  void CreateSchema(const std::string& schema) {
    const std::lock_guard lock(mutex_);
    if (!schemas_.insert(schema).second) {
      throw TrinoException(errors::ALREADY_EXISTS, "Schema [" + schema + "] already exists");
    }
  }
  void CheckCreate(const NewTable& table) const {
    const std::lock_guard lock(mutex_);
    CheckCreateLocked(table);
  }
  void Create(const NewTable& table) {
    auto made = std::make_shared<const BlackHoleTable>(
        TableState{table.columns, table.comment, table.properties, ShapeOf(table.properties)});
    const std::lock_guard lock(mutex_);
    CheckCreateLocked(table);
    tables_[{table.schema, table.name}] = std::move(made);
  }
  void Drop(const std::string& schema, const std::string& table) {
    const std::lock_guard lock(mutex_);
    tables_.erase({schema, table});
  }

 private:
  void CheckCreateLocked(const NewTable& table) const {
    if (table.replace) {
      throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support replacing tables");
    }
    if (!schemas_.contains(table.schema)) {
      throw TrinoException(errors::SCHEMA_NOT_FOUND, "Schema " + table.schema + " not found");
    }
    if (tables_.contains({table.schema, table.name})) {
      throw TrinoException(errors::TABLE_ALREADY_EXISTS,
                           "Table '" + table.schema + "." + table.name + "' already exists");
    }
  }

  mutable std::mutex mutex_;
  std::set<std::string> schemas_ = {"default"};
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const BlackHoleTable>> tables_;
};

class Write final : public TableWrite {
 public:
  Write(std::shared_ptr<Names> names, std::optional<NewTable> created, Duration delay)
      : names_(std::move(names)), created_(std::move(created)), delay_(delay) {}
  std::string sink() const override { return std::to_string(delay_.count()); }
  void Commit(const std::vector<std::string>&) override {
    if (created_) names_->Create(*created_);
  }
  void Abort() override {}

 private:
  const std::shared_ptr<Names> names_;
  const std::optional<NewTable> created_;
  const Duration delay_;
};

class BlackHoleWrites final : public ConnectorWrites {
 public:
  explicit BlackHoleWrites(std::shared_ptr<Names> names) : names_(std::move(names)) {}

  std::vector<TableProperty> table_properties() const override {
    return {{"field_length", "16", "integer",
             "Overwrite default length (16) of variable length columns, such as VARCHAR or VARBINARY"},
            {"page_processing_delay", "0.00s", "varchar", "Sleep duration before processing each page"},
            {"pages_per_split", "0", "integer", "Number of pages per each split generated by this table"},
            {"rows_per_page", "0", "integer", "Number of rows per each page generated by this table"},
            {"split_count", "0", "integer", "Number of splits generated by this table"}};
  }

  void CreateSchema(const std::string& schema) const override { names_->CreateSchema(schema); }
  void CreateTable(const NewTable& table) const override { names_->Create(table); }
  void DropTable(const std::string& schema, const std::string& table) const override {
    names_->Drop(schema, table);
  }
  void TruncateTable(const std::string&, const std::string&) const override {}

  std::unique_ptr<TableWrite> BeginCreate(const WriteSession&, const NewTable& table) const override {
    names_->CheckCreate(table);
    return std::make_unique<Write>(names_, table, ShapeOf(table.properties).page_processing_delay);
  }
  std::unique_ptr<TableWrite> BeginInsert(const WriteSession&, const std::string& schema,
                                          const std::string& table) const override {
    return Existing(schema, table);
  }
  std::unique_ptr<TableWrite> BeginChange(const WriteSession&, const std::string& schema,
                                          const std::string& table,
                                          std::shared_ptr<const Table>) const override {
    return Existing(schema, table);
  }
  std::unique_ptr<PageSink> OpenSink(duckdb::ClientContext& context,
                                     const SinkRequest& request) const override {
    return std::make_unique<Sink>(context, Duration(std::stoll(request.sink)));
  }

 private:
  std::unique_ptr<TableWrite> Existing(const std::string& schema, const std::string& table) const {
    const auto found = names_->Find(schema, table);
    return std::make_unique<Write>(names_, std::nullopt,
                                   found ? found->shape().page_processing_delay : Duration::zero());
  }

  const std::shared_ptr<Names> names_;
};

class BlackHoleConnector final : public Connector {
 public:
  std::vector<std::string> ListSchemas() const override { return names_->Schemas(); }
  std::vector<std::string> ListTables(const std::string& schema) const override {
    return names_->Tables(schema);
  }
  std::shared_ptr<const Table> GetTable(duckdb::ClientContext&, const std::string& schema,
                                        const std::string& table) const override {
    return names_->Find(schema, table);
  }
  std::shared_ptr<const Table> DescribedTable(std::vector<Column> columns,
                                              const std::string& description) const override {
    return std::make_shared<BlackHoleTable>(
        TableState{std::move(columns), std::nullopt, {}, Shape::FromText(description)});
  }
  const ConnectorWrites& writes() const override { return writes_; }

 private:
  const std::shared_ptr<Names> names_ = std::make_shared<Names>();
  const BlackHoleWrites writes_{names_};
};

}  // namespace
}  // namespace blackhole

std::shared_ptr<const Connector> CreateBlackHoleConnector(
    const std::string& catalog, const std::map<std::string, std::string>& properties) {
  for (const auto& [key, value] : properties) {
    if (key == "connector.name") continue;
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         "Catalog '" + catalog + "': Configuration property '" + key + "' was not used");
  }
  return std::make_shared<blackhole::BlackHoleConnector>();
}

}  // namespace planaria::connector
