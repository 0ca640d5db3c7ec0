#include "exchange/stream_store.h"

#include <map>
#include <utility>

namespace planaria::exchange {

/// Timers hold it weakly and may outlive the store.
class StreamStore::Core : public std::enable_shared_from_this<StreamStore::Core> {
 public:
  /// A read; while its task is not there it waits for it.
  struct Pending {
    std::string reader;
    uint64_t token = 0;
    size_t max_bytes = 0;
    Duration wait{};
    StreamBuffer::Callback done;
    uint64_t number = 0;
    TimerHandle timer = {};
  };

  Core(Executor& executor, WorkQueue& spilling, StreamStoreOptions options)
      : executor_(executor), spilling_(spilling), options_(std::move(options)) {}

  std::shared_ptr<StreamBuffer> Create(const TaskId& task, uint32_t partition_count,
                                       std::vector<StreamReaderPlan> readers, bool may_hold_back);
  /// The outputs from `first` on as long as they are meant.
  void Drop(const TaskId& first, const std::function<bool(const TaskId&)>& is_meant);
  void Read(const TaskId& task, Pending read);
  std::shared_ptr<StreamBuffer> Find(const TaskId& task) const;
  void Stop();
  size_t size() const;

 private:
  void ReadFrom(const std::shared_ptr<StreamBuffer>& buffer, Pending read);
  void NotThere(const TaskId& task, uint64_t number);

  Executor& executor_;
  WorkQueue& spilling_;
  const StreamStoreOptions options_;
  mutable std::mutex mutex_;
  std::map<TaskId, std::shared_ptr<StreamBuffer>> buffers_;
  std::map<TaskId, std::vector<Pending>> waiting_;
  uint64_t reads_ = 0;
  bool stopped_ = false;
};

std::shared_ptr<StreamBuffer> StreamStore::Core::Create(const TaskId& task, uint32_t partition_count,
                                                        std::vector<StreamReaderPlan> readers,
                                                        bool may_hold_back) {
  StreamBufferOptions options;
  options.max_bytes = options_.max_buffer_bytes;
  options.spill_pool = &spilling_;
  if (!may_hold_back) options.spill_directory = options_.spill_directory;
  const auto buffer = std::make_shared<StreamBuffer>(task, partition_count, std::move(readers), options);
  std::vector<Pending> waiting;
  {
    const std::lock_guard lock(mutex_);
    buffers_[task] = buffer;
    if (const auto found = waiting_.find(task); found != waiting_.end()) {
      waiting = std::move(found->second);
      waiting_.erase(found);
    }
  }
  for (Pending& read : waiting) {
    read.timer.Cancel();
    ReadFrom(buffer, std::move(read));
  }
  return buffer;
}

void StreamStore::Core::Drop(const TaskId& first, const std::function<bool(const TaskId&)>& is_meant) {
  std::vector<std::shared_ptr<StreamBuffer>> dropped;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = buffers_.lower_bound(first); at != buffers_.end() && is_meant(at->first);) {
      dropped.push_back(std::move(at->second));
      at = buffers_.erase(at);
    }
  }
  for (const auto& buffer : dropped) buffer->Destroy();
}

void StreamStore::Core::Read(const TaskId& task, Pending read) {
  std::shared_ptr<StreamBuffer> buffer;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = buffers_.find(task); found != buffers_.end()) {
      buffer = found->second;
    } else if (!stopped_) {
      read.number = ++reads_;
      read.timer =
          executor_.RunAfter(options_.appearance_wait, [weak = weak_from_this(), task, number = read.number] {
            if (const auto self = weak.lock()) self->NotThere(task, number);
          });
      waiting_[task].push_back(std::move(read));
      return;
    }
  }
  if (!buffer) return read.done(StreamMissing{});
  ReadFrom(buffer, std::move(read));
}

void StreamStore::Core::ReadFrom(const std::shared_ptr<StreamBuffer>& buffer, Pending read) {
  struct Timed {
    std::mutex mutex;
    bool answered = false;
    TimerHandle timer;
  };
  const auto timed = std::make_shared<Timed>();
  const uint64_t number = buffer->Read(read.reader, read.token, read.max_bytes,
                                       [timed, done = std::move(read.done)](StreamAnswer answer) {
                                         {
                                           const std::lock_guard lock(timed->mutex);
                                           timed->answered = true;
                                           timed->timer.Cancel();
                                         }
                                         done(std::move(answer));
                                       });
  const std::lock_guard lock(timed->mutex);
  if (timed->answered) return;
  timed->timer =
      executor_.RunAfter(read.wait, [weak = std::weak_ptr(buffer), reader = std::move(read.reader), number] {
        if (const auto buffer = weak.lock()) buffer->GiveUp(reader, number);
      });
}

void StreamStore::Core::NotThere(const TaskId& task, uint64_t number) {
  StreamBuffer::Callback done;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(task);
    if (found == waiting_.end()) return;
    std::erase_if(found->second, [&](Pending& read) {
      if (read.number != number) return false;
      done = std::move(read.done);
      return true;
    });
    if (found->second.empty()) waiting_.erase(found);
  }
  if (done) done(StreamMissing{});
}

std::shared_ptr<StreamBuffer> StreamStore::Core::Find(const TaskId& task) const {
  const std::lock_guard lock(mutex_);
  const auto found = buffers_.find(task);
  return found == buffers_.end() ? nullptr : found->second;
}

void StreamStore::Core::Stop() {
  std::map<TaskId, std::vector<Pending>> waiting;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
  }
  Drop({}, [](const TaskId&) { return true; });
  for (auto& [task, reads] : waiting) {
    for (Pending& read : reads) {
      read.timer.Cancel();
      read.done(StreamMissing{});
    }
  }
}

size_t StreamStore::Core::size() const {
  const std::lock_guard lock(mutex_);
  return buffers_.size();
}

StreamStore::StreamStore(Executor& executor, WorkQueue& spilling, StreamStoreOptions options)
    : core_(std::make_shared<Core>(executor, spilling, std::move(options))) {}

StreamStore::~StreamStore() { core_->Stop(); }

std::shared_ptr<StreamBuffer> StreamStore::Create(const TaskId& task, uint32_t partition_count,
                                                  std::vector<StreamReaderPlan> readers, bool may_hold_back) {
  return core_->Create(task, partition_count, std::move(readers), may_hold_back);
}

void StreamStore::Drop(const TaskId& task) {
  core_->Drop(task, [&](const TaskId& other) { return other == task; });
}

void StreamStore::DropQuery(const QueryId& query) {
  core_->Drop({query, {}, {}, {}}, [&](const TaskId& task) { return task.query == query; });
}

void StreamStore::Read(const TaskId& task, std::string reader, uint64_t token, size_t max_bytes,
                       Duration wait, StreamBuffer::Callback done) {
  core_->Read(task, {std::move(reader), token, max_bytes, wait, std::move(done)});
}

void StreamStore::Close(const TaskId& task, const std::string& reader) {
  if (const auto buffer = core_->Find(task)) buffer->Close(reader);
}

size_t StreamStore::size() const { return core_->size(); }

}  // namespace planaria::exchange
