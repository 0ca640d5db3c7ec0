// What this node has written to remote stores, kept near: in memory, and what finds no room there on the
// node's own disk.
//
// Storage is what outlives the node; this is only what is faster and costs no request. Kept are the bytes of
// objects exactly as they were written, sealed and with their checksums, in the pieces in which they were
// written. A piece may go at any time: what was not used for longest first, and whatever memory's owner takes
// back. Reading what is gone is no error, its reader asks the store.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "exchange/nameless_file.h"
#include "exchange/revocable_memory.h"

namespace planaria::exchange {

struct KeptOutputsOptions {
  /// What is kept in memory and on disk, at most; 0 keeps nothing there.
  uint64_t memory_bytes = 0;
  uint64_t disk_bytes = 0;
  /// Of the second tier; made when it is needed.
  std::string directory;
};

/// Numbers of now, and since the start.
struct KeptOutputsCounts {
  uint64_t objects = 0;
  uint64_t memory_bytes = 0;
  uint64_t disk_bytes = 0;
  /// Reads that found all their bytes, and those of them that took some from disk.
  uint64_t hits = 0;
  uint64_t disk_hits = 0;
  /// Reads of bytes of a known object that were gone.
  uint64_t misses = 0;
  /// Pieces that went to disk, that went for good to make room, and that memory's owner took back.
  uint64_t demoted = 0;
  uint64_t evicted = 0;
  uint64_t revoked = 0;
};

/// Thread-safe. An object's name is its key, whose first segment is its query's id; names are unique over all
/// stores.
class KeptOutputs {
 public:
  /// An object while it is written; what there is of it can be read. Destroyed without Commit, nothing is
  /// kept. One thread at a time.
  class Writing;
  enum class Found : uint8_t {
    kAll,      ///< here they are
    kSome,     ///< the object is here, but not all of these bytes
    kNothing,  ///< the object is not here
  };

  KeptOutputs(std::shared_ptr<RevocableMemory> memory, KeptOutputsOptions options);
  ~KeptOutputs();
  KeptOutputs(const KeptOutputs&) = delete;

  /// Null when nothing is to be kept of it: its query has ended, or the name is taken.
  std::unique_ptr<Writing> Begin(std::string_view key);
  /// Fills `buffer` with `length` bytes from `offset`. May read from disk, and copies: not on a loop thread.
  Found Read(std::string_view key, uint64_t offset, size_t length, void* buffer);
  /// The query has ended: all of it goes, also what is written from now on.
  void DropQuery(const QueryId& query);

  KeptOutputsCounts counts() const;

 private:
  class DiskFile;
  struct Piece;
  struct Object;
  /// Least recently used first; those in memory.
  using Order = std::list<std::shared_ptr<Piece>>;
  using Lock = std::unique_lock<std::mutex>;

  void Append(const std::shared_ptr<Object>& object, const void* data, size_t size);
  void Abandon(const std::shared_ptr<Object>& object);

  /// Makes `size` more bytes fit into memory; false when they cannot.
  bool MakeRoom(Lock& lock, uint64_t size);
  // These two release `lock` while they read and write.
  /// Takes what was not used for longest out of memory: to disk, or away.
  void Demote(Lock& lock);
  /// Sets the piece's file, unless the disk has no room or fails.
  void WriteToDisk(Lock& lock, Piece& piece, const void* bytes);
  bool HasDisk(const Piece& piece) const;
  bool ReadPart(Piece& piece, const RevocableBytes* memory, uint64_t from, size_t length, char* target);
  void LeaveMemory(Piece& piece);
  void Drop(Object& object);

  const std::shared_ptr<RevocableMemory> memory_;
  const KeptOutputsOptions options_;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Object>, std::less<>> objects_;
  /// By query id.
  std::map<std::string, std::shared_ptr<DiskFile>> files_;
  /// Was full or could not be written once: not tried again.
  bool disk_failed_ = false;
  Order order_;
  /// Of late, so that what cancelled tasks still write is not kept.
  std::set<std::string> ended_;
  std::list<std::string> ended_order_;
  KeptOutputsCounts counts_;
};

class KeptOutputs::Writing {
 public:
  ~Writing();
  Writing(const Writing&) = delete;

  /// What comes next in the object.
  void Append(const void* data, size_t size) { kept_.Append(object_, data, size); }
  /// It is stored, and stays.
  void Commit() { committed_ = true; }

 private:
  friend class KeptOutputs;
  Writing(KeptOutputs& kept, std::shared_ptr<Object> object) : kept_(kept), object_(std::move(object)) {}

  KeptOutputs& kept_;
  const std::shared_ptr<Object> object_;
  bool committed_ = false;
};

}  // namespace planaria::exchange
