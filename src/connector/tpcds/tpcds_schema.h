// Tables and columns of TPC-DS.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"

namespace planaria::connector::tpcds {

/// A table's number is its place in the sorted list of names, here and in dsdgen.
inline constexpr int kTables = 24, kCatalogReturns = 2, kCatalogSales = 3, kStoreReturns = 16,
                     kStoreSales = 17, kWebReturns = 21, kWebSales = 22;

const std::vector<std::string>& TableNames();
std::optional<int> TableOf(const std::string& name);

/// The sales table whose orders make the rows of `table`: itself but for returns.
int ParentOf(int table);
/// Rows a table gets from one row dsdgen counts: lines of an order, returns of it; 1 for all others.
double RowsOfUnit(int table);

/// Texts of a char have blanks up to its length. `units` are dsdgen's row counts by table number.
std::vector<Column> ColumnsOf(int table, const std::vector<int64_t>& units);

/// `tiny` is 0.01, `sf<factor>` any factor up to 777 (beyond, dsdgen overflows); nullopt for other names.
std::optional<double> FactorOfSchema(const std::string& name);
/// What SHOW SCHEMAS lists; sorted.
std::vector<std::string> ListedSchemas();

}  // namespace planaria::connector::tpcds
