// Queries of the model kernel: DAGs of fragments over row ids, and what they answer when nothing goes wrong.
//
// A row is a 64-bit number; its key is the number modulo the query's count of keys. Every operation maps sets
// of rows to sets of rows whatever the tasks they are cut into, and a lost, doubled or misdirected row shows
// in the answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/execution.h"
#include "env/random.h"

namespace planaria::sim {

using Row = uint64_t;
using Rows = std::vector<Row>;

enum class Op : uint32_t {
  kPass,       ///< all inputs and splits, every row mapped to another
  kAggregate,  ///< one row by key, of all its rows
  kJoin,       ///< every row of the first input (or of the splits) with the rows of the last input of its key
  kLimit,      ///< the first `limit` rows
  kWrite,      ///< writes its rows into the table; gives one row that names its attempt
  kMerge,      ///< the rows of its input as they are, or it is left out
  kCollect,    ///< the rows of the last input; the others are read in vain
};

/// What the tasks of one fragment do; travels as the plan's bytes.
struct ModelFragment {
  uint32_t fragment = 0;
  Op op = Op::kPass;
  uint32_t keys = 1;
  uint32_t inputs = 0;
  /// Of splits, rows divisible by this are dropped; 0 keeps all.
  uint64_t drop_multiples_of = 0;
  uint64_t limit = 0;
  /// A task that meets this row fails with DIVISION_BY_ZERO; 0 is no row.
  Row poison = 0;
  /// How long a task works at least.
  uint64_t micros = 0;

  std::string Serialize() const;
  static ModelFragment Parse(std::string_view bytes);
};

/// `first` and `count` of consecutive rows.
struct ModelSplit {
  Row first = 0;
  uint64_t count = 0;
  std::string Serialize() const;
  static ModelSplit Parse(std::string_view bytes);
};

Row Mix(Row value);
/// Which of `partitions` a row belongs to.
uint32_t PartitionOf(Row row, uint32_t keys, uint32_t partitions);
/// Rows of a page.
std::string EncodeRows(const Rows& rows);
Rows DecodeRows(const uint8_t* data, size_t size);
/// `rows` are those of the splits, already filtered.
Rows Apply(const ModelFragment& fragment, const Rows& rows, const std::vector<Rows>& inputs);

/// True if `fragment` drops the row at its scan.
inline bool Drops(const ModelFragment& fragment, Row row) {
  return fragment.drop_multiples_of != 0 && row % fragment.drop_multiples_of == 0;
}

struct ModelQuery {
  QueryId id;
  Duration submitted_at{};
  /// How long the client takes to read the result, and to let go of it.
  Duration read_after{};
  Duration forget_after{};
  coordinator::Execution execution;
  std::vector<ModelFragment> fragments;
  /// Fault-free rows, sorted. For a LIMIT: what it may choose from.
  Rows expected;
  /// The root chooses this many of `expected`.
  uint64_t limit = 0;
  bool writes = false;
  /// A task meets a row that no retry can help.
  bool poisoned = false;

  /// Every task's output is spooled from the start; otherwise tasks stream to each other.
  bool durable() const { return execution.plan.retry_policy == scheduler::RetryPolicy::kTask; }
  /// How often one partition may be tried: under QUERY in so many runs, under AUTO once more than under TASK.
  uint32_t attempts_allowed() const;
  std::string Describe() const;
};

/// A random query; the same for the same random numbers.
ModelQuery MakeQuery(uint32_t number, RandomSource& random);
/// Makes it one of the retry policies, more often TASK than others. Some of the latter merge exchanges.
void ChoosePolicy(ModelQuery& query, RandomSource& random);
/// Another policy; when it streams, nothing merges.
void SetPolicy(ModelQuery& query, scheduler::RetryPolicy policy);

}  // namespace planaria::sim
