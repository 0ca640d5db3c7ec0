#include "coordinator/statement_preparation.h"

#include <algorithm>
#include <variant>

#include "base/error.h"
#include "sql/dialect.h"

namespace planaria::coordinator {

namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string QuotedName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Like(const std::string& column, const std::optional<sql::LikePattern>& like) {
  if (!like) return "";
  return " AND " + column + " LIKE " + Quoted(like->pattern) +
         (like->escape ? " ESCAPE " + Quoted(*like->escape) : "");
}

/// `VALUES` rows of one varchar column under `name`; no row at all for an empty list.
std::string Strings(const std::string& name, const std::vector<std::string>& values) {
  std::string query = "SELECT * FROM (SELECT NULL::VARCHAR AS " + QuotedName(name) + " WHERE false";
  for (const std::string& value : values) query += " UNION ALL SELECT " + Quoted(value);
  return query + ")";
}

[[noreturn]] void Refuse(ErrorCode code, const ErrorLocation& location, const std::string& message) {
  throw TrinoException(
      Error{code,
            "line " + std::to_string(location.line) + ":" + std::to_string(location.column) + ": " + message,
            location,
            {}});
}

class Preparation {
 public:
  Preparation(const protocol::SessionHeaders& session, const SessionProperties& properties,
              const std::vector<std::string>& catalogs)
      : session_(session), properties_(properties), catalogs_(catalogs) {
    std::map<std::string, std::string> overrides;
    for (const auto& [name, value] : session.session_properties) {
      if (name.find('.') == std::string::npos) overrides[name] = value;
    }
    result_.settings = properties.Resolve(overrides);
    result_.catalog = session.catalog.value_or("");
    result_.schema = session.schema.value_or("");
  }

  PreparedStatement Prepare(const std::string& sql) {
    std::visit([this](const auto& statement) { Do(statement); }, sql::ParseStatement(sql).body);
    return std::move(result_);
  }

 private:
  void Do(const sql::Query& query) {
    sql::AdaptedQuery adapted = sql::AdaptQuery(query);
    result_.query = adapted.text();
    result_.locate = [adapted = std::move(adapted)](size_t offset) { return adapted.LocationOf(offset); };
  }

  void Do(const sql::Modify& modify) { Do(modify.statement); }

  void Do(const sql::CreateTableAs& create) {
    Do(create.query);
    result_.creation = create;
  }

  void Do(const sql::CreateSchema& create) { Define(create, "CREATE SCHEMA"); }
  void Do(const sql::DropSchema& drop) { Define(drop, "DROP SCHEMA"); }
  void Do(const sql::CreateTable& create) { Define(create, "CREATE TABLE"); }
  void Do(const sql::DropTable& drop) { Define(drop, "DROP TABLE"); }
  void Do(const sql::TruncateTable& truncate) { Define(truncate, "TRUNCATE TABLE"); }

  void Define(Definition definition, const char* update_type) {
    result_.definition = std::move(definition);
    result_.update_type = update_type;
  }

