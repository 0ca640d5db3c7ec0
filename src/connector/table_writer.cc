#include "connector/table_writer.h"

#include <deque>

#include "base/error.h"
#include "connector/connector_registry.h"
#include "duckdb/execution/physical_operator.hpp"
#include "duckdb/main/config.hpp"
#include "kernel/duckdb_errors.h"
#include "kernel/task_state.h"

namespace planaria::connector {

namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::OperatorFinalizeResultType;
using duckdb::OperatorResultType;

constexpr const char* kExtensionName = "planaria_table_writer";
/// Nothing refers to its columns; any index that no binder gives out will do.
constexpr idx_t kTableIndex = (idx_t{1} << 40) + 100;

/// One thread's sink and what it has made.
struct WriterState : duckdb::OperatorState {
  std::unique_ptr<PageSink> sink;
  std::deque<std::string> fragments;
  /// Rows taken that no fragment has counted yet.
  uint64_t uncounted = 0;
  /// The current input is in the sink already.
  bool taken = false;
  bool finished = false;

  /// Gives one fragment; it counts all rows so far. Returns false when there is none.
  bool Emit(DataChunk& chunk) {
    if (fragments.empty()) return false;
    Give(chunk, duckdb::Value::BLOB_RAW(fragments.front()));
    fragments.pop_front();
    return true;
  }
  void Give(DataChunk& chunk, const duckdb::Value& fragment) {
    chunk.SetValue(0, 0, fragment);
    chunk.SetValue(1, 0, duckdb::Value::BIGINT(static_cast<int64_t>(uncounted)));
    chunk.SetCardinality(1);
    uncounted = 0;
  }
};

/// Streams: a fragment leaves as soon as the sink has it, so that a writer holds one page and not its output.
class PhysicalTableWriter : public duckdb::PhysicalOperator {
 public:
  PhysicalTableWriter(duckdb::PhysicalPlan& plan, duckdb::vector<LogicalType> types, WriterTarget target,
                      idx_t cardinality)
      : PhysicalOperator(plan, duckdb::PhysicalOperatorType::EXTENSION, std::move(types), cardinality),
        target_(std::move(target)) {}

  duckdb::string GetName() const override { return "TABLE_WRITER"; }
  bool ParallelOperator() const override { return true; }
  bool RequiresFinalExecute() const override { return true; }

  duckdb::unique_ptr<duckdb::OperatorState> GetOperatorState(duckdb::ExecutionContext&) const override {
    return duckdb::make_uniq<WriterState>();
  }

  OperatorResultType Execute(duckdb::ExecutionContext& context, DataChunk& input, DataChunk& chunk,
                             duckdb::GlobalOperatorState&,
                             duckdb::OperatorState& operator_state) const override {
    auto& state = operator_state.Cast<WriterState>();
    if (!state.taken) {
      Guarded(context, [&] { Take(context.client, input, state); });
      state.taken = true;
    }
    state.Emit(chunk);
    if (!state.fragments.empty()) return OperatorResultType::HAVE_MORE_OUTPUT;
    state.taken = false;
    return OperatorResultType::NEED_MORE_INPUT;
  }

  OperatorFinalizeResultType FinalExecute(duckdb::ExecutionContext& context, DataChunk& chunk,
                                          duckdb::GlobalOperatorState&,
                                          duckdb::OperatorState& operator_state) const override {
    auto& state = operator_state.Cast<WriterState>();
    if (!state.finished) {
      state.finished = true;
      Guarded(context, [&] {
        std::vector<std::string> made;
        if (state.sink) state.sink->Finish(&made);
        state.sink.reset();
        for (std::string& fragment : made) state.fragments.push_back(std::move(fragment));
      });
    }
    if (!state.Emit(chunk) && state.uncounted > 0) state.Give(chunk, duckdb::Value(LogicalType::BLOB));
    return state.fragments.empty() ? OperatorFinalizeResultType::FINISHED
                                   : OperatorFinalizeResultType::HAVE_MORE_OUTPUT;
  }

 private:
  template <typename Action>
  static void Guarded(duckdb::ExecutionContext& context, Action action) {
    const auto task = kernel::TaskState::Of(context.client);
    kernel::InsideKernel([&] { task ? task->Guard(action) : action(); });
  }

  void Take(duckdb::ClientContext& context, DataChunk& input, WriterState& state) const {
    if (input.size() == 0) return;
    CheckNulls(input);
    FitTexts(input);
    if (!state.sink) {
      const auto connector = ConnectorOf(duckdb::DatabaseInstance::GetDatabase(context), target_.catalog);
      state.sink = connector->writes().OpenSink(context, target_.sink);
    }
    std::vector<std::string> made;
    state.sink->Append(input, &made);
    state.uncounted += input.size();
    for (std::string& fragment : made) state.fragments.push_back(std::move(fragment));
  }

  void CheckNulls(DataChunk& input) const {
    const bool changes = target_.sink.layout == RowLayout::kChanges;
    duckdb::UnifiedVectorFormat operations;
    if (changes) input.data[0].ToUnifiedFormat(input.size(), operations);
    for (const idx_t column : target_.not_null) {
      duckdb::UnifiedVectorFormat values;
      input.data[column + (changes ? 2 : 0)].ToUnifiedFormat(input.size(), values);
      if (values.validity.AllValid()) continue;
      for (idx_t row = 0; row < input.size(); row++) {
        if (values.validity.RowIsValid(values.sel->get_index(row))) continue;
        if (changes) {
          const auto operation =
              duckdb::UnifiedVectorFormat::GetData<int8_t>(operations)[operations.sel->get_index(row)];
          if (static_cast<RowOperation>(operation) == RowOperation::kDelete) continue;
        }
        throw TrinoException(errors::CONSTRAINT_VIOLATION,
                             "NULL value not allowed for NOT NULL column: " + target_.column_names[column]);
      }
    }
  }

