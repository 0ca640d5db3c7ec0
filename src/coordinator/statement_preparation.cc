#include "coordinator/statement_preparation.h"

#include <algorithm>
#include <variant>

#include "base/error.h"
#include "coordinator/describe_output.h"
#include "coordinator/session_statements.h"
#include "coordinator/show_queries.h"
#include "sql/analyzer/analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/like_pattern.h"
#include "sql/lowering/lowering.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/parse.h"
#include "sql/statement_kind.h"

namespace planaria::coordinator {

namespace {

using sql::QuoteName;
using sql::QuoteString;
using sql::ThrowAt;

/// No row of one varchar column.
std::string Nothing(const std::string& name) {
  return "SELECT CAST(NULL AS VARCHAR) AS " + QuoteName(name) + " WHERE false";
}

std::vector<sql::FunctionSchema> PathOf(const sql::ast::SetPath& set, const std::string& catalog) {
  std::vector<sql::FunctionSchema> schemas;
  for (const sql::ast::QualifiedName& element : set.path) {
    const std::vector<std::string> parts = sql::PartsOf(element);
    schemas.push_back({parts.size() == 2 ? parts[0] : catalog, parts.back()});
  }
  return schemas;
}

class Preparation {
 public:
  Preparation(const protocol::SessionHeaders& session, const SessionProperties& properties,
              const std::vector<std::string>& catalogs, const sql::Metadata& metadata)
      : session_(session), properties_(properties), catalogs_(catalogs), metadata_(metadata) {
    UseSettings({});
    result_.catalog = session.catalog.value_or("");
    result_.schema = session.schema.value_or("");
  }

  PreparedStatement Prepare(const std::string& sql) {
    Prepare(sql, nullptr);
    return std::move(result_);
  }

 private:
  /// `parameters` are EXECUTE's, nullptr for a statement that stands alone.
  void Prepare(const std::string& sql, const sql::ast::ExpressionList* parameters) {
    const std::shared_ptr<const sql::ast::Statement> statement = sql::Parse(sql::WithoutFinalSemicolon(sql));
    const sql::ast::ExpressionList none;
    if (parameters == nullptr) parameters = &none;
    const bool prepares = std::holds_alternative<sql::ast::Prepare>(statement->node);
    if (!prepares && statement->parameters != parameters->size()) {
      ThrowAt(errors::INVALID_PARAMETER_USAGE, {1, 1},
              "Incorrect number of parameters: expected " + std::to_string(statement->parameters) +
                  " but found " + std::to_string(parameters->size()));
    }
    parameters_ = parameters;
    Do(statement);
    parameters_ = nullptr;
  }

  void Do(const std::shared_ptr<const sql::ast::Statement>& statement) {
    statement_ = statement;
    std::visit([this](const auto& node) { Do(node); }, statement->node);
  }

  template <typename Other>
  void Do(const Other&) {
    ThrowAt(errors::NOT_SUPPORTED, statement_->location,
            std::string(sql::KindOf(*statement_)) + " is not supported");
  }

  void Do(const sql::ast::QueryPtr& query) {
    std::map<std::string, std::string> given;
    for (const sql::ast::SessionProperty& property : query->session) {
      const auto [name, value] = CheckedProperty(property.name, *property.value, property.value->location);
      if (!given.emplace(name, value).second) {
        ThrowAt(errors::INVALID_SESSION_PROPERTY, property.name.location,
                "Session property '" + name + "' already set");
      }
      if (name != "time_zone_id") continue;
      result_.time_zone = value;
      result_.time_zone_location = property.value->location;
    }
    if (!given.empty()) UseSettings(given);
    Lower();
  }

  /// `given` go before the session's properties.
  void UseSettings(const std::map<std::string, std::string>& given) {
    std::map<std::string, std::string> overrides = given;
    for (const auto& [name, value] : session_.session_properties) {
      if (name.find('.') == std::string::npos) overrides.emplace(name, value);
    }
    result_.settings = properties_.Resolve(overrides);
  }
  void Do(const sql::ast::Insert&) { Write(); }
  void Do(const sql::ast::Delete&) { Write(); }
  void Do(const sql::ast::Update&) { Write(); }
  void Do(const sql::ast::Merge&) { Write(); }
  void Do(const sql::ast::CreateTableAs&) {
    Write();
    result_.creation = statement_;
  }

