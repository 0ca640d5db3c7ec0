// A process that ends with the one that started it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace planaria::server {

/// Not thread-safe. Construct on a thread that lives as long as the process shall: the kernel ends it with
/// that thread.
class ChildProcess {
 public:
  /// Starts `command` (a path and its arguments) in a process group of its own, its output appended to `log`.
  /// A command that cannot be run is a process that ends at once and says why in the log.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~ChildProcess() { Kill(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool Running();
  /// Once it has ended by itself: `exit code 1`, `signal 9`.
  std::string HowItEnded() const;
  /// SIGKILL, and waits until it is gone.
  void Kill();

 private:
  /// 0 once the process is gone.
  pid_t pid_;
  /// As waitpid() tells it.
  int status_ = 0;
};

}  // namespace planaria::server
