#include "sim/faulty_store.h"

#include <utility>

namespace planaria::sim {

namespace {
bool IsJournal(std::string_view key) { return key.starts_with(kJournalFolder); }
}  // namespace

class FaultyStore::Writer final : public storage::ObjectWriter {
 public:
  Writer(FaultyStore& store, std::string_view key)
      : store_(store), objects_(store.objects_), process_(store.process_), key_(key) {}
  ~Writer() override {
    if (!finished_ && !process_->alive) objects_->PutIfAbsent(key_, content_);
  }
  void Write(const void* data, size_t size) override {
    store_.FailToWrite(key_);
    content_.append(static_cast<const char*>(data), size);
  }
  uint64_t Finish() override {
    store_.FailToWrite(key_);
    const uint64_t size = content_.size();
    store_.Damage(content_);
    if (!objects_->PutIfAbsent(key_, content_)) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Object exists already: " + key_);
    }
    finished_ = true;
    return size;
  }

 private:
  FaultyStore& store_;
  const std::shared_ptr<storage::MemoryObjectStore> objects_;
  const std::shared_ptr<Process> process_;
  const std::string key_;
  std::string content_;
  bool finished_ = false;
};

void FaultyStore::FailToWrite(std::string_view key) {
  if (!process_->alive) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The process is dead");
  if (conditions_.Strikes(FaultKind::kFullStore)) {
    throw TrinoException(errors::GENERIC_INSUFFICIENT_RESOURCES, "No space left for " + std::string(key));
  }
  if (conditions_.Strikes(FaultKind::kWriteError)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Could not write " + std::string(key));
  }
}

void FaultyStore::Damage(std::string& content) {
  if (content.empty()) return;
  if (conditions_.Strikes(FaultKind::kTorn)) content.resize(random_.Below(content.size()));
  if (!content.empty() && conditions_.Strikes(FaultKind::kCorrupt)) {
    content[random_.Below(content.size())] ^= static_cast<char>(1u << random_.Below(8));
  }
}

std::unique_ptr<storage::ObjectWriter> FaultyStore::Create(std::string_view key) {
  FailToWrite(key);
  return std::make_unique<Writer>(*this, key);
}

bool FaultyStore::PutIfAbsent(std::string_view key, std::string_view content) {
  if (!process_->alive) {
    const LastWrite last = std::exchange(process_->last_write, LastWrite::kNone);
    if (last == LastWrite::kWhole) objects_->PutIfAbsent(key, content);
    if (last == LastWrite::kTorn)
      objects_->PutIfAbsent(key, content.substr(0, random_.Below(content.size())));
  }
  FailToWrite(key);
  const bool stored = objects_->PutIfAbsent(key, content);
  // Now as well: an error does not say that nothing was stored.
  if (IsJournal(key)) FailToWrite(key);
  return stored;
}

size_t FaultyStore::DeletePrefix(std::string_view prefix) {
  if (IsJournal(prefix)) FailToWrite(prefix);
  return objects_->DeletePrefix(prefix);
}

void FaultyStore::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  if (conditions_.Strikes(FaultKind::kReadError)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Could not read " + std::string(key));
  }
  objects_->Read(key, offset, length, buffer);
}

}  // namespace planaria::sim
