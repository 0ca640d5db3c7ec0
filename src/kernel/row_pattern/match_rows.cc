#include "kernel/row_pattern/match_rows.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "kernel/row_pattern/defined_conditions.h"
#include "kernel/row_pattern/matched_rows.h"

namespace planaria::kernel {

namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::ListVector;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::unique_ptr;
using duckdb::Vector;
using Program = sql::PatternProgram;

struct MatchData final : duckdb::FunctionData {
  MatchData(std::string text, std::shared_ptr<const BoundPattern> pattern)
      : text(std::move(text)), pattern(std::move(pattern)) {}

  unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<MatchData>(text, pattern); }
  bool Equals(const FunctionData& other) const override { return text == other.Cast<MatchData>().text; }

  const std::string text;
  const std::shared_ptr<const BoundPattern> pattern;
};

unique_ptr<duckdb::FunctionData> BindMatchRows(ClientContext& context, duckdb::ScalarFunction& function,
                                               duckdb::vector<unique_ptr<duckdb::Expression>>& arguments) {
  if (arguments.size() < 2 || !arguments[0]->IsFoldable()) FailArgument("A row pattern must be a constant");
  const LogicalType rows = arguments[1]->return_type;
  if (rows.id() != LogicalTypeId::LIST ||
      duckdb::ListType::GetChildType(rows).id() != LogicalTypeId::STRUCT) {
    FailArgument("A row pattern is matched against a list of rows");
  }
  std::string text =
      duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]).GetValue<duckdb::string>();
  duckdb::vector<LogicalType> columns, others;
  for (const auto& [name, type] : duckdb::StructType::GetChildTypes(duckdb::ListType::GetChildType(rows))) {
    columns.push_back(type);
  }
  function.arguments = {LogicalType::VARCHAR, rows};
  for (size_t i = 2; i < arguments.size(); ++i) {
    others.push_back(arguments[i]->return_type);
    function.arguments.push_back(others.back());
  }
  function.varargs = LogicalType::INVALID;
  auto pattern = BindPattern(context, text, std::move(columns), std::move(others));
  duckdb::child_list_t<LogicalType> fields;
  // Named: DuckDB pushes what is taken of an unnested row into UNNEST by name.
  for (const LogicalType& type : pattern->output) {
    fields.emplace_back(std::to_string(fields.size()), type);
  }
  function.SetReturnType(LogicalType::LIST(LogicalType::STRUCT(std::move(fields))));
  if (pattern->is_volatile) function.SetVolatile();
  return duckdb::make_uniq<MatchData>(std::move(text), std::move(pattern));
}

/// Matches partition after partition.
class Matching final : public duckdb::FunctionLocalState {
 public:
  Matching(ClientContext& context, const BoundPattern& pattern)
      : program_(pattern.program),
        columns_(pattern.columns.size()),
        values_(context, pattern),
        conditions_(context, pattern, values_),
        search_(pattern.program, conditions_),
        output_(context, pattern, values_) {}

