#include "storage/hdfs_object_store.h"

#include <rapidjson/document.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

#include "env/url.h"
#include "storage/blob_client.h"
#include "storage/object_key.h"

namespace planaria::storage {
namespace {

constexpr int kRedirect = 307;
/// A deletion may take a folder away again between the file's creation and its renaming.
constexpr int kPutTries = 20;

RetryOptions Single(RetryOptions options) {
  options.max_retries = 0;
  return options;
}

bool Says(const StoreResponse& response, std::string_view exception) {
  return response.body.find(exception) != std::string::npos;
}

/// Nothing is there. Where a file is above it, only the superuser hears 404, others that it is no directory.
bool Missing(const StoreResponse& response) {
  return response.status == 404 || (response.status == 403 && Says(response, "(is not a directory)"));
}

[[noreturn]] void Refuse(const StoreResponse& response, std::string_view doing, const std::string& object) {
  if (Says(response, "QuotaExceeded") || Says(response, "could only be written to 0")) {
    throw TrinoException(errors::GENERIC_INSUFFICIENT_RESOURCES,
                         "Cannot " + std::string(doing) + ' ' + object + ": HDFS has no room for it");
  }
  ThrowRefused(response, doing, object);
}

rapidjson::Document Parse(const StoreResponse& response, std::string_view doing, const std::string& object) {
  rapidjson::Document document;
  document.Parse(response.body.c_str(), response.body.size());
  if (!response.ok() || document.HasParseError() || !document.IsObject()) Refuse(response, doing, object);
  return document;
}

uint64_t NumberOf(const rapidjson::Value& value, const char* name) {
  const auto member = value.FindMember(name);
  return member != value.MemberEnd() && member->value.IsUint64() ? member->value.GetUint64() : 0;
}

std::string TextOf(const rapidjson::Value& value, const char* name) {
  const auto member = value.FindMember(name);
  return member != value.MemberEnd() && member->value.IsString() ? member->value.GetString() : "";
}

}  // namespace

class HdfsObjectStore::Writer : public ObjectWriter {
 public:
  Writer(HdfsObjectStore& store, std::string_view key)
      : store_(store), key_(key), temporary_(store.TemporaryPath(key)) {}

  ~Writer() override {
    if (finished_ || !created_) return;
    try {
      store_.Delete(temporary_, false);
      store_.RemoveEmptyFolders(temporary_);
    } catch (const TrinoException& failure) {
      spdlog::warn("an unfinished file was not taken back: {}", failure.what());
    }
  }

  void Write(const void* data, size_t size) override {
    std::string_view rest(static_cast<const char*>(data), size);
    while (!rest.empty()) {
      const size_t fits = std::min(rest.size(), store_.part_bytes_ - filling_.size());
      filling_.append(rest.substr(0, fits));
      rest.remove_prefix(fits);
      if (filling_.size() == store_.part_bytes_) Flush();
    }
    size_ += size;
  }

  uint64_t Finish() override {
    bool stored = false;
    if (!created_) {
      stored = store_.Put(key_, filling_);
    } else {
      if (!filling_.empty()) Flush();
      const Renamed renamed = store_.Rename(temporary_, store_.PathOf(key_));
      if (renamed == Renamed::kGone) ThrowDeleted();
      stored = renamed == Renamed::kDone;
    }
    if (!stored) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Object exists already: " + store_.Location(key_));
    }
    requests_++;
    finished_ = true;
    return size_;
  }

  uint64_t requests() const override { return requests_; }

 private:
  [[noreturn]] void ThrowDeleted() const {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Object was deleted while it was written: " + store_.Location(key_));
  }

  void Flush() {
    requests_++;
    if (created_) {
      store_.Append(temporary_, filling_);
    } else {
      created_ = true;
      if (!store_.WriteFile(temporary_, filling_)) ThrowDeleted();
    }
    filling_.clear();
  }

  HdfsObjectStore& store_;
  const std::string key_;
  const std::string temporary_;
  std::string filling_;
  uint64_t size_ = 0;
  uint64_t requests_ = 0;
  bool created_ = false;
  bool finished_ = false;
};

HdfsObjectStore::HdfsObjectStore(const std::string& authority, const std::string& folder, HdfsOptions options)
    : authority_(authority),
      folder_(folder.empty() ? "" : '/' + folder),
      base_("hdfs://" + authority + folder_),
      part_bytes_(options.part_bytes),
      requests_(MakeCurlTransport(options.transport), options.retries),
      name_nodes_(authority, options, requests_),
      single_requests_(MakeCurlTransport(options.transport), Single(options.retries)) {}

std::string HdfsObjectStore::TemporaryPath(std::string_view key) {
  const std::string path = PathOf(key);
  return path.substr(0, path.rfind('/') + 1) + ".put-" + random_.Hex(12);
}

