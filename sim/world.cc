#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exchange/spool_directory.h"
#include "sim/clients.h"
#include "sim/coordinator_process.h"
#include "sim/invariants/invariant.h"

namespace planaria::sim {

using namespace std::chrono_literals;

namespace {

/// After the end of all faults, longer than any retries with all their delays take.
constexpr Duration kLiveness = 30min;
/// Time for nodes to be known again, for late deletions, for late messages.
constexpr Duration kCalm = 26s;

/// Counts for reports, and how many tasks of the last query run at once.
class Statistics final : public Observer {
 public:
  explicit Statistics(Outcome& outcome) : outcome_(outcome) {}
  void QuerySubmitted(const ModelQuery& query) override {
    for (const auto& fragment : query.execution.plan.fragments)
      if (fragment.merges) merging_.emplace(query.id, fragment.id);
  }
  void TaskStarted(const TaskId& task, const NodeId&) override {
    outcome_.tasks++;
    if (merging_.contains({task.query, task.fragment})) outcome_.merging_tasks++;
    if (task.query == probe) most_running = std::max(most_running, ++running_);
  }
  void TaskReported(const protocol::TaskReport& report) override {
    if (report.task.query == probe) running_--;
  }
  void ResultRead(const ModelQuery&, const Rows&) override { outcome_.queries_finished++; }
  void ResultLost(const ModelQuery&, const Error&) override { outcome_.queries_failed++; }

  QueryId probe;
  size_t most_running = 0;

 private:
  Outcome& outcome_;
  size_t running_ = 0;
  std::set<std::pair<QueryId, FragmentId>> merging_;
};

/// As many equal tasks as there are slots.
ModelQuery MakeProbe(size_t slots) {
  ModelQuery query;
  query.id = {"20260101_000000_99999_simul"};
  ModelFragment scan;
  scan.micros = 3'000'000;
  ModelFragment root;
  root.fragment = 1;
  root.inputs = 1;
  query.fragments = {scan, root};
  scheduler::FragmentPlan scan_plan;
  scan_plan.scans = {3};
  scheduler::FragmentPlan root_plan;
  root_plan.id = {1};
  root_plan.distribution = scheduler::Distribution::kCoordinator;
  root_plan.inputs = {{{0}, scheduler::InputMode::kGather}};
  auto& plan = query.execution.plan;
  plan.fragments = {scan_plan, root_plan};
  plan.root = {1};
  plan.limits.scan_task_floor_bytes = 1000;
  plan.limits.scan_task_target_min_bytes = 1000;
  plan.limits.scan_task_target_max_bytes = 1000;
  query.execution.fragments[{0}].plan = scan.Serialize();
  query.execution.fragments[{1}].plan = root.Serialize();
  query.execution.fragments[{1}].input_ids = {10};
  for (size_t i = 0; i < slots; i++) {
    query.execution.fragments[{0}].scans[3].push_back({ModelSplit{i + 1, 1}.Serialize(), 1, 1000});
    query.expected.push_back(Mix(Mix(i + 1) + 1));
  }
  std::sort(query.expected.begin(), query.expected.end());
  return query;
}

class World {
 public:
  World(const Story& story, Plant plant, Observer* listener)
      : story_(story),
        random_(Mix(story.seed * 4)),
        conditions_(random_),
        network_(loop_, random_, conditions_),
        // Objects are dated by the world's clock, which outlives them.
        objects_(std::make_shared<storage::MemoryObjectStore>(
            "spool", std::shared_ptr<const Clock>(std::shared_ptr<void>(), &loop_))),
        parts_{loop_,    random_,  conditions_,        network_,           history_, table_,
               objects_, queries_, story.inline_bytes, story.stream_bytes, plant},
        clients_(parts_),
        statistics_(outcome_),
        invariants_(AllInvariants()),
        workers_(story.slots.size()) {
    if (listener) history_.Add(listener);
    for (const auto& invariant : invariants_) history_.Add(invariant.get());
    history_.Add(&statistics_);
    history_.Tell(&Observer::Begins, loop_);
  }

  ~World() {
    // Processes end before their queued functions, which may hold what they made.
    for (auto& worker : workers_) worker.reset();
    coordinator_.reset();
    loop_.Clear();
  }

