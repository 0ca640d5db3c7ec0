// Tables, columns and types of TPC-DS as Trino's connector has them, misspelt names included.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kernel/declared_type.h"

namespace planaria::connector::tpcds {

struct Definition {
  std::string table;
  /// In dsdgen's order.
  std::vector<std::pair<std::string, sql::Type>> columns;
};

/// Sorted by name.
const std::vector<Definition>& Definitions();

}  // namespace planaria::connector::tpcds
