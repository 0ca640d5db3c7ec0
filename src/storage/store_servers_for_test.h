// Servers of other people that the storage tests run against, each a process on a loopback port of its own.
//
// They come from $PLANARIA_DEPS_DIR/test-servers (scripts/setup.sh); what is not there is skipped, and says
// so.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/azure_client.h"
#include "storage/digest.h"
#include "storage/gcs_client.h"
#include "storage/hdfs_object_store.h"
#include "storage/s3_client.h"

namespace planaria::storage {

inline std::filesystem::path TestServersFolder() {
  const char* const deps = std::getenv("PLANARIA_DEPS_DIR");
  return std::filesystem::path(deps != nullptr ? deps : PLANARIA_TEST_DEPS_DIR) / "test-servers";
}

inline uint16_t FreeLoopbackPort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

/// A process that ends with this object, or with this process.
class ServerProcess {
 public:
  explicit ServerProcess(const std::vector<std::string>& command, const std::string& log) : log_(log) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (std::freopen(log.c_str(), "w", stdout) == nullptr) _exit(126);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  ~ServerProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;

  bool alive() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }
  const std::string& log() const { return log_; }

 private:
  pid_t pid_;
  const std::string log_;
};

/// A running server with an empty bucket; tests keep apart by folders.
struct StoreServer {
  std::unique_ptr<ServerProcess> process;
  uint16_t port = 0;
  std::string endpoint;