  Outcome Run() {
    StartCoordinator();
    for (uint32_t i = 0; i < workers_.size(); i++) StartLater(i, Duration(random_.Below(2'000'000'000)));
    for (const ModelQuery& query : story_.queries) {
      queries_[query.id] = &query;
      loop_.At(query.submitted_at, nullptr, [this, &query] { Submit(query); });
    }
    for (const Fault& fault : story_.faults) {
      loop_.At(fault.at, nullptr, [this, &fault] { Begin(fault); });
    }
    RunUntil(story_.faults_end);
    EndFaults();
    const Duration limit = loop_.Now() + kLiveness;
    while ((submitted_.size() < story_.queries.size() || clients_.waiting() > 0) && loop_.Now() < limit)
      loop_.Step();
    Probe();
    return Finish();
  }

 private:
  void RunUntil(Duration time) {
    bool reached = false;
    loop_.At(time, nullptr, [&] { reached = true; });
    while (!reached) loop_.Step();
  }

  void StartCoordinator() {
    if (coordinator_) return;
    try {
      coordinator_ = std::make_unique<CoordinatorProcess>(parts_, fmt::format("c{}", ++instances_));
      Happened("h0 starts");
    } catch (const TrinoException& exception) {
      Happened(fmt::format("h0 cannot start: {}", exception.what()));
      loop_.After(1s, nullptr, [this] { StartCoordinator(); });
    }
  }

  /// In the coordinator's process: a frozen one takes the query later, one that is dead when it is there
  /// again.
  void Submit(const ModelQuery& query) {
    if (submitted_.contains(query.id)) return;
    loop_.After(500ms, nullptr, [this, &query] { Submit(query); });
    if (!coordinator_) return;
    loop_.After(0ns, coordinator_->process(), [this, &query] {
      if (!submitted_.insert(query.id).second) return;
      coordinator_->Submit(query);
      clients_.Begin(query);
    });
  }

  void Happened(const std::string& what) { history_.Tell(&Observer::Happened, what); }

  void Start(uint32_t worker) {
    if (workers_[worker]) return;
    Happened(fmt::format("h{} starts", worker + 1));
    workers_[worker] = std::make_unique<WorkerProcess>(parts_, worker + 1, fmt::format("i{}", ++instances_),
                                                       story_.slots[worker]);
  }
  void StartLater(uint32_t worker, Duration delay) {
    loop_.After(delay, nullptr, [this, worker] { Start(worker); });
  }

  void Begin(const Fault& fault) {
    if (faults_over_) return;
    if (fault.target > workers_.size() || fault.other > workers_.size()) return;
    WorkerProcess* worker = fault.target > 0 ? workers_[fault.target - 1].get() : nullptr;
    switch (fault.kind) {
      case FaultKind::kKill:
      case FaultKind::kPowerLoss: {
        if (!worker) return;
        Happened(Describe(fault));
        conditions_.Count(fault.kind);
        worker->Die(fault.kind == FaultKind::kPowerLoss);
        workers_[fault.target - 1].reset();
        StartLater(fault.target - 1, fault.lasts);
        return;
      }
      case FaultKind::kDrain: {
        if (!worker) return;
        Happened(Describe(fault));
        conditions_.Count(fault.kind);
        // As with SIGTERM: the process hears of it when it runs.
        loop_.After(0ns, worker->process(), [this, &fault, worker, process = worker->process()] {
          worker->Drain(fault.lasts, [this, &fault, process] { Leave(fault, process); });
        });
        return;
      }
      case FaultKind::kCoordinatorKill:
      case FaultKind::kCoordinatorPowerLoss: {
        if (!coordinator_) return;
        Happened(Describe(fault));
        conditions_.Count(fault.kind);
        coordinator_->Die(fault.kind == FaultKind::kCoordinatorPowerLoss);
        coordinator_.reset();
        loop_.After(fault.lasts, nullptr, [this] { StartCoordinator(); });
        return;
      }
      case FaultKind::kFreeze: {
        std::shared_ptr<Process> process;
        if (fault.target == 0 && coordinator_) process = coordinator_->process();
        if (worker) process = worker->process();
        if (!process || process->frozen) return;
        Happened(Describe(fault));
        conditions_.Count(fault.kind);
        process->frozen = true;
        frozen_.push_back(process);
        loop_.After(fault.lasts, nullptr, [this, process] { Thaw(process); });
        return;
      }
      case FaultKind::kVanish: {
        const auto objects = ObjectsLeft(false);
        if (objects.empty()) return;
        const std::string& key = objects[random_.Below(objects.size())];
        Happened(Describe(fault) + ": " + key);
        conditions_.Count(fault.kind);
        objects_->DeletePrefix(key);
        return;
      }
      case FaultKind::kCancelQuery: {
        if (fault.target >= story_.queries.size() || !coordinator_) return;
        Happened(Describe(fault));
        conditions_.Count(fault.kind);
        const ModelQuery& query = story_.queries[fault.target];
        loop_.After(0ns, coordinator_->process(), [this, &query] { coordinator_->Cancel(query); });
        return;
      }
      default: {
        Happened(Describe(fault));
        conditions_.Begin(&fault);
        loop_.After(fault.lasts, nullptr, [this, &fault] { conditions_.End(&fault); });
        return;
      }
    }
  }

  /// A worker has drained.
  void Leave(const Fault& fault, const std::shared_ptr<Process>& process) {
    auto& worker = workers_[fault.target - 1];
    if (!worker || worker->process() != process) return;
    Happened(fmt::format("h{} leaves", fault.target));
    worker->Die(false);
    worker.reset();
    StartLater(fault.target - 1, faults_over_ ? 0ns : fault.lasts);
  }

  void Thaw(const std::shared_ptr<Process>& process) {
    if (std::erase(frozen_, process) == 0) return;
    Happened(fmt::format("h{} goes on", process->host));
    loop_.Thaw(process);
  }

  void EndFaults() {
    Happened("faults end");
    faults_over_ = true;
    conditions_.EndAll();
    const auto frozen = frozen_;
    for (const auto& process : frozen) Thaw(process);
    StartCoordinator();
    for (uint32_t i = 0; i < workers_.size(); i++) Start(i);
  }

  /// Keys in the store: the journal's, or all others.
  std::vector<std::string> ObjectsLeft(bool journal) const {
    std::vector<std::string> keys;
    for (const auto& object : objects_->ListPrefix("")) {
      if (object.key.starts_with(kJournalFolder) == journal) keys.push_back(object.key);
    }
    return keys;
  }

  size_t RunningTasks() const {
    size_t running = coordinator_ ? coordinator_->running_tasks() : 0;
    for (const auto& worker : workers_) running += worker->running_tasks();
    return running;
  }

  size_t Slots() const {
    size_t slots = 0;
    for (const uint32_t each : story_.slots) slots += each;
    return slots;
  }

  /// A last query that wants every slot at once.
  void Probe() {
    RunUntil(loop_.Now() + kCalm);
    // A query whose end could not be written down runs again, until it is clear that nobody asks for it.
    for (int i = 0; i < 3 && !ObjectsLeft(true).empty(); i++) RunUntil(loop_.Now() + kCalm);
    end_.objects_left = ObjectsLeft(false);
    end_.journal_left = ObjectsLeft(true);
    exchange::SweepLeftovers(
        storage::StoreSet({objects_}), [](const QueryId&) { return false; }, 0s, loop_.WallTime());
    end_.objects_after_sweep = ObjectsLeft(false);
    // A cancellation may be lost with its connection; what was given up then still ends by itself.
    for (int i = 0; i < 40 && RunningTasks() > 0; i++) RunUntil(loop_.Now() + 10s);
    end_.running_tasks = RunningTasks();
    end_.streamed_outputs = coordinator_ ? coordinator_->streamed_outputs() : 0;
    for (const auto& worker : workers_) end_.streamed_outputs += worker->streamed_outputs();
    end_.slots = Slots();
    probe_ = MakeProbe(end_.slots);
    statistics_.probe = probe_.id;
    queries_[probe_.id] = &probe_;
    const size_t others = clients_.waiting();
    Submit(probe_);
    const Duration limit = loop_.Now() + 5min;
    while ((!submitted_.contains(probe_.id) || clients_.waiting() > others) && loop_.Now() < limit)
      loop_.Step();
    end_.probe_concurrency = statistics_.most_running;
  }

  Outcome Finish() {
    for (const ModelQuery& query : story_.queries) {
      if (query.writes) history_.Tell(&Observer::TableRows, query, table_.VisibleOf(query.id));
    }
    end_.faults = conditions_.counts();
    history_.Tell(&Observer::Ended, end_);
    for (const auto& invariant : invariants_) {
      for (const std::string& how : invariant->violations())
        outcome_.violations.push_back(fmt::format("{}: {}", invariant->name(), how));
    }
    outcome_.fingerprint = loop_.fingerprint();
    outcome_.simulated = loop_.Now();
    outcome_.events = loop_.events();
    outcome_.faults = conditions_.counts();
    return outcome_;
  }

  const Story& story_;
  SimLoop loop_;
  SeededRandom random_;
  Conditions conditions_;
  Network network_;
  History history_;
  Table table_;
  std::shared_ptr<storage::MemoryObjectStore> objects_;
  std::map<QueryId, const ModelQuery*> queries_;
  std::set<QueryId> submitted_;
  WorldParts parts_;
  Clients clients_;
  Outcome outcome_;
  Statistics statistics_;
  std::vector<std::unique_ptr<Invariant>> invariants_;
  std::unique_ptr<CoordinatorProcess> coordinator_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<std::shared_ptr<Process>> frozen_;
  ModelQuery probe_;
  WorldEnd end_;
  uint64_t instances_ = 0;
  bool faults_over_ = false;
};

}  // namespace

Outcome RunStory(const Story& story, Plant plant, Observer* listener) {
  return World(story, plant, listener).Run();
}

}  // namespace planaria::sim