  /// Of the object that the statement names first.
  std::string WrittenCatalog() const {
    return std::visit(
        [this](const auto& node) {
          size_t parts = 3;
          if constexpr (requires { node.kind == sql::ast::ObjectKind::kSchema; }) {
            if (node.kind == sql::ast::ObjectKind::kSchema) parts = 2;
          }
          if constexpr (std::is_same_v<std::decay_t<decltype(node)>, sql::ast::CreateSchema>) parts = 2;
          const sql::ast::QualifiedName* name = NamedObject(node);
          const bool named = name != nullptr && name->parts.size() >= parts;
          return named ? sql::NameOf(name->parts[0]) : result_.catalog;
        },
        statement_->node);
  }

  template <typename Node>
  static const sql::ast::QualifiedName* NamedObject(const Node& node) {
    if constexpr (requires { node.table.parts; }) return &node.table;
    if constexpr (requires { node.name.parts; }) return &node.name;
    return nullptr;
  }

  /// Catalog, schema and name of the table whose rows change; empty for queries.
  std::vector<std::string> WrittenTable() const {
    if (!result_.written_catalog) return {};
    const sql::ast::QualifiedName* name =
        std::visit([](const auto& node) { return NamedObject(node); }, statement_->node);
    if (name == nullptr) return {};
    std::vector<std::string> full = {result_.catalog, result_.schema, ""};
    const auto parts = sql::PartsOf(*name);
    for (size_t i = 0; i < parts.size() && i < full.size(); i++) {
      full[full.size() - 1 - i] = parts[parts.size() - 1 - i];
    }
    return full;
  }

  void Write() {
    result_.written_catalog = WrittenCatalog();
    Lower();
  }

  sql::AnalysisSession Analysis() const {
    sql::AnalysisSession session{result_.catalog, result_.schema};
    session.max_recursion_depth = result_.settings.limits.recursion_depth;
    session.path_text = session_.path.value_or("");
    if (!session.path_text.empty()) {
      const auto set = sql::Parse("SET PATH " + session.path_text);
      session.path = PathOf(std::get<sql::ast::SetPath>(set->node), result_.catalog);
    }
    return session;
  }

  /// Gives the columns of what is analysed.
  std::vector<sql::OutputColumn> Lower() {
    auto analyzed = sql::Analyze(*statement_, *parameters_, Analysis(), metadata_);
    sql::LoweredQuery lowered = analyzed ? std::move(analyzed->sql) : sql::Lower(*statement_, *parameters_);
    result_.query = lowered.text();
    result_.locate = [lowered = std::move(lowered)](size_t offset) { return lowered.LocationOf(offset); };
    if (!analyzed) return {};
    for (const sql::OutputColumn& column : analyzed->columns) result_.output_types.push_back(column.type);
    return std::move(analyzed->columns);
  }

  void Do(const sql::ast::CreateSchema&) { Define(); }
  void Do(const sql::ast::CreateTable&) { Define(); }
  void Do(const sql::ast::TruncateTable&) { Define(); }
  void Do(const sql::ast::DropObject&) { Define(); }
  void Do(const sql::ast::CreateView&) { Define(); }
  void Do(const sql::ast::CreateFunction&) { Define(); }
  void Do(const sql::ast::DropFunction&) { Define(); }
  void Do(const sql::ast::CreateMaterializedView&) { Define(); }
  void Do(const sql::ast::RefreshMaterializedView&) { Define(); }
  void Do(const sql::ast::RenameObject&) { Define(); }
  void Do(const sql::ast::SetProperties&) { Define(); }
  void Do(const sql::ast::SetAuthorization&) { Define(); }
  void Do(const sql::ast::AddColumn&) { Define(); }
  void Do(const sql::ast::RenameColumn&) { Define(); }
  void Do(const sql::ast::DropColumn&) { Define(); }
  void Do(const sql::ast::SetColumnType&) { Define(); }
  void Do(const sql::ast::DropNotNull&) { Define(); }
  void Do(const sql::ast::Comment&) { Define(); }
  void Do(const sql::ast::Analyze&) { Define(); }
  void Do(const sql::ast::TableExecute&) { Define(); }

  void Define() {
    result_.written_catalog = WrittenCatalog();
    result_.definition = statement_;
    result_.update_type = sql::KindOf(*statement_);
  }

  void Show(ConstantQuery shown) {
    result_.query = std::move(shown.sql);
    result_.output_types = std::move(shown.types);
  }

