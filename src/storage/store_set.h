// Several stores used as one: new objects spread over them, locations find their way back.
#pragma once

#include "storage/object_store.h"

namespace planaria::storage {

class StoreSet : public ObjectLocator {
 public:
  /// At least one store.
  explicit StoreSet(std::vector<std::shared_ptr<ObjectStore>> stores);

  /// Where a new object goes; the same key always meets the same store of the set.
  ObjectPlace Place(std::string_view key) const;
  ObjectPlace Find(std::string_view location) override;
  const std::vector<std::shared_ptr<ObjectStore>>& stores() const { return stores_; }

 private:
  const std::vector<std::shared_ptr<ObjectStore>> stores_;
};

/// The stores of the property `exchange.base-directories`: a comma-separated list of absolute paths or
/// `file:` URIs, created when missing. Throws TrinoException(CONFIGURATION_INVALID) with the offending entry:
/// `Multiple schemes in exchange base directories`, schemes other than file, relative paths, entries given
/// twice, directories that cannot be created or written.
std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories);

}  // namespace planaria::storage
