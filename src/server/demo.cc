#include "server/demo.h"

#include <fmt/format.h>

#include <future>

#include "base/error.h"
#include "connector/tpch/tpch_oracle.h"
#include "connector/tpch/tpch_queries.h"
#include "env/tcp_http_client.h"
#include "server/demo/demo_report.h"
#include "server/demo/interrupt_guard.h"
#include "server/demo/local_cluster.h"
#include "server/demo/row_comparison.h"
#include "server/demo/trino_session.h"
#include "server/demo/worker_killer.h"

namespace planaria::server {

namespace {

using connector::kTpchQueries;
using connector::TpchQuery;

/// From here on a worker may be killed; in the first query whose tasks run long enough it is.
constexpr int kFirstKill = 9;
/// So many queries run without the killed worker.
constexpr int kQueriesWithoutWorker = 2;
constexpr auto kJoinLimit = std::chrono::seconds(30);
constexpr auto kPause = std::chrono::milliseconds(20);

using Answers = std::vector<nlohmann::json>;

Answers AnswersOfDuckDb(const std::string& schema, const DemoReport& report) {
  report.Event("Single-process DuckDB first, for the answers: loading tpch." + schema);
  connector::TpchOracle oracle;
  oracle.Load(schema, [&report](const std::string& table, uint64_t rows) {
    report.Event(fmt::format("  {:<9}{:>11} rows", table, rows));
  });
  Answers answers;
  for (int number = 1; number <= kTpchQueries; ++number) {
    answers.push_back(nlohmann::json::parse(oracle.Rows(std::string(TpchQuery(number)))));
  }
  report.Event(fmt::format("DuckDB has answered all {} queries", kTpchQueries));
  return answers;
}

/// The killer of one query: ends with it.
class KillerOfQuery {
 public:
  ~KillerOfQuery() { stop_.request_stop(); }

  void Start(LocalCluster& cluster, const TrinoSession& session, const std::string& query_id) {
    kill_ = std::async(std::launch::async, [&cluster, &session, query_id, stop = stop_.get_token()] {
      return KillABusyWorker(cluster, session, query_id, stop);
    });
  }

  std::optional<Kill> Finish() {
    stop_.request_stop();
    return kill_.valid() ? kill_.get() : std::nullopt;
  }

 private:
  std::stop_source stop_;
  std::future<std::optional<Kill>> kill_;
};

class Demo {
 public:
  Demo(const DemoOptions& options, LocalCluster& cluster, const Answers& answers, const DemoReport& report)
      : options_(options),
        cluster_(cluster),
        answers_(answers),
        report_(report),
        client_(loop_),
        session_(client_, cluster.uri(), "tpch", options.schema) {}

  /// True when every answer of every run was right and every kill cost running tasks.
  bool Run() {
    StartCluster();
    int right = 0;
    for (int run = 1; run <= options_.runs; ++run) {
      if (options_.runs > 1) report_.Heading(fmt::format("Run {} of {}", run, options_.runs));
      right += RunQueries(run == 1);
    }
    if (options_.runs > 1) report_.Event(fmt::format("{} of {} runs right", right, options_.runs));
    return right == options_.runs;
  }

 private:
  void StartCluster() {
    cluster_.Start();
    WaitForNodes();
    report_.Event(fmt::format("A coordinator and {} workers are up at {}, retry-policy=TASK",
                              cluster_.workers().size(), cluster_.uri()));
  }

