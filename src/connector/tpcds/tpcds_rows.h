// Rows of one TPC-DS table.
#pragma once

#include <memory>
#include <vector>

#include "connector/connector.h"

namespace planaria::connector::tpcds {

/// Page source of all rows of `table`, of the columns at positions `columns` out of `width`. Holds the
/// generator's copy and the rows of a few orders beyond a chunk.
std::unique_ptr<PageSource> OpenRows(int table, double factor, size_t width, std::vector<uint32_t> columns);

}  // namespace planaria::connector::tpcds
