#include "coordinator/execution_driver.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "coordinator/task_descriptor.h"
#include "exchange/manifest.h"

namespace planaria::coordinator {

namespace {

/// What readers need of a finished task; nothing, and the report's error, when its manifest is damaged.
std::optional<scheduler::TaskOutput> OutputOf(protocol::TaskReport& report, DescriptorStorage& storage) {
  try {
    scheduler::TaskOutput output;
    for (const auto& partition : exchange::Manifest::Parse(report.manifest).PerPartition()) {
      output.partitions.push_back({partition.bytes, partition.rows});
    }
    output.manifest = storage.Keep(report.task.query, std::move(report.manifest));
    output.peak_memory_bytes = report.stats.peak_memory_bytes;
    return output;
  } catch (const TrinoException& exception) {
    report.error = exception.error();
    return std::nullopt;
  }
}

/// Tasks of the coordinator's own node end with its process.
bool RunsHere(const Execution& execution, const TaskId& task) {
  return std::any_of(execution.plan.fragments.begin(), execution.plan.fragments.end(),
                     [&](const scheduler::FragmentPlan& fragment) {
                       return fragment.id == task.fragment &&
                              fragment.distribution == scheduler::Distribution::kCoordinator;
                     });
}

}  // namespace

/// Held by the driver alone; whatever is queued elsewhere reaches it through Post, which the driver's
/// destructor closes.
class ExecutionDriver::Core : public std::enable_shared_from_this<ExecutionDriver::Core> {
 public:
  explicit Core(const ExecutionDriverParts& parts) : parts_(parts), scheduler_(parts.options) {}

  template <typename Function>
  void Post(Function function) {
    const std::lock_guard lock(gate_);
    if (!open_) return;
    parts_.executor->Post([weak = weak_from_this(), function = std::move(function)]() mutable {
      if (const auto self = weak.lock()) function(*self);
    });
  }
  void Close() {
    const std::lock_guard lock(gate_);
    open_ = false;
  }

  // On the executor.
  void Submit(const QueryId& query, std::shared_ptr<const Execution> execution);
  void Restore(const QueryId& query, std::shared_ptr<const Execution> execution,
               const std::vector<JournalRecord>& records, const std::set<NodeId>& gone,
               uint32_t first_attempt);
  void Forget(const QueryId& query);
  void FailTask(const NodeId& node, const scheduler::TaskFailed& failed);
  void ResultFailed(const std::vector<TaskId>& roots, const Error& error);
  void Report(protocol::TaskReport report, const std::function<void()>& settled);
  void Handle(const scheduler::Event& event);

  template <typename Read>
  auto Look(Read read) const {
    const std::lock_guard lock(scheduler_mutex_);
    return read(scheduler_);
  }

 private:
  scheduler::TimePoint Now() const { return scheduler::TimePoint(parts_.clock->Now()); }
  std::shared_ptr<const Execution> Find(const QueryId& query) const;
  void Apply(protocol::TaskReport report);
  bool Runs(const TaskId& task) const;
  void AddSplits(const QueryId& query, const Execution& execution);
  void SetTimer();

  void Do(const scheduler::StartTask& start);
  void Do(const scheduler::CancelTask& cancel);
  void Do(const scheduler::QueryFinished& finished);
  void Do(const scheduler::QueryFailed& failed) { parts_.listener->QueryFailed(failed.query, failed.error); }
  void Do(const scheduler::DeleteExchange& deletion);
  void Do(const scheduler::AddInputs& added);
  void Do(const scheduler::ResultStreams& streams);
  /// Ends the query, after what is being done now.
  void GiveUp(const QueryId& query, Error error);
  std::function<void(Error)> FailureOf(const TaskId& task, const NodeId& node);
  void Do(const scheduler::StageCut& cut) { parts_.listener->StageWasCut(cut); }
  void Do(const scheduler::ChoiceMade& choice) { parts_.listener->ChoiceWasMade(choice); }
  void Do(const scheduler::MergeDecided& decision) { parts_.listener->MergeWasDecided(decision); }
  void Do(const scheduler::BecameDurable&) {}

