#include "sim/nodes.h"

#include <fmt/format.h>

#include <utility>

#include "exchange/spool_directory.h"
#include "exchange/spool_reader.h"

namespace planaria::sim {

using namespace std::chrono_literals;

namespace {

constexpr auto kHeartbeat = 100ms;
constexpr auto kLossTimeout = 1s;
constexpr uint64_t kNodeMemory = 100;
constexpr const char* kCoordinatorNode = "h0";

protocol::NodeAnnouncement AnnouncementOf(uint32_t host, const std::string& instance, uint32_t slots) {
  return {.node = {fmt::format("h{}", host)},
          .instance = instance,
          .internal_uri = UriOf(host),
          .version = "1",
          .environment = "sim",
          .slots = slots,
          .memory_bytes = kNodeMemory,
          .coordinator = host == 0};
}

std::shared_ptr<Process> NewProcess(uint32_t host) {
  auto process = std::make_shared<Process>();
  process->host = host;
  return process;
}

}  // namespace

std::shared_ptr<storage::StoreSet> WorldParts::StoreOf(const std::shared_ptr<Process>& process) const {
  return std::make_shared<storage::StoreSet>(std::vector<std::shared_ptr<storage::ObjectStore>>{
      std::make_shared<FaultyStore>(objects, process, conditions, random)});
}

ModelEnvironment WorldParts::EnvironmentOf(const std::shared_ptr<Process>& process) const {
  auto tasks = std::make_shared<worker::TaskEnvironment>();
  tasks->exchange = StoreOf(process);
  tasks->locator = tasks->exchange;
  return {loop, random, conditions, history, table, process, std::move(tasks), inline_bytes, plant};
}

WorkerProcess::WorkerProcess(const WorldParts& parts, uint32_t host, const std::string& instance,
                             uint32_t slots)
    : parts_(parts),
      process_(NewProcess(host)),
      executor_(parts.loop, process_),
      client_(parts.network, process_),
      server_(process_),
      runner_(parts.EnvironmentOf(process_)),
      node_(std::make_unique<worker::WorkerNode>(executor_, client_, runner_,
                                                 AnnouncementOf(host, instance, slots), kHeartbeat)) {
  node_->AddRoutes(server_);
  // Outputs lie in the exchange; a node has none of its own to delete.
  server_.Route("DELETE", "/v1/spool/{query}", [](std::shared_ptr<HttpCall> call) {
    call->Respond({.status = 204, .headers = {}, .body = {}});
  });
  parts.network.PowerOn(host);
  parts.network.Listen(server_);
  node_->Announce({UriOf(0)});
}

void WorkerProcess::Die(bool silent) {
  process_->alive = false;
  parts_.network.Died(process_, silent);
}

WorkerProcess::~WorkerProcess() {
  if (process_->alive) Die(true);
}

void PlantedTasks::Alter(std::vector<std::string>& manifests) {
  switch (parts_.plant) {
    case Plant::kManifestForgotten:
      if (manifests.size() > 1 && parts_.random.Below(50) == 0) manifests.pop_back();
      break;
    case Plant::kManifestTwice:
      if (!manifests.empty() && parts_.random.Below(50) == 0) manifests.push_back(manifests.front());
      break;
    case Plant::kSecondCommitReplaces:
      for (std::string& manifest : manifests) {
        const TaskId producer = exchange::Manifest::Parse(manifest).producer();
        const auto found = last_.find({producer.query, producer.fragment, producer.partition});
        if (found != last_.end()) manifest = found->second;
      }
      break;
    default:
      break;
  }
}

void PlantedTasks::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                         std::function<void(Error)> failed) {
  for (auto& [id, input] : descriptor.inputs) Alter(input.manifests);
  real->Start(node, std::move(descriptor), std::move(failed));
}

void PlantedTasks::Cancel(const NodeId& node, const TaskId& task) {
  real->Cancel(node, task);
  if (parts_.plant != Plant::kLeaseKept) return;
  for (const auto& known : nodes->Nodes()) {
    const auto& announced = known.announcement;
    if (announced.node != node || announced.slots < 2) continue;
    driver->NodeJoined({node, announced.instance, announced.slots - 1, announced.memory_bytes, false});
  }
}

