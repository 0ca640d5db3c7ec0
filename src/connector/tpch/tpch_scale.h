// How many rows a TPC-H schema has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace planaria::connector::tpch {

struct Scale {
  int64_t parts, suppliers, customers, orders;
  /// Clerks that take orders.
  int64_t clerks;

  /// `tiny` (factor 0.01) or `sf<factor>`, 0 < factor < 30000 (beyond, dbgen changes its random numbers);
  /// nullopt for any other name. Below 1 the factor counts in whole thousandths, as dbgen counts.
  static std::optional<Scale> OfSchema(const std::string& name);
  /// What SHOW SCHEMAS lists; sorted.
  static std::vector<std::string> ListedSchemas();

  /// The key of order `index` (0-based): eight of every 32 keys are used.
  static int64_t OrderKey(int64_t index) {
    int64_t number = index + 1;
    return ((number >> 3) << 5) | (number & 7);
  }
  /// Of the four suppliers of a part, number `which` (0 to 3).
  int64_t SupplierOf(int64_t part, int64_t which) const {
    return (part + which * (suppliers / 4 + (part - 1) / suppliers)) % suppliers + 1;
  }
  /// Rows of lineitem: exact for the usual factors and up to factor 2, else estimated.
  int64_t LineItems() const;
};

}  // namespace planaria::connector::tpch
