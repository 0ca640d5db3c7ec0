#include "config/import/platform_import.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "config/exchange_config.h"
#include "config/ignored_properties.h"
#include "config/import/platform_readers.h"
#include "config/import/properties_text.h"
#include "config/property_map.h"
#include "config/server_config.h"

namespace planaria {
namespace {

constexpr size_t kLargestDocument = 16 << 20;
constexpr const char* kNotKnown = "the property is not known here";

/// The properties as a server will read them, references resolved; `line` is the index of a property in
/// `keys` from 1.
PropertiesFile Resolve(const DraftFile& file, const ImportOptions& options, ConfigProblems& problems,
                       std::vector<std::string>& keys) {
  PropertiesFile resolved{file.where, {}};
  for (const auto& [key, property] : file.properties) {
    ConfigProblems own;
    PropertiesFile one =
        ParseProperties(property.where, RenderProperty(key, property.value), options.env, own);
    for (const ConfigProblem& problem : own.error_details()) {
      problems.Error(property.where, 0, key, problem.text);
    }
    keys.push_back(key);
    for (Property& read : one.properties) {
      read.line = static_cast<int>(keys.size());
      resolved.properties.push_back(std::move(read));
    }
  }
  return resolved;
}

/// What the server's own reader says of a file; properties that it does not take leave the draft.
template <typename Reader>
void Check(const std::string& path, bool whole, const Reader& read, const ImportOptions& options,
           EtcDraft& draft) {
  DraftFile& file = draft.files.at(path);
  std::vector<std::string> keys;
  ConfigProblems said;
  PropertyMap map(Resolve(file, options, draft.problems, keys), said);
  read(map);
  std::map<std::string, std::string> dropped;
  for (const std::string& key : keys) {
    if (!map.known().contains(key)) dropped.emplace(key, kNotKnown);
  }
  for (const DefunctProperty& defunct : DefunctServerProperties()) {
    if (path != kConfigFile || !file.properties.contains(std::string(defunct.key))) continue;
    dropped[std::string(defunct.key)] =
        "Trino no longer takes it" +
        (defunct.instead.empty() ? "" : fmt::format(", {} came in its place", defunct.instead));
  }
  for (const ConfigProblem& problem : said.error_details()) {
    if (dropped.contains(problem.key)) continue;
    if (problem.line > 0) {
      draft.problems.Error(file.properties.at(keys[static_cast<size_t>(problem.line) - 1]).where, 0,
                           problem.key, problem.text);
    } else if (whole) {
      draft.problems.Error(file.where, 0, problem.key, problem.text);
    }
  }
  for (const ConfigProblem& warning : said.warning_details()) {
    if (warning.line == 0) continue;
    const std::string& where = file.properties.at(keys[static_cast<size_t>(warning.line) - 1]).where;
    draft.notes.push_back(fmt::format("{}: {}: {}", where, warning.key, warning.text));
  }
  for (const auto& [key, why] : dropped) {
    draft.NotUsed(file.properties.at(key).where, key, why);
    file.properties.erase(key);
  }
}

/// Catalogs of connectors that are not here leave the draft.
void CheckCatalogs(const ImportOptions& options, EtcDraft& draft) {
  for (auto it = draft.files.begin(); it != draft.files.end();) {
    if (!it->first.starts_with("catalog/")) {
      ++it;
      continue;
    }
    DraftFile& file = it->second;
    const auto connector = file.properties.find("connector.name");
    if (connector == file.properties.end()) {
      draft.problems.Error(file.where, 0, "connector.name", "is required, expected the name of a connector");
      ++it;
      continue;
    }
    if (options.has_connector && !options.has_connector(connector->second.value)) {
      draft.NotUsed(file.where, it->first,
                    fmt::format("there is no connector '{}' here", connector->second.value));
      it = draft.files.erase(it);
      continue;
    }
    std::vector<std::string> keys;
    ImportOptions::Catalog properties;
    for (const Property& property : Resolve(file, options, draft.problems, keys).properties) {
      properties.emplace(property.key, property.value);
    }
    try {
      if (options.check_catalog) {
        const std::string name = it->first.substr(it->first.find('/') + 1);
        options.check_catalog(name.substr(0, name.find('.')), properties);
      }
    } catch (const TrinoException& refused) {
      draft.problems.Error(file.where, 0, "", refused.what());
    }
    ++it;
  }
}

PlatformImport Finish(const ImportOptions& options, EtcDraft& draft) {
  if (draft.files.contains(kConfigFile)) {
    Check(
        kConfigFile, false, [](PropertyMap& map) { ReadServerConfig(map); }, options, draft);
  }
  if (draft.files.contains(kNodeFile)) {
    Check(
        kNodeFile, false, [](PropertyMap& map) { ReadNodeConfig(map); }, options, draft);
  }
  if (draft.files.contains(kExchangeFile)) {
    Check(
        kExchangeFile, true, [](PropertyMap& map) { ReadExchangeManagerConfig(map); }, options, draft);
  }
  CheckCatalogs(options, draft);
  draft.problems.ThrowIfAny();
  // Without these two no server starts.
  draft.files.try_emplace(kConfigFile);
  draft.files.try_emplace(kNodeFile);
  PlatformImport result;
  for (const auto& [path, file] : draft.files) {
    EtcFile made{.path = path, .properties = {}};
    made.whole = path != kConfigFile && path != kNodeFile;
    for (const auto& [key, property] : file.properties) made.properties.emplace_back(key, property.value);
    if (path == kNodeFile && !file.properties.contains("node.environment")) {
      made.defaults.emplace_back("node.environment", "production");
    }
    if (path == kConfigFile && !options.coordinator && !file.properties.contains("coordinator")) {
      made.defaults.emplace_back("coordinator", "false");
    }
    result.files.push_back(std::move(made));
  }
  result.notes = std::move(draft.notes);
  return result;
}

}  // namespace

PlatformImport ReadPlatformConfig(std::string_view json, const ImportOptions& options) {
  if (json.size() > kLargestDocument) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         options.source + ": is too large for a configuration, expected up to 16MB");
  }
  const JsonNode document = JsonNode::Parse(options.source, json);
  EtcDraft draft;
  const std::vector<JsonNode> profiles = FindHdinsightProfiles(document);
  if (profiles.size() > 1) {
    profiles[1].Refuse(
        fmt::format("is a second cluster, the first is at {}: expected one", profiles[0].place()));
  }
  if (!profiles.empty()) {
    ReadHdinsightProfile(profiles[0], options, draft);
  } else if (const auto classifications = FindEmrClassifications(document)) {
    ReadEmrClassifications(*classifications, options, draft);
  } else {
    document.Refuse(
        "is no configuration of a platform, expected classifications of Amazon EMR or serviceConfigsProfiles "
        "of HDInsight on AKS");
  }
  return Finish(options, draft);
}

}  // namespace planaria
