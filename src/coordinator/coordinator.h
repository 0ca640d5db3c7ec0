// Runs queries: takes statements, plans them, drives the scheduler, tells workers what to run, gives results
// out.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "config/etc_config.h"
#include "config/session_properties.h"
#include "coordinator/client_query.h"
#include "coordinator/cluster_tasks.h"
#include "coordinator/descriptor_storage.h"
#include "coordinator/execution_driver.h"
#include "coordinator/journal_keeper.h"
#include "coordinator/node_directory.h"
#include "coordinator/object_journal.h"
#include "coordinator/query.h"
#include "coordinator/query_queue.h"
#include "coordinator/result_reader.h"
#include "coordinator/spool_keys.h"
#include "coordinator/spool_ledger.h"
#include "coordinator/statement_preparation.h"
#include "coordinator/streamed_results.h"
#include "coordinator/transactions.h"
#include "coordinator/usage_collector.h"
#include "env/http_client.h"
#include "env/http_routes.h"
#include "env/random.h"
#include "env/serial_executor.h"
#include "kernel/engine.h"
#include "planner/query_planner.h"
#include "worker/task_execution.h"
#include "worker/task_pool.h"

namespace planaria::coordinator {

/// What a coordinator needs of its process; everything outlives it.
struct CoordinatorParts {
  const EtcConfig* config = nullptr;
  kernel::Engine* engine = nullptr;
  EventLoop* loop = nullptr;
  const Clock* clock = nullptr;
  HttpClient* client = nullptr;
  RandomSource* random = nullptr;
  /// Tasks of the coordinator's own node.
  worker::TaskEnvironment* environment = nullptr;
  /// Runs the tasks of this node.
  worker::TaskRunner* task_runner = nullptr;
  protocol::NodeAnnouncement self;
  /// What the JVM's heap would have been: some settings are shares of it.
  uint64_t heap_bytes = 0;
  /// Wraps the keys of spooled data in the journal; see SpoolKeys.
  Secret wrapping_secret;
  /// Where task descriptors go that find no room in memory.
  std::string descriptor_directory;
  /// Another coordinator has taken this one's journal over: the process must end without another word.
  std::function<void()> fenced;
  /// Called, on any thread, before everything that the journal, the nodes or a table keep of this
  /// coordinator: does not return when another may have taken over. Null where there is no other.
  std::function<void()> must_be_active{};
};

/// Thread-safe.
class Coordinator : public QueryService, public QueryHost, private ExecutionListener {
 public:
  explicit Coordinator(CoordinatorParts parts);
  /// Fails what runs and waits for this node's own tasks.
  ~Coordinator() override;

  /// Takes up the queries of earlier starts and lets this node join. Once, before any route is called. Tasks
  /// that ran in earlier starts, here or on the nodes `gone`, are not waited for.
  void Start(std::set<NodeId> gone);

  /// PUT /v1/announcement/{node}.
  void AddRoutes(HttpRoutes& server);

  /// True for queries of this coordinator, of whichever start.
  bool Owns(const QueryId& query) const;
  /// Under TASK: a query of an earlier start that goes on counts, too.
  bool Runs(const QueryId& query) const;
  /// The same for every start of this coordinator that shares its journal; empty without one.
  const std::string& secret() const { return secret_; }
  /// Where the journal and what lies beside it are, in the first base directory.
  std::string journal_folder() const;

  // QueryService
  std::shared_ptr<ClientQuery> Submit(protocol::SessionHeaders session, std::string sql) override;
  std::shared_ptr<ClientQuery> Refuse(protocol::SessionHeaders session, std::string sql,
                                      Error error) override;
  std::shared_ptr<ClientQuery> Find(const QueryId& id) override;
  std::optional<Error> Lost(const QueryId& id) override;
  std::vector<std::shared_ptr<ClientQuery>> List() override;

  // QueryHost
  void CancelWork(const QueryId& query, const Error& error) override;
  void Ended(const QueryId& query) override;
  std::vector<scheduler::StageStatus> Stages(const QueryId& query) override;
  void RowsTaken(const QueryId& query) override { driver_.ResultTaken(query); }
  BlockingPool& reading_pool() override { return reading_pool_; }

  // For the system catalog.
  std::vector<ClusterNode> Nodes() const { return nodes_.Nodes(); }
  std::vector<std::shared_ptr<Query>> Queries() const;
  std::vector<scheduler::AttemptStatus> Attempts(const Query& query) const;
  std::vector<Transaction> OpenTransactions() const;
  /// Of each catalog the name of its connector.
  std::map<std::string, std::string> ConnectorNames() const;

 private:
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

  /// A query that has not ended.
  struct ActiveQuery {
    std::shared_ptr<Query> query;
    QuerySettings settings;
  };

