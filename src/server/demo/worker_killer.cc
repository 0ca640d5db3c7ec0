#include "server/demo/worker_killer.h"

#include <map>
#include <thread>

namespace planaria::server {

namespace {

constexpr auto kPause = std::chrono::milliseconds(20);
/// Tasks that have run this long are past their start and not done soon.
constexpr auto kBusyFor = std::chrono::milliseconds(60);
/// Makes it a loss in the middle: the outputs of these tasks are there to be kept.
constexpr size_t kFinishedBefore = 3;

struct Load {
  size_t running = 0, finished = 0;
  WallTime oldest_start = WallTime::max();
};

std::map<std::string, Load> LoadOfWorkers(const std::vector<std::string>& workers,
                                          const std::vector<TaskAttempt>& attempts) {
  std::map<std::string, Load> loads;
  for (const std::string& worker : workers) loads[worker];
  for (const TaskAttempt& attempt : attempts) {
    const auto load = loads.find(attempt.node);
    if (load == loads.end()) continue;
    if (attempt.state == "FINISHED") load->second.finished++;
    if (attempt.state != "RUNNING") continue;
    load->second.running++;
    load->second.oldest_start = std::min(load->second.oldest_start, attempt.start);
  }
  return loads;
}

}  // namespace

std::optional<Kill> KillABusyWorker(LocalCluster& cluster, const TrinoSession& session,
                                    const std::string& query_id, std::stop_token stop) {
  while (!stop.stop_requested()) {
    const auto busy_since = std::chrono::system_clock::now() - kBusyFor;
    std::optional<Kill> kill;
    for (const auto& [worker, load] : LoadOfWorkers(cluster.workers(), AttemptsOf(session, query_id))) {
      if (load.finished < kFinishedBefore || load.running == 0 || load.oldest_start > busy_since) continue;
      if (!kill || load.running > kill->running_tasks) kill = Kill{worker, {}, load.running};
    }
    if (kill) {
      kill->time = std::chrono::system_clock::now();
      cluster.KillWorker(kill->worker);
      return kill;
    }
    std::this_thread::sleep_for(kPause);
  }
  return std::nullopt;
}

}  // namespace planaria::server