  void Do(const sql::ast::ShowCatalogs& show) {
    auto names = catalogs_;
    names.push_back("system");
    Show(ShowCatalogsQuery(names, show.like));
  }

  void Do(const sql::ast::ShowSchemas& show) {
    const std::string catalog = CatalogOf(show.catalog);
    result_.query = "SELECT schema_name AS \"Schema\" FROM " + QuoteName(catalog) +
                    ".information_schema.schemata WHERE true" + sql::AndLike("schema_name", show.like) +
                    " ORDER BY 1";
  }

  void Do(const sql::ast::ShowTables& show) {
    std::string catalog = result_.catalog, schema = result_.schema;
    if (show.schema) {
      const auto parts = sql::PartsOf(*show.schema);
      if (parts.size() > 2) {
        ThrowAt(errors::SYNTAX_ERROR, statement_->location,
                "Too many parts in schema name: " + sql::DottedName(*show.schema));
      }
      schema = parts.back();
      if (parts.size() > 1) catalog = parts[0];
    }
    if (catalog.empty())
      ThrowAt(errors::MISSING_CATALOG_NAME, statement_->location,
              "Catalog must be specified when session catalog is not set");
    if (schema.empty())
      ThrowAt(errors::MISSING_SCHEMA_NAME, statement_->location,
              "Schema must be specified when session schema is not set");
    RequireCatalog(catalog, statement_->location);
    result_.required_schema_catalog = catalog;
    result_.required_schema = schema;
    result_.query = "SELECT table_name AS \"Table\" FROM " + QuoteName(catalog) +
                    ".information_schema.tables WHERE table_schema = " + QuoteString(schema) +
                    sql::AndLike("table_name", show.like) + " ORDER BY 1";
  }

  /// There are no roles and privileges.
  void Do(const sql::ast::ShowRoles&) { result_.query = Nothing("Role"); }
  void Do(const sql::ast::ShowRoleGrants&) { result_.query = Nothing("Role Grants"); }
  void Do(const sql::ast::ShowGrants&) {
    std::string columns;
    for (const char* name : {"Grantor", "Grantor Type", "Grantee", "Grantee Type", "Catalog", "Schema",
                             "Table", "Privilege", "Grantable", "With Hierarchy"}) {
      columns += (columns.empty() ? "" : ", ") + ("NULL::VARCHAR AS " + QuoteName(name));
    }
    result_.query = "SELECT " + columns + " WHERE false";
  }
  void Do(const sql::ast::GrantPrivileges& grant) {
    const auto& name = grant.object.name;
    const std::string catalog = name.parts.size() > 2 ? sql::NameOf(name.parts[0]) : result_.catalog;
    throw TrinoException(errors::NOT_SUPPORTED, "Catalog does not support permission management: " + catalog);
  }
  void Do(const sql::ast::CreateRole&) { RefuseRoles(); }
  void Do(const sql::ast::DropRole&) { RefuseRoles(); }
  void Do(const sql::ast::GrantRoles&) { RefuseRoles(); }
  [[noreturn]] static void RefuseRoles() {
    throw TrinoException(errors::NOT_SUPPORTED, "System roles are not enabled");
  }
  void Do(const sql::ast::SetRole& set) {
    if (set.kind == sql::ast::SetRole::Kind::kRole) {
      ThrowAt(errors::ROLE_NOT_FOUND, statement_->location,
              "Role '" + sql::NameOf(set.role) + "' does not exist");
    }
    const std::string catalog = set.catalog ? sql::NameOf(*set.catalog) : "system";
    result_.changes.roles[catalog] = set.kind == sql::ast::SetRole::Kind::kAll ? "ALL" : "NONE";
    result_.update_type = "SET ROLE";
  }
  void Do(const sql::ast::CreateCatalog&) {
    throw TrinoException(errors::NOT_SUPPORTED,
                         "CREATE CATALOG is not supported by the static catalog store");
  }

  void Do(const sql::ast::ShowColumns&) { result_.definition = statement_; }
  void Do(const sql::ast::ShowStats& show) {
    if (show.table) {
      // For its errors: what is asked for is known without a plan.
      sql::Analyze(*statement_, *parameters_, Analysis(), metadata_);
      result_.definition = statement_;
      return;
    }
    result_.statistics_of = Lower();
    if (result_.statistics_of->empty()) {
      ThrowAt(errors::NOT_SUPPORTED, statement_->location, "SHOW STATS FOR this query is not supported");
    }
  }

