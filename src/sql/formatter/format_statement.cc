#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Write(const ast::Statement& statement, int indent) {
  if (const auto* query = std::get_if<ast::QueryPtr>(&statement.node)) return Write(**query, indent);
  std::visit(
      [&](const auto& node) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(node)>, ast::QueryPtr>) Node(node, indent);
      },
      statement.node);
}

void SqlWriter::Node(const ast::Use& use, int) {
  Put("USE ");
  if (use.catalog) {
    Write(*use.catalog);
    Put(".");
  }
  Write(use.schema);
}

void SqlWriter::Node(const ast::SetSession& set, int) {
  Put("SET SESSION ");
  Write(set.name);
  Put(" = ");
  Write(*set.value);
}

void SqlWriter::Node(const ast::ResetSession& reset, int) {
  Put("RESET SESSION ");
  Write(reset.name);
}

void SqlWriter::Node(const ast::SetSessionAuthorization& set, int) {
  Put("SET SESSION AUTHORIZATION ");
  if (const auto* name = std::get_if<ast::Identifier>(&set.user)) return Write(*name);
  PutString(std::get<std::string>(set.user));
}

void SqlWriter::Node(const ast::ResetSessionAuthorization&, int) { Put("RESET SESSION AUTHORIZATION"); }

void SqlWriter::Node(const ast::SetPath& set, int) {
  Put("SET PATH ");
  Separated(set.path, ", ", [&](const auto& element) { Write(element); });
}

void SqlWriter::Node(const ast::SetTimeZone& set, int) {
  Put("SET TIME ZONE ");
  if (!set.zone) return Put("LOCAL");
  Write(*set.zone);
}

void SqlWriter::Node(const ast::SetRole& set, int) {
  using Kind = ast::SetRole::Kind;
  Put("SET ROLE ");
  if (set.kind == Kind::kAll) Put("ALL");
  if (set.kind == Kind::kNone) Put("NONE");
  if (set.kind == Kind::kRole) Write(set.role);
  InCatalog(set.catalog);
}

void SqlWriter::Node(const ast::Explain& explain, int indent) {
  Put(explain.analyze ? "EXPLAIN ANALYZE" : "EXPLAIN ");
  if (explain.verbose) Put(" VERBOSE");
  if (!explain.options.empty()) {
    Put("(");
    Separated(explain.options, ", ", [&](const auto& option) {
      Put(option.name);
      Put(" ");
      Put(option.value);
    });
    Put(")");
  }
  Put("\n");
  Write(*explain.statement, indent);
}

void SqlWriter::Node(const ast::Prepare& prepare, int indent) {
  PutAt(indent, "PREPARE ");
  Write(prepare.name);
  Put(" FROM\n");
  Write(*prepare.statement, indent + 1);
}

void SqlWriter::Node(const ast::Execute& execute, int indent) {
  PutAt(indent, "EXECUTE ");
  Write(execute.name);
  if (execute.parameters.empty()) return;
  Put(" USING ");
  Expressions(execute.parameters);
}

void SqlWriter::Node(const ast::ExecuteImmediate& execute, int indent) {
  PutAt(indent, "EXECUTE IMMEDIATE\n");
  PutString(execute.sql);
  if (execute.parameters.empty()) return;
  Put("\nUSING ");
  Expressions(execute.parameters);
}

void SqlWriter::Node(const ast::Deallocate& deallocate, int indent) {
  PutAt(indent, "DEALLOCATE PREPARE ");
  Write(deallocate.name);
}

void SqlWriter::Node(const ast::DescribeInput& describe, int) {
  Put("DESCRIBE INPUT ");
  Write(describe.name);
}

void SqlWriter::Node(const ast::DescribeOutput& describe, int) {
  Put("DESCRIBE OUTPUT ");
  Write(describe.name);
}

void SqlWriter::Node(const ast::StartTransaction& start, int) {
  static constexpr std::string_view kModes[] = {"READ ONLY",
                                                "READ WRITE",
                                                "ISOLATION LEVEL READ UNCOMMITTED",
                                                "ISOLATION LEVEL READ COMMITTED",
                                                "ISOLATION LEVEL REPEATABLE READ",
                                                "ISOLATION LEVEL SERIALIZABLE"};
  Put(start.modes.empty() ? "START TRANSACTION" : "START TRANSACTION ");
  Separated(start.modes, ", ", [&](auto mode) { Put(kModes[static_cast<size_t>(mode)]); });
}

void SqlWriter::Node(const ast::Commit&, int) { Put("COMMIT"); }
void SqlWriter::Node(const ast::Rollback&, int) { Put("ROLLBACK"); }

void SqlWriter::Arguments(const std::vector<ast::CallArgument>& arguments) {
  Put("(");
  Separated(arguments, ", ", [&](const ast::CallArgument& argument) {
    if (argument.name) {
      Write(*argument.name);
      Put(" => ");
    }
    Write(*argument.value);
  });
  Put(")");
}

void SqlWriter::Node(const ast::Call& call, int indent) {
  PutAt(indent, "CALL ");
  Write(call.procedure);
  Arguments(call.arguments);
}

void SqlWriter::Like(const std::optional<ast::LikePattern>& like) {
  if (!like) return;
  Put(" LIKE ");
  PutString(like->pattern);
  if (!like->escape) return;
  Put(" ESCAPE ");
  PutString(*like->escape);
}

void SqlWriter::Node(const ast::ShowCatalogs& show, int) {
  Put("SHOW CATALOGS");
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowSchemas& show, int) {
  Put("SHOW SCHEMAS");
  if (show.catalog) {
    Put(" FROM ");
    Write(*show.catalog);
  }
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowTables& show, int) {
  Put("SHOW TABLES");
  if (show.schema) {
    Put(" FROM ");
    Write(*show.schema);
  }
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowColumns& show, int) {
  Put("SHOW COLUMNS FROM ");
  Write(show.table);
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowFunctions& show, int) {
  Put("SHOW FUNCTIONS");
  if (show.schema) {
    Put(" FROM ");
    Write(*show.schema);
  }
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowSession& show, int) {
  Put("SHOW SESSION");
  Like(show.like);
}

void SqlWriter::Node(const ast::ShowCreate& show, int) {
  static constexpr std::string_view kKinds[] = {"TABLE ", "VIEW ", "MATERIALIZED VIEW ", "SCHEMA ",
                                                "FUNCTION "};
  Put("SHOW CREATE ");
  Put(kKinds[static_cast<size_t>(show.kind)]);
  Write(show.name);
}

void SqlWriter::Node(const ast::ShowStats& show, int indent) {
  Put("SHOW STATS FOR ");
  if (show.table) return Write(*show.table);
  Put("(\n");
  Write(*show.query, indent + 1);
  Put(")");
}

void SqlWriter::Node(const ast::ShowRoles& show, int) {
  Put(show.current ? "SHOW CURRENT ROLES" : "SHOW ROLES");
  if (!show.catalog) return;
  Put(" FROM ");
  Write(*show.catalog);
}

void SqlWriter::Node(const ast::ShowRoleGrants& show, int) {
  Put("SHOW ROLE GRANTS");
  if (!show.catalog) return;
  Put(" FROM ");
  Write(*show.catalog);
}

void SqlWriter::Node(const ast::ShowGrants& show, int) {
  Put("SHOW GRANTS");
  if (!show.object) return;
  Put(" ON ");
  Object(*show.object);
}

}  // namespace planaria::sql::formatter
