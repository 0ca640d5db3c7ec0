#include "coordinator/query.h"

#include <algorithm>
#include <utility>

#include "coordinator/result_reader.h"
#include "kernel/json_rows.h"
#include "planner/write_commit.h"

namespace planaria::coordinator {

namespace {

int64_t Millis(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::string_view QueryStateName(QueryState state) {
  switch (state) {
    case QueryState::kQueued:
      return "QUEUED";
    case QueryState::kPlanning:
      return "PLANNING";
    case QueryState::kStarting:
      return "STARTING";
    case QueryState::kRunning:
      return "RUNNING";
    case QueryState::kFinishing:
      return "FINISHING";
    case QueryState::kFinished:
      return "FINISHED";
    case QueryState::kFailed:
      return "FAILED";
  }
  return "FAILED";
}

Query::Query(QueryHost& host, QueryId id, protocol::SessionHeaders session, std::string sql,
             std::chrono::system_clock::time_point created)
    : host_(host),
      id_(std::move(id)),
      session_(std::move(session)),
      sql_(std::move(sql)),
      created_(created),
      age_(std::max<Duration>(Duration::zero(), std::chrono::system_clock::now() - created)) {
  entered_[QueryState::kQueued] = accepted_;
}

Query::~Query() = default;

void Query::Enter(QueryState state) {
  state_ = state;
  entered_.emplace(state, Clock::now());
  if (state == QueryState::kFinished || state == QueryState::kFailed) {
    ended_at_ = std::chrono::system_clock::now();
  }
}

bool Query::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_at_.has_value();
}

std::optional<Error> Query::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

QueryState Query::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::optional<std::chrono::system_clock::time_point> Query::ended_at() const {
  const std::lock_guard lock(mutex_);
  return ended_at_;
}

std::shared_ptr<const planner::DistributedPlan> Query::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

void Query::Planning() {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    Enter(QueryState::kPlanning);
    waiting.swap(waiting_for_dispatch_);
  }
  for (const auto& done : waiting) done();
}

void Query::Planned(std::shared_ptr<const planner::DistributedPlan> plan) {
  std::vector<protocol::Column> columns;
  for (size_t i = 0; i < plan->column_names.size(); i++) {
    columns.push_back({plan->column_names[i], kernel::TrinoTypeOf(plan->column_types[i])});
  }
  const std::lock_guard lock(mutex_);
  if (ended_at_) return;
  plan_ = std::move(plan);
  columns_ = std::move(columns);
  update_type_ = plan_->update_type;
  Enter(QueryState::kStarting);
}

void Query::Warn(protocol::Warning warning) {
  const std::lock_guard lock(mutex_);
  warnings_.push_back(std::move(warning));
}

void Query::TaskStarted(const TaskId& task, const NodeId& node) {
  const std::lock_guard lock(mutex_);
  nodes_[task.fragment].insert(node);
  running_.try_emplace(task);
  if (state_ == QueryState::kStarting) Enter(QueryState::kRunning);
}

void Query::TaskUses(const protocol::TaskUsage& usage) {
  const std::lock_guard lock(mutex_);
  if (const auto found = running_.find(usage.task); found != running_.end()) found->second = usage;
}

void Query::Holds(uint64_t memory_bytes) {
  const std::lock_guard lock(mutex_);
  totals_.peak_memory_bytes = std::max(totals_.peak_memory_bytes, memory_bytes);
}

void Query::CountTask(const TaskId& task, const protocol::TaskStats& stats) {
  const std::lock_guard lock(mutex_);
  running_.erase(task);
  totals_.input_rows += stats.input_rows;
  totals_.input_bytes += stats.input_bytes;
  totals_.cpu_nanos += stats.cpu_nanos;
  totals_.wall_nanos += stats.wall_nanos;
  totals_.output_bytes += stats.output_bytes;
  totals_.spool_reads += stats.spool_reads;
  totals_.spool_read_bytes += stats.spool_read_bytes;
  totals_.near_reads += stats.near_reads;
  totals_.near_read_bytes += stats.near_read_bytes;
  totals_.spool_writes += stats.spool_writes;
  totals_.spool_written_bytes += stats.spool_written_bytes;
  totals_.peak_memory_bytes = std::max(totals_.peak_memory_bytes, stats.peak_memory_bytes);
}

protocol::TaskStats Query::Totals() const {
  protocol::TaskStats totals = totals_;
  for (const auto& [task, usage] : running_) {
    totals.cpu_nanos += usage.cpu_nanos;
    totals.wall_nanos += usage.wall_nanos;
    totals.input_bytes += usage.scanned_bytes;
  }
  return totals;
}

QueryConsumption Query::Consumption() const {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const auto end = [&](QueryState state) {
    const auto entered = entered_.find(state);
    return entered == entered_.end() ? now : entered->second;
  };
  const protocol::TaskStats totals = Totals();
  QueryConsumption used;
  used.run = age_ + (now - accepted_);
  used.planning = end(QueryState::kStarting) - end(QueryState::kPlanning);
  used.execution = now - end(QueryState::kStarting);
  used.cpu = Duration(totals.cpu_nanos);
  used.scanned_bytes = totals.input_bytes;
  return used;
}

protocol::TaskStats Query::totals() const {
  const std::lock_guard lock(mutex_);
  return Totals();
}

void Query::Streaming(std::unique_ptr<ResultReader> reader) {
  std::shared_ptr<ResultReader> replaced = std::move(reader);
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    reader_.swap(replaced);
  }
  Read();
}

