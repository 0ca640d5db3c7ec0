#include "exchange/spool_reader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "env/blocking_pool.h"
#include "exchange/block_cipher.h"
#include "exchange/block_packing.h"
#include "exchange/near_outputs.h"
#include "exchange/spool_format.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

/// Longer than the pool takes to begin when it is idle.
constexpr auto kPoolPatience = std::chrono::milliseconds(10);

}  // namespace

class SpoolReader::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(storage::ObjectLocator& locator, const PartitionSet& partitions, SpoolReaderOptions options)
      : locator_(locator), partitions_(partitions), options_(std::move(options)) {}

  void Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete);
  ReadState Next(SpooledPage& page, const Wake& wake);
  PartitionStatistics total() const { return total_; }
  size_t page_count() const { return page_count_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Source {
    std::shared_ptr<const Manifest> manifest;
    /// Without store when inline.
    storage::ObjectPlace place;
    /// Nothing when its blocks are not sealed, or there is no key.
    std::optional<BlockCipher> cipher;
  };
  struct LoadedBlock {
    const Source* source = nullptr;
    const SpoolBlock* block = nullptr;
    std::shared_ptr<const uint8_t[]> owner;
    const uint8_t* bytes = nullptr;
    /// It is not from the store.
    bool near = false;
  };
  /// Where to look for bytes.
  enum class From : uint8_t { kAnywhere, kStore };
  struct WantedBlock {
    const Source* source = nullptr;
    const SpoolBlock* block = nullptr;
  };
  /// Neighbouring blocks of one object.
  struct ReadRange {
    /// Of the first of them.
    const Source* source = nullptr;
    uint64_t begin = 0;
    uint64_t end = 0;
    std::vector<WantedBlock> blocks = {};
    enum class State : uint8_t { kWaiting, kReading, kLoaded } state = State::kWaiting;
    std::chrono::steady_clock::time_point started = {};
    /// How many are reading it.
    int reads = 0;
    bool hedged = false;
    /// Once loaded: those that were not given out.
    std::deque<LoadedBlock> loaded = {};
  };

  std::optional<BlockCipher> CipherFor(const Manifest& manifest) const;
  /// `sources` are in one object.
  void Plan(const std::vector<const Source*>& sources);
  /// Whether the pool reads it.
  bool Pooled(const ReadRange& range) const;
  bool Joins(const ReadRange& range, uint64_t wanted, const SpoolBlock& block) const;
  std::deque<LoadedBlock> Load(const ReadRange& range, From from) const;
  /// False when these bytes are not near, or are plainly not the object's.
  bool LoadNear(const Source& source, uint64_t offset, size_t length, uint8_t* buffer) const;
  void LoadFromStore(const Source& source, uint64_t offset, size_t length, uint8_t* buffer) const;
  bool HasHeader(const Source& source, const uint8_t* bytes) const;
  /// Reads a waiting range, or a second time one that is being read, without `lock` meanwhile.
  void Read(ReadRange& range, Lock& lock);
  /// Waits for the pool to read a range, or loses patience and reads it here.
  void Await(ReadRange& range, Lock& lock);
  /// Has the pool read some of what follows; with the lock held.
  void ReadAhead();
  /// Verify; from the store when the block is not what it should be and came from elsewhere.
  SpooledPage VerifyOrReread(const LoadedBlock& loaded) const;
  /// The page of a block; throws SpooledDataLost unless it is what the manifest says.
  SpooledPage Verify(const LoadedBlock& loaded) const;
  void Fail();

  storage::ObjectLocator& locator_;
  const PartitionSet partitions_;
  const SpoolReaderOptions options_;

  std::mutex mutex_;
  // Both grow while earlier elements are in use.
  std::deque<Source> sources_;
  std::deque<ReadRange> ranges_;
  PartitionStatistics total_;
  size_t page_count_ = 0;
  bool complete_ = false;
  std::vector<Wake> wakes_;
  std::condition_variable changed_;
  /// The first range that has pages to give out; those before it are done.
  size_t current_ = 0;
  /// Ranges from the front that were handed to the pool or read.
  size_t ahead_ = 0;
  std::exception_ptr failure_;
};

SpoolReader::SpoolReader(storage::ObjectLocator& locator,
                         std::vector<std::shared_ptr<const Manifest>> manifests,
                         const PartitionSet& partitions, SpoolReaderOptions options)
    : core_(std::make_shared<Core>(locator, partitions, options)) {
  if (!manifests.empty()) {
    std::rotate(manifests.begin(),
                manifests.begin() + static_cast<ptrdiff_t>(options.first_producer % manifests.size()),
                manifests.end());
  }
  Add(std::move(manifests), options.complete);
}