  /// Starts `command` and waits until `ready`, for which failing requests throw, returns.
  static std::shared_ptr<StoreServer> Start(const std::string& name,
                                            const std::function<std::vector<std::string>(uint16_t)>& command,
                                            const std::function<void(StoreServer&)>& ready) {
    const auto server = std::make_shared<StoreServer>();
    server->port = FreeLoopbackPort();
    server->endpoint = "http://127.0.0.1:" + std::to_string(server->port);
    server->process =
        std::make_unique<ServerProcess>(command(server->port), testing::TempDir() + name + ".log");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    while (true) {
      try {
        ready(*server);
        return server;
      } catch (const TrinoException& failure) {
        if (!server->process->alive() || std::chrono::steady_clock::now() > deadline) {
          throw TrinoException(
              errors::GENERIC_INTERNAL_ERROR,
              name + " does not start, see " + server->process->log() + ": " + failure.what());
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
};

inline constexpr const char* kTestBucket = "planaria-test";

inline S3Options S3OptionsOf(const StoreServer& server) {
  S3Options options;
  options.credentials = {"S3RVER", "S3RVER", {}};
  options.endpoint = server.endpoint;
  options.path_style = true;
  return options;
}

/// What no ObjectStore does: a bucket of its own.
inline void CreateS3Bucket(const S3Options& options) {
  StoreRequest request;
  request.method = "PUT";
  request.origin = options.endpoint;
  request.path = std::string("/") + kTestBucket;
  SignAws(request, options.credentials, "us-east-1", std::chrono::system_clock::now());
  const StoreResponse response = MakeCurlTransport({})->Send(request);
  if (!response.ok() && response.status != 409) ThrowRefused(response, "create bucket", kTestBucket);
}

/// `start` on first use, then the same server for all tests of the process. nullptr when `binary` is absent
/// or `lack` says what else is.
class LazyServer {
 public:
  LazyServer(std::filesystem::path binary,
             std::function<std::shared_ptr<StoreServer>(const std::string&)> start, std::string lack = {})
      : binary_(TestServersFolder() / binary), start_(std::move(start)), lack_(std::move(lack)) {}

  std::shared_ptr<StoreServer> Get() {
    if (!server_ && lack_.empty() && std::filesystem::exists(binary_)) server_ = start_(binary_.string());
    return server_;
  }
  std::string Missing() const {
    if (!lack_.empty()) return lack_;
    return binary_.string() +
           " is not there: ./dev test and, for what takes longer, ./dev test-storage install " +
           "the servers of the storage tests";
  }

 private:
  const std::filesystem::path binary_;
  const std::function<std::shared_ptr<StoreServer>(const std::string&)> start_;
  const std::string lack_;
  std::shared_ptr<StoreServer> server_;
};

inline LazyServer& Moto() {
  static LazyServer server("venv/bin/moto_server", [](const std::string& binary) {
    return StoreServer::Start(
        "moto",
        [&](uint16_t port) {
          return std::vector<std::string>{binary, "-H", "127.0.0.1", "-p", std::to_string(port)};
        },
        [](const StoreServer& server) { CreateS3Bucket(S3OptionsOf(server)); });
  });
  return server;
}

/// versitygw: it checks signatures and conditions, and keeps objects as files.
inline constexpr const char* kGatewayAccess = "planaria-access";
inline constexpr const char* kGatewaySecret = "planaria-secret-0123456789";

inline S3Options GatewayOptionsOf(const StoreServer& server) {
  S3Options options = S3OptionsOf(server);
  options.credentials = {kGatewayAccess, kGatewaySecret, {}};
  return options;
}

inline LazyServer& Gateway() {
  static LazyServer server("bin/versitygw", [](const std::string& binary) {
    return StoreServer::Start(
        "versitygw",
        [&](uint16_t port) {
          const std::string folder = testing::TempDir() + "versitygw-" + std::to_string(port);
          std::filesystem::create_directories(folder);
          return std::vector<std::string>{"/usr/bin/env",
                                          std::string("ROOT_ACCESS_KEY=") + kGatewayAccess,
                                          std::string("ROOT_SECRET_KEY=") + kGatewaySecret,
                                          binary,
                                          "--port",
                                          "127.0.0.1:" + std::to_string(port),
                                          "--quiet",
                                          "posix",
                                          folder};
        },
        [](const StoreServer& server) { CreateS3Bucket(GatewayOptionsOf(server)); });
  });
  return server;
}

inline LazyServer& S3rver() {
  static LazyServer server("node_modules/.bin/s3rver", [](const std::string& binary) {
    return StoreServer::Start(
        "s3rver",
        [&](uint16_t port) {
          return std::vector<std::string>{binary,
                                          "-d",
                                          testing::TempDir() + "s3rver-" + std::to_string(port),
                                          "-a",
                                          "127.0.0.1",
                                          "-p",
                                          std::to_string(port),
                                          "--silent"};
        },
        [](const StoreServer& server) { CreateS3Bucket(S3OptionsOf(server)); });
  });
  return server;
}

/// The account that Azurite comes with, and its published key.
inline constexpr const char* kAzuriteAccount = "devstoreaccount1";
inline constexpr const char* kAzuriteKey =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

inline AzureOptions AzureOptionsOf(const StoreServer& server) {
  AzureOptions options;
  options.connection_string = std::string("DefaultEndpointsProtocol=http;AccountName=") + kAzuriteAccount +
                              ";AccountKey=" + kAzuriteKey + ";BlobEndpoint=" + server.endpoint + '/' +
                              kAzuriteAccount + ';';
  return options;
}

inline std::string AzureAuthority() {
  return std::string(kTestBucket) + '@' + kAzuriteAccount + ".dfs.core.windows.net";
}

inline void CreateAzureContainer(const StoreServer& server, const TransportOptions& transport = {}) {
  StoreRequest request;
  request.method = "PUT";
  request.origin = server.endpoint;
  request.path = std::string("/") + kAzuriteAccount + '/' + kTestBucket;
  request.query = {{"restype", "container"}};
  request.headers.Set("x-ms-version", "2021-12-02");
  const std::time_t now = std::time(nullptr);
  char date[64];
  date[std::strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&now))] = 0;
  request.headers.Set("x-ms-date", date);
  SignAzure(request, kAzuriteAccount, FromBase64(kAzuriteKey));
  const StoreResponse response = MakeCurlTransport(transport)->Send(request);
  if (!response.ok() && response.status != 409) ThrowRefused(response, "create container", kTestBucket);
}

inline GcsOptions GcsOptionsOf(const StoreServer& server) {
  GcsOptions options;
  options.endpoint = server.endpoint;
  return options;
}

inline void CreateGcsBucket(const StoreServer& server) {
  const std::string body = std::string(R"({"name":")") + kTestBucket + R"("})";
  StoreRequest request;
  request.method = "POST";
  request.origin = server.endpoint;
  request.path = "/storage/v1/b";
  request.query = {{"project", "test"}};
  request.headers.Set("Content-Type", "application/json");
  request.body = body;
  const StoreResponse response = MakeCurlTransport({})->Send(request);
  if (!response.ok() && response.status != 409) ThrowRefused(response, "create bucket", kTestBucket);
}

inline LazyServer& GcsEmulator() {
  static LazyServer server("venv/bin/gcp-storage-emulator", [](const std::string& binary) {
    return StoreServer::Start(
        "gcp-storage-emulator",
        [&](uint16_t port) {
          return std::vector<std::string>{
              binary, "start", "--host", "127.0.0.1", "--port", std::to_string(port), "--in-memory"};
        },
        CreateGcsBucket);
  });
  return server;
}

/// A nameservice of one name node, whose web address is the server's.
inline HdfsOptions HdfsOptionsOf(const StoreServer& server) {
  const std::string path = testing::TempDir() + "hdfs-site-" + std::to_string(server.port) + ".xml";
  std::ofstream(path)
      << "<configuration><property><name>dfs.nameservices</name><value>test</value></property>"
      << "<property><name>dfs.namenode.http-address.test</name><value>127.0.0.1:" << server.port
      << "</value></property></configuration>";
  HdfsOptions options;
  options.config = HadoopConfig::Read({path});
  options.user = "root";
  return options;
}

inline LazyServer& MiniHdfs() {
  static LazyServer server("bin/mini-hdfs", [](const std::string& binary) {
    return StoreServer::Start(
        "mini-hdfs",
        [&](uint16_t port) {
          return std::vector<std::string>{binary, std::to_string(port),
                                          testing::TempDir() + "mini-hdfs-" + std::to_string(port)};
        },
        [](const StoreServer& server) {
          HdfsOptions options = HdfsOptionsOf(server);
          options.retries.max_retries = 0;
          HdfsObjectStore("test", "", std::move(options)).PutIfAbsent("ready", "1");
        });
  });
  return server;
}

inline LazyServer& Azurite() {
  static LazyServer server("node_modules/.bin/azurite-blob", [](const std::string& binary) {
    return StoreServer::Start(
        "azurite",
        [&](uint16_t port) {
          return std::vector<std::string>{binary,       "--blobHost",         "127.0.0.1",
                                          "--blobPort", std::to_string(port), "--inMemoryPersistence",
                                          "--silent",   "--disableTelemetry", "--skipApiVersionCheck"};
        },
        [](const StoreServer& server) { CreateAzureContainer(server); });
  });
  return server;
}

}  // namespace planaria::storage
