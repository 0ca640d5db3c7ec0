// `planaria config import`: what managed platforms of Trino keep in JSON, turned into etc/ files.
//
// Amazon EMR: configuration classifications, as a list, one alone, or under Configurations.
//   trino-config, trino-node           config.properties, node.properties
//   trino-exchange-manager             exchange-manager.properties; empty: /trino-exchange on the cluster's
//   HDFS trino-connector-<name>             catalog/<name>.properties
// HDInsight on AKS: a cluster or a template with serviceConfigsProfiles of the service trino: the components
// common, coordinator or worker, and catalogs.
//
// What a server here would not take because it does not know it is left out and noted; what it would refuse
// because it is wrong is an error.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/properties.h"

namespace planaria {

struct EtcFile {
  /// Below etc/, from a fixed set or `catalog/<name>.properties`: never leads out of it.
  std::string path;
  /// Keys unique.
  std::vector<std::pair<std::string, std::string>> properties;
  /// Set only where the file does not set them.
  std::vector<std::pair<std::string, std::string>> defaults = {};
  /// Whether these are all properties of the file. Otherwise others, which are the node's own, stay.
  bool whole = false;
};

struct PlatformImport {
  std::vector<EtcFile> files;
  /// What was not used or has no effect and why, what was added; one a line, with its place in the JSON.
  /// Shows no values of properties.
  std::vector<std::string> notes;
};

struct ImportOptions {
  /// Begins every place.
  std::string source;
  /// Otherwise the node is a worker: files that a platform has for one of them only are chosen by this.
  bool coordinator = true;
  /// Folder of core-site.xml and hdfs-site.xml.
  std::string hadoop_conf_directory = "/etc/hadoop/conf";
  EnvLookup env = ProcessEnvironment();
  /// Throws TrinoException when the connector does not take these properties, connector.name among them.
  using Catalog = std::map<std::string, std::string>;
  std::function<void(const std::string& catalog, const Catalog& properties)> check_catalog;
  std::function<bool(const std::string& connector)> has_connector;
};

/// Throws TrinoException(CONFIGURATION_INVALID) with every problem and its place.
PlatformImport ReadPlatformConfig(std::string_view json, const ImportOptions& options);

}  // namespace planaria
