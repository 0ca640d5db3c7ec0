#include "coordinator/statement_cursor.h"

#include <utility>

namespace planaria::coordinator {

namespace {

HttpResponse JsonPage(const protocol::QueryResults& results) {
  HttpResponse response = ContentResponse("application/json", protocol::WriteQueryResults(results));
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.gzip = true;
  return response;
}

}  // namespace

StatementCursor::StatementCursor(std::shared_ptr<ClientQuery> query,
                                 std::shared_ptr<const StatementContext> context)
    : query_(std::move(query)),
      context_(std::move(context)),
      encoding_(context_->spooler ? context_->spooler->Choose(query_->session().query_data_encodings)
                                  : std::nullopt),
      last_seen_(context_->clock.Now()) {
  // The POST was page 0 of the queue.
  line(StatementPhase::kQueued).next = 1;
}

void StatementCursor::AwaitClient() {
  const std::lock_guard lock(mutex_);
  awaits_client_ = true;
}

void StatementCursor::Resume(StatementPhase phase, uint64_t token, uint64_t page) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(awaits_client_, false)) return;
  line(phase).next = token;
  pages_given_ = pages_to_skip_ = page;
}

std::string StatementCursor::PageUri(const std::string& base_uri, StatementPhase phase, uint64_t token,
                                     uint64_t page) const {
  return base_uri + "/v1/statement/" + std::string(StatementPhaseName(phase)) + "/" + query_->id().value +
         "/" + context_->slugs.Make(query_->id(), phase, token, page) + "/" + std::to_string(token);
}

protocol::QueryResults StatementCursor::Document(const std::string& base_uri,
                                                 const QuerySnapshot& snapshot) const {
  protocol::QueryResults results;
  results.id = query_->id().value;
  results.info_uri = base_uri + "/ui/query.html?" + query_->id().value;
  results.stats = snapshot.stats;
  results.warnings = snapshot.warnings;
  return results;
}

HttpResponse StatementCursor::First(const std::string& base_uri) const {
  QuerySnapshot snapshot = query_->Snapshot();
  snapshot.stats.state = "QUEUED";
  auto results = Document(base_uri, snapshot);
  results.next_uri = PageUri(base_uri, StatementPhase::kQueued, 1, 0);
  return JsonPage(results);
}

HttpResponse StatementCursor::QueuedPage(const std::string& base_uri, uint64_t token, bool dispatched,
                                         bool* ended) const {
  const QuerySnapshot snapshot = query_->Snapshot();
  auto results = Document(base_uri, snapshot);
  *ended = false;
  if (snapshot.error) {
    results.error = snapshot.error;
    *ended = true;
  } else if (dispatched) {
    results.next_uri = PageUri(base_uri, StatementPhase::kExecuting, 0, 0);
  } else {
    results.next_uri = PageUri(base_uri, StatementPhase::kQueued, token + 1, 0);
  }
  return JsonPage(results);
}

HttpResponse StatementCursor::ExecutingPage(const std::string& base_uri, uint64_t token, uint64_t pages_given,
                                            const ResultPage& page,
                                            const std::optional<Segment>& segment) const {
  const QuerySnapshot snapshot = query_->Snapshot();
  auto results = Document(base_uri, snapshot);
  results.columns = snapshot.columns;
  if (results.columns && !query_->session().has_capability("PARAMETRIC_DATETIME")) {
    for (protocol::Column& column : *results.columns) column.type = column.type.WithoutDatetimePrecision();
  }
  results.update_type = snapshot.update_type;
  results.update_count = snapshot.update_count;
  results.rows = page.rows;
  std::string segments;
  if (segment) segments = WriteSegments(*encoding_, {*segment}, base_uri);
  results.segments = segments;
  if (!page.end) {
    results.next_uri = PageUri(base_uri, StatementPhase::kExecuting, token + 1, pages_given);
  } else if (snapshot.error) {
    results.error = snapshot.error;
  }
  HttpResponse response = JsonPage(results);
  for (auto& [name, value] : protocol::WriteSessionChanges(snapshot.session_changes)) {
    response.headers.Add(name, value);
  }
  return response;
}

void StatementCursor::Get(StatementPhase phase, uint64_t token, const std::string& base_uri,
                          Respond respond) {
  std::unique_lock lock(mutex_);
  last_seen_ = context_->clock.Now();
  Line& pages = line(phase);
  if (token + 1 == pages.next && pages.last) {
    const auto last = pages.last;
    lock.unlock();
    respond(*last);
    return;
  }
  if (token < pages.next) {
    lock.unlock();
    respond(TextResponse(410, "Page is gone"));
    return;
  }
  if (token > pages.next || pages.ended) {
    lock.unlock();
    respond(NotFound("Query not found"));
    return;
  }
  pages.waiting.push_back(std::move(respond));
  if (pages.waiting.size() > 1) return;
  pages.base_uri = base_uri;
  pages.timer = context_->executor.RunAfter(context_->max_wait, [weak = weak_from_this(), phase, token] {
    if (const auto self = weak.lock()) self->OnTimeout(phase, token);
  });
  const bool ready = phase == StatementPhase::kQueued ? dispatched_ : rows_.has_value();
  if (ready) {
    Answer(phase, std::move(lock));
    return;
  }
  bool& asked = phase == StatementPhase::kQueued ? dispatch_asked_ : rows_asked_;
  if (asked) return;
  asked = true;
  lock.unlock();
  phase == StatementPhase::kQueued ? AwaitDispatch() : AwaitRows();
}

