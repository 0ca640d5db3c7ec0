// Looks for a row pattern from a row on, with steps back where a way leads nowhere.
#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "kernel/row_pattern/pattern_match.h"

namespace planaria::kernel {

/// What DEFINE says.
class PatternConditions {
 public:
  virtual ~PatternConditions() = default;
  /// Whether the last row of `match` may have the label that it has there.
  virtual bool Hold(const PatternMatch& match) = 0;
  /// All on which a condition about a later row may still depend, besides that row, where the match began and
  /// how many rows it has.
  virtual MatchHash History(const PatternMatch& match) const = 0;
  /// False when History is always the same.
  virtual bool HaveHistory() const = 0;
  /// Called again and again; throws to end the search.
  virtual void KeepGoing() = 0;
};

class PatternSearch {
 public:
  /// Both must outlive the search.
  PatternSearch(const sql::PatternProgram& program, PatternConditions& conditions);

  /// The match that SQL prefers of all that begin at `start`, in a partition of so many rows; false when
  /// there is none. What it found stays in match() until the next call.
  bool Find(size_t start, size_t partition_rows);

  const PatternMatch& match() const { return match_; }

 private:
  struct Place {
    size_t step;
    size_t row;
    /// How many exclusions are open.
    size_t excluding;
  };
  struct State {
    size_t junction;
    size_t row;
    MatchHash history;
    bool operator==(const State&) const = default;
  };
  struct StateHash {
    size_t operator()(const State& state) const;
  };

  /// Goes on from a place as far as a way leads; true at the end of the pattern.
  bool Follow(Place place);
  /// False when the search has been there: whatever followed did not lead on, or is what it is about to do.
  bool Enter(const Place& place);
  void ForgetStates();

  const sql::PatternProgram& program_;
  PatternConditions& conditions_;
  PatternMatch match_;
  size_t partition_rows_ = 0;
  /// Where ways meet is remembered: of each step its number among such steps, or kNone.
  std::vector<size_t> junctions_;
  size_t junction_count_ = 0;
  std::vector<Place> waiting_;
  /// Without a history: a bit for each row from the start and each junction.
  std::vector<bool> entered_;
  std::unordered_set<State, StateHash> states_;
  size_t steps_done_ = 0;
};

}  // namespace planaria::kernel
