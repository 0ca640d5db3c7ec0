// Runs queries: takes statements, plans them, drives the scheduler, tells workers what to run, gives results
// out.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"
#include "config/etc_config.h"
#include "config/session_properties.h"
#include "coordinator/client_query.h"
#include "coordinator/node_directory.h"
#include "coordinator/query.h"
#include "coordinator/scheduler_thread.h"
#include "env/http_client.h"
#include "env/http_server.h"
#include "env/random.h"
#include "exchange/manifest.h"
#include "kernel/engine.h"
#include "planner/query_planner.h"
#include "worker/task_pool.h"

namespace planaria::coordinator {

/// What a coordinator needs of its process; everything outlives it.
struct CoordinatorParts {
  const EtcConfig* config = nullptr;
  kernel::Engine* engine = nullptr;
  EventLoop* loop = nullptr;
  HttpClient* client = nullptr;
  RandomSource* random = nullptr;
  /// Tasks of the coordinator's own node.
  worker::TaskEnvironment* environment = nullptr;
  protocol::NodeAnnouncement self;
};

/// Thread-safe.
class Coordinator : public QueryService, public QueryHost {
 public:
  explicit Coordinator(CoordinatorParts parts);
  /// Fails what runs and waits for this node's own tasks.
  ~Coordinator() override;

  /// PUT /v1/announcement/{node}.
  void AddRoutes(HttpServer& server);

  /// True for queries of this coordinator, of whichever start.
  bool Owns(const QueryId& query) const;

  // QueryService
  std::shared_ptr<ClientQuery> Submit(protocol::SessionHeaders session, std::string sql) override;
  std::shared_ptr<ClientQuery> Refuse(protocol::SessionHeaders session, std::string sql,
                                      Error error) override;
  std::shared_ptr<ClientQuery> Find(const QueryId& id) override;
  std::vector<std::shared_ptr<ClientQuery>> List() override;

  // QueryHost
  void CancelWork(const QueryId& query, const Error& error) override;
  void Ended(const QueryId& query) override;
  std::vector<scheduler::StageStatus> Stages(const QueryId& query) override;
  BlockingPool& reading_pool() override { return reading_pool_; }

  // For the system catalog.
  std::vector<ClusterNode> Nodes() const { return nodes_.Nodes(); }
  std::vector<std::shared_ptr<Query>> Queries() const;
  std::vector<scheduler::AttemptStatus> Attempts(const Query& query) const;

 private:
  /// A planned query as long as its tasks may need it.
  struct Execution;

  /// What timers and answered requests of the process's loop pass to come back here; shut once the
  /// coordinator goes.
  struct Gate {
    std::mutex mutex;
    bool open = true;
    void Pass(const std::function<void()>& action) {
      const std::lock_guard lock(mutex);
      if (open) action();
    }
  };

  std::shared_ptr<Query> Accept(protocol::SessionHeaders session, std::string sql);
  void Plan(const std::shared_ptr<Query>& query);
  void Start(const std::shared_ptr<Query>& query, std::shared_ptr<const planner::DistributedPlan> plan,
             QuerySettings settings);
  std::shared_ptr<Execution> FindExecution(const QueryId& query) const;
  void OnReport(const NodeId& node, protocol::TaskReport report);
  void OnCommand(scheduler::Command command);
  void StartTask(const scheduler::StartTask& start);
  void CancelTask(const scheduler::CancelTask& cancel);
  void FinishQuery(const scheduler::QueryFinished& finished);
  void FailQuery(const scheduler::QueryFailed& failed);
  void DeleteExchange(const QueryId& query);
  /// Throws SCHEMA_NOT_FOUND.
  void RequireSchema(const std::string& catalog, const std::string& schema) const;
  planner::PlannerOptions PlannerOptionsFor(const QuerySettings& settings) const;
  void DropOldQueries();

  const CoordinatorParts parts_;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const std::string coordinator_id_;
  const SessionProperties properties_;
  std::vector<std::string> catalogs_;
  std::atomic<uint32_t> next_query_;
  mutable std::mutex mutex_;
  std::map<QueryId, std::shared_ptr<Query>> queries_;
  std::deque<QueryId> ended_;
  std::map<QueryId, std::shared_ptr<Execution>> executions_;
  BlockingPool planning_pool_;
  BlockingPool reading_pool_;
  SchedulerThread scheduler_;
  NodeDirectory nodes_;
  std::unique_ptr<worker::TaskPool> own_tasks_;
};

}  // namespace planaria::coordinator
