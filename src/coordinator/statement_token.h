// The only credential of a result's follow-up requests: an unguessable text in the page's URI.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace planaria::coordinator {

enum class StatementPhase : uint8_t { kQueued, kExecuting };

/// `queued` or `executing`, as in URIs.
std::string_view StatementPhaseName(StatementPhase phase);

/// Makes and checks slugs: `y` and an HMAC-SHA256 of query, phase, token and page under a secret of this
/// server, then `_` and the page if it is not 0. The page is the number of pages with rows that came before:
/// a server that was restarted meanwhile learns from it where its client stands.
class StatementSlugs {
 public:
  explicit StatementSlugs(std::string secret) : secret_(std::move(secret)) {}

  std::string Make(const QueryId& query, StatementPhase phase, uint64_t token, uint64_t page) const;
  /// The page of a slug that this made; nothing for others, after the same time whatever differs.
  std::optional<uint64_t> Check(const QueryId& query, StatementPhase phase, uint64_t token,
                                std::string_view slug) const;

 private:
  const std::string secret_;
};

}  // namespace planaria::coordinator
