#include "kernel/row_pattern/defined_conditions.h"

#include <algorithm>

#include "duckdb/main/client_context.hpp"

namespace planaria::kernel {

namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using Slot = sql::PatternSlot;

constexpr size_t kBlock = STANDARD_VECTOR_SIZE;

duckdb::vector<LogicalType> TypesOf(const BoundPattern& pattern, const std::vector<size_t>& uses) {
  duckdb::vector<LogicalType> types;
  for (const size_t slot : uses) types.push_back(pattern.slots[slot]);
  return types;
}

}  // namespace

DefinedConditions::Condition::Condition(duckdb::ClientContext& context, const BoundPattern& pattern,
                                        size_t label)
    : bound(pattern.conditions[label]),
      executor(context, *bound.expression),
      chunk(context, TypesOf(pattern, bound.uses)) {}

DefinedConditions::DefinedConditions(duckdb::ClientContext& context, const BoundPattern& pattern,
                                     MatchValues& values)
    : context_(context), pattern_(pattern), values_(values), selected_(STANDARD_VECTOR_SIZE) {
  for (size_t label = 0; label < pattern.conditions.size(); ++label) {
    const BoundOverSlots& bound = pattern.conditions[label];
    if (!bound.expression) {
      conditions_.push_back(nullptr);
      continue;
    }
    conditions_.push_back(std::make_unique<Condition>(context, pattern, label));
    // What is not the same for the same row each time is asked for each time.
    conditions_.back()->by_row = !bound.expression->IsVolatile();
    for (const size_t slot : bound.uses) {
      if (!IsOwnRow(pattern.program.slots[slot], label)) conditions_.back()->by_row = false;
      if (IsHistory(slot, label)) history_.push_back(slot);
    }
  }
}

bool DefinedConditions::IsUniversal(size_t one) const {
  return pattern_.program.unions[one].size() == pattern_.program.labels.size();
}

/// The row that the condition is about is the last of the match, and has its label.
bool DefinedConditions::IsOwnRow(const Slot& slot, size_t label) const {
  if (slot.kind == Slot::Kind::kArgument) return true;
  if (slot.kind != Slot::Kind::kColumn && slot.kind != Slot::Kind::kClassifier) return false;
  if (slot.kind == Slot::Kind::kClassifier && slot.physical_offset != 0) return false;
  const std::vector<size_t>& labels = pattern_.program.unions[slot.rows];
  const bool has_label = std::find(labels.begin(), labels.end(), label) != labels.end();
  return has_label && !slot.from_first && slot.logical_offset == 0;
}

bool DefinedConditions::IsHistory(size_t index, size_t label) const {
  const Slot& slot = pattern_.program.slots[index];
  if (IsOwnRow(slot, label) || slot.kind == Slot::Kind::kMatchNumber) return false;
  if (slot.kind == Slot::Kind::kColumn) return !IsUniversal(slot.rows);
  if (slot.kind != Slot::Kind::kAggregate) return true;
  return !IsUniversal(slot.rows) || pattern_.aggregates[index]->Uses(pattern_.inputs.classifier());
}

void DefinedConditions::BeginPartition() {
  for (auto& condition : conditions_) {
    if (!condition || !condition->by_row) continue;
    condition->blocks.assign((values_.rows() + kBlock - 1) / kBlock, Condition::Block::kUnknown);
    condition->holds.assign(values_.rows(), false);
  }
}

bool DefinedConditions::Hold(const PatternMatch& match) {
  const size_t row = match.end() - 1;
  const size_t label = match.LabelOf(row);
  if (!conditions_[label]) return true;
  Condition& condition = *conditions_[label];
  if (!condition.by_row) return HoldsByMatch(condition, match);
  const size_t block = row / kBlock;
  if (condition.blocks[block] == Condition::Block::kUnknown) ComputeBlock(condition, label, block);
  if (condition.blocks[block] == Condition::Block::kFailed) return HoldsByMatch(condition, match);
  return condition.holds[row];
}

bool DefinedConditions::HoldsByMatch(Condition& condition, const PatternMatch& match) {
  condition.chunk.Clear();
  for (size_t i = 0; i < condition.bound.uses.size(); ++i) {
    values_.Put(condition.bound.uses[i], match, match.end() - 1, condition.chunk[i], 0);
  }
  return condition.executor.SelectExpression(condition.chunk.With(1), selected_) == 1;
}

void DefinedConditions::ComputeBlock(Condition& condition, size_t label, size_t block) {
  const size_t begin = block * kBlock;
  const size_t rows = std::min(values_.rows() - begin, kBlock);
  condition.chunk.Clear();
  for (size_t i = 0; i < condition.bound.uses.size(); ++i) {
    const Slot& slot = pattern_.program.slots[condition.bound.uses[i]];
    for (size_t row = 0; row < rows; ++row) {
      if (slot.kind == Slot::Kind::kClassifier) {
        values_.PutLabel(label, condition.chunk[i], row);
      } else {
        values_.PutAt(slot, static_cast<int64_t>(begin + row) + slot.physical_offset, condition.chunk[i],
                      row);
      }
    }
  }
  try {
    const idx_t held = condition.executor.SelectExpression(condition.chunk.With(rows), selected_);
    for (idx_t i = 0; i < held; ++i) condition.holds[begin + selected_.get_index(i)] = true;
    condition.blocks[block] = Condition::Block::kKnown;
  } catch (const duckdb::Exception&) {
    KeepGoing();
    // It fails for a row that the search may never ask for. Asked for one by one, the first that fails tells.
    condition.blocks[block] = Condition::Block::kFailed;
  }
}

MatchHash DefinedConditions::History(const PatternMatch& match) const {
  MatchHash hash;
  for (const size_t index : history_) {
    const Slot& slot = pattern_.program.slots[index];
    if (slot.kind != Slot::Kind::kAggregate) {
      MixSeen(slot, match, hash);
      continue;
    }
    const MatchHash rows = match.HashOf(slot.rows, match.CountOf(slot.rows));
    hash.Mix(rows.first);
    hash.Mix(rows.second);
  }
  return hash;
}

void DefinedConditions::MixSeen(const Slot& slot, const PatternMatch& match, MatchHash& hash) const {
  const size_t count = match.CountOf(slot.rows);
  const size_t seen = std::min(count, slot.logical_offset + 1);
  const bool labels = slot.kind == Slot::Kind::kClassifier;
  const auto mix_label = [&](int64_t row) {
    const bool inside = row >= 0 && match.Holds(static_cast<size_t>(row));
    hash.Mix(inside ? match.LabelOf(static_cast<size_t>(row)) + 1 : 0);
  };
  hash.Mix(seen);
  for (size_t i = 0; i < seen; ++i) {
    const size_t row = match.RowOf(slot.rows, slot.from_first ? i : count - 1 - i);
    hash.Mix(row);
    if (labels) mix_label(static_cast<int64_t>(row) + slot.physical_offset);
  }
  // A row that comes later may look back at these.
  for (int64_t back = 1; labels && back <= -slot.physical_offset; ++back) {
    const int64_t row = static_cast<int64_t>(match.end()) - back;
    if (row < static_cast<int64_t>(match.start())) break;
    mix_label(row);
  }
}

void DefinedConditions::KeepGoing() {
  if (context_.IsInterrupted()) throw duckdb::InterruptException();
}

}  // namespace planaria::kernel
