#include "connector/tpch/tpch_queries.h"

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace planaria::connector {

namespace {
// Comes with the generator's sources; what it defines stays in this file.
#include "tpch_constants.hpp"

/// Query 15 groups by a name that its SELECT gives, which is no name yet for Trino.
constexpr int kGroupsByAlias = 15;
constexpr std::string_view kAlias = "supplier_no";
constexpr std::string_view kGrouping = "GROUP BY";
constexpr std::string_view kAliased = "l_suppkey";
}  // namespace

std::string TpchQuery(int number) {
  if (number < 1 || number > kTpchQueries)
    throw std::out_of_range("TPC-H has no query " + std::to_string(number));
  std::string text = TPCH_QUERIES[number - 1];
  text.erase(text.find_last_not_of("; \n") + 1);
  if (number == kGroupsByAlias) {
    text.replace(text.find(kAlias, text.find(kGrouping)), kAlias.size(), kAliased);
  }
  return text;
}

}  // namespace planaria::connector
