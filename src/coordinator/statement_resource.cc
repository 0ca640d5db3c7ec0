#include "coordinator/statement_resource.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "coordinator/query_info.h"
#include "coordinator/statement_cursor.h"
#include "coordinator/statement_token.h"
#include "coordinator/statement_uri.h"
#include "protocol/session_headers.h"

namespace planaria::coordinator {

namespace {

using Call = std::shared_ptr<HttpCall>;

protocol::SessionHeaders SessionOf(const HttpRequest& request) {
  return protocol::ReadSessionHeaders([&](std::string_view name) {
    const auto values = request.headers.GetAll(name);
    return std::vector<std::string>(values.begin(), values.end());
  });
}

/// Answers with what the handler throws when the request is at fault.
HttpHandler Guarded(HttpHandler handler) {
  return [handler = std::move(handler)](const Call& call) {
    try {
      handler(call);
    } catch (const protocol::RefusedRequest& refused) {
      HttpResponse response = TextResponse(refused.status(), refused.what());
      if (refused.status() == 401) response.headers.Add("WWW-Authenticate", "Basic realm=\"Trino\"");
      call->Respond(std::move(response));
    }
  };
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

QueryId QueryOf(const Call& call) { return {call->path_parameter("query")}; }

}  // namespace

class StatementResource::State : public std::enable_shared_from_this<State> {
 public:
  State(QueryService& queries, Executor& executor, const Clock& clock, RandomSource& random,
        StatementOptions options)
      : queries_(queries),
        clock_(clock),
        options_(options),
        context_(std::make_shared<const StatementContext>(
            StatementContext{StatementSlugs(options.secret.empty() ? random.Hex(32) : options.secret),
                             executor, clock, options.max_wait, options.page_bytes, options.spooler})) {
    TakeUp();
  }

  void TakeUp() {
    // Of earlier starts of this server. A client that does not come back abandons its query like any other.
    for (const auto& query : queries_.List()) {
      auto cursor = std::make_shared<StatementCursor>(query, context_);
      const std::lock_guard lock(mutex_);
      if (cursors_.emplace(query->id(), cursor).second) cursor->AwaitClient();
    }
  }

  void Post(const Call& call) {
    const HttpRequest& request = call->request();
    const std::string base_uri = BaseUriOf(request, options_.process_forwarded);
    if (IsBlank(request.body)) throw protocol::RefusedRequest(400, "SQL statement is empty");
    auto session = SessionOf(request);
    const size_t characters = CountCharacters(request.body);
    std::shared_ptr<ClientQuery> query;
    if (characters > options_.max_sql_characters) {
      const size_t limit = options_.max_sql_characters;
      query = queries_.Refuse(std::move(session), request.body.substr(0, limit),
                              Error{errors::QUERY_TEXT_TOO_LARGE,
                                    "Query text length (" + std::to_string(characters) +
                                        ") exceeds the maximum length (" + std::to_string(limit) + ")",
                                    {},
                                    {}});
    } else {
      query = queries_.Submit(std::move(session), request.body);
    }
    auto cursor = std::make_shared<StatementCursor>(query, context_);
    {
      const std::lock_guard lock(mutex_);
      cursors_[query->id()] = cursor;
    }
    call->Respond(cursor->First(base_uri));
  }

  void Get(const Call& call, StatementPhase phase) {
    const std::string base_uri = BaseUriOf(call->request(), options_.process_forwarded);
    uint64_t token = 0;
    const auto cursor = FindCursor(call, phase, &token);
    if (!cursor) return;
    if (call->request().method == "HEAD") {
      cursor->Touch();
      call->Respond(HttpResponse{});
      return;
    }
    cursor->Get(phase, token, base_uri,
                [call](HttpResponse response) { call->Respond(std::move(response)); });
  }

  void Delete(const Call& call, StatementPhase phase) {
    uint64_t token = 0;
    const auto cursor = FindCursor(call, phase, &token);
    if (!cursor) return;
    cursor->Touch();
    cursor->query().Cancel({errors::USER_CANCELED, "Query was canceled", {}, {}});
    cursor->DropRows();
    call->Respond(HttpResponse{.status = 204, .headers = {}, .body = {}});
  }

