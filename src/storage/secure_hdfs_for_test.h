// HDFS behind Kerberos, with a KDC of its own (tests/storage/secure_hdfs.py).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "storage/store_servers_for_test.h"

namespace planaria::storage {

/// Environment variables of this process as long as this lives.
class ScopedVariables {
 public:
  explicit ScopedVariables(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      const char* const before = std::getenv(name.c_str());
      before_[name] = before == nullptr ? std::nullopt : std::optional<std::string>(before);
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  ~ScopedVariables() {
    for (const auto& [name, value] : before_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }
  ScopedVariables(const ScopedVariables&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

/// Where krb5.conf, keytabs and the ticket cache are.
inline std::filesystem::path SecureHdfsFolder(uint16_t port) {
  return testing::TempDir() + "secure-hdfs-" + std::to_string(port);
}

/// A nameservice whose one name node is `host`, as a client with Kerberos is told of it.
inline HdfsOptions SecureHdfsOptionsOf(const StoreServer& server, const std::string& host = "localhost") {
  const std::string path = testing::TempDir() + "secure-hdfs-site-" + std::to_string(server.port) + ".xml";
  std::ofstream(path)
      << "<configuration><property><name>dfs.nameservices</name><value>test</value></property>"
      << "<property><name>hadoop.security.authentication</name><value>kerberos</value>"
      << "</property><property><name>dfs.namenode.http-address.test</name><value>" << host << ':'
      << server.port << "</value></property></configuration>";
  HdfsOptions options;
  options.config = HadoopConfig::Read({path});
  return options;
}

inline std::string MissingKdc() {
  for (const char* const tool : {"/usr/sbin/krb5kdc", "/usr/sbin/kadmin.local"}) {
    if (!std::filesystem::exists(tool)) {
      return std::string(tool) + " is not there: apt-get install krb5-kdc krb5-admin-server";
    }
  }
  return {};
}

/// From its start on this process is its client: the variables of Kerberos lead to a keytab.
inline LazyServer& SecureHdfs() {
  static LazyServer server(
      "bin/mini-hdfs",
      [](const std::string& binary) {
        return StoreServer::Start(
            "secure-hdfs",
            [&](uint16_t port) {
              const std::filesystem::path folder = SecureHdfsFolder(port);
              setenv("KRB5_CONFIG", (folder / "krb5.conf").c_str(), 1);
              setenv("KRB5_CLIENT_KTNAME", ("FILE:" + (folder / "client.keytab").string()).c_str(), 1);
              setenv("KRB5CCNAME", ("FILE:" + (folder / "client.tickets").string()).c_str(), 1);
              return std::vector<std::string>{"/usr/bin/python3", PLANARIA_TEST_SECURE_HDFS, binary,
                                              std::to_string(port), folder};
            },
            [](const StoreServer& server) {
              HdfsOptions options = SecureHdfsOptionsOf(server);
              options.retries.max_retries = 0;
              HdfsObjectStore("test", "", std::move(options)).PutIfAbsent("ready", "1");
            });
      },
      MissingKdc());
  return server;
}

}  // namespace planaria::storage