void PlantedTasks::AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                             std::function<void(Error)> failed) {
  Alter(message.manifests);
  if (parts_.plant == Plant::kStaleInputs) {
    for (std::string& manifest : message.manifests) {
      const TaskId producer = exchange::Manifest::Parse(manifest).producer();
      manifest = first_.at({producer.query, producer.fragment, producer.partition});
    }
  }
  real->AddInputs(node, std::move(message), std::move(failed));
}

void PlantedTasks::DeleteOutputs(const QueryId& query) {
  if (parts_.plant != Plant::kSpoolKept) real->DeleteOutputs(query);
}

bool PlantedTasks::Pass(protocol::TaskReport& report) {
  const bool finished = report.state == protocol::TaskState::kFinished;
  if (finished) {
    const PartitionOfQuery key{report.task.query, report.task.fragment, report.task.partition};
    last_[key] = report.manifest;
    first_.emplace(key, report.manifest);
  }
  if (parts_.plant == Plant::kReportLost && finished && parts_.random.Below(50) == 0) return false;
  if (parts_.plant == Plant::kUserErrorRetried && report.error && !report.error->retriable()) {
    report.error->code = errors::GENERIC_INTERNAL_ERROR;
  }
  return true;
}

CoordinatorProcess::CoordinatorProcess(const WorldParts& parts)
    : parts_(parts),
      process_(NewProcess(0)),
      exchange_(parts.StoreOf(process_)),
      executor_(parts.loop, process_),
      client_(parts.network, process_),
      server_(process_),
      runner_(parts.EnvironmentOf(process_)),
      planted_(parts),
      driver_({.executor = &executor_,
               .clock = &parts.loop,
               .tasks = &planted_,
               .listener = this,
               .options = {}}),
      nodes_(client_, kLossTimeout,
             {.on_joined =
                  [this](const protocol::NodeAnnouncement& node) {
                    parts_.history.Tell(&Observer::NodeJoined, node.node);
                    driver_.NodeJoined(
                        {node.node, node.instance, node.slots, node.memory_bytes, node.coordinator});
                  },
              .on_lost =
                  [this](const protocol::NodeAnnouncement& node, Error reason) {
                    parts_.history.Tell(&Observer::NodeLost, node.node);
                    if (parts_.plant == Plant::kLostNodeForgotten) return;
                    driver_.NodeLost({node.node, std::move(reason), node.instance});
                  },
              .on_draining =
                  [this](const protocol::NodeAnnouncement& node) { driver_.NodeDraining({node.node}); },
              .on_report =
                  [this](const NodeId&, protocol::TaskReport report, const std::function<void()>& settled) {
                    parts_.history.Tell(&Observer::TaskReported, report);
                    if (planted_.Pass(report)) driver_.Report(std::move(report));
                    settled();
                  }}),
      own_tasks_(runner_,
                 [this](protocol::TaskReport report) {
                   if (!process_->alive) return;
                   parts_.history.Tell(&Observer::TaskReported, report);
                   if (planted_.Pass(report)) driver_.Report(std::move(report));
                 }),
      tasks_(client_, nodes_, {kCoordinatorNode}, own_tasks_, [this](const QueryId& query) {
        exchange::DeleteSpooled(*exchange_, query);
        // A cancelled attempt may still be writing.
        executor_.RunAfter(5s, [this, query] { exchange::DeleteSpooled(*exchange_, query); });
      }) {
  planted_.real = &tasks_;
  planted_.driver = &driver_;
  planted_.nodes = &nodes_;
  nodes_.AddLocal(AnnouncementOf(0, "c", 0));
  AddRoutes();
  parts.network.Listen(server_);
}

CoordinatorProcess::~CoordinatorProcess() {
  process_->alive = false;
  parts_.network.Died(process_, true);
}

