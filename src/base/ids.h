// Every id is a type of its own, so that a partition cannot be passed for an attempt.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace planaria {

/// A number that only compares with numbers of the same kind. `Tag` is never defined.
template <typename Tag>
struct NumberId {
  uint32_t value = 0;
  auto operator<=>(const NumberId&) const = default;
};

template <typename Tag>
struct TextId {
  std::string value;
  auto operator<=>(const TextId&) const = default;
};

/// `yyyyMMdd_HHmmss_NNNNN_xxxxx`, unique per coordinator start; safe as a path segment.
using QueryId = TextId<struct QueryIdTag>;
/// A worker's `node.id`; stays over restarts.
using NodeId = TextId<struct NodeIdTag>;
/// One cut piece of a query's plan; Trino calls its execution a stage.
using FragmentId = NumberId<struct FragmentIdTag>;
/// One task of a fragment.
using PartitionId = NumberId<struct PartitionIdTag>;
/// 0 for the first run of a partition.
using AttemptId = NumberId<struct AttemptIdTag>;

/// One attempt to run one partition of one fragment: `query.fragment.partition.attempt`, as Trino writes task
/// ids.
struct TaskId {
  QueryId query;
  FragmentId fragment;
  PartitionId partition;
  AttemptId attempt;

  auto operator<=>(const TaskId&) const = default;
  std::string ToString() const;
  /// Throws TrinoException(GENERIC_INTERNAL_ERROR) naming the text when it is not a task id.
  static TaskId Parse(std::string_view text);
};

}  // namespace planaria

template <typename Tag>
struct std::hash<planaria::NumberId<Tag>> {
  size_t operator()(const planaria::NumberId<Tag>& id) const { return std::hash<uint32_t>()(id.value); }
};

template <typename Tag>
struct std::hash<planaria::TextId<Tag>> {
  size_t operator()(const planaria::TextId<Tag>& id) const { return std::hash<std::string>()(id.value); }
};
