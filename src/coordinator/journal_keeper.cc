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

void JournalKeeper::Report(const protocol::TaskReport& report, std::function<void()> settled) {
  if (report.state == protocol::TaskState::kRunning || !Keeps(report.task.query)) return settled();
  journal_->Append(report.task.query, report);
  journal_->WhenDurable(report.task.query, std::move(settled));
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
    if (running_.erase(query) == 0) return;
  }
  journal_->Append(query, JournaledEnd{std::move(error)});
}

void JournalKeeper::Drop(const QueryId& query) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(query);
    if (journaled_.erase(query) == 0) return;
  }
  journal_->Drop(query);
}

void JournalKeeper::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                          std::function<void(Error)> failed) {
  const TaskId task = descriptor.task;
  if (!Keeps(task.query)) return nodes_.Start(node, std::move(descriptor), std::move(failed));
  const bool complete = std::all_of(descriptor.inputs.begin(), descriptor.inputs.end(),
                                    [](const auto& input) { return input.second.complete; });
  journal_->Append(task.query, JournaledStart{task, node, complete});
  held_.insert_or_assign(task, Held{node, std::move(descriptor), std::move(failed)});
  journal_->WhenDurable(task.query, [this, task] { executor_.Post([this, task] { Send(task); }); });
}

void JournalKeeper::Send(const TaskId& task) {
  // Missing when it was cancelled meanwhile.
  auto held = held_.extract(task);
  if (held.empty()) return;
  nodes_.Start(held.mapped().node, std::move(held.mapped().descriptor), std::move(held.mapped().failed));
}

void JournalKeeper::AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                              std::function<void(Error)> failed) {
  const QueryId query = message.task.query;
  // A later start of the coordinator must not choose other attempts than those that a task was given.
  WhenDurable(query, [this, node, message = std::move(message), failed = std::move(failed)] {
    nodes_.AddInputs(node, message, failed);
  });
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

void JournalKeeper::Cancel(const NodeId& node, const TaskId& task) {
  if (held_.erase(task) == 0) nodes_.Cancel(node, task);
}

}  // namespace planaria::coordinator
