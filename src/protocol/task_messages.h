// What coordinator and workers say to each other about tasks and nodes.
//
// Each struct is one message with Serialize and Parse; Parse refuses malformed bytes with
// TrinoException(SERIALIZATION_ERROR) naming the field. Manifests and split payloads pass through unread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/secret.h"

namespace planaria::protocol {

enum class RetryPolicy : uint8_t { kNone, kTask, kQuery };

struct SplitMessage {
  std::string payload;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  bool operator==(const SplitMessage&) const = default;
};

/// A running task whose output is read.
struct StreamSourceMessage {
  TaskId task;
  NodeId node;
  /// Of that node; empty when the reader runs there too.
  std::string node_uri;
  bool operator==(const StreamSourceMessage&) const = default;
};

/// A node that made spooled outputs of an input: what it keeps of them is nearer than storage.
struct OutputHolderMessage {
  NodeId node;
  std::string node_uri;
  /// Of the producer.
  std::vector<uint32_t> partitions;
  bool operator==(const OutputHolderMessage&) const = default;
};

/// The outputs of one exchange that a task reads, and which of their partitions: spooled ones by manifest, or
/// running tasks.
struct InputMessage {
  std::vector<std::string> manifests;
  std::vector<uint32_t> partitions;
  /// Spooled inputs: false when AddInputsMessage brings more manifests.
  bool complete = true;
  std::vector<StreamSourceMessage> streams = {};
  /// Under which the streams' tasks know this reader; empty for spooled inputs.
  std::string reader = {};
  /// Other nodes; outputs of none of them are read from storage, or were made where they are read.
  std::vector<OutputHolderMessage> holders = {};
  bool operator==(const InputMessage&) const = default;
};

/// Who will read a streamed output.
struct StreamReaderMessage {
  /// Its own among the readers of the task; safe as a path segment.
  std::string name;
  std::vector<uint32_t> partitions;
  bool operator==(const StreamReaderMessage&) const = default;
};

/// The task's output is kept for its readers in the memory of its node, while it runs and after.
struct StreamTarget {
  std::vector<StreamReaderMessage> readers;
  /// False: pages that find no room are spilled, the task goes on.
  bool may_hold_back = true;
  bool operator==(const StreamTarget&) const = default;
};

/// Where a task's output object goes.
struct OutputTarget {
  /// Index into the configured exchange base directories.
  uint32_t base_directory = 0;
  std::string key;
  bool operator==(const OutputTarget&) const = default;
};

/// How pages are compressed on their way to storage.
enum class PageCodec : uint8_t { kNone, kLz4, kZstd };

/// How a query's outputs are spooled: the same for all of its tasks.
struct Spooling {
  /// Seals what is written and opens what is read; empty: nothing is sealed.
  Secret key;
  PageCodec codec = PageCodec::kNone;
  bool operator==(const Spooling&) const = default;
};

/// What a task needs to know of the client's session.
struct TaskSession {
  std::string user;
  std::string time_zone;
  /// The one instant that current_timestamp means in every task of the query.
  std::chrono::sys_time<std::chrono::microseconds> query_start{};
  bool operator==(const TaskSession&) const = default;
};

/// Coordinator to worker: run this attempt.
struct TaskDescriptor {
  TaskId task;
  /// Serialised fragment plan. Empty: the task merges, that is, it writes the pages of its only input as they
  /// are.
  std::string plan;
  RetryPolicy retry_policy = RetryPolicy::kNone;
  uint32_t output_partitions = 1;
  /// Where the output is spooled; nothing when it is streamed.
  std::optional<OutputTarget> output;
  std::optional<StreamTarget> stream = {};
  Spooling spooling;
  /// By scan id of the plan.
  std::map<uint32_t, std::vector<SplitMessage>> scans;
  /// By exchange id of the plan.
  std::map<uint32_t, InputMessage> inputs;
  TaskSession session;

  bool operator==(const TaskDescriptor&) const = default;
  std::string Serialize() const;
  static TaskDescriptor Parse(std::string_view bytes);
};

/// Coordinator to worker: more of an input that was not complete when its task was started. Messages for a
/// task may arrive in any order, and twice.
struct AddInputsMessage {
  TaskId task;
  /// Exchange id of the plan.
  uint32_t input = 0;
  std::vector<std::string> manifests;
  /// In the last one: how many outputs the input has in all. It is complete when it has them.
  std::optional<uint32_t> total = {};
  /// Of these outputs.
  std::vector<OutputHolderMessage> holders = {};

  bool operator==(const AddInputsMessage&) const = default;
  std::string Serialize() const;
  static AddInputsMessage Parse(std::string_view bytes);
};

enum class TaskState : uint8_t { kRunning, kFinished, kFailed };

struct TaskStats {
  uint64_t input_rows = 0;
  uint64_t input_bytes = 0;
  uint64_t output_rows = 0;
  uint64_t output_bytes = 0;
  uint64_t cpu_nanos = 0;
  uint64_t wall_nanos = 0;
  uint64_t peak_memory_bytes = 0;
  /// Ranges read from storage and requests to write there, with their bytes; 0 where nothing is spooled.
  uint64_t spool_reads = 0;
  uint64_t spool_read_bytes = 0;
  uint64_t spool_writes = 0;
  uint64_t spool_written_bytes = 0;
  /// Ranges read from memory or disk of the nodes that made them, instead of storage.
  uint64_t near_reads = 0;
  uint64_t near_read_bytes = 0;
  bool operator==(const TaskStats&) const = default;
};

/// Worker to coordinator: how an attempt stands. The last one of an attempt is kFinished or kFailed; one of
/// kRunning may come before.
struct TaskReport {
  TaskId task;
  TaskState state = TaskState::kRunning;
  /// kFinished: the spooled output's serialised manifest; empty when the output is streamed. kRunning: the
  /// same, of an output that is being stored, and can be read from its node if it keeps it.
  std::string manifest;
  /// kFailed: why; always present then.
  std::optional<Error> error;
  /// kFailed because this attempt's output could not be read: it has to run again.
  std::optional<TaskId> lost_producer;
  TaskStats stats;

  std::string Serialize() const;
  static TaskReport Parse(std::string_view bytes);
};

/// Worker to coordinator: I am here.
struct NodeAnnouncement {
  NodeId node;
  /// Differs after every restart of the process.
  std::string instance;
  std::string internal_uri;
  std::string version;
  std::string environment;
  uint32_t slots = 0;
  uint64_t memory_bytes = 0;
  bool coordinator = false;
  /// Takes no new tasks and goes once the running ones have ended.
  bool draining = false;

  bool operator==(const NodeAnnouncement&) const = default;
  std::string Serialize() const;
  static NodeAnnouncement Parse(std::string_view bytes);
};

}  // namespace planaria::protocol