  void List(const Call& call) {
    const std::string base_uri = BaseUriOf(call->request(), options_.process_forwarded);
    const auto state = call->request().query_parameter("state");
    std::string body = "[";
    for (const auto& query : queries_.List()) {
      const QuerySnapshot snapshot = query->Snapshot();
      if (state && !EqualsIgnoreCase(*state, snapshot.stats.state)) continue;
      body.append(body.size() > 1 ? "," : "").append(BasicQueryInfoJson(*query, snapshot, base_uri));
    }
    RespondJson(call, body + "]");
  }

  void Info(const Call& call) {
    const std::string base_uri = BaseUriOf(call->request(), options_.process_forwarded);
    const auto query = queries_.Find(QueryOf(call));
    if (!query) {
      call->Respond(TextResponse(410, "Query not found"));
      return;
    }
    RespondJson(call, QueryInfoJson(*query, query->Snapshot(), base_uri));
  }

  void DeleteQuery(const Call& call) {
    if (const auto query = queries_.Find(QueryOf(call))) {
      query->Cancel({errors::USER_CANCELED, "Query was canceled", {}, {}});
    }
    call->Respond(HttpResponse{.status = 204, .headers = {}, .body = {}});
  }

  void Kill(const Call& call, const ErrorCode& code, const std::string& what) {
    const auto query = queries_.Find(QueryOf(call));
    if (!query) {
      call->Respond(TextResponse(410, "Query not found"));
      return;
    }
    if (query->Snapshot().stats.done()) {
      call->Respond(TextResponse(409, "Target query is not running: " + query->id().value));
      return;
    }
    const std::string& message = call->request().body;
    query->Cancel({code, what + (IsBlank(message) ? "" : " Message: " + message), {}, {}});
    call->Respond(HttpResponse{.status = 202, .headers = {}, .body = {}});
  }

  void QueryList(const Call& call) {
    std::vector<std::pair<std::shared_ptr<ClientQuery>, QuerySnapshot>> rows;
    for (const auto& query : queries_.List()) rows.emplace_back(query, query->Snapshot());
    call->Respond(ContentResponse("text/html; charset=utf-8", QueryListHtml(rows)));
  }

  /// The query's id is the whole query string, as in `infoUri`.
  void QueryPage(const Call& call) {
    const HttpRequest& request = call->request();
    const auto query = request.query.empty() ? nullptr : queries_.Find({request.query.front().first});
    if (!query) {
      call->Respond(NotFound("Query not found"));
      return;
    }
    call->Respond(ContentResponse("text/html; charset=utf-8", QueryHtml(*query, query->Snapshot())));
  }

  void ScheduleLeaseCheck() {
    const Duration often = std::min<Duration>(options_.client_timeout / 4, std::chrono::seconds(5));
    context_->executor.RunAfter(often, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->CheckLeases();
        self->ScheduleLeaseCheck();
      }
    });
  }

