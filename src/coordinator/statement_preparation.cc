#include "coordinator/statement_preparation.h"

#include <algorithm>
#include <variant>

#include "base/error.h"
#include "coordinator/describe_output.h"
#include "sql/analyzer/analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
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

std::string Like(const std::string& column, const std::optional<sql::ast::LikePattern>& like) {
  if (!like) return "";
  return " AND " + column + " LIKE " + QuoteString(like->pattern) +
         (like->escape ? " ESCAPE " + QuoteString(*like->escape) : "");
}

/// `VALUES` rows of one varchar column under `name`; no row at all for an empty list.
std::string Strings(const std::string& name, const std::vector<std::string>& values) {
  std::string query = "SELECT * FROM (SELECT NULL::VARCHAR AS " + QuoteName(name) + " WHERE false";
  for (const std::string& value : values) query += " UNION ALL SELECT " + QuoteString(value);
  return query + ")";
}

/// A literal as the text of a session property; nothing for other expressions.
std::optional<std::string> PropertyText(const sql::ast::Expression& value) {
  if (const auto* text = std::get_if<sql::ast::StringLiteral>(&value.node)) return text->value;
  if (const auto* number = std::get_if<sql::ast::IntegerLiteral>(&value.node)) {
    return std::to_string(sql::BigintOf(number->text).value_or(0));
  }
  if (const auto* number = std::get_if<sql::ast::DecimalLiteral>(&value.node)) return number->text;
  if (std::holds_alternative<sql::ast::DoubleLiteral>(value.node)) return sql::Format(value);
  if (const auto* boolean = std::get_if<sql::ast::BooleanLiteral>(&value.node)) {
    return boolean->value ? "true" : "false";
  }
  if (std::holds_alternative<sql::ast::NullLiteral>(value.node)) return "";
  return std::nullopt;
}

