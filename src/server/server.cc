#include "server/server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <csignal>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <set>
#include <thread>

#include "connector/catalog_adapter.h"
#include "coordinator/coordinator.h"
#include "coordinator/etcd_lease_store.h"
#include "coordinator/node_info_routes.h"
#include "coordinator/object_lease_store.h"
#include "coordinator/statement_resource.h"
#include "coordinator/system_catalog.h"
#include "coordinator/ui_routes.h"
#include "coordinator/views.h"
#include "env/aes_gcm.h"
#include "env/blocking_pool.h"
#include "env/clock.h"
#include "env/http_server.h"
#include "env/random.h"
#include "env/tcp_http_client.h"
#include "exchange/keeping_store.h"
#include "exchange/kept_routes.h"
#include "exchange/output_packer.h"
#include "exchange/remote_store.h"
#include "exchange/spool_directory.h"
#include "exchange/stream_routes.h"
#include "protocol/url_text.h"
#include "server/exchange_stores.h"
#include "server/fault_routes.h"
#include "server/standby.h"
#include "server/stop_signals.h"
#include "server/wrapping_secret.h"
#include "worker/node_store.h"
#include "worker/pool_memory.h"
#include "worker/thread_task_runner.h"
#include "worker/worker_node.h"

namespace planaria::server {

namespace {

constexpr int kLoopThreads = 2;
/// Spilled pages are read back in order; more threads would only make the disk seek.
constexpr int kSpillThreads = 1;
/// Each waits for an answer of a remote store.
constexpr int kSpoolReadingThreads = 32;
constexpr int kSegmentThreads = 4;
/// Each copies outputs for other nodes, some of them from disk.
constexpr int kKeptServingThreads = 2;
constexpr int kFencedExitCode = 70;
/// What clients and tools that ask for a version are told: the Trino release whose behaviour is offered.
constexpr const char* kTrinoVersion = "476";
constexpr uint64_t kLargestTaskRequest = 1ull << 30;
/// Others may share the exchange's directories: only what nobody has written for so long is a crash's
/// leftover.
constexpr auto kLeftoverAge = std::chrono::hours(24);

DataSize HeapOf(const EtcConfig& config) {
  const uint64_t machine =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return config.heap ? config.heap->Resolve({machine}) : DataSize{machine / 10 * 8};
}

uint64_t MemoryLimit(const EtcConfig& config) {
  const DataSize heap = HeapOf(config);
  return heap.bytes - std::min(heap.bytes / 2, config.server.heap_headroom.Resolve(heap).bytes);
}

/// A worker's tasks wait for memory where somebody may be chosen to make room; the choice takes a second or
/// two.
Duration LongestMemoryWait(const ServerConfig& config) {
  const bool nobody = config.query_killer_policy == QueryKillerPolicy::kNone &&
                      config.task_killer_policy == TaskKillerPolicy::kNone;
  return nobody ? Duration::zero() : std::chrono::seconds(10);
}

uint32_t TaskSlots(const EtcConfig& config) {
  if (config.server.coordinator && !config.server.include_coordinator) return 0;
  return std::max(2u, std::thread::hardware_concurrency());
}

/// Whatever this process still said would contradict the coordinator that took over.
void EndFenced() {
  spdlog::critical("another coordinator has taken over the journal: this one ends");
  _exit(kFencedExitCode);
}

void EndWithoutLease() {
  spdlog::critical(
      "the lease was not renewed in time, another coordinator may have taken over: this one ends");
  _exit(kFencedExitCode);
}

}  // namespace

class Server::Parts {
 public:
  Parts(const EtcConfig& config, std::function<void()> ask_to_stop)
      : config_(config),
        loop_(kLoopThreads),
        client_(loop_),
        http_(loop_, {.address = "0.0.0.0",
                      .port = static_cast<uint16_t>(config.server.http_port),
                      .max_body_bytes = kLargestTaskRequest}),
        instance_(random_.Hex(8)),
        engine_(
            {.threads = static_cast<uint32_t>(config.server.task_max_worker_threads),
             .memory_limit = MemoryLimit(config),
             .temp_directory = (std::filesystem::path(config.node.data_dir) / "spill" / instance_).string(),
             .longest_memory_wait = LongestMemoryWait(config.server)}),
        spilling_(kSpillThreads),
        streams_(loop_, spilling_,
                 {.max_buffer_bytes = config.server.sink_max_buffer.bytes,
                  .spill_directory =
                      (std::filesystem::path(config.node.data_dir) / "spill" / instance_).string()}) {
    const std::string uri =
        fmt::format("http://{}:{}", config.node.internal_address.value_or("127.0.0.1"), http_.port());
    if (config.exchange_manager) {
      environment_.exchange = OpenExchange(*config.exchange_manager);
      if (environment_.exchange->stores().front()->remote()) KeepOutputs(config.exchange_manager->tiers);
      environment_.packer = std::make_shared<exchange::OutputPacker>();
    }
    // The kernel makes its own folder in it, but no folder above.
    std::filesystem::create_directories(std::filesystem::path(config.node.data_dir) / "spill");
    const auto node_directory = std::filesystem::path(config.node.data_dir) / "spool";
    // A former start's outputs under NONE died with it.
    std::filesystem::remove_all(node_directory);
    auto node_store =
        std::make_shared<worker::NodeStore>(uri, std::filesystem::absolute(node_directory).string());
    environment_.engine = &engine_;
    environment_.memory = std::make_shared<worker::MemoryGauge>([this] { return engine_.OperatorMemory(); });
    environment_.node_store = node_store;
    environment_.locator = std::make_shared<worker::NodeLocator>(
        node_store, std::make_shared<exchange::RemoteLocator>(client_, environment_.exchange));
    self_ = {.node = {config.node.id},
             .instance = instance_,
             .internal_uri = uri,
             .version = kTrinoVersion,
             .environment = config.node.environment,
             .slots = TaskSlots(config),
             .memory_bytes = MemoryLimit(config),
             .coordinator = config.server.coordinator};
    for (const CatalogConfig& catalog : config.catalogs) {
      connector::AttachCatalog(engine_.instance(), catalog.name,
                               connector::CreateConnector(catalog.name, [&] {
                                 auto properties = catalog.Values();
                                 properties["connector.name"] = catalog.connector_name;
                                 return properties;
                               }()));
    }
    if (config.exchange_manager) {
      const auto readers = static_cast<size_t>(config.exchange_manager->source.concurrent_readers);
      environment_.spool_reading.pool = &spool_reading_pool_;
      environment_.spool_reading.concurrent_reads = readers;
      environment_.spool_reading.hedging = std::make_shared<exchange::HedgePolicy>();
    }
    environment_.stream_reading = {.name = {},
                                   .max_buffer_bytes = config.server.exchange_max_buffer.bytes,
                                   .max_response_bytes = config.server.exchange_max_response.bytes,
                                   .max_error_duration = config.server.exchange_max_error_duration};
    environment_.streams = {.client = &client_, .executor = &loop_, .clock = &clock_, .own = &streams_};
    node_store->AddRoutes(http_, [this](const QueryId& query) {
      streams_.DropQuery(query);
      if (kept_) kept_->DropQuery(query);
    });
    exchange::ServeStreams(http_, streams_);
    if (config.server.fault_injection) {
      spdlog::warn("fault injection is enabled: anyone who reaches this port may make this node fail");
      AddFaultRoutes(http_);
    }
    coordinator::RegisterNodeInfo(http_, clock_,
                                  {.node_id = config.node.id,
                                   .version = kTrinoVersion,
                                   .environment = config.node.environment,
                                   .external_address = "127.0.0.1",
                                   .internal_address = config.node.internal_address.value_or("127.0.0.1"),
                                   .coordinator = config.server.coordinator,
                                   .active = [this] { return !standby_ || standby_->active(); },
                                   .shutting_down = [this] { return shutting_down_.load(); },
                                   .shut_down =
                                       [this, ask = std::move(ask_to_stop)] {
                                         shutting_down_ = true;
                                         ask();
                                       }});
    if (config.server.coordinator) {
      StartCoordinator();
    } else {
      StartWorker();
    }
    spdlog::info("======== SERVER STARTED ======== ({} {} at {})",
                 config.server.coordinator ? "coordinator" : "worker", config.node.id, uri);
  }

