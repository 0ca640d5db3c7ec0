// A cluster of processes of this program on this machine, with everything it writes in one temporary folder.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/demo/child_process.h"

namespace planaria::server {

/// One coordinator that runs no tasks, workers `worker1`, `worker2`, ..., retry-policy=TASK, an exchange over
/// two directories and the catalog `tpch`. Processes end with the thread that starts them, so Start() and
/// StartWorker() belong on the main thread; the other functions may be called from any.
class LocalCluster {
 public:
  /// Writes the configuration.
  explicit LocalCluster(int workers);
  /// Ends all processes; the files stay.
  ~LocalCluster() { KillAll(); }

  void Start();
  void StartWorker(const std::string& name);
  /// SIGKILL; returns once the process is gone.
  void KillWorker(const std::string& name);
  /// Throws TrinoException with the end of the log of the first process that has ended unasked.
  void CheckRunning();
  void KillAll();
  /// Configuration, logs and data; after KillAll().
  void DeleteFiles();

  /// Of the coordinator.
  const std::string& uri() const { return uri_; }
  const std::vector<std::string>& workers() const { return workers_; }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path LogOf(const std::string& node) const { return directory_ / (node + ".log"); }
  void Configure(const std::string& node, int port) const;
  void StartNode(const std::string& node);

  const std::filesystem::path directory_;
  std::string uri_;
  std::vector<std::string> workers_;
  std::mutex mutex_;
  /// By node; a worker that was killed has none.
  std::map<std::string, std::unique_ptr<ChildProcess>> processes_;
};

}  // namespace planaria::server
