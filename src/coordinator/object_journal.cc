#include "coordinator/object_journal.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "exchange/spool_directory.h"

namespace planaria::coordinator {

namespace {

constexpr int kAttempts = 3;
constexpr auto kPause = std::chrono::milliseconds(100);
/// How long records gather, at first and at most. A restart loses the attempts that were started meanwhile.
constexpr Duration kFirstGathering = std::chrono::seconds(1);
constexpr Duration kLongestGathering = std::chrono::seconds(10);

/// Manifests that gather are in memory.
constexpr size_t kLargestGathering = 4 << 20;

/// A quarter longer each time: of what a query has done, a restart loses a share that does not grow.
Duration GatheringTime(int former) {
  Duration time = kFirstGathering;
  for (; former > 0 && time < kLongestGathering; former--) time += time / 4;
  return std::min(time, kLongestGathering);
}

std::string ReadWhole(storage::ObjectStore& store, const storage::ObjectInfo& object) {
  std::string bytes(object.size, '\0');
  store.Read(object.key, 0, bytes.size(), bytes.data());
  return bytes;
}

bool Holds(storage::ObjectStore& store, const std::string& key, const std::string& content) {
  std::string bytes(content.size(), '\0');
  try {
    store.Read(key, 0, bytes.size(), bytes.data());
  } catch (const storage::ObjectLost&) {
    return false;
  }
  try {
    char more;
    store.Read(key, bytes.size(), 1, &more);
    return false;
  } catch (const storage::ObjectLost&) {
    return bytes == content;
  }
}

}  // namespace

ObjectJournal::ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder,
                             std::function<void()> fenced, std::function<void()> must_be_active)
    : store_(std::move(store)),
      folder_(std::move(folder)),
      fenced_(std::move(fenced)),
      must_be_active_(must_be_active ? std::move(must_be_active) : [] {}),
      own_executor_(std::make_unique<SerialExecutor>()),
      executor_(*own_executor_) {}

ObjectJournal::ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder,
                             std::function<void()> fenced, Executor& executor)
    : store_(std::move(store)),
      folder_(std::move(folder)),
      fenced_(std::move(fenced)),
      must_be_active_([] {}),
      executor_(executor) {}

ObjectJournal::~ObjectJournal() { Stop(); }

void ObjectJournal::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  if (own_executor_) own_executor_->Stop();
  // What is left is written here, with less patience.
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    Write();
    if ((taken_.empty() && pending_.empty()) || was_fenced_) return;
    if (own_executor_) std::this_thread::sleep_for(kPause);
  }
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
      if (goes_on) {
        next++;
        recovered.starts++;
      }
      if (recovered.damaged) damaged_.insert(query);
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
    if (segment.records.empty()) recovered.starts++;
    for (auto& record : segment.records) recovered.records.push_back(std::move(record));
    next++;
  }
  return recovered;
}

void ObjectJournal::Append(const QueryId& query, JournalRecord record) {
  Add(query, false, [&](Pending& pending) {
    if (const auto* report = std::get_if<protocol::TaskReport>(&record)) {
      pending.bytes += report->manifest.size();
    }
    pending.records.push_back(std::move(record));
    pending.due = pending.due || pending.bytes > kLargestGathering;
  });
}

void ObjectJournal::WhenDurable(const QueryId& query, std::function<void()> fn) {
  Add(query, true, [&](Pending& pending) { pending.callbacks.push_back(std::move(fn)); });
}

void ObjectJournal::OnceDurable(const QueryId& query, std::function<void()> fn) {
  Add(query, false, [&](Pending& pending) { pending.callbacks.push_back(std::move(fn)); });
}

void ObjectJournal::Drop(const QueryId& query) {
  Add(query, true, [](Pending& pending) { pending.drop = true; });
}

void ObjectJournal::Add(const QueryId& query, bool due, const std::function<void(Pending&)>& add) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const auto [pending, begins] = pending_.try_emplace(query);
  add(pending->second);
  pending->second.due |= due;
  if (pending->second.drop) gatherings_.erase(query);
  if (pending->second.due) {
    Schedule(Duration::zero());
  } else if (begins) {
    Gather(query, pending->second);
  }
}

