// Everybody's clients: each reads its answer page by page and asks again while nobody answers.
#pragma once

#include <map>

#include "sim/nodes.h"

namespace planaria::sim {

class Clients {
 public:
  explicit Clients(const WorldParts& parts);
  ~Clients();

  /// The coordinator has taken the query.
  void Begin(const ModelQuery& query);
  /// Those that have neither their answer nor an error.
  size_t waiting() const { return clients_.size(); }

 private:
  struct Client {
    const ModelQuery* query = nullptr;
    Rows rows;
    /// Pages that it has.
    size_t pages = 0;
  };
  void AskAfter(Duration delay, const QueryId& id);
  void Ask(const QueryId& id);
  void Answered(const QueryId& id, const HttpOutcome& outcome);

  const WorldParts& parts_;
  const std::shared_ptr<Process> process_;
  SimHttpClient client_;
  std::map<QueryId, Client> clients_;
};

}  // namespace planaria::sim
