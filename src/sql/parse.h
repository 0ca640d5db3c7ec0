// Trino's grammar: text to statement.
#pragma once

#include <string_view>

#include "sql/ast/statement.h"

namespace planaria::sql {

/// One statement without a final `;`. Throws TrinoException(SYNTAX_ERROR) as Trino words it, with the
/// location: `line L:C: mismatched input 'x'. Expecting: 'A', <expression>`, and for text that nests too
/// deeply `line 1:1: statement is too large (stack overflow while parsing)`.
ast::StatementPtr Parse(std::string_view sql);

/// Up to a `;` that ends the text, with nothing but blanks and comments after it. Part of `sql`.
std::string_view WithoutFinalSemicolon(std::string_view sql);

}  // namespace planaria::sql
