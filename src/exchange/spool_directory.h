// Where the objects of a query lie, and how they go.
//
// Key of an attempt's output: `<query id>/<fragment>.<partition>.<attempt>`, in one of the stores of a set.
// A query's objects go with one deletion per store. Nothing else is written: no markers, no lists.
//
// A task that nobody waits for any more may still write after its query was deleted; its object then brings
// the query's folder back. Nobody refers to it, and the next sweep takes it: sweeping is therefore not only
// for restarts.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "storage/store_set.h"

namespace planaria::exchange {

/// True for `yyyyMMdd_HHmmss_NNNNN_xxxxx`: the folders that sweeping may touch.
bool IsQueryFolder(std::string_view name);

/// Throws TrinoException(GENERIC_INTERNAL_ERROR) when the query id cannot be a folder's name.
std::string SpoolKey(const TaskId& task);
/// The place for an attempt's output. Attempts of one task take turns over the stores, so that a store that
/// is full or broken costs a task one attempt.
storage::ObjectPlace SpoolPlace(const storage::StoreSet& stores, const TaskId& task);

/// Deletes what the query has spooled so far. With `attempts`, which are all that may have written, stores
/// where listing costs a request are not asked what there is. Throws what a store throws, once all were
/// tried.
void DeleteSpooled(const storage::StoreSet& stores, const QueryId& query,
                   const std::optional<std::vector<TaskId>>& attempts = std::nullopt);

/// Deletes the spooled objects of queries that `keep` does not claim and that were not written for `min_age`
/// (other clusters may share the stores: choose it longer than a query lives). Only objects named like
/// ours in folders named like a query are touched. The number of objects deleted.
size_t SweepLeftovers(const storage::StoreSet& stores, const std::function<bool(const QueryId&)>& keep,
                      std::chrono::seconds min_age, std::chrono::system_clock::time_point now);

}  // namespace planaria::exchange
