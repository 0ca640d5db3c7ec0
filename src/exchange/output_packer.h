// Puts small outputs of several attempts, which one node finishes at about the same time, into one object.
//
// Batching is natural: an output that comes while none of its stage is being stored goes alone and at once;
// those that come meanwhile wait for that and go together. So nothing is delayed by more than one write, and
// the slower the store, the fewer its requests. Blocks of one partition lie side by side in the object,
// whichever outputs they are of, and are read together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "exchange/manifest.h"
#include "storage/object_store.h"

namespace planaria::exchange {

/// Takes the manifest of an output that is not stored yet.
using BeingStored = std::function<void(const Manifest&)>;

/// A whole output, whose writer keeps it until Store has returned.
struct FinishedOutput {
  TaskId producer;
  /// Where it goes when it leads. The object is known by the names of all attempts that it may lie under.
  storage::ObjectPlace place;
  uint32_t partition_count = 0;
  /// An object header and the blocks.
  std::string bytes = {};
  std::vector<SpoolBlock> blocks = {};
  std::string salt = {};
  /// Called, unless empty, when its place is known and the store begins with it; on the thread of whoever
  /// stores it.
  BeingStored being_stored = {};
  /// What its object has cost; 0 when another output has led.
  uint64_t requests = 0;
};

/// Of one node. Thread-safe.
class OutputPacker {
 public:
  /// No object of several outputs has more bytes: more than a part of the store would cost more requests.
  explicit OutputPacker(size_t pack_bytes = 4 << 20) : pack_bytes_(pack_bytes) {}

  size_t pack_bytes() const { return pack_bytes_; }

  /// Stores an output that fits into memory; blocks until it is readable. Its manifest. Throws what the store
  /// throws, to all whose outputs were to lie in the object.
  Manifest Store(FinishedOutput& output);

  /// How many outputs wait for the next object of their stage.
  size_t waiting() const;

 private:
  using Lane = std::pair<QueryId, FragmentId>;
  struct Pack {
    std::vector<FinishedOutput*> outputs;
    size_t bytes = 0;
    /// Nothing comes in any more, and it need not wait.
    bool closed = false;
    bool stored = false;
    std::exception_ptr failure;
    std::string location;
  };
  struct Traffic {
    uint32_t under_way = 0;
    /// Gathers while others are under way.
    std::shared_ptr<Pack> next;
  };

  /// No output joins what gathers, which goes at once.
  void Close(Traffic& traffic);
  /// Moves the outputs' blocks to where they are in the object.
  static void Write(Pack& pack);

  const size_t pack_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Whoever stores or waits has its lane's, which may have left the map meanwhile.
  std::map<Lane, std::shared_ptr<Traffic>> lanes_;
};

}  // namespace planaria::exchange
