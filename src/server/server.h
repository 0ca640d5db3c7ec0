// One process of a cluster: coordinator, worker, or both.
#pragma once

#include <memory>

#include "config/etc_config.h"

namespace planaria::server {

/// Wires the parts of a process together and keeps them while it runs.
class Server {
 public:
  /// Opens the exchange, attaches catalogs, listens. Throws TrinoException(CONFIGURATION_INVALID or
  /// CONFIGURATION_UNAVAILABLE) naming what is wrong. `config` outlives the server.
  explicit Server(const EtcConfig& config);
  ~Server();

  uint16_t port() const;
  /// Graceful: takes no new tasks and waits for the running ones, at most `grace`.
  void Drain(Duration grace);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

/// Runs a server until SIGTERM or SIGINT; the process's exit code.
int RunServer(const std::string& etc_directory);

}  // namespace planaria::server