StoreResponse HdfsObjectStore::Ask(RequestKind kind, const char* method, const char* operation,
                                   const std::string& path, std::map<std::string, std::string> query) {
  return name_nodes_.Ask(kind, method, operation, path, std::move(query), At(path));
}

StoreResponse HdfsObjectStore::Follow(RequestKind kind, const char* method, const StoreResponse& redirect,
                                      std::string_view body, void* into, size_t into_size, bool repeat,
                                      const std::string& path) {
  const auto place = redirect.headers.Get("Location");
  const size_t scheme = place ? place->find("://") : std::string_view::npos;
  if (redirect.status != kRedirect || scheme == std::string_view::npos) Refuse(redirect, "reach", At(path));
  const size_t slash = std::min(place->find('/', scheme + 3), place->size());
  const size_t mark = std::min(place->find('?'), place->size());
  const auto query = ParseQuery(place->substr(std::min(mark + 1, place->size())));
  if (!query || mark < slash) Refuse(redirect, "reach", At(path));
  StoreRequest request;
  request.method = method;
  request.origin = place->substr(0, slash);
  request.path = place->substr(slash, mark - slash);
  request.query = {query->begin(), query->end()};
  request.headers.Set("Content-Type", "application/octet-stream");
  request.body = body;
  request.into = into;
  request.into_size = into_size;
  return (repeat ? requests_ : single_requests_)
      .Run(
          kind, request, [](StoreRequest&) {}, At(path));
}

bool HdfsObjectStore::WriteFile(const std::string& path, std::string_view content) {
  const StoreResponse redirect = Ask(RequestKind::kPut, "PUT", "CREATE", path, {{"overwrite", "true"}});
  const StoreResponse response = Follow(RequestKind::kPut, "PUT", redirect, content, nullptr, 0, true, path);
  if (response.status == 404) return false;
  if (!response.ok()) Refuse(response, "write", At(path));
  return true;
}

void HdfsObjectStore::Append(const std::string& path, std::string_view content) {
  const StoreResponse redirect = Ask(RequestKind::kPut, "POST", "APPEND", path);
  const StoreResponse response =
      Follow(RequestKind::kPut, "POST", redirect, content, nullptr, 0, false, path);
  if (!response.ok()) Refuse(response, "write", At(path));
}

HdfsObjectStore::Renamed HdfsObjectStore::Rename(const std::string& from, const std::string& to) {
  const auto before = StatusOf(from);
  if (!before) return Renamed::kGone;
  const StoreResponse response = Ask(RequestKind::kPut, "PUT", "RENAME", from, {{"destination", to}});
  if (response.status == 404) return Renamed::kGone;
  const auto document = Parse(response, "rename", At(from));
  if (document.HasMember("boolean") && document["boolean"].IsTrue()) return Renamed::kDone;
  const auto there = StatusOf(to);
  if (!there) return Renamed::kGone;
  // A try that brought no answer may have renamed it: the file keeps its number.
  return there->file_id == before->file_id ? Renamed::kDone : Renamed::kTaken;
}

bool HdfsObjectStore::Put(std::string_view key, std::string_view content) {
  const std::string path = PathOf(key);
  for (int tries = 1;; tries++) {
    const std::string temporary = TemporaryPath(key);
    const Renamed renamed = WriteFile(temporary, content) ? Rename(temporary, path) : Renamed::kGone;
    if (renamed == Renamed::kDone) return true;
    if (renamed == Renamed::kTaken) {
      Delete(temporary, false);
      return false;
    }
    if (tries == kPutTries) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           "Cannot write " + At(path) + ": its folder is deleted again and again");
    }
  }
}

std::optional<HdfsObjectStore::Status> HdfsObjectStore::StatusOf(const std::string& path) {
  const StoreResponse response = Ask(RequestKind::kGet, "GET", "GETFILESTATUS", path);
  if (Missing(response)) return std::nullopt;
  const auto document = Parse(response, "look at", At(path));
  if (!document.HasMember("FileStatus") || !document["FileStatus"].IsObject()) {
    Refuse(response, "look at", At(path));
  }
  const auto& status = document["FileStatus"];
  return Status{
      "", TextOf(status, "type") == "DIRECTORY", NumberOf(status, "length"), NumberOf(status, "fileId"),
      std::chrono::system_clock::time_point(std::chrono::milliseconds(NumberOf(status, "modificationTime")))};
}

std::vector<HdfsObjectStore::Status> HdfsObjectStore::Entries(const std::string& path) {
  std::vector<Status> entries;
  const StoreResponse response = Ask(RequestKind::kList, "GET", "LISTSTATUS", path.empty() ? "/" : path);
  if (Missing(response)) return entries;
  const auto document = Parse(response, "list", At(path));
  if (!document.HasMember("FileStatuses") || !document["FileStatuses"].IsObject() ||
      !document["FileStatuses"].HasMember("FileStatus") ||
      !document["FileStatuses"]["FileStatus"].IsArray()) {
    Refuse(response, "list", At(path));
  }
  for (const auto& status : document["FileStatuses"]["FileStatus"].GetArray()) {
    if (!status.IsObject()) continue;
    entries.push_back({TextOf(status, "pathSuffix"), TextOf(status, "type") == "DIRECTORY",
                       NumberOf(status, "length"), NumberOf(status, "fileId"),
                       std::chrono::system_clock::time_point(
                           std::chrono::milliseconds(NumberOf(status, "modificationTime")))});
  }
  return entries;
}