void ObjectJournal::Gather(const QueryId& query, Pending& pending) {
  pending.number = ++next_pending_;
  RunAfter(GatheringTime(gatherings_[query]++), [this, query, number = pending.number] {
    const std::lock_guard lock(mutex_);
    const auto gathered = pending_.find(query);
    if (gathered == pending_.end() || gathered->second.number != number) return;
    gathered->second.due = true;
    Schedule(Duration::zero());
  });
}

void ObjectJournal::Schedule(Duration delay) {
  if (stopping_ || std::exchange(scheduled_, true)) return;
  RunAfter(delay, [this] {
    {
      const std::lock_guard lock(mutex_);
      scheduled_ = false;
    }
    Write();
  });
}

void ObjectJournal::RunAfter(Duration delay, std::function<void()> fn) {
  const auto unless_gone = [here = std::weak_ptr<const bool>(here_), fn = std::move(fn)] {
    if (!here.expired()) fn();
  };
  if (delay == Duration::zero()) {
    executor_.Post(unless_gone);
  } else {
    executor_.RunAfter(delay, unless_gone);
  }
}

void ObjectJournal::Write() {
  if (was_fenced_) return;
  {
    const std::lock_guard lock(mutex_);
    // What a query has in hand goes first.
    for (auto at = pending_.begin(); at != pending_.end();) {
      const auto next = std::next(at);
      if ((at->second.due || stopping_) && !taken_.contains(at->first)) taken_.insert(pending_.extract(at));
      at = next;
    }
  }
  for (auto at = taken_.begin(); at != taken_.end();) {
    const Stored stored = Store(at->first, at->second);
    if (stored == Stored::kFenced) {
      was_fenced_ = true;
      return fenced_();
    }
    if (stored == Stored::kNotYet) {
      at++;
      continue;
    }
    for (const auto& fn : at->second.callbacks) fn();
    at = taken_.erase(at);
  }
  const std::lock_guard lock(mutex_);
  if (!taken_.empty()) {
    Schedule(kPause);
  } else if (std::any_of(pending_.begin(), pending_.end(),
                         [](const auto& entry) { return entry.second.due; })) {
    Schedule(Duration::zero());
  }
}

void ObjectJournal::Delete(const QueryId& query) {
  const std::string prefix = folder_ + "/" + query.value;
  if (damaged_.contains(query)) {
    store_->DeletePrefix(prefix);
  } else {
    std::vector<std::string> keys;
    // One more: a write that failed may have stored its segment.
    for (uint64_t segment = 0; segment <= next_segment_[query]; segment++) {
      keys.push_back(Key(query, segment));
    }
    store_->DeleteKnown(prefix, keys);
  }
  damaged_.erase(query);
  next_segment_.erase(query);
}

ObjectJournal::Stored ObjectJournal::Store(const QueryId& query, Pending& pending) {
  must_be_active_();
  try {
    if (pending.drop) {
      pending.tries++;
      Delete(query);
      given_up_.erase(query);
      return Stored::kYes;
    }
    if (pending.records.empty() || given_up_.contains(query)) return Stored::kYes;
    if (pending.tries < kAttempts) {
      pending.tries++;
      uint64_t& next = next_segment_[query];
      const std::string segment = SerializeSegment(pending.records);
      // What failed before may have been stored all the same.
      if (!store_->PutIfAbsent(Key(query, next), segment) &&
          (pending.tries == 1 || !Holds(*store_, Key(query, next), segment)))
        return Stored::kFenced;
      next++;
      return Stored::kYes;
    }
    // A later start must not find a part of the truth: it would make other rows than those that were given.
    Delete(query);
    given_up_.insert(query);
    return Stored::kYes;
  } catch (const TrinoException& exception) {
    if (pending.drop && pending.tries >= kAttempts) {
      // It says that the query has ended; the next start forgets it once more.
      spdlog::warn("the journal of query {} could not be deleted: {}", query.value, exception.what());
      damaged_.erase(query);
      next_segment_.erase(query);
      given_up_.erase(query);
      return Stored::kYes;
    }
    if (pending.tries == kAttempts) {
      spdlog::error("the journal of query {} could not be written: it will not outlive this coordinator: {}",
                    query.value, exception.what());
    }
    return Stored::kNotYet;
  }
}

}  // namespace planaria::coordinator
