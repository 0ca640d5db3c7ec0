#include "coordinator/object_lease_store.h"

#include "coordinator/lease_entry_text.h"

namespace planaria::coordinator {

namespace {
/// Entries are forgotten minutes after the next ones have come: a listed one that is gone is an old view.
constexpr int kReadAttempts = 3;
}  // namespace

std::optional<LeaseEntry> ObjectLeaseStore::Last() {
  for (int attempt = 1;; attempt++) {
    const storage::ObjectInfo* last = nullptr;
    uint64_t number = 0;
    const auto objects = store_->ListPrefix(folder_);
    for (const auto& object : objects) {
      const auto its = NumberOfLeaseEntry(object.key);
      if (!its || *its <= number) continue;
      number = *its;
      last = &object;
    }
    if (last == nullptr) return std::nullopt;
    try {
      std::string content(last->size, '\0');
      store_->Read(last->key, 0, content.size(), content.data());
      return ReadLeaseEntry(number, content, duration_);
    } catch (const storage::ObjectLost&) {
      if (attempt == kReadAttempts) throw;
    }
  }
}

bool ObjectLeaseStore::Put(const LeaseEntry& entry) {
  return store_->PutIfAbsent(folder_ + '/' + LeaseEntryName(entry.number), WriteLeaseEntry(entry));
}

void ObjectLeaseStore::Forget(uint64_t through) {
  for (const auto& object : store_->ListPrefix(folder_)) {
    const auto number = NumberOfLeaseEntry(object.key);
    if (number && *number <= through) store_->DeletePrefix(object.key);
  }
}

}  // namespace planaria::coordinator