void Query::StreamFinished() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    Enter(QueryState::kFinishing);
    result_complete_ = true;
  }
  Read();
}

void Query::Finishing(std::unique_ptr<ResultReader> reader) {
  std::shared_ptr<ResultReader> replaced = std::move(reader);
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    Enter(QueryState::kFinishing);
    reader_.swap(replaced);
    result_complete_ = true;
  }
  Read();
}

void Query::FinishedWithoutRows(protocol::SessionChanges changes, std::optional<std::string> update_type) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    changes_ = std::move(changes);
    update_type_ = std::move(update_type);
    columns_.emplace();
    Enter(QueryState::kFinished);
  }
  ReleaseWaiting();
  host_.Ended(id_);
}

void Query::FinishedBefore() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    Enter(QueryState::kFinished);
  }
  ReleaseWaiting();
  host_.Ended(id_);
}

void Query::Fail(const Error& error) {
  // Ends after the lock: a reader that goes wakes who waits for it.
  std::shared_ptr<ResultReader> reader;
  {
    const std::lock_guard lock(mutex_);
    if (ended_at_) return;
    error_ = error;
    Enter(QueryState::kFailed);
    reader = std::move(reader_);
  }
  ReleaseWaiting();
  host_.Ended(id_);
}

void Query::Cancel(const Error& error) {
  if (ended()) return;
  host_.CancelWork(id_, error);
  Fail(error);
}

void Query::ReleaseWaiting() {
  std::vector<std::function<void()>> dispatched;
  std::optional<Waiting> page;
  {
    const std::lock_guard lock(mutex_);
    dispatched.swap(waiting_for_dispatch_);
    page = std::exchange(waiting_for_page_, std::nullopt);
  }
  for (const auto& done : dispatched) done();
  if (page) page->done({.rows = {}, .end = true});
}

void Query::WhenDispatched(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == QueryState::kQueued) {
      waiting_for_dispatch_.push_back(std::move(done));
      return;
    }
  }
  done();
}

void Query::NextPage(size_t max_bytes, std::function<void(ResultPage)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_at_) {
      waiting_for_page_ = Waiting{max_bytes, std::move(done)};
      done = nullptr;
    }
  }
  if (done) return done({.rows = {}, .end = true});
  Read();
}

void Query::Read() {
  {
    const std::lock_guard lock(mutex_);
    if (reading_) {
      read_again_ = true;
      return;
    }
    if (!reader_ || !waiting_for_page_) return;
    reading_ = true;
  }
  host_.reading_pool().Post([self = shared_from_this()] { self->ReadNow(); });
}

void Query::ReadNow() {
  std::shared_ptr<ResultReader> reader;
  size_t max_bytes = 0;
  bool complete = false;
  {
    const std::lock_guard lock(mutex_);
    reader = reader_;
    complete = result_complete_;
    read_again_ = false;
    if (waiting_for_page_) max_bytes = waiting_for_page_->max_bytes;
  }
  ResultPage page;
  auto found = exchange::ReadState::kLater;
  try {
    if (reader && max_bytes > 0) {
      found = reader->Next(max_bytes, page, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Read();
      });
    }
  } catch (const TrinoException& exception) {
    host_.CancelWork(id_, exception.error());
    Fail(exception.error());
  }
  const bool rows = found == exchange::ReadState::kPage;
  const bool end = found == exchange::ReadState::kEnd && complete;
  bool again = false;
  std::optional<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    again = read_again_;
    // Together: a read that begins from here on must not give who waits what comes after these rows.
    if (rows || end) waiting = std::exchange(waiting_for_page_, std::nullopt);
  }
  if (rows) return GiveRows(std::move(waiting), std::move(page));
  if (end) return GiveEnd(std::move(waiting));
  if (again) Read();
}

void Query::GiveRows(std::optional<Waiting> waiting, ResultPage page) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = !std::exchange(rows_taken_, true);
  }
  if (first) host_.RowsTaken(id_);
  if (waiting) waiting->done(std::move(page));
}

void Query::GiveEnd(std::optional<Waiting> waiting) {
  std::shared_ptr<ResultReader> reader;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (!ended_at_) {
      Enter(QueryState::kFinished);
      reader = std::move(reader_);
      first = true;
    }
  }
  if (waiting) waiting->done({.rows = {}, .end = true});
  if (first) host_.Ended(id_);
}

