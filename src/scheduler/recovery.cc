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
    Query* query = FindActive(lease.query);
    // An earlier task of the node may have ended this one's run.
    if (query == nullptr || lease.attempt < query->first_attempt()) continue;
    const Located task{*query, lease.stage, lease.partition, lease.attempt - query->first_attempt()};
    const Attempt& attempt = query->stage(task.stage).partitions[task.partition].attempts[task.attempt];
    if (attempt.state == AttemptState::kRunning) FailAttempt(task, AttemptState::kLost, error);
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
  const NodeIndex node = task.query.stage(task.stage).partitions[task.partition].attempts[task.attempt].node;
  EndFailedAttempt(task, state);
  RetryOrFail(task.query, task.stage, task.partition, node, error);
}

void Scheduler::Core::EndFailedAttempt(const Located& task, AttemptState state) {
  Stage& stage = task.query.stage(task.stage);
  nodes_.Release(stage.partitions[task.partition].attempts[task.attempt].node,
                 task.query.Ref(task.stage, task.partition, task.attempt));
  stage.End(task.partition, task.attempt, state, now_);
  ++stage.failed_attempts;
}

bool Scheduler::Core::BlameProducer(const Located& reader, const TaskId& producer, const Error& error) {
  Query& query = reader.query;
  const auto located = Locate(producer);
  if (!located || &located->query != &query || !query.Reads(reader.stage, located->stage)) return false;
  const Partition& blamed = query.stage(located->stage).partitions[located->partition];
  const uint64_t generation =
      query.stage(reader.stage).partitions[reader.partition].attempts[reader.attempt].generation;
  const bool current = blamed.state == PartitionState::kCommitted && blamed.committed == located->attempt;
  // An attempt whose inputs were fixed before the last loss may simply speak of what is being repaired
  // already. Every such excuse needs a loss that was counted against its producer, so there is an end to
  // them.
  if (!current && generation == query.generation()) return false;
  query.Requeue(reader.stage, reader.partition);
  if (current) {
    InvalidateOutput(query, located->stage, located->partition, error);
  } else {
    EnqueueReady(query);
  }
  return true;
}

void Scheduler::Core::RetryOrFail(Query& query, uint32_t stage_index, uint32_t partition_index,
                                  NodeIndex node, const Error& error) {
  Stage& stage = query.stage(stage_index);
  Partition& partition = stage.partitions[partition_index];
  const FailureKind kind = ClassifyFailure(error);
  if (kind == FailureKind::kHandedBack) {
    // Until it announces itself again, so that the task cannot come back to it at once.
    nodes_.Drain(node);
    query.Requeue(stage_index, partition_index);
    EnqueueReady(query);
    return;
  }
  if (!partition.failures) partition.failures = std::make_unique<FailureHistory>();
  if (kind == FailureKind::kUser) {
    FailQuery(query, partition.failures->Verdict(error), stage_index);
    return;
  }
  partition.failures->Add(error);
  if (partition.failures->count() > query.limits.task_retry_attempts) {
    FailQuery(query, partition.failures->Verdict(), stage_index);
    return;
  }
  partition.avoid.push_back(node);
  if (kind == FailureKind::kOutOfMemory) {
    partition.memory_bytes = static_cast<uint64_t>(static_cast<double>(partition.memory_bytes) *
                                                   query.limits.task_memory_growth_factor);
  }
  const Duration delay = RetryDelay(kind, partition.failures->count(), query.limits);
  if (delay == Duration::zero()) {
    query.Requeue(stage_index, partition_index);
    EnqueueReady(query);
    return;
  }
  stage.Delay(partition_index, now_ + delay);
  delayed_.emplace(partition.due, TaskRef{query.serial, stage_index, partition_index, 0});
}

void Scheduler::Core::InvalidateOutput(Query& query, uint32_t stage_index, uint32_t partition_index,
                                       const Error& error) {
  Partition& partition = query.stage(stage_index).partitions[partition_index];
  const NodeIndex node = partition.attempts[partition.committed].node;
  query.Invalidate(stage_index, partition_index);
  ++query.stage(stage_index).failed_attempts;
  // Whatever the reader ran into, for the producer it is a lost output: it runs again at once.
  const Error lost{errors::REMOTE_HOST_GONE,
                   "The output of task " +
                       query.MakeTaskId(stage_index, partition_index, partition.committed).ToString() +
                       " is lost: " + error.message,
                   {},
                   {}};
  RetryOrFail(query, stage_index, partition_index, node, lost);
}

void Scheduler::Core::StopRunning(Query& query) {
  for (uint32_t s = 0; s < query.stage_count(); ++s) StopStage(query, s);
  coordinator_ready_.erase(query.serial);
  worker_wait_.Clear(query.serial);
  coordinator_wait_.Clear(query.serial);
}

void Scheduler::Core::StopStage(Query& query, uint32_t s) {
  Stage& stage = query.stage(s);
  for (uint32_t p = 0; stage.running > 0 && p < stage.partitions.size(); ++p) {
    const auto running = stage.RunningAttempt(p);
    if (!running) continue;
    const NodeIndex node = stage.partitions[p].attempts[*running].node;
    stage.End(p, *running, AttemptState::kCanceled, now_);
    nodes_.Release(node, query.Ref(s, p, *running));
    if (nodes_.alive(node)) {
      commands_.push_back(CancelTask{query.MakeTaskId(s, p, *running), nodes_.id(node)});
    }
  }
}

void Scheduler::Core::FinishQuery(Query& query) {
  query.state = QueryState::kFinished;
  StopRunning(query);
  Stage& root = query.stage(query.root());
  commands_.push_back(QueryFinished{query.id, root.plan.id, root.Outputs(nodes_, query.first_attempt())});
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