 private:
  /// nullptr after having answered 404: whoever guesses learns nothing.
  std::shared_ptr<StatementCursor> FindCursor(const Call& call, StatementPhase phase, uint64_t* token) {
    const std::string& text = call->path_parameter("token");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *token);
    const QueryId id = QueryOf(call);
    const auto page = error == std::errc() && end == text.data() + text.size()
                          ? context_->slugs.Check(id, phase, *token, call->path_parameter("slug"))
                          : std::nullopt;
    if (page) {
      {
        const std::lock_guard lock(mutex_);
        if (const auto found = cursors_.find(id); found != cursors_.end()) {
          found->second->Resume(phase, *token, *page);
          return found->second;
        }
      }
      if (const auto lost = queries_.Lost(id)) {
        const std::string base_uri = BaseUriOf(call->request(), options_.process_forwarded);
        call->Respond(LostPage(id, *lost, base_uri));
        return nullptr;
      }
    }
    call->Respond(NotFound("Query not found"));
    return nullptr;
  }

  static HttpResponse LostPage(const QueryId& id, const Error& error, const std::string& base_uri) {
    protocol::QueryResults results;
    results.id = id.value;
    results.info_uri = base_uri + "/ui/query.html?" + id.value;
    results.stats.state = "FAILED";
    results.error = error;
    return ContentResponse("application/json", protocol::WriteQueryResults(results));
  }

  void CheckLeases() {
    std::vector<std::shared_ptr<StatementCursor>> cursors;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, cursor] : cursors_) cursors.push_back(cursor);
    }
    for (const auto& cursor : cursors) {
      const QueryId& id = cursor->query().id();
      const Duration idle = cursor->idle();
      if (idle <= options_.client_timeout) continue;
      if (!queries_.Find(id)) {
        const std::lock_guard lock(mutex_);
        cursors_.erase(id);
        continue;
      }
      if (cursor->query().Snapshot().stats.done()) continue;
      const auto now = clock_.WallTime();
      const auto seen = now - std::chrono::duration_cast<std::chrono::system_clock::duration>(idle);
      cursor->query().Cancel(
          {errors::ABANDONED_QUERY,
           "Query " + id.value +
               " was abandoned by the client, as it may have exited or stopped checking for query "
               "results. Query results have not been accessed since " +
               InstantText(seen) + ": currentTime " + InstantText(now),
           {},
           {}});
      cursor->DropRows();
    }
  }

  static void RespondJson(const Call& call, std::string body) {
    HttpResponse response = ContentResponse("application/json", std::move(body));
    response.gzip = true;
    call->Respond(std::move(response));
  }

  QueryService& queries_;
  const Clock& clock_;
  const StatementOptions options_;
  const std::shared_ptr<const StatementContext> context_;
  std::mutex mutex_;
  std::map<QueryId, std::shared_ptr<StatementCursor>> cursors_;
};

StatementResource::StatementResource(HttpRoutes& server, QueryService& queries, Executor& executor,
                                     const Clock& clock, RandomSource& random, StatementOptions options)
    : state_(std::make_shared<State>(queries, executor, clock, random, options)) {
  const auto route = [&](const char* method, const std::string& pattern, auto handler) {
    server.Route(method, pattern,
                 Guarded([state = state_, handler](const Call& call) { handler(*state, call); }));
  };
  route("POST", "/v1/statement", [](State& state, const Call& call) { state.Post(call); });
  route("HEAD", "/v1/statement", [](State&, const Call& call) {
    SessionOf(call->request());
    call->Respond(HttpResponse{});
  });
  for (const StatementPhase phase : {StatementPhase::kQueued, StatementPhase::kExecuting}) {
    const std::string page =
        "/v1/statement/" + std::string(StatementPhaseName(phase)) + "/{query}/{slug}/{token}";
    route("GET", page, [phase](State& state, const Call& call) { state.Get(call, phase); });
    route("DELETE", page, [phase](State& state, const Call& call) { state.Delete(call, phase); });
  }
  route("GET", "/v1/query", [](State& state, const Call& call) { state.List(call); });
  route("GET", "/v1/query/{query}", [](State& state, const Call& call) { state.Info(call); });
  route("DELETE", "/v1/query/{query}", [](State& state, const Call& call) { state.DeleteQuery(call); });
  route("PUT", "/v1/query/{query}/killed", [](State& state, const Call& call) {
    state.Kill(call, errors::ADMINISTRATIVELY_KILLED, "Query killed.");
  });
  route("PUT", "/v1/query/{query}/preempted", [](State& state, const Call& call) {
    state.Kill(call, errors::ADMINISTRATIVELY_PREEMPTED, "Query preempted.");
  });
  route("GET", "/", [](State&, const Call& call) {
    call->Respond(HttpResponse{.status = 302, .headers = {{"Location", "/ui/"}}, .body = {}});
  });
  route("GET", "/ui/", [](State& state, const Call& call) { state.QueryList(call); });
  route("GET", "/ui/query.html", [](State& state, const Call& call) { state.QueryPage(call); });
  state_->ScheduleLeaseCheck();
}

StatementResource::~StatementResource() = default;

void StatementResource::TakeUp() { state_->TakeUp(); }

}  // namespace planaria::coordinator