void Query::KeepAttempts(std::vector<scheduler::StageStatus> stages,
                         std::vector<scheduler::AttemptStatus> attempts) {
  // A cancelled query may end before the scheduler has ended its tasks: nothing runs in what is kept.
  for (auto& attempt : attempts) {
    if (attempt.ended) continue;
    attempt.state = scheduler::AttemptState::kCanceled;
    attempt.ended = std::chrono::steady_clock::now();
  }
  for (auto& stage : stages) {
    if (stage.state == scheduler::StageState::kFinished || stage.state == scheduler::StageState::kFailed)
      continue;
    stage.state = scheduler::StageState::kAborted;
    stage.queued_tasks = stage.running_tasks = 0;
  }
  const std::lock_guard lock(mutex_);
  kept_stages_ = std::move(stages);
  kept_attempts_ = std::move(attempts);
  totals_ = Totals();
  running_.clear();
}

std::vector<scheduler::AttemptStatus> Query::kept_attempts() const {
  const std::lock_guard lock(mutex_);
  return kept_attempts_;
}

QuerySnapshot Query::Snapshot() const {
  std::vector<scheduler::StageStatus> stages;
  {
    const std::lock_guard lock(mutex_);
    stages = kept_stages_;
  }
  if (stages.empty()) stages = host_.Stages(id_);

  const std::lock_guard lock(mutex_);
  QuerySnapshot snapshot;
  snapshot.columns = columns_;
  snapshot.error = error_;
  snapshot.warnings = warnings_;
  snapshot.update_type = update_type_;
  if (update_type_ && plan_ && plan_->write) snapshot.update_count = plan_->write->rows_written();
  snapshot.session_changes = changes_;
  snapshot.created = created_;
  snapshot.ended = ended_at_;
  protocol::QueryStats& stats = snapshot.stats;
  stats.state = QueryStateName(state_);
  stats.scheduled = state_ >= QueryState::kRunning && state_ != QueryState::kFailed;
  const auto entered = [&](QueryState state, Clock::time_point otherwise) {
    const auto found = entered_.find(state);
    return found == entered_.end() ? otherwise : found->second;
  };
  const auto end = ended_at_ ? entered_.at(state_) : Clock::now();
  const auto planning = entered(QueryState::kPlanning, end);
  stats.queued_time_millis = Millis(planning - accepted_);
  stats.planning_time_millis = Millis(entered(QueryState::kStarting, end) - planning);
  stats.analysis_time_millis = stats.planning_time_millis;
  stats.elapsed_time_millis = Millis(end - accepted_);
  stats.finishing_time_millis = Millis(end - entered(QueryState::kFinishing, end));
  const protocol::TaskStats totals = Totals();
  stats.cpu_time_millis = static_cast<int64_t>(totals.cpu_nanos / 1'000'000);
  stats.wall_time_millis = static_cast<int64_t>(totals.wall_nanos / 1'000'000);
  stats.processed_rows = static_cast<int64_t>(totals.input_rows);
  stats.processed_bytes = stats.physical_input_bytes = static_cast<int64_t>(totals.input_bytes);
  stats.peak_memory_bytes = static_cast<int64_t>(totals.peak_memory_bytes);
  std::set<NodeId> all_nodes;
  protocol::StageStats* parent = nullptr;
  for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
    protocol::StageStats shown;
    shown.stage_id = std::to_string(stage->fragment.value);
    shown.state = scheduler::StageStateName(stage->state);
    shown.done = stage->state == scheduler::StageState::kFinished ||
                 stage->state == scheduler::StageState::kAborted ||
                 stage->state == scheduler::StageState::kFailed;
    shown.total_splits = stage->total_tasks;
    shown.queued_splits = stage->queued_tasks;
    shown.running_splits = stage->running_tasks;
    shown.completed_splits = stage->completed_tasks;
    shown.processed_rows = static_cast<int64_t>(stage->output_rows);
    shown.processed_bytes = static_cast<int64_t>(stage->output_bytes);
    shown.failed_tasks = stage->failed_attempts;
    if (const auto nodes = nodes_.find(stage->fragment); nodes != nodes_.end()) {
      shown.nodes = static_cast<int64_t>(nodes->second.size());
      all_nodes.insert(nodes->second.begin(), nodes->second.end());
    }
    stats.total_splits += shown.total_splits;
    stats.queued_splits += shown.queued_splits;
    stats.running_splits += shown.running_splits;
    stats.completed_splits += shown.completed_splits;
    if (!parent) {
      stats.root_stage = std::move(shown);
      parent = &*stats.root_stage;
    } else {
      parent->sub_stages.push_back(std::move(shown));
    }
  }
  stats.nodes = static_cast<int64_t>(all_nodes.size());
  if (stats.total_splits > 0) {
    stats.progress_percentage = std::min(
        100.0, 100.0 * static_cast<double>(stats.completed_splits) / static_cast<double>(stats.total_splits));
  }
  if (state_ == QueryState::kFinished) stats.progress_percentage = 100.0;
  return snapshot;
}

}  // namespace planaria::coordinator
