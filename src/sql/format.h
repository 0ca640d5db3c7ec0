// Statements as text, in the layout of Trino's own formatter.
#pragma once

#include <string>

#include "sql/ast/statement.h"

namespace planaria::sql {

/// Text that parses to the same tree. Trino shows views and functions in this layout.
std::string Format(const ast::Statement& statement);
std::string Format(const ast::Query& query);
std::string Format(const ast::Expression& expression);
std::string Format(const ast::DataType& type);

/// In quotes where it was, and where the name is a reserved word.
std::string FormatName(const ast::Identifier& name);
std::string FormatName(const ast::QualifiedName& name);

}  // namespace planaria::sql
