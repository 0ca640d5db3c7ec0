#include "coordinator/coordinator.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>

#include "connector/connector_registry.h"
#include "coordinator/result_reader.h"
#include "coordinator/statement_preparation.h"
#include "exchange/spool_directory.h"
#include "worker/task_execution.h"
#include "worker/worker_resource.h"

namespace planaria::coordinator {

namespace {

constexpr int kPlanningThreads = 4;
constexpr int kReadingThreads = 4;
/// A frozen node shows by missing heartbeats; a request to it must not wait longer than that.
constexpr auto kTaskRequestDeadline = std::chrono::seconds(10);
/// Trino's rule of thumb for rows per byte of input: below this many bytes a query is one task.
constexpr uint64_t kBytesPerRow = 2048;

/// The same for every start of this node, so that a restarted coordinator knows its own leftovers.
std::string MakeCoordinatorId(const protocol::NodeAnnouncement& self) {
  uint64_t hash = std::hash<std::string>()(self.environment + '/' + self.node.value);
  std::string id;
  for (int i = 0; i < 5; i++, hash >>= 5) id += "abcdefghijkmnpqrstuvwxyz23456789"[hash % 32];
  return id;
}

/// Trino's pattern for node.id; what does not fit must not reach logs and tables.
bool IsNodeId(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(),
                                    [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

scheduler::Distribution SchedulerDistribution(planner::Distribution distribution) {
  switch (distribution) {
    case planner::Distribution::kSource:
      return scheduler::Distribution::kSource;
    case planner::Distribution::kHash:
      return scheduler::Distribution::kHash;
    case planner::Distribution::kSingle:
      return scheduler::Distribution::kSingle;
    case planner::Distribution::kCoordinator:
      break;
  }
  return scheduler::Distribution::kCoordinator;
}

scheduler::QueryLimits LimitsOf(const QuerySettings& settings) {
  scheduler::QueryLimits limits;
  limits.task_retry_attempts = static_cast<uint32_t>(settings.retry.task_attempts_per_task);
  limits.retry_initial_delay = settings.retry.initial_delay;
  limits.retry_max_delay = settings.retry.max_delay;
  limits.retry_delay_scale_factor = settings.retry.delay_scale_factor;
  limits.task_memory_growth_factor = settings.memory.task_growth_factor;
  limits.scan_task_target_min_bytes = settings.sizing.scan_target_min.bytes;
  limits.scan_task_target_max_bytes = settings.sizing.scan_target_max.bytes;
  limits.scan_task_growth_period = static_cast<uint32_t>(settings.sizing.scan_target_growth_period);
  limits.scan_task_growth_factor = settings.sizing.scan_target_growth_factor;
  limits.scan_task_floor_bytes =
      std::min(limits.scan_task_floor_bytes, settings.sizing.scan_target_min.bytes);
  limits.max_task_split_count = static_cast<uint32_t>(settings.sizing.max_splits);
  limits.standard_split_bytes = settings.sizing.standard_split_size.bytes;
  limits.hash_task_target_bytes = settings.sizing.hash_target.bytes;
  limits.hash_task_floor_bytes = std::min(limits.hash_task_floor_bytes, settings.sizing.hash_target.bytes);
  limits.hash_task_to_node_min_ratio = settings.sizing.hash_tasks_per_node_min;
  return limits;
}

scheduler::QueryPlan SchedulerPlan(const planner::DistributedPlan& plan, const QuerySettings& settings) {
  scheduler::QueryPlan result;
  for (const planner::Fragment& fragment : plan.fragments) {
    scheduler::FragmentPlan part;
    part.id = {fragment.id};
    part.distribution = SchedulerDistribution(fragment.distribution);
    part.output_partitions = fragment.output_partition_count;
    for (const planner::FragmentInput& input : fragment.inputs) {
      part.inputs.push_back(
          {{input.producer},
           input.partitioned ? scheduler::InputMode::kPartitioned : scheduler::InputMode::kGather});
    }
    for (const planner::FragmentScan& scan : fragment.scans) part.scans.push_back(scan.scan_id);
    result.fragments.push_back(std::move(part));
  }
  result.root = {plan.root().id};
  const bool durable = settings.retry.policy != RetryPolicy::kNone;
  result.retry_policy = durable ? scheduler::RetryPolicy::kTask : scheduler::RetryPolicy::kNone;
  result.outputs_die_with_node = !durable;
  result.limits = LimitsOf(settings);
  return result;
}

/// SET TIME ZONE goes before the zone that the client lives in.
std::string TimeZoneOf(const protocol::SessionHeaders& session) {
  const auto set = session.session_properties.find("time_zone_id");
  if (set != session.session_properties.end() && !set->second.empty()) return set->second;
  return session.time_zone.value_or("");
}

}  // namespace

struct Coordinator::Execution {
  std::shared_ptr<const planner::DistributedPlan> plan;
  QuerySettings settings;
  protocol::TaskSession session;
  bool millisecond_times = false;
};

Coordinator::Coordinator(CoordinatorParts parts)
    : parts_(std::move(parts)),
      coordinator_id_(MakeCoordinatorId(parts_.self)),
      properties_(parts_.config->server),
      // Not zero: a restart within a second must not repeat an id.
      next_query_(static_cast<uint32_t>(parts_.random->Below(100'000))),
      planning_pool_(kPlanningThreads),
      reading_pool_(kReadingThreads),
      scheduler_({.allowed_no_matching_node_period = parts_.config->server.allowed_no_matching_node_period},
                 [this](scheduler::Command command) { OnCommand(std::move(command)); }),
      nodes_(*parts_.client,
             std::max<Duration>(10 * parts_.config->server.heartbeat_interval, std::chrono::seconds(1)),
             {.on_joined =
                  [this](const protocol::NodeAnnouncement& node) {
                    scheduler_.Post(scheduler::NodeJoined{node.node, node.instance, node.slots,
                                                          node.memory_bytes, node.coordinator});
                  },
              .on_lost =
                  [this](const protocol::NodeAnnouncement& node, Error reason) {
                    scheduler_.Post(scheduler::NodeLost{node.node, std::move(reason), node.instance});
                  },
              .on_report = [this](const NodeId& node,
                                  protocol::TaskReport report) { OnReport(node, std::move(report)); }}),
      own_tasks_(std::make_unique<worker::TaskPool>(*parts_.environment, [this](protocol::TaskReport report) {
        OnReport(parts_.self.node, std::move(report));
      })) {
  for (const CatalogConfig& catalog : parts_.config->catalogs) catalogs_.push_back(catalog.name);
  nodes_.AddLocal(parts_.self);
}

Coordinator::~Coordinator() {
  {
    const std::lock_guard lock(gate_->mutex);
    gate_->open = false;
  }
  for (const auto& query : Queries()) {
    query->Cancel({errors::SERVER_SHUTTING_DOWN, "The coordinator is shutting down", {}, {}});
  }
  planning_pool_.Stop();
  own_tasks_.reset();
  scheduler_.Stop();
  reading_pool_.Stop();
}

void Coordinator::AddRoutes(HttpServer& server) {
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
  planning_pool_.Post([this, query] { Plan(query); });
  return query;
}

std::shared_ptr<ClientQuery> Coordinator::Refuse(protocol::SessionHeaders session, std::string sql,
                                                 Error error) {
  auto query = Accept(std::move(session), std::move(sql));
  query->Fail(error);
  return query;
}

std::shared_ptr<ClientQuery> Coordinator::Find(const QueryId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = queries_.find(id);
  return found == queries_.end() ? nullptr : found->second;
}

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

void Coordinator::RequireSchema(const std::string& catalog, const std::string& schema) const {
  if (schema == "information_schema") return;
  const auto schemas = connector::ConnectorOf(parts_.engine->instance(),
                                              catalog == "system" ? planner::kSystemCatalog : catalog)
                           ->ListSchemas();
  if (std::find(schemas.begin(), schemas.end(), schema) != schemas.end()) return;
  throw TrinoException(errors::SCHEMA_NOT_FOUND, "Schema does not exist: " + catalog + "." + schema);
}

planner::PlannerOptions Coordinator::PlannerOptionsFor(const QuerySettings& settings) const {
  planner::PlannerOptions options;
  options.worker_count = 0;
  for (const ClusterNode& node : nodes_.Nodes()) {
    if (node.state != NodeState::kActive || node.announcement.slots == 0) continue;
    options.worker_count++;
    options.task_slots_per_worker = node.announcement.slots;
  }
  options.worker_count = std::max(options.worker_count, 1u);
  options.max_partition_count = static_cast<uint32_t>(settings.sizing.max_partitions);
  options.target_partition_bytes = std::min<uint64_t>(settings.sizing.hash_target.bytes, 64ull << 20);
  options.max_broadcast_bytes = settings.join_max_broadcast_size.bytes;
  options.single_task_rows = settings.sizing.scan_target_min.bytes / kBytesPerRow;
  return options;
}

void Coordinator::Plan(const std::shared_ptr<Query>& query) {
  query->Planning();
  try {
    const PreparedStatement statement =
        PrepareStatement(query->session(), query->sql(), properties_, catalogs_);
    if (statement.required_schema) {
      RequireSchema(*statement.required_schema_catalog, *statement.required_schema);
    }
    if (!statement.query) {
      query->FinishedWithoutRows(statement.changes, statement.update_type);
      return;
    }
    planner::QuerySession session;
    session.catalog = statement.catalog;
    session.schema = statement.schema;
    session.time_zone = TimeZoneOf(query->session());
    session.user = query->session().user;
    session.server_version = parts_.self.version;
    const planner::PlannerOptions options = PlannerOptionsFor(statement.settings);
    auto plan = std::make_shared<planner::DistributedPlan>(
        planner::PlanQuery(*parts_.engine, session, *statement.query, options, statement.locate));
    if (statement.explain) {
      *plan = planner::PlanQuery(*parts_.engine, session, ExplainQuery(*statement.explain, *plan), options);
    }
    Start(query, std::move(plan), statement.settings);
  } catch (const TrinoException& exception) {
    query->Fail(exception.error());
  }
}

void Coordinator::Start(const std::shared_ptr<Query>& query,
                        std::shared_ptr<const planner::DistributedPlan> plan, QuerySettings settings) {
  if (settings.retry.policy != RetryPolicy::kNone && !parts_.environment->exchange) {
    throw TrinoException(
        errors::EXCHANGE_MANAGER_NOT_CONFIGURED,
        "Exchange manager must be configured for the failure recovery capabilities to be fully functional");
  }
  // One fragment on this node has nothing to retry elsewhere and nobody who reads it but us.
  const bool local =
      plan->fragments.size() == 1 && plan->root().distribution == planner::Distribution::kCoordinator;
  if (local) settings.retry.policy = RetryPolicy::kNone;
  auto execution = std::make_shared<Execution>();
  execution->plan = plan;
  execution->settings = settings;
  execution->session = {query->session().user, TimeZoneOf(query->session()),
                        std::chrono::time_point_cast<std::chrono::microseconds>(query->created())};
  execution->millisecond_times = !query->session().has_capability("PARAMETRIC_DATETIME");
  {
    const std::lock_guard lock(mutex_);
    executions_[query->id()] = execution;
  }
  query->Planned(plan);
  if (query->ended()) return Ended(query->id());
  scheduler_.Post(scheduler::SubmitQuery{query->id(), SchedulerPlan(*plan, settings)});
  for (const planner::Fragment& fragment : plan->fragments) {
    for (const planner::FragmentScan& scan : fragment.scans) {
      scheduler::SplitsAdded splits{query->id(), {fragment.id}, scan.scan_id, {}, true};
      for (uint32_t i = 0; i < scan.splits.size(); i++) splits.splits.push_back({i, scan.splits[i].bytes});
      scheduler_.Post(std::move(splits));
    }
  }
}

std::shared_ptr<Coordinator::Execution> Coordinator::FindExecution(const QueryId& query) const {
  const std::lock_guard lock(mutex_);
  const auto found = executions_.find(query);
  return found == executions_.end() ? nullptr : found->second;
}

void Coordinator::OnReport(const NodeId&, protocol::TaskReport report) {
  std::shared_ptr<Query> query;
  {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(report.task.query);
    if (found != queries_.end()) query = found->second;
  }
  if (!query) return;
  query->CountTask(report.stats);
  if (report.state == protocol::TaskState::kFinished) {
    try {
      scheduler::TaskOutput output;
      for (const auto& partition : exchange::Manifest::Parse(report.manifest).PerPartition()) {
        output.partitions.push_back({partition.bytes, partition.rows});
      }
      output.manifest = std::make_shared<const std::string>(std::move(report.manifest));
      scheduler_.Post(scheduler::TaskFinished{report.task, std::move(output)});
      return;
    } catch (const TrinoException& exception) {
      report.error = exception.error();
    }
  }
  if (report.error) scheduler_.Post(scheduler::TaskFailed{report.task, *report.error, report.lost_producer});
}

void Coordinator::OnCommand(scheduler::Command command) {
  std::visit(
      [this](const auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, scheduler::StartTask>) StartTask(what);
        if constexpr (std::is_same_v<What, scheduler::CancelTask>) CancelTask(what);
        if constexpr (std::is_same_v<What, scheduler::QueryFinished>) FinishQuery(what);
        if constexpr (std::is_same_v<What, scheduler::QueryFailed>) FailQuery(what);
        if constexpr (std::is_same_v<What, scheduler::DeleteExchange>) {
          if (!what.fragment) DeleteExchange(what.query);
        }
      },
      command);
}

void Coordinator::StartTask(const scheduler::StartTask& start) {
  const auto execution = FindExecution(start.task.query);
  if (!execution) return;
  if (const auto query = std::static_pointer_cast<Query>(Find(start.task.query)))
    query->TaskStarted(start.task.fragment, start.node);
  const planner::Fragment& fragment = execution->plan->fragments[start.task.fragment.value];
  protocol::TaskDescriptor descriptor;
  descriptor.task = start.task;
  descriptor.plan = fragment.plan;
  descriptor.retry_policy = execution->settings.retry.policy == RetryPolicy::kNone
                                ? protocol::RetryPolicy::kNone
                                : protocol::RetryPolicy::kTask;
  descriptor.output_partitions = fragment.output_partition_count;
  descriptor.output = protocol::OutputTarget{0, exchange::SpoolKey(start.task)};
  descriptor.session = execution->session;
  for (const scheduler::ScanSplits& part : start.splits) {
    auto& splits = descriptor.scans[part.scan];
    const auto scan =
        std::find_if(fragment.scans.begin(), fragment.scans.end(),
                     [&](const planner::FragmentScan& scan) { return scan.scan_id == part.scan; });
    for (const uint32_t index : part.splits) {
      const connector::Split& split = scan->splits[index];
      splits.push_back({split.payload, split.rows, split.bytes});
    }
  }
  for (size_t i = 0; i < start.inputs.size(); i++) {
    protocol::InputMessage message;
    message.partitions = start.inputs[i].partitions;
    for (const scheduler::CommittedOutput& output : *start.inputs[i].outputs)
      message.manifests.push_back(*output.manifest);
    descriptor.inputs[fragment.inputs[i].input_id] = std::move(message);
  }
  if (start.node == parts_.self.node) {
    own_tasks_->Start(std::move(descriptor));
    return;
  }
  // A node that is not active any more is reported lost by the directory; its tasks with it.
  const auto uri = nodes_.UriOf(start.node);
  if (!uri) return;
  ClientRequest request;
  request.method = "POST";
  request.url = *uri + "/v1/task";
  request.body = descriptor.Serialize();
  request.headers.Set(worker::kAcknowledgeHeader, std::to_string(nodes_.LastReport(start.node)));
  request.deadline = kTaskRequestDeadline;
  // Starting the same task id twice is harmless.
  request.idempotent = true;
  parts_.client->Send(std::move(request), [this, gate = gate_, task = start.task](HttpOutcome outcome) {
    std::string reason;
    if (const auto* response = std::get_if<HttpResponse>(&outcome)) {
      if (response->status < 300) return;
      reason = fmt::format("HTTP status {}: {}", response->status, response->body);
    } else {
      reason = std::get<HttpError>(outcome).message;
    }
    gate->Pass([&] {
      scheduler_.Post(scheduler::TaskFailed{
          task,
          {errors::REMOTE_TASK_ERROR, "Task " + task.ToString() + " could not be started: " + reason, {}, {}},
          {}});
    });
  });
}

void Coordinator::CancelTask(const scheduler::CancelTask& cancel) {
  if (cancel.node == parts_.self.node) return own_tasks_->Cancel(cancel.task);
  const auto uri = nodes_.UriOf(cancel.node);
  if (!uri) return;
  ClientRequest request;
  request.method = "DELETE";
  request.url = *uri + "/v1/task/" + cancel.task.ToString();
  request.deadline = kTaskRequestDeadline;
  parts_.client->Send(std::move(request), [](HttpOutcome) {});
}

void Coordinator::FinishQuery(const scheduler::QueryFinished& finished) {
  const auto query = std::static_pointer_cast<Query>(Find(finished.query));
  const auto execution = FindExecution(finished.query);
  if (!query || !execution) return;
  try {
    std::vector<exchange::Manifest> outputs;
    for (const auto& output : *finished.outputs)
      outputs.push_back(exchange::Manifest::Parse(*output.manifest));
    query->Finishing(std::make_unique<ResultReader>(parts_.environment->locator, std::move(outputs),
                                                    execution->plan->column_types,
                                                    execution->millisecond_times));
  } catch (const TrinoException& exception) {
    query->Fail(exception.error());
  }
}

void Coordinator::FailQuery(const scheduler::QueryFailed& failed) {
  if (const auto query = std::static_pointer_cast<Query>(Find(failed.query))) query->Fail(failed.error);
}

void Coordinator::CancelWork(const QueryId& query, const Error& error) {
  scheduler_.Post(scheduler::CancelQuery{query, error});
}

std::vector<scheduler::StageStatus> Coordinator::Stages(const QueryId& query) {
  return scheduler_.Stages(query);
}

std::vector<scheduler::AttemptStatus> Coordinator::Attempts(const Query& query) const {
  auto attempts = query.kept_attempts();
  return attempts.empty() ? scheduler_.Attempts(query.id()) : attempts;
}

void Coordinator::Ended(const QueryId& id) {
  const auto query = std::static_pointer_cast<Query>(Find(id));
  if (!query) return;
  query->KeepAttempts(scheduler_.Stages(id), scheduler_.Attempts(id));
  bool executed;
  {
    const std::lock_guard lock(mutex_);
    executed = executions_.erase(id) > 0;
    ended_.push_back(id);
  }
  if (executed) scheduler_.Post(scheduler::ForgetQuery{id});
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
    }
    ended_.pop_front();
  }
}

void Coordinator::DeleteExchange(const QueryId& query) {
  const auto remove = [this, query] {
    try {
      if (parts_.environment->exchange) exchange::DeleteSpooled(*parts_.environment->exchange, query);
      parts_.environment->node_store->DeletePrefix(query.value);
    } catch (const TrinoException& exception) {
      spdlog::warn("spooled data of query {} could not be deleted: {}", query.value, exception.what());
    }
  };
  reading_pool_.Post(remove);
  // A cancelled attempt may still be writing.
  parts_.loop->RunAfter(std::chrono::seconds(5),
                        [this, gate = gate_, remove] { gate->Pass([&] { reading_pool_.Post(remove); }); });
  for (const ClusterNode& node : nodes_.Nodes()) {
    if (node.state != NodeState::kActive || node.announcement.node == parts_.self.node) continue;
    ClientRequest request;
    request.method = "DELETE";
    request.url = node.announcement.internal_uri + "/v1/spool/" + query.value;
    parts_.client->Send(std::move(request), [](HttpOutcome) {});
  }
}

}  // namespace planaria::coordinator
