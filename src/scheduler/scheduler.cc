#include "scheduler/scheduler.h"

#include <algorithm>

#include "scheduler/core.h"

namespace planaria::scheduler {
namespace {

StageState StateOfStage(const Query& query, uint32_t index) {
  const Stage& stage = query.stage(index);
  if (query.failed_stage == index) return StageState::kFailed;
  if (stage.dropped) return StageState::kAborted;
  if (stage.complete()) return StageState::kFinished;
  if (query.state != QueryState::kActive) return StageState::kAborted;
  if (stage.running > 0) return StageState::kRunning;
  if (stage.open_inputs > 0) return StageState::kPlanned;
  return stage.cut ? StageState::kPending : StageState::kScheduling;
}

}  // namespace

Scheduler::Scheduler(SchedulerOptions options) : core_(std::make_unique<Core>(options)) {}
Scheduler::~Scheduler() = default;

std::vector<Command> Scheduler::Handle(const Event& event, TimePoint now) {
  return core_->Handle(event, now);
}

std::optional<TimePoint> Scheduler::NextWakeup() const { return core_->NextWakeup(); }

std::vector<StageStatus> Scheduler::Stages(const QueryId& id) const {
  std::vector<StageStatus> stages;
  const Query* query = core_->FindQuery(id);
  if (query == nullptr) return stages;
  for (uint32_t index = 0; index < query->stage_count(); ++index) {
    const Stage& stage = query->stage(index);
    StageStatus& status = stages.emplace_back();
    status.fragment = stage.plan.id;
    status.state = StateOfStage(*query, index);
    status.total_tasks = stage.dropped ? stage.committed : stage.tasks();
    status.running_tasks = stage.running - stage.copies;
    status.completed_tasks = stage.committed;
    status.queued_tasks = status.total_tasks - status.running_tasks - status.completed_tasks;
    status.failed_attempts = stage.failed_attempts;
    for (const uint64_t bytes : stage.output_bytes) status.output_bytes += bytes;
    status.output_rows = stage.output_rows;
  }
  return stages;
}

bool Scheduler::RunsOnOffers(const TaskId& task) const {
  const Query* query = core_->FindQuery(task.query);
  const auto stage = query == nullptr ? std::nullopt : query->FindStage(task.fragment);
  if (!stage || !query->stage(*stage).early.contains(task.partition.value)) return false;
  const std::vector<uint32_t>& producers = query->producers(*stage);
  return StateOf(task) == AttemptState::kRunning &&
         std::any_of(producers.begin(), producers.end(),
                     [&](uint32_t producer) { return query->stage(producer).offered > 0; });
}

std::optional<AttemptState> Scheduler::StateOf(const TaskId& task) const {
  const Query* query = core_->FindQuery(task.query);
  const auto stage = query == nullptr ? std::nullopt : query->FindStage(task.fragment);
  if (!stage || task.partition.value >= query->stage(*stage).partitions.size()) return std::nullopt;
  const Partition& partition = query->stage(*stage).partitions[task.partition.value];
  const auto attempt = partition.Find(task.attempt.value);
  if (!attempt) return std::nullopt;
  return partition.attempts[*attempt].state;
}

void Scheduler::VisitAttempts(const QueryId& id,
                              const std::function<void(const AttemptStatus&)>& visit) const {
  const Query* query = core_->FindQuery(id);
  if (query == nullptr) return;
  const auto visit_one = [&](TaskId task, const Attempt& attempt) {
    AttemptStatus status;
    status.task = std::move(task);
    status.node = core_->nodes().id(attempt.node);
    status.state = attempt.state;
    status.started = attempt.started;
    if (attempt.state != AttemptState::kRunning) status.ended = attempt.ended;
    visit(status);
  };
  for (const Query::PastAttempt& past : query->past_attempts()) {
    visit_one({query->id, query->stage(past.stage).plan.id, {past.partition}, {past.attempt.number}},
              past.attempt);
  }
  for (uint32_t s = 0; s < query->stage_count(); ++s) {
    for (uint32_t p = 0; p < query->stage(s).partitions.size(); ++p) {
      const std::vector<Attempt>& attempts = query->stage(s).partitions[p].attempts;
      for (uint32_t a = 0; a < attempts.size(); ++a) {
        visit_one(query->MakeTaskId(s, p, a), attempts[a]);
      }
    }
  }
}

}  // namespace planaria::scheduler
