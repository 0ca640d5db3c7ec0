// One query from its acceptance to its last page: its state, what the client may ask of it, what its plan
// became.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/client_query.h"
#include "coordinator/query_limits.h"
#include "env/blocking_pool.h"
#include "planner/distributed_plan.h"
#include "protocol/node_usage.h"
#include "protocol/task_messages.h"
#include "scheduler/status.h"

namespace planaria::coordinator {

class ResultReader;

/// Trino's query states, in the order in which a query goes through them.
enum class QueryState : uint8_t {
  kQueued,
  kPlanning,
  kStarting,
  kRunning,
  kFinishing,
  kFinished,
  kFailed,
};
std::string_view QueryStateName(QueryState state);

/// What a query tells the coordinator, and what it needs of it.
class QueryHost {
 public:
  virtual ~QueryHost() = default;
  /// The client wants this query to end with `error`; it is already failed for the client.
  virtual void CancelWork(const QueryId& query, const Error& error) = 0;
  /// The query has ended and its rows are read: what it left behind may go. Once per query.
  virtual void Ended(const QueryId& query) = 0;
  virtual std::vector<scheduler::StageStatus> Stages(const QueryId& query) = 0;
  /// The first row of a result goes to the client.
  virtual void RowsTaken(const QueryId& query) = 0;
  /// For reading results, which blocks.
  virtual BlockingPool& reading_pool() = 0;
};

/// Thread-safe.
class Query : public ClientQuery, public std::enable_shared_from_this<Query> {
 public:
  Query(QueryHost& host, QueryId id, protocol::SessionHeaders session, std::string sql,
        std::chrono::system_clock::time_point created = std::chrono::system_clock::now());
  ~Query() override;

  // What the client asks.
  const QueryId& id() const override { return id_; }
  const protocol::SessionHeaders& session() const override { return session_; }
  const std::string& sql() const override { return sql_; }
  QuerySnapshot Snapshot() const override;
  void WhenDispatched(std::function<void()> done) override;
  void NextPage(size_t max_bytes, std::function<void(ResultPage)> done) override;
  void Cancel(const Error& error) override;

  // What the coordinator tells. Each does nothing once the query has ended.
  void Planning();
  /// Columns are known; tasks may be described from now on.
  void Planned(std::shared_ptr<const planner::DistributedPlan> plan);
  void Warn(protocol::Warning warning);
  void TaskStarted(const TaskId& task, const NodeId& node);
  /// What a running task has used so far; of others it has no effect.
  void TaskUses(const protocol::TaskUsage& usage);
  /// What its tasks hold now on all nodes.
  void Holds(uint64_t memory_bytes);
  void CountTask(const TaskId& task, const protocol::TaskStats& stats);
  /// The rows come while the query runs; StreamFinished follows.
  void Streaming(std::unique_ptr<ResultReader> reader);
  /// All that Streaming's reader gives is the result.
  void StreamFinished();
  /// All rows of the result are there.
  void Finishing(std::unique_ptr<ResultReader> reader);
  /// A statement without rows is done.
  void FinishedWithoutRows(protocol::SessionChanges changes, std::optional<std::string> update_type);
  /// An earlier start of the coordinator gave all its rows; call after Planned.
  void FinishedBefore();
  /// A query with rows may also change the session (prepared statements of EXPLAIN and the like do not).
  void Fail(const Error& error);

  bool ended() const;
  std::optional<Error> error() const;
  QueryState state() const;
  /// Of all attempts that have ended so far.
  protocol::TaskStats totals() const;
  std::chrono::system_clock::time_point created() const { return created_; }
  std::optional<std::chrono::system_clock::time_point> ended_at() const;
  std::shared_ptr<const planner::DistributedPlan> plan() const;
  QueryConsumption Consumption() const;
  /// Attempts as they were when the query ended, for those who ask later.
  void KeepAttempts(std::vector<scheduler::StageStatus> stages,
                    std::vector<scheduler::AttemptStatus> attempts);
  std::vector<scheduler::AttemptStatus> kept_attempts() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    size_t max_bytes;
    std::function<void(ResultPage)> done;
  };
  void Enter(QueryState state);
  /// With the lock held: of tasks that have ended and of those that run.
  protocol::TaskStats Totals() const;
  /// Reads for waiting_for_page_, on the pool; once more for every call.
  void Read();
  void ReadNow();
  void GiveRows(std::optional<Waiting> waiting, ResultPage page);
  void GiveEnd(std::optional<Waiting> waiting);
  /// Gives the end to whoever waits; call without the lock.
  void ReleaseWaiting();

  QueryHost& host_;
  const QueryId id_;
  const protocol::SessionHeaders session_;
  const std::string sql_;
  const std::chrono::system_clock::time_point created_;
  /// Since then, where an earlier start of the coordinator accepted the query.
  const Duration age_;
  const Clock::time_point accepted_ = Clock::now();

  mutable std::mutex mutex_;
  QueryState state_ = QueryState::kQueued;
  std::map<QueryState, Clock::time_point> entered_;
  std::optional<std::chrono::system_clock::time_point> ended_at_;
  std::optional<Error> error_;
  std::shared_ptr<const planner::DistributedPlan> plan_;
  std::optional<std::vector<protocol::Column>> columns_;
  protocol::SessionChanges changes_;
  std::optional<std::string> update_type_;
  std::vector<protocol::Warning> warnings_;
  /// Of attempts that have ended.
  protocol::TaskStats totals_;
  /// Of the others what they have used when they were last asked; lost ones stay.
  std::map<TaskId, protocol::TaskUsage> running_;
  /// Where tasks of each fragment have been.
  std::map<FragmentId, std::set<NodeId>> nodes_;
  std::vector<scheduler::StageStatus> kept_stages_;
  std::vector<scheduler::AttemptStatus> kept_attempts_;
  std::shared_ptr<ResultReader> reader_;
  /// Nothing comes after what reader_ gives.
  bool result_complete_ = false;
  bool rows_taken_ = false;
  /// A call of ReadNow is under way; and another one was asked for meanwhile.
  bool reading_ = false;
  bool read_again_ = false;
  std::vector<std::function<void()>> waiting_for_dispatch_;
  std::optional<Waiting> waiting_for_page_;
};

}  // namespace planaria::coordinator
