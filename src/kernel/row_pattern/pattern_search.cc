#include "kernel/row_pattern/pattern_search.h"

namespace planaria::kernel {

namespace {

using Kind = sql::PatternStep::Kind;

constexpr size_t kNone = SIZE_MAX;
/// Some 300 MB. When there are more, what was remembered is forgotten: a loop without rows is found again on
/// its next round.
constexpr size_t kMostStates = 4'000'000;
constexpr size_t kSmallTable = 64;
constexpr size_t kStepsBetweenChecks = 1024;

}  // namespace

size_t PatternSearch::StateHash::operator()(const State& state) const {
  MatchHash hash = state.history;
  hash.Mix(state.junction);
  hash.Mix(state.row);
  return hash.first;
}

PatternSearch::PatternSearch(const sql::PatternProgram& program, PatternConditions& conditions)
    : program_(program), conditions_(conditions), match_(program), junctions_(program.steps.size(), kNone) {
  std::vector<size_t> ways(program.steps.size(), 0);
  ways[0] = 1;
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const sql::PatternStep& step = program.steps[i];
    if (step.kind == Kind::kMatched) continue;
    const bool jumps = step.kind == Kind::kJump || step.kind == Kind::kChoice;
    ++ways[jumps ? step.first : i + 1];
    if (step.kind == Kind::kChoice) ++ways[step.second];
  }
  for (size_t i = 0; i < ways.size(); ++i) {
    if (ways[i] > 1) junctions_[i] = junction_count_++;
  }
}

bool PatternSearch::Find(size_t start, size_t partition_rows) {
  partition_rows_ = partition_rows;
  match_.Begin(start);
  ForgetStates();
  waiting_.assign(1, {0, start, 0});
  while (!waiting_.empty()) {
    const Place place = waiting_.back();
    waiting_.pop_back();
    match_.Truncate(place.row - start);
    if (Follow(place)) return true;
  }
  return false;
}

bool PatternSearch::Follow(Place place) {
  while (true) {
    if (++steps_done_ % kStepsBetweenChecks == 0) conditions_.KeepGoing();
    if (junctions_[place.step] != kNone && !Enter(place)) return false;
    const sql::PatternStep& step = program_.steps[place.step];
    ++place.step;
    switch (step.kind) {
      case Kind::kLabel:
        if (place.row == partition_rows_) return false;
        match_.Push(step.first, place.excluding > 0);
        if (!conditions_.Hold(match_)) return false;
        ++place.row;
        break;
      case Kind::kJump:
        place.step = step.first;
        break;
      case Kind::kChoice:
        waiting_.push_back({step.second, place.row, place.excluding});
        place.step = step.first;
        break;
      case Kind::kPartitionStart:
        if (place.row != 0) return false;
        break;
      case Kind::kPartitionEnd:
        if (place.row != partition_rows_) return false;
        break;
      case Kind::kExclude:
        ++place.excluding;
        break;
      case Kind::kInclude:
        --place.excluding;
        break;
      case Kind::kMatched:
        return true;
    }
  }
}

bool PatternSearch::Enter(const Place& place) {
  const size_t junction = junctions_[place.step];
  if (conditions_.HaveHistory()) {
    if (states_.size() >= kMostStates) states_.clear();
    return states_.insert({junction, place.row, conditions_.History(match_)}).second;
  }
  const size_t bit = (place.row - match_.start()) * junction_count_ + junction;
  if (bit >= entered_.size()) entered_.resize(bit + junction_count_);
  if (entered_[bit]) return false;
  entered_[bit] = true;
  return true;
}

void PatternSearch::ForgetStates() {
  // To clear a table takes time in proportion to the most that it ever held.
  if (states_.bucket_count() > kSmallTable) {
    states_ = {};
  } else {
    states_.clear();
  }
  entered_.clear();
}

}  // namespace planaria::kernel
