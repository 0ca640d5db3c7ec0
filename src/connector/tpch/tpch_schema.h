// Tables and columns of TPC-H under the names, types and statistics Trino's connector gives them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "connector/tpch/tpch_scale.h"

namespace planaria::connector::tpch {

enum class TableId : uint8_t { kCustomer, kLineitem, kNation, kOrders, kPart, kPartsupp, kRegion, kSupplier };

/// Sorted, in the order of TableId.
const std::vector<std::string>& TableNames();
std::optional<TableId> TableOf(const std::string& name);

struct SchemaOptions {
  /// l_orderkey instead of orderkey.
  bool standard_names = false;
  /// Money and quantities as decimal(12,2) instead of double.
  bool decimals = false;
};

/// Columns in TPC-H's order; bounds hold for every row, distinct values are estimates.
std::vector<Column> ColumnsOf(TableId table, const Scale& scale, const SchemaOptions& options);

/// Rows of the table.
int64_t RowsOf(TableId table, const Scale& scale);
/// What splits count in: orders for lineitem, parts for partsupp, rows for all others.
int64_t UnitsOf(TableId table, const Scale& scale);

}  // namespace planaria::connector::tpch