void StatementCursor::AwaitDispatch() {
  query_->WhenDispatched([self = shared_from_this()] { self->OnDispatched(); });
}

void StatementCursor::AwaitRows() {
  size_t bytes = context_->page_bytes;
  if (encoding_) {
    const std::lock_guard lock(mutex_);
    bytes = context_->spooler->SegmentBytes(pages_read_);
  }
  query_->NextPage(bytes, [self = shared_from_this()](ResultPage page) { self->OnRows(std::move(page)); });
}

void StatementCursor::OnDispatched() {
  std::unique_lock lock(mutex_);
  dispatched_ = true;
  Answer(StatementPhase::kQueued, std::move(lock));
}

bool StatementCursor::MaySpool() const { return encoding_ && !query_->Snapshot().update_type; }

void StatementCursor::OnRows(ResultPage page) {
  const bool spool = !page.rows.empty() && MaySpool();
  std::unique_lock lock(mutex_);
  const uint64_t row_offset = rows_read_;
  rows_read_ += page.row_count;
  if (!page.rows.empty()) pages_read_++;
  if (pages_to_skip_ > 0 && !page.end) {
    pages_to_skip_--;
    lock.unlock();
    return AwaitRows();
  }
  if (spool) {
    lock.unlock();
    return context_->spooler->Spool(
        std::move(page), row_offset, *encoding_,
        [self = shared_from_this()](ResultSpooler::Spooled spooled) { self->OnSpooled(std::move(spooled)); });
  }
  rows_asked_ = false;
  rows_ = std::move(page);
  Answer(StatementPhase::kExecuting, std::move(lock));
}

void StatementCursor::OnSpooled(ResultSpooler::Spooled spooled) {
  const Error* failure = std::get_if<Error>(&spooled);
  if (failure) query_->Cancel(*failure);
  std::unique_lock lock(mutex_);
  rows_asked_ = false;
  rows_ = ResultPage{.rows = {}, .end = failure != nullptr};
  if (!failure) segment_ = std::get<Segment>(std::move(spooled));
  Answer(StatementPhase::kExecuting, std::move(lock));
}

void StatementCursor::OnTimeout(StatementPhase phase, uint64_t token) {
  std::unique_lock lock(mutex_);
  if (line(phase).next == token) Answer(phase, std::move(lock));
}

void StatementCursor::Answer(StatementPhase phase, std::unique_lock<std::mutex> lock) {
  Line& pages = line(phase);
  if (pages.waiting.empty() || pages.writing) return;
  pages.writing = true;
  pages.timer.Cancel();
  const uint64_t token = pages.next;
  const std::string base_uri = pages.base_uri;
  const bool dispatched = dispatched_;
  ResultPage page;
  std::optional<Segment> segment;
  if (phase == StatementPhase::kExecuting && rows_) {
    page = *std::move(rows_);
    rows_.reset();
    segment = std::exchange(segment_, std::nullopt);
    if (page.end && !page.rows.empty()) {
      // Rows get a successor that acknowledges them; only then is it the end.
      rows_ = ResultPage{{}, true};
      page.end = false;
    }
  }
  if (!page.rows.empty() || segment) pages_given_++;
  const uint64_t pages_given = pages_given_;
  lock.unlock();

  bool ended = page.end;
  auto response = std::make_shared<const HttpResponse>(
      phase == StatementPhase::kQueued ? QueuedPage(base_uri, token, dispatched, &ended)
                                       : ExecutingPage(base_uri, token, pages_given, page, segment));
  lock.lock();
  pages.writing = false;
  pages.last = response;
  pages.next = token + 1;
  pages.ended = ended;
  last_seen_ = context_->clock.Now();
  std::vector<Respond> waiting = std::move(pages.waiting);
  pages.waiting.clear();
  lock.unlock();
  for (const Respond& respond : waiting) respond(*response);
}

void StatementCursor::Touch() {
  const std::lock_guard lock(mutex_);
  last_seen_ = context_->clock.Now();
}

Duration StatementCursor::idle() const {
  const std::lock_guard lock(mutex_);
  for (const Line& pages : lines_) {
    if (!pages.waiting.empty()) return Duration::zero();
  }
  return context_->clock.Now() - last_seen_;
}

void StatementCursor::DropRows() {
  const std::lock_guard lock(mutex_);
  if (rows_) rows_->rows.clear();
  segment_.reset();
}

}  // namespace planaria::coordinator
