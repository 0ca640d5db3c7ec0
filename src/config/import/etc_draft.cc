#include "config/import/etc_draft.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/import/json_node.h"

namespace planaria {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool IsKey(const std::string& key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](char c) { return IsNameCharacter(c) || c == '.'; });
}

}  // namespace

void EtcDraft::PutAll(const std::string& file, const JsonNode& values, Conflict conflict) {
  values.ExpectObject();
  files.try_emplace(file, DraftFile{values.Where(), {}});
  for (const auto& [key, value] : values.Members()) {
    Put(file, key, {value.Text(), values.Where()}, conflict);
  }
}

void EtcDraft::Put(const std::string& file, const std::string& key, DraftProperty property,
                   Conflict conflict) {
  if (!IsKey(key)) {
    problems.Error(property.where, 0, "", "has a member that is not the name of a property");
    return;
  }
  if (property.value.find('\0') != std::string::npos) {
    problems.Error(property.where, 0, key, "has a zero character in its value");
    return;
  }
  DraftFile& draft = files.try_emplace(file, DraftFile{property.where, {}}).first->second;
  const auto found = draft.properties.find(key);
  if (found == draft.properties.end()) {
    draft.properties.emplace(key, std::move(property));
  } else if (conflict == Conflict::kReplace) {
    found->second = std::move(property);
  } else if (found->second.value != property.value) {
    problems.Error(property.where, 0, key,
                   fmt::format("has another value at {}, expected one", found->second.where));
  }
}

const DraftProperty* EtcDraft::Find(const std::string& file, const std::string& key) const {
  const auto draft = files.find(file);
  if (draft == files.end()) return nullptr;
  const auto property = draft->second.properties.find(key);
  return property == draft->second.properties.end() ? nullptr : &property->second;
}

void EtcDraft::NotUsed(const std::string& where, const std::string& key, const std::string& why) {
  notes.push_back(fmt::format("{}: {}{}not used: {}", where, key, key.empty() ? "" : ": ", why));
}

std::string CatalogPath(const std::string& name, const std::string& where, ConfigProblems& problems) {
  const bool plain =
      !name.empty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), IsNameCharacter);
  if (!plain || name == "system") {
    problems.Error(where, 0, "",
                   name == "system" ? "the catalog name system is taken, expected another"
                                    : "is not the name of a catalog, expected letters, digits, _ and -");
    return {};
  }
  std::string path = "catalog/" + name + ".properties";
  std::transform(path.begin(), path.end(), path.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return path;
}

}  // namespace planaria
