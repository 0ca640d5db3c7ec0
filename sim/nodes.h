// The processes of a world over simulated parts: workers, and what they share with the coordinator.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sim/faulty_store.h"
#include "sim/history.h"
#include "sim/model_tasks.h"
#include "sim/network.h"
#include "sim/plants.h"
#include "worker/worker_node.h"

namespace planaria::sim {

/// What every process of a world is made from.
struct WorldParts {
  SimLoop& loop;
  RandomSource& random;
  Conditions& conditions;
  Network& network;
  History& history;
  Table& table;
  std::shared_ptr<storage::MemoryObjectStore> objects;
  /// Every query that there will be.
  const std::map<QueryId, const ModelQuery*>& queries;
  size_t inline_bytes = 0;
  /// What streams keep in memory, on each side.
  uint64_t stream_bytes = 0;
  Plant plant = Plant::kNone;

  std::shared_ptr<storage::StoreSet> StoreOf(const std::shared_ptr<Process>& process) const;
  exchange::StreamStoreOptions StreamOptions() const;
  exchange::StreamReaderOptions StreamReading() const;
  ModelEnvironment EnvironmentOf(const std::shared_ptr<Process>& process,
                                 const exchange::StreamNetwork& streams) const;
};

inline constexpr Duration kHeartbeat = std::chrono::milliseconds(100);

protocol::NodeAnnouncement AnnouncementOf(uint32_t host, const std::string& instance, uint32_t slots);
std::shared_ptr<Process> NewProcess(uint32_t host);

/// One start of a worker.
class WorkerProcess {
 public:
  WorkerProcess(const WorldParts& parts, uint32_t host, const std::string& instance, uint32_t slots);
  /// The process dies, and the machine with it if `silent`.
  void Die(bool silent);
  ~WorkerProcess();
  /// Lets the worker leave; `done` is called in the world, not in the process, when it may end.
  void Drain(Duration grace, std::function<void()> done);

  const std::shared_ptr<Process>& process() const { return process_; }
  size_t running_tasks() const { return node_->tasks().running(); }
  size_t streamed_outputs() const { return streams_.size(); }

 private:
  const WorldParts& parts_;
  const std::shared_ptr<Process> process_;
  SimExecutor executor_;
  SimHttpClient client_;
  SimServer server_;
  SimWorkQueue work_;
  exchange::StreamStore streams_;
  ModelTaskRunner runner_;
  std::unique_ptr<worker::WorkerNode> node_;
};

}  // namespace planaria::sim