class Preparation {
 public:
  Preparation(const protocol::SessionHeaders& session, const SessionProperties& properties,
              const std::vector<std::string>& catalogs, const sql::Metadata& metadata)
      : session_(session), properties_(properties), catalogs_(catalogs), metadata_(metadata) {
    std::map<std::string, std::string> overrides;
    for (const auto& [name, value] : session.session_properties) {
      if (name.find('.') == std::string::npos) overrides[name] = value;
    }
    result_.settings = properties.Resolve(overrides);
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

  void Do(const sql::ast::QueryPtr&) { Lower(); }
  void Do(const sql::ast::Insert&) { Lower(); }
  void Do(const sql::ast::Delete&) { Lower(); }
  void Do(const sql::ast::Update&) { Lower(); }
  void Do(const sql::ast::Merge&) { Lower(); }
  void Do(const sql::ast::CreateTableAs&) {
    Lower();
    result_.creation = statement_;
  }

  void Lower() {
    auto analyzed = sql::Analyze(*statement_, *parameters_, {result_.catalog, result_.schema}, metadata_);
    sql::LoweredQuery lowered = analyzed ? std::move(analyzed->sql) : sql::Lower(*statement_, *parameters_);
    if (analyzed) {
      for (sql::OutputColumn& column : analyzed->columns) {
        result_.output_types.push_back(std::move(column.type));
      }
    }
    result_.query = lowered.text();
    result_.locate = [lowered = std::move(lowered)](size_t offset) { return lowered.LocationOf(offset); };
  }

  void Do(const sql::ast::CreateSchema&) { Define(); }
  void Do(const sql::ast::CreateTable&) { Define(); }
  void Do(const sql::ast::TruncateTable&) { Define(); }
  void Do(const sql::ast::DropObject& drop) {
    if (drop.kind == sql::ast::ObjectKind::kSchema || drop.kind == sql::ast::ObjectKind::kTable)
      return Define();
    Do<sql::ast::DropObject>(drop);
  }

  void Define() {
    result_.definition = statement_;
    result_.update_type = sql::KindOf(*statement_);
  }

  void Do(const sql::ast::ShowCatalogs& show) {
    auto names = catalogs_;
    names.push_back("system");
    std::sort(names.begin(), names.end());
    result_.query =
        Strings("Catalog", names) + " WHERE true" + Like("\"Catalog\"", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ast::ShowSchemas& show) {
    const std::string catalog = CatalogOf(show.catalog);
    result_.query = "SELECT schema_name AS \"Schema\" FROM " + QuoteName(catalog) +
                    ".information_schema.schemata WHERE true" + Like("schema_name", show.like) +
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
                    Like("table_name", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ast::ShowColumns& show) {
    std::string catalog = result_.catalog, schema = result_.schema;
    const auto parts = TableParts(show.table);
    if (parts.size() > 1) schema = parts[parts.size() - 2];
    if (parts.size() > 2) catalog = parts[parts.size() - 3];
    if (catalog.empty())
      ThrowAt(errors::MISSING_CATALOG_NAME, show.table.location,
              "Catalog must be specified when session catalog is not set");
    if (schema.empty())
      ThrowAt(errors::MISSING_SCHEMA_NAME, show.table.location,
              "Schema must be specified when session schema is not set");
    // The table in the FROM clause makes a missing one the error that Trino gives; it yields no row.
    const std::string table = QuoteName(catalog) + "." + QuoteName(schema) + "." + QuoteName(parts.back());
    result_.query =
        "SELECT column_name AS \"Column\", data_type AS \"Type\", '' AS \"Extra\", '' AS \"Comment\" FROM " +
        QuoteName(catalog) + ".information_schema.columns WHERE table_schema = " + QuoteString(schema) +
        " AND table_name = " + QuoteString(parts.back()) + Like("column_name", show.like) +
        " AND NOT EXISTS (SELECT 1 FROM " + table + " WHERE false) ORDER BY ordinal_position";
    result_.locate = [location = show.table.location](size_t) { return location; };
  }

  void Do(const sql::ast::ShowFunctions& show) {
    result_.query =
        "SELECT function_name AS \"Function\", return_type AS \"Return Type\", argument_types AS "
        "\"Argument Types\", function_type AS \"Function Type\", deterministic AS \"Deterministic\", "
        "description AS \"Description\" FROM system.metadata.functions WHERE true" +
        Like("function_name", show.like) + " ORDER BY 1, 2, 3, 4";
  }

  void Do(const sql::ast::ShowSession& show) {
    std::string rows =
        "SELECT NULL::VARCHAR AS \"Name\", NULL::VARCHAR AS \"Value\", NULL::VARCHAR AS \"Default\", "
        "NULL::VARCHAR AS \"Type\", NULL::VARCHAR AS \"Description\" WHERE false";
    for (const SessionProperty& property : properties_.All()) {
      if (property.hidden) continue;
      const auto value = session_.session_properties.find(property.name);
      rows +=
          " UNION ALL SELECT " + QuoteString(property.name) + ", " +
          QuoteString(value == session_.session_properties.end() ? property.default_value : value->second) +
          ", " + QuoteString(property.default_value) + ", " + QuoteString(property.type) + ", " +
          QuoteString(property.description);
    }
    result_.query = "SELECT * FROM (" + rows + ") WHERE true" + Like("\"Name\"", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ast::ShowCreate& show) {
    using Kind = sql::ast::ShowCreate::Kind;
    if (show.kind != Kind::kTable && show.kind != Kind::kSchema) return Do<sql::ast::ShowCreate>(show);
    result_.definition = statement_;
  }

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
    const std::string name = sql::DottedName(set.name);
    if (set.name.parts.size() != 1) {
      ThrowAt(errors::INVALID_SESSION_PROPERTY, set.name.location,
              "Session property '" + name + "' does not exist");
    }
    const auto value = PropertyText(*set.value);
    if (!value) {
      ThrowAt(errors::NOT_SUPPORTED, set.value->location, "SET SESSION is supported with literals only");
    }
    properties_.Check(name, *value);
    result_.changes.set_properties[name] = *value;
    result_.update_type = "SET SESSION";
  }

  void Do(const sql::ast::ResetSession& reset) {
    const std::string name = sql::DottedName(reset.name);
    const auto& all = properties_.All();
    if (std::none_of(all.begin(), all.end(), [&](const auto& property) { return property.name == name; })) {
      ThrowAt(errors::INVALID_SESSION_PROPERTY, reset.name.location,
              "Session property '" + name + "' does not exist");
    }
    result_.changes.cleared_properties.insert(name);
    result_.update_type = "RESET SESSION";
  }

  void Do(const sql::ast::SetTimeZone& set) {
    if (set.zone) {
      const auto* zone = std::get_if<sql::ast::StringLiteral>(&set.zone->node);
      if (zone == nullptr) {
        ThrowAt(errors::NOT_SUPPORTED, set.zone->location, "SET TIME ZONE is supported with strings only");
      }
      result_.changes.set_properties["time_zone_id"] = zone->value;
    } else {
      result_.changes.cleared_properties.insert("time_zone_id");
    }
    result_.update_type = "SET TIME ZONE";
  }

  void Do(const sql::ast::Explain& explain) {
    Explanation explanation;
    explanation.analyze = explain.analyze;
    for (const auto& option : explain.options) {
      if (option.name == "FORMAT" && option.value != "TEXT") {
        throw TrinoException(errors::NOT_SUPPORTED, "EXPLAIN is supported with FORMAT TEXT only");
      }
      if (option.name == "TYPE") explanation.validate = option.value == "VALIDATE";
    }
    Do({statement_, explain.statement.get()});
    if (!result_.query) throw TrinoException(errors::NOT_SUPPORTED, "EXPLAIN is supported for queries only");
    result_.explain = explanation;
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
    result_.query = "SELECT i - 1 AS \"Position\", 'unknown' AS \"Type\" FROM range(1, " +
                    std::to_string(prepared->parameters + 1) + ") t(i) ORDER BY 1";
  }

  void Do(const sql::ast::DescribeOutput& describe) {
    const auto prepared = sql::Parse(PreparedText(describe.name.value));
    if (!std::holds_alternative<sql::ast::QueryPtr>(prepared->node)) {
      result_.query = DescribeOutputQuery({});
      return;
    }
    // What the `?` will be is not known yet.
    sql::ast::ExpressionList unknown;
    for (size_t i = 0; i < prepared->parameters; i++) {
      unknown.push_back(std::make_unique<sql::ast::Expression>(prepared->location, sql::ast::NullLiteral()));
    }
    const auto analyzed = sql::Analyze(*prepared, unknown, {result_.catalog, result_.schema}, metadata_);
    if (!analyzed) {
      throw TrinoException(errors::NOT_SUPPORTED, "DESCRIBE OUTPUT of this query is not supported");
    }
    result_.query = DescribeOutputQuery(analyzed->columns);
  }

  void Do(const sql::ast::StartTransaction&) {
    throw TrinoException(errors::NOT_SUPPORTED,
                         "Transactions are not supported: statements commit one by one");
  }
  void Do(const sql::ast::Commit&) {
    throw TrinoException(errors::NOT_IN_TRANSACTION, "No transaction in progress");
  }
  void Do(const sql::ast::Rollback&) {
    throw TrinoException(errors::NOT_IN_TRANSACTION, "No transaction in progress");
  }

  void Do(const sql::ast::Call& call) {
    throw TrinoException(errors::PROCEDURE_NOT_FOUND,
                         "Procedure not registered: " + sql::DottedName(call.procedure));
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

std::string ExplainQuery(const Explanation& explanation, const planner::DistributedPlan& plan) {
  if (explanation.validate) return "SELECT true AS \"Valid\"";
  return "SELECT " + QuoteString(planner::ExplainDistributed(plan)) + " AS \"Query Plan\"";
}

}  // namespace planaria::coordinator
