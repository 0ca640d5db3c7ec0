// A row pattern whose expressions are bound over what they take from a match.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/expression/bound_aggregate_expression.hpp"
#include "sql/pattern_program.h"

namespace planaria::kernel {

/// References in it are positions in `uses`.
struct BoundOverSlots {
  /// Null for a condition that always holds.
  duckdb::unique_ptr<duckdb::Expression> expression;
  /// Slots.
  std::vector<size_t> uses;
};

/// What an aggregate takes of a row: its columns by number, and behind them these and the arguments.
struct RowInputs {
  size_t columns = 0;

  size_t classifier() const { return columns; }
  size_t match_number() const { return columns + 1; }
  size_t argument(size_t index) const { return columns + 2 + index; }
};

/// Aggregates over the rows of a slot, and what is made of their results.
struct BoundAggregates {
  duckdb::vector<duckdb::unique_ptr<duckdb::BoundAggregateExpression>> calls;
  /// Of the calls' references: numbers of RowInputs.
  std::vector<size_t> uses;
  /// Its references are numbers of calls.
  duckdb::unique_ptr<duckdb::Expression> result;

  bool Uses(size_t input) const;
};

struct BoundPattern {
  sql::PatternProgram program;
  /// Of the rows and of the further arguments.
  duckdb::vector<duckdb::LogicalType> columns, arguments;
  RowInputs inputs;
  duckdb::vector<duckdb::LogicalType> slots;
  /// Of each slot; null for those that are none.
  std::vector<std::unique_ptr<BoundAggregates>> aggregates;
  /// Of each label.
  std::vector<BoundOverSlots> conditions;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> measures;
  /// Slots that the references of all measures name.
  std::vector<size_t> measure_uses;
  /// Of a row that goes out: measures, then columns.
  duckdb::vector<duckdb::LogicalType> output;
  bool is_volatile = false;
};

/// Binds the text of a sql::PatternProgram. Throws what DuckDB's binder throws, and
/// GENERIC_INTERNAL_ERROR for a text that none can be of.
std::shared_ptr<const BoundPattern> BindPattern(duckdb::ClientContext& context, std::string_view text,
                                                duckdb::vector<duckdb::LogicalType> columns,
                                                duckdb::vector<duckdb::LogicalType> arguments);

}  // namespace planaria::kernel