  struct EarlyReport {
    protocol::TaskReport report;
    std::function<void()> settled;
  };
  /// Those whose inputs are committed now; or will never be, then they have been cancelled, or lost.
  void TakeEarlyReports();

  const ExecutionDriverParts parts_;
  std::mutex gate_;
  bool open_ = true;
  /// Guards the scheduler against those who look; only the executor changes it.
  mutable std::mutex scheduler_mutex_;
  scheduler::Scheduler scheduler_;
  std::map<QueryId, std::shared_ptr<const Execution>> executions_;
  TimerHandle timer_;
  std::optional<scheduler::TimePoint> timer_due_;
  /// Of tasks that needed no more than what they were offered.
  std::vector<EarlyReport> early_reports_;
};

void ExecutionDriver::Core::Submit(const QueryId& query, std::shared_ptr<const Execution> execution) {
  executions_[query] = execution;
  Handle(scheduler::SubmitQuery{query, execution->plan});
  AddSplits(query, *execution);
}

void ExecutionDriver::Core::AddSplits(const QueryId& query, const Execution& execution) {
  for (const auto& [id, fragment] : execution.fragments) {
    for (const auto& [scan, splits] : fragment.scans) {
      scheduler::SplitsAdded added{query, id, scan, {}, true};
      for (uint32_t i = 0; i < splits.size(); i++) added.splits.push_back({i, splits[i].bytes});
      Handle(added);
    }
  }
}

void ExecutionDriver::Core::Restore(const QueryId& query, std::shared_ptr<const Execution> execution,
                                    const std::vector<JournalRecord>& records, const std::set<NodeId>& gone,
                                    uint32_t first_attempt) {
  executions_[query] = execution;
  scheduler::SubmitQuery submit{query, execution->plan};
  submit.plan.first_attempt = first_attempt;
  Handle(submit);
  std::map<TaskId, NodeId> nodes;
  // What was reported first of an attempt is what counted.
  std::map<TaskId, const protocol::TaskReport*> reports;
  for (const JournalRecord& record : records) {
    if (const auto* cut = std::get_if<scheduler::StageCut>(&record)) Handle(scheduler::CutRestored{*cut});
    if (const auto* choice = std::get_if<scheduler::ChoiceMade>(&record))
      Handle(scheduler::ChoiceRestored{*choice});
    if (const auto* decision = std::get_if<scheduler::MergeDecided>(&record))
      Handle(scheduler::MergeRestored{*decision});
    if (const auto* start = std::get_if<JournaledStart>(&record)) nodes[start->task] = start->node;
    // Of an attempt whose start is not there, it is what was left of an earlier start.
    if (const auto* report = std::get_if<protocol::TaskReport>(&record);
        report && nodes.contains(report->task)) {
      reports.emplace(report->task, report);
    }
  }
  AddSplits(query, *execution);
  for (const JournalRecord& record : records) {
    if (const auto* start = std::get_if<JournaledStart>(&record)) {
      const auto report = reports.find(start->task);
      if (report != reports.end() && report->second->state == protocol::TaskState::kFinished) continue;
      // Nobody knows which inputs it was brought since: nothing that it makes may count.
      if (!start->complete && report == reports.end()) continue;
      // Those that cannot go on are made again, which is nobody's fault and costs no attempt; but what an
      // attempt had to say, of a lost output for instance, counts.
      const bool may_go_on = !RunsHere(*execution, start->task) && !gone.contains(start->node);
      Handle(scheduler::AttemptRestored{start->task, start->node, may_go_on || report != reports.end()});
    } else if (const auto* report = std::get_if<protocol::TaskReport>(&record)) {
      if (const auto first = reports.find(report->task); first == reports.end() || first->second != report)
        continue;
      if (report->state != protocol::TaskState::kFinished) {
        Apply(*report);
      } else {
        protocol::TaskReport copy = *report;
        if (auto output = OutputOf(copy, *parts_.storage))
          Handle(scheduler::OutputRestored{report->task, nodes[report->task], *std::move(output)});
      }
    }
  }
}

void ExecutionDriver::Core::Forget(const QueryId& query) {
  if (executions_.erase(query) > 0) Handle(scheduler::ForgetQuery{query});
}

std::shared_ptr<const Execution> ExecutionDriver::Core::Find(const QueryId& query) const {
  const auto found = executions_.find(query);
  return found == executions_.end() ? nullptr : found->second;
}

void ExecutionDriver::Core::Handle(const scheduler::Event& event) {
  std::vector<scheduler::Command> commands;
  {
    const std::lock_guard lock(scheduler_mutex_);
    commands = scheduler_.Handle(event, Now());
  }
  for (const auto& command : commands) {
    std::visit([this](const auto& what) { Do(what); }, command);
  }
  SetTimer();
  if (!early_reports_.empty()) Post([](Core& core) { core.TakeEarlyReports(); });
}

void ExecutionDriver::Core::SetTimer() {
  const auto due = scheduler_.NextWakeup();
  // A timer that comes too early finds nothing to do and sets the next one.
  if (!due || (timer_due_ && *timer_due_ <= *due)) return;
  timer_.Cancel();
  timer_due_ = due;
  const Duration delay = std::max<Duration>(*due - Now(), Duration::zero());
  timer_ = parts_.executor->RunAfter(delay, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->timer_due_.reset();
    self->Handle(scheduler::Tick{});
  });
}

