#include "exchange/kept_outputs.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/fault_points.h"

namespace planaria::exchange {

namespace {

/// Of queries that have ended: what their last tasks still write comes within seconds.
constexpr size_t kRememberedEnds = 10'000;

std::string QueryOf(std::string_view key) { return std::string(key.substr(0, key.find('/'))); }

}  // namespace

/// What is on disk of one query; goes as a whole.
class KeptOutputs::DiskFile {
 public:
  explicit DiskFile(const std::string& directory) : file_(directory) {}

  uint64_t Append(const void* bytes, size_t size) { return file_.Append(bytes, size); }
  void Read(uint64_t offset, void* target, size_t size) const { file_.Read(offset, target, size); }

  /// Of the tier's room; guarded by the store's mutex.
  uint64_t taken = 0;

 private:
  NamelessFile file_;
};

/// Bytes of an object. In memory, on disk, on their way from there to here, or gone.
struct KeptOutputs::Piece {
  std::string query;
  uint64_t offset = 0;
  uint64_t size = 0;
  std::shared_ptr<const RevocableBytes> memory;
  std::shared_ptr<DiskFile> file;
  uint64_t file_offset = 0;
  /// While it is in order_, and its size is counted as in memory.
  std::optional<Order::iterator> place;
};

struct KeptOutputs::Object {
  std::string key;
  /// Ascending and apart; bytes between them were not kept.
  std::vector<std::shared_ptr<Piece>> pieces;
  uint64_t end = 0;
  bool dropped = false;
};

KeptOutputs::KeptOutputs(std::shared_ptr<RevocableMemory> memory, KeptOutputsOptions options)
    : memory_(std::move(memory)), options_(std::move(options)) {}

KeptOutputs::~KeptOutputs() = default;

std::unique_ptr<KeptOutputs::Writing> KeptOutputs::Begin(std::string_view key) {
  if (options_.memory_bytes + options_.disk_bytes == 0) return nullptr;
  auto object = std::make_shared<Object>();
  object->key = key;
  const Lock lock(mutex_);
  if (ended_.contains(QueryOf(key)) || !objects_.emplace(key, object).second) return nullptr;
  return std::unique_ptr<Writing>(new Writing(*this, std::move(object)));
}

KeptOutputs::Writing::~Writing() {
  if (!committed_) kept_.Abandon(object_);
}

void KeptOutputs::Append(const std::shared_ptr<Object>& object, const void* data, size_t size) {
  if (size == 0) return;
  auto piece = std::make_shared<Piece>();
  piece->query = QueryOf(object->key);
  piece->size = size;
  Lock lock(mutex_);
  piece->offset = object->end;
  object->end += size;
  if (object->dropped) return;
  if (MakeRoom(lock, size)) {
    counts_.memory_bytes += size;
    lock.unlock();
    piece->memory = memory_->Keep(data, size);
    lock.lock();
    if (!piece->memory || object->dropped) {
      counts_.memory_bytes -= size;
    } else {
      piece->place = order_.insert(order_.end(), piece);
    }
  }
  if (!piece->memory) {
    WriteToDisk(lock, *piece, data);
    if (!piece->file) counts_.evicted++;
  }
  if (!object->dropped && (piece->memory || piece->file)) object->pieces.push_back(std::move(piece));
}

bool KeptOutputs::MakeRoom(Lock& lock, uint64_t size) {
  while (size <= options_.memory_bytes) {
    const uint64_t most = std::min(options_.memory_bytes, memory_->Share());
    if (counts_.memory_bytes + size <= most) return true;
    if (order_.empty()) return false;
    Demote(lock);
  }
  return false;
}

void KeptOutputs::Demote(Lock& lock) {
  const std::shared_ptr<Piece> piece = order_.front();
  const std::shared_ptr<const RevocableBytes> memory = piece->memory;
  order_.pop_front();
  piece->place.reset();
  counts_.memory_bytes -= piece->size;
  if (HasDisk(*piece)) {
    std::string bytes(piece->size, '\0');
    lock.unlock();
    const bool there = memory->Read(0, bytes.size(), bytes.data());
    lock.lock();
    if (there) WriteToDisk(lock, *piece, bytes.data());
  }
  piece->memory.reset();
  ++(piece->file ? counts_.demoted : counts_.evicted);
}

bool KeptOutputs::HasDisk(const Piece& piece) const {
  return !disk_failed_ && !ended_.contains(piece.query) &&
         counts_.disk_bytes + piece.size <= options_.disk_bytes;
}

void KeptOutputs::WriteToDisk(Lock& lock, Piece& piece, const void* bytes) {
  if (!HasDisk(piece)) return;
  try {
    std::shared_ptr<DiskFile> file;
    if (const auto known = files_.find(piece.query); known != files_.end()) {
      file = known->second;
    } else {
      file = std::make_shared<DiskFile>(options_.directory);
      files_[piece.query] = file;
    }
    file->taken += piece.size;
    counts_.disk_bytes += piece.size;
    lock.unlock();
    const uint64_t offset = file->Append(bytes, piece.size);
    lock.lock();
    piece.file = file;
    piece.file_offset = offset;
  } catch (const std::system_error& failure) {
    spdlog::warn("outputs are not kept in {} any more: {}", options_.directory, failure.what());
    if (!lock.owns_lock()) lock.lock();
    disk_failed_ = true;
  }
}

void KeptOutputs::LeaveMemory(Piece& piece) {
  if (!piece.place) return;
  order_.erase(*piece.place);
  piece.place.reset();
  counts_.memory_bytes -= piece.size;
  piece.memory.reset();
}

void KeptOutputs::Abandon(const std::shared_ptr<Object>& object) {
  const Lock lock(mutex_);
  if (object->dropped) return;
  Drop(*object);
  objects_.erase(object->key);
}

void KeptOutputs::Drop(Object& object) {
  object.dropped = true;
  for (const auto& piece : object.pieces) LeaveMemory(*piece);
  object.pieces.clear();
}

KeptOutputs::Found KeptOutputs::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  struct Part {
    std::shared_ptr<Piece> piece;
    std::shared_ptr<const RevocableBytes> memory;
    uint64_t from = 0;
    size_t length = 0;
  };
  std::vector<Part> parts;
  {
    const Lock lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return Found::kNothing;
    const auto& pieces = found->second->pieces;
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), offset,
                                  [](uint64_t at, const auto& next) { return at < next->offset; });
    if (piece != pieces.begin()) --piece;
    uint64_t at = offset;
    for (; at < offset + length && piece != pieces.end(); ++piece) {
      const uint64_t end = (*piece)->offset + (*piece)->size;
      const bool gone = !(*piece)->memory && !(*piece)->file;
      if (gone || (*piece)->offset > at || end <= at) break;
      const uint64_t until = std::min(end, offset + length);
      parts.push_back({*piece, (*piece)->memory, at - (*piece)->offset, until - at});
      at = until;
      if ((*piece)->place) order_.splice(order_.end(), order_, *(*piece)->place);
    }
    if (at < offset + length) {
      counts_.misses++;
      return Found::kSome;
    }
  }
  auto* target = static_cast<char*>(buffer);
  bool from_disk = false;
  for (const Part& part : parts) {
    if (!ReadPart(*part.piece, part.memory.get(), part.from, part.length, target)) return Found::kSome;
    from_disk = from_disk || !part.memory;
    target += part.length;
  }
  // A test's: memory that has changed.
  if (FaultPoints::Instance().Hit("kept.read", nullptr) && length > 0)
    static_cast<char*>(buffer)[length / 2] ^= 1;
  const Lock lock(mutex_);
  counts_.hits++;
  if (from_disk) counts_.disk_hits++;
  return Found::kAll;
}

