#include "coordinator/object_lease_store.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>
#include <vector>

namespace planaria::coordinator {

namespace {

constexpr const char* kFormat = "planaria-lease-1";
/// Entries are forgotten minutes after the next ones have come: a listed one that is gone is an old view.
constexpr int kReadAttempts = 3;

/// Nothing for objects that are no entries.
std::optional<uint64_t> NumberOf(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('/') + 1);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace

std::string WriteLeaseEntry(const LeaseEntry& entry) {
  return fmt::format("{} {} {} {} {} {}\n", kFormat, entry.released ? "released" : "held",
                     std::chrono::duration_cast<std::chrono::milliseconds>(entry.duration).count(),
                     entry.instance, entry.node, entry.uri);
}

std::optional<LeaseEntry> ParseLeaseEntry(uint64_t number, std::string_view content) {
  std::istringstream words{std::string(content)};
  std::string format, state;
  int64_t milliseconds = 0;
  LeaseEntry entry;
  entry.number = number;
  words >> format >> state >> milliseconds >> entry.instance >> entry.node >> entry.uri;
  if (!words || words.get() != '\n' || format != kFormat || milliseconds <= 0) return std::nullopt;
  if (state != "held" && state != "released") return std::nullopt;
  entry.duration = std::chrono::milliseconds(milliseconds);
  entry.released = state == "released";
  return entry;
}

std::optional<LeaseEntry> ObjectLeaseStore::Last() {
  for (int attempt = 1;; attempt++) {
    const storage::ObjectInfo* last = nullptr;
    uint64_t number = 0;
    const auto objects = store_->ListPrefix(folder_);
    for (const auto& object : objects) {
      const auto its = NumberOf(object.key);
      if (!its || *its <= number) continue;
      number = *its;
      last = &object;
    }
    if (last == nullptr) return std::nullopt;
    try {
      std::string content(last->size, '\0');
      store_->Read(last->key, 0, content.size(), content.data());
      if (auto entry = ParseLeaseEntry(number, content)) return entry;
      return LeaseEntry{number, "unknown", "unknown", "unknown", duration_, false};
    } catch (const storage::ObjectLost&) {
      if (attempt == kReadAttempts) throw;
    }
  }
}

bool ObjectLeaseStore::Put(const LeaseEntry& entry) {
  return store_->PutIfAbsent(fmt::format("{}/{:012}", folder_, entry.number), WriteLeaseEntry(entry));
}

void ObjectLeaseStore::Forget(uint64_t through) {
  for (const auto& object : store_->ListPrefix(folder_)) {
    if (const auto number = NumberOf(object.key); number && *number <= through)
      store_->DeletePrefix(object.key);
  }
}

}  // namespace planaria::coordinator
