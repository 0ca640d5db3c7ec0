#include "storage/hadoop_config.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "storage/xml.h"

namespace planaria::storage {
namespace {

constexpr const char* kWebPort = ":9870";

std::string Trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::vector<std::string> Items(const std::string& list) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    if (std::string item = Trimmed(list.substr(begin, end - begin)); !item.empty()) items.push_back(item);
    begin = end + 1;
  }
  return items;
}

}  // namespace

HadoopConfig HadoopConfig::Read(const std::vector<std::string>& paths) {
  HadoopConfig config;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto root = ParseXml(text);
    if (!file || !root || root->name != "configuration") {
      throw TrinoException(errors::CONFIGURATION_INVALID,
                           "hdfs.config.resources: not a readable Hadoop configuration: " + path);
    }
    for (const XmlElement& property : root->children) {
      if (property.name == "property") {
        config.values_[Trimmed(property.Text("name"))] = Trimmed(property.Text("value"));
      }
    }
  }
  if (const std::string wanted = config.Authentication();
      !wanted.empty() && wanted != "simple" && wanted != "kerberos") {
    throw TrinoException(
        errors::CONFIGURATION_INVALID,
        "hdfs.config.resources: hadoop.security.authentication=" + wanted + ", expected simple or kerberos");
  }
  return config;
}

std::string HadoopConfig::Value(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

std::string HadoopConfig::Authentication() const {
  std::string name = Value("hadoop.security.authentication");
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

bool HadoopConfig::kerberos() const { return Authentication() == "kerberos"; }

std::string HadoopConfig::DefaultAuthority() const {
  constexpr std::string_view kScheme = "hdfs://";
  const std::string uri = Value("fs.defaultFS");
  if (!uri.starts_with(kScheme)) return {};
  return uri.substr(kScheme.size(), uri.find('/', kScheme.size()) - kScheme.size());
}

std::vector<std::string> HadoopConfig::NameNodes(const std::string& authority) const {
  std::vector<std::string> nodes;
  for (const std::string& service : Items(Value("dfs.nameservices"))) {
    if (service != authority) continue;
    for (const std::string& node : Items(Value("dfs.ha.namenodes." + service))) {
      const std::string address = Value("dfs.namenode.http-address." + service + '.' + node);
      if (!address.empty()) nodes.push_back("http://" + address);
    }
    if (const std::string address = Value("dfs.namenode.http-address." + service); !address.empty()) {
      nodes.push_back("http://" + address);
    }
    if (nodes.empty()) {
      throw TrinoException(errors::CONFIGURATION_INVALID, "hdfs.config.resources: nameservice " + service +
                                                              " has no dfs.namenode.http-address." + service +
                                                              ".*");
    }
    return nodes;
  }
  const std::string address = Value("dfs.namenode.http-address");
  if (!address.empty() && authority == DefaultAuthority()) return {"http://" + address};
  return {"http://" + authority.substr(0, authority.rfind(':')) + kWebPort};
}

}  // namespace planaria::storage
