// Trino's types of columns, as clients read them.
#pragma once

#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// Nothing for a type that only the kernel has.
std::optional<sql::Type> TrinoTypeOf(const Column& column);

/// `varchar(5)`, `row(x integer, y varchar)`: what information_schema shows.
std::string ColumnTypeName(const Column& column);

}  // namespace planaria::connector
