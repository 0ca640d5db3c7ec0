#include "kernel/exchange_operator.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "kernel/exchange_sink.h"
#include "kernel/exchange_source.h"
#include "kernel/plan_estimates.h"

namespace planaria::kernel {

using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalType;

namespace {

constexpr const char* kExtensionName = "planaria_exchange";
/// The sink's only column is never referred to; any index that no binder gives out will do.
constexpr idx_t kSinkTableIndex = idx_t{1} << 40;

enum class End : uint8_t { kSink = 0, kSource = 1 };

class ExchangeExtension : public duckdb::OperatorExtension {
 public:
  ExchangeExtension() {
    Bind = [](duckdb::ClientContext&, duckdb::Binder&, duckdb::OperatorExtensionInfo*,
              duckdb::SQLStatement&) { return duckdb::BoundStatement(); };
  }

  std::string GetName() override { return kExtensionName; }

  duckdb::unique_ptr<duckdb::LogicalExtensionOperator> Deserialize(
      duckdb::Deserializer& deserializer) override {
    const auto end = static_cast<End>(deserializer.ReadProperty<uint8_t>(301, "end"));
    if (end == End::kSink) {
      const auto partitions = deserializer.ReadProperty<uint32_t>(302, "partition_count");
      const auto ordered = deserializer.ReadProperty<bool>(303, "ordered");
      auto keys = deserializer.ReadProperty<duckdb::vector<duckdb::unique_ptr<Expression>>>(304, "keys");
      auto sink = duckdb::make_uniq<LogicalExchangeSink>(partitions, std::move(keys), ordered);
      sink->estimates = deserializer.ReadProperty<duckdb::vector<idx_t>>(305, "estimates");
      return sink;
    }
    const auto id = deserializer.ReadProperty<uint32_t>(302, "exchange_id");
    const auto flat = deserializer.ReadProperty<duckdb::vector<idx_t>>(303, "bindings");
    auto types = deserializer.ReadProperty<duckdb::vector<LogicalType>>(304, "types");
    const auto cardinality = deserializer.ReadProperty<idx_t>(305, "cardinality");
    auto output_columns = deserializer.ReadProperty<duckdb::vector<idx_t>>(306, "output_columns");
    const auto merge = deserializer.ReadProperty<duckdb::vector<idx_t>>(307, "merge_keys");
    const auto filtered = deserializer.ReadProperty<bool>(308, "filtered");
    const bool columns_exist = std::all_of(output_columns.begin(), output_columns.end(),
                                           [&](idx_t column) { return column < types.size(); });
    if (flat.size() != output_columns.size() * 2 || !columns_exist || merge.size() % 3 != 0) {
      throw duckdb::SerializationException("exchange source: bindings do not fit columns");
    }
    duckdb::vector<ColumnBinding> bindings;
    for (idx_t i = 0; i < flat.size(); i += 2) bindings.emplace_back(flat[i], flat[i + 1]);
    auto source =
        duckdb::make_uniq<LogicalExchangeSource>(id, std::move(bindings), std::move(types), cardinality);
    source->output_columns = std::move(output_columns);
    source->filtered = filtered;
    for (idx_t i = 0; i < merge.size(); i += 3) {
      if (merge[i] >= source->column_types.size())
        throw duckdb::SerializationException("exchange source: unknown merge key");
      source->merge_keys.push_back({merge[i], static_cast<duckdb::OrderType>(merge[i + 1]),
                                    static_cast<duckdb::OrderByNullType>(merge[i + 2])});
    }
    return source;
  }
};

}  // namespace

void RegisterExchangeOperators(duckdb::DBConfig& config) {
  duckdb::OperatorExtension::Register(config, duckdb::make_shared_ptr<ExchangeExtension>());
}

LogicalExchangeSink::LogicalExchangeSink(uint32_t partition_count,
                                         duckdb::vector<duckdb::unique_ptr<Expression>> keys, bool ordered)
    : LogicalExtensionOperator(std::move(keys)), partition_count(partition_count), ordered(ordered) {}

duckdb::string LogicalExchangeSink::GetExtensionName() const { return kExtensionName; }

duckdb::vector<ColumnBinding> LogicalExchangeSink::GetColumnBindings() {
  return {ColumnBinding(kSinkTableIndex, 0)};
}

void LogicalExchangeSink::ResolveTypes() { types = {LogicalType::BIGINT}; }

duckdb::PhysicalOperator& LogicalExchangeSink::CreatePlan(duckdb::ClientContext&,
                                                          duckdb::PhysicalPlanGenerator& planner) {
  auto& child = planner.CreatePlan(*children[0]);
  auto& sink =
      planner.Make<PhysicalExchangeSink>(child.types, partition_count, std::move(expressions), ordered);
  sink.children.push_back(child);
  return sink;
}

void LogicalExchangeSink::Serialize(duckdb::Serializer& serializer) const {
  LogicalExtensionOperator::Serialize(serializer);
  serializer.WriteProperty(301, "end", static_cast<uint8_t>(End::kSink));
  serializer.WriteProperty(302, "partition_count", partition_count);
  serializer.WriteProperty(303, "ordered", ordered);
  serializer.WriteProperty(304, "keys", expressions);
  serializer.WriteProperty(305, "estimates", EstimatesOf(*children[0]));
}

LogicalExchangeSource::LogicalExchangeSource(uint32_t exchange_id, duckdb::vector<ColumnBinding> bindings,
                                             duckdb::vector<LogicalType> column_types, idx_t cardinality)
    : exchange_id(exchange_id), bindings(std::move(bindings)), column_types(std::move(column_types)) {
  estimated_cardinality = cardinality;
  has_estimated_cardinality = true;
  types = this->column_types;
  for (idx_t i = 0; i < this->bindings.size(); i++) output_columns.push_back(i);
}

duckdb::string LogicalExchangeSource::GetExtensionName() const { return kExtensionName; }

duckdb::vector<idx_t> LogicalExchangeSource::GetTableIndex() const {
  std::set<idx_t> indexes;
  for (const ColumnBinding& binding : bindings) indexes.insert(binding.table_index);
  return duckdb::vector<idx_t>(indexes.begin(), indexes.end());
}

void LogicalExchangeSource::ResolveTypes() {
  types.clear();
  for (const idx_t column : output_columns) types.push_back(column_types[column]);
}

duckdb::PhysicalOperator& LogicalExchangeSource::CreatePlan(duckdb::ClientContext&,
                                                            duckdb::PhysicalPlanGenerator& planner) {
  if (!merge_keys.empty()) {
    return planner.Make<PhysicalMergingSource>(types, exchange_id, column_types, output_columns, merge_keys,
                                               estimated_cardinality);
  }
  return planner.Make<PhysicalExchangeSource>(types, exchange_id, estimated_cardinality);
}

void LogicalExchangeSource::Serialize(duckdb::Serializer& serializer) const {
  LogicalExtensionOperator::Serialize(serializer);
  duckdb::vector<idx_t> flat;
  for (const ColumnBinding& binding : bindings) {
    flat.push_back(binding.table_index);
    flat.push_back(binding.column_index);
  }
  serializer.WriteProperty(301, "end", static_cast<uint8_t>(End::kSource));
  serializer.WriteProperty(302, "exchange_id", exchange_id);
  serializer.WriteProperty(303, "bindings", flat);
  serializer.WriteProperty(304, "types", column_types);
  serializer.WriteProperty(305, "cardinality", estimated_cardinality);
  serializer.WriteProperty(306, "output_columns", output_columns);
  duckdb::vector<idx_t> merge;
  for (const MergeKey& key : merge_keys) {
    merge.push_back(key.column);
    merge.push_back(static_cast<idx_t>(key.order));
    merge.push_back(static_cast<idx_t>(key.nulls));
  }
  serializer.WriteProperty(307, "merge_keys", merge);
  serializer.WriteProperty(308, "filtered", filtered);
}

}  // namespace planaria::kernel
