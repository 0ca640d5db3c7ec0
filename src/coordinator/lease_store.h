// Where the entries of a lease are kept.
#pragma once

#include <cstdint>
#include <optional>

#include "coordinator/lease.h"

namespace planaria::coordinator {

/// What a shared directory, a bucket or a service such as etcd must offer to hold a lease. Used by one thread
/// at a time; may block. Every failure throws a TrinoException, after which a put may have been stored or may
/// be yet.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;
  /// The entry with the highest number.
  virtual std::optional<LeaseEntry> Last() = 0;
  /// Stores the entry unless its number is taken; false when it is. Of several callers one wins.
  virtual bool Put(const LeaseEntry& entry) = 0;
  /// Deletes the entries up to this number.
  virtual void Forget(uint64_t through) = 0;
};

}  // namespace planaria::coordinator
