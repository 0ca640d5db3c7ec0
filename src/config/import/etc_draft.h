// etc/ files in the making, while a platform's JSON is read: every property still knows where it stood.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/problems.h"

namespace planaria {

class JsonNode;

struct DraftProperty {
  std::string value;
  /// `cluster.json: [1].Properties`, to begin an error or a note with.
  std::string where;
};

struct DraftFile {
  /// Where the file first came from.
  std::string where;
  std::map<std::string, DraftProperty> properties;
};

/// Not thread-safe.
struct EtcDraft {
  /// By path below etc/: `config.properties`, `catalog/tpch.properties`.
  std::map<std::string, DraftFile> files;
  /// What is not used and why, what was added, one a line.
  std::vector<std::string> notes;
  ConfigProblems problems;

  enum class Conflict { kRefuse, kReplace };
  /// All members of `values` as properties of a file. A property that is there already with another value is
  /// a problem, or is replaced.
  void PutAll(const std::string& file, const JsonNode& values, Conflict conflict);
  void Put(const std::string& file, const std::string& key, DraftProperty property, Conflict conflict);
  /// Nothing when the property is not there.
  const DraftProperty* Find(const std::string& file, const std::string& key) const;

  /// `where: key: not used: why`; without the key when it is empty.
  void NotUsed(const std::string& where, const std::string& key, const std::string& why);
};

/// `catalog/<name>.properties`. A name that may not stand in a path is a problem of `where`, and gives an
/// empty path.
std::string CatalogPath(const std::string& name, const std::string& where, ConfigProblems& problems);

}  // namespace planaria
