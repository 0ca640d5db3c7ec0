#include "coordinator/spool_keys.h"

#include "base/error.h"
#include "env/aes_gcm.h"
#include "protocol/wire.h"
#include "storage/digest.h"

namespace planaria::coordinator {
namespace {

constexpr uint8_t kKind = 'S';
constexpr uint8_t kVersion = 1;

Secret WrappingKey(const Secret& secret) {
  std::string key = storage::HmacSha256(secret.bytes(), "planaria spool key wrapping 1");
  const Secret kept(key);
  Wipe(key);
  return kept;
}

std::string KeyContext(const QueryId& query) { return "planaria spool key 1\n" + query.value; }
std::string TextContext(const QueryId& query) { return "planaria journaled query 1\n" + query.value; }

Secret NewKey() {
  std::string key = SecureRandomBytes(kAesKeyBytes);
  const Secret kept(key);
  Wipe(key);
  return kept;
}

}  // namespace

SpoolKeys::SpoolKeys(Secret wrapping, bool seals) : wrapping_(WrappingKey(wrapping)), seals_(seals) {}

Secret SpoolKeys::MakeOwn() const { return seals_ ? NewKey() : Secret(); }

Secret SpoolKeys::Make(const QueryId& query) {
  const Secret key = MakeOwn();
  if (key.empty()) return key;
  const std::lock_guard lock(mutex_);
  return keys_.insert_or_assign(query, key).first->second;
}

Secret SpoolKeys::Of(const QueryId& query) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(query);
  return found == keys_.end() ? Secret() : found->second;
}

void SpoolKeys::Forget(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  keys_.erase(query);
}

std::string SpoolKeys::Seal(const QueryId& query, std::string text) const {
  const Secret key = Of(query);
  if (key.empty()) return text;
  protocol::WireWriter writer(kKind, kVersion);
  writer.Text(SealText(wrapping_.bytes(), KeyContext(query), key.bytes()));
  writer.Text(SealText(key.bytes(), TextContext(query), text));
  return writer.Take();
}

std::string SpoolKeys::Open(const QueryId& query, std::string_view journaled) {
  if (journaled.empty() || static_cast<uint8_t>(journaled.front()) != kKind) return std::string(journaled);
  protocol::WireReader reader(journaled, "sealed query", kKind, kVersion);
  const std::string wrapped = reader.Text("wrapped key");
  const std::string sealed = reader.Text("sealed text");
  reader.End();
  std::string key;
  std::string text;
  if (!OpenText(wrapping_.bytes(), KeyContext(query), wrapped, key) || key.size() != kAesKeyBytes) {
    throw TrinoException(
        errors::GENERIC_INTERNAL_ERROR,
        "The key of query " + query.value +
            " was wrapped under another secret: internal-communication.shared-secret, or the "
            "file spool-secret in node.data-dir, is not what it was");
  }
  const Secret kept(key);
  Wipe(key);
  if (!OpenText(kept.bytes(), TextContext(query), sealed, text)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "The journal of query " + query.value + " was altered");
  }
  const std::lock_guard lock(mutex_);
  keys_.insert_or_assign(query, kept);
  return text;
}

}  // namespace planaria::coordinator
