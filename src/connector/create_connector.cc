#include <functional>

#include "base/error.h"
#include "connector/blackhole/blackhole_connector.h"
#include "connector/connector.h"
#include "connector/connector_names.h"
#include "connector/files/files_connector.h"
#include "connector/memory/memory_connector.h"
#include "connector/tpcds/tpcds_connector.h"
#include "connector/tpch/tpch_connector.h"

namespace planaria::connector {
namespace {

using Properties = std::map<std::string, std::string>;
using Factory = std::function<std::shared_ptr<const Connector>(const std::string&, const Properties&)>;

const std::map<std::string, Factory>& Factories() {
  static const std::map<std::string, Factory> factories = {
      {"blackhole", CreateBlackHoleConnector}, {"files", CreateFilesConnector},
      {"memory", CreateMemoryConnector},       {"tpcds", CreateTpcdsConnector},
      {"tpch", CreateTpchConnector},
  };
  return factories;
}

}  // namespace

std::vector<std::string> ConnectorNames() {
  std::vector<std::string> names;
  for (const auto& [connector, make] : Factories()) names.push_back(connector);
  return names;
}

std::shared_ptr<const Connector> CreateConnector(const std::string& catalog, const Properties& properties) {
  const auto name = properties.find("connector.name");
  if (name == properties.end()) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         "Catalog configuration for '" + catalog + "' does not contain 'connector.name'");
  }
  const auto factory = Factories().find(name->second);
  if (factory == Factories().end()) {
    std::string known;
    for (const std::string& connector : ConnectorNames()) known += (known.empty() ? "" : ", ") + connector;
    throw TrinoException(errors::CONFIGURATION_INVALID, "Catalog '" + catalog +
                                                            "': No factory for connector '" + name->second +
                                                            "'. Available factories: [" + known + "]");
  }
  return factory->second(catalog, properties);
}

}  // namespace planaria::connector
