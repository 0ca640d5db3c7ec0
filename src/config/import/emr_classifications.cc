#include <fmt/format.h>

#include "config/import/platform_readers.h"
#include "config/setting_values.h"

namespace planaria {
namespace {

constexpr const char* kConnectorPrefix = "trino-connector-";
constexpr const char* kBaseDirectories = "exchange.base-directories";
constexpr const char* kOldBaseDirectories = "exchange.base-directory";
/// EMR's own default, in the HDFS of the cluster.
constexpr const char* kDefaultDirectory = "/trino-exchange";
constexpr EtcDraft::Conflict kRefuse = EtcDraft::Conflict::kRefuse;

/// EMR names these catalogs without saying what connector they have.
std::string ConnectorOf(const std::string& catalog) {
  if (catalog == "delta") return "delta_lake";
  return catalog;
}

/// Why a classification says nothing to this server.
std::string WhyNotUsed(const std::string& name, const ImportOptions& options) {
  if (name == "core-site" || name == "hdfs-site") {
    return "Hadoop's configuration is read from " + options.hadoop_conf_directory;
  }
  if (name == "trino-log") return "the log goes to standard error";
  if (name.starts_with("trino-")) return "nothing here reads this file";
  return "it is not Trino's";
}

void ReadCatalog(const std::string& name, const JsonNode& classification,
                 const std::optional<JsonNode>& properties, EtcDraft& draft) {
  const std::string path = CatalogPath(name, classification.Where(), draft.problems);
  if (path.empty()) return;
  if (properties) draft.PutAll(path, *properties, kRefuse);
  if (draft.Find(path, "connector.name") == nullptr) {
    draft.Put(path, "connector.name", {ConnectorOf(name), classification.Where()}, kRefuse);
  }
}

void ReadClassification(const JsonNode& classification, const ImportOptions& options, EtcDraft& draft) {
  classification.ExpectObject();
  const auto name_node = classification.MemberAnyCase("classification");
  if (!name_node) classification.Refuse("has no classification, expected \"Classification\": \"trino-...\"");
  const std::string name = name_node->Text();
  const auto properties = classification.MemberAnyCase("properties");
  const auto nested = classification.MemberAnyCase("configurations");
  for (const auto& [member, node] : classification.Members()) {
    const std::string& place = node.place();
    if (place == name_node->place() || (properties && place == properties->place())) continue;
    if (nested && place == nested->place()) continue;
    draft.NotUsed(node.Where(), "", "a classification has Classification, Properties and Configurations");
  }
  if (properties) properties->ExpectObject();
  const auto put = [&](const char* file) {
    draft.files.try_emplace(file, DraftFile{classification.Where(), {}});
    if (properties) draft.PutAll(file, *properties, kRefuse);
  };
  if (name == "trino-config") {
    put(kConfigFile);
  } else if (name == "trino-node") {
    put(kNodeFile);
  } else if (name == "trino-exchange-manager") {
    put(kExchangeFile);
  } else if (name.starts_with(kConnectorPrefix)) {
    ReadCatalog(name.substr(std::string_view(kConnectorPrefix).size()), classification, properties, draft);
  } else {
    draft.NotUsed(classification.Where(), name, WhyNotUsed(name, options));
  }
  if (!nested) return;
  nested->ExpectArray();
  for (const JsonNode& inner : nested->Elements()) ReadClassification(inner, options, draft);
}

/// Entries without scheme are of HDFS, and absolute there.
std::string OnHdfs(const std::string& directories) {
  std::string list;
  for (size_t begin = 0; begin <= directories.size();) {
    const size_t end = std::min(directories.find(',', begin), directories.size());
    std::string entry = directories.substr(begin, end - begin);
    while (entry.starts_with(' ')) entry.erase(0, 1);
    if (!entry.empty() && !entry.starts_with('/') && entry.find(':') == std::string::npos) {
      entry.insert(0, "/");
    }
    if (!entry.empty()) list += (list.empty() ? "" : ",") + entry;
    begin = end + 1;
  }
  return list;
}

/// Adds what the platform would: the manager's name, the cluster's HDFS, its region.
void CompleteExchange(const ImportOptions& options, EtcDraft& draft) {
  const std::string where = draft.files.at(kExchangeFile).where;
  const auto find = [&](const char* key) { return draft.Find(kExchangeFile, key); };
  const auto add = [&](const char* key, const std::string& value) {
    if (find(key) != nullptr) return;
    draft.Put(kExchangeFile, key, {value, where}, kRefuse);
    draft.notes.push_back(fmt::format("{}: {}: added", where, key));
  };
  const char* const directories_key =
      find(kBaseDirectories) == nullptr && find(kOldBaseDirectories) != nullptr ? kOldBaseDirectories
                                                                                : kBaseDirectories;
  const DraftProperty* const directories = find(directories_key);
  const DraftProperty* const flag = find("exchange.use-local-hdfs");
  const std::optional<bool> asked = flag == nullptr ? std::nullopt : ReadFlag(flag->value);
  const bool local_hdfs = asked.value_or(directories == nullptr);
  if (local_hdfs && directories == nullptr) {
    add(kBaseDirectories, kDefaultDirectory);
  } else if (local_hdfs) {
    draft.Put(kExchangeFile, directories_key, {OnHdfs(directories->value), directories->where},
              EtcDraft::Conflict::kReplace);
  }
  const DraftProperty* const used = find(directories_key);
  const std::string places = used == nullptr ? "" : used->value;
  const bool hdfs = local_hdfs || places.starts_with("hdfs:");
  if (hdfs) {
    const DraftProperty* const manager = find("exchange-manager.name");
    if (manager != nullptr && manager->value == "filesystem") {
      draft.NotUsed(manager->where, "exchange-manager.name", "directories of HDFS need hdfs");
      draft.Put(kExchangeFile, "exchange-manager.name", {"hdfs", where}, EtcDraft::Conflict::kReplace);
    }
    add("exchange-manager.name", "hdfs");
    const std::string& folder = options.hadoop_conf_directory;
    add("hdfs.config.resources", folder + "/core-site.xml," + folder + "/hdfs-site.xml");
  }
  add("exchange-manager.name", "filesystem");
  if (!places.empty() && places.find(':') == std::string::npos && !local_hdfs) {
    draft.notes.push_back(fmt::format(
        "{}: {}: is a directory of each machine, and has to be one that all mount; exchange.use-local-hdfs "
        "true would make it the cluster's HDFS",
        used->where, directories_key));
  }
  const bool s3 = places.starts_with("s3:") || places.starts_with("s3a:");
  if (s3 && find("exchange.s3.region") == nullptr && find("exchange.s3.endpoint") == nullptr) {
    auto region = options.env("AWS_REGION");
    if (!region) region = options.env("AWS_DEFAULT_REGION");
    if (region) {
      add("exchange.s3.region", *region);
    } else {
      draft.problems.Error(where, 0, "exchange.s3.region",
                           "is not there, expected it or AWS_REGION in the environment");
    }
  }
}

}  // namespace

std::optional<std::vector<JsonNode>> FindEmrClassifications(const JsonNode& document) {
  if (document.IsArray()) return document.Elements();
  if (document.MemberAnyCase("classification")) return std::vector<JsonNode>{document};
  auto list = document.MemberAnyCase("configurations");
  if (const auto cluster = document.MemberAnyCase("cluster"); !list && cluster) {
    list = cluster->MemberAnyCase("configurations");
  }
  if (!list) return std::nullopt;
  list->ExpectArray();
  return list->Elements();
}

void ReadEmrClassifications(const std::vector<JsonNode>& classifications, const ImportOptions& options,
                            EtcDraft& draft) {
  for (const JsonNode& classification : classifications) ReadClassification(classification, options, draft);
  if (draft.files.contains(kExchangeFile)) CompleteExchange(options, draft);
}

}  // namespace planaria
