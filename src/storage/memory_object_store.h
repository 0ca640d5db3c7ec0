// Objects in this process: for tests and for results that never leave the coordinator.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "env/clock.h"
#include "storage/object_store.h"

namespace planaria::storage {

class MemoryObjectStore : public ObjectStore {
 public:
  /// `name` tells stores of one process apart: locations start with `memory://name`. Objects are
  /// dated by `clock`.
  explicit MemoryObjectStore(std::string_view name,
                             std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>())
      : base_("memory://" + std::string(name)), clock_(std::move(clock)) {}

  const std::string& base() const override { return base_; }
  std::unique_ptr<ObjectWriter> Create(std::string_view key) override;
  bool PutIfAbsent(std::string_view key, std::string_view content) override;
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override;
  std::vector<ObjectInfo> ListPrefix(std::string_view prefix) override;
  std::vector<std::string> ListFolders(std::string_view prefix) override;
  size_t DeletePrefix(std::string_view prefix) override;

 private:
  class Writer;
  struct Object {
    std::shared_ptr<const std::string> content;
    std::chrono::system_clock::time_point modified;
  };
  bool Insert(const std::string& key, std::string content);

  const std::string base_;
  const std::shared_ptr<const Clock> clock_;
  std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;
};

}  // namespace planaria::storage