void HdfsObjectStore::Delete(const std::string& path, bool recursive) {
  const StoreResponse response =
      Ask(RequestKind::kDelete, "DELETE", "DELETE", path, {{"recursive", recursive ? "true" : "false"}});
  if (!response.ok() && response.status != 404) Refuse(response, "delete", At(path));
}

void HdfsObjectStore::RemoveEmptyFolders(std::string path) {
  while (true) {
    path.resize(path.rfind('/'));
    if (path.size() <= folder_.size()) return;
    const StoreResponse response =
        Ask(RequestKind::kDelete, "DELETE", "DELETE", path, {{"recursive", "false"}});
    if (Says(response, "PathIsNotEmptyDirectoryException") || response.status == 404) return;
    if (!response.ok()) Refuse(response, "delete", At(path));
  }
}

void HdfsObjectStore::MakeDirectory() {
  const std::string path = folder_.empty() ? "/" : folder_;
  const StoreResponse response = Ask(RequestKind::kPut, "PUT", "MKDIRS", path);
  if (!response.ok()) Refuse(response, "make", At(path));
}

std::unique_ptr<ObjectWriter> HdfsObjectStore::Create(std::string_view key) {
  CheckObjectKey(key);
  return std::make_unique<Writer>(*this, key);
}

bool HdfsObjectStore::PutIfAbsent(std::string_view key, std::string_view content) {
  CheckObjectKey(key);
  return Put(key, content);
}

void HdfsObjectStore::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  CheckObjectKey(key);
  if (length == 0) return;
  const std::string path = PathOf(key);
  const std::string wanted =
      "; wanted " + std::to_string(length) + " bytes at offset " + std::to_string(offset);
  StoreResponse response = Ask(RequestKind::kGet, "GET", "OPEN", path,
                               {{"offset", std::to_string(offset)}, {"length", std::to_string(length)}});
  if (response.status == kRedirect) {
    response = Follow(RequestKind::kGet, "GET", response, {}, buffer, length, true, path);
  }
  if (response.ok() && response.received == length) return;
  if (Missing(response) || Says(response, "FileNotFoundException")) {
    throw ObjectLost("Object is missing: " + At(path));
  }
  if (response.ok() || Says(response, "out of the range")) {
    throw ObjectLost("Object " + At(path) + " is too short" + wanted);
  }
  Refuse(response, "read", At(path));
}

void HdfsObjectStore::Collect(const std::string& path, const std::string& key_prefix,
                              std::vector<ObjectInfo>& found) {
  for (const Status& entry : Entries(path)) {
    if (!IsObjectKey(entry.name)) continue;
    if (entry.folder) {
      Collect(path + '/' + entry.name, key_prefix + entry.name + '/', found);
    } else {
      found.push_back({key_prefix + entry.name, entry.size, entry.modified});
    }
  }
}

std::vector<ObjectInfo> HdfsObjectStore::ListPrefix(std::string_view prefix) {
  std::vector<ObjectInfo> found;
  if (prefix.empty()) {
    Collect(folder_, "", found);
  } else {
    CheckObjectKey(prefix);
    const auto status = StatusOf(PathOf(prefix));
    if (status && !status->folder) found.push_back({std::string(prefix), status->size, status->modified});
    if (status && status->folder) Collect(PathOf(prefix), std::string(prefix) + '/', found);
  }
  std::sort(found.begin(), found.end(),
            [](const ObjectInfo& left, const ObjectInfo& right) { return left.key < right.key; });
  return found;
}

std::vector<std::string> HdfsObjectStore::ListFolders(std::string_view prefix) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  std::vector<std::string> folders;
  for (Status& entry : Entries(prefix.empty() ? folder_ : PathOf(prefix))) {
    if (entry.folder && IsObjectKey(entry.name)) folders.push_back(std::move(entry.name));
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

size_t HdfsObjectStore::DeletePrefix(std::string_view prefix) {
  const size_t count = ListPrefix(prefix).size();
  DeleteKnown(prefix, {});
  return count;
}

void HdfsObjectStore::DeleteKnown(std::string_view prefix, const std::vector<std::string>&) {
  if (!prefix.empty()) {
    CheckObjectKey(prefix);
    Delete(PathOf(prefix), true);
    return RemoveEmptyFolders(PathOf(prefix));
  }
  for (const Status& entry : Entries(folder_)) {
    if (IsObjectKey(entry.name)) Delete(PathOf(entry.name), true);
  }
}

}  // namespace planaria::storage
