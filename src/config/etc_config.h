// Everything a server is told at start: the folder etc/, laid out as Trino's.
//
//   etc/node.properties               etc/exchange-manager.properties   (optional)
//   etc/config.properties             etc/catalog/<name>.properties     (one a catalog)
//   etc/spooling-manager.properties   (optional)
//   etc/jvm.config                    (optional; only -Xmx and -XX:MaxRAMPercentage are read)
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/exchange_config.h"
#include "config/properties.h"
#include "config/server_config.h"

namespace planaria {

/// etc/catalog/<name>.properties. The connector judges the properties.
struct CatalogConfig {
  /// File name without its ending, lower case.
  std::string name;
  std::string connector_name;
  /// All properties but connector.name, references resolved, with file and lines.
  PropertiesFile properties;

  std::map<std::string, std::string> Values() const;
  /// `etc/catalog/tpch.properties:3`, to begin an error about `key` with; without the line when it is not
  /// set.
  std::string Place(std::string_view key) const;
};

struct EtcConfig {
  std::filesystem::path directory;
  NodeConfig node;
  ServerConfig server;
  /// Nothing when the file is absent: QUERY and TASK retries then fail when a query asks for them.
  std::optional<ExchangeManagerConfig> exchange_manager;
  /// Nothing when the file is absent.
  std::optional<SpoolingManagerConfig> spooling_manager;
  /// By name.
  std::vector<CatalogConfig> catalogs;
  /// What the JVM's heap would have been; nothing when jvm.config does not say.
  std::optional<MemorySize> heap;
  /// For the log: properties that are accepted and do nothing, old names.
  std::vector<std::string> warnings;
};

/// Throws TrinoException(CONFIGURATION_INVALID) that lists every problem of every file.
EtcConfig LoadEtc(const std::filesystem::path& directory, const EnvLookup& env = ProcessEnvironment());

}  // namespace planaria
