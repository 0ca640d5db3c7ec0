#include "server/config_command.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "config/etc_config.h"
#include "config/import/etc_writer.h"
#include "config/import/platform_import.h"
#include "connector/connector.h"
#include "connector/connector_names.h"

namespace planaria::server {
namespace {

std::string ReadDocument(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file) throw TrinoException(errors::CONFIGURATION_INVALID, path + ": cannot be read");
  return text;
}

template <typename Body>
int Reporting(const Body& body) {
  try {
    body();
    return 0;
  } catch (const TrinoException& exception) {
    std::cerr << exception.what() << std::endl;
    return 1;
  }
}

}  // namespace

int RunConfigImport(const ConfigImportOptions& options) {
  return Reporting([&] {
    const std::vector<std::string> connectors = connector::ConnectorNames();
    ImportOptions import;
    import.source = options.file;
    import.coordinator = options.role == "coordinator";
    import.hadoop_conf_directory = options.hadoop_conf_directory;
    import.has_connector = [&](const std::string& name) {
      return std::find(connectors.begin(), connectors.end(), name) != connectors.end();
    };
    import.check_catalog = [](const std::string& catalog, const ImportOptions::Catalog& properties) {
    connector::CreateConnector(catalog, properties);
    };
    const PlatformImport imported = ReadPlatformConfig(ReadDocument(options.file), import);
    for (const std::string& line : WriteEtc(options.etc_directory, imported.files)) {
    std::cout << line << '\n';
    }
    for (const std::string& note : imported.notes) std::cout << note << '\n';
});
}

int RunConfigCheck(const std::string& etc_directory) {
  return Reporting([&] {
    const EtcConfig config = LoadEtc(etc_directory);
    for (const std::string& warning : config.warnings) std::cout << warning << '\n';
    for (const CatalogConfig& catalog : config.catalogs) {
      auto properties = catalog.Values();
      properties["connector.name"] = catalog.connector_name;
      connector::CreateConnector(catalog.name, properties);
    }
    std::cout << etc_directory << ": a server can read it\n";
  });
}

}  // namespace planaria::server
