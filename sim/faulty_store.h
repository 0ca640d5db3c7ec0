// The exchange's store as one process sees it: shared memory behind faults.
#pragma once

#include <memory>

#include "sim/conditions.h"
#include "sim/sim_loop.h"
#include "storage/memory_object_store.h"

namespace planaria::sim {

/// Where the coordinator keeps its journal, beside the spool.
inline constexpr const char* kJournalFolder = "journal/simul";

/// Errors strike when a call is made; damage strikes an object when it is finished, and shows when it is
/// read. A process that dies in the middle of an object leaves the part it had written. The journal is told
/// of errors that were none, and is not damaged afterwards: what a medium has said to keep, it keeps.
class FaultyStore final : public storage::ObjectStore {
 public:
  FaultyStore(std::shared_ptr<storage::MemoryObjectStore> objects, std::shared_ptr<Process> process,
              Conditions& conditions, RandomSource& random)
      : objects_(std::move(objects)),
        process_(std::move(process)),
        conditions_(conditions),
        random_(random) {}

  const std::string& base() const override { return objects_->base(); }
  std::unique_ptr<storage::ObjectWriter> Create(std::string_view key) override;
  bool PutIfAbsent(std::string_view key, std::string_view content) override;
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override;
  std::vector<storage::ObjectInfo> ListPrefix(std::string_view prefix) override {
    return objects_->ListPrefix(prefix);
  }
  std::vector<std::string> ListFolders(std::string_view prefix) override {
    return objects_->ListFolders(prefix);
  }
  size_t DeletePrefix(std::string_view prefix) override;

 private:
  class Writer;
  void FailToWrite(std::string_view key);
  /// What the medium makes of an object.
  void Damage(std::string& content);

  const std::shared_ptr<storage::MemoryObjectStore> objects_;
  const std::shared_ptr<Process> process_;
  Conditions& conditions_;
  RandomSource& random_;
};

}  // namespace planaria::sim