void ExecutionDriver::Core::Report(protocol::TaskReport report, const std::function<void()>& settled) {
  if (!Find(report.task.query)) return settled();
  if (report.state == protocol::TaskState::kRunning) {
    // Nothing for the journal: to a later start the task still runs.
    if (auto output = OutputOf(report, *parts_.storage))
      Handle(scheduler::OutputOffered{report.task, *std::move(output)});
    return settled();
  }
  // The journal must not have it before what it was made of.
  if (report.state == protocol::TaskState::kFinished && scheduler_.RunsOnOffers(report.task)) {
    early_reports_.push_back({std::move(report), settled});
    return;
  }
  // The journal has reports and cancellations in the order in which they take effect: a later start must
  // choose the same attempts.
  parts_.listener->TaskReported(report, settled);
  Apply(std::move(report));
}

void ExecutionDriver::Core::TakeEarlyReports() {
  for (EarlyReport& early : std::exchange(early_reports_, {})) {
    if (scheduler_.RunsOnOffers(early.report.task)) {
      early_reports_.push_back(std::move(early));
    } else if (Runs(early.report.task)) {
      Report(std::move(early.report), early.settled);
    } else {
      early.settled();
    }
  }
}

void ExecutionDriver::Core::Apply(protocol::TaskReport report) {
  parts_.listener->TaskEnded(report.task, report.stats);
  if (report.state == protocol::TaskState::kFinished && report.manifest.empty()) {
    scheduler::TaskOutput output;
    output.partitions.push_back({report.stats.output_bytes, report.stats.output_rows});
    output.peak_memory_bytes = report.stats.peak_memory_bytes;
    return Handle(scheduler::TaskFinished{report.task, std::move(output)});
  }
  if (report.state == protocol::TaskState::kFinished) {
    if (auto output = OutputOf(report, *parts_.storage)) {
      return Handle(scheduler::TaskFinished{report.task, *std::move(output)});
    }
  }
  if (report.error) {
    Handle(scheduler::TaskFailed{report.task, *report.error, report.lost_producer,
                                 report.stats.peak_memory_bytes});
  }
}

