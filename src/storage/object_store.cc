#include "storage/object_store.h"

namespace planaria::storage {

void ObjectStore::DeleteObjects(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) DeletePrefix(key);
}

}  // namespace planaria::storage
