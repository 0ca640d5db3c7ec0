// A lease's entries as objects: `<folder>/NNNNNNNNNNNN` (docs/formats/journal.md).
#pragma once

#include <memory>
#include <string>

#include "coordinator/lease_store.h"
#include "storage/object_store.h"

namespace planaria::coordinator {

class ObjectLeaseStore final : public LeaseStore {
 public:
  /// An entry that cannot be read counts as one of somebody unknown who asked for `duration`.
  ObjectLeaseStore(std::shared_ptr<storage::ObjectStore> store, std::string folder, Duration duration)
      : store_(std::move(store)), folder_(std::move(folder)), duration_(duration) {}

  std::optional<LeaseEntry> Last() override;
  bool Put(const LeaseEntry& entry) override;
  void Forget(uint64_t through) override;

 private:
  const std::shared_ptr<storage::ObjectStore> store_;
  const std::string folder_;
  const Duration duration_;
};

}  // namespace planaria::coordinator
