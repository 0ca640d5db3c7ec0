// What the statements do that change or show schemas, tables and views; definitions.h is the way in.
//
// Each gives the query whose rows are the answer, or nothing when there are no rows. Errors are Trino's, at
// Trino's places: mostly where the statement begins.
#pragma once

#include <optional>
#include <string>

#include "coordinator/catalog_objects.h"
#include "sql/ast/statement.h"

namespace planaria::coordinator {

using DefinitionAnswer = std::optional<std::string>;

// definitions.cc
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::CreateSchema&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::DropObject&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::CreateTable&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::TruncateTable&, ErrorLocation);

// view_definitions.cc
DefinitionAnswer DefineView(const CatalogObjects&, const sql::ast::Statement& create_view);
DefinitionAnswer DropView(const CatalogObjects&, const sql::ast::DropObject&, ErrorLocation);
DefinitionAnswer RenameView(const CatalogObjects&, const sql::ast::RenameObject&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::CreateMaterializedView&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::RefreshMaterializedView&, ErrorLocation);
/// The connectors here have none.
DefinitionAnswer DropMaterializedView(const CatalogObjects&, const sql::ast::DropObject&, ErrorLocation);

// function_definitions.cc
DefinitionAnswer DefineFunction(const CatalogObjects&, const sql::ast::Statement& create_function);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::DropFunction&, ErrorLocation);
DefinitionAnswer ShowCreateFunction(const CatalogObjects&, const sql::ast::ShowCreate&, ErrorLocation);
/// Of one schema.
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::ShowFunctions&, ErrorLocation);

// alterations.cc
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::RenameObject&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::SetProperties&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::SetAuthorization&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::AddColumn&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::RenameColumn&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::DropColumn&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::SetColumnType&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::DropNotNull&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::Comment&, ErrorLocation);
/// No connector here has procedures of tables.
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::TableExecute&, ErrorLocation);

// show_objects.cc
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::ShowCreate&, ErrorLocation);
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::ShowColumns&, ErrorLocation);

// show_stats.cc
/// Of a table.
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::ShowStats&, ErrorLocation);
/// No connector here gathers statistics.
DefinitionAnswer Define(const CatalogObjects&, const sql::ast::Analyze&, ErrorLocation);

// new_columns.cc
/// A column as CREATE TABLE and ADD COLUMN say it, without comment. Throws TYPE_NOT_FOUND,
/// INVALID_COLUMN_PROPERTY.
connector::Column NewColumn(const CatalogObjects&, const sql::ast::ColumnDefinition&,
                            const std::string& catalog);
/// Type and name of what a type says. Throws TYPE_NOT_FOUND.
connector::Column ColumnOfType(const CatalogObjects&, const std::string& name, const sql::ast::DataType&,
                               ErrorLocation);
/// Throws INVALID_TABLE_PROPERTY for the first that the connector does not know.
void CheckTableProperties(const std::vector<sql::ast::Property>& properties,
                          const connector::Connector& connector, const std::string& catalog);

}  // namespace planaria::coordinator
