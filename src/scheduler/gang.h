// All tasks of a streaming run: how they are cut, whether there is room for them, and what each is told.
//
// Streaming tasks wait for each other, so they start together or not at all. They take no slots, which
// spooled tasks of other queries hold until they end; how many run at once is bounded by RoomForGang alone.
#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/commands.h"
#include "scheduler/query.h"

namespace planaria::scheduler {

/// Cuts every stage from the run's splits. Sizes of exchanges are unknown: a hash stage gets as many tasks as
/// there are slots, but not more than partitions, and fewer when little is scanned below it.
void CutGang(Query& query, const ClusterShape& cluster);

struct GangSize {
  uint32_t on_workers = 0;
  uint32_t on_coordinator = 0;
  /// No stage has more than one task: worth nothing to spread.
  bool small = false;
};
GangSize SizeOf(const Query& query);

/// Small gangs always find room: they end soon, and nobody should wait for a large query to look something
/// up.
bool RoomForGang(const GangSize& gang, uint64_t running_streams, const ClusterShape& cluster);

/// The commands that start the run, once every partition has its attempt.
std::vector<Command> StartGang(const Query& query, const NodePool& nodes);

}  // namespace planaria::scheduler
