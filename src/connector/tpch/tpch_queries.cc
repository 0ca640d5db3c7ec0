#include "connector/tpch/tpch_queries.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace planaria::connector {

namespace {
// Comes with the generator's sources; what it defines stays in this file.
#include "tpch_constants.hpp"
}  // namespace

std::string_view TpchQuery(int number) {
  if (number < 1 || number > kTpchQueries)
    throw std::out_of_range("TPC-H has no query " + std::to_string(number));
  const std::string_view text = TPCH_QUERIES[number - 1];
  return text.substr(0, text.find_last_not_of("; \n") + 1);
}

}  // namespace planaria::connector