  ~Parts() {
    if (worker_) worker_->StopAnnouncing();
    http_.Stop();
    if (standby_) standby_->Close();
    statements_.reset();
    coordinator_.reset();
    standby_.reset();
    worker_.reset();
    // What they still wait for comes through the loop.
    spool_reading_pool_.Stop();
    kept_serving_.Stop();
    segment_pool_->Stop();
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(config_.node.data_dir) / "spill" / instance_, ignored);
    loop_.Stop();
    if (!environment_.exchange) return;
    for (const auto& store : environment_.exchange->stores()) {
      if (const std::string traffic = store->Traffic(); !traffic.empty()) {
        spdlog::info("requests to {}: {}", store->base(), traffic);
      }
    }
  }

  uint16_t port() const { return http_.port(); }

  void Drain(std::function<void()> done) {
    if (!worker_) return done();
    shutting_down_ = true;
    worker_->Drain(config_.server.shutdown_grace_period, std::move(done));
  }

 private:
  /// What goes to remote stores is kept here as well, and read here and from other nodes first.
  void KeepOutputs(const ExchangeTiersConfig& tiers) {
    kept_ = std::make_shared<exchange::KeptOutputs>(
        std::make_shared<worker::PoolMemory>(engine_),
        exchange::KeptOutputsOptions{
            .memory_bytes = tiers.memory.Resolve({MemoryLimit(config_)}).bytes,
            .disk_bytes = tiers.disk.bytes,
            .directory = (std::filesystem::path(config_.node.data_dir) / "spill" / instance_).string()});
    std::vector<std::shared_ptr<storage::ObjectStore>> stores;
    for (const auto& store : environment_.exchange->stores())
      stores.push_back(exchange::KeepOutputs(store, kept_));
    environment_.exchange = std::make_shared<storage::StoreSet>(std::move(stores));
    environment_.near = std::make_shared<exchange::NearNodes>(client_, clock_, kept_);
    exchange::ServeKept(http_, kept_serving_, *kept_);
  }

