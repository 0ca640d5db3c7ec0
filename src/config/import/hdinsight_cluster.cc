#include <fmt/format.h>

#include <algorithm>

#include "config/import/platform_readers.h"
#include "config/properties.h"

namespace planaria {
namespace {

constexpr const char* kProfiles = "serviceConfigsProfiles";
constexpr std::string_view kEnding = ".properties";

std::string Trimmed(std::string text) {
  while (text.starts_with(' ')) text.erase(0, 1);
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string RequiredText(const JsonNode& node, const char* member) {
  const auto found = node.Member(member);
  if (!found) node.Refuse(fmt::format("has no {}", member));
  return found->Text();
}

/// Templates compute values at deployment: `[parameters('x')]`.
void RefuseExpressions(const JsonNode& values) {
  for (const auto& [key, value] : values.Members()) {
    const std::string text = value.Text();
    if (text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[")) {
      value.Refuse("is an expression of a template, expected its value");
    }
  }
}

/// A file given as text, as its properties. References stay as they are written: they are judged with the
/// rest of the file.
void PutContent(const std::string& path, const JsonNode& content, EtcDraft::Conflict conflict,
                EtcDraft& draft) {
  constexpr char kMasked = '\x01';
  std::string text = content.Text();
  if (text.find(kMasked) != std::string::npos) content.Refuse("has a control character");
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) text[at] = kMasked;
  ConfigProblems problems;
  const PropertiesFile file = ParseProperties(content.Where(), text, {}, problems);
  for (const ConfigProblem& problem : problems.error_details()) {
    draft.problems.Error(problem.file, problem.line, problem.key, problem.text);
  }
  draft.files.try_emplace(path, DraftFile{content.Where(), {}});
  for (const Property& property : file.properties) {
    std::string value = property.value;
    std::replace(value.begin(), value.end(), kMasked, '$');
    draft.Put(path, property.key, {std::move(value), content.Where()}, conflict);
  }
}

/// Empty when the file is none that is read here.
std::string PathOf(const std::string& component, const std::string& name, const JsonNode& place,
                   EtcDraft& draft) {
  if (component == "catalogs") {
    if (!name.ends_with(kEnding)) {
      place.Refuse("is not a file of properties, expected <catalog>.properties");
    }
    return CatalogPath(name.substr(0, name.size() - kEnding.size()), place.Where(), draft.problems);
  }
  if (name.empty() || name.find_first_of("/\\") != std::string::npos || name.starts_with('.')) {
    place.Refuse("is not the plain name of a file");
  }
  if (name == kConfigFile || name == kNodeFile || name == kExchangeFile) return name;
  draft.NotUsed(place.Where(), name, "nothing here reads this file");
  return {};
}

void ReadFile(const std::string& component, const JsonNode& file, EtcDraft::Conflict conflict,
              EtcDraft& draft) {
  file.ExpectObject();
  const std::string name = Trimmed(RequiredText(file, "fileName"));
  const std::string path = PathOf(component, name, *file.Member("fileName"), draft);
  if (path.empty()) return;
  if (const auto encoding = file.Member("encoding"); encoding && encoding->Text() != "None") {
    encoding->Refuse("is not read, expected None");
  }
  const auto values = file.Member("values");
  const auto content = file.Member("content");
  if (!values && !content) file.Refuse("has neither values nor content");
  if (values) {
    values->ExpectObject();
    RefuseExpressions(*values);
    draft.PutAll(path, *values, conflict);
  }
  if (content) PutContent(path, *content, conflict, draft);
}

struct Component {
  std::string name;
  JsonNode node;
};

std::vector<Component> ComponentsOf(const JsonNode& profiles, EtcDraft& draft) {
  std::vector<Component> components;
  profiles.ExpectArray();
  for (const JsonNode& profile : profiles.Elements()) {
    profile.ExpectObject();
    const std::string service = Trimmed(RequiredText(profile, "serviceName"));
    if (service != "trino") {
      draft.NotUsed(profile.Where(), service, "it is not Trino's");
      continue;
    }
    const auto configs = profile.Member("configs");
    if (!configs) profile.Refuse("has no configs");
    configs->ExpectArray();
    for (const JsonNode& config : configs->Elements()) {
      config.ExpectObject();
      components.push_back({Trimmed(RequiredText(config, "component")), config});
    }
  }
  return components;
}

void ReadComponent(const Component& component, EtcDraft::Conflict conflict, EtcDraft& draft) {
  const auto files = component.node.Member("files");
  if (!files) component.node.Refuse("has no files");
  files->ExpectArray();
  for (const JsonNode& file : files->Elements()) ReadFile(component.name, file, conflict, draft);
}

void Collect(const JsonNode& node, std::vector<JsonNode>& found) {
  if (node.Member(kProfiles)) found.push_back(node);
  for (const auto& [name, member] : node.Members()) Collect(member, found);
  for (const JsonNode& element : node.Elements()) Collect(element, found);
}

}  // namespace

std::vector<JsonNode> FindHdinsightProfiles(const JsonNode& document) {
  std::vector<JsonNode> found;
  Collect(document, found);
  return found;
}

void ReadHdinsightProfile(const JsonNode& cluster, const ImportOptions& options, EtcDraft& draft) {
  for (const auto& [name, member] : cluster.Members()) {
    if (name != kProfiles) draft.NotUsed(member.Where(), "", "only serviceConfigsProfiles configures Trino");
  }
  const std::string role = options.coordinator ? "coordinator" : "worker";
  const std::vector<Component> components = ComponentsOf(*cluster.Member(kProfiles), draft);
  // What is said of the role goes over what is said of all, wherever it stands.
  for (const Component& component : components) {
    if (component.name == "common" || component.name == "catalogs") {
      ReadComponent(component, EtcDraft::Conflict::kRefuse, draft);
    }
  }
  for (const Component& component : components) {
    if (component.name == role) {
      ReadComponent(component, EtcDraft::Conflict::kReplace, draft);
    } else if (component.name == "coordinator" || component.name == "worker") {
      draft.NotUsed(component.node.Where(), component.name, fmt::format("this node is a {}", role));
    } else if (component.name != "common" && component.name != "catalogs") {
      draft.NotUsed(component.node.Where(), component.name, "nothing here reads its files");
    }
  }
}

}  // namespace planaria
