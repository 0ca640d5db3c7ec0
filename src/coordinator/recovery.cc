// How a coordinator takes up the queries of its earlier starts.
#include <spdlog/spdlog.h>

#include <ctime>
#include <iomanip>
#include <sstream>

#include "coordinator/coordinator.h"
#include "coordinator/journaled_query.h"

namespace planaria::coordinator {

namespace {

constexpr auto kTaskListDeadline = std::chrono::seconds(5);

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

void Coordinator::Recover() {
  auto journals = journal_->Recover();
  for (auto& [id, journal] : journals) Recover(id, std::move(journal.records), journal.damaged);
}

void Coordinator::Recover(const QueryId& id, std::vector<JournalRecord> records, bool damaged) {
  keeper_.Resume(id, false);
  const auto* plan = records.empty() ? nullptr : std::get_if<JournaledPlan>(&records.front());
  if (!plan) {
    spdlog::warn("the journal of query {} has no beginning", id.value);
    return keeper_.Drop(id);
  }
  std::shared_ptr<Query> query;
  try {
    JournaledQuery journaled = ParseJournaledQuery(plan->bytes);
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
    if (const auto* end = std::get_if<JournaledEnd>(&records.back())) {
      return end->error ? query->Fail(*end->error) : query->FinishedBefore();
    }
    if (damaged) return query->Fail(kDamaged);
    QuerySettings settings = SettingsOf(query->session());
    settings.retry.policy = RetryPolicy::kTask;
    auto execution = ExecutionOf(*query, *shared, settings);
    keeper_.Resume(id, true);
    spdlog::info("takes up query {} from {} journal records", id.value, records.size());
    driver_.Restore(id, std::move(execution), std::move(records), gone_);
  } catch (const TrinoException& exception) {
    spdlog::warn("query {} cannot be taken up: {}", id.value, exception.what());
    if (query) return query->Fail(exception.error());
    keeper_.Drop(id);
  }
}

void Coordinator::AdoptTasks(const protocol::NodeAnnouncement& node) {
  if (node.node == parts_.self.node) return;
  ClientRequest request;
  request.url = node.internal_uri + "/v1/task";
  request.deadline = kTaskListDeadline;
  parts_.client->Send(std::move(request), [this, gate = gate_, id = node.node](HttpOutcome outcome) {
    const auto* response = std::get_if<HttpResponse>(&outcome);
    if (!response || response->status != 200) return;
    gate->Pass([&] {
      std::istringstream lines(response->body);
      for (std::string line; std::getline(lines, line);) {
        try {
          const TaskId task = TaskId::Parse(line);
          if (Runs(task.query)) {
            driver_.TaskAdopted({task, id});
          } else if (Owns(task.query)) {
            // Of a query that did not outlive the restart.
            tasks_.Cancel(id, task);
          }
        } catch (const TrinoException& exception) {
          spdlog::warn("node {} names a task that is none: {}", id.value, exception.what());
        }
      }
    });
  });
}

}  // namespace planaria::coordinator
