// Objects as files of HDFS, through WebHDFS.
#pragma once

#include "storage/hdfs_options.h"
#include "storage/name_nodes.h"
#include "storage/object_store.h"
#include "storage/store_requests.h"

namespace planaria::storage {

/// An object is written under a name that no key has, and renamed when it is complete: name nodes do that
/// atomically and refuse a name that is taken. One part is in memory at a time.
///
/// An append that brings no answer is not repeated, it may have worked: the attempt that writes fails
/// instead.
class HdfsObjectStore final : public ObjectStore {
 public:
  /// `authority` and `folder` of `hdfs://authority/folder`. Makes no request.
  HdfsObjectStore(const std::string& authority, const std::string& folder, HdfsOptions options);

  const std::string& base() const override { return base_; }
  std::unique_ptr<ObjectWriter> Create(std::string_view key) override;
  bool PutIfAbsent(std::string_view key, std::string_view content) override;
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override;
  std::vector<ObjectInfo> ListPrefix(std::string_view prefix) override;
  std::vector<std::string> ListFolders(std::string_view prefix) override;
  size_t DeletePrefix(std::string_view prefix) override;
  /// One request, whatever is there.
  void DeleteKnown(std::string_view prefix, const std::vector<std::string>& keys) override;
  bool remote() const override { return true; }
  std::string Traffic() const override { return requests_.counts().ToString(); }

  /// Makes the base directory.
  void MakeDirectory();

 private:
  class Writer;
  struct Status {
    std::string name;
    bool folder = false;
    uint64_t size = 0;
    uint64_t file_id = 0;
    std::chrono::system_clock::time_point modified;
  };

  std::string PathOf(std::string_view key) const { return folder_ + '/' + std::string(key); }
  std::string TemporaryPath(std::string_view key);
  /// Asks the active name node.
  StoreResponse Ask(RequestKind kind, const char* method, const char* operation, const std::string& path,
                    std::map<std::string, std::string> query = {});
  /// Sends what a name node has redirected to a data node. `repeat` says whether it may be done twice.
  StoreResponse Follow(RequestKind kind, const char* method, const StoreResponse& redirect,
                       std::string_view body, void* into, size_t into_size, bool repeat,
                       const std::string& path);
  /// False when a deletion of the folder has taken the file away meanwhile.
  bool WriteFile(const std::string& path, std::string_view content);
  void Append(const std::string& path, std::string_view content);
  /// kGone: a deletion of the folder has taken the file away.
  enum class Renamed : uint8_t { kDone, kTaken, kGone };
  Renamed Rename(const std::string& from, const std::string& to);
  /// False when the key is taken.
  bool Put(std::string_view key, std::string_view content);
  std::optional<Status> StatusOf(const std::string& path);
  std::vector<Status> Entries(const std::string& path);
  void Collect(const std::string& path, const std::string& key_prefix, std::vector<ObjectInfo>& found);
  void Delete(const std::string& path, bool recursive);
  void RemoveEmptyFolders(std::string path);
  std::string At(const std::string& path) const { return "hdfs://" + authority_ + path; }

  const std::string authority_;
  /// Begins with a slash; empty for the root.
  const std::string folder_;
  const std::string base_;
  const size_t part_bytes_;
  SystemRandom random_;
  StoreRequests requests_;
  NameNodes name_nodes_;
  /// For what must not be done twice.
  StoreRequests single_requests_;
};

}  // namespace planaria::storage
