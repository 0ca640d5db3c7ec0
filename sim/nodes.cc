#include "sim/nodes.h"

#include <fmt/format.h>

#include <utility>

namespace planaria::sim {

namespace {
constexpr uint64_t kNodeMemory = 100;
}  // namespace

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

void WorkerProcess::Drain(Duration grace, std::function<void()> done) {
  node_->Drain(grace, [this, process = process_, done = std::move(done)] {
    if (process->alive) parts_.loop.After(Duration::zero(), nullptr, done);
  });
}

WorkerProcess::~WorkerProcess() {
  if (process_->alive) Die(true);
}

}  // namespace planaria::sim
