// Outputs that live on the node that made them, and how other nodes read them.
//
// An output that need not survive its node stays in a directory of the node, and its location is the node's
// address. Other nodes read ranges over HTTP:
//
//   GET    /v1/spool/{key}?offset=O&length=L    those bytes
//   DELETE /v1/spool/{query id}                 everything of a query
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/ids.h"
#include "env/http_routes.h"
#include "storage/local_object_store.h"
#include "storage/store_set.h"

namespace planaria::worker {

/// A local store whose locations begin with this node's URI.
class NodeStore : public storage::ObjectStore {
 public:
  NodeStore(std::string node_uri, std::string directory);

  const std::string& base() const override { return base_; }
  std::unique_ptr<storage::ObjectWriter> Create(std::string_view key) override { return files_->Create(key); }
  bool PutIfAbsent(std::string_view key, std::string_view content) override {
    return files_->PutIfAbsent(key, content);
  }
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    files_->Read(key, offset, length, buffer);
  }
  std::vector<storage::ObjectInfo> ListPrefix(std::string_view prefix) override {
    return files_->ListPrefix(prefix);
  }
  std::vector<std::string> ListFolders(std::string_view prefix) override {
    return files_->ListFolders(prefix);
  }
  size_t DeletePrefix(std::string_view prefix) override { return files_->DeletePrefix(prefix); }

  /// Serves this store to other nodes; `server` must not run longer than the store lives.
  /// `query_ended` is called with a query whose outputs are deleted, from a loop thread.
  void AddRoutes(HttpRoutes& server, std::function<void(const QueryId&)> query_ended);

 private:
  const std::string base_;
  const std::shared_ptr<storage::LocalObjectStore> files_;
};

/// Finds objects of this node without a detour over the network, others through `others`.
class NodeLocator : public storage::ObjectLocator {
 public:
  NodeLocator(std::shared_ptr<NodeStore> own, std::shared_ptr<storage::ObjectLocator> others)
      : own_(std::move(own)), others_(std::move(others)) {}
  storage::ObjectPlace Find(std::string_view location) override;

 private:
  const std::shared_ptr<NodeStore> own_;
  const std::shared_ptr<storage::ObjectLocator> others_;
};

}  // namespace planaria::worker