void ExecutionDriver::Core::Do(const scheduler::StartTask& start) {
  const auto execution = Find(start.task.query);
  if (!execution) return;
  protocol::TaskDescriptor descriptor;
  try {
    descriptor = DescriptorOf(start, *execution);
  } catch (const TrinoException& exception) {
    return GiveUp(start.task.query, exception.error());
  }
  parts_.listener->TaskStarted(start.task, start.node);
  parts_.tasks->Start(start.node, std::move(descriptor), FailureOf(start.task, start.node));
}

void ExecutionDriver::Core::GiveUp(const QueryId& query, Error error) {
  // Not at once: other commands of the same event may be waiting to be carried out.
  Post([event = scheduler::CancelQuery{query, std::move(error)}](Core& core) { core.Handle(event); });
}

void ExecutionDriver::Core::Do(const scheduler::CancelTask& cancel) {
  if (cancel.for_good) parts_.listener->TaskGivenUp(cancel.task);
  parts_.tasks->Cancel(cancel.node, cancel.task);
}

void ExecutionDriver::Core::FailTask(const NodeId& node, const scheduler::TaskFailed& failed) {
  if (!Runs(failed.task)) return;
  parts_.listener->TaskGivenUp(failed.task);
  parts_.tasks->Cancel(node, failed.task);
  Handle(failed);
}

void ExecutionDriver::Core::ResultFailed(const std::vector<TaskId>& roots, const Error& error) {
  const auto running =
      std::find_if(roots.begin(), roots.end(), [this](const TaskId& root) { return Runs(root); });
  if (running != roots.end()) return Handle(scheduler::TaskFailed{*running, error, {}, 0});
  // Another run follows already, unless all of them have ended well: then their rows are lost.
  const bool lost = std::all_of(roots.begin(), roots.end(), [this](const TaskId& root) {
    return scheduler_.StateOf(root) == scheduler::AttemptState::kCommitted;
  });
  if (lost) parts_.listener->QueryFailed(roots.front().query, error);
}

bool ExecutionDriver::Core::Runs(const TaskId& task) const {
  return scheduler_.StateOf(task) == scheduler::AttemptState::kRunning;
}

std::function<void(Error)> ExecutionDriver::Core::FailureOf(const TaskId& task, const NodeId& node) {
  return [weak = weak_from_this(), node, task](Error error) {
    const auto self = weak.lock();
    if (!self) return;
    self->Post([node, failed = scheduler::TaskFailed{task, std::move(error)}](Core& core) {
      // The request may have arrived all the same, or may do so yet.
      if (core.Runs(failed.task)) core.parts_.listener->TaskGivenUp(failed.task);
      core.parts_.tasks->Cancel(node, failed.task);
      core.Handle(failed);
    });
  };
}

void ExecutionDriver::Core::Do(const scheduler::AddInputs& added) {
  const auto execution = Find(added.task.query);
  if (!execution) return;
  const auto plan = std::find_if(execution->plan.fragments.begin(), execution->plan.fragments.end(),
                                 [&](const auto& fragment) { return fragment.id == added.task.fragment; });
  for (size_t i = 0; i < plan->inputs.size(); i++) {
    if (plan->inputs[i].producer != added.producer) continue;
    protocol::AddInputsMessage message;
    message.task = added.task;
    message.input = execution->fragments.at(added.task.fragment).input_ids[i];
    try {
      for (const scheduler::CommittedOutput& output : *added.outputs)
        message.manifests.push_back(BytesOf(output)->Read());
      message.holders = HoldersOf(*added.outputs);
    } catch (const TrinoException& exception) {
      return GiveUp(added.task.query, exception.error());
    }
    message.total = added.total;
    parts_.tasks->AddInputs(added.node, std::move(message), FailureOf(added.task, added.node));
  }
}

void ExecutionDriver::Core::Do(const scheduler::ResultStreams& streams) {
  parts_.listener->ResultStreams(streams.query, SourcesOf(*streams.roots), streams.hold);
}

