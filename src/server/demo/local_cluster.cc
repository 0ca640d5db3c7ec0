#include "server/demo/local_cluster.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace planaria::server {

namespace {

namespace fs = std::filesystem;

constexpr const char* kCoordinator = "coordinator";
constexpr size_t kShownOfALog = 2000;

fs::path MakeTemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  std::string path = fs::absolute(fs::path(base && *base ? base : "/tmp") / "planaria-demo-XXXXXX").string();
  if (!mkdtemp(path.data())) {
    throw TrinoException(errors::CONFIGURATION_UNAVAILABLE,
                         "Cannot create " + path + ": " + std::strerror(errno));
  }
  return path;
}

/// One that nobody listens on now.
int FreePort() {
  const int socket_file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(socket_file, generic, size) == 0 && getsockname(socket_file, generic, &size) == 0;
  close(socket_file);
  if (!bound) throw TrinoException(errors::CONFIGURATION_UNAVAILABLE, "No free port on this machine");
  return ntohs(address.sin_port);
}

void WriteFile(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path);
  file << text << std::flush;
  if (!file) throw TrinoException(errors::CONFIGURATION_UNAVAILABLE, "Cannot write " + path.string());
}

std::string EndOf(const fs::path& log) {
  std::ifstream file(log);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.substr(all.size() - std::min(all.size(), kShownOfALog));
}

}  // namespace

LocalCluster::LocalCluster(int workers) : directory_(MakeTemporaryDirectory()) {
  const int port = FreePort();
  uri_ = "http://127.0.0.1:" + std::to_string(port);
  Configure(kCoordinator, port);
  for (int i = 1; i <= workers; ++i) {
    workers_.push_back("worker" + std::to_string(i));
    Configure(workers_.back(), 0);
  }
}

void LocalCluster::DeleteFiles() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void LocalCluster::Configure(const std::string& node, int port) const {
  const fs::path etc = directory_ / node / "etc";
  WriteFile(etc / "node.properties", fmt::format("node.environment=demo\nnode.id={}\nnode.data-dir={}\n",
                                                 node, (directory_ / node / "data").string()));
  WriteFile(etc / "config.properties", fmt::format("coordinator={}\n"
                                                   "node-scheduler.include-coordinator=false\n"
                                                   "http-server.http.port={}\n"
                                                   "discovery.uri={}\n"
                                                   "retry-policy=TASK\n",
                                                   node == kCoordinator, port, uri_));
  WriteFile(etc / "jvm.config", "-Xmx3G\n");
  WriteFile(
      etc / "exchange-manager.properties",
      fmt::format("exchange-manager.name=filesystem\nexchange.base-directories={0}/exchange1,{0}/exchange2\n",
                  directory_.string()));
  WriteFile(etc / "catalog" / "tpch.properties",
            "connector.name=tpch\ntpch.column-naming=STANDARD\ntpch.double-type-mapping=DECIMAL\n");
}

void LocalCluster::Start() {
  StartNode(kCoordinator);
  for (const std::string& worker : workers_) StartNode(worker);
}

void LocalCluster::StartWorker(const std::string& name) { StartNode(name); }

void LocalCluster::StartNode(const std::string& node) {
  const std::lock_guard lock(mutex_);
  const std::string binary = fs::read_symlink("/proc/self/exe");
  const std::string etc = directory_ / node / "etc";
  processes_[node] = std::make_unique<ChildProcess>(
      std::vector<std::string>{binary, "server", "--etc-dir", etc}, LogOf(node));
}

void LocalCluster::KillWorker(const std::string& name) {
  const std::lock_guard lock(mutex_);
  processes_.erase(name);
}

void LocalCluster::KillAll() {
  const std::lock_guard lock(mutex_);
  processes_.clear();
}

void LocalCluster::CheckRunning() {
  const std::lock_guard lock(mutex_);
  for (const auto& [node, process] : processes_) {
    if (!process->Running()) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           fmt::format("The process of {} ended with {}; its log ends with:\n{}", node,
                                       process->HowItEnded(), EndOf(LogOf(node))));
    }
  }
}

}  // namespace planaria::server