void CoordinatorProcess::AddRoutes() {
  server_.Route("PUT", "/v1/announcement/{node}", [this](std::shared_ptr<HttpCall> call) {
    nodes_.Announce(protocol::NodeAnnouncement::Parse(call->request().body));
    call->Respond({.status = 202, .headers = {}, .body = {}});
  });
}

void CoordinatorProcess::Submit(const ModelQuery& query) {
  open_[query.id] = &query;
  parts_.history.Tell(&Observer::QuerySubmitted, query);
  driver_.Submit(query.id, std::make_shared<const coordinator::Execution>(query.execution));
}

void CoordinatorProcess::Cancel(const ModelQuery& query) {
  if (!open_.contains(query.id)) return;
  parts_.history.Tell(&Observer::QueryCancelled, query);
  driver_.Cancel(query.id, {errors::USER_CANCELED, "Query was canceled", {}, {}});
}

void CoordinatorProcess::TaskStarted(const TaskId& task, const NodeId& node) {
  parts_.loop.Note(Mix(task.fragment.value * 1'000'003 + task.partition.value * 1009 + task.attempt.value) +
                   Mix(node.value.back()));
  parts_.history.Tell(&Observer::TaskStarted, task, node);
}

void CoordinatorProcess::QueryFinished(const QueryId& id,
                                       std::vector<std::shared_ptr<const std::string>> outputs) {
  const ModelQuery& query = *open_.at(id);
  parts_.history.Tell(&Observer::QueryFinished, query);
  executor_.RunAfter(query.read_after,
                     [this, &query, outputs = std::move(outputs)] { ReadResult(query, outputs); });
}

void CoordinatorProcess::ReadResult(const ModelQuery& query,
                                    const std::vector<std::shared_ptr<const std::string>>& outputs) {
  try {
    std::vector<std::shared_ptr<const exchange::Manifest>> manifests;
    std::vector<TaskId> producers;
    for (const auto& output : outputs) {
      manifests.push_back(std::make_shared<exchange::Manifest>(exchange::Manifest::Parse(*output)));
      producers.push_back(manifests.back()->producer());
    }
    exchange::SpoolReader reader(*exchange_, std::move(manifests), exchange::PartitionSet::All());
    Rows rows;
    while (const auto page = reader.Next()) {
      const Rows more = DecodeRows(page->data, page->size);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    if (query.writes) Commit(query, rows);
    parts_.history.Tell(&Observer::ResultRead, query, rows);
  } catch (const TrinoException& exception) {
    parts_.history.Tell(&Observer::ResultLost, query, exception.error());
  }
  Forget(query);
}

/// The root gathers which attempts won; their rows become visible together.
void CoordinatorProcess::Commit(const ModelQuery& query, const Rows& attempts) {
  FragmentId writer;
  for (const ModelFragment& fragment : query.fragments) {
    if (fragment.op == Op::kWrite) writer = {fragment.fragment};
  }
  for (const Row row : attempts) {
    committed_.insert({query.id, writer, {static_cast<uint32_t>(row >> 32)}, {static_cast<uint32_t>(row)}});
  }
  if (parts_.plant != Plant::kAllAttemptsVisible) return;
  for (const auto& [task, rows] : parts_.table.written) {
    if (task.query == query.id) committed_.insert(task);
  }
}

Rows CoordinatorProcess::TableRows(const ModelQuery& query) const {
  Rows visible;
  for (const TaskId& task : committed_) {
    if (task.query != query.id) continue;
    const auto found = parts_.table.written.find(task);
    if (found != parts_.table.written.end())
      visible.insert(visible.end(), found->second.begin(), found->second.end());
  }
  return visible;
}

void CoordinatorProcess::QueryFailed(const QueryId& id, const Error& error) {
  const ModelQuery& query = *open_.at(id);
  parts_.history.Tell(&Observer::QueryFailed, query, error);
  Forget(query);
}

void CoordinatorProcess::Forget(const ModelQuery& query) {
  executor_.RunAfter(query.forget_after, [this, &query] {
    parts_.history.Tell(&Observer::QueryForgotten, query);
    driver_.Forget(query.id);
    open_.erase(query.id);
  });
}

}  // namespace planaria::sim
