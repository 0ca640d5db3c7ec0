// An object store on the network: a folder of a bucket.
#pragma once

#include "storage/blob_client.h"
#include "storage/object_store.h"

namespace planaria::storage {

/// Reads and writes cost one request each as long as an object fits into one part, and no listing; only
/// ListPrefix, ListFolders and DeletePrefix list. A writer holds two parts at most: one fills while the
/// other is uploaded on a thread of its own.
///
/// What an abandoned writer has uploaded is given back. Names are used once: what stores do about taken
/// ones is checked when the object is complete.
class BlobObjectStore final : public ObjectStore {
 public:
  /// `folder` is the path below the bucket, without slashes at its ends; empty for the bucket itself.
  BlobObjectStore(std::shared_ptr<BlobClient> client, const std::string& folder);

  const std::string& base() const override { return base_; }
  std::unique_ptr<ObjectWriter> Create(std::string_view key) override;
  bool PutIfAbsent(std::string_view key, std::string_view content) override;
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override;
  std::vector<ObjectInfo> ListPrefix(std::string_view prefix) override;
  std::vector<std::string> ListFolders(std::string_view prefix) override;
  size_t DeletePrefix(std::string_view prefix) override;
  void DeleteKnown(std::string_view prefix, const std::vector<std::string>& keys) override;
  bool remote() const override { return true; }
  size_t SweepUnfinished(std::chrono::system_clock::time_point before) override {
    return client_->AbortUploads(root_, before);
  }
  std::string Traffic() const override { return client_->counts().ToString(); }

  const BlobClient& client() const { return *client_; }

 private:
  class Writer;
  std::string NameOf(std::string_view key) const { return root_ + std::string(key); }
  void DeleteObjects(const std::vector<std::string>& keys);
  /// Calls `page` with the objects below `prefix`, keys relative to the store, page by page.
  template <typename TakePage>
  void EachPage(std::string_view prefix, const TakePage& take);

  const std::shared_ptr<BlobClient> client_;
  /// `folder/`, or nothing.
  const std::string root_;
  const std::string base_;
};

}  // namespace planaria::storage
