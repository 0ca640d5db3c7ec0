#include "exchange/stream_buffer.h"

#include <utility>

namespace planaria::exchange {

struct StreamBuffer::Calls {
  std::vector<std::function<void()>> functions;
  void Add(std::function<void()> function) { functions.push_back(std::move(function)); }
  void Run() {
    for (const auto& function : functions) function();
  }
};

StreamBuffer::StreamBuffer(TaskId producer, uint32_t partition_count, std::vector<StreamReaderPlan> readers,
                           StreamBufferOptions options)
    : producer_(std::move(producer)),
      options_(std::move(options)),
      readers_of_(partition_count),
      readers_(readers.size()),
      open_readers_(static_cast<uint32_t>(readers.size())),
      appended_(partition_count) {
  for (uint32_t i = 0; i < readers.size(); i++) {
    if (!names_.emplace(readers[i].name, i).second) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Two readers of task " + producer_.ToString() +
                                                               " are called '" + readers[i].name + "'");
    }
    for (const uint32_t partition : readers[i].partitions) {
      if (partition < partition_count) readers_of_[partition].push_back(i);
    }
  }
}

StreamBuffer::~StreamBuffer() { Destroy(); }

bool StreamBuffer::Full(const Wake& wake) {
  if (!options_.spill_directory.empty()) return false;
  const Lock lock(mutex_);
  if (destroyed_ || open_readers_ == 0 || memory_bytes_ < options_.max_bytes) return false;
  if (wake) wakes_.push_back(wake);
  return true;
}

bool StreamBuffer::Wanted() const {
  const Lock lock(mutex_);
  return !destroyed_ && open_readers_ > 0;
}

void StreamBuffer::Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) {
  if (partition >= readers_of_.size() || size > kMaxPageBytes) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Page of " + std::to_string(size) + " bytes for partition " +
                             std::to_string(partition) + " of " + std::to_string(readers_of_.size()) +
                             " from task " + producer_.ToString());
  }
  auto kept = std::make_shared<Kept>();
  std::shared_ptr<SpillFile> spill;
  {
    const Lock lock(mutex_);
    appended_[partition].first += rows;
    appended_[partition].second += size;
    if (destroyed_) return;
    bool needed = false;
    for (const uint32_t reader : readers_of_[partition]) needed = needed || !readers_[reader].closed;
    if (!needed) return;
    if (!options_.spill_directory.empty() && memory_bytes_ >= options_.max_bytes) {
      if (!spill_) spill_ = std::make_shared<SpillFile>(options_.spill_directory);
      spill = spill_;
    } else {
      memory_bytes_ += BlockBytes(size);
    }
  }
  StreamPage page = MakeStreamPage(partition, data, size, rows);
  kept->header = page.header;
  if (spill) {
    kept->spill_offset = spill->Write(page);
  } else {
    kept->block = std::move(page.block);
  }
  Calls calls;
  {
    const Lock lock(mutex_);
    Push(std::move(kept), readers_of_[partition], calls);
  }
  calls.Run();
}

void StreamBuffer::Push(std::shared_ptr<Kept> kept, const std::vector<uint32_t>& readers, Calls& calls) {
  // Held once more until every reader has it, so that none frees it early.
  kept->readers = 1;
  for (const uint32_t index : readers) {
    Reader& reader = readers_[index];
    if (reader.closed || destroyed_) continue;
    kept->readers++;
    reader.pages.push_back(kept);
    if (reader.waiting.done) {
      Answer(reader, reader.waiting.max_bytes, std::exchange(reader.waiting.done, nullptr), calls);
    }
  }
  Release(*kept);
}

void StreamBuffer::Release(Kept& kept) {
  if (--kept.readers > 0 || !kept.block) return;
  memory_bytes_ -= BlockBytes(kept.header.size);
}

void StreamBuffer::WakeIfRoom(Calls& calls) {
  if (wakes_.empty() || (memory_bytes_ >= options_.max_bytes && open_readers_ > 0 && !destroyed_)) return;
  for (Wake& wake : wakes_) calls.Add(std::move(wake));
  wakes_.clear();
}

void StreamBuffer::TellIfTaken(Calls& calls) {
  if (!taken_ || (!destroyed_ && (!finished_ || open_readers_ > 0))) return;
  calls.Add([taken = std::exchange(taken_, nullptr), whole = !destroyed_] { taken(whole); });
}

void StreamBuffer::WhenTaken(std::function<void(bool)> taken) {
  Calls calls;
  {
    const Lock lock(mutex_);
    taken_ = std::move(taken);
    TellIfTaken(calls);
  }
  calls.Run();
}

void StreamBuffer::Finish() {
  Calls calls;
  {
    const Lock lock(mutex_);
    finished_ = true;
    TellIfTaken(calls);
    for (Reader& reader : readers_) {
      if (!reader.waiting.done) continue;
      Answer(reader, reader.waiting.max_bytes, std::exchange(reader.waiting.done, nullptr), calls);
    }
  }
  calls.Run();
}

