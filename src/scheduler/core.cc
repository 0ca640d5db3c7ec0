#include "scheduler/core.h"

#include <algorithm>
#include <string>
#include <variant>

namespace planaria::scheduler {

std::vector<Command> Scheduler::Core::Handle(const Event& event, TimePoint now) {
  now_ = std::max(now_, now);
  std::visit([this](const auto& alternative) { On(alternative); }, event);
  FireTimers();
  Place();
  CopyStragglers();
  return std::exchange(commands_, {});
}

const Query* Scheduler::Core::FindQuery(const QueryId& id) const {
  const auto serial = serials_.find(id);
  return serial == serials_.end() ? nullptr : queries_.at(serial->second).get();
}

Query* Scheduler::Core::FindActive(const QueryId& id) {
  const auto serial = serials_.find(id);
  return serial == serials_.end() ? nullptr : FindActive(serial->second);
}

Query* Scheduler::Core::FindActive(uint64_t serial) {
  const auto query = queries_.find(serial);
  if (query == queries_.end() || query->second->state != QueryState::kActive) return nullptr;
  return query->second.get();
}

std::optional<Scheduler::Core::Located> Scheduler::Core::Locate(const TaskId& task) {
  Query* query = FindActive(task.query);
  if (query == nullptr) return std::nullopt;
  const auto stage = query->FindStage(task.fragment);
  if (!stage || task.partition.value >= query->stage(*stage).partitions.size()) return std::nullopt;
  const auto attempt = query->stage(*stage).partitions[task.partition.value].Find(task.attempt.value);
  if (!attempt) return std::nullopt;
  return Located{*query, *stage, task.partition.value, *attempt};
}

void Scheduler::Core::EnqueueReady(Query& query) {
  for (ChoiceMade& choice : query.TakeChoices()) commands_.push_back(std::move(choice));
  for (MergeDecided& decision : query.TakeMerges()) commands_.push_back(std::move(decision));
  for (const uint32_t stage : query.TakeDropped()) StopStage(query, stage);
  for (StageCut& cut : query.TakeCuts()) commands_.push_back(std::move(cut));
  if (!query.ready(true).empty()) coordinator_ready_.insert(query.serial);
  if (!query.ready(false).empty() && !query.in_round) {
    query.in_round = true;
    round_.push_back(query.serial);
  }
}

void Scheduler::Core::On(const SubmitQuery& event) {
  if (serials_.contains(event.query)) return;
  if (auto fault = FindPlanFault(event.plan)) {
    commands_.push_back(QueryFailed{event.query, std::move(*fault)});
    return;
  }
  const uint64_t serial = next_serial_++;
  serials_.emplace(event.query, serial);
  Query& query =
      *queries_.emplace(serial, std::make_unique<Query>(serial, event.query, event.plan)).first->second;
  if (query.run) {
    if (query.run->splits.complete()) EnqueueRun(query);
    return;
  }
  query.Begin();
  EnqueueReady(query);
}

void Scheduler::Core::On(const SplitsAdded& event) {
  Query* query = FindActive(event.query);
  if (query == nullptr) return;
  const auto stage = query->FindStage(event.fragment);
  if (!stage || !query->stage(*stage).assigner.knows(event.scan)) {
    Error error{errors::GENERIC_INTERNAL_ERROR,
                "Splits came for scan " + std::to_string(event.scan) + " of fragment " +
                    std::to_string(event.fragment.value) + ", which has no such scan",
                {},
                {}};
    FailQuery(*query, error, stage);
    return;
  }
  if (query->run) return AddStreamedSplits(*query, *stage, event);
  query->AddSplits(*stage, event, nodes_.shape());
  EnqueueReady(*query);
  if (*stage == query->root() && query->stage(*stage).complete()) FinishQuery(*query);
}

void Scheduler::Core::On(const NodeJoined& event) {
  const auto known = nodes_.Find(event.node);
  if (known && nodes_.alive(*known) && nodes_.instance(*known) != event.instance) {
    LoseNode(*known, Error{errors::REMOTE_HOST_GONE, "it was restarted", {}, {}});
  }
  const bool returns = known && !nodes_.alive(*known) && nodes_.instance(*known) == event.instance;
  nodes_.Join(event.node, event.instance, event.slots, event.memory_bytes, event.is_coordinator);
  LeaseRestored(*nodes_.Find(event.node));
  if (!known) return;
  const auto given_up = given_up_.extract(*known);
  if (!returns || given_up.empty()) return;
  for (const TaskId& task : given_up.mapped()) commands_.push_back(CancelTask{task, event.node});
}

void Scheduler::Core::On(const NodeLost& event) {
  const auto node = nodes_.Find(event.node);
  if (!node || !nodes_.alive(*node)) return;
  if (!event.instance.empty() && event.instance != nodes_.instance(*node)) return;
  LoseNode(*node, event.reason);
}

void Scheduler::Core::On(const NodeDraining& event) {
  if (const auto node = nodes_.Find(event.node)) nodes_.Drain(*node);
}

void Scheduler::Core::On(const TaskFinished& event) {
  const auto task = Locate(event.task);
  if (!task) return;
  auto& [query, stage_index, partition_index, attempt_index] = *task;
  Stage& stage = query.stage(stage_index);
  const Partition& partition = stage.partitions[partition_index];
  const Attempt& attempt = partition.attempts[attempt_index];
  const bool lost_but_done = attempt.state == AttemptState::kLost && !query.outputs_die_with_node;
  if (attempt.state != AttemptState::kRunning && !lost_but_done) return;
  if (partition.state == PartitionState::kCommitted || partition.state == PartitionState::kRetired) return;
  if (stage.complete()) return;
  if (event.output.partitions.size() > stage.plan.output_partitions) {
    if (attempt.state != AttemptState::kRunning) return;
    const Error error{errors::GENERIC_INTERNAL_ERROR,
                      "Task " + event.task.ToString() + " reports " +
                          std::to_string(event.output.partitions.size()) + " output partitions instead of " +
                          std::to_string(stage.plan.output_partitions),
                      {},
                      {}};
    return FailAttempt(*task, AttemptState::kFailed, error);
  }
  if (query.run) return FinishStreamed(*task, event.output);
  for (const uint32_t running : stage.RunningAttempts(partition_index)) {
    if (running != attempt_index) {
      CancelAttempt({query, stage_index, partition_index, running});
    } else {
      nodes_.Release(attempt.node, query.Ref(stage_index, partition_index, running));
    }
  }
  if (lost_but_done && partition.failures) partition.failures->Forgive();
  const bool told = partition.offered == attempt_index;
  stage.memory.Observe(event.output.peak_memory_bytes, query.limits.task_memory_estimation_quantile);
  query.Commit(stage_index, partition_index, attempt_index, event.output, now_, nodes_.shape());
  if (stage_index == query.root() && stage.complete()) {
    FinishQuery(query);
    return;
  }
  if (stage.ended_early) StopStage(query, stage_index);
  TellEarlyReaders(query, stage_index, told ? std::nullopt : std::optional(partition_index));
  WatchStragglers(query, stage_index);
  EnqueueReady(query);
}

void Scheduler::Core::On(const TaskFailed& event) {
  const auto task = Locate(event.task);
  if (!task) {
    // Of a run that was given up for another reason: the next one would meet the user's error again.
    Query* query = FindActive(event.task.query);
    if (query != nullptr && event.task.attempt.value < query->first_attempt() && IsUsersFault(event.error))
      FailQuery(*query, event.error, query->FindStage(event.task.fragment));
    return;
  }
  Query& query = task->query;
  const Partition& partition = query.stage(task->stage).partitions[task->partition];
  const AttemptState state = partition.attempts[task->attempt].state;
  if (state != AttemptState::kRunning) {
    // Given up for another reason; but what the user did wrong, another attempt does not put right.
    const bool given_up = state == AttemptState::kLost || state == AttemptState::kFailed;
    if (given_up && IsUsersFault(event.error)) FailQuery(query, event.error, task->stage);
    return;
  }
  if (query.run) return FailStreamed(*task, AttemptState::kFailed, event.error);
  EndFailedAttempt(*task, AttemptState::kFailed);
  if (event.lost_producer && BlameProducer(*task, *event.lost_producer, event.error)) return;
  // Tasks are cancelled by nobody but the coordinator: an earlier start of it gave this one up, and had no
  // time to write down why.
  if (event.error.code == errors::USER_CANCELED || LeftWithItsNode(*task, event.error))
    return RunAgain(query, task->stage, task->partition);
  RetryOrFail(*task, event.error, event.peak_memory_bytes);
}

void Scheduler::Core::On(const ResultTaken& event) {
  Query* query = FindActive(event.query);
  if (query != nullptr && query->run) query->run->TakeResult();
}

void Scheduler::Core::On(const CancelQuery& event) {
  if (Query* query = FindActive(event.query)) FailQuery(*query, event.error, std::nullopt);
}

void Scheduler::Core::On(const ForgetQuery& event) {
  const auto serial = serials_.find(event.query);
  if (serial == serials_.end()) return;
  Query& query = *queries_.at(serial->second);
  if (query.state == QueryState::kActive) {
    FailQuery(query, Error{errors::ABANDONED_QUERY, "Query was abandoned by its client", {}, {}},
              std::nullopt);
  } else if (query.state == QueryState::kFinished) {
    commands_.push_back(DeleteExchange{query.id});
  }
  queries_.erase(serial->second);
  serials_.erase(serial);
}

}  // namespace planaria::scheduler