void ExecutionDriver::Core::Do(const scheduler::QueryFinished& finished) {
  if (!finished.outputs) return parts_.listener->StreamFinished(finished.query);
  std::vector<ResultOutput> outputs;
  for (const auto& output : *finished.outputs) outputs.push_back({BytesOf(output), output.node});
  parts_.listener->QueryFinished(finished.query, std::move(outputs));
}

void ExecutionDriver::Core::Do(const scheduler::DeleteExchange& deletion) {
  // Outputs of single fragments go with the query.
  if (!deletion.fragment) parts_.tasks->DeleteOutputs(deletion.query);
}

ExecutionDriver::ExecutionDriver(const ExecutionDriverParts& parts) : core_(std::make_shared<Core>(parts)) {}

ExecutionDriver::~ExecutionDriver() { core_->Close(); }

void ExecutionDriver::Submit(const QueryId& query, std::shared_ptr<const Execution> execution) {
  core_->Post([query, execution = std::move(execution)](Core& core) { core.Submit(query, execution); });
}

void ExecutionDriver::Restore(const QueryId& query, std::shared_ptr<const Execution> execution,
                              std::vector<JournalRecord> records, std::set<NodeId> gone,
                              uint32_t first_attempt) {
  core_->Post([query, execution = std::move(execution), records = std::move(records), gone = std::move(gone),
               first_attempt](Core& core) { core.Restore(query, execution, records, gone, first_attempt); });
}

void ExecutionDriver::TaskAdopted(scheduler::TaskAdopted task) {
  core_->Post([task = std::move(task)](Core& core) { core.Handle(task); });
}

void ExecutionDriver::Cancel(const QueryId& query, const Error& error) {
  core_->Post([event = scheduler::CancelQuery{query, error}](Core& core) { core.Handle(event); });
}

void ExecutionDriver::FailTask(const TaskId& task, const NodeId& node, const Error& error,
                               uint64_t peak_memory_bytes) {
  core_->Post([node, failed = scheduler::TaskFailed{task, error, {}, peak_memory_bytes}](Core& core) {
    core.FailTask(node, failed);
  });
}

void ExecutionDriver::ResultFailed(std::vector<TaskId> roots, const Error& error) {
  core_->Post([roots = std::move(roots), error](Core& core) { core.ResultFailed(roots, error); });
}

void ExecutionDriver::ResultTaken(const QueryId& query) {
  core_->Post([event = scheduler::ResultTaken{query}](Core& core) { core.Handle(event); });
}

void ExecutionDriver::Forget(const QueryId& query) {
  core_->Post([query](Core& core) { core.Forget(query); });
}

void ExecutionDriver::NodeJoined(scheduler::NodeJoined node) {
  core_->Post([node = std::move(node)](Core& core) { core.Handle(node); });
}

void ExecutionDriver::NodeLost(scheduler::NodeLost node) {
  core_->Post([node = std::move(node)](Core& core) { core.Handle(node); });
}

void ExecutionDriver::NodeDraining(scheduler::NodeDraining node) {
  core_->Post([node = std::move(node)](Core& core) { core.Handle(node); });
}

void ExecutionDriver::Report(protocol::TaskReport report, std::function<void()> settled) {
  core_->Post([report = std::move(report), settled = std::move(settled)](Core& core) mutable {
    core.Report(std::move(report), settled);
  });
}

std::vector<scheduler::StageStatus> ExecutionDriver::Stages(const QueryId& query) const {
  return core_->Look([&](const scheduler::Scheduler& scheduler) { return scheduler.Stages(query); });
}

std::vector<scheduler::AttemptStatus> ExecutionDriver::Attempts(const QueryId& query) const {
  return core_->Look([&](const scheduler::Scheduler& scheduler) {
    std::vector<scheduler::AttemptStatus> attempts;
    scheduler.VisitAttempts(query,
                            [&](const scheduler::AttemptStatus& attempt) { attempts.push_back(attempt); });
    return attempts;
  });
}

}  // namespace planaria::coordinator