SpoolReader::~SpoolReader() = default;

void SpoolReader::Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete) {
  core_->Add(std::move(manifests), complete);
}

ReadState SpoolReader::Next(SpooledPage& page, const Wake& wake) { return core_->Next(page, wake); }

std::optional<SpooledPage> SpoolReader::Next() {
  SpooledPage page;
  if (Next(page, {}) != ReadState::kPage) return std::nullopt;
  return page;
}

PartitionStatistics SpoolReader::Total() const { return core_->total(); }
size_t SpoolReader::PageCount() const { return core_->page_count(); }

void SpoolReader::Core::Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete) {
  std::vector<Wake> wakes;
  {
    const Lock lock(mutex_);
    // In the order in which they come first.
    std::vector<std::vector<const Source*>> objects;
    std::map<std::string, size_t> known;
    for (std::shared_ptr<const Manifest>& manifest : manifests) {
      storage::ObjectPlace place;
      // An empty output needs no store, wherever it says that it is.
      const bool stored = !manifest->is_inline() && !manifest->blocks().empty();
      if (stored) place = locator_.Find(manifest->location());
      auto cipher = CipherFor(*manifest);
      size_t object = objects.size();
      if (stored) object = known.emplace(manifest->location(), object).first->second;
      if (object == objects.size()) objects.emplace_back();
      objects[object].push_back(
          &sources_.emplace_back(Source{std::move(manifest), std::move(place), std::move(cipher)}));
    }
    for (const auto& sources : objects) Plan(sources);
    complete_ = complete_ || complete;
    wakes.swap(wakes_);
  }
  for (const Wake& wake : wakes) wake();
}

std::optional<BlockCipher> SpoolReader::Core::CipherFor(const Manifest& manifest) const {
  if (manifest.salt().empty() || options_.key.empty()) return std::nullopt;
  return std::optional<BlockCipher>(std::in_place, options_.key, manifest.producer(), manifest.salt());
}

bool SpoolReader::Core::Joins(const ReadRange& range, uint64_t wanted, const SpoolBlock& block) const {
  const uint64_t bytes = BlockBytes(block.size);
  const uint64_t all = block.offset + bytes - range.begin;
  if (all > options_.read_bytes) return false;
  const uint64_t gap = block.offset - range.end;
  if (gap <= options_.gap_bytes) return true;
  // What every reader reads for nothing adds up on the store's network.
  const auto& store = range.source->place.store;
  return store && store->remote() && gap <= options_.remote_gap_bytes && 2 * (wanted + bytes) >= all;
}

void SpoolReader::Core::Plan(const std::vector<const Source*>& sources) {
  std::vector<WantedBlock> blocks;
  for (const Source* source : sources) {
    for (const SpoolBlock& block : source->manifest->blocks()) {
      if (partitions_.Contains(block.partition)) blocks.push_back({source, &block});
    }
  }
  if (sources.size() > 1) {
    std::sort(blocks.begin(), blocks.end(), [](const WantedBlock& left, const WantedBlock& right) {
      return left.block->offset < right.block->offset;
    });
  }
  ReadRange* range = nullptr;
  uint64_t wanted = 0;
  for (const auto& [source, block] : blocks) {
    total_.rows += block->rows;
    total_.bytes += block->page_bytes();
    page_count_++;
    if (range == nullptr || !Joins(*range, wanted, *block)) {
      // The object's header is checked by those who read the first block.
      const bool first = !source->manifest->is_inline() && block->offset == kObjectHeaderBytes;
      range = &ranges_.emplace_back(ReadRange{source, first ? 0 : block->offset, 0});
      wanted = 0;
    }
    range->end = block->offset + BlockBytes(block->size);
    wanted += BlockBytes(block->size);
    range->blocks.push_back({source, block});
  }
}

