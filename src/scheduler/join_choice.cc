// Choices between two plans of a join, made from the real size of one side.
#include <algorithm>
#include <numeric>

#include "scheduler/query.h"

namespace planaria::scheduler {

namespace {

constexpr uint32_t kFarEnough = 4;

/// Of a stage with tasks that would be given up.
bool IsFar(const Stage& shuffle) {
  return shuffle.committed > 0 && kFarEnough * shuffle.committed >= shuffle.tasks();
}

}  // namespace

void Query::MakeChoices() {
  for (const JoinChoice& choice : plan_.choices) {
    choices_.push_back({positions_.at(choice.decider), positions_.at(choice.broadcast),
                        positions_.at(choice.shuffle), positions_.at(choice.partitioned)});
    const OpenChoice& open = choices_.back();
    for (const uint32_t stage : {open.broadcast, open.shuffle, open.partitioned})
      stages_[stage]->undecided = true;
  }
}

bool Query::MayStart(uint32_t index) const {
  if (!stages_[index]->undecided) return true;
  for (uint32_t i = 0; i < choices_.size(); ++i) {
    if (choices_[i].shuffle != index || !plan_.choices[i].shuffle_may_start) continue;
    // The decider's tasks go first, if they are not to come later anyway.
    const Stage& decider = *stages_[choices_[i].decider];
    return decider.cut || decider.open_inputs > 0;
  }
  return false;
}

void Query::DecideAfter(uint32_t index) {
  for (uint32_t i = 0; i < choices_.size(); ++i) {
    const OpenChoice& choice = choices_[i];
    if (!choice.open || choice.decider != index) continue;
    const std::vector<uint64_t>& sizes = stages_[index]->output_bytes;
    const uint64_t bytes = std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
    const bool broadcast = bytes <= plan_.choices[i].max_broadcast_bytes && !IsFar(*stages_[choice.shuffle]);
    Choose(i, broadcast);
    made_.push_back({id, i, broadcast});
  }
}

void Query::RestoreChoice(const ChoiceMade& made) {
  if (made.choice < choices_.size() && choices_[made.choice].open) Choose(made.choice, made.broadcast);
}

void Query::Choose(uint32_t index, bool broadcast) {
  OpenChoice& choice = choices_[index];
  choice.open = false;
  if (!broadcast) {
    Drop(choice.broadcast);
  } else {
    Drop(choice.shuffle);
    Drop(choice.partitioned);
    Replace(choice.partitioned, choice.broadcast);
    for (OpenChoice& other : choices_) {
      if (other.decider == choice.partitioned) other.decider = choice.broadcast;
    }
    if (root_ == choice.partitioned) root_ = choice.broadcast;
  }
  for (const uint32_t stage : {choice.broadcast, choice.shuffle, choice.partitioned}) {
    stages_[stage]->undecided = false;
    RefreshReady(stage);
  }
}

void Query::Drop(uint32_t stage) {
  stages_[stage]->dropped = true;
  dropped_.push_back(stage);
}

void Query::Replace(uint32_t left_out, uint32_t producer) {
  // To those who wait it makes no difference which of the two they wait for.
  std::vector<uint32_t>& consumers = consumers_[producer];
  std::erase(consumers, left_out);
  for (const uint32_t reader : consumers_[left_out]) {
    std::replace(producers_[reader].begin(), producers_[reader].end(), left_out, producer);
    consumers.push_back(reader);
  }
  consumers_[left_out].clear();
}

FragmentId Query::NameOf(uint32_t producer, uint32_t reader) const {
  const std::vector<uint32_t>& producers = producers_[reader];
  const auto input = std::find(producers.begin(), producers.end(), producer);
  return stages_[reader]->plan.inputs[input - producers.begin()].producer;
}

}  // namespace planaria::scheduler
