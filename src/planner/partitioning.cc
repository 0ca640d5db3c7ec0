#include "planner/partitioning.h"

#include <algorithm>

namespace planaria::planner {

bool Partitioning::GroupsTogether(const std::vector<duckdb::ColumnBinding>& columns) const {
  if (single) return true;
  if (keys.empty()) return false;
  return std::all_of(keys.begin(), keys.end(), [&](const PartitionKey& key) {
    return std::any_of(key.begin(), key.end(), [&](const duckdb::ColumnBinding& binding) {
      return std::find(columns.begin(), columns.end(), binding) != columns.end();
    });
  });
}

}  // namespace planaria::planner
