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

struct RemoteStoreOptions;

/// The stores of the property `exchange.base-directories`: a comma-separated list of absolute paths, `file:`
/// or `hdfs:` URIs, whose directories are created when missing, or of `s3:`, `s3a:`, `abfs[s]:`, `wasb[s]:`
/// and `gs:` URIs, whose buckets exist and are listed once to see that they can be used. Throws
/// TrinoException(CONFIGURATION_INVALID) with the offending entry: `Multiple schemes in exchange base
/// directories`, other schemes, relative paths, entries given twice, directories that cannot be created or
/// written, stores that do not answer or refuse.
std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories,
                                              const RemoteStoreOptions& options);
/// For directories of this machine.
std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories);

}  // namespace planaria::storage