bool KeptOutputs::ReadPart(Piece& piece, const RevocableBytes* memory, uint64_t from, size_t length,
                           char* target) {
  if (memory != nullptr) {
    if (memory->Read(from, length, target)) return true;
    const Lock lock(mutex_);
    counts_.misses++;
    if (piece.memory.get() != memory) return false;
    LeaveMemory(piece);
    counts_.revoked++;
    return false;
  }
  try {
    piece.file->Read(piece.file_offset + from, target, length);
    return true;
  } catch (const std::system_error& failure) {
    spdlog::warn("a kept output cannot be read from {}: {}", options_.directory, failure.what());
    const Lock lock(mutex_);
    counts_.misses++;
    return false;
  }
}

void KeptOutputs::DropQuery(const QueryId& query) {
  const Lock lock(mutex_);
  if (ended_.insert(query.value).second) {
    ended_order_.push_back(query.value);
    if (ended_order_.size() > kRememberedEnds) {
      ended_.erase(ended_order_.front());
      ended_order_.pop_front();
    }
  }
  const std::string prefix = query.value + '/';
  for (auto object = objects_.lower_bound(prefix);
       object != objects_.end() && object->first.starts_with(prefix);) {
    Drop(*object->second);
    object = objects_.erase(object);
  }
  if (const auto file = files_.find(query.value); file != files_.end()) {
    counts_.disk_bytes -= file->second->taken;
    files_.erase(file);
  }
}

KeptOutputsCounts KeptOutputs::counts() const {
  const Lock lock(mutex_);
  KeptOutputsCounts counts = counts_;
  counts.objects = objects_.size();
  return counts;
}

}  // namespace planaria::exchange
