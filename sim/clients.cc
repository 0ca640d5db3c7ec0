#include "sim/clients.h"

#include "sim/coordinator_process.h"

namespace planaria::sim {

using namespace std::chrono_literals;

namespace {
/// No process of the cluster; on a machine of its own.
constexpr uint32_t kHost = 1000;
constexpr auto kDeadline = 2s;
constexpr auto kPause = 100ms;
}  // namespace

Clients::Clients(const WorldParts& parts)
    : parts_(parts), process_(NewProcess(kHost)), client_(parts.network, process_) {}

Clients::~Clients() {
  process_->alive = false;
  parts_.network.Died(process_, true);
}

void Clients::Begin(const ModelQuery& query) {
  clients_[query.id].query = &query;
  AskAfter(query.read_after, query.id);
}

void Clients::AskAfter(Duration delay, const QueryId& id) {
  parts_.loop.After(delay, process_, [this, id] { Ask(id); });
}

void Clients::Ask(const QueryId& id) {
  ClientRequest request;
  request.url = UriOf(0) + "/v1/result/" + id.value + "/" + std::to_string(clients_.at(id).pages);
  request.deadline = kDeadline;
  client_.Send(std::move(request), [this, id](const HttpOutcome& outcome) { Answered(id, outcome); });
}

void Clients::Answered(const QueryId& id, const HttpOutcome& outcome) {
  Client& client = clients_.at(id);
  const ModelQuery& query = *client.query;
  const auto* response = std::get_if<HttpResponse>(&outcome);
  if (!response) return AskAfter(kPause, id);
  if (response->status == 200 && !response->headers.Has(kEndHeader)) {
    const auto& bytes = response->body;
    const Rows more = DecodeRows(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    client.rows.insert(client.rows.end(), more.begin(), more.end());
    client.pages++;
    return AskAfter(query.forget_after, id);
  }
  if (response->status == 200) {
    parts_.history.Tell(&Observer::ResultRead, query, client.rows);
  } else if (response->status == 404) {
    parts_.history.Tell(&Observer::QueryUnknown, query);
    parts_.history.Tell(&Observer::ResultLost, query,
                        Error{errors::GENERIC_INTERNAL_ERROR,
                              "The coordinator was restarted while the query was running",
                              {},
                              {}});
  } else if (response->status == 410) {
    parts_.history.Tell(&Observer::ResultLost, query, *protocol::TaskReport::Parse(response->body).error);
  } else {
    // Another question of the same client took this one's place.
    return AskAfter(kPause, id);
  }
  clients_.erase(id);
}

}  // namespace planaria::sim
