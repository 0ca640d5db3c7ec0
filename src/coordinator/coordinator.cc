#include "coordinator/coordinator.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "connector/connector_registry.h"
#include "coordinator/analyze_step.h"
#include "coordinator/catalog_metadata.h"
#include "coordinator/definitions.h"
#include "coordinator/execution_of_plan.h"
#include "coordinator/journaled_query.h"
#include "coordinator/result_reader.h"
#include "coordinator/show_stats.h"
#include "coordinator/statement_preparation.h"
#include "exchange/spool_directory.h"
#include "planner/write_commit.h"
#include "sql/error_at.h"
#include "worker/task_execution.h"

namespace planaria::coordinator {

namespace {

constexpr int kPlanningThreads = 4;
constexpr int kReadingThreads = 4;
constexpr const char* kJournalFolder = "journal/";
/// Trino's rule of thumb for rows per byte of input: below this many bytes a query is one task.
constexpr uint64_t kBytesPerRow = 2048;

/// The same for every start of this node, so that a restarted coordinator knows its own leftovers; with
/// standby, for every coordinator of the environment.
std::string MakeCoordinatorId(const protocol::NodeAnnouncement& self, bool standby) {
  // No node.id has an asterisk.
  uint64_t hash = std::hash<std::string>()(self.environment + '/' + (standby ? "*" : self.node.value));
  std::string id;
  for (int i = 0; i < 5; i++, hash >>= 5) id += "abcdefghijkmnpqrstuvwxyz23456789"[hash % 32];
  return id;
}

/// Trino's pattern for node.id; what does not fit must not reach logs and tables.
bool IsNodeId(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(),
                                    [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

/// SET TIME ZONE goes before the zone that the client lives in.
std::string TimeZoneOf(const protocol::SessionHeaders& session) {
  const auto set = session.session_properties.find("time_zone_id");
  if (set != session.session_properties.end() && !set->second.empty()) return set->second;
  return session.time_zone.value_or("");
}

/// In the first base directory, where its segments can be listed.
std::unique_ptr<ObjectJournal> OpenJournal(const CoordinatorParts& parts, const std::string& coordinator_id) {
  if (!parts.environment->exchange) return nullptr;
  return std::make_unique<ObjectJournal>(parts.environment->exchange->stores().front(),
                                         kJournalFolder + coordinator_id, parts.fenced, parts.must_be_active);
}

/// The one that the first start chose.
std::string SharedSecret(storage::ObjectStore& store, const std::string& key, RandomSource& random) {
  std::string secret = random.Hex(64);
  if (!store.PutIfAbsent(key, secret)) store.Read(key, 0, secret.size(), secret.data());
  return secret;
}

protocol::PageCodec SpoolCodec(CompressionCodec setting, const storage::StoreSet* exchange) {
  switch (setting) {
    case CompressionCodec::kNone:
      return protocol::PageCodec::kNone;
    case CompressionCodec::kLz4:
      return protocol::PageCodec::kLz4;
    case CompressionCodec::kZstd:
      return protocol::PageCodec::kZstd;
    case CompressionCodec::kAutomatic:
      break;
  }
  // Compressing costs more than a local disk's cache, and less than a network.
  const bool local = !exchange || exchange->stores().front()->base().starts_with("file:");
  return local ? protocol::PageCodec::kNone : protocol::PageCodec::kLz4;
}

/// What a query's tasks have cost on storage, failed attempts included.
void LogSpooling(const Query& query) {
  const protocol::TaskStats totals = query.totals();
  if (totals.spool_reads + totals.spool_written_bytes == 0) return;
  spdlog::info("query {} spooled {} bytes in {} requests and read {} bytes in {}, and {} in {} from nodes",
               query.id().value, totals.spool_written_bytes, totals.spool_writes, totals.spool_read_bytes,
               totals.spool_reads, totals.near_read_bytes, totals.near_reads);
}

DescriptorStorageOptions StorageOptions(const CoordinatorParts& parts,
                                        std::function<void(const QueryId&, Error)> give_up) {
  const ServerConfig& config = parts.config->server;
  const DataSize max = config.descriptor_storage_max.Resolve({parts.heap_bytes});
  const auto mark = [&](const std::optional<MemorySize>& set, double share) {
    const uint64_t bytes = set ? set->Resolve({parts.heap_bytes}).bytes
                               : static_cast<uint64_t>(static_cast<double>(max.bytes) * share);
    return std::min(bytes, max.bytes);
  };
  return {.directory = parts.descriptor_directory,
          .max_bytes = max.bytes,
          .high_water_bytes = mark(config.descriptor_storage_high_water, 0.6),
          .low_water_bytes = mark(config.descriptor_storage_low_water, 0.4),
          .give_up = std::move(give_up)};
}

}  // namespace

Coordinator::Coordinator(CoordinatorParts parts)
    : parts_(std::move(parts)),
      coordinator_id_(MakeCoordinatorId(parts_.self, parts_.config->server.standby)),
      properties_(parts_.config->server),
      // Not zero: a restart within a second must not repeat an id.
      next_query_(static_cast<uint32_t>(parts_.random->Below(100'000))),
      started_(std::chrono::system_clock::now()),
      keys_(parts_.wrapping_secret, parts_.config->server.exchange_encryption),
      queue_(static_cast<size_t>(parts_.config->server.query_max_concurrent),
             static_cast<size_t>(parts_.config->server.query_max_queued)),
      planning_pool_(kPlanningThreads),
      reading_pool_(kReadingThreads),
      results_(ResultsParts()),
      storage_(StorageOptions(parts_,
                              [this](const QueryId& id, Error error) {
                                // Perhaps not known to the driver yet.
                                if (const auto query = FindQuery(id)) query->Cancel(error);
                              })),
      driver_({.executor = &serial_,
               .clock = parts_.clock,
               .tasks = &keeper_,
               .listener = this,
               .storage = &storage_,
               .options = {.allowed_no_matching_node_period =
                               parts_.config->server.allowed_no_matching_node_period}}),
      journal_(OpenJournal(parts_, coordinator_id_)),
      keeper_(journal_.get(), serial_, ledger_),
      ledger_(tasks_),
      nodes_(*parts_.client,
             std::max<Duration>(10 * parts_.config->server.heartbeat_interval, std::chrono::seconds(1)),
             {.on_joined =
                  [this](const protocol::NodeAnnouncement& node) {
                    keeper_.NodeStays(node.node);
                    driver_.NodeJoined(
                        {node.node, node.instance, node.slots, node.memory_bytes, node.coordinator});
                    AdoptTasks(node);
                  },
              .on_lost =
                  [this](const protocol::NodeAnnouncement& node, Error reason) {
                    keeper_.NodeStays(node.node);
                    driver_.NodeLost({node.node, std::move(reason), node.instance});
                    const std::lock_guard lock(mutex_);
                    usages_.erase(node.node);
                  },
              .on_draining =
                  [this](const protocol::NodeAnnouncement& node) {
                    keeper_.NodeLeaves(node.node);
                    driver_.NodeDraining({node.node});
                  },
              .on_report =
                  [this](const NodeId&, protocol::TaskReport report, std::function<void()> settled) {
                    driver_.Report(std::move(report), std::move(settled));
                  }}),
      own_tasks_(std::make_unique<worker::TaskPool>(
          *parts_.task_runner, [this](protocol::TaskReport report) { driver_.Report(std::move(report)); })),
      tasks_(
          *parts_.client, nodes_, parts_.self.node, *own_tasks_,
          [this](const QueryId& query) { DeleteOutputsHere(query); }, parts_.must_be_active) {
  usage_ = std::make_unique<UsageCollector>(
      *parts_.client, nodes_, parts_.self.node, *own_tasks_,
      [this](const NodeId& node, const protocol::NodeUsage& usage) { NodeUses(node, usage); });
  for (const CatalogConfig& catalog : parts_.config->catalogs) catalogs_.push_back(catalog.name);
  if (journal_) {
    secret_ = SharedSecret(*parts_.environment->exchange->stores().front(), journal_folder() + "/secret",
                           *parts_.random);
  }
}

void Coordinator::Start(std::set<NodeId> gone) {
  gone_ = std::move(gone);
  gone_.insert(parts_.self.node);
  started_ = std::chrono::system_clock::now();
  if (journal_) Recover();
  nodes_.AddLocal(parts_.self);
  WatchLimits();
}

Coordinator::~Coordinator() {
  {
    const std::lock_guard lock(gate_->mutex);
    gate_->open = false;
  }
  usage_.reset();
  queue_.Close();
  for (const auto& query : Queries()) {
    // The next start goes on with what is in the journal.
    if (keeper_.Keeps(query->id())) continue;
    query->Cancel({errors::SERVER_SHUTTING_DOWN, "The coordinator is shutting down", {}, {}});
  }
  planning_pool_.Stop();
  serial_.Stop();
  // The next start runs them again: the journal must not say that they were cancelled.
  own_tasks_->HandBack();
  own_tasks_.reset();
  if (journal_) journal_->Stop();
  reading_pool_.Stop();
}

void Coordinator::AddRoutes(HttpRoutes& server) {
  server.Route("PUT", "/v1/announcement/{node}", [this](std::shared_ptr<HttpCall> call) {
    try {
      const auto announcement = protocol::NodeAnnouncement::Parse(call->request().body);
      // Tasks that belong on this node must not be drawn to another that claims to be a coordinator.
      if (announcement.coordinator || announcement.node.value != call->path_parameter("node") ||
          !IsNodeId(announcement.node.value)) {
        call->Respond(BadRequest("Expected the announcement of a worker under its own node.id"));
        return;
      }
      if (announcement.environment != parts_.self.environment) {
        call->Respond(BadRequest("Node " + announcement.node.value + " is of environment '" +
                                 announcement.environment + "', this coordinator of '" +
                                 parts_.self.environment + "'"));
        return;
      }
      nodes_.Announce(announcement);
      call->Respond({.status = 202, .headers = {}, .body = {}});
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
}

bool Coordinator::Runs(const QueryId& id) const {
  const auto query = FindQuery(id);
  return query && !query->ended();
}

QuerySettings Coordinator::SettingsOf(const protocol::SessionHeaders& session) const {
  std::map<std::string, std::string> overrides;
  for (const auto& [name, value] : session.session_properties) {
    if (name.find('.') == std::string::npos) overrides[name] = value;
  }
  return properties_.Resolve(overrides);
}

std::string Coordinator::journal_folder() const { return kJournalFolder + coordinator_id_; }

bool Coordinator::Owns(const QueryId& query) const { return query.value.ends_with('_' + coordinator_id_); }

std::shared_ptr<Query> Coordinator::Accept(protocol::SessionHeaders session, std::string sql) {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  QueryId id{fmt::format("{:%Y%m%d_%H%M%S}_{:05}_{}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                         next_query_++ % 100'000, coordinator_id_)};
  auto query = std::make_shared<Query>(*this, id, std::move(session), std::move(sql));
  const std::lock_guard lock(mutex_);
  queries_[id] = query;
  return query;
}

std::shared_ptr<ClientQuery> Coordinator::Submit(protocol::SessionHeaders session, std::string sql) {
  auto query = Accept(std::move(session), std::move(sql));
  try {
    QuerySettings settings = SettingsOf(query->session());
    {
      const std::lock_guard lock(mutex_);
      active_.emplace(query->id(), ActiveQuery{query, std::move(settings)});
    }
    queue_.Enter(query->id(), [this, query] { planning_pool_.Post([this, query] { Plan(query); }); });
  } catch (const TrinoException& exception) {
    query->Fail(exception.error());
  }
  return query;
}

std::shared_ptr<ClientQuery> Coordinator::Refuse(protocol::SessionHeaders session, std::string sql,
                                                 Error error) {
  auto query = Accept(std::move(session), std::move(sql));
  query->Fail(error);
  return query;
}

std::shared_ptr<ClientQuery> Coordinator::Find(const QueryId& id) { return FindQuery(id); }

std::vector<std::shared_ptr<ClientQuery>> Coordinator::List() {
  const auto queries = Queries();
  return {queries.begin(), queries.end()};
}

std::vector<std::shared_ptr<Query>> Coordinator::Queries() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Query>> queries;
  for (const auto& [id, query] : queries_) queries.push_back(query);
  return queries;
}

planner::PlannerOptions Coordinator::PlannerOptionsFor(const QuerySettings& settings) const {
  planner::PlannerOptions options;
  options.worker_count = 0;
  for (const ClusterNode& node : nodes_.Nodes()) {
    if (node.state != NodeState::kActive || node.announcement.slots == 0 || node.announcement.draining)
      continue;
    options.worker_count++;
    options.task_slots_per_worker = node.announcement.slots;
  }
  options.worker_count = std::max(options.worker_count, 1u);
  options.max_partition_count = static_cast<uint32_t>(settings.sizing.max_partitions);
  options.min_partition_count = static_cast<uint32_t>(settings.sizing.min_partitions);
  if (settings.sizing.adaptive_partitioning && settings.retry.policy == RetryPolicy::kTask) {
    options.adaptive_partition_count = static_cast<uint32_t>(settings.sizing.adaptive_partitions);
    options.adaptive_partition_bytes = settings.sizing.adaptive_max_task_size.bytes;
  }
  // With so many producers, which nobody knows yet, a saving would be possible.
  if (settings.retry.policy == RetryPolicy::kTask) {
    options.merge_from_partitions =
        static_cast<uint32_t>(std::ceil(std::sqrt(static_cast<double>(settings.sizing.merge_min_requests))));
  }
  options.scan_task_bytes = settings.sizing.scan_target_min.bytes;
  options.hash_tasks_per_worker = settings.sizing.hash_tasks_per_node_min;
  options.target_partition_bytes = std::min<uint64_t>(settings.sizing.hash_target.bytes, 64ull << 20);
  options.max_broadcast_bytes = settings.join_max_broadcast_size.bytes;
  options.adaptive = settings.adaptive_planning && settings.retry.policy == RetryPolicy::kTask;
  options.single_task_rows = settings.sizing.scan_target_min.bytes / kBytesPerRow;
  return options;
}

void Coordinator::Plan(const std::shared_ptr<Query>& query) {
  if (query->ended()) return;
  query->Planning();
  try {
    const CatalogMetadata metadata(*parts_.engine);
    const PreparedStatement statement =
        PrepareStatement(query->session(), query->sql(), properties_, catalogs_, metadata);
    protocol::SessionChanges changes = statement.changes;
    Control(statement, query->session(), changes);
    if (statement.time_zone) RequireTimeZone(*statement.time_zone, statement.time_zone_location);
    if (const auto zone = changes.set_properties.find("time_zone_id"); zone != changes.set_properties.end()) {
      RequireTimeZone(zone->second);
    }
    if (statement.required_schema) {
      RequireSchema(*statement.required_schema_catalog, *statement.required_schema,
                    statement.update_type == "USE");
    }
    planner::QuerySession session;
    session.catalog = statement.catalog;
    session.schema = statement.schema;
    session.time_zone = statement.time_zone.value_or(TimeZoneOf(query->session()));
    session.user = query->session().user;
    session.server_version = parts_.self.version;
    const planner::PlannerOptions options = PlannerOptionsFor(statement.settings);
    const auto start_text = [&](const std::string& text, std::optional<std::string> update_type = {},
                                std::vector<sql::Type> types = {}) {
      planner::StatementPurpose purpose;
      purpose.output_types = std::move(types);
      auto plan = std::make_shared<planner::DistributedPlan>(
          planner::PlanStatement(*parts_.engine, session, text, options, std::move(purpose)));
      plan->update_type = std::move(update_type);
      Start(query, std::move(plan), statement);
    };
    std::optional<std::string> text = statement.query;
    if (statement.definition) {
      text = RunDefinition(*parts_.engine, session, *statement.definition);
      if (text && !statement.explain) return start_text(*text);
    }
    if (statement.kill) Kill(*statement.kill);
    if (!text) {
      query->FinishedWithoutRows(std::move(changes), statement.update_type);
      return;
    }
    planner::StatementPurpose purpose;
    purpose.write = {query->id().value, statement.settings.retry.policy == RetryPolicy::kNone
                                            ? connector::RetryMode::kNoRetries
                                            : connector::RetryMode::kRetries};
    purpose.output_types = statement.output_types;
    purpose.analyze = statement.explain && statement.explain->analyze;
    purpose.execute = purpose.analyze || !(statement.explain || statement.statistics_of);
    if (statement.creation) {
      purpose.creation = CreationOf(*parts_.engine, session, *statement.creation);
      if (!purpose.creation) return start_text("SELECT CAST(0 AS BIGINT) AS rows", "CREATE TABLE");
    }
    auto plan = std::make_shared<planner::DistributedPlan>(
        planner::PlanStatement(*parts_.engine, session, *text, options, purpose, statement.locate));
    auto warning = CheckStages(CountStages(*plan), statement.settings.limits.stage_count,
                               parts_.config->server.stage_count_warning_threshold);
    if (warning) query->Warn(*std::move(warning));
    if (statement.explain && !purpose.execute) {
      ConstantQuery shown = ExplainQuery(*statement.explain, *plan);
      return start_text(shown.sql, {}, std::move(shown.types));
    }
    if (statement.statistics_of) {
      return start_text(
          QueryStatsQuery(CatalogObjects(*parts_.engine, session), *statement.statistics_of, *plan));
    }
    Start(query, std::move(plan), statement);
  } catch (const TrinoException& exception) {
    query->Fail(exception.error());
  }
}

void Coordinator::Start(const std::shared_ptr<Query>& query, std::shared_ptr<planner::DistributedPlan> plan,
                        const PreparedStatement& statement) {
  QuerySettings settings = statement.settings;
  if (settings.retry.policy == RetryPolicy::kAuto) settings.retry.policy = ChooseAuto(*plan, settings);
  if (settings.retry.policy == RetryPolicy::kTask && !parts_.environment->exchange) {
    throw TrinoException(
        errors::EXCHANGE_MANAGER_NOT_CONFIGURED,
        "Exchange manager must be configured for the failure recovery capabilities to be fully functional");
  }
  // One fragment on this node has nothing to retry elsewhere and nobody who reads it but us.
  const bool local =
      plan->fragments.size() == 1 && plan->root().distribution == planner::Distribution::kCoordinator;
  if (local) settings.retry.policy = RetryPolicy::kNone;
  if (settings.retry.policy == RetryPolicy::kTask && parts_.config->exchange_manager) {
    CheckOutputPartitions(*plan, parts_.config->exchange_manager->max_output_partition_count);
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto active = active_.find(query->id()); active != active_.end())
      active->second.settings.retry.policy = settings.retry.policy;
  }
  const bool analyze = statement.explain && statement.explain->analyze;
  // Whoever takes the query up again reads its text no more.
  protocol::SessionHeaders session = query->session();
  if (statement.time_zone) session.session_properties["time_zone_id"] = *statement.time_zone;
  if (settings.retry.policy == RetryPolicy::kTask || settings.retry.policy == RetryPolicy::kAuto) {
    keys_.Make(query->id());
  }
  std::optional<std::string> journaled;
  // What a final step gathers is in this process only.
  if (settings.retry.policy == RetryPolicy::kTask && !plan->write && !analyze) {
    journaled = keys_.Seal(
        query->id(), SerializeJournaledQuery(
                         {query->sql(), session,
                          std::chrono::time_point_cast<std::chrono::microseconds>(query->created()), *plan}));
  }
  auto execution = ExecutionOf(*query, session, *plan, settings);
  query->Planned(plan);
  PutFinalSteps(*query, *plan, analyze);
  if (!query->ended()) {
    if (journaled) keeper_.Begin(query->id(), std::move(*journaled));
    driver_.Submit(query->id(), std::move(execution));
  }
  // One that ended meanwhile was forgotten before all this.
  if (!query->ended()) return;
  keeper_.Drop(query->id());
  driver_.Forget(query->id());
  keys_.Forget(query->id());
  parts_.environment->final_steps->Drop(query->id());
  if (plan->write) plan->write->Abort();
}

std::shared_ptr<const Execution> Coordinator::ExecutionOf(const Query& query,
                                                          const protocol::SessionHeaders& session,
                                                          planner::DistributedPlan& plan,
                                                          const QuerySettings& settings) {
  Execution execution =
      ExecutionOfPlan(query.id(), plan, settings,
                      {session.user, TimeZoneOf(session),
                       std::chrono::time_point_cast<std::chrono::microseconds>(query.created())},
                      storage_);
  execution.spooling = {keys_.Of(query.id()),
                        SpoolCodec(settings.exchange_compression, parts_.environment->exchange.get())};
  return std::make_shared<const Execution>(std::move(execution));
}

void Coordinator::PutFinalSteps(const Query& query, const planner::DistributedPlan& plan, bool analyze) {
  worker::FinalSteps::Steps steps;
  if (plan.write) steps.push_back(plan.write);
  if (analyze) {
    steps.push_back(std::make_shared<AnalyzeStep>([this, id = query.id()] { return driver_.Stages(id); },
                                                  [this, id = query.id()] { return driver_.Attempts(id); },
                                                  query.plan()));
  }
  if (!steps.empty()) parts_.environment->final_steps->Put(query.id(), std::move(steps));
}

std::shared_ptr<Query> Coordinator::FindQuery(const QueryId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = queries_.find(id);
  return found == queries_.end() ? nullptr : found->second;
}

void Coordinator::TaskStarted(const TaskId& task, const NodeId& node) {
  if (const auto query = FindQuery(task.query)) query->TaskStarted(task, node);
}

void Coordinator::TaskEnded(const TaskId& task, const protocol::TaskStats& stats) {
  if (const auto query = FindQuery(task.query)) query->CountTask(task, stats);
}

RetryPolicy Coordinator::ChooseAuto(const planner::DistributedPlan& plan,
                                    const QuerySettings& settings) const {
  if (!parts_.environment->exchange) return RetryPolicy::kQuery;
  uint64_t bytes = 0;
  for (const planner::Fragment& fragment : plan.fragments) {
    for (const planner::FragmentScan& scan : fragment.scans) {
      for (const connector::Split& split : scan.splits) bytes += split.bytes;
    }
  }
  return bytes > settings.retry.auto_durable_bytes.bytes ? RetryPolicy::kTask : RetryPolicy::kAuto;
}

void Coordinator::QueryFailed(const QueryId& id, const Error& error) {
  results_.Drop(id);
  if (const auto query = FindQuery(id)) query->Fail(error);
}

void Coordinator::CancelWork(const QueryId& query, const Error& error) { driver_.Cancel(query, error); }

std::vector<scheduler::StageStatus> Coordinator::Stages(const QueryId& query) {
  return driver_.Stages(query);
}

std::vector<scheduler::AttemptStatus> Coordinator::Attempts(const Query& query) const {
  auto attempts = query.kept_attempts();
  return attempts.empty() ? driver_.Attempts(query.id()) : attempts;
}

void Coordinator::Ended(const QueryId& id) {
  const auto query = FindQuery(id);
  if (!query) return;
  if (const auto plan = query->plan(); plan && plan->write) plan->write->Abort();
  if (query->error() && query->session().transaction_id) {
    transactions_.Fail(*query->session().transaction_id);
  }
  parts_.environment->final_steps->Drop(id);
  query->KeepAttempts(driver_.Stages(id), driver_.Attempts(id));
  {
    const std::lock_guard lock(mutex_);
    active_.erase(id);
    ended_.push_back(id);
  }
  LogSpooling(*query);
  keeper_.End(id, query->error());
  keys_.Forget(id);
  driver_.Forget(id);
  queue_.Leave(id);
  DropOldQueries();
}

void Coordinator::DropOldQueries() {
  const auto keep_after =
      std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                             parts_.config->server.query_min_expire_age);
  const std::lock_guard lock(mutex_);
  while (ended_.size() > static_cast<size_t>(parts_.config->server.query_max_history)) {
    const auto found = queries_.find(ended_.front());
    if (found != queries_.end()) {
      if (found->second->ended_at().value_or(keep_after) > keep_after) break;
      queries_.erase(found);
      keeper_.Drop(ended_.front());
    }
    ended_.pop_front();
  }
}

void Coordinator::DeleteOutputsHere(const QueryId& query) {
  using Attempts = std::optional<std::vector<TaskId>>;
  const auto remove = [this, query](const Attempts& attempts) {
    if (parts_.must_be_active) parts_.must_be_active();
    try {
      if (parts_.environment->exchange) {
        exchange::DeleteSpooled(*parts_.environment->exchange, query, attempts);
      }
      parts_.environment->streams.own->DropQuery(query);
      parts_.environment->node_store->DeletePrefix(query.value);
    } catch (const TrinoException& exception) {
      spdlog::warn("spooled data of query {} could not be deleted: {}", query.value, exception.what());
    }
  };
  const auto writers = ledger_.Take(query);
  reading_pool_.Post([remove, all = writers ? Attempts(writers->all) : std::nullopt] { remove(all); });
  // A cancelled attempt may still be writing.
  parts_.loop->RunAfter(
      std::chrono::seconds(5),
      [this, gate = gate_, remove, late = writers ? Attempts(writers->unfinished) : std::nullopt] {
        gate->Pass([&] { reading_pool_.Post([remove, late] { remove(late); }); });
      });
}

}  // namespace planaria::coordinator
