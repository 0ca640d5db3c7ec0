// Names and texts of SQL as values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/ast/identifier.h"

namespace planaria::sql {

/// ASCII only, as Trino's names.
std::string LowerCase(std::string_view text);

/// The name that is looked up: lower case even when quoted.
std::string NameOf(const ast::Identifier& name);
/// In capital letters what is not in quotes: some names Trino compares and shows so.
std::string CanonicalName(const ast::Identifier& name);
std::vector<std::string> PartsOf(const ast::QualifiedName& name);
/// `c.s.t`
std::string DottedName(const ast::QualifiedName& name);

/// `'it''s'`
std::string QuoteString(std::string_view text);
/// `"a ""b"""`
std::string QuoteName(std::string_view name);

}  // namespace planaria::sql
