#include "sim/nodes.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "exchange/stream_routes.h"

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

exchange::StreamStoreOptions WorldParts::StreamOptions() const {
  return {.max_buffer_bytes = stream_bytes,
          .spill_directory = std::filesystem::temp_directory_path().string()};
}

exchange::StreamReaderOptions WorldParts::StreamReading() const {
  return {.name = {}, .max_buffer_bytes = stream_bytes, .max_error_duration = std::chrono::seconds(5)};
}

ModelEnvironment WorldParts::EnvironmentOf(const std::shared_ptr<Process>& process,
                                           const exchange::StreamNetwork& streams) const {
  auto tasks = std::make_shared<worker::TaskEnvironment>();
  tasks->exchange = StoreOf(process);
  tasks->locator = tasks->exchange;
  tasks->streams = streams;
  tasks->stream_reading = StreamReading();
  return {loop, random, conditions, history, table, process, std::move(tasks), inline_bytes, plant};
}

WorkerProcess::WorkerProcess(const WorldParts& parts, uint32_t host, const std::string& instance,
                             uint32_t slots)
    : parts_(parts),
      process_(NewProcess(host)),
      executor_(parts.loop, process_),
      client_(parts.network, process_),
      server_(process_),
      work_(parts.loop, process_, parts.random),
      streams_(executor_, work_, parts.StreamOptions()),
      runner_(parts.EnvironmentOf(
          process_, {.client = &client_, .executor = &executor_, .clock = &parts.loop, .own = &streams_})),
      node_(std::make_unique<worker::WorkerNode>(executor_, client_, runner_,
                                                 AnnouncementOf(host, instance, slots), kHeartbeat)) {
  node_->AddRoutes(server_);
  exchange::ServeStreams(server_, streams_);
  // Durable outputs lie in the exchange.
  server_.Route("DELETE", "/v1/spool/{query}", [this](std::shared_ptr<HttpCall> call) {
    streams_.DropQuery({call->path_parameter("query")});
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
  parts_.loop.Drop(process_);
}

}  // namespace planaria::sim
