// How a coordinator gives the root's rows to the client: of committed outputs, or of runs that stream.
#include "coordinator/coordinator.h"
#include "coordinator/result_reader.h"
#include "exchange/near_outputs.h"
#include "exchange/spool_directory.h"
#include "planner/write_commit.h"

namespace planaria::coordinator {

void Coordinator::QueryFinished(const QueryId& id, std::vector<ResultOutput> outputs) {
  // Rows that a client has seen must be the rows of every later start.
  keeper_.WhenDurable(id, [this, id, outputs = std::move(outputs)] { GiveResult(id, outputs); });
}

void Coordinator::GiveResult(const QueryId& id, const std::vector<ResultOutput>& outputs) {
  const auto query = FindQuery(id);
  const auto plan = query ? query->plan() : nullptr;
  if (!plan) return;
  results_.Drop(id);
  exchange::SpoolReaderOptions reading = parts_.environment->spool_reading;
  reading.key = keys_.Of(id);
  const auto& near = parts_.environment->near;
  if (near) reading.near = std::make_shared<exchange::OutputHolders>(near);
  Complete(query, [this, reading, outputs]() -> std::unique_ptr<ResultPages> {
    std::vector<std::shared_ptr<const exchange::Manifest>> manifests;
    for (const auto& [bytes, node] : outputs) {
      manifests.push_back(
          std::make_shared<const exchange::Manifest>(exchange::Manifest::Parse(bytes->Read())));
      const auto uri = node == parts_.self.node ? std::nullopt : nodes_.UriOf(node);
      if (reading.near && uri) reading.near->Add(*uri, {manifests.back()->producer().partition.value});
    }
    return std::make_unique<SpooledResult>(parts_.environment->locator, std::move(manifests), reading);
  });
}

void Coordinator::Complete(const std::shared_ptr<Query>& query,
                           std::function<std::unique_ptr<ResultPages>()> result) {
  const auto plan = query->plan();
  auto complete = [this, query, plan, result = std::move(result)] {
    try {
      if (plan->write) {
        if (parts_.must_be_active) parts_.must_be_active();
        plan->write->Commit();
      }
      query->Finishing(ReaderOf(*query, result()));
    } catch (const TrinoException& exception) {
      query->Fail(exception.error());
    }
  };
  // A commit may take long; the driver must not.
  if (plan->write) {
    reading_pool_.Post(std::move(complete));
  } else {
    complete();
  }
}

void Coordinator::ResultStreams(const QueryId& id, std::vector<protocol::StreamSourceMessage> sources,
                                bool hold) {
  const auto query = FindQuery(id);
  if (!query || query->ended()) return results_.Drop(id);
  // The rows of a write say what was committed: not before it is.
  auto pages = results_.Begin(id, sources, hold || query->plan()->write);
  if (pages) query->Streaming(ReaderOf(*query, std::move(pages)));
}

StreamedResultsParts Coordinator::ResultsParts() {
  StreamedResultsParts parts;
  parts.open = [this](const auto& sources) {
    return OpenStreams(parts_.environment->streams, parts_.environment->stream_reading, sources,
                       [this](const NodeId& node) {
                         if (node == parts_.self.node) return std::string();
                         return nodes_.UriOf(node).value_or("http://gone.invalid");
                       });
  };
  parts.memory_bytes = parts_.config->server.deduplication_buffer.bytes;
  parts.overflow = [this](const TaskId& root) {
    ledger_.Note(root);
    return parts_.environment->exchange
               ? exchange::SpoolPlace(*parts_.environment->exchange, root)
               : storage::ObjectPlace{parts_.environment->node_store, exchange::SpoolKey(root)};
  };
  parts.locator = parts_.environment->locator;
  parts.near = parts_.environment->near;
  parts.key = [this] { return keys_.MakeOwn(); };
  parts.pool = &reading_pool_;
  parts.failed = [this](std::vector<TaskId> roots, const Error& error) {
    driver_.ResultFailed(std::move(roots), error);
  };
  return parts;
}

void Coordinator::StreamFinished(const QueryId& id) {
  const auto held = results_.Finish(id);
  const auto query = FindQuery(id);
  if (!query) return;
  if (!held) return query->StreamFinished();
  Complete(query, [held] { return std::make_unique<HeldResultPages>(held); });
}

std::unique_ptr<ResultReader> Coordinator::ReaderOf(const Query& query,
                                                    std::unique_ptr<ResultPages> pages) const {
  return std::make_unique<ResultReader>(std::move(pages), query.plan()->column_types,
                                        !query.session().has_capability("PARAMETRIC_DATETIME"));
}

}  // namespace planaria::coordinator
