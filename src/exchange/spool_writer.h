// Writes the output of one task attempt.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "exchange/block_packing.h"
#include "exchange/manifest.h"
#include "exchange/output_packer.h"
#include "exchange/spool_traffic.h"
#include "storage/object_store.h"

namespace planaria::exchange {

struct SpoolWriterOptions {
  /// Outputs of at most this many bytes, block headers included, travel in the manifest.
  size_t inline_limit_bytes = 32 << 10;
  /// Bytes collected before the store sees them. Two such buffers per writer; with a packer the first one is
  /// as large as its packs.
  size_t buffer_bytes = 1 << 20;
  /// Of pages that shrink by it; others are stored as they are.
  BlockCodec codec = BlockCodec::kNone;
  /// The query's; empty: pages are not sealed.
  Secret key = {};
  /// Counts what the output costs; may be null.
  std::shared_ptr<SpoolTraffic> traffic = {};
  /// The node's: on remote stores outputs that fit into a pack are stored in the order of their partitions,
  /// and may share an object. May be null.
  std::shared_ptr<OutputPacker> packer = {};
  /// Called, unless empty, in Finish, when all of an output is on its way to the store and its place is
  /// known; not for outputs that travel in the manifest. On any thread that finishes an output.
  BeingStored being_stored = {};
};

/// Append is thread-safe; Finish and Abort come last, from one thread, with no Append under way. A writer
/// destroyed without Finish aborts.
class SpoolWriter {
 public:
  /// Nothing is created at `place` before there is more than an inline output.
  SpoolWriter(storage::ObjectPlace place, uint32_t partition_count, TaskId producer,
              SpoolWriterOptions options = {});
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;

  /// Adds one page; readers get exactly these bytes. The caller, whose thread compresses and seals, may reuse
  /// `data` afterwards. Blocks while the store is slow: at most one thread writes and one more buffer fills
  /// meanwhile. Throws what the store throws, and then always the same.
  void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows);

  /// Makes the output readable. Throws what the store throws; the object is gone then. With a packer the
  /// object may have the name, and hold the outputs, of other attempts of the same query.
  Manifest Finish();

  /// Takes back everything that was written; nothing after Finish.
  void Abort();

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// Hands the buffer, and after it `page` when it is not null, to the store. Releases `lock`, which holds
  /// mutex_, while the store works.
  void Flush(Lock& lock, const uint8_t* page, size_t page_size);
  /// Runs a step of the store's work; its failure is that of the whole output.
  template <typename Step>
  void RunOnStore(const Step& step);
  size_t BufferLimit() const;
  /// Stores an output of which nothing has left the buffer, perhaps with others.
  Manifest Packed();
  std::string Salt() const { return cipher_ ? cipher_->salt() : std::string(); }

  const storage::ObjectPlace place_;
  const uint32_t partition_count_;
  const TaskId producer_;
  const SpoolWriterOptions options_;
  /// Nothing when pages are not sealed.
  std::optional<BlockCipher> cipher_;
  const BlockPacker packer_;
  const bool packs_;

  // Guards the members below it. May be held while write_mutex_ is taken, not the other way round.
  std::mutex mutex_;
  std::string buffer_;
  std::vector<SpoolBlock> blocks_;
  /// Bytes of the object so far, in the buffer or in the store.
  uint64_t end_ = 0;
  bool done_ = false;
  /// Something has left the buffer.
  bool flushed_ = false;

  // Held while the store works; guards the members below it.
  std::mutex write_mutex_;
  std::string writing_;
  std::unique_ptr<storage::ObjectWriter> object_;
  /// Written before failed_ is set and constant from then on.
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace planaria::exchange
