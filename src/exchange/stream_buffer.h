// The output of one running task attempt, kept until its readers have it.
//
// Every page of a partition goes to the readers of that partition and stays until all of them have
// acknowledged or closed. A reader asks with a token: it acknowledges everything before it, and asking again
// with the same token gives the same pages again.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"
#include "env/work_queue.h"
#include "exchange/spill_file.h"
#include "exchange/stream_page.h"

namespace planaria::exchange {

/// Who will read an output, under a name that is its own among the readers of the producer.
struct StreamReaderPlan {
  std::string name;
  std::vector<uint32_t> partitions;
};

struct StreamBufferOptions {
  /// Of pages in memory; one that finds the buffer not yet full goes in whole. `sink.max-buffer-size`.
  uint64_t max_bytes = 32 << 20;
  /// Where pages go that find the buffer full; empty: it says that it is full and holds its producer back.
  std::string spill_directory = {};
  /// Reads spilled pages back. Outlives the buffer; needed with a spill directory.
  WorkQueue* spill_pool = nullptr;
};

/// Thread-safe. Held by shared pointers only.
class StreamBuffer : public std::enable_shared_from_this<StreamBuffer> {
 public:
  StreamBuffer(TaskId producer, uint32_t partition_count, std::vector<StreamReaderPlan> readers,
               StreamBufferOptions options);
  /// Answers who still waits with StreamMissing.
  ~StreamBuffer();

  const TaskId& producer() const { return producer_; }

  // The producer's side.

  /// True: append later; `wake`, unless empty, is called once there is room or nothing more is wanted.
  bool Full(const Wake& wake);
  /// False once every reader has closed: the rest of the output need not be made.
  bool Wanted() const;
  /// Copies the page. Never waits for readers; throws when spilling fails.
  void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows);
  /// Nothing more is appended.
  void Finish();
  /// Calls `taken` once: with true when the output is finished and every reader has closed, so that nobody
  /// needs this node for it any more; with false when it was destroyed before. Perhaps inside this call.
  void WhenTaken(std::function<void(bool)> taken);
  /// The output is void: readers find it missing from now on, pages are freed.
  void Destroy();

  // The readers' side.

  using Callback = std::function<void(StreamAnswer)>;
  /// Calls `done` once, perhaps inside this call, with about `max_bytes` of pages (at least one) from `token`
  /// on as soon as there are any, or with the end. A second Read of a reader ends its first without pages.
  /// The number of the call, for GiveUp; an unknown reader or impossible token is answered with an Error.
  uint64_t Read(const std::string& reader, uint64_t token, size_t max_bytes, Callback done);
  /// Ends a Read that still waits, without pages.
  void GiveUp(const std::string& reader, uint64_t read);
  /// The reader has all it wants.
  void Close(const std::string& reader);

  /// Rows and bytes of all pages ever appended, by partition.
  std::vector<std::pair<uint64_t, uint64_t>> RowsAndBytes() const;
  uint64_t bytes_in_memory() const;

 private:
  /// A page with the readers that still need it.
  struct Kept {
    BlockHeader header;
    /// Null when spilled.
    std::shared_ptr<const uint8_t[]> block;
    uint64_t spill_offset = 0;
    uint32_t readers = 0;
  };
  struct Waiting {
    uint64_t number = 0;
    size_t max_bytes = 0;
    Callback done;
  };
  struct Reader {
    /// Token of the first page in `pages`.
    uint64_t first = 0;
    std::deque<std::shared_ptr<Kept>> pages;
    bool closed = false;
    Waiting waiting;
  };
  /// What is to be called once the lock is released.
  struct Calls;
  using Lock = std::unique_lock<std::mutex>;

  void Push(std::shared_ptr<Kept> kept, const std::vector<uint32_t>& readers, Calls& calls);
  void DropBefore(Reader& reader, uint64_t token, Calls& calls);
  void Release(Kept& kept);
  void WakeIfRoom(Calls& calls);
  void TellIfTaken(Calls& calls);
  void Answer(Reader& reader, size_t max_bytes, Callback done, Calls& calls);

  const TaskId producer_;
  const StreamBufferOptions options_;
  /// Positions in readers_, by partition.
  std::vector<std::vector<uint32_t>> readers_of_;
  std::map<std::string, uint32_t> names_;

  mutable std::mutex mutex_;
  std::vector<Reader> readers_;
  std::shared_ptr<SpillFile> spill_;
  uint64_t memory_bytes_ = 0;
  uint32_t open_readers_ = 0;
  uint64_t reads_ = 0;
  bool finished_ = false;
  bool destroyed_ = false;
  std::vector<Wake> wakes_;
  std::function<void(bool)> taken_;
  std::vector<std::pair<uint64_t, uint64_t>> appended_;
};

}  // namespace planaria::exchange