ReadState SpoolReader::Core::Next(SpooledPage& page, const Wake& wake) {
  Lock lock(mutex_);
  while (true) {
    if (failure_) std::rethrow_exception(failure_);
    while (current_ < ranges_.size() && ranges_[current_].state == ReadRange::State::kLoaded &&
           ranges_[current_].loaded.empty()) {
      current_++;
    }
    if (current_ == ranges_.size()) {
      if (complete_) return ReadState::kEnd;
      if (wake) wakes_.push_back(wake);
      return ReadState::kLater;
    }
    ReadAhead();
    if (ranges_[current_].state == ReadRange::State::kLoaded) {
      const LoadedBlock block = std::move(ranges_[current_].loaded.front());
      ranges_[current_].loaded.pop_front();
      lock.unlock();
      try {
        page = VerifyOrReread(block);
        return ReadState::kPage;
      } catch (const TrinoException&) {
        lock.lock();
        Fail();
        throw;
      }
    }
    ReadRange& current = ranges_[current_];
    if (Pooled(current)) {
      Await(current, lock);
      continue;
    }
    // While the first is being read, what comes next.
    size_t index = current_;
    const size_t end = std::min(ranges_.size(), current_ + options_.concurrent_reads);
    while (index < end && (ranges_[index].state != ReadRange::State::kWaiting || Pooled(ranges_[index]))) {
      index++;
    }
    if (index < end) {
      Read(ranges_[index], lock);
    } else {
      changed_.wait(lock);
    }
  }
}

void SpoolReader::Core::Await(ReadRange& range, Lock& lock) {
  if (range.state == ReadRange::State::kWaiting) {
    // All threads of the pool are busy.
    const auto begun = [&] { return failure_ || range.state != ReadRange::State::kWaiting; };
    if (!changed_.wait_for(lock, kPoolPatience, begun)) Read(range, lock);
    return;
  }
  const auto patience = options_.hedging && !range.hedged ? options_.hedging->Patience() : std::nullopt;
  if (!patience) return changed_.wait(lock);
  const auto done = [&] { return failure_ || range.hedged || range.state == ReadRange::State::kLoaded; };
  if (changed_.wait_until(lock, range.started + *patience, done)) return;
  range.hedged = true;
  if (options_.hedging->Take()) Read(range, lock);
}