  void Do(const sql::ast::ShowFunctions& show) {
    if (show.schema) {
      result_.definition = statement_;
    } else {
      Show(ShowFunctionsQuery(show.like));
    }
  }

  void Do(const sql::ast::ShowSession& show) {
    Show(ShowSessionQuery(properties_, session_.session_properties, show.like));
  }

  void Do(const sql::ast::ShowCreate&) { result_.definition = statement_; }

  void Do(const sql::ast::Use& use) {
    const std::string catalog = CatalogOf(use.catalog);
    const std::string schema = sql::NameOf(use.schema);
    result_.required_schema_catalog = catalog;
    result_.required_schema = schema;
    if (use.catalog) result_.changes.catalog = catalog;
    result_.changes.schema = schema;
    result_.update_type = "USE";
  }

  void Do(const sql::ast::SetSession& set) {
    const auto [name, value] = CheckedProperty(set.name, *set.value, set.value->location);
    result_.changes.set_properties[name] = value;
    result_.update_type = "SET SESSION";
  }

  /// Name and value of a session property. `location` is where errors about the name stand.
  std::pair<std::string, std::string> CheckedProperty(const sql::ast::QualifiedName& qualified,
                                                      const sql::ast::Expression& expression,
                                                      ErrorLocation location) {
    const std::string name = sql::DottedName(qualified);
    if (qualified.parts.size() == 2) RequireCatalog(sql::NameOf(qualified.parts[0]), location);
    const SessionProperty* property = FindProperty(name);
    if (property == nullptr) {
      ThrowAt(errors::INVALID_SESSION_PROPERTY, location, "Session property '" + name + "' does not exist");
    }
    const std::string value = PropertyValue(*property, expression, *parameters_);
    try {
      properties_.Check(name, value);
    } catch (const TrinoException& exception) {
      ThrowAt(exception.error().code, expression.location, exception.error().message);
    }
    return {name, value};
  }

  void Do(const sql::ast::ResetSession& reset) {
    const std::string name = sql::DottedName(reset.name);
    if (FindProperty(name) == nullptr) {
      ThrowAt(errors::INVALID_SESSION_PROPERTY, statement_->location,
              "Session property '" + name + "' does not exist");
    }
    result_.changes.cleared_properties.insert(name);
    result_.update_type = "RESET SESSION";
  }

  const SessionProperty* FindProperty(const std::string& name) const {
    const auto& all = properties_.All();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& property) { return property.name == name; });
    return found == all.end() ? nullptr : &*found;
  }

  void Do(const sql::ast::SetSessionAuthorization& set) {
    if (!session_.has_capability("SESSION_AUTHORIZATION")) {
      throw TrinoException(errors::NOT_SUPPORTED, "SET SESSION AUTHORIZATION not supported by client");
    }
    if (session_.transaction_id) {
      throw TrinoException(errors::GENERIC_USER_ERROR,
                           "Can't set authorization user in the middle of a transaction");
    }
    const auto* name = std::get_if<sql::ast::Identifier>(&set.user);
    std::string user = name != nullptr ? name->value : std::get<std::string>(set.user);
    if (user.empty()) {
      throw TrinoException(errors::GENERIC_USER_ERROR, "Authorization user cannot be null or empty");
    }
    result_.changes.authorization_user = std::move(user);
    // Nobody has roles here.
    result_.changes.original_roles = "NONE";
    result_.update_type = sql::KindOf(*statement_);
  }

  void Do(const sql::ast::ResetSessionAuthorization&) {
    if (!session_.has_capability("SESSION_AUTHORIZATION")) {
      throw TrinoException(errors::NOT_SUPPORTED, "RESET SESSION AUTHORIZATION not supported by client");
    }
    if (session_.transaction_id) {
      throw TrinoException(errors::GENERIC_USER_ERROR,
                           "Can't reset authorization user in the middle of a transaction");
    }
    result_.changes.reset_authorization_user = true;
    result_.update_type = sql::KindOf(*statement_);
  }

