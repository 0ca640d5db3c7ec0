// The records of a query's journal, and their bytes (docs/formats/journal.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "protocol/task_messages.h"
#include "scheduler/commands.h"

namespace planaria::coordinator {

/// The first record: the statement and its plan (journaled_query.h), opaque here.
struct JournaledPlan {
  std::string bytes;
};

/// An attempt is about to be sent to a node.
struct JournaledStart {
  TaskId task;
  NodeId node;
  /// False: it was started on a part of its inputs. A later start of the coordinator does not know what it
  /// was told since, so it runs again.
  bool complete = true;
};

/// The query has ended: without an error all its rows were given.
struct JournaledEnd {
  std::optional<Error> error;
};

/// A TaskReport is the final report of an attempt.
using JournalRecord = std::variant<JournaledPlan, JournaledStart, scheduler::StageCut, scheduler::ChoiceMade,
                                   scheduler::MergeDecided, protocol::TaskReport, JournaledEnd>;

/// A segment: one object with some records of one query.
std::string SerializeSegment(const std::vector<JournalRecord>& records);

struct ParsedSegment {
  std::vector<JournalRecord> records;
  /// False: after `records` comes something truncated or damaged, which therefore never happened.
  bool whole = true;
};
/// Records of `query`. Never throws: what cannot be read ends the segment.
ParsedSegment ParseSegment(const QueryId& query, std::string_view bytes);

}  // namespace planaria::coordinator
