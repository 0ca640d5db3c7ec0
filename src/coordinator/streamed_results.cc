#include "coordinator/streamed_results.h"

#include <utility>

#include "coordinator/task_descriptor.h"

namespace planaria::coordinator {

std::unique_ptr<ResultPages> OpenStreams(const exchange::StreamNetwork& network,
                                         exchange::StreamReaderOptions options,
                                         const std::vector<protocol::StreamSourceMessage>& sources,
                                         const std::function<std::string(const NodeId&)>& uri_of) {
  std::vector<exchange::StreamSource> places;
  for (const protocol::StreamSourceMessage& source : sources) {
    places.push_back({source.task, uri_of(source.node)});
  }
  options.name = kResultReader;
  return std::make_unique<StreamedResult>(
      std::make_unique<exchange::StreamReader>(network, std::move(places), std::move(options)));
}

std::unique_ptr<ResultPages> StreamedResults::Begin(const QueryId& query,
                                                    const std::vector<protocol::StreamSourceMessage>& sources,
                                                    bool hold) {
  Drop(query);
  auto pages = parts_.open(sources);
  if (!hold) return pages;
  std::vector<TaskId> roots;
  for (const protocol::StreamSourceMessage& source : sources) roots.push_back(source.task);
  HeldResultOptions options;
  options.memory_bytes = parts_.memory_bytes;
  options.overflow = parts_.overflow(roots.front());
  options.locator = parts_.locator;
  options.near = parts_.near;
  options.root = roots.front();
  options.key = parts_.key();
  options.pool = parts_.pool;
  options.failed = [failed = parts_.failed, roots = std::move(roots)](const Error& error) {
    failed(roots, error);
  };
  const auto held = std::make_shared<HeldResult>(std::move(pages), std::move(options));
  {
    const std::lock_guard lock(mutex_);
    held_[query] = held;
  }
  held->Start();
  return nullptr;
}

std::shared_ptr<HeldResult> StreamedResults::Finish(const QueryId& query) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.extract(query);
  return found.empty() ? nullptr : found.mapped();
}

void StreamedResults::Drop(const QueryId& query) {
  if (const auto held = Finish(query)) held->Stop();
}

}  // namespace planaria::coordinator
