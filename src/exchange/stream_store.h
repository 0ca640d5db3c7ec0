// The outputs of this node's streaming tasks, found by task id.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "env/executor.h"
#include "env/work_queue.h"
#include "exchange/stream_buffer.h"

namespace planaria::exchange {

struct StreamStoreOptions {
  /// Per task; `sink.max-buffer-size`.
  uint64_t max_buffer_bytes = 32 << 20;
  /// For outputs that must not hold back their producers.
  std::string spill_directory;
  /// Consumers may be started before their producers: how long a read waits for a task to appear.
  Duration appearance_wait = std::chrono::seconds(2);
};

/// Thread-safe.
class StreamStore {
 public:
  /// `executor` runs timers, `spilling` reads spilled pages back; both outlive the store.
  StreamStore(Executor& executor, WorkQueue& spilling, StreamStoreOptions options);
  /// Answers every read that waits with StreamMissing.
  ~StreamStore();
  StreamStore(const StreamStore&) = delete;

  /// An output for a task that begins. `may_hold_back` false: it spills instead of being full.
  std::shared_ptr<StreamBuffer> Create(const TaskId& task, uint32_t partition_count,
                                       std::vector<StreamReaderPlan> readers, bool may_hold_back);
  /// Destroys the output of a task, or of all tasks of a query.
  void Drop(const TaskId& task);
  void DropQuery(const QueryId& query);

  /// StreamBuffer::Read on the task's output, for at most `wait`; then the answer has no pages. A task that
  /// is not there is waited for.
  void Read(const TaskId& task, std::string reader, uint64_t token, size_t max_bytes, Duration wait,
            StreamBuffer::Callback done);
  /// The reader has all it wants of the task.
  void Close(const TaskId& task, const std::string& reader);

  size_t size() const;

 private:
  class Core;
  const std::shared_ptr<Core> core_;
};

}  // namespace planaria::exchange
