#include "sim/model_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>

#include "base/error.h"

namespace planaria::sim {

namespace {

template <typename Value>
std::string BytesOf(const Value& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Value>
Value ValueOf(std::string_view bytes) {
  Value value;
  if (bytes.size() != sizeof value) throw TrinoException(errors::SERIALIZATION_ERROR, "Not a model's bytes");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

std::string ModelFragment::Serialize() const { return BytesOf(*this); }
ModelFragment ModelFragment::Parse(std::string_view bytes) { return ValueOf<ModelFragment>(bytes); }
std::string ModelSplit::Serialize() const { return BytesOf(*this); }
ModelSplit ModelSplit::Parse(std::string_view bytes) { return ValueOf<ModelSplit>(bytes); }

Row Mix(Row value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

uint32_t PartitionOf(Row row, uint32_t keys, uint32_t partitions) {
  return static_cast<uint32_t>(Mix(row % keys + 77) % partitions);
}

std::string EncodeRows(const Rows& rows) {
  return std::string(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Row));
}

Rows DecodeRows(const uint8_t* data, size_t size) {
  Rows rows(size / sizeof(Row));
  std::memcpy(rows.data(), data, rows.size() * sizeof(Row));
  return rows;
}

Rows Apply(const ModelFragment& fragment, const Rows& rows, const std::vector<Rows>& inputs) {
  Rows all = rows;
  const bool join = fragment.op == Op::kJoin;
  for (size_t i = 0; i + (join ? 1 : 0) < inputs.size(); i++) {
    all.insert(all.end(), inputs[i].begin(), inputs[i].end());
  }
  const auto check = [&](const Rows& met) {
    if (fragment.poison != 0 && std::find(met.begin(), met.end(), fragment.poison) != met.end()) {
      throw TrinoException(errors::DIVISION_BY_ZERO, "Division by zero");
    }
  };
  check(all);
  switch (fragment.op) {
    case Op::kPass:
    case Op::kWrite:
      for (Row& row : all) row = Mix(row + fragment.fragment);
      return all;
    case Op::kLimit:
      if (all.size() > fragment.limit) all.resize(fragment.limit);
      return all;
    case Op::kCollect:
      return inputs.back();
    case Op::kMerge:
      return all;
    case Op::kAggregate: {
      std::map<Row, Row> groups;
      for (const Row row : all) groups[row % fragment.keys] += Mix(row);
      Rows result;
      for (const auto& [key, sum] : groups) result.push_back(Mix(sum + key));
      return result;
    }
    case Op::kJoin: {
      std::map<Row, Row> matches;
      for (const Row row : inputs.back()) matches[row % fragment.keys] += Mix(row);
      for (Row& row : all) row = Mix(row + matches[row % fragment.keys]);
      return all;
    }
  }
  return all;
}

namespace {

/// Makes fragments one after another; whatever nobody reads yet is open.
class QueryMaker {
 public:
  QueryMaker(uint32_t number, RandomSource& random) : random_(random) {
    query_.id = {fmt::format("20260101_000000_{:05}_simul", number)};
    first_row_ = Row{number + 1} << 40;
    keys_ = static_cast<uint32_t>(1 + random_.Below(24));
    partitions_ = static_cast<uint32_t>(1 + random_.Below(6));
    if (number % 2 == 1) query_.execution.spooling.key = Secret(std::string(32, 'k'));
    query_.execution.spooling.codec = static_cast<protocol::PageCodec>(number % 3);
  }

  ModelQuery Make() {
    using namespace std::chrono_literals;
    query_.submitted_at = Duration(random_.Below(10'000'000'000)) + 1s;
    query_.read_after = Duration(random_.Below(2'000'000'000));
    query_.forget_after = Duration(random_.Below(1'000'000'000));
    Limits();
    AddScan();
    const uint64_t more = random_.Below(6);
    for (uint64_t i = 0; i < more; i++) AddAny();
    AddRoot();
    if (random_.Below(12) == 0) Poison();
    Evaluate();
    return std::move(query_);
  }

 private:
  struct Made {
    bool partitioned = false;
    bool read = false;
  };

  void Limits() {
    auto& plan = query_.execution.plan;
    auto& limits = plan.limits;
    limits.task_retry_attempts = static_cast<uint32_t>(random_.Below(6));
    limits.retry_initial_delay = std::chrono::milliseconds(10 + random_.Below(2000));
    limits.retry_max_delay = limits.retry_initial_delay * (1 + random_.Below(8));
    limits.scan_task_floor_bytes = 1 + random_.Below(200);
    limits.scan_task_target_min_bytes = limits.scan_task_floor_bytes + random_.Below(400);
    limits.scan_task_target_max_bytes = limits.scan_task_target_min_bytes * 8;
    limits.hash_task_floor_bytes = 1 + random_.Below(150);
    limits.hash_task_target_bytes = limits.hash_task_floor_bytes + random_.Below(800);
    limits.standard_split_bytes = 100;
    limits.early_reading = random_.Below(2) == 0;
    query_.execution.session.user = "sim";
    memory_ = random_.Below(3) == 0 ? 1 + random_.Below(60) : 0;
  }

  scheduler::FragmentPlan& Add(Op op, scheduler::Distribution distribution) {
    const auto id = static_cast<uint32_t>(query_.fragments.size());
    ModelFragment model;
    model.fragment = id;
    model.op = op;
    model.keys = keys_;
    model.micros = 500 + random_.Below(random_.Below(4) == 0 ? 2'000'000 : 50'000);
    query_.fragments.push_back(model);
    scheduler::FragmentPlan plan;
    plan.id = {id};
    plan.distribution = distribution;
    plan.memory_bytes = memory_;
    const bool partitioned = random_.Below(4) != 0;
    plan.output_partitions = partitioned ? partitions_ : 1;
    made_.push_back({partitioned, false});
    query_.execution.plan.fragments.push_back(plan);
    return query_.execution.plan.fragments.back();
  }

  void Read(scheduler::FragmentPlan& reader, uint32_t producer, scheduler::InputMode mode) {
    reader.inputs.push_back({{producer}, mode});
    made_[producer].read = true;
    query_.fragments[reader.id.value].inputs++;
  }

  void Scan(scheduler::FragmentPlan& plan) {
    plan.scans = {3};
    auto& splits = query_.execution.fragments[plan.id].scans[3];
    const uint64_t count = random_.Below(10);
    for (uint64_t i = 0; i < count; i++) {
      const ModelSplit split{first_row_, random_.Below(16)};
      first_row_ += split.count + 1;
      splits.push_back({split.Serialize(), split.count, random_.Below(8) == 0 ? 0 : 1 + random_.Below(300)});
    }
    if (random_.Below(3) == 0) query_.fragments[plan.id.value].drop_multiples_of = 2 + random_.Below(4);
  }

  void AddScan() { Scan(Add(Op::kPass, scheduler::Distribution::kSource)); }

  /// A fragment that may be read so, of late rather than of old; none when there is none.
  int Producer(bool partitioned) {
    for (int tries = 0; tries < 4; tries++) {
      const auto found = static_cast<uint32_t>(random_.Below(made_.size()));
      if (made_[found].partitioned == partitioned && (!made_[found].read || random_.Below(4) == 0))
        return static_cast<int>(found);
    }
    return -1;
  }

  void AddAny() {
    using scheduler::Distribution;
    using scheduler::InputMode;
    switch (random_.Below(6)) {
      case 0:
        return AddScan();
      case 1:
      case 2: {
        const int producer = Producer(true);
        if (producer < 0) return AddScan();
        auto& plan = Add(random_.Below(3) == 0 ? Op::kPass : Op::kAggregate, Distribution::kHash);
        return Read(plan, static_cast<uint32_t>(producer), InputMode::kPartitioned);
      }
      case 3: {
        const int left = Producer(true);
        const int right = Producer(true);
        if (left < 0 || right < 0 || left == right) return AddScan();
        auto& plan = Add(Op::kJoin, Distribution::kHash);
        Read(plan, static_cast<uint32_t>(left), InputMode::kPartitioned);
        // Every row meets the whole right side of its key, so tasks may share the left one.
        plan.inputs.back().splittable = random_.Below(2) == 0;
        return Read(plan, static_cast<uint32_t>(right), InputMode::kPartitioned);
      }
      case 4: {
        const int small = Producer(false);
        if (small < 0) return AddScan();
        auto& plan = Add(Op::kJoin, Distribution::kSource);
        Scan(plan);
        return Read(plan, static_cast<uint32_t>(small), InputMode::kReplicated);
      }
      default: {
        const auto producer = static_cast<uint32_t>(random_.Below(made_.size()));
        auto& plan = Add(random_.Below(2) == 0 ? Op::kPass : Op::kAggregate, Distribution::kSingle);
        return Read(plan, producer, InputMode::kGather);
      }
    }
  }

  void AddRoot() {
    using scheduler::Distribution;
    using scheduler::InputMode;
    const auto gather = [&](Op op, Distribution distribution) {
      std::vector<uint32_t> open;
      for (uint32_t i = 0; i < made_.size(); i++) {
        if (!made_[i].read) open.push_back(i);
      }
      auto& plan = Add(op, distribution);
      for (const uint32_t producer : open) Read(plan, producer, InputMode::kGather);
      return plan.id.value;
    };
    const auto where = random_.Below(2) == 0 ? Distribution::kSingle : Distribution::kCoordinator;
    const uint64_t kind = random_.Below(8);
    uint32_t root;
    if (kind == 0) {
      root = gather(Op::kLimit, where);
      query_.limit = query_.fragments[root].limit = 1 + random_.Below(20);
      if (random_.Below(2) == 0) {
        // Nobody else reads them.
        for (const auto& input : query_.execution.plan.fragments[root].inputs)
          query_.execution.plan.fragments[input.producer.value].row_limit = query_.limit;
      }
    } else if (kind == 1) {
      query_.writes = true;
      const int producer = Producer(true);
      if (producer >= 0) {
        auto& plan = Add(Op::kWrite, Distribution::kHash);
        Read(plan, static_cast<uint32_t>(producer), InputMode::kPartitioned);
      } else {
        auto& plan = Add(Op::kWrite, Distribution::kSource);
        Scan(plan);
      }
      writer_ = static_cast<int>(made_.size()) - 1;
      root = gather(Op::kCollect, where);
    } else {
      root = gather(random_.Below(4) == 0 ? Op::kAggregate : Op::kPass, where);
    }
    auto& plan = query_.execution.plan;
    plan.fragments[root].output_partitions = 1;
    plan.root = {root};
  }

  void Poison() {
    auto& fragment = query_.fragments[random_.Below(query_.fragments.size())];
    const auto& scans = query_.execution.fragments[{fragment.fragment}].scans;
    for (const auto& [scan, splits] : scans) {
      for (const auto& split : splits) {
        const ModelSplit rows = ModelSplit::Parse(split.payload);
        if (rows.count == 0 || Drops(fragment, rows.first)) continue;
        fragment.poison = rows.first;
        query_.poisoned = true;
        return;
      }
    }
  }

  /// Runs the whole query in one piece, and fills in the plans' bytes.
  void Evaluate() {
    auto& execution = query_.execution;
    std::vector<Rows> outputs(query_.fragments.size());
    for (const ModelFragment& fragment : query_.fragments) {
      auto& bytes = execution.fragments[{fragment.fragment}];
      const auto& plan = execution.plan.fragments[fragment.fragment];
      bytes.plan = fragment.Serialize();
      bytes.output_partitions = plan.output_partitions;
      Rows scanned;
      for (const auto& [scan, splits] : bytes.scans) {
        for (const auto& split : splits) {
          const ModelSplit rows = ModelSplit::Parse(split.payload);
          for (Row row = rows.first; row < rows.first + rows.count; row++) {
            if (!Drops(fragment, row)) scanned.push_back(row);
          }
        }
      }
      std::vector<Rows> inputs;
      for (uint32_t i = 0; i < plan.inputs.size(); i++) {
        bytes.input_ids.push_back(10 + i);
        inputs.push_back(outputs[plan.inputs[i].producer.value]);
      }
      ModelFragment healthy = fragment;
      healthy.poison = 0;
      if (fragment.op == Op::kLimit) healthy.limit = UINT64_MAX;
      outputs[fragment.fragment] = Apply(healthy, scanned, inputs);
    }
    query_.expected = writer_ >= 0 ? outputs[writer_] : outputs[execution.plan.root.value];
    std::sort(query_.expected.begin(), query_.expected.end());
  }

  RandomSource& random_;
  ModelQuery query_;
  std::vector<Made> made_;
  Row first_row_ = 0;
  uint32_t keys_ = 1;
  uint32_t partitions_ = 1;
  uint64_t memory_ = 0;
  int writer_ = -1;
};

std::string_view PolicyName(scheduler::RetryPolicy policy) {
  switch (policy) {
    case scheduler::RetryPolicy::kNone:
      return "NONE";
    case scheduler::RetryPolicy::kQuery:
      return "QUERY";
    case scheduler::RetryPolicy::kAuto:
      return "AUTO";
    case scheduler::RetryPolicy::kTask:
      return "TASK";
  }
  return "";
}

std::string_view OpName(Op op) {
  switch (op) {
    case Op::kPass:
      return "pass";
    case Op::kAggregate:
      return "aggregate";
    case Op::kJoin:
      return "join";
    case Op::kLimit:
      return "limit";
    case Op::kWrite:
      return "write";
    case Op::kMerge:
      return "merge";
    case Op::kCollect:
      return "collect";
  }
  return "";
}

/// Puts a fragment that may merge behind each whose partitions are read, or behind none.
void AddMerges(ModelQuery& query, RandomSource& random) {
  auto& plan = query.execution.plan;
  plan.limits.merge_min_requests = 1 + random.Below(4);
  // As wide as it gets.
  plan.limits.scan_task_floor_bytes = plan.limits.scan_task_target_min_bytes = 1;
  plan.limits.hash_task_floor_bytes = plan.limits.hash_task_target_bytes = 1;
  std::map<uint32_t, uint32_t> merges;
  for (size_t reader = 0; reader < plan.fragments.size(); reader++) {
    for (size_t i = 0; i < plan.fragments[reader].inputs.size(); i++) {
      const uint32_t producer = plan.fragments[reader].inputs[i].producer.value;
      if (plan.fragments[reader].inputs[i].mode != scheduler::InputMode::kPartitioned) continue;
      if (plan.fragments[producer].row_limit || plan.fragments[reader].merges) continue;
      const auto id = static_cast<uint32_t>(plan.fragments.size());
      const auto [entry, fresh] = merges.emplace(producer, id);
      plan.fragments[reader].inputs[i].producer.value = entry->second;
      if (!fresh) continue;
      scheduler::FragmentPlan merge;
      merge.id = {id};
      merge.distribution = scheduler::Distribution::kHash;
      merge.inputs = {{{producer}, scheduler::InputMode::kPartitioned}};
      merge.output_partitions = plan.fragments[producer].output_partitions;
      merge.merges = true;
      plan.fragments.push_back(merge);
      ModelFragment model = query.fragments[producer];
      model = {id, Op::kMerge, model.keys, 1, 0, 0, 0, 500 + random.Below(50'000)};
      query.fragments.push_back(model);
      auto& part = query.execution.fragments[{id}];
      part.plan = model.Serialize();
      part.output_partitions = merge.output_partitions;
      part.input_ids = {10};
    }
  }
}

}  // namespace

uint32_t ModelQuery::attempts_allowed() const {
  const auto& limits = execution.plan.limits;
  switch (execution.plan.retry_policy) {
    case scheduler::RetryPolicy::kNone:
      return 1;
    case scheduler::RetryPolicy::kQuery:
      return 1 + limits.query_retry_attempts;
    case scheduler::RetryPolicy::kTask:
      return 1 + limits.task_retry_attempts;
    case scheduler::RetryPolicy::kAuto:
      break;
  }
  return 2 + limits.task_retry_attempts;
}

std::string ModelQuery::Describe() const {
  std::string text = id.value;
  for (const ModelFragment& fragment : fragments) {
    const auto& plan = execution.plan.fragments[fragment.fragment];
    text += fmt::format(" {}:{}", fragment.fragment, OpName(fragment.op));
    const auto& scans = execution.fragments.at(plan.id).scans;
    if (!scans.empty()) text += fmt::format(" {} splits", scans.begin()->second.size());
    for (size_t i = 0; i < plan.inputs.size(); i++) {
      text += fmt::format("{}{}", i == 0 ? "<-" : ",", plan.inputs[i].producer.value);
    }
  }
  const auto& limits = execution.plan.limits;
  const bool whole = execution.plan.retry_policy == scheduler::RetryPolicy::kQuery;
  return fmt::format("{}; {} rows, {}, {} retries{}{}{}", text, expected.size(),
                     PolicyName(execution.plan.retry_policy),
                     whole ? limits.query_retry_attempts : limits.task_retry_attempts,
                     limits.early_reading ? ", reads early" : "", writes ? ", writes" : "",
                     poisoned ? ", has a user error" : "");
}

void ChoosePolicy(ModelQuery& query, RandomSource& random) {
  using scheduler::RetryPolicy;
  constexpr RetryPolicy kPolicies[] = {RetryPolicy::kTask, RetryPolicy::kTask,  RetryPolicy::kTask,
                                       RetryPolicy::kNone, RetryPolicy::kQuery, RetryPolicy::kAuto};
  auto& plan = query.execution.plan;
  plan.retry_policy = kPolicies[random.Below(std::size(kPolicies))];
  plan.limits.query_retry_attempts = static_cast<uint32_t>(random.Below(5));
  plan.limits.auto_durable_after = std::chrono::milliseconds(50 + random.Below(4000));
  if (plan.retry_policy == RetryPolicy::kTask && random.Below(2) == 0) AddMerges(query, random);
}

void SetPolicy(ModelQuery& query, scheduler::RetryPolicy policy) {
  auto& plan = query.execution.plan;
  plan.retry_policy = policy;
  if (policy == scheduler::RetryPolicy::kTask) return;
  // They are the last ones.
  for (; plan.fragments.back().merges; plan.fragments.pop_back(), query.fragments.pop_back()) {
    const scheduler::FragmentPlan& merge = plan.fragments.back();
    for (scheduler::FragmentPlan& fragment : plan.fragments) {
      for (scheduler::FragmentInput& input : fragment.inputs) {
        if (input.producer == merge.id) input.producer = merge.inputs.front().producer;
      }
    }
    query.execution.fragments.erase(merge.id);
  }
}

ModelQuery MakeQuery(uint32_t number, RandomSource& random) { return QueryMaker(number, random).Make(); }

}  // namespace planaria::sim