  void Do(const sql::ast::SetPath& set) {
    if (!session_.has_capability("PATH")) {
      throw TrinoException(errors::NOT_SUPPORTED, "SET PATH not supported by client");
    }
    for (const sql::ast::QualifiedName& element : set.path) {
      if (element.parts.size() == 1 && result_.catalog.empty()) {
        ThrowAt(errors::MISSING_CATALOG_NAME, statement_->location,
                "Catalog must be specified for each path element when session catalog is not set");
      }
      if (element.parts.size() == 2) RequireCatalog(sql::NameOf(element.parts[0]), statement_->location);
    }
    // What the formatter writes behind SET PATH.
    result_.changes.path = sql::Format(*statement_).substr(std::string_view("SET PATH ").size());
    result_.update_type = "SET PATH";
  }

  void Do(const sql::ast::SetTimeZone& set) {
    if (set.zone) {
      result_.changes.set_properties["time_zone_id"] = TimeZoneOf(*set.zone, *parameters_);
    } else {
      result_.changes.cleared_properties.insert("time_zone_id");
    }
    result_.update_type = "SET TIME ZONE";
  }

  void Do(const sql::ast::Explain& explain) {
    Explanation explanation = ExplanationOf(explain);
    if (const auto task = ExplainTask(*explain.statement)) {
      if (explain.analyze) {
        ThrowAt(errors::NOT_SUPPORTED, statement_->location,
                "EXPLAIN ANALYZE doesn't support statement type: " +
                    std::string(sql::KindOf(*explain.statement)));
      }
      return Show(ExplainQuery(explanation, *task));
    }
    Do({statement_, explain.statement.get()});
    explanation.output_table = WrittenTable();
    result_.explain = std::move(explanation);
  }

  void Do(const sql::ast::Prepare& prepare) {
    const auto& inner = prepare.statement->node;
    if (std::holds_alternative<sql::ast::Prepare>(inner) ||
        std::holds_alternative<sql::ast::Execute>(inner) ||
        std::holds_alternative<sql::ast::ExecuteImmediate>(inner) ||
        std::holds_alternative<sql::ast::Deallocate>(inner)) {
      ThrowAt(
          errors::NOT_SUPPORTED, prepare.statement->location,
          "Invalid statement type for prepared statement: " + std::string(sql::KindOf(*prepare.statement)));
    }
    // Trino, too, keeps the statement as its formatter writes it.
    result_.changes.added_prepared[prepare.name.value] = sql::Format(*prepare.statement);
    result_.update_type = "PREPARE";
  }

  void Do(const sql::ast::Execute& execute) {
    Prepare(PreparedText(execute.name.value), &execute.parameters);
  }
  void Do(const sql::ast::ExecuteImmediate& execute) { Prepare(execute.sql, &execute.parameters); }

  void Do(const sql::ast::Deallocate& deallocate) {
    PreparedText(deallocate.name.value);
    result_.changes.deallocated_prepared.insert(deallocate.name.value);
    result_.update_type = "DEALLOCATE";
  }

  void Do(const sql::ast::DescribeInput& describe) {
    const auto prepared = sql::Parse(PreparedText(describe.name.value));
    result_.query =
        DescribeInputQuery(sql::InferParameters(*prepared, {result_.catalog, result_.schema}, metadata_));
  }

  /// The column of statements that change rows; none of others.
  static std::vector<sql::OutputColumn> RowCountOf(const sql::ast::Statement& statement) {
    const auto& node = statement.node;
    const bool counts =
        std::holds_alternative<sql::ast::Insert>(node) || std::holds_alternative<sql::ast::Delete>(node) ||
        std::holds_alternative<sql::ast::Update>(node) || std::holds_alternative<sql::ast::Merge>(node) ||
        std::holds_alternative<sql::ast::CreateTableAs>(node);
    if (!counts) return {};
    return {{"rows", sql::Type::Of(sql::TypeKind::kBigint), {}, false}};
  }

  void Do(const sql::ast::DescribeOutput& describe) {
    const auto prepared = sql::Parse(PreparedText(describe.name.value));
    if (!std::holds_alternative<sql::ast::QueryPtr>(prepared->node)) {
      result_.query = DescribeOutputQuery(RowCountOf(*prepared));
      return;
    }
    // What the `?` will be is not known yet.
    sql::ast::ExpressionList unknown;
    for (size_t i = 0; i < prepared->parameters; i++) {
      unknown.push_back(std::make_unique<sql::ast::Expression>(prepared->location, sql::ast::NullLiteral()));
    }
    const auto analyzed = sql::Analyze(*prepared, unknown, Analysis(), metadata_);
    if (!analyzed) {
      throw TrinoException(errors::NOT_SUPPORTED, "DESCRIBE OUTPUT of this query is not supported");
    }
    result_.query = DescribeOutputQuery(analyzed->columns);
  }

