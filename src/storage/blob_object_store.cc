#include "storage/blob_object_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "storage/object_key.h"

namespace planaria::storage {
namespace {

/// Some stores delete one object a request.
constexpr size_t kDeletersAtOnce = 8;

}  // namespace

class BlobObjectStore::Writer : public ObjectWriter {
 public:
  Writer(std::shared_ptr<BlobClient> client, std::string name)
      : client_(std::move(client)), name_(std::move(name)) {}

  ~Writer() override {
    if (finished_) return;
    try {
      if (uploading_.valid()) uploading_.wait();
      if (upload_) upload_->Abort();
    } catch (const TrinoException& failure) {
      spdlog::warn("an unfinished upload was not taken back: {}", failure.what());
    }
  }

  void Write(const void* data, size_t size) override {
    std::string_view rest(static_cast<const char*>(data), size);
    while (!rest.empty()) {
      // A full part leaves only when more comes: an object of one part needs one request.
      if (filling_.size() == client_->part_bytes()) UploadPart();
      const size_t fits = std::min(rest.size(), client_->part_bytes() - filling_.size());
      // What is more than a little will be a part: growing by doubling would take up to twice its bytes.
      if (filling_.size() + fits > client_->part_bytes() / 4) filling_.reserve(client_->part_bytes());
      filling_.append(rest.substr(0, fits));
      rest.remove_prefix(fits);
    }
    size_ += size;
  }

  uint64_t Finish() override {
    bool stored = false;
    if (!upload_) {
      requests_++;
      stored = client_->Put(name_, filling_);
    } else {
      if (!filling_.empty()) UploadPart();
      uploading_.get();
      requests_++;
      stored = upload_->Commit();
    }
    if (!stored) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           "Object exists already: " + client_->location() + '/' + name_);
    }
    finished_ = true;
    return size_;
  }

  uint64_t requests() const override { return requests_; }

 private:
  void UploadPart() {
    if (!upload_) {
      requests_++;
      upload_ = client_->StartUpload(name_);
    }
    requests_++;
    if (uploading_.valid()) uploading_.get();
    sent_.swap(filling_);
    filling_.clear();
    uploading_ = std::async(std::launch::async, [this] { upload_->AddPart(sent_); });
  }

  const std::shared_ptr<BlobClient> client_;
  const std::string name_;
  std::string filling_;
  uint64_t size_ = 0;
  uint64_t requests_ = 0;
  bool finished_ = false;
  /// Read by the uploading thread until `uploading_` is ready.
  std::string sent_;
  std::unique_ptr<BlobUpload> upload_;
  std::future<void> uploading_;
};

BlobObjectStore::BlobObjectStore(std::shared_ptr<BlobClient> client, const std::string& folder)
    : client_(std::move(client)),
      root_(folder.empty() ? "" : folder + '/'),
      base_(client_->location() + (folder.empty() ? "" : '/' + folder)) {}

std::unique_ptr<ObjectWriter> BlobObjectStore::Create(std::string_view key) {
  CheckObjectKey(key);
  return std::make_unique<Writer>(client_, NameOf(key));
}

bool BlobObjectStore::PutIfAbsent(std::string_view key, std::string_view content) {
  CheckObjectKey(key);
  return client_->Put(NameOf(key), content);
}

void BlobObjectStore::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  CheckObjectKey(key);
  client_->Read(NameOf(key), offset, length, buffer);
}

template <typename TakePage>
void BlobObjectStore::EachPage(std::string_view prefix, const TakePage& take) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  std::string from;
  do {
    BlobPage page = client_->List(NameOf(prefix), false, from);
    std::vector<ObjectInfo> objects;
    for (ObjectInfo& blob : page.blobs) {
      // Others may keep what they like in the bucket: only what could be ours is seen.
      std::string key = blob.key.substr(std::min(root_.size(), blob.key.size()));
      const bool under = prefix.empty() || key.size() == prefix.size() || key[prefix.size()] == '/';
      if (IsObjectKey(key) && under) objects.push_back({std::move(key), blob.size, blob.modified});
    }
    take(std::move(objects));
    from = std::move(page.next);
  } while (!from.empty());
}

std::vector<ObjectInfo> BlobObjectStore::ListPrefix(std::string_view prefix) {
  std::vector<ObjectInfo> found;
  EachPage(prefix, [&](std::vector<ObjectInfo> page) {
    std::move(page.begin(), page.end(), std::back_inserter(found));
  });
  std::sort(found.begin(), found.end(),
            [](const ObjectInfo& left, const ObjectInfo& right) { return left.key < right.key; });
  return found;
}

std::vector<std::string> BlobObjectStore::ListFolders(std::string_view prefix) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  const std::string folder = prefix.empty() ? root_ : NameOf(prefix) + '/';
  std::vector<std::string> folders;
  std::string from;
  do {
    BlobPage page = client_->List(folder, true, from);
    for (const std::string& name : page.folders) {
      if (name.size() <= folder.size() + 1) continue;
      std::string segment = name.substr(folder.size(), name.size() - folder.size() - 1);
      if (IsObjectKey(segment)) folders.push_back(std::move(segment));
    }
    from = std::move(page.next);
  } while (!from.empty());
  std::sort(folders.begin(), folders.end());
  return folders;
}

size_t BlobObjectStore::DeletePrefix(std::string_view prefix) {
  size_t deleted = 0;
  bool is_object = prefix.empty();
  EachPage(prefix, [&](const std::vector<ObjectInfo>& page) {
    std::vector<std::string> keys;
    for (const ObjectInfo& object : page) keys.push_back(object.key);
    is_object = is_object || std::find(keys.begin(), keys.end(), prefix) != keys.end();
    DeleteObjects(keys);
    deleted += keys.size();
  });
  // Real folders stay when they are empty, and would be listed for ever.
  if (!is_object) client_->DeleteFolder(NameOf(prefix));
  return deleted;
}

void BlobObjectStore::DeleteKnown(std::string_view prefix, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) CheckObjectKey(key);
  if (!prefix.empty() && !keys.empty()) {
    CheckObjectKey(prefix);
    if (client_->DeleteFolder(NameOf(prefix))) return;
  }
  DeleteObjects(keys);
}

void BlobObjectStore::DeleteObjects(const std::vector<std::string>& keys) {
  const size_t batch = client_->delete_batch();
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t begin = next.fetch_add(batch); begin < keys.size(); begin = next.fetch_add(batch)) {
      std::vector<std::string> names;
      for (size_t i = begin; i < std::min(keys.size(), begin + batch); i++) names.push_back(NameOf(keys[i]));
      client_->Delete(names);
    }
  };
  std::vector<std::future<void>> others;
  const size_t batches = (keys.size() + batch - 1) / batch;
  for (size_t i = 1; i < std::min(batches, kDeletersAtOnce); i++) {
    others.push_back(std::async(std::launch::async, work));
  }
  work();
  for (std::future<void>& other : others) other.get();
}

}  // namespace planaria::storage
