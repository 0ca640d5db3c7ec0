// A query as the client protocol sees it, and the service that runs queries.
//
// The HTTP side (statement_resource.h) pulls: rows are encoded when the client asks for them and not before,
// so that a slow client holds back only its own query. The service owns life cycle and retention; leases,
// tokens and documents are the HTTP side's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "protocol/query_results.h"
#include "protocol/session_headers.h"

namespace planaria::coordinator {

using WallTime = std::chrono::system_clock::time_point;

/// A consistent picture of one moment.
struct QuerySnapshot {
  protocol::QueryStats stats;
  /// Nothing until analysed; empty for statements without a result. Types with full precision.
  std::optional<std::vector<protocol::Column>> columns;
  /// Set iff the state is FAILED.
  std::optional<Error> error;
  std::vector<protocol::Warning> warnings;
  std::optional<std::string> update_type;
  std::optional<int64_t> update_count;
  protocol::SessionChanges session_changes;
  WallTime created;
  std::optional<WallTime> ended;
};

/// A piece of the result.
struct ResultPage {
  /// `[..],[..]`: rows in the forms of kernel/json_rows.h; empty only at the end.
  std::string rows;
  /// Nothing follows, neither here nor later: the query finished or failed, the snapshot tells which. The
  /// rows of a failed query may be incomplete.
  bool end = false;
  uint64_t row_count = 0;
};

/// All functions may be called from any thread and return soon. Callbacks run on any thread, perhaps inside
/// the call that takes them, and do not block.
class ClientQuery {
 public:
  virtual ~ClientQuery() = default;

  virtual const QueryId& id() const = 0;
  virtual const protocol::SessionHeaders& session() const = 0;
  virtual const std::string& sql() const = 0;
  virtual QuerySnapshot Snapshot() const = 0;

  /// Calls `done` once, when the query has left the queue (DISPATCHING and later, FAILED included).
  virtual void WhenDispatched(std::function<void()> done) = 0;

  /// Calls `done` once, with the next rows (about `max_bytes` of text, at least one row) as soon as there are
  /// any, or with the end. Asked again only after `done` was called; after the end never. Once the end is
  /// given, the state is FINISHED or FAILED. Columns are known before the first rows are given. Clients
  /// without the PARAMETRIC_DATETIME capability get times and timestamps with 3 digits.
  virtual void NextPage(size_t max_bytes, std::function<void(ResultPage)> done) = 0;

  /// Ends the query with this error, unless it has ended; a NextPage in waiting gets the end.
  virtual void Cancel(const Error& error) = 0;
};

/// All functions may be called from any thread and return soon.
class QueryService {
 public:
  virtual ~QueryService() = default;

  /// Accepts a statement. Whatever is wrong with it is an error of the query, not of this call.
  virtual std::shared_ptr<ClientQuery> Submit(protocol::SessionHeaders session, std::string sql) = 0;
  /// A query that has already failed with `error`, for statements that must not be run.
  virtual std::shared_ptr<ClientQuery> Refuse(protocol::SessionHeaders session, std::string sql,
                                              Error error) = 0;
  /// nullptr when unknown or no longer kept. Ended queries stay for at least 15 minutes or 100 queries.
  virtual std::shared_ptr<ClientQuery> Find(const QueryId& id) = 0;
  /// What became of a query that an earlier start of this service accepted and that cannot go on; nothing for
  /// others.
  virtual std::optional<Error> Lost(const QueryId&) { return std::nullopt; }
  /// Every query kept, oldest first.
  virtual std::vector<std::shared_ptr<ClientQuery>> List() = 0;
};

}  // namespace planaria::coordinator
