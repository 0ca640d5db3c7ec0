// How a coordinator takes up the queries of its earlier starts.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

#include "coordinator/coordinator.h"
#include "coordinator/journaled_query.h"
#include "coordinator/task_adoption.h"

namespace planaria::coordinator {

namespace {

const Error kDamaged{errors::GENERIC_INTERNAL_ERROR,
                     "The coordinator was restarted, and its journal of the query is damaged",
                     {},
                     {}};

/// Ids begin with the second in which they were made.
std::chrono::system_clock::time_point CreationOf(const QueryId& id) {
  std::istringstream text(id.value.substr(0, 15));
  std::tm time{};
  text >> std::get_time(&time, "%Y%m%d_%H%M%S");
  return text ? std::chrono::system_clock::from_time_t(timegm(&time)) : std::chrono::system_clock::now();
}

}  // namespace

std::optional<Error> Coordinator::Lost(const QueryId& id) {
  if (!Owns(id) || CreationOf(id) > started_) return std::nullopt;
  return Error{
      errors::GENERIC_INTERNAL_ERROR, "The coordinator was restarted while the query was running", {}, {}};
}

namespace {

bool EndsWell(const JournalRecord& record) {
  const auto* report = std::get_if<protocol::TaskReport>(&record);
  return report && report->state == protocol::TaskState::kFinished;
}

}  // namespace

void Coordinator::Recover() {
  auto journals = journal_->Recover();
  for (auto& [id, journal] : journals) Recover(id, std::move(journal));
}

void Coordinator::Recover(const QueryId& id, ObjectJournal::Recovered journal) {
  keeper_.Resume(id, false);
  const auto* plan = journal.plan();
  if (!plan) {
    spdlog::warn("the journal of query {} has no beginning", id.value);
    return keeper_.Drop(id);
  }
  std::shared_ptr<Query> query;
  try {
    JournaledQuery journaled = ParseJournaledQuery(keys_.Open(id, plan->bytes));
    query = std::make_shared<Query>(
        *this, id, std::move(journaled.session), std::move(journaled.sql),
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(journaled.created));
    {
      const std::lock_guard lock(mutex_);
      queries_[id] = query;
    }
    query->Planning();
    const auto shared = std::make_shared<planner::DistributedPlan>(std::move(journaled.plan));
    query->Planned(shared);
    if (const auto* end = journal.end()) {
      return end->error ? query->Fail(*end->error) : query->FinishedBefore();
    }
    if (journal.damaged) return query->Fail(kDamaged);
    QuerySettings settings = SettingsOf(query->session());
    settings.retry.policy = RetryPolicy::kTask;
    {
      const std::lock_guard lock(mutex_);
      active_.emplace(id, ActiveQuery{query, settings});
    }
    queue_.Runs(id);
    auto execution = ExecutionOf(*query, query->session(), *shared, settings);
    if (query->ended()) return;
    keeper_.Resume(id, true);
    ledger_.Resumed(id);
    spdlog::info("takes up query {} from {} journal records, with {} finished tasks", id.value,
                 journal.records.size(),
                 std::count_if(journal.records.begin(), journal.records.end(), EndsWell));
    driver_.Restore(id, std::move(execution), std::move(journal.records), gone_, journal.first_attempt());
  } catch (const TrinoException& exception) {
    spdlog::warn("query {} cannot be taken up: {}", id.value, exception.what());
    if (query) return query->Fail(exception.error());
    keeper_.Drop(id);
  }
}

void Coordinator::AdoptTasks(const protocol::NodeAnnouncement& node) {
  if (node.node == parts_.self.node) return;
  coordinator::AdoptTasks(
      *parts_.client, *parts_.loop, node,
      {.pass = [gate = gate_](const std::function<void()>& action) { gate->Pass(action); },
       .runs = [this](const QueryId& query) { return Runs(query); },
       .owns = [this](const QueryId& query) { return Owns(query); },
       .adopt =
           [this, id = node.node](const TaskId& task) {
             driver_.TaskAdopted({task, id});
           },
       .cancel = [this, id = node.node](const TaskId& task) { tasks_.Cancel(id, task); }});
}

}  // namespace planaria::coordinator