  void Do(const sql::ast::StartTransaction& start) {
    if (!session_.understands_transactions) {
      throw TrinoException(errors::INCOMPATIBLE_CLIENT, "Client does not support transactions");
    }
    if (session_.transaction_id) {
      throw TrinoException(errors::NOT_SUPPORTED, "Nested transactions not supported");
    }
    result_.transaction = TransactionOf(start, statement_->location);
    result_.update_type = "START TRANSACTION";
  }
  void Do(const sql::ast::Commit&) { EndTransaction(TransactionControl::Kind::kCommit); }
  void Do(const sql::ast::Rollback&) { EndTransaction(TransactionControl::Kind::kRollback); }

  void EndTransaction(TransactionControl::Kind kind) {
    if (!session_.transaction_id) {
      throw TrinoException(errors::NOT_IN_TRANSACTION, "No transaction in progress");
    }
    result_.transaction = {kind, {}, false};
    result_.changes.cleared_transaction = true;
    result_.update_type = sql::KindOf(*statement_);
  }

  void Do(const sql::ast::Call& call) {
    const auto parts = TableParts(call.procedure);
    const std::string schema = parts.size() > 1 ? parts[parts.size() - 2] : result_.schema;
    const std::string catalog = parts.size() > 2 ? parts[0] : result_.catalog;
    if (parts.size() > 2) RequireCatalog(catalog, statement_->location);
    if (catalog != "system" || schema != "runtime" || parts.back() != "kill_query") {
      throw TrinoException(errors::PROCEDURE_NOT_FOUND,
                           "Procedure not registered: " + schema + "." + parts.back());
    }
    result_.kill = KillQueryOf(call, *parameters_, statement_->location);
    result_.update_type = "CALL";
  }

  const std::string& PreparedText(const std::string& name) const {
    const auto found = session_.prepared_statements.find(name);
    if (found == session_.prepared_statements.end()) {
      throw TrinoException(errors::NOT_FOUND, "Prepared statement not found: " + name);
    }
    return found->second;
  }

  std::vector<std::string> TableParts(const sql::ast::QualifiedName& name) const {
    if (name.parts.size() > 3) {
      ThrowAt(errors::SYNTAX_ERROR, name.location, "Too many dots in table name: " + sql::DottedName(name));
    }
    return sql::PartsOf(name);
  }

  std::string CatalogOf(const std::optional<sql::ast::Identifier>& named) const {
    const ErrorLocation location = statement_->location;
    const std::string catalog = named ? sql::NameOf(*named) : result_.catalog;
    if (catalog.empty())
      ThrowAt(errors::MISSING_CATALOG_NAME, location,
              "Catalog must be specified when session catalog is not set");
    RequireCatalog(catalog, location);
    return catalog;
  }

  void RequireCatalog(const std::string& catalog, const ErrorLocation& location) const {
    if (catalog == "system" || std::find(catalogs_.begin(), catalogs_.end(), catalog) != catalogs_.end())
      return;
    // Trino gives a place to some of these.
    if (std::holds_alternative<sql::ast::Use>(statement_->node) ||
        std::holds_alternative<sql::ast::ShowSchemas>(statement_->node)) {
      throw TrinoException(errors::CATALOG_NOT_FOUND, "Catalog '" + catalog + "' not found");
    }
    ThrowAt(errors::CATALOG_NOT_FOUND, location, "Catalog '" + catalog + "' not found");
  }

  const protocol::SessionHeaders& session_;
  const SessionProperties& properties_;
  const std::vector<std::string>& catalogs_;
  const sql::Metadata& metadata_;
  /// The one at hand, and what its `?` stand for.
  std::shared_ptr<const sql::ast::Statement> statement_;
  const sql::ast::ExpressionList* parameters_ = nullptr;
  PreparedStatement result_;
};

}  // namespace

PreparedStatement PrepareStatement(const protocol::SessionHeaders& session, const std::string& sql,
                                   const SessionProperties& properties,
                                   const std::vector<std::string>& catalogs, const sql::Metadata& metadata) {
  return Preparation(session, properties, catalogs, metadata).Prepare(sql);
}

}  // namespace planaria::coordinator
