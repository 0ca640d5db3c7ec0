#include "sim/coordinator_process.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "coordinator/task_adoption.h"
#include "exchange/spool_directory.h"

namespace planaria::sim {

using namespace std::chrono_literals;

namespace {

constexpr auto kLossTimeout = 1s;
/// Clients that lost the last answer get it again for so long.
constexpr auto kHistory = 25s;
/// Whoever does not ask for so long will not come back.
constexpr auto kClientTimeout = 20s;
constexpr const char* kCoordinatorNode = "h0";
/// A host that nothing ever listens on.
constexpr uint32_t kNobody = 999;

}  // namespace

CoordinatorProcess::CoordinatorProcess(const WorldParts& parts, const std::string& instance)
    : parts_(parts),
      process_(NewProcess(0)),
      exchange_(parts.StoreOf(process_)),
      executor_(parts.loop, process_),
      writing_(parts.loop, process_, parts.random),
      client_(parts.network, process_),
      server_(process_),
      work_(parts.loop, process_, parts.random),
      streams_(executor_, work_, parts.StreamOptions()),
      runner_(parts.EnvironmentOf(
          process_, {.client = &client_, .executor = &executor_, .clock = &parts.loop, .own = &streams_})),
      planted_(parts),
      journal_(
          exchange_->stores().front(), kJournalFolder,
          [] { throw std::logic_error("another coordinator writes the journal"); }, writing_),
      planted_journal_(parts, journal_),
      keeper_(&planted_journal_, executor_, planted_),
      observed_(parts.history, keeper_),
      driver_({.executor = &executor_,
               .clock = &parts.loop,
               .tasks = &observed_,
               .listener = this,
               .storage = &storage_,
               .options = {}}),
      nodes_(client_, kLossTimeout, NodeListener()),
      own_tasks_(runner_,
                 [this](protocol::TaskReport report) {
                   if (!process_->alive) return;
                   if (report.state == protocol::TaskState::kRunning)
                     return driver_.Report(std::move(report));
                   parts_.history.Tell(&Observer::TaskReported, report);
                   const auto settled = [this, task = report.task] { Settled(task); };
                   if (!planted_.Pass(report)) return settled();
                   driver_.Report(std::move(report), settled);
                 }),
      tasks_(client_, nodes_, {kCoordinatorNode}, own_tasks_,
             [this](const QueryId& query) {
               streams_.DropQuery(query);
               exchange::DeleteSpooled(*exchange_, query);
               // A cancelled attempt may still be writing.
               executor_.RunAfter(5s, [this, query] { exchange::DeleteSpooled(*exchange_, query); });
             }),
      planted_runs_(parts),
      results_(ResultsParts()) {
  planted_.real = &tasks_;
  planted_.driver = &driver_;
  planted_.nodes = &nodes_;
  Recover();
  nodes_.AddLocal(AnnouncementOf(0, instance, 0));
  Sweep();
  AddRoutes();
  parts.network.PowerOn(0);
  parts.network.Listen(server_);
}

coordinator::NodeDirectory::Listener CoordinatorProcess::NodeListener() {
  return {
      .on_joined =
          [this](const protocol::NodeAnnouncement& node) {
            parts_.history.Tell(&Observer::NodeJoined, node.node);
            keeper_.NodeStays(node.node);
            driver_.NodeJoined({node.node, node.instance, node.slots, node.memory_bytes, node.coordinator});
            AdoptTasks(node);
          },
      .on_lost =
          [this](const protocol::NodeAnnouncement& node, Error reason) {
            parts_.history.Tell(&Observer::NodeLost, node.node);
            keeper_.NodeStays(node.node);
            if (parts_.plant == Plant::kLostNodeForgotten) return;
            driver_.NodeLost({node.node, std::move(reason), node.instance});
          },
      .on_draining =
          [this](const protocol::NodeAnnouncement& node) {
            parts_.history.Tell(&Observer::NodeDraining, node.node);
            keeper_.NodeLeaves(node.node);
            driver_.NodeDraining({node.node});
          },
      .on_report =
          [this](const NodeId&, protocol::TaskReport report, const std::function<void()>& settled) {
            if (report.state == protocol::TaskState::kRunning)
              return driver_.Report(std::move(report), settled);
            parts_.history.Tell(&Observer::TaskReported, report);
            const auto both = [this, task = report.task, settled] {
              Settled(task);
              settled();
            };
            if (!planted_.Pass(report)) return both();
            driver_.Report(std::move(report), both);
          }};
}

coordinator::StreamedResultsParts CoordinatorProcess::ResultsParts() {
  coordinator::StreamedResultsParts parts;
  parts.open = [this](const std::vector<protocol::StreamSourceMessage>& sources) {
    const exchange::StreamNetwork network{
        .client = &client_, .executor = &executor_, .clock = &parts_.loop, .own = &streams_};
    auto pages =
        coordinator::OpenStreams(network, parts_.StreamReading(), sources, [this](const NodeId& node) {
          return node.value == kCoordinatorNode ? std::string() : nodes_.UriOf(node).value_or(UriOf(kNobody));
        });
    return planted_runs_.Pass(sources.front().task.query, std::move(pages));
  };
  parts.memory_bytes = parts_.stream_bytes;
  parts.overflow = [this](const TaskId& root) { return exchange::SpoolPlace(*exchange_, root); };
  parts.locator = exchange_;
  parts.key = [] { return Secret(std::string(32, 'h')); };
  parts.pool = &work_;
  parts.failed = [this](std::vector<TaskId> roots, const Error& error) {
    driver_.ResultFailed(std::move(roots), error);
  };
  return parts;
}

void CoordinatorProcess::Settled(const TaskId& task) {
  if (process_->alive) parts_.history.Tell(&Observer::ReportSettled, task);
}

void CoordinatorProcess::Die(bool silent) {
  process_->alive = false;
  // What was being written is there or not, and after a power loss perhaps a part of it.
  const auto last = static_cast<LastWrite>(parts_.random.Below(3));
  process_->last_write = last == LastWrite::kTorn && !silent ? LastWrite::kNone : last;
  if (process_->last_write != LastWrite::kNone) writing_.RunLast();
  process_->last_write = LastWrite::kNone;
  parts_.network.Died(process_, silent);
  parts_.history.Tell(&Observer::CoordinatorDied);
}

CoordinatorProcess::~CoordinatorProcess() {
  if (process_->alive) {
    process_->alive = false;
    parts_.network.Died(process_, true);
  }
  parts_.loop.Drop(process_);
}

void CoordinatorProcess::AddRoutes() {
  server_.Route("PUT", "/v1/announcement/{node}", [this](std::shared_ptr<HttpCall> call) {
    nodes_.Announce(protocol::NodeAnnouncement::Parse(call->request().body));
    call->Respond({.status = 202, .headers = {}, .body = {}});
  });
  server_.Route("GET", "/v1/result/{query}/{page}", [this](std::shared_ptr<HttpCall> call) {
    const QueryId id{call->path_parameter("query")};
    const auto served = served_.find(id);
    if (served == served_.end()) return call->Respond(NotFound(id.value));
    const std::string& page = call->path_parameter("page");
    std::from_chars(page.data(), page.data() + page.size(), served->second.asked);
    served->second.waiting = std::move(call);
    served->second.asked_at = parts_.loop.Now();
    Answer(id);
  });
}

void CoordinatorProcess::Recover() {
  for (auto& [id, journal] : journal_.Recover()) Recover(id, std::move(journal));
}

/// As coordinator::Coordinator does, of whose parts the others are real here.
void CoordinatorProcess::Recover(const QueryId& id, coordinator::ObjectJournal::Recovered journal) {
  keeper_.Resume(id, false);
  if (!journal.plan()) return keeper_.Drop(id);
  Served& served = served_[id];
  served.query = parts_.queries.at(id);
  if (const auto* end = journal.end()) {
    served.ended = served.at_end = true;
    served.error = end->error;
    return DropLater(id);
  }
  if (journal.damaged) {
    return Fail(id, {errors::GENERIC_INTERNAL_ERROR, "The journal of the query is damaged", {}, {}});
  }
  keeper_.Resume(id, true);
  WatchClient(id);
  parts_.history.Tell(&Observer::Happened, fmt::format("h0 takes up {}", id.value));
  driver_.Restore(id, std::make_shared<const coordinator::Execution>(served.query->execution),
                  std::move(journal.records), {},
                  parts_.plant == Plant::kNumbersRepeated ? 0 : journal.first_attempt());
}

void CoordinatorProcess::Sweep() {
  exchange::SweepLeftovers(
      *exchange_, [this](const QueryId& query) { return Runs(query); }, 0s, parts_.loop.WallTime());
}

bool CoordinatorProcess::Runs(const QueryId& query) const {
  const auto served = served_.find(query);
  return served != served_.end() && !served->second.ended;
}

void CoordinatorProcess::AdoptTasks(const protocol::NodeAnnouncement& node) {
  if (node.coordinator) return;
  coordinator::AdoptTasks(
      client_, executor_, node,
      {.pass = [](const std::function<void()>& action) { action(); },
       .runs = [this](const QueryId& query) { return Runs(query); },
       .owns = [](const QueryId&) { return true; },
       .adopt =
           [this, id = node.node](const TaskId& task) {
             driver_.TaskAdopted({task, id});
           },
       .cancel = [this, id = node.node](const TaskId& task) { tasks_.Cancel(id, task); }});
}

void CoordinatorProcess::Submit(const ModelQuery& query) {
  served_[query.id].query = &query;
  WatchClient(query.id);
  parts_.history.Tell(&Observer::QuerySubmitted, query);
  if (query.durable() && !query.writes) {
    keeper_.Begin(query.id, query.id.value);
    keeper_.WhenDurable(query.id, [this, &query] {
      if (process_->alive) parts_.history.Tell(&Observer::QueryDurable, query);
    });
  }
  driver_.Submit(query.id, std::make_shared<const coordinator::Execution>(query.execution));
}

void CoordinatorProcess::Cancel(const ModelQuery& query) {
  if (!Runs(query.id)) return;
  parts_.history.Tell(&Observer::QueryCancelled, query);
  driver_.Cancel(query.id, {errors::USER_CANCELED, "Query was canceled", {}, {}});
}

void CoordinatorProcess::TaskStarted(const TaskId& task, const NodeId& node) {
  parts_.loop.Note(Mix(task.fragment.value * 1'000'003 + task.partition.value * 1009 + task.attempt.value) +
                   Mix(node.value.back()));
  parts_.history.Tell(&Observer::TaskStarted, task, node);
}

void CoordinatorProcess::QueryFinished(const QueryId& id, std::vector<coordinator::ResultOutput> outputs) {
  parts_.history.Tell(&Observer::QueryFinished, *served_.at(id).query);
  keeper_.WhenDurable(id, [this, id, outputs = std::move(outputs)] { Give(id, outputs); });
}

void CoordinatorProcess::Give(const QueryId& id, const std::vector<coordinator::ResultOutput>& outputs) {
  results_.Drop(id);
  if (!served_.contains(id)) return;
  try {
    std::vector<std::shared_ptr<const exchange::Manifest>> manifests;
    std::vector<TaskId> producers;
    for (const auto& output : outputs) {
      manifests.push_back(
          std::make_shared<exchange::Manifest>(exchange::Manifest::Parse(output.manifest->Read())));
      producers.push_back(manifests.back()->producer());
    }
    parts_.history.Tell(&Observer::ResultReads, *served_.at(id).query, producers);
    Complete(id, std::make_unique<coordinator::SpooledResult>(
                     exchange_, std::move(manifests),
                     exchange::SpoolReaderOptions{.key = served_.at(id).query->execution.spooling.key}));
  } catch (const TrinoException& exception) {
    Fail(id, exception.error());
  }
}

void CoordinatorProcess::ResultStreams(const QueryId& id, std::vector<protocol::StreamSourceMessage> sources,
                                       bool hold) {
  const auto found = served_.find(id);
  if (found == served_.end() || found->second.ended) return results_.Drop(id);
  hold = hold && parts_.plant != Plant::kRowsNotHeld;
  auto pages = results_.Begin(id, sources, hold || found->second.query->writes);
  if (!pages) return;
  found->second.pages = std::move(pages);
  Answer(id);
}

void CoordinatorProcess::StreamFinished(const QueryId& id) {
  const auto held = results_.Finish(id);
  const auto found = served_.find(id);
  if (found == served_.end() || found->second.ended) return;
  parts_.history.Tell(&Observer::QueryFinished, *found->second.query);
  if (held) return Complete(id, std::make_unique<coordinator::HeldResultPages>(held));
  found->second.complete = true;
  Answer(id);
}

void CoordinatorProcess::Complete(const QueryId& id, std::unique_ptr<coordinator::ResultPages> pages) {
  const auto found = served_.find(id);
  if (found == served_.end() || found->second.ended) return;
  found->second.pages = std::move(pages);
  found->second.complete = true;
  Answer(id);
}

/// The root gathers which attempts won; their rows become visible together.
void CoordinatorProcess::Commit(const ModelQuery& query, const std::vector<Rows>& attempts) {
  FragmentId writer;
  for (const ModelFragment& fragment : query.fragments) {
    if (fragment.op == Op::kWrite) writer = {fragment.fragment};
  }
  auto& committed = parts_.table.committed;
  for (const Rows& rows : attempts) {
    for (const Row row : rows)
      committed.insert({query.id, writer, {static_cast<uint32_t>(row >> 32)}, {static_cast<uint32_t>(row)}});
  }
  if (parts_.plant != Plant::kAllAttemptsVisible) return;
  for (const auto& [task, rows] : parts_.table.written) {
    if (task.query == query.id) committed.insert(task);
  }
}

bool CoordinatorProcess::ReadOn(const QueryId& id, Served& served) {
  // The client of a write hears of the rows only once they are committed.
  const size_t wanted = served.query->writes ? SIZE_MAX : served.asked;
  while (wanted >= served.given.size() && !served.at_end) {
    exchange::SpooledPage page;
    switch (served.pages->Next(page, [this, id] { executor_.Post([this, id] { Answer(id); }); })) {
      case exchange::ReadState::kLater:
        return false;
      case exchange::ReadState::kPage:
        served.given.push_back(DecodeRows(page.data, page.size));
        break;
      case exchange::ReadState::kEnd:
        // Of a run that has not ended yet.
        if (!served.complete) return false;
        served.at_end = true;
        break;
    }
  }
  if (served.query->writes && !std::exchange(served.committed, true)) Commit(*served.query, served.given);
  return true;
}

void CoordinatorProcess::Answer(const QueryId& id) {
  const auto found = served_.find(id);
  if (found == served_.end()) return;
  Served& served = found->second;
  if (!served.ended) {
    if (!served.pages || (!served.waiting && !served.query->writes)) return;
    try {
      if (!ReadOn(id, served)) return;
    } catch (const TrinoException& exception) {
      driver_.Cancel(id, exception.error());
      return Fail(id, exception.error());
    }
  }
  if (!served.waiting) return;
  const auto call = std::exchange(served.waiting, nullptr);
  if (served.error) {
    protocol::TaskReport report;
    report.state = protocol::TaskState::kFailed;
    report.error = served.error;
    return call->Respond({.status = 410, .headers = {}, .body = report.Serialize()});
  }
  if (served.asked < served.given.size()) {
    if (!std::exchange(served.taken, true) && parts_.plant != Plant::kRowsNotHeld) driver_.ResultTaken(id);
    return call->Respond(ContentResponse("application/x-rows", EncodeRows(served.given[served.asked])));
  }
  call->Respond({.status = 200, .headers = {{kEndHeader, "1"}}, .body = {}});
  if (!std::exchange(served.ended, true)) Ended(id);
}

void CoordinatorProcess::QueryFailed(const QueryId& id, const Error& error) {
  const auto found = served_.find(id);
  if (found == served_.end() || found->second.ended) return;
  // What it finds out after the end is that the rows are lost which were held.
  if (!found->second.complete) parts_.history.Tell(&Observer::QueryFailed, *found->second.query, error);
  Fail(id, error);
}

void CoordinatorProcess::Fail(const QueryId& id, const Error& error) {
  Served& served = served_.at(id);
  if (std::exchange(served.ended, true)) return;
  served.error = error;
  Ended(id);
  Answer(id);
}

void CoordinatorProcess::Ended(const QueryId& id) {
  const Served& served = served_.at(id);
  results_.Drop(id);
  keeper_.End(id, served.error);
  parts_.history.Tell(&Observer::QueryForgotten, *served.query);
  driver_.Forget(id);
  DropLater(id);
}

void CoordinatorProcess::WatchClient(const QueryId& id) {
  served_.at(id).asked_at = parts_.loop.Now();
  executor_.RunAfter(kClientTimeout, [this, id] {
    if (!Runs(id)) return;
    if (parts_.loop.Now() - served_.at(id).asked_at < kClientTimeout / 2) return WatchClient(id);
    const Error abandoned{errors::ABANDONED_QUERY, "Query was abandoned by its client", {}, {}};
    driver_.Cancel(id, abandoned);
    Fail(id, abandoned);
  });
}

void CoordinatorProcess::DropLater(const QueryId& id) {
  executor_.RunAfter(kHistory, [this, id] {
    parts_.history.Tell(&Observer::QueryDropped, *served_.at(id).query);
    keeper_.Drop(id);
    served_.erase(id);
  });
}

}  // namespace planaria::sim
