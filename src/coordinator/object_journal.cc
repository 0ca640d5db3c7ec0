#include "coordinator/object_journal.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

#include "exchange/spool_directory.h"

namespace planaria::coordinator {

namespace {

constexpr int kAttempts = 3;
constexpr auto kPause = std::chrono::milliseconds(100);

std::string ReadWhole(storage::ObjectStore& store, const storage::ObjectInfo& object) {
  std::string bytes(object.size, '\0');
  store.Read(object.key, 0, bytes.size(), bytes.data());
  return bytes;
}

bool Holds(storage::ObjectStore& store, const std::string& key, const std::string& content) {
  const auto objects = store.ListPrefix(key);
  return objects.size() == 1 && ReadWhole(store, objects.front()) == content;
}

}  // namespace

ObjectJournal::ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder,
                             std::function<void()> fenced, std::function<void()> must_be_active)
    : store_(std::move(store)),
      folder_(std::move(folder)),
      fenced_(std::move(fenced)),
      must_be_active_(must_be_active ? std::move(must_be_active) : [] {}),
      thread_([this] { Run(); }) {}

ObjectJournal::~ObjectJournal() { Stop(); }

void ObjectJournal::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakeup_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::string ObjectJournal::Key(const QueryId& query, uint64_t segment) const {
  return fmt::format("{}/{}/{:08}", folder_, query.value, segment);
}

std::map<QueryId, ObjectJournal::Recovered> ObjectJournal::Recover() {
  std::map<QueryId, Recovered> queries;
  for (const std::string& name : store_->ListFolders(folder_)) {
    if (!exchange::IsQueryFolder(name)) continue;
    const QueryId query{name};
    while (true) {
      Recovered recovered = Read(query);
      const bool goes_on = !recovered.damaged && !recovered.records.empty() &&
                           !std::holds_alternative<JournaledEnd>(recovered.records.back());
      uint64_t& next = next_segment_[query];
      // Taken: a former coordinator was at it until now.
      if (goes_on && !store_->PutIfAbsent(Key(query, next), SerializeSegment({}))) continue;
      if (goes_on) next++;
      queries[query] = std::move(recovered);
      break;
    }
  }
  return queries;
}

ObjectJournal::Recovered ObjectJournal::Read(const QueryId& query) {
  Recovered recovered;
  uint64_t& next = next_segment_[query] = 0;
  // Names of equal length: the order of keys is the order of numbers.
  const auto objects = store_->ListPrefix(folder_ + "/" + query.value);
  for (size_t i = 0; i < objects.size() && !recovered.damaged; i++) {
    if (objects[i].key != Key(query, next)) {
      recovered.damaged = true;
      break;
    }
    ParsedSegment segment = ParseSegment(query, ReadWhole(*store_, objects[i]));
    recovered.damaged = !segment.whole && i + 1 < objects.size();
    if (!segment.whole && !recovered.damaged) {
      store_->DeletePrefix(objects[i].key);
      store_->PutIfAbsent(objects[i].key, SerializeSegment(segment.records));
    }
    for (auto& record : segment.records) recovered.records.push_back(std::move(record));
    next++;
  }
  return recovered;
}

void ObjectJournal::Append(const QueryId& query, JournalRecord record) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    pending_[query].records.push_back(std::move(record));
  }
  wakeup_.notify_one();
}

void ObjectJournal::WhenDurable(const QueryId& query, std::function<void()> fn) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    pending_[query].callbacks.push_back(std::move(fn));
  }
  wakeup_.notify_one();
}

void ObjectJournal::Drop(const QueryId& query) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    pending_[query].drop = true;
  }
  wakeup_.notify_one();
}

void ObjectJournal::Run() {
  while (true) {
    decltype(pending_) taken;
    {
      std::unique_lock lock(mutex_);
      wakeup_.wait(lock, [&] { return stopping_ || !pending_.empty(); });
      if (pending_.empty()) return;
      taken.swap(pending_);
    }
    for (const auto& [query, pending] : taken) {
      if (!Store(query, pending)) {
        fenced_();
        return;
      }
      for (const auto& fn : pending.callbacks) fn();
    }
  }
}

bool ObjectJournal::Store(const QueryId& query, const Pending& pending) {
  for (int attempt = 1;; attempt++) {
    must_be_active_();
    try {
      if (pending.drop) {
        store_->DeletePrefix(folder_ + "/" + query.value);
        next_segment_.erase(query);
        return true;
      }
      if (pending.records.empty()) return true;
      uint64_t& next = next_segment_[query];
      const std::string segment = SerializeSegment(pending.records);
      // What failed before may have been stored all the same.
      if (!store_->PutIfAbsent(Key(query, next), segment) &&
          (attempt == 1 || !Holds(*store_, Key(query, next), segment)))
        return false;
      next++;
      return true;
    } catch (const TrinoException& exception) {
      if (attempt == kAttempts) {
        spdlog::error(
            "the journal of query {} could not be written: it will not outlive this coordinator: {}",
            query.value, exception.what());
        return true;
      }
      std::this_thread::sleep_for(kPause);
    }
  }
}

}  // namespace planaria::coordinator
