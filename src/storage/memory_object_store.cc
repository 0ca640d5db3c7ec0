#include "storage/memory_object_store.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "storage/object_key.h"

namespace planaria::storage {
namespace {

bool IsUnder(std::string_view key, std::string_view prefix) {
  return prefix.empty() ||
         (key.starts_with(prefix) && (key.size() == prefix.size() || key[prefix.size()] == '/'));
}

}  // namespace

class MemoryObjectStore::Writer : public ObjectWriter {
 public:
  Writer(MemoryObjectStore& store, std::string_view key) : store_(store), key_(key) {}

  void Write(const void* data, size_t size) override {
    content_.append(static_cast<const char*>(data), size);
  }

  uint64_t Finish() override {
    const uint64_t size = content_.size();
    if (!store_.Insert(key_, std::move(content_))) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Object exists already: " + store_.Location(key_));
    }
    return size;
  }

 private:
  MemoryObjectStore& store_;
  const std::string key_;
  std::string content_;
};

std::unique_ptr<ObjectWriter> MemoryObjectStore::Create(std::string_view key) {
  CheckObjectKey(key);
  return std::make_unique<Writer>(*this, key);
}

bool MemoryObjectStore::PutIfAbsent(std::string_view key, std::string_view content) {
  CheckObjectKey(key);
  return Insert(std::string(key), std::string(content));
}

bool MemoryObjectStore::Insert(const std::string& key, std::string content) {
  Object object{std::make_shared<const std::string>(std::move(content)), clock_->WallTime()};
  const std::lock_guard lock(mutex_);
  return objects_.try_emplace(key, std::move(object)).second;
}

void MemoryObjectStore::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  CheckObjectKey(key);
  std::shared_ptr<const std::string> content;
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) throw ObjectLost("Object is missing: " + Location(key));
    content = found->second.content;
  }
  if (offset > content->size() || length > content->size() - offset) {
    throw ObjectLost("Object " + Location(key) + " has " + std::to_string(content->size()) +
                     " bytes; wanted " + std::to_string(length) + " at offset " + std::to_string(offset));
  }
  if (length > 0) std::memcpy(buffer, content->data() + offset, length);
}

std::vector<ObjectInfo> MemoryObjectStore::ListPrefix(std::string_view prefix) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  std::vector<ObjectInfo> found;
  const std::lock_guard lock(mutex_);
  for (auto object = objects_.lower_bound(prefix);
       object != objects_.end() && object->first.starts_with(prefix); ++object) {
    if (!IsUnder(object->first, prefix)) continue;
    found.push_back({object->first, object->second.content->size(), object->second.modified});
  }
  return found;
}

std::vector<std::string> MemoryObjectStore::ListFolders(std::string_view prefix) {
  std::vector<std::string> folders;
  const size_t start = prefix.empty() ? 0 : prefix.size() + 1;
  for (const ObjectInfo& object : ListPrefix(prefix)) {
    if (object.key.size() < start) continue;
    const size_t slash = object.key.find('/', start);
    if (slash == std::string::npos) continue;
    std::string name = object.key.substr(start, slash - start);
    if (folders.empty() || folders.back() != name) folders.push_back(std::move(name));
  }
  // By key, `q-1/x` precedes `q/x`; by name, `q` precedes `q-1`.
  std::sort(folders.begin(), folders.end());
  return folders;
}

size_t MemoryObjectStore::DeletePrefix(std::string_view prefix) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  const std::lock_guard lock(mutex_);
  return std::erase_if(objects_, [&](const auto& object) { return IsUnder(object.first, prefix); });
}

}  // namespace planaria::storage
