// Where the coordinator writes down what a later start of it needs to take up its queries (docs/restart.md).
#pragma once

#include <functional>

#include "base/ids.h"
#include "coordinator/journal_record.h"

namespace planaria::coordinator {

/// Any thread; no function blocks.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Adds a record to the query's journal. Records of a query become durable in the order of the calls.
  virtual void Append(const QueryId& query, JournalRecord record) = 0;
  /// Stores the records of the query that have gathered, and calls `fn` once, as soon as all of them are
  /// durable; never inside this call. Also when they could not be stored and all of the query's journal was
  /// deleted therefore: the query goes on, but will not outlive the coordinator.
  virtual void WhenDurable(const QueryId& query, std::function<void()> fn) = 0;
  /// The same for who can wait: hurries nothing, they are stored when somebody cannot, or some time has
  /// passed.
  virtual void OnceDurable(const QueryId& query, std::function<void()> fn) = 0;
  /// The query needs no journal any more.
  virtual void Drop(const QueryId& query) = 0;
};

}  // namespace planaria::coordinator
