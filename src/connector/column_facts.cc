#include "connector/column_facts.h"

#include <algorithm>

#include "duckdb/common/types/string_type.hpp"
#include "duckdb/storage/statistics/numeric_stats.hpp"
#include "duckdb/storage/statistics/string_stats.hpp"

namespace planaria::connector {
namespace {

using duckdb::BaseStatistics;
using duckdb::StatisticsType;

BaseStatistics WithBounds(const Column& column) {
  const auto& [distinct, nulls, low, high] = column.statistics;
  auto facts = BaseStatistics::CreateUnknown(column.type);
  if (!low || !high || low->IsNull() || high->IsNull()) return facts;
  if (facts.GetStatsType() == StatisticsType::NUMERIC_STATS) {
    duckdb::NumericStats::SetMin(facts, low->DefaultCastAs(column.type));
    duckdb::NumericStats::SetMax(facts, high->DefaultCastAs(column.type));
  } else if (column.type.id() == duckdb::LogicalTypeId::VARCHAR) {
    const std::string& low_text = duckdb::StringValue::Get(*low);
    const std::string& high_text = duckdb::StringValue::Get(*high);
    duckdb::StringStats::SetMin(facts, duckdb::string_t(low_text));
    duckdb::StringStats::SetMax(facts, duckdb::string_t(high_text));
  }
  return facts;
}

}  // namespace

duckdb::unique_ptr<BaseStatistics> FactsOf(const Column& column) {
  auto facts = WithBounds(column).ToUnique();
  facts->Set(duckdb::StatsInfo::CAN_HAVE_NULL_AND_VALID_VALUES);
  if (!column.nullable || column.statistics.nulls_fraction == 0.0) {
    facts->Set(duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
  }
  if (column.statistics.distinct_values) {
    facts->SetDistinctCount(static_cast<duckdb::idx_t>(std::max(1.0, *column.statistics.distinct_values)));
  }
  return facts;
}

}  // namespace planaria::connector
