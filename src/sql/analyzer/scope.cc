#include "sql/analyzer/scope.h"

#include <algorithm>

namespace planaria::sql {

std::vector<const Field*> Scope::Matches(const std::vector<std::string>& name) const {
  std::vector<const Field*> matches;
  for (const Field& field : fields) {
    if (field.name.empty() || field.name != name.back() || name.size() - 1 > field.relation.size()) continue;
    if (std::equal(name.rbegin() + 1, name.rend(), field.relation.rbegin())) matches.push_back(&field);
  }
  return matches;
}

const NamedQuery* Scope::FindNamed(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent) {
    const auto found = scope->named.find(name);
    if (found != scope->named.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace planaria::sql