  void Do(const sql::ShowCatalogs& show) {
    auto names = catalogs_;
    names.push_back("system");
    std::sort(names.begin(), names.end());
    result_.query =
        Strings("Catalog", names) + " WHERE true" + Like("\"Catalog\"", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ShowSchemas& show) {
    const std::string catalog = CatalogOf(show.catalog, show.location);
    result_.query = "SELECT schema_name AS \"Schema\" FROM " + QuotedName(catalog) +
                    ".information_schema.schemata WHERE true" + Like("schema_name", show.like) +
                    " ORDER BY 1";
  }

  void Do(const sql::ShowTables& show) {
    std::string catalog = result_.catalog, schema = result_.schema;
    if (show.schema) {
      schema = show.schema->parts.back();
      if (show.schema->parts.size() > 1) catalog = show.schema->parts[0];
    }
    if (catalog.empty())
      Refuse(errors::MISSING_CATALOG_NAME, show.location,
             "Catalog must be specified when session catalog is not set");
    if (schema.empty())
      Refuse(errors::MISSING_SCHEMA_NAME, show.location,
             "Schema must be specified when session schema is not set");
    RequireCatalog(catalog, show.location);
    result_.required_schema_catalog = catalog;
    result_.required_schema = schema;
    result_.query = "SELECT table_name AS \"Table\" FROM " + QuotedName(catalog) +
                    ".information_schema.tables WHERE table_schema = " + Quoted(schema) +
                    Like("table_name", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ShowColumns& show) {
    std::string catalog = result_.catalog, schema = result_.schema;
    const auto& parts = show.table.parts;
    if (parts.size() > 1) schema = parts[parts.size() - 2];
    if (parts.size() > 2) catalog = parts[parts.size() - 3];
    if (catalog.empty())
      Refuse(errors::MISSING_CATALOG_NAME, show.table.location,
             "Catalog must be specified when session catalog is not set");
    if (schema.empty())
      Refuse(errors::MISSING_SCHEMA_NAME, show.table.location,
             "Schema must be specified when session schema is not set");
    // The table in the FROM clause makes a missing one the error that Trino gives; it yields no row.
    const std::string table = QuotedName(catalog) + "." + QuotedName(schema) + "." + QuotedName(parts.back());
    result_.query =
        "SELECT column_name AS \"Column\", data_type AS \"Type\", '' AS \"Extra\", '' AS \"Comment\" FROM " +
        QuotedName(catalog) + ".information_schema.columns WHERE table_schema = " + Quoted(schema) +
        " AND table_name = " + Quoted(parts.back()) + Like("column_name", show.like) +
        " AND NOT EXISTS (SELECT 1 FROM " + table + " WHERE false) ORDER BY ordinal_position";
    result_.locate = [location = show.table.location](size_t) { return location; };
  }

  void Do(const sql::ShowFunctions& show) {
    result_.query =
        "SELECT function_name AS \"Function\", return_type AS \"Return Type\", argument_types AS "
        "\"Argument Types\", function_type AS \"Function Type\", deterministic AS \"Deterministic\", "
        "description AS \"Description\" FROM system.metadata.functions WHERE true" +
        Like("function_name", show.like) + " ORDER BY 1, 2, 3, 4";
  }

  void Do(const sql::ShowSession& show) {
    std::string rows =
        "SELECT NULL::VARCHAR AS \"Name\", NULL::VARCHAR AS \"Value\", NULL::VARCHAR AS \"Default\", "
        "NULL::VARCHAR AS \"Type\", NULL::VARCHAR AS \"Description\" WHERE false";
    for (const SessionProperty& property : properties_.All()) {
      if (property.hidden) continue;
      const auto value = session_.session_properties.find(property.name);
      rows += " UNION ALL SELECT " + Quoted(property.name) + ", " +
              Quoted(value == session_.session_properties.end() ? property.default_value : value->second) +
              ", " + Quoted(property.default_value) + ", " + Quoted(property.type) + ", " +
              Quoted(property.description);
    }
    result_.query = "SELECT * FROM (" + rows + ") WHERE true" + Like("\"Name\"", show.like) + " ORDER BY 1";
  }

  void Do(const sql::ShowCreate& show) {
    if (show.kind != sql::ShowCreateKind::kTable && show.kind != sql::ShowCreateKind::kSchema) {
      throw TrinoException(errors::NOT_SUPPORTED, "SHOW CREATE is not supported for " + show.name.ToString());
    }
    result_.definition = show;
  }

  void Do(const sql::Use& use) {
    const std::string catalog = CatalogOf(use.catalog, use.location);
    result_.required_schema_catalog = catalog;
    result_.required_schema = use.schema;
    if (use.catalog) result_.changes.catalog = catalog;
    result_.changes.schema = use.schema;
    result_.update_type = "USE";
  }

  void Do(const sql::SetSession& set) {
    if (set.name.parts.size() != 1) {
      Refuse(errors::INVALID_SESSION_PROPERTY, set.name.location,
             "Session property '" + set.name.ToString() + "' does not exist");
    }
    properties_.Check(set.name.parts[0], set.value.text);
    result_.changes.set_properties[set.name.parts[0]] = set.value.text;
    result_.update_type = "SET SESSION";
  }

  void Do(const sql::ResetSession& reset) {
    const auto& all = properties_.All();
    const std::string name = reset.name.ToString();
    if (std::none_of(all.begin(), all.end(), [&](const auto& property) { return property.name == name; })) {
      Refuse(errors::INVALID_SESSION_PROPERTY, reset.name.location,
             "Session property '" + name + "' does not exist");
    }
    result_.changes.cleared_properties.insert(name);
    result_.update_type = "RESET SESSION";
  }

  void Do(const sql::SetTimeZone& set) {
    if (set.zone) {
      result_.changes.set_properties["time_zone_id"] = *set.zone;
    } else {
      result_.changes.cleared_properties.insert("time_zone_id");
    }
    result_.update_type = "SET TIME ZONE";
  }

  void Do(const sql::Explain& explain) {
    if (explain.format != sql::ExplainFormat::kText) {
      throw TrinoException(errors::NOT_SUPPORTED, "EXPLAIN is supported with FORMAT TEXT only");
    }
    std::visit([this](const auto& statement) { Do(statement); }, explain.statement->body);
    if (!result_.query) throw TrinoException(errors::NOT_SUPPORTED, "EXPLAIN is supported for queries only");
    result_.explain = explain;
  }

  void Do(const sql::Prepare& prepare) {
    result_.changes.added_prepared[prepare.name] = prepare.sql;
    result_.update_type = "PREPARE";
  }

  void Do(const sql::Execute& execute) { Substitute(PreparedText(execute.name), execute.parameters); }
  void Do(const sql::ExecuteImmediate& execute) { Substitute(execute.sql, execute.parameters); }

  void Do(const sql::Deallocate& deallocate) {
    PreparedText(deallocate.name);
    result_.changes.deallocated_prepared.insert(deallocate.name);
    result_.update_type = "DEALLOCATE";
  }

  void Do(const sql::DescribeInput& describe) {
    const size_t count = sql::CountParameters(PreparedText(describe.name));
    result_.query = "SELECT i - 1 AS \"Position\", 'unknown' AS \"Type\" FROM range(1, " +
                    std::to_string(count + 1) + ") t(i) ORDER BY 1";
  }

  void Do(const sql::DescribeOutput&) {
    throw TrinoException(errors::NOT_SUPPORTED, "DESCRIBE OUTPUT is not supported");
  }

  void Do(const sql::StartTransaction&) {
    throw TrinoException(errors::NOT_SUPPORTED,
                         "Transactions are not supported: statements commit one by one");
  }
  void Do(const sql::Commit&) {
    throw TrinoException(errors::NOT_IN_TRANSACTION, "No transaction in progress");
  }
  void Do(const sql::Rollback&) {
    throw TrinoException(errors::NOT_IN_TRANSACTION, "No transaction in progress");
  }

  void Do(const sql::Call& call) {
    throw TrinoException(errors::PROCEDURE_NOT_FOUND,
                         "Procedure not registered: " + call.procedure.ToString());
  }

  void Substitute(const std::string& text, const std::vector<std::string>& parameters) {
    std::visit([this](const auto& statement) { Do(statement); },
               sql::ParseStatement(sql::SubstituteParameters(text, parameters)).body);
  }

  const std::string& PreparedText(const std::string& name) const {
    const auto found = session_.prepared_statements.find(name);
    if (found == session_.prepared_statements.end()) {
      throw TrinoException(errors::NOT_FOUND, "Prepared statement not found: " + name);
    }
    return found->second;
  }

  std::string CatalogOf(const std::optional<std::string>& named, const ErrorLocation& location) const {
    const std::string catalog = named.value_or(result_.catalog);
    if (catalog.empty())
      Refuse(errors::MISSING_CATALOG_NAME, location,
             "Catalog must be specified when session catalog is not set");
    RequireCatalog(catalog, location);
    return catalog;
  }

  void RequireCatalog(const std::string& catalog, const ErrorLocation& location) const {
    if (catalog == "system" || std::find(catalogs_.begin(), catalogs_.end(), catalog) != catalogs_.end())
      return;
    Refuse(errors::CATALOG_NOT_FOUND, location, "Catalog '" + catalog + "' not found");
  }

  const protocol::SessionHeaders& session_;
  const SessionProperties& properties_;
  const std::vector<std::string>& catalogs_;
  PreparedStatement result_;
};

}  // namespace

PreparedStatement PrepareStatement(const protocol::SessionHeaders& session, const std::string& sql,
                                   const SessionProperties& properties,
                                   const std::vector<std::string>& catalogs) {
  return Preparation(session, properties, catalogs).Prepare(sql);
}

std::string ExplainQuery(const sql::Explain& explain, const planner::DistributedPlan& plan) {
  if (explain.type == sql::ExplainType::kValidate) return "SELECT true AS \"Valid\"";
  return "SELECT " + Quoted(planner::ExplainDistributed(plan)) + " AS \"Query Plan\"";
}

}  // namespace planaria::coordinator