  /// Until all nodes are active.
  void WaitForNodes() {
    const auto deadline = std::chrono::steady_clock::now() + kJoinLimit;
    while (ActiveNodes() != cluster_.workers().size() + 1) {
      cluster_.CheckRunning();
      if (std::chrono::steady_clock::now() > deadline) {
        throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Not all nodes have joined the cluster");
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  size_t ActiveNodes() {
    try {
      return session_.Run("SELECT node_id FROM system.runtime.nodes WHERE state = 'active'").rows.size();
    } catch (const TrinoException& exception) {
      if (exception.error().code == errors::REMOTE_HOST_GONE) return 0;
      throw;
    }
  }

  /// All queries once, with a kill on the way.
  bool RunQueries(bool show_loss) {
    std::vector<QueryRun> runs;
    std::optional<QueryRun> loss;
    std::string missing;
    int restart_before = 0;
    report_.TableHead();
    for (int number = 1; number <= kTpchQueries; ++number) {
      if (!missing.empty() && number == restart_before) Restart(std::exchange(missing, ""));
      runs.push_back(RunQuery(number, number >= kFirstKill && !loss));
      const QueryRun& run = runs.back();
      report_.TableRow(run);
      if (!run.kill) continue;
      missing = run.kill->worker;
      const size_t lost = run.Lost().size();
      report_.Event(fmt::format("{} was killed (SIGKILL) during {}: it was running {} of its tasks", missing,
                                QueryName(number), lost));
      if (lost > 0) {
        loss = run;
        restart_before = number + 1 + kQueriesWithoutWorker;
      } else {
        Restart(std::exchange(missing, ""));
      }
    }
    if (!missing.empty()) Restart(missing);
    report_.TableTotals(runs);
    if (loss) ReportReturn(loss->kill->worker, restart_before, runs);
    if (loss && show_loss) report_.Loss(*loss);
    return Judge(runs, loss);
  }

  QueryRun RunQuery(int number, bool kill) {
    const std::string sql(TpchQuery(number));
    QueryRun run;
    run.number = number;
    KillerOfQuery killer;
    std::string query_id;
    const auto begin = std::chrono::steady_clock::now();
    try {
      const StatementResult result = session_.Run(sql, [&](const std::string& id) {
        query_id = id;
        if (kill) killer.Start(cluster_, session_, id);
      });
      run.rows = result.rows.size();
      run.problem = FirstDifference(answers_[number - 1], result.rows, OrdersItsRows(sql));
    } catch (const TrinoException& exception) {
      run.problem = exception.error().ToString();
    }
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    cluster_.CheckRunning();
    run.kill = killer.Finish();
    if (!query_id.empty()) run.attempts = AttemptsOf(session_, query_id);
    return run;
  }

  void Restart(const std::string& worker) {
    const auto begin = std::chrono::steady_clock::now();
    cluster_.StartWorker(worker);
    WaitForNodes();
    const auto taken =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    report_.Event(
        fmt::format("{} was started again and joined the cluster after {} ms", worker, taken.count()));
  }

  /// A worker that came back has work again.
  void ReportReturn(const std::string& worker, int first_query, const std::vector<QueryRun>& runs) {
    size_t tasks = 0;
    for (const QueryRun& run : runs) {
      if (run.number < first_query) continue;
      for (const TaskAttempt& attempt : run.attempts) {
        tasks += attempt.node == worker && attempt.state == "FINISHED";
      }
    }
    report_.Event(fmt::format("{} has run {} tasks since it came back", worker, tasks));
  }

  bool Judge(const std::vector<QueryRun>& runs, const std::optional<QueryRun>& loss) {
    size_t equal = 0;
    for (const QueryRun& run : runs) equal += !run.problem;
    const std::string answers =
        fmt::format("{} of {} answers equal single-process DuckDB's", equal, runs.size());
    if (!loss) {
      report_.Problem(answers + ", but no worker could be killed while it ran tasks: nothing was shown");
      return false;
    }
    if (equal < runs.size()) {
      report_.Problem(answers);
      return false;
    }
    report_.Event(fmt::format("{}; killing {} in {} cost {} running tasks, all of which ran again elsewhere",
                              answers, loss->kill->worker, QueryName(loss->number), loss->Lost().size()));
    return true;
  }

  const DemoOptions options_;
  LocalCluster& cluster_;
  const Answers& answers_;
  const DemoReport& report_;
  EventLoop loop_{1};
  TcpHttpClient client_;
  const TrinoSession session_;
};

}  // namespace

int RunDemo(const DemoOptions& options) {
  DemoReport report;
  if (options.workers < 2 || options.runs < 1) {
    report.Problem("The demo needs at least 2 workers, because one of them dies, and at least 1 run");
    return 2;
  }
  try {
    const Answers answers = AnswersOfDuckDb(options.schema, report);
    LocalCluster cluster(options.workers);
    const InterruptGuard guard([&cluster, &report] {
      report.Event("Interrupted: ending all processes");
      report.Silence();
      cluster.KillAll();
      cluster.DeleteFiles();
    });
    bool right = false;
    try {
      right = Demo(options, cluster, answers, report).Run();
    } catch (const TrinoException& exception) {
      report.Problem(exception.error().ToString());
    }
    cluster.KillAll();
    if (right) {
      cluster.DeleteFiles();
    } else {
      report.Event("Logs and configuration are kept in " + cluster.directory().string());
    }
    return right ? 0 : 1;
  } catch (const TrinoException& exception) {
    report.Problem(exception.error().ToString());
    return 1;
  }
}

}  // namespace planaria::server
