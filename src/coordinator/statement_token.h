// The only credential of a result's follow-up requests: an unguessable text in the page's URI.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace planaria::coordinator {

enum class StatementPhase : uint8_t { kQueued, kExecuting };

/// `queued` or `executing`, as in URIs.
std::string_view StatementPhaseName(StatementPhase phase);

/// Makes and checks slugs: `y` and an HMAC-SHA256 of query, phase and token under a secret of this server.
class StatementSlugs {
 public:
  explicit StatementSlugs(std::string secret) : secret_(std::move(secret)) {}

  std::string Make(const QueryId& query, StatementPhase phase, uint64_t token) const;
  /// Takes the same time whatever differs.
  bool Matches(const QueryId& query, StatementPhase phase, uint64_t token, std::string_view slug) const;

 private:
  const std::string secret_;
};

}  // namespace planaria::coordinator
