// One bucket, container or file system on the network, in the words that S3, GCS, Azure and HDFS have in
// common. BlobObjectStore makes an ObjectStore of it.
//
// Names are whole object names, keys with the base directory's path before them. Functions block, retries
// included, and throw as object_store.h says; messages name the object and never hold secrets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"
#include "storage/store_requests.h"

namespace planaria::storage {

/// One object on its way in parts; used by one thread at a time. What is neither committed nor aborted may
/// cost storage until the store's own housekeeping finds it.
class BlobUpload {
 public:
  virtual ~BlobUpload() = default;
  /// Parts are stored in the order of the calls. All but the last have BlobClient::part_bytes.
  virtual void AddPart(std::string_view content) = 0;
  /// Makes the object out of the parts; false when the name is taken.
  virtual bool Commit() = 0;
  virtual void Abort() = 0;
};

struct BlobPage {
  /// Keys are whole names.
  std::vector<ObjectInfo> blobs;
  /// With slash at the end.
  std::vector<std::string> folders;
  /// Where the next page begins; empty on the last one.
  std::string next;
};

/// Thread-safe.
class BlobClient {
 public:
  virtual ~BlobClient() = default;

  /// `s3://bucket`: what stands before `/name` in locations.
  virtual const std::string& location() const = 0;
  virtual size_t part_bytes() const = 0;
  virtual size_t delete_batch() const = 0;

  /// In one request. False when the name is taken by somebody else.
  virtual bool Put(const std::string& name, std::string_view content) = 0;
  virtual std::unique_ptr<BlobUpload> StartUpload(const std::string& name) = 0;
  virtual void Read(const std::string& name, uint64_t offset, size_t length, void* buffer) = 0;
  /// Names that begin with `prefix`, in pages. With `folders`, what has a slash behind the prefix is
  /// summed up by its first segment.
  virtual BlobPage List(const std::string& prefix, bool folders, const std::string& from) = 0;
  /// At most delete_batch() names; those that are missing are fine.
  virtual void Delete(const std::vector<std::string>& names) = 0;
  /// Removes a folder with all that is in it, where folders are more than slashes in names; one that is
  /// missing is fine. False where they are not: nothing was done.
  virtual bool DeleteFolder(const std::string& name);

  /// Aborts uploads of names that begin with `prefix` and were started before `before`; how many. For stores
  /// that would keep them for ever.
  virtual size_t AbortUploads(const std::string& /*prefix*/,
                              std::chrono::system_clock::time_point /*before*/) {
    return 0;
  }

  virtual RequestCounts counts() const = 0;
};

/// The read that S3, GCS and Azure share: GET with a Range. `request` has everything but that.
void ReadBlobRange(StoreRequests& requests, StoreRequest request, const StoreRequests::Sign& sign,
                   uint64_t offset, size_t length, void* buffer, const std::string& object);

/// Why a store refused, as an exception: its status, and its own code and message where it gave some.
[[noreturn]] void ThrowRefused(const StoreResponse& response, std::string_view doing,
                               const std::string& object);

/// Time in ISO 8601 or as in HTTP's headers; the epoch when it is neither.
std::chrono::system_clock::time_point ParseStoreTime(const std::string& text);

}  // namespace planaria::storage
