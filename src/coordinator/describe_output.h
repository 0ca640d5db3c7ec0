// DESCRIBE INPUT and DESCRIBE OUTPUT: the parameters and the columns of a prepared statement.
#pragma once

#include <string>
#include <vector>

#include "sql/analyzer/analyzer.h"

namespace planaria::coordinator {

/// The query that gives a row for each column, in order; no rows for no columns.
std::string DescribeOutputQuery(const std::vector<sql::OutputColumn>& columns);

/// The query that gives the position and the type of each parameter.
std::string DescribeInputQuery(const std::vector<sql::Type>& types);

}  // namespace planaria::coordinator
