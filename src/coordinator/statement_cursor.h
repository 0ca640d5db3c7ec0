// One query's line of result pages, as one client walks along it.
//
// A token names a page. The last page served can be had again (a client that lost the answer asks twice), the
// next one moves on, older ones are gone. Each request waits until there is something to say, at most
// `max_wait`, and holds no thread meanwhile. Rows are asked of the query only while a request waits for them.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "coordinator/client_query.h"
#include "coordinator/result_spooler.h"
#include "coordinator/statement_token.h"
#include "env/clock.h"
#include "env/executor.h"
#include "env/http.h"

namespace planaria::coordinator {

/// What the cursors of a server share. Executor and clock outlive them.
struct StatementContext {
  StatementSlugs slugs;
  Executor& executor;
  const Clock& clock;
  /// How long a request waits before it is answered without news.
  Duration max_wait;
  /// Of JSON text, before compression; a page ends with the row that reaches it.
  size_t page_bytes;
  /// Null where the spooling protocol is not spoken.
  std::shared_ptr<ResultSpooler> spooler;
};

/// Any thread.
class StatementCursor : public std::enable_shared_from_this<StatementCursor> {
 public:
  using Respond = std::function<void(HttpResponse)>;

  StatementCursor(std::shared_ptr<ClientQuery> query, std::shared_ptr<const StatementContext> context);

  /// For a query of an earlier start of this server: its client has yet to say where it stands.
  void AwaitClient();
  /// The client asks for `token` and has seen `page` pages with rows. No effect but after AwaitClient, once.
  void Resume(StatementPhase phase, uint64_t token, uint64_t page);

  ClientQuery& query() { return *query_; }

  /// The document that answers the POST: no rows, next is the first queued page.
  HttpResponse First(const std::string& base_uri) const;
  /// Answers with a page, 410 for tokens before the last served and 404 for others, now or later.
  void Get(StatementPhase phase, uint64_t token, const std::string& base_uri, Respond respond);

  /// The client is alive.
  void Touch();
  /// Time since the client was last heard of; zero while a request waits.
  Duration idle() const;
  /// Forgets rows that wait for a client which does not want them any more.
  void DropRows();

 private:
  /// The pages of one phase.
  struct Line {
    /// The token that comes next; its predecessor is the last served.
    uint64_t next = 0;
    std::shared_ptr<const HttpResponse> last;
    /// The last page had no successor.
    bool ended = false;
    /// Requests for the page `next`, answered together.
    std::vector<Respond> waiting;
    std::string base_uri;
    TimerHandle timer;
    /// The page is being written outside of the lock.
    bool writing = false;
  };

  Line& line(StatementPhase phase) { return lines_[static_cast<size_t>(phase)]; }
  void AwaitDispatch();
  void AwaitRows();
  void OnDispatched();
  void OnRows(ResultPage page);
  void OnSpooled(ResultSpooler::Spooled spooled);
  /// Rows of statements that write are their count: no segment.
  bool MaySpool() const;
  void OnTimeout(StatementPhase phase, uint64_t token);
  /// Writes page `next` of the phase and answers who waits for it, unless nobody does.
  void Answer(StatementPhase phase, std::unique_lock<std::mutex> lock);

  HttpResponse QueuedPage(const std::string& base_uri, uint64_t token, bool dispatched, bool* ended) const;
  HttpResponse ExecutingPage(const std::string& base_uri, uint64_t token, uint64_t pages_given,
                             const ResultPage& page, const std::optional<Segment>& segment) const;
  std::string PageUri(const std::string& base_uri, StatementPhase phase, uint64_t token, uint64_t page) const;
  protocol::QueryResults Document(const std::string& base_uri, const QuerySnapshot& snapshot) const;

  const std::shared_ptr<ClientQuery> query_;
  const std::shared_ptr<const StatementContext> context_;
  /// Of segments; nothing for clients that get plain rows.
  const std::optional<RowEncoding> encoding_;

  mutable std::mutex mutex_;
  std::array<Line, 2> lines_;
  bool dispatch_asked_ = false;
  bool dispatched_ = false;
  bool rows_asked_ = false;
  /// The answer to the last NextPage, until a request takes it.
  std::optional<ResultPage> rows_;
  /// Stands for the rows of `rows_`.
  std::optional<Segment> segment_;
  /// Pages with rows that the query gave, and their rows.
  uint64_t pages_read_ = 0;
  uint64_t rows_read_ = 0;
  bool awaits_client_ = false;
  /// Pages with rows that the client got, and how many of them this cursor still has to skip.
  uint64_t pages_given_ = 0;
  uint64_t pages_to_skip_ = 0;
  Duration last_seen_;
};

}  // namespace planaria::coordinator
