// Any statement.
#pragma once

#include <variant>

#include "sql/ast/definition_statements.h"
#include "sql/ast/query.h"
#include "sql/ast/session_statements.h"
#include "sql/ast/show_statements.h"
#include "sql/ast/write_statements.h"

namespace planaria::sql::ast {

struct Statement {
  using Node =
      std::variant<QueryPtr, Use, SetSession, ResetSession, SetSessionAuthorization,
                   ResetSessionAuthorization, SetPath, SetTimeZone, SetRole, Explain, Prepare, Execute,
                   ExecuteImmediate, Deallocate, DescribeInput, DescribeOutput, StartTransaction, Commit,
                   Rollback, Call, ShowCatalogs, ShowSchemas, ShowTables, ShowColumns, ShowFunctions,
                   ShowSession, ShowCreate, ShowStats, ShowRoles, ShowRoleGrants, ShowGrants, CreateRole,
                   DropRole, GrantRoles, GrantPrivileges, CreateCatalog, CreateSchema, CreateTable,
                   CreateTableAs, CreateView, CreateMaterializedView, RefreshMaterializedView, CreateFunction,
                   DropFunction, DropObject, RenameObject, SetProperties, SetAuthorization, TruncateTable,
                   AddColumn, RenameColumn, DropColumn, SetColumnType, DropNotNull, Comment, Insert, Delete,
                   Update, Merge, Analyze, TableExecute>;

  Statement(ErrorLocation location, Node node);
  ~Statement();

  ErrorLocation location;
  Node node;
  /// How many `?` the whole text holds; of the outermost statement.
  size_t parameters = 0;
};

}  // namespace planaria::sql::ast
