// What tasks need when they start or run again, kept until their query ends: payloads of splits, manifests of
// committed outputs. In memory as long as there is room for it, else in a nameless file.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/ids.h"

namespace planaria::coordinator {

/// Bytes that were kept. Thread-safe; the room they take is free again when the last pointer goes.
class KeptBytes {
 public:
  virtual ~KeptBytes() = default;
  virtual size_t size() const = 0;
  /// Blocks its thread if they are in a file. Throws TrinoException(GENERIC_INTERNAL_ERROR) if they do not
  /// come back as they were.
  virtual std::string Read() const = 0;
};

struct DescriptorStorageOptions {
  /// Where the files are made.
  std::string directory;
  /// Above `high_water_bytes` in memory everything new goes to files, until memory has come down to
  /// `low_water_bytes`. Above `max_bytes`, which files that cannot be written may lead to, a query has to go.
  uint64_t max_bytes = UINT64_MAX;
  uint64_t high_water_bytes = UINT64_MAX;
  uint64_t low_water_bytes = UINT64_MAX;
  /// Ends the query that holds most memory: EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY. Called once per query,
  /// by any thread that keeps something, which may hold locks.
  std::function<void(const QueryId&, Error)> give_up;
};

/// Thread-safe. What was kept may outlive it.
class DescriptorStorage {
 public:
  explicit DescriptorStorage(DescriptorStorageOptions options);

  /// Never fails: what cannot be written to a file stays in memory.
  std::shared_ptr<const KeptBytes> Keep(const QueryId& query, std::string bytes);

  uint64_t memory_bytes() const;
  uint64_t file_bytes() const;

 private:
  class Books;
  class InMemory;
  class InFile;
  std::shared_ptr<const KeptBytes> KeepInFile(const QueryId& query, const std::string& bytes);

  const DescriptorStorageOptions options_;
  const std::shared_ptr<Books> books_;
};

}  // namespace planaria::coordinator
