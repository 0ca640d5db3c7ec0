#include "config/etc_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "config/problems.h"
#include "config/property_map.h"

namespace planaria {

namespace {

namespace fs = std::filesystem;

bool IsFile(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::optional<CatalogConfig> ReadCatalog(const fs::path& path, const EnvLookup& env,
                                         ConfigProblems& problems) {
  CatalogConfig catalog;
  for (const char c : path.stem().string()) {
    catalog.name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (catalog.name == "system") {
    problems.Error(path.string(), 0, "", "the catalog name system is taken, expected another file name");
    return std::nullopt;
  }
  const size_t errors_before = problems.errors().size();
  PropertyMap map(ReadPropertiesFile(path, env, problems), problems);
  catalog.properties.path = path.string();
  if (problems.errors().size() > errors_before) return std::nullopt;
  catalog.connector_name = map.RequiredText("connector.name", "the name of a connector such as tpch");
  catalog.properties.properties = map.TakeRest();
  return catalog;
}

void ReadCatalogs(const fs::path& directory, const EnvLookup& env, ConfigProblems& problems,
                  std::vector<CatalogConfig>& catalogs) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".properties") paths.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    problems.Error(directory.string(), 0, "", fmt::format("cannot be listed: {}", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    auto catalog = ReadCatalog(path, env, problems);
    if (!catalog) continue;
    const auto same = std::find_if(catalogs.begin(), catalogs.end(),
                                   [&](const CatalogConfig& other) { return other.name == catalog->name; });
    if (same != catalogs.end()) {
      problems.Error(
          path.string(), 0, "",
          fmt::format("catalog '{}' is already defined by {}", catalog->name, same->properties.path));
      continue;
    }
    catalogs.push_back(std::move(*catalog));
  }
}

/// -Xmx8G counts in powers of 1024 whatever the case of its unit.
std::optional<MemorySize> ReadMaxHeap(std::string_view text) {
  if (text.empty()) return std::nullopt;
  static constexpr std::string_view kUnits = "kmgt";
  const size_t unit = kUnits.find(static_cast<char>(text.back() | 0x20));
  if (unit != std::string_view::npos) text.remove_suffix(1);
  const auto count = ReadInteger(text);
  const int shift = unit == std::string_view::npos ? 0 : 10 * (static_cast<int>(unit) + 1);
  if (!count || *count <= 0 || *count > (int64_t{1} << (62 - shift))) return std::nullopt;
  return MemorySize::Of({static_cast<uint64_t>(*count) << shift});
}

std::optional<MemorySize> ReadJvmConfig(const fs::path& path, ConfigProblems& problems) {
  constexpr std::string_view kMaxHeap = "-Xmx";
  constexpr std::string_view kMaxShare = "-XX:MaxRAMPercentage=";
  std::optional<MemorySize> heap;
  std::ifstream in(path);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.pop_back();
    if (line.starts_with(kMaxHeap)) {
      heap = ReadMaxHeap(std::string_view(line).substr(kMaxHeap.size()));
      if (!heap)
        problems.Error(path.string(), number, kMaxHeap, "invalid value, expected a size such as -Xmx16G");
    } else if (line.starts_with(kMaxShare)) {
      heap = ReadMemory(line.substr(kMaxShare.size()) + "%");
      if (!heap)
        problems.Error(path.string(), number, kMaxShare, "invalid value, expected a percentage such as 80");
    }
  }
  return heap;
}

}  // namespace

std::map<std::string, std::string> CatalogConfig::Values() const {
  std::map<std::string, std::string> values;
  for (const Property& property : properties.properties) values.emplace(property.key, property.value);
  return values;
}

std::string CatalogConfig::Place(std::string_view key) const {
  for (const Property& property : properties.properties) {
    if (property.key == key) return fmt::format("{}:{}", properties.path, property.line);
  }
  return properties.path;
}

EtcConfig LoadEtc(const fs::path& directory, const EnvLookup& env) {
  ConfigProblems problems;
  EtcConfig config;
  config.directory = directory;
  {
    PropertyMap map(ReadPropertiesFile(directory / "node.properties", env, problems), problems);
    config.node = ReadNodeConfig(map);
  }
  {
    PropertyMap map(ReadPropertiesFile(directory / "config.properties", env, problems), problems);
    config.server = ReadServerConfig(map);
  }
  if (const fs::path path = directory / "exchange-manager.properties"; IsFile(path)) {
    PropertyMap map(ReadPropertiesFile(path, env, problems), problems);
    config.exchange_manager = ReadExchangeManagerConfig(map);
  }
  if (const fs::path path = directory / "spooling-manager.properties"; IsFile(path)) {
    PropertyMap map(ReadPropertiesFile(path, env, problems), problems);
    config.spooling_manager = ReadSpoolingManagerConfig(map);
  }
  if (config.server.coordinator && config.server.spooling.enabled && !config.spooling_manager) {
    problems.Error((directory / "config.properties").string(), 0, "protocol.spooling.enabled",
                   "needs a spooling manager, expected spooling-manager.properties beside this file");
  }
  if (config.server.standby && !config.exchange_manager) {
    problems.Error((directory / "config.properties").string(), 0, "coordinator.standby.enabled",
                   "needs an exchange manager, expected exchange-manager.properties beside this file");
  }
  if (const fs::path path = directory / "jvm.config"; IsFile(path))
    config.heap = ReadJvmConfig(path, problems);
  ReadCatalogs(directory / "catalog", env, problems, config.catalogs);
  problems.ThrowIfAny();
  config.warnings = problems.warnings();
  return config;
}

}  // namespace planaria
