#include "storage/store_set.h"

#include <functional>

#include "storage/object_key.h"

namespace planaria::storage {

StoreSet::StoreSet(std::vector<std::shared_ptr<ObjectStore>> stores) : stores_(std::move(stores)) {
  if (stores_.empty()) {
    throw TrinoException(errors::CONFIGURATION_INVALID, "No exchange base directory is configured");
  }
}

ObjectPlace StoreSet::Place(std::string_view key) const {
  return {stores_[std::hash<std::string_view>()(key) % stores_.size()], std::string(key)};
}

ObjectPlace StoreSet::Find(std::string_view location) {
  // One base may lie inside another; the longest match owns the object.
  ObjectPlace found;
  for (const auto& store : stores_) {
    const std::string& base = store->base();
    if (!location.starts_with(base + '/') || (found.store && found.store->base().size() > base.size()))
      continue;
    const std::string_view key = location.substr(base.size() + 1);
    if (IsObjectKey(key)) found = {store, std::string(key)};
  }
  if (!found.store) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         "Location is in none of the exchange base directories here: " +
                             std::string(location) + ". Every node needs the same exchange.base-directories");
  }
  return found;
}

}  // namespace planaria::storage
