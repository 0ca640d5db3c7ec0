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