void StreamBuffer::Destroy() {
  Calls calls;
  {
    const Lock lock(mutex_);
    if (destroyed_) return;
    destroyed_ = true;
    for (Reader& reader : readers_) {
      for (const auto& kept : reader.pages) Release(*kept);
      reader.pages.clear();
      if (!reader.waiting.done) continue;
      calls.Add([done = std::exchange(reader.waiting.done, nullptr)] { done(StreamMissing{}); });
    }
    spill_.reset();
    WakeIfRoom(calls);
    TellIfTaken(calls);
  }
  calls.Run();
}

uint64_t StreamBuffer::Read(const std::string& name, uint64_t token, size_t max_bytes, Callback done) {
  Calls calls;
  uint64_t number = 0;
  {
    const Lock lock(mutex_);
    number = ++reads_;
    const auto found = names_.find(name);
    if (destroyed_) {
      calls.Add([done = std::move(done)] { done(StreamMissing{}); });
    } else if (found == names_.end() || token < readers_[found->second].first ||
               token > readers_[found->second].first + readers_[found->second].pages.size()) {
      calls.Add(
          [done = std::move(done), error = Error{errors::GENERIC_INTERNAL_ERROR,
                                                 "Task " + producer_.ToString() + " has no page " +
                                                     std::to_string(token) + " for reader '" + name + "'",
                                                 {},
                                                 {}}] { done(error); });
    } else {
      Reader& reader = readers_[found->second];
      if (reader.waiting.done) {
        calls.Add([done = std::exchange(reader.waiting.done, nullptr), first = reader.first] {
          done(StreamPages{{}, first, false});
        });
      }
      DropBefore(reader, token, calls);
      if (reader.pages.empty() && !finished_ && !reader.closed) {
        reader.waiting = {number, max_bytes, std::move(done)};
      } else {
        Answer(reader, max_bytes, std::move(done), calls);
      }
    }
  }
  calls.Run();
  return number;
}

void StreamBuffer::DropBefore(Reader& reader, uint64_t token, Calls& calls) {
  for (; reader.first < token; reader.first++) {
    Release(*reader.pages.front());
    reader.pages.pop_front();
  }
  WakeIfRoom(calls);
}

void StreamBuffer::Answer(Reader& reader, size_t max_bytes, Callback done, Calls& calls) {
  std::vector<std::shared_ptr<Kept>> chosen;
  size_t bytes = 0;
  bool spilled = false;
  for (const auto& kept : reader.pages) {
    bytes += BlockBytes(kept->header.size);
    if (bytes > max_bytes && !chosen.empty()) break;
    chosen.push_back(kept);
    spilled = spilled || !kept->block;
  }
  StreamPages answer;
  answer.next_token = reader.first + chosen.size();
  answer.complete = (finished_ || reader.closed) && chosen.size() == reader.pages.size();
  const auto give = [chosen = std::move(chosen), answer = std::move(answer), done = std::move(done),
                     spill = spill_]() mutable {
    try {
      for (const auto& kept : chosen) {
        answer.pages.push_back(kept->block ? StreamPage{kept->header, kept->block}
                                           : spill->Read(kept->spill_offset, kept->header));
      }
    } catch (const TrinoException& failure) {
      return done(failure.error());
    }
    done(std::move(answer));
  };
  if (spilled) {
    options_.spill_pool->Post(give);
  } else {
    calls.Add(give);
  }
}

void StreamBuffer::GiveUp(const std::string& name, uint64_t read) {
  Callback done;
  uint64_t first = 0;
  {
    const Lock lock(mutex_);
    const auto found = names_.find(name);
    if (found == names_.end()) return;
    Reader& reader = readers_[found->second];
    if (!reader.waiting.done || reader.waiting.number != read) return;
    done = std::exchange(reader.waiting.done, nullptr);
    first = reader.first;
  }
  done(StreamPages{{}, first, false});
}

void StreamBuffer::Close(const std::string& name) {
  Calls calls;
  {
    const Lock lock(mutex_);
    const auto found = names_.find(name);
    if (found == names_.end() || readers_[found->second].closed) return;
    Reader& reader = readers_[found->second];
    reader.closed = true;
    open_readers_--;
    DropBefore(reader, reader.first + reader.pages.size(), calls);
    if (reader.waiting.done) Answer(reader, 0, std::exchange(reader.waiting.done, nullptr), calls);
    TellIfTaken(calls);
  }
  calls.Run();
}

std::vector<std::pair<uint64_t, uint64_t>> StreamBuffer::RowsAndBytes() const {
  const Lock lock(mutex_);
  return appended_;
}

uint64_t StreamBuffer::bytes_in_memory() const {
  const Lock lock(mutex_);
  return memory_bytes_;
}

}  // namespace planaria::exchange
