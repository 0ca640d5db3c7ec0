#include "kernel/row_pattern/pattern_match.h"

#include <algorithm>

namespace planaria::kernel {

void MatchHash::Mix(uint64_t value) {
  // The finishers of splitmix64, with other constants on either half.
  const auto scramble = [](uint64_t bits, uint64_t factor) {
    bits ^= bits >> 30;
    bits *= factor;
    bits ^= bits >> 27;
    bits *= 0x94D049BB133111EB;
    return bits ^ (bits >> 31);
  };
  first = scramble(first + value + 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9);
  second = scramble((second ^ value) + 0xD1B54A32D192ED03, 0xAEF17502108EF2D9);
}

PatternMatch::PatternMatch(const sql::PatternProgram& program)
    : unions_of_(program.labels.size()), unions_(program.unions.size()) {
  for (size_t one = 0; one < program.unions.size(); ++one) {
    for (const size_t label : program.unions[one]) unions_of_[label].push_back(one);
  }
}

void PatternMatch::Begin(size_t start) {
  start_ = start;
  labels_.clear();
  excluded_.clear();
  for (auto& one : unions_) one.clear();
}

void PatternMatch::Push(size_t label, bool excluded) {
  const size_t row = end();
  for (const size_t one : unions_of_[label]) {
    MatchHash hash = HashOf(one, CountOf(one));
    hash.Mix(row);
    hash.Mix(label);
    unions_[one].push_back({row, hash});
  }
  labels_.push_back(label);
  excluded_.push_back(excluded);
}

void PatternMatch::Truncate(size_t rows) {
  while (labels_.size() > rows) {
    for (const size_t one : unions_of_[labels_.back()]) unions_[one].pop_back();
    labels_.pop_back();
    excluded_.pop_back();
  }
}

size_t PatternMatch::CountUpTo(size_t one, size_t row) const {
  const std::vector<Taken>& taken = unions_[one];
  const auto behind = std::upper_bound(taken.begin(), taken.end(), row,
                                       [](size_t last, const Taken& next) { return last < next.row; });
  return static_cast<size_t>(behind - taken.begin());
}

std::optional<size_t> PatternMatch::Resolve(const sql::PatternSlot& slot, size_t row,
                                            size_t partition_rows) const {
  // As in Trino, FIRST finds later rows of the match also where RUNNING is said.
  const bool all = slot.final_rows || slot.from_first;
  const size_t count = all ? CountOf(slot.rows) : CountUpTo(slot.rows, row);
  if (slot.logical_offset >= count) return std::nullopt;
  const size_t index = slot.from_first ? slot.logical_offset : count - 1 - slot.logical_offset;
  const auto found = static_cast<int64_t>(RowOf(slot.rows, index)) + slot.physical_offset;
  if (found < 0 || static_cast<size_t>(found) >= partition_rows) return std::nullopt;
  return static_cast<size_t>(found);
}

}  // namespace planaria::kernel
