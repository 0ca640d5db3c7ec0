// Streaming queries inside the scheduler: gangs start as a whole, and end as a whole when one task fails.
#include <string>
#include <utility>

#include "scheduler/core.h"
#include "scheduler/gang.h"

namespace planaria::scheduler {

void Scheduler::Core::AddStreamedSplits(Query& query, uint32_t stage, const SplitsAdded& event) {
  StreamingRun& run = *query.run;
  run.splits.Add({stage, event.scan}, event.splits, event.last);
  if (run.state() == StreamingRun::State::kGathering && run.splits.complete()) EnqueueRun(query);
}

void Scheduler::Core::EnqueueRun(Query& query) {
  query.run->BecomeReady();
  gangs_.push_back(query.serial);
}

void Scheduler::Core::PlaceGangs() {
  std::deque<uint64_t> waiting;
  bool others_wait = false;
  for (const uint64_t serial : std::exchange(gangs_, {})) {
    Query* query = FindActive(serial);
    if (query == nullptr || !query->run || query->run->state() != StreamingRun::State::kWaiting) continue;
    if (!PlaceGang(*query, others_wait)) {
      others_wait = true;
      waiting.push_back(serial);
    }
  }
  gangs_ = std::move(waiting);
}

bool Scheduler::Core::PlaceGang(Query& query, bool others_wait) {
  if (query.stage(query.root()).partitions.empty()) {
    // Not before a worker is there: the number of tasks depends on the cluster.
    if (nodes_.shape().nodes > 0 || query.RunsOnCoordinatorOnly()) CutGang(query, nodes_.shape());
  }
  const GangSize size = SizeOf(query);
  if (size.on_workers + size.on_coordinator == 0 || (size.on_workers > 0 && nodes_.shape().nodes == 0)) {
    worker_wait_.Mark(query.serial, now_);
    return false;
  }
  if (size.on_coordinator > 0 && !nodes_.coordinator()) {
    coordinator_wait_.Mark(query.serial, now_);
    return false;
  }
  coordinator_wait_.Clear(query.serial);
  // In the order they came, except that small ones pass.
  if (others_wait && !size.small) return false;
  if (!RoomForGang(size, nodes_.streams(), nodes_.shape())) return false;

  query.run->Start(now_);
  std::optional<NodeIndex> together;
  for (uint32_t s = 0; s < query.stage_count(); ++s) {
    Stage& stage = query.stage(s);
    const bool own = stage.plan.distribution == Distribution::kCoordinator;
    for (uint32_t p = 0; p < stage.partitions.size(); ++p) {
      NodeIndex node;
      if (own) {
        node = *nodes_.coordinator();
      } else if (size.small && together) {
        node = *together;
      } else {
        together = node = *nodes_.ChooseForStream();
      }
      stage.Start(p, node, 0, now_);
      nodes_.Lease(node, query.Ref(s, p, 0), 0, own ? Claim::kNothing : Claim::kStream);
    }
  }
  for (Command& command : StartGang(query, nodes_)) commands_.push_back(std::move(command));
  WatchRun(query);
  return true;
}

void Scheduler::Core::WatchRun(const Query& query) {
  if (const auto due = query.run->due()) run_timers_.emplace(*due, query.serial);
}

void Scheduler::Core::FireRunTimers() {
  while (!run_timers_.empty() && run_timers_.begin()->first <= now_) {
    const uint64_t serial = run_timers_.begin()->second;
    run_timers_.erase(run_timers_.begin());
    Query* query = FindActive(serial);
    if (query == nullptr || !query->run) continue;
    const auto due = query->run->due();
    if (!due) continue;
    if (*due > now_) {
      WatchRun(*query);
    } else if (query->run->state() == StreamingRun::State::kDelayed) {
      EnqueueRun(*query);
    } else if (query->run->has_failed()) {
      EndRun(*query, false);
    } else {
      BecomeDurable(*query);
    }
  }
}

void Scheduler::Core::FinishStreamed(const Located& task, const TaskOutput& output) {
  Query& query = task.query;
  Stage& stage = query.stage(task.stage);
  const NodeIndex node = stage.partitions[task.partition].attempts[task.attempt].node;
  nodes_.Release(node, query.Ref(task.stage, task.partition, task.attempt));
  stage.Commit(task.partition, task.attempt, output, now_);
  if (!stage.complete()) return;
  if (task.stage != query.root()) return EndUnreadProducers(query, task.stage);
  query.state = QueryState::kFinished;
  StopRunning(query);
  commands_.push_back(QueryFinished{query.id, stage.plan.id, nullptr});
}

void Scheduler::Core::FailStreamed(const Located& task, AttemptState state, const Error& error) {
  Query& query = task.query;
  const NodeIndex node = query.stage(task.stage).partitions[task.partition].attempts[task.attempt].node;
  EndFailedAttempt(task, state);
  const bool handed_back = ClassifyFailure(error) == FailureKind::kHandedBack;
  if (handed_back) nodes_.Drain(node);
  const bool node_lost = handed_back || state == AttemptState::kLost;
  if (query.run->Fail(error, task.stage, node_lost, now_)) {
    EndRun(query, node_lost);
  } else {
    WatchRun(query);
  }
}

void Scheduler::Core::EndRun(Query& query, bool node_lost) {
  switch (query.run->End(now_, node_lost)) {
    case StreamingRun::Next::kFailQuery:
      FailQuery(query, query.run->verdict(), query.run->failed_stage());
      return;
    case StreamingRun::Next::kBecomeDurable:
      BecomeDurable(query);
      return;
    case StreamingRun::Next::kRunAgain:
      StopRunning(query);
      query.StartOver();
      if (*query.run->due() <= now_) {
        EnqueueRun(query);
      } else {
        WatchRun(query);
        if (query.run->waits_for_node_loss()) waiting_for_loss_.insert(query.serial);
      }
  }
}

void Scheduler::Core::BecomeDurable(Query& query) {
  StopRunning(query);
  query.StartOver();
  commands_.push_back(BecameDurable{query.id, query.first_attempt()});
  query.ContinueAsTask(nodes_.shape());
  EnqueueReady(query);
}

void Scheduler::Core::RunAgainAfterLoss() {
  for (const uint64_t serial : std::exchange(waiting_for_loss_, {})) {
    Query* query = FindActive(serial);
    if (query != nullptr && query->run && query->run->waits_for_node_loss()) EnqueueRun(*query);
  }
}

void Scheduler::Core::EndUnreadProducers(Query& query, uint32_t stage_index) {
  for (const uint32_t producer : query.producers(stage_index)) {
    Stage& stage = query.stage(producer);
    if (stage.complete() || query.OutputNeeded(producer)) continue;
    stage.ended_early = true;
    StopStage(query, producer);
    EndUnreadProducers(query, producer);
  }
}

}  // namespace planaria::scheduler
