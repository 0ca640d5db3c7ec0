// The journal as objects: `<folder>/<query id>/NNNNNNNN`, numbered segments of records.
//
// One thread writes. While it stores an object, what comes in gathers for the next one, so that many records
// share a store's latency. A segment is put with the condition that its number is free: of two coordinators
// that believe to be the same one, the second to write notices. Who takes up a query puts a segment at once,
// so that it is the first.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/journal.h"
#include "storage/object_store.h"

namespace planaria::coordinator {

class ObjectJournal final : public Journal {
 public:
  /// `fenced` is called once, on the writing thread, when another coordinator has written where this one
  /// wanted to: nothing is stored and no callback comes from then on.
  /// `must_be_active`, if any, is called before each write: see CoordinatorParts.
  ObjectJournal(std::shared_ptr<storage::ObjectStore> store, std::string folder, std::function<void()> fenced,
                std::function<void()> must_be_active = {});
  /// Stores what was appended before; callbacks run until then.
  ~ObjectJournal() override;

  /// The same, earlier: what is appended afterwards is ignored.
  void Stop();

  struct Recovered {
    std::vector<JournalRecord> records;
    /// A segment in the middle is missing or damaged: `records` end before it.
    bool damaged = false;
  };
  /// Reads what an earlier start wrote, and cuts off the truncated ends: what comes next follows the records
  /// given here, and what a former coordinator of the same queries still writes finds its number taken.
  /// Before the first Append. Throws what the store throws.
  std::map<QueryId, Recovered> Recover();

  void Append(const QueryId& query, JournalRecord record) override;
  void WhenDurable(const QueryId& query, std::function<void()> fn) override;
  void Drop(const QueryId& query) override;

 private:
  /// What waits to be stored for one query.
  struct Pending {
    std::vector<JournalRecord> records;
    std::vector<std::function<void()>> callbacks;
    bool drop = false;
  };

  Recovered Read(const QueryId& query);
  void Run();
  /// False when fenced.
  bool Store(const QueryId& query, const Pending& pending);
  std::string Key(const QueryId& query, uint64_t segment) const;

  const std::shared_ptr<storage::ObjectStore> store_;
  const std::string folder_;
  const std::function<void()> fenced_;
  const std::function<void()> must_be_active_;
  /// Number of the next segment; a query that is missing starts with 0. Only the writing thread, after
  /// Recover.
  std::map<QueryId, uint64_t> next_segment_;
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::map<QueryId, Pending> pending_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace planaria::coordinator