  void StartCoordinator() {
    const auto must_be_active = [this] {
      if (standby_) standby_->MustBeActive();
    };
    coordinator_ = std::make_unique<coordinator::Coordinator>(coordinator::CoordinatorParts{
        .config = &config_,
        .engine = &engine_,
        .loop = &loop_,
        .clock = &clock_,
        .client = &client_,
        .random = &random_,
        .environment = &environment_,
        .task_runner = &task_runner_,
        .self = self_,
        .heap_bytes = HeapOf(config_).bytes,
        .wrapping_secret =
            config_.exchange_manager ? WrappingSecret(config_.server, config_.node.data_dir) : Secret(),
        .descriptor_directory = (std::filesystem::path(config_.node.data_dir) / "spill" / instance_).string(),
        .fenced = EndFenced,
        .must_be_active = must_be_active});
    coordinator::AttachSystemCatalog(engine_.instance(), *coordinator_);
    coordinator::ReadViews(engine_);
    if (config_.server.standby) {
      MakeStandby();
    } else {
      Activate({});
    }
    StandbyRoutes routes(http_, standby_.get());
    coordinator_->AddRoutes(routes);
    std::shared_ptr<coordinator::ResultSpooler> spooler;
    if (config_.server.spooling.enabled) spooler = MakeSpooler(routes);
    statements_ = std::make_unique<coordinator::StatementResource>(
        routes, *coordinator_, loop_, clock_, random_,
        coordinator::StatementOptions{
            .client_timeout = config_.server.query_client_timeout,
            .max_sql_characters = static_cast<size_t>(config_.server.query_max_length),
            .process_forwarded = config_.server.process_forwarded,
            .secret = coordinator_->secret(),
            .spooler = spooler});
    coordinator::RegisterUiRoutes(routes, *coordinator_, config_.server.process_forwarded);
    http_.Start();
    if (standby_) standby_->Start();
  }

  std::shared_ptr<coordinator::ResultSpooler> MakeSpooler(HttpRoutes& routes) {
    const Secret key(protocol::DecodeBase64(config_.server.spooling.shared_secret_key.bytes()).value_or(""));
    if (key.bytes().size() != kAesKeyBytes) {
      throw TrinoException(errors::CONFIGURATION_INVALID,
                           "protocol.spooling.shared-secret-key must be 256 bits long, in base64");
    }
    auto spooler = std::make_shared<coordinator::ResultSpooler>(
        coordinator::ResultSpoolerParts{.protocol = config_.server.spooling,
                                        .manager = *config_.spooling_manager,
                                        .store = OpenSegments(*config_.spooling_manager),
                                        .key = key,
                                        .pool = segment_pool_});
    spooler->AddRoutes(routes);
    spooler->PruneNowAndThen(loop_);
    return spooler;
  }

  std::unique_ptr<coordinator::LeaseStore> OpenLease() {
    const std::string folder = coordinator_->journal_folder() + "/lease";
    const ServerConfig& server = config_.server;
    if (!server.lease_etcd_endpoints.empty()) {
      return std::make_unique<coordinator::EtcdLeaseStore>(client_, server.lease_etcd_endpoints,
                                                           "planaria/" + folder, server.lease_duration);
    }
    return std::make_unique<coordinator::ObjectLeaseStore>(environment_.exchange->stores().front(), folder,
                                                           server.lease_duration);
  }

  void MakeStandby() {
    coordinator::LeaseEntry self;
    self.instance = instance_;
    self.node = config_.node.id;
    self.uri = self_.internal_uri;
    standby_ = std::make_unique<Standby>(OpenLease(), self, config_.server.lease_duration,
                                         Standby::Actions{.activate =
                                                              [this](const NodeId& former) {
                                                                Activate({former});
                                                                statements_->TakeUp();
                                                              },
                                                          .lost = EndWithoutLease});
  }