  /// Cuts blanks off the ends of texts that are too long.
  void FitTexts(DataChunk& input) const {
    const idx_t first = target_.sink.layout == RowLayout::kChanges ? 2 : 0;
    for (idx_t column = 0; column < target_.max_lengths.size(); column++) {
      if (target_.max_lengths[column] == 0) continue;
      duckdb::Vector& texts = input.data[first + column];
      if (!IsLong(texts, input.size(), target_.max_lengths[column])) continue;
      texts.Flatten(input.size());
      duckdb::Vector fitted(LogicalType::VARCHAR);
      auto* from = duckdb::FlatVector::GetData<duckdb::string_t>(texts);
      auto* to = duckdb::FlatVector::GetData<duckdb::string_t>(fitted);
      for (idx_t row = 0; row < input.size(); row++) {
        if (duckdb::FlatVector::IsNull(texts, row)) {
          duckdb::FlatVector::SetNull(fitted, row, true);
        } else {
          to[row] = duckdb::StringVector::AddString(fitted, Fitted(from[row].GetString(), column));
        }
      }
      texts.Reference(fitted);
    }
  }

  static bool IsLong(duckdb::Vector& texts, idx_t count, idx_t limit) {
    duckdb::UnifiedVectorFormat values;
    texts.ToUnifiedFormat(count, values);
    const auto* data = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(values);
    for (idx_t row = 0; row < count; row++) {
      const idx_t at = values.sel->get_index(row);
      // No character has less than a byte.
      if (values.validity.RowIsValid(at) && data[at].GetSize() > limit) return true;
    }
    return false;
  }

  std::string Fitted(std::string text, idx_t column) const {
    const idx_t limit = target_.max_lengths[column];
    size_t end = 0;
    for (idx_t characters = 0; end < text.size(); end++) {
      // A character begins with any byte but those that go on with one.
      if ((static_cast<uint8_t>(text[end]) & 0xC0) != 0x80 && characters++ == limit) break;
    }
    if (text.find_first_not_of(' ', end) != std::string::npos) {
      throw TrinoException(errors::INVALID_CAST_ARGUMENT,
                           "Cannot truncate non-space characters when writing to column '" +
                               target_.column_names[column] + "' of " + std::to_string(limit) +
                               " characters");
    }
    text.resize(end);
    return text;
  }

  const WriterTarget target_;
};

class TableWriterExtension : public duckdb::OperatorExtension {
 public:
  TableWriterExtension() {
    Bind = [](duckdb::ClientContext&, duckdb::Binder&, duckdb::OperatorExtensionInfo*,
              duckdb::SQLStatement&) { return duckdb::BoundStatement(); };
  }
  std::string GetName() override { return kExtensionName; }
  duckdb::unique_ptr<duckdb::LogicalExtensionOperator> Deserialize(
      duckdb::Deserializer& deserializer) override {
    WriterTarget target;
    target.catalog = deserializer.ReadProperty<duckdb::string>(301, "catalog");
    target.table = deserializer.ReadProperty<duckdb::string>(302, "table");
    target.sink.sink = deserializer.ReadProperty<duckdb::string>(303, "sink");
    target.sink.layout = static_cast<RowLayout>(deserializer.ReadProperty<uint8_t>(304, "layout"));
    target.sink.types = deserializer.ReadProperty<duckdb::vector<LogicalType>>(305, "types");
    target.column_names = deserializer.ReadProperty<duckdb::vector<duckdb::string>>(306, "column_names");
    target.not_null = deserializer.ReadProperty<duckdb::vector<idx_t>>(307, "not_null");
    target.max_lengths = deserializer.ReadProperty<duckdb::vector<idx_t>>(308, "max_lengths");
    return duckdb::make_uniq<LogicalTableWriter>(std::move(target));
  }
};

}  // namespace

void RegisterTableWriter(duckdb::DBConfig& config) {
  duckdb::OperatorExtension::Register(config, duckdb::make_shared_ptr<TableWriterExtension>());
}

duckdb::InsertionOrderPreservingMap<duckdb::string> LogicalTableWriter::ParamsToString() const {
  duckdb::InsertionOrderPreservingMap<duckdb::string> params;
  params["Table"] = target_.catalog + "." + target_.table;
  return params;
}

duckdb::string LogicalTableWriter::GetExtensionName() const { return kExtensionName; }

duckdb::vector<duckdb::ColumnBinding> LogicalTableWriter::GetColumnBindings() {
  return {{kTableIndex, 0}, {kTableIndex, 1}};
}

duckdb::PhysicalOperator& LogicalTableWriter::CreatePlan(duckdb::ClientContext&,
                                                         duckdb::PhysicalPlanGenerator& planner) {
  auto& child = planner.CreatePlan(*children[0]);
  auto& writer = planner.Make<PhysicalTableWriter>(types, target_, child.estimated_cardinality);
  writer.children.push_back(child);
  return writer;
}

void LogicalTableWriter::Serialize(duckdb::Serializer& serializer) const {
  LogicalExtensionOperator::Serialize(serializer);
  serializer.WriteProperty(301, "catalog", target_.catalog);
  serializer.WriteProperty(302, "table", target_.table);
  serializer.WriteProperty(303, "sink", target_.sink.sink);
  serializer.WriteProperty(304, "layout", static_cast<uint8_t>(target_.sink.layout));
  serializer.WriteProperty(305, "types", target_.sink.types);
  serializer.WriteProperty(306, "column_names", target_.column_names);
  serializer.WriteProperty(307, "not_null", target_.not_null);
  serializer.WriteProperty(308, "max_lengths", target_.max_lengths);
}

}  // namespace planaria::connector