void SpoolReader::Core::Read(ReadRange& range, Lock& lock) {
  const auto started = std::chrono::steady_clock::now();
  // The second one asks the store: a node that is near and slow is what it is there for.
  const From from = range.state == ReadRange::State::kWaiting ? From::kAnywhere : From::kStore;
  if (range.state == ReadRange::State::kWaiting) range.started = started;
  range.state = ReadRange::State::kReading;
  range.reads++;
  changed_.notify_all();
  lock.unlock();
  std::exception_ptr failure;
  std::deque<LoadedBlock> loaded;
  try {
    loaded = Load(range, from);
    const bool near = !loaded.empty() && loaded.front().near;
    if (options_.hedging && Pooled(range) && !near) {
      options_.hedging->Note(std::chrono::steady_clock::now() - started);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  range.reads--;
  // Of two that read the same the first has been used, and the one that failed is not needed.
  if (range.state == ReadRange::State::kReading) {
    if (!failure) {
      range.loaded = std::move(loaded);
      range.state = ReadRange::State::kLoaded;
    } else if (range.reads == 0 && !failure_) {
      failure_ = failure;
    }
  }
  changed_.notify_all();
}

void SpoolReader::Core::ReadAhead() {
  if (options_.pool == nullptr) return;
  ahead_ = std::max(ahead_, current_);
  for (; ahead_ < ranges_.size() && ahead_ < current_ + options_.concurrent_reads; ahead_++) {
    if (ranges_[ahead_].state != ReadRange::State::kWaiting || !Pooled(ranges_[ahead_])) continue;
    options_.pool->Post([weak = weak_from_this(), index = ahead_] {
      const auto self = weak.lock();
      if (!self) return;
      Lock lock(self->mutex_);
      ReadRange& range = self->ranges_[index];
      if (!self->failure_ && range.state == ReadRange::State::kWaiting) self->Read(range, lock);
    });
  }
}

bool SpoolReader::Core::Pooled(const ReadRange& range) const {
  return options_.pool != nullptr && range.source->place.store && range.source->place.store->remote();
}

void SpoolReader::Core::Fail() {
  if (!failure_) failure_ = std::current_exception();
  changed_.notify_all();
}

std::deque<SpoolReader::Core::LoadedBlock> SpoolReader::Core::Load(const ReadRange& range, From from) const {
  const Source& source = *range.source;
  std::deque<LoadedBlock> blocks;
  std::shared_ptr<const uint8_t[]> owner = source.manifest->content();
  const uint8_t* bytes = owner.get() + range.begin;
  bool near = false;
  if (!source.manifest->is_inline()) {
    const size_t length = range.end - range.begin;
    const std::shared_ptr<uint8_t[]> buffer(new uint8_t[length]);
    near = from == From::kAnywhere && LoadNear(source, range.begin, length, buffer.get());
    if (!near) LoadFromStore(source, range.begin, length, buffer.get());
    owner = buffer;
    bytes = buffer.get();
  }
  for (const auto& [of, block] : range.blocks) {
    blocks.push_back({of, block, owner, bytes + (block->offset - range.begin), near});
  }
  return blocks;
}

bool SpoolReader::Core::HasHeader(const Source& source, const uint8_t* bytes) const {
  uint8_t header[kObjectHeaderBytes];
  EncodeObjectHeader(source.manifest->partition_count(), header);
  return std::memcmp(bytes, header, sizeof(header)) == 0;
}

bool SpoolReader::Core::LoadNear(const Source& source, uint64_t offset, size_t length,
                                 uint8_t* buffer) const {
  if (!options_.near || !source.place.store->remote()) return false;
  const TaskId& producer = source.manifest->producer();
  if (!options_.near->Read(producer, source.place.key, offset, length, buffer)) return false;
  if (offset == 0 && !HasHeader(source, buffer)) {
    options_.near->Distrust(producer, source.place.key);
    return false;
  }
  if (options_.traffic) {
    options_.traffic->near_reads++;
    options_.traffic->near_read_bytes += length;
  }
  return true;
}

void SpoolReader::Core::LoadFromStore(const Source& source, uint64_t offset, size_t length,
                                      uint8_t* buffer) const {
  const TaskId& producer = source.manifest->producer();
  try {
    source.place.store->Read(source.place.key, offset, length, buffer);
  } catch (const storage::ObjectLost& lost) {
    throw SpooledDataLost(producer, lost.what());
  }
  if (options_.traffic) {
    options_.traffic->reads++;
    options_.traffic->read_bytes += length;
  }
  if (offset == 0 && !HasHeader(source, buffer)) {
    throw SpooledDataLost(producer,
                          "Object " + source.manifest->location() + " has a damaged header at offset 0");
  }
}

SpooledPage SpoolReader::Core::VerifyOrReread(const LoadedBlock& loaded) const {
  if (!loaded.near) return Verify(loaded);
  try {
    return Verify(loaded);
  } catch (const SpooledDataLost&) {
    options_.near->Distrust(loaded.source->manifest->producer(), loaded.source->place.key);
  }
  LoadedBlock again = loaded;
  const size_t length = BlockBytes(loaded.block->size);
  const std::shared_ptr<uint8_t[]> buffer(new uint8_t[length]);
  LoadFromStore(*loaded.source, loaded.block->offset, length, buffer.get());
  again.owner = buffer;
  again.bytes = buffer.get();
  return Verify(again);
}

SpooledPage SpoolReader::Core::Verify(const LoadedBlock& loaded) const {
  const SpoolBlock& block = *loaded.block;
  const Manifest& manifest = *loaded.source->manifest;
  const uint8_t* const payload = loaded.bytes + kBlockHeaderBytes;
  const auto lost = [&](const char* what, const char* how) {
    return SpooledDataLost(manifest.producer(),
                           (manifest.is_inline() ? "Inline content" : "Object " + manifest.location()) +
                               " has a " + what + " at offset " + std::to_string(block.offset) + ", " +
                               std::to_string(block.size) + " bytes, partition " +
                               std::to_string(block.partition) + how);
  };
  BlockHeader header;
  if (!DecodeBlockHeader(loaded.bytes, header) || header.partition != block.partition ||
      header.rows != block.rows || header.size != block.size || header.checksum != block.checksum ||
      header.sealed != !manifest.salt().empty()) {
    throw lost("damaged block header", "");
  }
  if (BlockChecksum(header, payload) != block.checksum) throw lost("damaged block (checksum mismatch)", "");
  if (!header.sealed && header.codec == BlockCodec::kNone) {
    if (block.saved != 0) throw lost("damaged block", ": its sizes differ");
    return {loaded.owner, payload, block.size, block.rows, block.partition};
  }
  if (header.sealed && !loaded.source->cipher) throw lost("sealed block", ", and there is no key for it");
  const auto page =
      UnpackBlock(header, payload, block.page_bytes(), header.sealed ? &*loaded.source->cipher : nullptr);
  if (!page) throw lost("damaged block", ": it was altered, or sealed with another key");
  return {page, page.get(), block.page_bytes(), block.rows, block.partition};
}

}  // namespace planaria::exchange
