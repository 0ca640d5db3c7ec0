// The journal as objects: `<folder>/<query id>/NNNNNNNN`, numbered segments of records.
//
// One function at a time writes. Records of a query gather until somebody waits for them, or for a time that
// grows with the number of its segments: every object costs a request. A segment is put with the condition
// that its number is free: of two coordinators that believe to be the same one, the second to write notices.
// Who takes up a query puts a segment at once, so that it is the first.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "coordinator/journal.h"
#include "env/serial_executor.h"
#include "storage/object_store.h"

namespace planaria::coordinator {

/// What a start of the coordinator may make of a task; more than it can.
inline constexpr uint32_t kAttemptsPerStart = 1'000'000;

class ObjectJournal final : public Journal {
 public:
  /// Writes on a thread of its own. `fenced` is called once, there, when another coordinator has written
  /// where this one wanted to: nothing is stored and no callback comes from then on. `must_be_active`, if
  /// any, is called before each write: see CoordinatorParts.
  ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder, std::function<void()> fenced,
                std::function<void()> must_be_active = {});
  /// Writes on `executor` instead, which runs one function at a time, is blocked by each for as long as the
  /// store takes, and runs none when this goes.
  ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder, std::function<void()> fenced,
                Executor& executor);
  /// Stores what was appended before; callbacks run until then.
  ~ObjectJournal() override;

  /// The same, earlier: what is appended afterwards is ignored.
  void Stop();

  struct Recovered {
    std::vector<JournalRecord> records;
    /// A segment in the middle is missing or damaged: `records` end before it.
    bool damaged = false;
    /// How many starts of the coordinator have taken the query up, this one included; grows with each.
    uint32_t starts = 0;
    /// The number of the first attempt of a task that this start may make: `records` need not know all that
    /// earlier ones have made.
    uint32_t first_attempt() const { return starts * kAttemptsPerStart; }

    /// Null: the journal has no beginning, nobody knows what the query was.
    const JournaledPlan* plan() const {
      return records.empty() ? nullptr : std::get_if<JournaledPlan>(&records.front());
    }
    /// Null: the query had not ended.
    const JournaledEnd* end() const {
      return records.empty() ? nullptr : std::get_if<JournaledEnd>(&records.back());
    }
  };
  /// Reads what an earlier start wrote, and cuts off the truncated ends: what comes next follows the records
  /// given here, and what a former coordinator of the same queries still writes finds its number taken.
  /// Before the first Append. Throws what the store throws.
  std::map<QueryId, Recovered> Recover();

  void Append(const QueryId& query, JournalRecord record) override;
  void WhenDurable(const QueryId& query, std::function<void()> fn) override;
  void OnceDurable(const QueryId& query, std::function<void()> fn) override;
  void Drop(const QueryId& query) override;

 private:
  /// What waits to be stored for one query.
  struct Pending {
    std::vector<JournalRecord> records;
    /// Of what is large in them.
    size_t bytes = 0;
    std::vector<std::function<void()>> callbacks;
    bool drop = false;
    int tries = 0;
    /// Not to gather any longer.
    bool due = false;
    /// Tells its timer from those of what was stored before.
    uint64_t number = 0;
  };
  enum class Stored : uint8_t { kYes, kNotYet, kFenced };

  Recovered Read(const QueryId& query);
  void Add(const QueryId& query, bool due, const std::function<void(Pending&)>& add);
  /// Sets the timer of what begins to gather. Call with the lock held.
  void Gather(const QueryId& query, Pending& pending);
  /// Call with the lock held.
  void Schedule(Duration delay);
  /// `fn` on the executor, unless this has gone.
  void RunAfter(Duration delay, std::function<void()> fn);
  void Write();
  Stored Store(const QueryId& query, Pending& pending);
  /// What is stored for the query.
  void Delete(const QueryId& query);
  std::string Key(const QueryId& query, uint64_t segment) const;

  const std::shared_ptr<storage::ObjectStore> store_;
  const std::string folder_;
  const std::function<void()> fenced_;
  const std::function<void()> must_be_active_;
  /// Null when it is somebody else's.
  const std::unique_ptr<SerialExecutor> own_executor_;
  Executor& executor_;
  /// Number of the next segment; a query that is missing starts with 0. Only Write, after Recover.
  std::map<QueryId, uint64_t> next_segment_;
  /// Queries that have more segments than next_segment_ counts.
  std::set<QueryId> damaged_;
  /// Queries that go on without a journal. Only Write.
  std::set<QueryId> given_up_;
  /// Taken out of pending_ and not stored yet. Only Write.
  std::map<QueryId, Pending> taken_;
  bool was_fenced_ = false;

  std::mutex mutex_;
  std::map<QueryId, Pending> pending_;
  /// How often the records of a query have begun to gather.
  std::map<QueryId, int> gatherings_;
  uint64_t next_pending_ = 0;
  bool scheduled_ = false;
  bool stopping_ = false;
  /// What is still queued on the executor finds out that this has gone.
  const std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true);
};

}  // namespace planaria::coordinator
