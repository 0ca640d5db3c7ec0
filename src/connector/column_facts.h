// A connector's column statistics in the form that DuckDB's optimizer takes.
#pragma once

#include "connector/connector.h"
#include "duckdb/storage/statistics/base_statistics.hpp"

namespace planaria::connector {

/// nullptr when nothing is known. Bounds count only when both are given.
duckdb::unique_ptr<duckdb::BaseStatistics> FactsOf(const Column& column);

}  // namespace planaria::connector
