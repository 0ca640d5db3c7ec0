#include "storage/object_store.h"

namespace planaria::storage {

void ObjectStore::DeleteKnown(std::string_view prefix, const std::vector<std::string>&) {
  DeletePrefix(prefix);
}

}  // namespace planaria::storage
