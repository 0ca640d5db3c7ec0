#include <string>

#include "scheduler/core.h"
#include "scheduler/failure.h"

namespace planaria::scheduler {

void Scheduler::Core::LoseNode(NodeIndex node, const Error& reason) {
  const Error error{errors::REMOTE_HOST_GONE,
                    "Node " + nodes_.id(node).value + " is gone" +
                        (reason.message.empty() ? std::string() : ": " + reason.message),
                    {},
                    {}};
  for (const TaskRef& lease : nodes_.Lose(node)) {
    // An earlier task of the node may have ended this one's run.
    const auto task = LocateRunning(lease);
    if (!task) continue;
    given_up_[node].push_back(task->query.MakeTaskId(task->stage, task->partition, task->attempt));
    FailAttempt(*task, AttemptState::kLost, error);
  }
  LoseOutputs(node, error);
  RunAgainAfterLoss();
}

void Scheduler::Core::LoseOutputs(NodeIndex node, const Error& error) {
  for (auto& [serial, query] : queries_) {
    for (const auto& [stage, partition] : query->TakeOutputsOn(node)) {
      if (query->state != QueryState::kActive) break;
      if (query->OutputNeeded(stage)) InvalidateOutput(*query, stage, partition, error);
    }
  }
}

void Scheduler::Core::FailAttempt(const Located& task, AttemptState state, const Error& error) {
  if (task.query.run) return FailStreamed(task, state, error);
  EndFailedAttempt(task, state);
  if (LeftWithItsNode(task, error)) return RunAgain(task.query, task.stage, task.partition);
  RetryOrFail(task, error, 0);
}

bool Scheduler::Core::LeftWithItsNode(const Located& task, const Error& error) const {
  const Partition& partition = task.query.stage(task.stage).partitions[task.partition];
  return ClassifyFailure(error) == FailureKind::kNodeGone &&
         nodes_.draining(partition.attempts[task.attempt].node);
}

void Scheduler::Core::EndFailedAttempt(const Located& task, AttemptState state) {
  Stage& stage = task.query.stage(task.stage);
  nodes_.Release(stage.partitions[task.partition].attempts[task.attempt].node,
                 task.query.Ref(task.stage, task.partition, task.attempt));
  stage.End(task.partition, task.attempt, state, now_);
  WithdrawOffer(task);
  ++stage.failed_attempts;
}

bool Scheduler::Core::BlameProducer(const Located& reader, const TaskId& producer, const Error& error) {
  Query& query = reader.query;
  const auto located = Locate(producer);
  if (!located || &located->query != &query || !query.Reads(reader.stage, located->stage)) return false;
  const Partition& blamed = query.stage(located->stage).partitions[located->partition];
  const uint64_t generation =
      query.stage(reader.stage).partitions[reader.partition].attempts[reader.attempt].generation;
  if (blamed.offered == located->attempt) {
    // Nothing is lost: it is not stored yet, and its node does not have it any more.
    WithdrawOffer(*located);
    RunAgain(query, reader.stage, reader.partition);
    return true;
  }
  const bool current = blamed.state == PartitionState::kCommitted && blamed.committed == located->attempt;
  // An attempt whose inputs were fixed before the last loss may simply speak of what is being repaired
  // already. Every such excuse needs a loss that was counted against its producer, so there is an end to
  // them.
  if (!current && generation == query.generation()) return false;
  RunAgain(query, reader.stage, reader.partition);
  if (current) InvalidateOutput(query, located->stage, located->partition, error);
  return true;
}

void Scheduler::Core::RunAgain(Query& query, uint32_t stage, uint32_t partition) {
  // While a copy or what it was copied from still runs, that is the next attempt.
  if (query.stage(stage).partitions[partition].running > 0) return;
  query.Requeue(stage, partition);
  EnqueueReady(query);
}

void Scheduler::Core::RetryOrFail(const Located& task, const Error& error, uint64_t peak_memory_bytes) {
  Query& query = task.query;
  Stage& stage = query.stage(task.stage);
  Partition& partition = stage.partitions[task.partition];
  const Attempt& attempt = partition.attempts[task.attempt];
  const FailureKind kind = ClassifyFailure(error);
  if (kind == FailureKind::kHandedBack) {
    // Until it announces itself again, so that the task cannot come back to it at once.
    nodes_.Drain(attempt.node);
    RunAgain(query, task.stage, task.partition);
    return;
  }
  if (!partition.failures) partition.failures = std::make_unique<FailureHistory>();
  if (kind == FailureKind::kUser) {
    FailQuery(query, partition.failures->Verdict(error), task.stage);
    return;
  }
  partition.avoid.push_back(attempt.node);
  if (attempt.is_copy && partition.running > 0) return;
  partition.failures->Add(error);
  if (partition.running > 0) return;
  if (kind == FailureKind::kOutOfMemory) {
    ++partition.out_of_memory;
    if (!GrowOrDivide(task, error, peak_memory_bytes)) return;
  }
  if (partition.failures->count() > query.limits.task_retry_attempts) {
    FailQuery(query, partition.failures->Verdict(), task.stage);
    return;
  }
  const Duration delay = RetryDelay(kind, partition.failures->count(), query.limits);
  if (delay == Duration::zero()) return RunAgain(query, task.stage, task.partition);
  stage.Delay(task.partition, now_ + delay);
  delayed_.emplace(partition.due, TaskRef{query.serial, task.stage, task.partition, 0});
}

bool Scheduler::Core::GrowOrDivide(const Located& task, const Error& error, uint64_t peak) {
  Query& query = task.query;
  Stage& stage = query.stage(task.stage);
  Partition& partition = stage.partitions[task.partition];
  const bool last_attempt = partition.failures->count() >= query.limits.task_retry_attempts;
  const uint64_t next =
      GrowMemory(partition.memory_bytes, peak, nodes_.largest_memory(), last_attempt, query.limits);
  const auto hopeless = FindHopelessGrant(
      query.MakeTaskId(task.stage, task.partition, task.attempt).ToString(), next, peak, error);
  // More memory first, since it costs nothing when it is there; smaller pieces when that was not enough.
  if ((hopeless || partition.out_of_memory > 1) && query.Divide(task.stage, task.partition)) {
    EnqueueReady(query);
    return false;
  }
  if (hopeless && nodes_.largest_memory() > 0) {
    FailQuery(query, partition.failures->Verdict(*hopeless), task.stage);
    return false;
  }
  stage.memory.Observe(next, query.limits.task_memory_estimation_quantile);
  partition.memory_bytes = next;
  return true;
}

void Scheduler::Core::InvalidateOutput(Query& query, uint32_t stage_index, uint32_t partition_index,
                                       const Error& error) {
  Partition& partition = query.stage(stage_index).partitions[partition_index];
  const Located task{query, stage_index, partition_index, partition.committed};
  query.Invalidate(stage_index, partition_index);
  CancelEarlyReaders(query, stage_index);
  ++query.stage(stage_index).failed_attempts;
  // Whatever the reader ran into, for the producer it is a lost output: it runs again at once.
  const Error lost{errors::REMOTE_HOST_GONE,
                   "The output of task " +
                       query.MakeTaskId(stage_index, partition_index, partition.committed).ToString() +
                       " is lost: " + error.message,
                   {},
                   {}};
  RetryOrFail(task, lost, 0);
}

void Scheduler::Core::StopRunning(Query& query) {
  for (uint32_t s = 0; s < query.stage_count(); ++s) StopStage(query, s);
  coordinator_ready_.erase(query.serial);
  worker_wait_.Clear(query.serial);
  coordinator_wait_.Clear(query.serial);
}

void Scheduler::Core::CancelAttempt(const Located& task) {
  Stage& stage = task.query.stage(task.stage);
  const NodeIndex node = stage.partitions[task.partition].attempts[task.attempt].node;
  stage.End(task.partition, task.attempt, AttemptState::kCanceled, now_);
  WithdrawOffer(task);
  nodes_.Release(node, task.query.Ref(task.stage, task.partition, task.attempt));
  TaskId id = task.query.MakeTaskId(task.stage, task.partition, task.attempt);
  if (nodes_.alive(node)) {
    commands_.push_back(CancelTask{std::move(id), nodes_.id(node), true});
  } else {
    given_up_[node].push_back(std::move(id));
  }
}

void Scheduler::Core::StopStage(Query& query, uint32_t s) {
  Stage& stage = query.stage(s);
  for (uint32_t p = 0; stage.running > 0 && p < stage.partitions.size(); ++p) {
    if (stage.partitions[p].running == 0) continue;
    for (const uint32_t running : stage.RunningAttempts(p)) CancelAttempt({query, s, p, running});
    // Should the stage be needed again, so is this.
    if (!query.run && query.state == QueryState::kActive) query.Requeue(s, p);
  }
}

void Scheduler::Core::FinishQuery(Query& query) {
  query.state = QueryState::kFinished;
  StopRunning(query);
  Stage& root = query.stage(query.root());
  commands_.push_back(QueryFinished{query.id, root.plan.id, root.Outputs(nodes_)});
  for (uint32_t s = 0; s < query.stage_count(); ++s) {
    if (s != query.root()) commands_.push_back(DeleteExchange{query.id, query.stage(s).plan.id});
  }
}

void Scheduler::Core::FailQuery(Query& query, const Error& error, std::optional<uint32_t> stage) {
  query.state = QueryState::kFailed;
  query.failed_stage = stage;
  StopRunning(query);
  commands_.push_back(QueryFailed{query.id, error});
  commands_.push_back(DeleteExchange{query.id});
}

}  // namespace planaria::scheduler
