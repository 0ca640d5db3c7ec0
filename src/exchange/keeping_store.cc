#include "exchange/keeping_store.h"

#include <utility>

#include "exchange/spool_directory.h"

namespace planaria::exchange {

namespace {

/// The query whose folder has this key; empty for what is not a query's, as the journal.
std::string QueryOf(std::string_view key) {
  const std::string_view folder = key.substr(0, key.find('/'));
  return IsQueryFolder(folder) ? std::string(folder) : std::string();
}

class KeepingWriter final : public storage::ObjectWriter {
 public:
  KeepingWriter(std::unique_ptr<storage::ObjectWriter> object, std::unique_ptr<KeptOutputs::Writing> kept)
      : object_(std::move(object)), kept_(std::move(kept)) {}

  void Write(const void* data, size_t size) override {
    object_->Write(data, size);
    kept_->Append(data, size);
  }
  uint64_t Finish() override {
    const uint64_t size = object_->Finish();
    kept_->Commit();
    return size;
  }
  uint64_t requests() const override { return object_->requests(); }

 private:
  const std::unique_ptr<storage::ObjectWriter> object_;
  const std::unique_ptr<KeptOutputs::Writing> kept_;
};

class KeepingStore final : public storage::ObjectStore {
 public:
  KeepingStore(std::shared_ptr<storage::ObjectStore> store, std::shared_ptr<KeptOutputs> kept)
      : store_(std::move(store)), kept_(std::move(kept)) {}

  const std::string& base() const override { return store_->base(); }
  bool remote() const override { return store_->remote(); }

  std::unique_ptr<storage::ObjectWriter> Create(std::string_view key) override {
    auto object = store_->Create(key);
    auto kept = QueryOf(key).empty() ? nullptr : kept_->Begin(key);
    if (!kept) return object;
    return std::make_unique<KeepingWriter>(std::move(object), std::move(kept));
  }
  bool PutIfAbsent(std::string_view key, std::string_view content) override {
    if (!store_->PutIfAbsent(key, content)) return false;
    if (auto kept = QueryOf(key).empty() ? nullptr : kept_->Begin(key)) {
      kept->Append(content.data(), content.size());
      kept->Commit();
    }
    return true;
  }
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    store_->Read(key, offset, length, buffer);
  }
  std::vector<storage::ObjectInfo> ListPrefix(std::string_view prefix) override {
    return store_->ListPrefix(prefix);
  }
  std::vector<std::string> ListFolders(std::string_view prefix) override {
    return store_->ListFolders(prefix);
  }
  size_t DeletePrefix(std::string_view prefix) override {
    DropFolder(prefix);
    return store_->DeletePrefix(prefix);
  }
  void DeleteKnown(std::string_view prefix, const std::vector<std::string>& keys) override {
    DropFolder(prefix);
    store_->DeleteKnown(prefix, keys);
  }
  size_t SweepUnfinished(std::chrono::system_clock::time_point before) override {
    return store_->SweepUnfinished(before);
  }
  std::string Traffic() const override { return store_->Traffic(); }

 private:
  void DropFolder(std::string_view prefix) {
    if (IsQueryFolder(prefix)) kept_->DropQuery({std::string(prefix)});
  }

  const std::shared_ptr<storage::ObjectStore> store_;
  const std::shared_ptr<KeptOutputs> kept_;
};

}  // namespace

std::shared_ptr<storage::ObjectStore> KeepOutputs(std::shared_ptr<storage::ObjectStore> store,
                                                  std::shared_ptr<KeptOutputs> kept) {
  return std::make_shared<KeepingStore>(std::move(store), std::move(kept));
}

}  // namespace planaria::exchange
