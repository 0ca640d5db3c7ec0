#include "connector/table_writes.h"

#include "base/error.h"

namespace planaria::connector {

namespace {

[[noreturn]] void Refuse(const std::string& what) {
  throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support " + what);
}

}  // namespace

void RequireNoRetries(const WriteSession& session) {
  if (session.retry_mode != RetryMode::kNoRetries) Refuse("query retries");
}

void ConnectorWrites::CreateSchema(const std::string&) const { Refuse("creating schemas"); }
void ConnectorWrites::DropSchema(const std::string&, bool) const { Refuse("dropping schemas"); }
void ConnectorWrites::CreateTable(const NewTable&) const { Refuse("creating tables"); }
void ConnectorWrites::DropTable(const std::string&, const std::string&) const { Refuse("dropping tables"); }
void ConnectorWrites::TruncateTable(const std::string&, const std::string&) const {
  Refuse("truncating tables");
}

void ConnectorWrites::RenameSchema(const std::string&, const std::string&) const {
  Refuse("renaming schemas");
}
void ConnectorWrites::RenameTable(const TableReference&, const TableReference&) const {
  Refuse("renaming tables");
}
void ConnectorWrites::SetTableComment(const TableReference&, const std::optional<std::string>&) const {
  Refuse("setting table comments");
}
void ConnectorWrites::SetColumnComment(const TableReference&, const std::string&,
                                       const std::optional<std::string>&) const {
  Refuse("setting column comments");
}
void ConnectorWrites::AddColumn(const TableReference&, const Column&) const { Refuse("adding columns"); }
void ConnectorWrites::RenameColumn(const TableReference&, const std::string&, const std::string&) const {
  Refuse("renaming columns");
}
void ConnectorWrites::DropColumn(const TableReference&, const std::string&) const {
  Refuse("dropping columns");
}
void ConnectorWrites::SetColumnType(const TableReference&, const std::string&,
                                    const duckdb::LogicalType&) const {
  Refuse("setting column types");
}
void ConnectorWrites::DropNotNull(const TableReference&, const std::string&) const {
  Refuse("dropping a not null constraint");
}
void ConnectorWrites::CreateView(const TableReference&, const View&, bool) const { Refuse("creating views"); }
void ConnectorWrites::DropView(const TableReference&) const { Refuse("dropping views"); }
void ConnectorWrites::RenameView(const TableReference&, const TableReference&) const {
  Refuse("renaming views");
}
void ConnectorWrites::SetViewComment(const TableReference&, const std::optional<std::string>&) const {
  Refuse("setting view comments");
}
void ConnectorWrites::SetViewColumnComment(const TableReference&, const std::string&,
                                           const std::optional<std::string>&) const {
  Refuse("setting view column comments");
}

std::unique_ptr<TableWrite> ConnectorWrites::BeginCreate(const WriteSession&, const NewTable&) const {
  Refuse("creating tables with data");
}
std::unique_ptr<TableWrite> ConnectorWrites::BeginInsert(const WriteSession&, const std::string&,
                                                         const std::string&) const {
  Refuse("inserts");
}
std::unique_ptr<TableWrite> ConnectorWrites::BeginChange(const WriteSession&, const std::string&,
                                                         const std::string&,
                                                         std::shared_ptr<const Table>) const {
  Refuse("modifying table rows");
}
std::unique_ptr<PageSink> ConnectorWrites::OpenSink(duckdb::ClientContext&, const SinkRequest&) const {
  Refuse("writes");
}

std::shared_ptr<const Table> Connector::DescribedTable(std::vector<Column>, const std::string&) const {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Tables of this connector have no descriptions");
}

const ConnectorWrites& Connector::writes() const {
  static const ConnectorWrites refuses;
  return refuses;
}

}  // namespace planaria::connector
