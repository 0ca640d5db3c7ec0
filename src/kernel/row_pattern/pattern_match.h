// The rows that a search for a row pattern has taken, with their labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sql/pattern_program.h"

namespace planaria::kernel {

/// 128 bits of what was mixed in, in that order.
struct MatchHash {
  uint64_t first = 0x9E3779B97F4A7C15;
  uint64_t second = 0xD1B54A32D192ED03;

  void Mix(uint64_t value);
  bool operator==(const MatchHash&) const = default;
};

/// Rows are numbered within their partition. A match takes rows one after the other.
class PatternMatch {
 public:
  /// Keeps a reference to the program.
  explicit PatternMatch(const sql::PatternProgram& program);

  /// No rows, from `start` on.
  void Begin(size_t start);
  void Push(size_t label, bool excluded);
  /// Keeps the first `rows`.
  void Truncate(size_t rows);

  size_t start() const { return start_; }
  /// Behind the last row.
  size_t end() const { return start_ + labels_.size(); }
  size_t rows() const { return labels_.size(); }
  bool Holds(size_t row) const { return row >= start_ && row < end(); }
  /// Of a row of the match.
  size_t LabelOf(size_t row) const { return labels_[row - start_]; }
  bool IsExcluded(size_t row) const { return excluded_[row - start_]; }

  /// How many rows have labels of the union; up to `row`, itself included.
  size_t CountOf(size_t one) const { return unions_[one].size(); }
  size_t CountUpTo(size_t one, size_t row) const;
  /// The `index`th of them.
  size_t RowOf(size_t one, size_t index) const { return unions_[one][index].row; }
  /// Of the union's first `count` rows and their labels.
  MatchHash HashOf(size_t one, size_t count) const {
    return count == 0 ? MatchHash() : unions_[one][count - 1].hash;
  }

  /// Where a slot of a column or classifier looks, seen from `row`, in a partition of so many rows.
  std::optional<size_t> Resolve(const sql::PatternSlot& slot, size_t row, size_t partition_rows) const;

 private:
  struct Taken {
    size_t row;
    MatchHash hash;
  };

  /// Of each label.
  std::vector<std::vector<size_t>> unions_of_;
  size_t start_ = 0;
  std::vector<size_t> labels_;
  std::vector<bool> excluded_;
  std::vector<std::vector<Taken>> unions_;
};

}  // namespace planaria::kernel
