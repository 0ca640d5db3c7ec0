// DESCRIBE OUTPUT: the columns of a prepared query.
#pragma once

#include <string>
#include <vector>

#include "sql/analyzer/analyzer.h"

namespace planaria::coordinator {

/// The query that gives a row for each column, in order; no rows for no columns.
std::string DescribeOutputQuery(const std::vector<sql::OutputColumn>& columns);

}  // namespace planaria::coordinator
