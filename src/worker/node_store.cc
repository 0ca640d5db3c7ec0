#include "worker/node_store.h"

#include <fmt/format.h>

#include "exchange/remote_store.h"

namespace planaria::worker {

NodeStore::NodeStore(std::string node_uri, std::string directory)
    : base_(fmt::format("{}{}", node_uri, exchange::kSpoolPath)),
      files_(std::make_shared<storage::LocalObjectStore>(std::move(directory))) {}

void NodeStore::AddRoutes(HttpRoutes& server, std::function<void(const QueryId&)> query_ended) {
  exchange::ServeSpool(server, files_);
  server.Route("DELETE", fmt::format("{}/{{query}}", exchange::kSpoolPath),
               [this, query_ended = std::move(query_ended)](std::shared_ptr<HttpCall> call) {
                 try {
                   query_ended({call->path_parameter("query")});
                   files_->DeletePrefix(call->path_parameter("query"));
                   call->Respond({.status = 204, .headers = {}, .body = {}});
                 } catch (const TrinoException& exception) {
                   call->Respond(BadRequest(exception.what()));
                 }
               });
}

storage::ObjectPlace NodeLocator::Find(std::string_view location) {
  const std::string own = fmt::format("{}/", own_->base());
  if (location.starts_with(own)) return {own_, std::string(location.substr(own.size()))};
  return others_->Find(location);
}

}  // namespace planaria::worker
