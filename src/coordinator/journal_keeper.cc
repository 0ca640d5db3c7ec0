#include "coordinator/journal_keeper.h"

#include <algorithm>
#include <utility>

namespace planaria::coordinator {

bool JournalKeeper::Keeps(const QueryId& query) const {
  const std::lock_guard lock(mutex_);
  return running_.contains(query);
}

void JournalKeeper::Begin(const QueryId& query, std::string plan) {
  if (!journal_) return;
  Resume(query, true);
  {
    const std::lock_guard lock(mutex_);
    fresh_.insert(query);
  }
  journal_->Append(query, JournaledPlan{std::move(plan)});
}

void JournalKeeper::Resume(const QueryId& query, bool runs) {
  const std::lock_guard lock(mutex_);
  if (runs) running_.insert(query);
  journaled_.insert(query);
}

void JournalKeeper::Cut(const scheduler::StageCut& cut) {
  if (Keeps(cut.query)) journal_->Append(cut.query, cut);
}

void JournalKeeper::Choice(const scheduler::ChoiceMade& choice) {
  if (Keeps(choice.query)) journal_->Append(choice.query, choice);
}

void JournalKeeper::Merge(const scheduler::MergeDecided& decision) {
  if (Keeps(decision.query)) journal_->Append(decision.query, decision);
}

void JournalKeeper::Report(const protocol::TaskReport& report, std::function<void()> settled) {
  if (report.state == protocol::TaskState::kRunning || !Keeps(report.task.query)) return settled();
  journal_->Append(report.task.query, report);
  bool hurry;
  {
    const std::lock_guard lock(mutex_);
    hurry = !leaving_.empty();
  }
  if (hurry) return journal_->WhenDurable(report.task.query, std::move(settled));
  journal_->OnceDurable(report.task.query, std::move(settled));
}

void JournalKeeper::NodeLeaves(const NodeId& node) {
  std::set<QueryId> running;
  {
    const std::lock_guard lock(mutex_);
    leaving_.insert(node);
    running = running_;
  }
  for (const QueryId& query : running) journal_->WhenDurable(query, [] {});
}

void JournalKeeper::NodeStays(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  leaving_.erase(node);
}

void JournalKeeper::GiveUp(const TaskId& task) {
  if (!Keeps(task.query)) return;
  protocol::TaskReport given_up;
  given_up.task = task;
  given_up.state = protocol::TaskState::kFailed;
  given_up.error = Error{errors::USER_CANCELED, "Task was cancelled", {}, {}};
  journal_->Append(task.query, std::move(given_up));
}

void JournalKeeper::WhenDurable(const QueryId& query, std::function<void()> fn) {
  if (!Keeps(query)) return fn();
  journal_->WhenDurable(query, [this, fn = std::move(fn)] { executor_.Post(fn); });
}

void JournalKeeper::End(const QueryId& query, std::optional<Error> error) {
  {
    const std::lock_guard lock(mutex_);
    fresh_.erase(query);
    if (running_.erase(query) == 0) return;
  }
  journal_->Append(query, JournaledEnd{std::move(error)});
  journal_->WhenDurable(query, [] {});
}

void JournalKeeper::Drop(const QueryId& query) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(query);
    fresh_.erase(query);
    if (journaled_.erase(query) == 0) return;
  }
  journal_->Drop(query);
}

void JournalKeeper::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                          std::function<void(Error)> failed) {
  const TaskId task = descriptor.task;
  bool keeps, first;
  {
    const std::lock_guard lock(mutex_);
    keeps = running_.contains(task.query);
    first = fresh_.erase(task.query) > 0;
  }
  if (keeps) {
    const bool complete = std::all_of(descriptor.inputs.begin(), descriptor.inputs.end(),
                                      [](const auto& input) { return input.second.complete; });
    journal_->Append(task.query, JournaledStart{task, node, complete});
  }
  // The query should outlive a restart from its beginning; what starts together with this task goes along.
  if (first) executor_.Post([this, query = task.query] { WhenDurable(query, [] {}); });
  nodes_.Start(node, std::move(descriptor), std::move(failed));
}

void JournalKeeper::AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                              std::function<void(Error)> failed) {
  nodes_.AddInputs(node, std::move(message), std::move(failed));
}

void JournalKeeper::DeleteOutputs(const QueryId& query) {
  {
    const std::lock_guard lock(mutex_);
    if (!journaled_.contains(query)) return nodes_.DeleteOutputs(query);
  }
  // Until its end is durable a later start may take the query up, and would miss them.
  journal_->WhenDurable(query,
                        [this, query] { executor_.Post([this, query] { nodes_.DeleteOutputs(query); }); });
}

void JournalKeeper::Cancel(const NodeId& node, const TaskId& task) { nodes_.Cancel(node, task); }

}  // namespace planaria::coordinator
