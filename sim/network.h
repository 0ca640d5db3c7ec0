// HTTP without sockets: requests and streams between processes, on simulated time, with all that goes wrong
// on the way.
//
// Bytes of one connection arrive in order; connections overtake each other. A dead process's connections are
// reset, a dead machine's are silent; a partition delays what was sent on a connection until it ends, and new
// connections meet nobody.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "env/http_client.h"
#include "env/http_router.h"
#include "env/http_routes.h"
#include "sim/conditions.h"
#include "sim/sim_loop.h"

namespace planaria::sim {

class Exchange;
class SimServer;

/// `http://h<host>` reaches whichever server listens on that host.
std::string UriOf(uint32_t host);

class Network {
 public:
  Network(SimLoop& loop, RandomSource& random, Conditions& conditions)
      : loop(loop), random(random), conditions(conditions) {}

  void Listen(SimServer& server);
  /// The process has died. Its peers hear of it unless the machine died with it (`silent`).
  void Died(const std::shared_ptr<Process>& process, bool silent);
  /// The machine is there again; new connections find it refusing or listening.
  void PowerOn(uint32_t host) { dark_.erase(host); }

  /// A message's way between two hosts.
  Duration Latency(uint32_t from, uint32_t to);
  /// Null when nobody listens.
  SimServer* ServerAt(uint32_t host) const;
  bool IsDark(uint32_t host) const { return dark_.contains(host); }
  void Register(const std::shared_ptr<Exchange>& exchange);

  SimLoop& loop;
  RandomSource& random;
  Conditions& conditions;

 private:
  std::map<uint32_t, SimServer*> servers_;
  std::set<uint32_t> dark_;
  std::vector<std::weak_ptr<Exchange>> exchanges_;
  size_t cleanup_at_ = 256;
};

/// The routes of one process.
class SimServer final : public HttpRoutes {
 public:
  explicit SimServer(std::shared_ptr<Process> process) : process_(std::move(process)) {}
  void Route(const std::string& method, const std::string& pattern, HttpHandler handler) override {
    router_.Add(method, pattern, std::move(handler));
  }
  const HttpRouter& router() const { return router_; }
  const std::shared_ptr<Process>& process() const { return process_; }

 private:
  const std::shared_ptr<Process> process_;
  HttpRouter router_;
};

/// The client of one process. Call() is refused: nothing here may block.
class SimHttpClient final : public HttpClient {
 public:
  SimHttpClient(Network& network, std::shared_ptr<Process> process)
      : network_(network), process_(std::move(process)) {}
  void Send(ClientRequest request, Callback callback) override;
  HttpResponse Call(ClientRequest request) override;
  std::shared_ptr<HttpStream> OpenStream(ClientRequest request, StreamCallbacks callbacks) override;

 private:
  Network& network_;
  const std::shared_ptr<Process> process_;
};

}  // namespace planaria::sim
