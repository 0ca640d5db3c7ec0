#include "coordinator/descriptor_storage.h"

#include <spdlog/spdlog.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>

#include "base/units.h"
#include "exchange/nameless_file.h"

namespace planaria::coordinator {

/// Who holds how much, for as long as anything is held.
class DescriptorStorage::Books {
 public:
  void Hold(const QueryId& query, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    memory_ += bytes;
    by_query_[query] += bytes;
  }
  void Release(const QueryId& query, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    memory_ -= bytes;
    const auto held = by_query_.find(query);
    if ((held->second -= bytes) > 0) return;
    by_query_.erase(held);
    given_up_.erase(query);
  }
  void HoldInFile(int64_t bytes) {
    const std::lock_guard lock(mutex_);
    in_files_ += bytes;
  }
  /// Whether something new is to go to a file.
  bool Spills(const DescriptorStorageOptions& options, uint64_t more) {
    const std::lock_guard lock(mutex_);
    if (memory_ + more > options.high_water_bytes) spills_ = true;
    if (spills_ && memory_ <= options.low_water_bytes && memory_ + more <= options.high_water_bytes)
      spills_ = false;
    return spills_;
  }
  /// The query that holds most, with what all hold, when that is too much; each once.
  std::optional<std::pair<QueryId, uint64_t>> Largest(uint64_t max_bytes) {
    const std::lock_guard lock(mutex_);
    // What was given up already is on its way out.
    uint64_t left = memory_;
    for (const QueryId& query : given_up_) left -= by_query_.at(query);
    if (left <= max_bytes) return std::nullopt;
    const std::pair<const QueryId, uint64_t>* largest = nullptr;
    for (const auto& entry : by_query_) {
      if (given_up_.contains(entry.first)) continue;
      if (largest == nullptr || entry.second > largest->second) largest = &entry;
    }
    given_up_.insert(largest->first);
    return std::pair{largest->first, memory_};
  }
  std::shared_ptr<exchange::NamelessFile> FileOf(const QueryId& query, const std::string& directory) {
    const std::lock_guard lock(mutex_);
    std::erase_if(files_, [](const auto& entry) { return entry.second.expired(); });
    auto file = files_[query].lock();
    if (!file) files_[query] = file = std::make_shared<exchange::NamelessFile>(directory);
    return file;
  }
  uint64_t memory() const {
    const std::lock_guard lock(mutex_);
    return memory_;
  }
  uint64_t in_files() const {
    const std::lock_guard lock(mutex_);
    return in_files_;
  }

 private:
  mutable std::mutex mutex_;
  uint64_t memory_ = 0;
  uint64_t in_files_ = 0;
  bool spills_ = false;
  std::map<QueryId, uint64_t> by_query_;
  std::set<QueryId> given_up_;
  std::map<QueryId, std::weak_ptr<exchange::NamelessFile>> files_;
};

class DescriptorStorage::InMemory final : public KeptBytes {
 public:
  InMemory(std::shared_ptr<Books> books, QueryId query, std::string bytes)
      : books_(std::move(books)), query_(std::move(query)), bytes_(std::move(bytes)) {
    books_->Hold(query_, bytes_.size());
  }
  ~InMemory() override { books_->Release(query_, bytes_.size()); }
  size_t size() const override { return bytes_.size(); }
  std::string Read() const override { return bytes_; }

 private:
  const std::shared_ptr<Books> books_;
  const QueryId query_;
  const std::string bytes_;
};

class DescriptorStorage::InFile final : public KeptBytes {
 public:
  InFile(std::shared_ptr<Books> books, std::shared_ptr<exchange::NamelessFile> file, const std::string& bytes)
      : books_(std::move(books)),
        file_(std::move(file)),
        offset_(file_->Append(bytes.data(), bytes.size())),
        size_(bytes.size()),
        checksum_(XXH3_64bits(bytes.data(), bytes.size())) {
    books_->HoldInFile(static_cast<int64_t>(size_));
  }
  ~InFile() override { books_->HoldInFile(-static_cast<int64_t>(size_)); }
  size_t size() const override { return size_; }
  std::string Read() const override {
    std::string bytes(size_, '\0');
    std::string why = "checksum mismatch";
    try {
      file_->Read(offset_, bytes.data(), size_);
      if (XXH3_64bits(bytes.data(), size_) == checksum_) return bytes;
    } catch (const std::system_error& error) {
      why = error.what();
    }
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "A task descriptor cannot be read back from its file: " + why);
  }

 private:
  const std::shared_ptr<Books> books_;
  const std::shared_ptr<exchange::NamelessFile> file_;
  const uint64_t offset_;
  const size_t size_;
  const uint64_t checksum_;
};

DescriptorStorage::DescriptorStorage(DescriptorStorageOptions options)
    : options_(std::move(options)), books_(std::make_shared<Books>()) {}

std::shared_ptr<const KeptBytes> DescriptorStorage::KeepInFile(const QueryId& query,
                                                               const std::string& bytes) {
  try {
    return std::make_shared<const InFile>(books_, books_->FileOf(query, options_.directory), bytes);
  } catch (const std::system_error& error) {
    spdlog::warn("task descriptors of query {} cannot be written to a file in {}: {}", query.value,
                 options_.directory, error.what());
    return nullptr;
  }
}

std::shared_ptr<const KeptBytes> DescriptorStorage::Keep(const QueryId& query, std::string bytes) {
  if (books_->Spills(options_, bytes.size())) {
    if (auto kept = KeepInFile(query, bytes)) return kept;
  }
  bytes.shrink_to_fit();
  auto kept = std::make_shared<const InMemory>(books_, query, std::move(bytes));
  if (const auto largest = books_->Largest(options_.max_bytes)) {
    options_.give_up(largest->first, {errors::EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY,
                                      "Task descriptor storage capacity has been exceeded: " +
                                          DataSize{options_.max_bytes}.ToString() + " > " +
                                          DataSize{largest->second}.ToString(),
                                      {},
                                      {}});
  }
  return kept;
}

uint64_t DescriptorStorage::memory_bytes() const { return books_->memory(); }
uint64_t DescriptorStorage::file_bytes() const { return books_->in_files(); }

}  // namespace planaria::coordinator
