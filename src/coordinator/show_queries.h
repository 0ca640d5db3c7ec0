// SHOW CATALOGS, FUNCTIONS and SESSION: queries over constants. As in Trino a column of texts is as long as
// its longest one, whatever LIKE leaves of the rows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/session_properties.h"
#include "sql/ast/show_statements.h"
#include "sql/types/type.h"

namespace planaria::coordinator {

struct ConstantQuery {
  /// The kernel's SQL.
  std::string sql;
  std::vector<sql::Type> types;
};

/// The length of a text that is UTF-8, in characters.
int32_t Characters(const std::string& text);

// Each throws INVALID_FUNCTION_ARGUMENT for a pattern that misuses its escape character.

/// `names` in any order.
ConstantQuery ShowCatalogsQuery(std::vector<std::string> names,
                                const std::optional<sql::ast::LikePattern>& like);

/// Trino's functions, a row for each overload.
ConstantQuery ShowFunctionsQuery(const std::optional<sql::ast::LikePattern>& like);

/// `values` are those that the session has set.
ConstantQuery ShowSessionQuery(const SessionProperties& properties,
                               const std::map<std::string, std::string>& values,
                               const std::optional<sql::ast::LikePattern>& like);

}  // namespace planaria::coordinator
