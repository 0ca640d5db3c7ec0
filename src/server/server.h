// One process of a cluster: coordinator, worker, or both.
#pragma once

#include <functional>
#include <memory>

#include "config/etc_config.h"

namespace planaria::server {

/// Wires the parts of a process together and keeps them while it runs.
class Server {
 public:
  /// Opens the exchange, attaches catalogs, listens. Throws TrinoException(CONFIGURATION_INVALID or
  /// CONFIGURATION_UNAVAILABLE) naming what is wrong. `config` outlives the server.
  /// `ask_to_stop` is called, on any thread, when someone wants the process to end gracefully (PUT
  /// /v1/info/state).
  Server(const EtcConfig& config, std::function<void()> ask_to_stop);
  ~Server();

  uint16_t port() const;
  /// Begins to leave the cluster (worker/node_drain.h): `done` is called once, on any thread. Coordinators
  /// have nothing to wait for.
  void Drain(std::function<void()> done);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

/// Runs a server to its end; the process's exit code. SIGTERM and PUT /v1/info/state let a worker drain
/// within `shutdown.grace-period`; a second SIGTERM, and SIGINT at any time, stop it at once.
int RunServer(const std::string& etc_directory);

}  // namespace planaria::server