  void Run(DataChunk& arguments, Vector& result) {
    const idx_t lists = arguments.size();
    duckdb::UnifiedVectorFormat format;
    arguments.data[1].ToUnifiedFormat(lists, format);
    SetInput(arguments);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    output_.Begin(result);
    const auto* const entries = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format);
    for (idx_t i = 0; i < lists; ++i) {
      const idx_t at = format.sel->get_index(i);
      if (!format.validity.RowIsValid(at)) {
        output_.EndNull(i);
        continue;
      }
      conditions_.KeepGoing();
      values_.SetPartition(InOrder(entries[at]), i);
      conditions_.BeginPartition();
      MatchPartition();
      output_.EndList(i);
    }
    output_.End();
  }

 private:
  void SetInput(DataChunk& arguments) {
    std::vector<Vector*> columns, others;
    Vector& rows = ListVector::GetEntry(arguments.data[1]);
    const idx_t count = ListVector::GetListSize(arguments.data[1]);
    rows.Flatten(count);
    for (auto& column : duckdb::StructVector::GetEntries(rows)) {
      column->Flatten(count);
      columns.push_back(column.get());
    }
    for (idx_t i = 2; i < arguments.ColumnCount(); ++i) {
      arguments.data[i].Flatten(arguments.size());
      others.push_back(&arguments.data[i]);
    }
    values_.SetInput(std::move(columns), std::move(others));
  }

  template <typename Key>
  static void Sort(std::vector<duckdb::sel_t>& rows, const Key& key) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](duckdb::sel_t left, duckdb::sel_t right) { return key(left) < key(right); });
  }

  /// The places of a partition's rows, sorted where they have a sort key.
  std::vector<duckdb::sel_t> InOrder(const duckdb::list_entry_t& list) const {
    std::vector<duckdb::sel_t> rows(list.length);
    std::iota(rows.begin(), rows.end(), static_cast<duckdb::sel_t>(list.offset));
    if (!program_.ordered) return rows;
    Vector& keys = values_.column(columns_ - 1);
    // Short keys are numbers.
    if (keys.GetType() == LogicalType::BIGINT) {
      Sort(rows, [keys = FlatVector::GetData<int64_t>(keys)](duckdb::sel_t row) { return keys[row]; });
    } else {
      Sort(rows, [keys = FlatVector::GetData<duckdb::string_t>(keys)](duckdb::sel_t row) {
        return std::string_view(keys[row].GetData(), keys[row].GetSize());
      });
    }
    return rows;
  }

  void MatchPartition() {
    int64_t number = 1;
    // Behind the last row of all matches.
    size_t matched = 0;
    for (size_t start = 0; start < values_.rows();) {
      values_.SetMatchNumber(number);
      if (!search_.Find(start, values_.rows())) {
        if (program_.output == Program::Output::kWithUnmatched && start >= matched) {
          output_.AddUnmatched(start);
        }
        ++start;
        continue;
      }
      ++number;
      const PatternMatch& match = search_.match();
      if (match.rows() == 0) {
        if (program_.output != Program::Output::kOmitEmpty) output_.Add(match, start);
        ++start;
        continue;
      }
      AddMatch(match);
      matched = std::max(matched, match.end());
      start = Next(match);
    }
  }

  void AddMatch(const PatternMatch& match) {
    if (program_.output == Program::Output::kOneRow) return output_.Add(match, match.end() - 1);
    for (size_t row = match.start(); row < match.end(); ++row) {
      if (!match.IsExcluded(row)) output_.Add(match, row);
    }
  }

  /// Where the search goes on.
  size_t Next(const PatternMatch& match) const {
    if (program_.skip == Program::Skip::kPastLastRow) return match.end();
    if (program_.skip == Program::Skip::kToNextRow) return match.start() + 1;
    const size_t count = match.CountOf(program_.skip_rows);
    if (count == 0) {
      FailFunction(errors::GENERIC_USER_ERROR,
                   "AFTER MATCH SKIP failed: pattern variable is not present in match");
    }
    const size_t row =
        match.RowOf(program_.skip_rows, program_.skip == Program::Skip::kToFirst ? 0 : count - 1);
    if (row == match.start()) {
      FailFunction(errors::GENERIC_USER_ERROR, "AFTER MATCH SKIP failed: cannot skip to first row of match");
    }
    return row;
  }

  const Program& program_;
  const size_t columns_;
  MatchValues values_;
  DefinedConditions conditions_;
  PatternSearch search_;
  MatchedRows output_;
};

unique_ptr<duckdb::FunctionLocalState> InitMatching(duckdb::ExpressionState& state,
                                                    const duckdb::BoundFunctionExpression&,
                                                    duckdb::FunctionData* data) {
  return duckdb::make_uniq<Matching>(state.GetContext(), *data->Cast<MatchData>().pattern);
}

void MatchRows(DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
  duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<Matching>().Run(arguments, result);
}

}  // namespace

void AddMatchRows(FunctionSet& functions) {
  duckdb::ScalarFunction match("trino_match_rows", {LogicalType::VARCHAR, LogicalType::ANY}, LogicalType::ANY,
                               MatchRows, BindMatchRows);
  match.varargs = LogicalType::ANY;
  match.SetInitStateCallback(InitMatching);
  match.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  functions.Add(std::move(match));
}

}  // namespace planaria::kernel
