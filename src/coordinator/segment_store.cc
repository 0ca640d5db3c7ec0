#include "coordinator/segment_store.h"

#include <charconv>

#include "env/aes_gcm.h"
#include "storage/digest.h"

namespace planaria::coordinator {

namespace {

constexpr std::string_view kFolder = "segments";
/// What ids are sealed with, so that nothing else that the secret sealed passes for one.
constexpr std::string_view kIdContext = "segment";
constexpr size_t kRandomBytes = 16;

int64_t Millis(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

/// `segments/<milliseconds since 1970 when it expires>-<random>`
std::optional<int64_t> ExpiryOf(std::string_view key) {
  const size_t start = kFolder.size() + 1;
  if (key.size() <= start) return std::nullopt;
  const std::string_view name = key.substr(start);
  return ReadNumber(name.substr(0, name.find('-')));
}

}  // namespace

SegmentStore::Stored SegmentStore::Put(std::string_view bytes, WallTime now) const {
  const auto expires = now + std::chrono::duration_cast<WallTime::duration>(options_.ttl);
  const std::string key = std::string(kFolder) + "/" + std::to_string(Millis(expires)) + "-" +
                          storage::Hex(SecureRandomBytes(kRandomBytes));
  std::string sealed;
  if (options_.encryption) {
    sealed = SealText(options_.key.bytes(), key, bytes);
    bytes = sealed;
  }
  const auto writer = options_.store->Create(key);
  writer->Write(bytes.data(), bytes.size());
  writer->Finish();
  const std::string place = key + " " + std::to_string(bytes.size());
  return {storage::Hex(SealText(options_.key.bytes(), kIdContext, place)), expires};
}

std::optional<SegmentStore::Place> SegmentStore::Find(std::string_view id) const {
  const auto sealed = FromHex(id);
  std::string text;
  if (!sealed || !OpenText(options_.key.bytes(), kIdContext, *sealed, text)) return std::nullopt;
  const size_t blank = text.find(' ');
  const auto size = ReadNumber(std::string_view(text).substr(blank + 1));
  if (blank == std::string::npos || !size) return std::nullopt;
  return Place{text.substr(0, blank), static_cast<size_t>(*size)};
}

std::optional<std::string> SegmentStore::Get(std::string_view id, WallTime now) const {
  const auto place = Find(id);
  if (!place || ExpiryOf(place->key).value_or(0) <= Millis(now)) return std::nullopt;
  std::string bytes(place->size, '\0');
  try {
    options_.store->Read(place->key, 0, bytes.size(), bytes.data());
  } catch (const storage::ObjectLost&) {
    // Acknowledged before.
    return std::nullopt;
  }
  if (!options_.encryption) return bytes;
  std::string plain;
  if (!OpenText(options_.key.bytes(), place->key, bytes, plain)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         options_.store->Location(place->key) + " was altered, or sealed with another key");
  }
  return plain;
}

bool SegmentStore::Acknowledge(std::string_view id) const {
  const auto place = Find(id);
  if (!place) return false;
  options_.store->DeletePrefix(place->key);
  return true;
}

size_t SegmentStore::Prune(WallTime now) const {
  size_t pruned = 0;
  for (const storage::ObjectInfo& object : options_.store->ListPrefix(kFolder)) {
    const auto expiry = ExpiryOf(object.key);
    if (expiry && *expiry <= Millis(now)) pruned += options_.store->DeletePrefix(object.key);
  }
  return pruned;
}

}  // namespace planaria::coordinator
