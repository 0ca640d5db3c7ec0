#include "sql/statement_kind.h"

namespace planaria::sql {

namespace {

std::string_view Kind(const ast::QueryPtr&) { return "SELECT"; }
std::string_view Kind(const ast::Use&) { return "USE"; }
std::string_view Kind(const ast::SetSession&) { return "SET SESSION"; }
std::string_view Kind(const ast::ResetSession&) { return "RESET SESSION"; }
std::string_view Kind(const ast::SetSessionAuthorization&) { return "SET SESSION AUTHORIZATION"; }
std::string_view Kind(const ast::ResetSessionAuthorization&) { return "RESET SESSION AUTHORIZATION"; }
std::string_view Kind(const ast::SetPath&) { return "SET PATH"; }
std::string_view Kind(const ast::SetTimeZone&) { return "SET TIME ZONE"; }
std::string_view Kind(const ast::SetRole&) { return "SET ROLE"; }
std::string_view Kind(const ast::Explain& explain) { return explain.analyze ? "EXPLAIN ANALYZE" : "EXPLAIN"; }
std::string_view Kind(const ast::Prepare&) { return "PREPARE"; }
std::string_view Kind(const ast::Execute&) { return "EXECUTE"; }
std::string_view Kind(const ast::ExecuteImmediate&) { return "EXECUTE IMMEDIATE"; }
std::string_view Kind(const ast::Deallocate&) { return "DEALLOCATE PREPARE"; }
std::string_view Kind(const ast::DescribeInput&) { return "DESCRIBE INPUT"; }
std::string_view Kind(const ast::DescribeOutput&) { return "DESCRIBE OUTPUT"; }
std::string_view Kind(const ast::StartTransaction&) { return "START TRANSACTION"; }
std::string_view Kind(const ast::Commit&) { return "COMMIT"; }
std::string_view Kind(const ast::Rollback&) { return "ROLLBACK"; }
std::string_view Kind(const ast::Call&) { return "CALL"; }
std::string_view Kind(const ast::ShowCatalogs&) { return "SHOW CATALOGS"; }
std::string_view Kind(const ast::ShowSchemas&) { return "SHOW SCHEMAS"; }
std::string_view Kind(const ast::ShowTables&) { return "SHOW TABLES"; }
std::string_view Kind(const ast::ShowColumns&) { return "SHOW COLUMNS"; }
std::string_view Kind(const ast::ShowFunctions&) { return "SHOW FUNCTIONS"; }
std::string_view Kind(const ast::ShowSession&) { return "SHOW SESSION"; }
std::string_view Kind(const ast::ShowStats&) { return "SHOW STATS"; }
std::string_view Kind(const ast::ShowRoles& show) {
  return show.current ? "SHOW CURRENT ROLES" : "SHOW ROLES";
}
std::string_view Kind(const ast::ShowRoleGrants&) { return "SHOW ROLE GRANTS"; }
std::string_view Kind(const ast::ShowGrants&) { return "SHOW GRANTS"; }
std::string_view Kind(const ast::CreateRole&) { return "CREATE ROLE"; }
std::string_view Kind(const ast::DropRole&) { return "DROP ROLE"; }
std::string_view Kind(const ast::GrantRoles& grant) { return grant.revoke ? "REVOKE" : "GRANT"; }
std::string_view Kind(const ast::CreateCatalog&) { return "CREATE CATALOG"; }
std::string_view Kind(const ast::CreateSchema&) { return "CREATE SCHEMA"; }
std::string_view Kind(const ast::CreateTable&) { return "CREATE TABLE"; }
std::string_view Kind(const ast::CreateTableAs&) { return "CREATE TABLE"; }
std::string_view Kind(const ast::CreateView&) { return "CREATE VIEW"; }
std::string_view Kind(const ast::CreateMaterializedView&) { return "CREATE MATERIALIZED VIEW"; }
std::string_view Kind(const ast::RefreshMaterializedView&) { return "REFRESH MATERIALIZED VIEW"; }
std::string_view Kind(const ast::CreateFunction&) { return "CREATE FUNCTION"; }
std::string_view Kind(const ast::DropFunction&) { return "DROP FUNCTION"; }
std::string_view Kind(const ast::SetAuthorization&) { return "SET AUTHORIZATION"; }
std::string_view Kind(const ast::TruncateTable&) { return "TRUNCATE TABLE"; }
std::string_view Kind(const ast::AddColumn&) { return "ADD COLUMN"; }
std::string_view Kind(const ast::RenameColumn&) { return "RENAME COLUMN"; }
std::string_view Kind(const ast::DropColumn&) { return "DROP COLUMN"; }
std::string_view Kind(const ast::SetColumnType&) { return "SET COLUMN TYPE"; }
std::string_view Kind(const ast::DropNotNull&) { return "DROP NOT NULL"; }
std::string_view Kind(const ast::Comment&) { return "COMMENT"; }
std::string_view Kind(const ast::Insert&) { return "INSERT"; }
std::string_view Kind(const ast::Delete&) { return "DELETE"; }
std::string_view Kind(const ast::Update&) { return "UPDATE"; }
std::string_view Kind(const ast::Merge&) { return "MERGE"; }
std::string_view Kind(const ast::Analyze&) { return "ANALYZE"; }
std::string_view Kind(const ast::TableExecute&) { return "ALTER TABLE EXECUTE"; }

std::string_view Kind(const ast::ShowCreate& show) {
  static constexpr std::string_view kKinds[] = {"SHOW CREATE TABLE", "SHOW CREATE VIEW",
                                                "SHOW CREATE MATERIALIZED VIEW", "SHOW CREATE SCHEMA",
                                                "SHOW CREATE FUNCTION"};
  return kKinds[static_cast<size_t>(show.kind)];
}

std::string_view Kind(const ast::GrantPrivileges& grant) {
  static constexpr std::string_view kKinds[] = {"GRANT", "REVOKE", "DENY"};
  return kKinds[static_cast<size_t>(grant.kind)];
}

std::string_view Kind(const ast::DropObject& drop) {
  static constexpr std::string_view kKinds[] = {"DROP CATALOG", "DROP SCHEMA", "DROP TABLE", "DROP VIEW",
                                                "DROP MATERIALIZED VIEW"};
  return kKinds[static_cast<size_t>(drop.kind)];
}

std::string_view Kind(const ast::RenameObject& rename) {
  static constexpr std::string_view kKinds[] = {"RENAME CATALOG", "RENAME SCHEMA", "RENAME TABLE",
                                                "RENAME VIEW", "RENAME MATERIALIZED VIEW"};
  return kKinds[static_cast<size_t>(rename.kind)];
}

std::string_view Kind(const ast::SetProperties&) { return "SET PROPERTIES"; }

}  // namespace

std::string_view KindOf(const ast::Statement& statement) {
  return std::visit([](const auto& node) { return Kind(node); }, statement.node);
}

}  // namespace planaria::sql
