// The keys that seal what running queries spool, and how they get into journals.
//
// A query's key is made when the query starts; it is here, in the descriptors of the query's tasks, and,
// wrapped, in its journal. docs/decisions/2026-11-26-spool-encryption.md
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/secret.h"

namespace planaria::coordinator {

/// Thread-safe.
class SpoolKeys {
 public:
  /// `wrapping`, of any length, is the same for every start of the coordinator that shares the journal.
  /// Without `seals` new queries get no keys; those of others are still opened.
  SpoolKeys(Secret wrapping, bool seals);

  /// A new key for a query; empty when nothing is sealed.
  Secret Make(const QueryId& query);
  /// Empty: the query has none, or has ended.
  Secret Of(const QueryId& query) const;
  void Forget(const QueryId& query);

  /// For the journal: `text` under the query's key, and the key under what wraps. As it is without a key.
  std::string Seal(const QueryId& query, std::string text) const;
  /// What Seal was given, by this start or an earlier one; Of knows the key from then on. Throws
  /// TrinoException(GENERIC_INTERNAL_ERROR) when something else wraps now, or a byte was altered.
  std::string Open(const QueryId& query, std::string_view journaled);

  /// A key of nobody's but the caller's, for what one process writes and reads itself; empty when nothing is
  /// sealed.
  Secret MakeOwn() const;

 private:
  const Secret wrapping_;
  const bool seals_;
  mutable std::mutex mutex_;
  std::map<QueryId, Secret> keys_;
};

}  // namespace planaria::coordinator