  std::shared_ptr<Query> Accept(protocol::SessionHeaders session, std::string sql);
  void Plan(const std::shared_ptr<Query>& query);
  /// START TRANSACTION, COMMIT and ROLLBACK; of any other statement, that its transaction takes it.
  void Control(const PreparedStatement& statement, const protocol::SessionHeaders& session,
               protocol::SessionChanges& changes);
  /// Throws NOT_FOUND, NOT_SUPPORTED when it does not run any more.
  void Kill(const KillQuery& kill);
  /// Throws NOT_SUPPORTED unless the kernel knows the zone; with a place INVALID_SESSION_PROPERTY.
  void RequireTimeZone(const std::string& zone, std::optional<ErrorLocation> location = {}) const;
  void Start(const std::shared_ptr<Query>& query, std::shared_ptr<planner::DistributedPlan> plan,
             const PreparedStatement& statement);
  /// The plan's final steps are there for its last task.
  void PutFinalSteps(const Query& query, const planner::DistributedPlan& plan, bool analyze);
  /// The root's rows are there: commits a write, then gives them to the client.
  void Complete(const std::shared_ptr<Query>& query, std::function<std::unique_ptr<ResultPages>()> result);
  std::shared_ptr<Query> FindQuery(const QueryId& id) const;
  /// What AUTO is for a query of this plan.
  RetryPolicy ChooseAuto(const planner::DistributedPlan& plan, const QuerySettings& settings) const;
  std::unique_ptr<ResultReader> ReaderOf(const Query& query, std::unique_ptr<ResultPages> pages) const;
  StreamedResultsParts ResultsParts();
  void GiveResult(const QueryId& id, const std::vector<ResultOutput>& outputs);
  void DeleteOutputsHere(const QueryId& query);
  QuerySettings SettingsOf(const protocol::SessionHeaders& session) const;
  /// From now on, now and then.
  void WatchLimits();
  /// Ends the queries that have passed a limit, and asks the nodes what the others use.
  void EnforceLimits();
  /// Where tasks wait for memory: lets one task of each such node, or a whole query, make room.
  void MakeRoom(const std::vector<ActiveQuery>& active, const std::map<NodeId, protocol::NodeUsage>& usages);
  void NodeUses(const NodeId& node, const protocol::NodeUsage& usage);
  /// Takes up what the journal of an earlier start tells.
  void Recover();
  void Recover(const QueryId& id, ObjectJournal::Recovered journal);
  /// Takes the splits' payloads out of the plan. `session`: the query's own, or with what WITH SESSION says.
  std::shared_ptr<const Execution> ExecutionOf(const Query& query, const protocol::SessionHeaders& session,
                                               planner::DistributedPlan& plan, const QuerySettings& settings);
  /// Asks a node that has joined which tasks of an earlier start of this coordinator it still runs.
  void AdoptTasks(const protocol::NodeAnnouncement& node);

  // ExecutionListener
  void StageWasCut(const scheduler::StageCut& cut) override { keeper_.Cut(cut); }
  void ChoiceWasMade(const scheduler::ChoiceMade& choice) override { keeper_.Choice(choice); }
  void MergeWasDecided(const scheduler::MergeDecided& decision) override { keeper_.Merge(decision); }
  void TaskReported(const protocol::TaskReport& report, const std::function<void()>& settled) override {
    // Without a manifest it was streamed, and its rows may be held in an object of its name.
    if (report.state == protocol::TaskState::kFinished && !report.manifest.empty())
      ledger_.Finished(report.task, report.stats.spool_written_bytes);
    keeper_.Report(report, settled);
  }
  void TaskGivenUp(const TaskId& task) override { keeper_.GiveUp(task); }
  void TaskStarted(const TaskId& task, const NodeId& node) override;
  void TaskEnded(const TaskId& task, const protocol::TaskStats& stats) override;
  void ResultStreams(const QueryId& query, std::vector<protocol::StreamSourceMessage> sources,
                     bool hold) override;
  void StreamFinished(const QueryId& query) override;
  void QueryFinished(const QueryId& query, std::vector<ResultOutput> outputs) override;
  void QueryFailed(const QueryId& query, const Error& error) override;

  /// Throws NOT_FOUND for a schema that is to be the session's, SCHEMA_NOT_FOUND for another.
  void RequireSchema(const std::string& catalog, const std::string& schema, bool of_session) const;
  planner::PlannerOptions PlannerOptionsFor(const QuerySettings& settings) const;
  void DropOldQueries();

  const CoordinatorParts parts_;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  const std::string coordinator_id_;
  const SessionProperties properties_;
  std::vector<std::string> catalogs_;
  std::atomic<uint32_t> next_query_;
  std::chrono::system_clock::time_point started_;
  std::string secret_;
  SpoolKeys keys_;
  /// Nodes whose tasks of earlier starts do not run any more.
  std::set<NodeId> gone_;
  mutable std::mutex mutex_;
  std::map<QueryId, std::shared_ptr<Query>> queries_;
  std::map<QueryId, ActiveQuery> active_;
  QueryQueue queue_;
  /// What the nodes said last.
  std::map<NodeId, protocol::NodeUsage> usages_;
  /// Tasks that had to make room; only for MakeRoom.
  std::set<TaskId> killed_;
  std::deque<QueryId> ended_;
  Transactions transactions_;
  BlockingPool planning_pool_;
  BlockingPool reading_pool_;
  StreamedResults results_;
  SerialExecutor serial_;
  DescriptorStorage storage_;
  ExecutionDriver driver_;
  /// Null without an exchange manager.
  std::unique_ptr<ObjectJournal> journal_;
  JournalKeeper keeper_;
  SpoolLedger ledger_;
  NodeDirectory nodes_;
  std::unique_ptr<worker::TaskPool> own_tasks_;
  ClusterTasks tasks_;
  std::unique_ptr<UsageCollector> usage_;
};

}  // namespace planaria::coordinator