  void Activate(std::set<NodeId> gone) {
    coordinator_->Start(std::move(gone));
    if (environment_.exchange) Sweep();
  }

  /// What a crash left in the exchange: everything of this coordinator's earlier starts, and what nobody has
  /// written for long.
  void Sweep() {
    const auto now = std::chrono::system_clock::now();
    const auto others = [this](const QueryId& query) {
      return !coordinator_->Owns(query) || coordinator_->Runs(query);
    };
    try {
      size_t swept = exchange::SweepLeftovers(*environment_.exchange, others, std::chrono::seconds(0), now);
      swept += exchange::SweepLeftovers(
          *environment_.exchange, [](const QueryId&) { return false; }, kLeftoverAge, now);
      for (const auto& store : environment_.exchange->stores()) {
        const size_t uploads = store->SweepUnfinished(now - kLeftoverAge);
        if (uploads > 0)
          spdlog::info("gave up {} uploads to {} that nobody finished", uploads, store->base());
      }
      if (swept > 0) spdlog::info("deleted {} spooled objects that an earlier crash left", swept);
    } catch (const TrinoException& failure) {
      // A store that refuses deletions can hold an exchange all the same.
      spdlog::warn("what an earlier crash left in the exchange could not be deleted: {}", failure.what());
    }
  }

  void StartWorker() {
    worker_ = std::make_unique<worker::WorkerNode>(loop_, client_, task_runner_, self_,
                                                   config_.server.heartbeat_interval);
    worker_->AddRoutes(http_);
    http_.Start();
    worker_->Announce(config_.server.discovery_uris);
  }

  const EtcConfig& config_;
  SystemClock clock_;
  EventLoop loop_;
  TcpHttpClient client_;
  HttpServer http_;
  SystemRandom random_;
  const std::string instance_;
  kernel::Engine engine_;
  BlockingPool spilling_;
  exchange::StreamStore streams_;
  /// Null where the exchange is not remote. Its memory is the engine's.
  std::shared_ptr<exchange::KeptOutputs> kept_;
  worker::TaskEnvironment environment_;
  BlockingPool kept_serving_{kKeptServingThreads};
  /// Compresses segments of results, and waits for the store of them.
  const std::shared_ptr<BlockingPool> segment_pool_ = std::make_shared<BlockingPool>(kSegmentThreads);
  /// Waits for answers of remote stores and of nodes.
  BlockingPool spool_reading_pool_{kSpoolReadingThreads};
  worker::ThreadTaskRunner task_runner_{environment_};
  protocol::NodeAnnouncement self_;
  std::atomic<bool> shutting_down_ = false;
  std::unique_ptr<worker::WorkerNode> worker_;
  /// Null unless configured.
  std::unique_ptr<Standby> standby_;
  std::unique_ptr<coordinator::Coordinator> coordinator_;
  std::unique_ptr<coordinator::StatementResource> statements_;
};

Server::Server(const EtcConfig& config, std::function<void()> ask_to_stop)
    : parts_(std::make_unique<Parts>(config, std::move(ask_to_stop))) {}
Server::~Server() = default;
uint16_t Server::port() const { return parts_->port(); }
void Server::Drain(std::function<void()> done) { parts_->Drain(std::move(done)); }

namespace {

/// Returns when the process should end.
void WaitForEnd(Server& server, StopSignals& signals) {
  bool draining = false;
  bool terminated = false;
  while (true) {
    const StopSignals::Reason reason = signals.Next();
    // What asks over HTTP is often followed by a SIGTERM of the same intention.
    const bool again = reason == StopSignals::Reason::kTerminate && std::exchange(terminated, true);
    if (reason == StopSignals::Reason::kFinished || reason == StopSignals::Reason::kInterrupt || again)
      return;
    if (std::exchange(draining, true)) continue;
    server.Drain([&signals] { signals.Finish(); });
  }
}

}  // namespace

int RunServer(const std::string& etc_directory) {
  StopSignals signals;
  signal(SIGPIPE, SIG_IGN);
  try {
    const EtcConfig config = LoadEtc(etc_directory);
    for (const std::string& warning : config.warnings) spdlog::warn("{}", warning);
    Server server(config, [&signals] { signals.Ask(); });
    WaitForEnd(server, signals);
    spdlog::info("stopping");
    return 0;
  } catch (const TrinoException& exception) {
    std::cerr << exception.error().ToString() << std::endl;
    return 100;
  }
}

}  // namespace planaria::server
