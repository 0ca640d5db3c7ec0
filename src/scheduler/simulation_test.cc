// A small world around the real scheduler, from a seed: random plans, nodes that come, drain, restart and
// die, tasks that fail, finish late or twice, outputs that get lost. What must hold is checked at every
// command.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "scheduler/scheduler.h"

namespace planaria::scheduler {
namespace {

using std::chrono::milliseconds;

class World {
 public:
  explicit World(uint32_t seed) : random_(seed) {}

  void Run() {
    calm_ = Chance(10);
    for (int i = 0; i < 3; ++i) JoinNode(i);
    if (Chance(90)) Tell(NodeJoined{{"coordinator"}, "1", Number(0, 2), 0, true});
    const uint32_t queries = Number(1, 4);
    for (uint32_t i = 0; i < queries; ++i) Submit("q" + std::to_string(i));
    for (int step = 0; step < 4000 && !AllEnded(); ++step) Step();
    // From here the world is kind: no new faults, every node is there; then every query has to end.
    calm_ = true;
    for (int i = 0; i < 3; ++i) JoinNode(i);
    Tell(NodeJoined{{"coordinator"}, "1", 1, 0, true});
    for (int step = 0; step < 20000 && !AllEnded(); ++step) Step();
    EXPECT_TRUE(AllEnded()) << Describe();
    for (const auto& [id, query] : queries_) Tell(ForgetQuery{{id}});
    for (const auto& [id, query] : queries_) EXPECT_TRUE(scheduler_->Stages({id}).empty());
  }
  uint32_t finished() const { return finished_; }
  uint32_t failed() const { return failed_; }
  uint32_t broadcasts() const { return broadcasts_; }
  uint32_t shuffles() const { return shuffles_; }
  uint32_t merged() const { return merged_; }
  uint32_t unmerged() const { return unmerged_; }
  uint32_t read_before_their_end() const { return read_before_their_end_; }

 private:
  static std::unique_ptr<Scheduler> NewScheduler() {
    return std::make_unique<Scheduler>(SchedulerOptions{std::chrono::seconds(30)});
  }

  struct NodeState {
    bool alive = false;
    bool draining = false;
    uint32_t instance = 0;
    uint32_t slots = 0;
  };
  struct QueryModel {
    QueryPlan plan;
    bool ended = false;
    bool streams = false;
    bool result_taken = false;
    uint32_t runs = 0;
    uint32_t handed_back = 0;
    uint32_t copies = 0;
    /// What a journal would know.
    std::vector<Event> cuts_and_choices;
    std::map<uint32_t, bool> chosen;
    std::map<FragmentId, bool> merges;
    std::vector<SplitsAdded> splits;
    std::vector<OutputRestored> outputs;
    std::vector<AttemptRestored> attempts;
    uint32_t first_attempt = 0;
    std::map<FragmentId, uint32_t> open_scans;
    std::map<FragmentId, uint32_t> next_split;
    /// By fragment: splits or hash partitions given to each partition, to be the same in every attempt.
    std::map<std::pair<FragmentId, PartitionId>, std::string> work;
    std::map<FragmentId, std::multiset<uint32_t>> covered;
    void Uncover(FragmentId fragment, uint32_t unit) {
      auto& units = covered[fragment];
      ASSERT_TRUE(units.contains(unit));
      units.erase(units.find(unit));
    }
  };

  uint32_t Number(uint32_t low, uint32_t high) { return std::uniform_int_distribution<>(low, high)(random_); }
  bool Chance(uint32_t percent) { return Number(0, 99) < percent; }
  bool AllEnded() const {
    return std::all_of(queries_.begin(), queries_.end(),
                       [](const auto& entry) { return entry.second.ended; });
  }

  /// What the queries that have not ended wait for.
  std::string Describe() {
    std::string text;
    for (const auto& [id, query] : queries_) {
      if (query.ended) continue;
      text += id + (query.streams ? " streams\n" : "\n");
      for (const StageStatus& stage : scheduler_->Stages({id})) {
        text += "  stage " + std::to_string(stage.fragment.value) + " " +
                std::string(StageStateName(stage.state)) + " tasks " + std::to_string(stage.total_tasks) +
                " queued " + std::to_string(stage.queued_tasks) + " running " +
                std::to_string(stage.running_tasks) + "\n";
      }
      scheduler_->VisitAttempts({id}, [&](const AttemptStatus& attempt) {
        text += "  " + attempt.task.ToString() + " " + std::string(AttemptStateName(attempt.state)) + " on " +
                attempt.node.value + "\n";
      });
    }
    return text;
  }

  void JoinNode(int i) {
    const std::string id = "n" + std::to_string(i);
    NodeState& node = nodes_[id];
    if (!node.alive) {
      node.alive = true;
      ++node.instance;
      node.slots = Number(1, 3);
    }
    node.draining = false;
    Tell(NodeJoined{{id}, std::to_string(node.instance), node.slots, Number(0, 1) * 100, false});
  }

  void Submit(const std::string& id) {
    QueryModel& query = queries_[id];
    QueryPlan& plan = query.plan;
    plan.retry_policy = Chance(50) ? RetryPolicy::kTask : static_cast<RetryPolicy>(Number(0, 3));
    plan.limits.auto_durable_after = std::chrono::seconds(Number(1, 20));
    plan.outputs_die_with_node = Chance(30);
    plan.limits.early_reading = Chance(50);
    plan.limits.scan_task_floor_bytes = 1;
    plan.limits.hash_task_floor_bytes = Number(1, 2000);
    plan.limits.standard_split_bytes = 100;
    plan.limits.scan_task_target_min_bytes = Number(100, 500);
    const uint32_t count = Number(1, 7);
    const uint32_t width = Number(1, 6);
    for (uint32_t i = 0; i < count; ++i) {
      FragmentPlan& fragment = plan.fragments.emplace_back();
      fragment.id = {i};
      fragment.output_partitions = i == 0 ? 1 : width;
      fragment.memory_bytes = Number(0, 2) * 40;
      fragment.writes = Chance(10);
      if (Chance(15)) fragment.row_limit = Number(1, 30);
      bool partitioned = false;
      for (uint32_t producer = i + 1; producer < count; ++producer) {
        if (producer != i + 1 && !Chance(30)) continue;
        const InputMode mode = static_cast<InputMode>(Number(0, 2));
        partitioned |= mode == InputMode::kPartitioned;
        fragment.inputs.push_back({{producer}, mode});
      }
      if (i == 0 && Chance(50)) {
        fragment.distribution = Distribution::kCoordinator;
      } else if (partitioned) {
        fragment.distribution = Distribution::kHash;
      } else {
        fragment.distribution = Chance(70) ? Distribution::kSource : Distribution::kSingle;
        for (uint32_t scan = Number(0, 2); scan > 0; --scan) fragment.scans.push_back(100 + scan);
      }
      query.open_scans[fragment.id] = static_cast<uint32_t>(fragment.scans.size());
    }
    if (plan.retry_policy == RetryPolicy::kTask && Chance(50)) AddChoices(query, width);
    if (plan.retry_policy == RetryPolicy::kTask && Chance(50)) AddMerges(query);
    EXPECT_FALSE(FindPlanFault(plan));
    const QueryPlan copy = plan;
    Tell(SubmitQuery{{id}, copy});
    if (Chance(10)) Tell(SubmitQuery{{id}, copy});
  }

  /// Puts joins, each by one of two plans, below fragments of the plan or on top of it. A join may decide
  /// about the next one.
  void AddChoices(QueryModel& query, uint32_t width) {
    QueryPlan& plan = query.plan;
    const uint32_t readers = static_cast<uint32_t>(plan.fragments.size());
    std::optional<FragmentId> last_join;
    for (uint32_t joins = Number(1, 3); joins > 0; --joins) {
      const auto add = [&](Distribution distribution, std::vector<FragmentInput> inputs) {
        FragmentPlan& fragment = plan.fragments.emplace_back();
        fragment.id = {static_cast<uint32_t>(plan.fragments.size() - 1)};
        fragment.distribution = distribution;
        fragment.inputs = std::move(inputs);
        fragment.output_partitions = width;
        if (distribution == Distribution::kSource) fragment.scans.push_back(101);
        query.open_scans[fragment.id] = static_cast<uint32_t>(fragment.scans.size());
        return fragment.id;
      };
      JoinChoice choice;
      const bool on_top = joins == 1 && Chance(20);
      if (on_top) {
        choice.decider = plan.root;
        plan.fragments[plan.root.value].output_partitions = width;
      } else {
        choice.decider = last_join && Chance(50) ? *last_join : add(Distribution::kSource, {});
      }
      choice.max_broadcast_bytes = Number(0, 9000);
      choice.shuffle_may_start = Chance(60);
      choice.broadcast = add(Distribution::kSource, {{choice.decider, InputMode::kGather}});
      choice.shuffle = add(Distribution::kSource, {});
      choice.partitioned = add(Distribution::kHash, {{choice.shuffle, InputMode::kPartitioned},
                                                     {choice.decider, InputMode::kPartitioned}});
      plan.choices.push_back(choice);
      last_join = choice.partitioned;
      if (on_top) {
        plan.root = choice.partitioned;
      } else {
        plan.fragments[Number(0, readers - 1)].inputs.push_back({choice.partitioned, InputMode::kGather});
      }
    }
  }

  /// Puts fragments that may merge in front of some that read partitions.
  void AddMerges(QueryModel& query) {
    QueryPlan& plan = query.plan;
    plan.limits.merge_min_requests = Number(1, 5);
    std::set<FragmentId> taken;
    for (const JoinChoice& choice : plan.choices)
      taken.insert({choice.decider, choice.broadcast, choice.shuffle, choice.partitioned});
    for (size_t reader = 0; reader < plan.fragments.size(); ++reader) {
      for (size_t i = 0; i < plan.fragments[reader].inputs.size(); ++i) {
        const FragmentInput input = plan.fragments[reader].inputs[i];
        const FragmentPlan& producer = plan.fragments[input.producer.value];
        if (producer.merges || producer.row_limit || !Chance(60) || !taken.insert(producer.id).second)
          continue;
        FragmentPlan merge;
        merge.id = {static_cast<uint32_t>(plan.fragments.size())};
        merge.distribution = Distribution::kHash;
        merge.inputs = {{producer.id, InputMode::kPartitioned}};
        merge.output_partitions = producer.output_partitions;
        merge.merges = true;
        plan.fragments[reader].inputs[i].producer = merge.id;
        plan.fragments.push_back(merge);
      }
    }
  }

  void AddSplits(const std::string& id, QueryModel& query) {
    for (auto& [fragment, open] : query.open_scans) {
      if (open == 0 || !Chance(50)) continue;
      const uint32_t scan = query.plan.fragments[fragment.value].scans[open - 1];
      SplitsAdded event{{id}, fragment, scan, {}, Chance(40)};
      for (uint32_t i = Number(0, 8); i > 0; --i) {
        event.splits.push_back({query.next_split[fragment]++, Number(0, 300)});
      }
      if (event.last) --open;
      query.splits.push_back(event);
      Tell(event);
      if (event.last && Chance(10)) {
        event.splits.clear();
        Tell(event);
      }
      return;
    }
  }

  void Step() {
    now_ += milliseconds(Number(0, calm_ ? 5000 : 400));
    for (auto& [id, query] : queries_) {
      if (!query.ended && (calm_ || Chance(50))) AddSplits(id, query);
    }
    if (!running_.empty() && Chance(30)) OfferSomeOutput();
    if (!running_.empty()) EndSomeTask();
    if (!calm_ && Chance(4)) DisturbNodes();
    if (Chance(3)) TakeSomeResult();
    if (!calm_ && restarts_ < 2 && Number(0, 999) < 2) RestartCoordinator();
    if (!calm_ && Chance(10) && !history_.empty()) Tell(history_[Number(0, history_.size() - 1)]);
    const auto wakeup = scheduler_->NextWakeup();
    if (wakeup && *wakeup <= now_) {
      Tell(Tick{});
      const auto next = scheduler_->NextWakeup();
      EXPECT_TRUE(!next || *next > now_);
    }
  }

  void TakeSomeResult() {
    for (auto& [id, query] : queries_) {
      if (query.ended || !query.streams || query.result_taken || !Chance(30)) continue;
      // Held rows are not given out.
      if (query.plan.retry_policy == RetryPolicy::kQuery && query.runs < 5) continue;
      query.result_taken = true;
      Tell(ResultTaken{{id}});
    }
  }

  static bool Durable(const QueryModel& query) {
    return query.plan.retry_policy == RetryPolicy::kTask || query.first_attempt > 0;
  }

  /// The coordinator dies and another one reads its journal. What streamed is lost, and what ran on its own
  /// node.
  void RestartCoordinator() {
    ++restarts_;
    scheduler_ = NewScheduler();
    for (auto& [id, query] : queries_) {
      if (!query.ended && !Durable(query)) {
        query.ended = true;
        ++failed_;
      }
    }
    std::erase_if(running_, [&](const auto& entry) {
      const auto& [task, start] = entry;
      const bool gone = queries_.at(task.query.value).ended || start.node.value == "coordinator" ||
                        began_early_.contains(task) || !Alive(start) || Chance(20);
      if (gone) cancelled_.insert(task);
      return gone;
    });
    for (auto& [id, query] : queries_) {
      if (!query.ended) Restore(id, query);
    }
    for (auto& [id, node] : nodes_) {
      if (!node.alive) continue;
      node.draining = false;
      Tell(NodeJoined{{id}, std::to_string(node.instance), node.slots, 0, false});
      for (const auto& [task, start] : std::map(running_)) {
        if (start.node.value == id) Tell(TaskAdopted{task, {id}});
      }
    }
    Tell(NodeJoined{{"coordinator"}, "restarted", 1, 0, true});
  }

  void Restore(const std::string& id, QueryModel& query) {
    QueryPlan plan = query.plan;
    plan.retry_policy = RetryPolicy::kTask;
    plan.first_attempt = std::max(query.first_attempt, restarts_ * 1000);
    Tell(SubmitQuery{{id}, plan});
    for (const Event& event : std::vector(query.cuts_and_choices)) Tell(event);
    for (const SplitsAdded& splits : query.splits) Tell(splits);
    for (const OutputRestored& output : query.outputs) Tell(output);
    for (const AttemptRestored& attempt : std::vector(query.attempts)) Tell(attempt);
  }

  void DisturbNodes() {
    const int i = static_cast<int>(Number(0, 2));
    const std::string id = "n" + std::to_string(i);
    NodeState& node = nodes_[id];
    const uint32_t what = Number(0, 9);
    if (what < 5 && node.alive) {
      node.alive = false;
      Tell(NodeLost{{id}, Error{errors::REMOTE_HOST_GONE, "killed", {}, {}}, std::to_string(node.instance)});
    } else if (what < 6 && node.alive) {
      node.draining = true;
      Tell(NodeDraining{{id}});
    } else if (what < 7 && node.alive) {
      node.alive = false;
      JoinNode(i);
      Tell(NodeLost{{id}, Error{}, std::to_string(node.instance - 1)});
    } else {
      JoinNode(i);
    }
  }

  TaskOutput RandomOutput(const StartTask& start) {
    const FragmentPlan& fragment =
        queries_.at(start.task.query.value).plan.fragments[start.task.fragment.value];
    TaskOutput output;
    for (uint32_t i = Number(0, fragment.output_partitions); i > 0; --i)
      output.partitions.push_back({Number(0, 2000), Number(0, 9)});
    return output;
  }

  void OfferSomeOutput() {
    const StartTask start = std::next(running_.begin(), Number(0, running_.size() - 1))->second;
    if (!Complete(start) || !Alive(start) || start.readers) return;
    const auto [offer, fresh] = offered_.emplace(start.task, RandomOutput(start));
    Tell(OutputOffered{start.task, offer->second});
  }

  void EndSomeTask() {
    auto position = std::next(running_.begin(), Number(0, running_.size() - 1));
    const StartTask start = position->second;
    if (!Complete(start) && Alive(start) && (calm_ || Chance(80))) return;
    running_.erase(position);
    Event event = Tick{};
    if (Complete(start) && (calm_ || Chance(80))) {
      const auto offer = offered_.find(start.task);
      event = TaskFinished{start.task, offer == offered_.end() ? RandomOutput(start) : offer->second};
    } else {
      TaskFailed failed{start.task, Error{RandomCode(), "simulated", {}, {}}};
      if (failed.error.code == errors::SERVER_SHUTTING_DOWN) {
        ++queries_.at(start.task.query.value).handed_back;
      }
      if (Chance(50) && !start.inputs.empty() && !start.readers) {
        const TaskInput& input = start.inputs[Number(0, start.inputs.size() - 1)];
        const CommittedOutput& output = (*input.outputs)[Number(0, input.outputs->size() - 1)];
        failed.lost_producer = TaskId{start.task.query, input.producer, output.partition, output.attempt};
      }
      event = failed;
    }
    history_.push_back(event);
    Tell(event);
    if (!calm_ && Chance(5)) Tell(event);
  }

  ErrorCode RandomCode() {
    const ErrorCode codes[] = {errors::GENERIC_INTERNAL_ERROR,      errors::REMOTE_HOST_GONE,
                               errors::CLUSTER_OUT_OF_MEMORY,       errors::PAGE_TRANSPORT_ERROR,
                               errors::EXCEEDED_LOCAL_MEMORY_LIMIT, errors::SERVER_SHUTTING_DOWN};
    return Chance(2) ? errors::DIVISION_BY_ZERO : codes[Number(0, 5)];
  }

  void Tell(const Event& event) {
    if (const auto* finished = std::get_if<TaskFinished>(&event)) {
      reported_.insert(finished->task);
      QueryModel& query = queries_.at(finished->task.query.value);
      const auto node = started_at_.find(finished->task);
      if (Durable(query) && finished->task.attempt.value >= query.first_attempt) {
        query.outputs.push_back({finished->task, node->second, finished->output});
      }
    }
    for (const Command& command : scheduler_->Handle(event, now_)) {
      std::visit([this](const auto& alternative) { Check(alternative); }, command);
    }
    for (const std::string& id : std::exchange(new_runs_, {})) {
      QueryModel& query = queries_.at(id);
      if (query.ended) continue;
      for (const FragmentPlan& fragment : query.plan.fragments) CheckCoverage(fragment, query);
    }
  }

  void Check(const StartTask& start) {
    QueryModel& query = queries_.at(start.task.query.value);
    EXPECT_FALSE(query.ended) << start.task.ToString();
    EXPECT_FALSE(MustNotRun(query, start.task.fragment)) << start.task.ToString();
    EXPECT_TRUE(seen_.insert(start.task).second) << start.task.ToString() << " starts twice";
    if (start.node.value != "coordinator") {
      const NodeState& node = nodes_.at(start.node.value);
      EXPECT_TRUE(node.alive && !node.draining) << start.task.ToString() << " on " << start.node.value;
    }
    uint32_t others = 0;
    for (auto& [task, other] : running_) {
      const bool same = task.query == start.task.query && task.fragment == start.task.fragment &&
                        task.partition == start.task.partition;
      if (!same || !Alive(other)) continue;
      ++others;
      EXPECT_NE(other.node, start.node)
          << other.task.ToString() << " and its copy " << start.task.ToString() << "\n"
          << restarts_ << " restarts\n"
          << Describe();
    }
    EXPECT_LE(others, 1u) << "more than one copy of " << start.task.ToString();
    query.copies += others;
    CheckWork(start, query);
    started_at_[start.task] = start.node;
    if (!Complete(start)) began_early_.insert(start.task);
    if (Durable(query)) query.attempts.push_back({start.task, start.node, Complete(start)});
    running_.emplace(start.task, start);
  }

  bool Alive(const StartTask& start) {
    if (cancelled_.contains(start.task)) return false;
    if (start.node.value == "coordinator") return true;
    return nodes_.at(start.node.value).alive &&
           started_on_[start.task] == nodes_.at(start.node.value).instance;
  }

  void CheckWork(const StartTask& start, QueryModel& query) {
    if (start.node.value != "coordinator") started_on_[start.task] = nodes_.at(start.node.value).instance;
    std::string work;
    std::vector<uint32_t> units;
    for (const ScanSplits& scan : start.splits) {
      for (const uint32_t split : scan.splits) units.push_back(split);
    }
    const FragmentPlan& fragment = query.plan.fragments[start.task.fragment.value];
    ASSERT_EQ(start.inputs.size(), fragment.inputs.size());
    for (size_t i = 0; i < start.inputs.size(); ++i) {
      const TaskInput& input = start.inputs[i];
      EXPECT_EQ(input.producer, Chosen(query, fragment.inputs[i].producer));
      EXPECT_EQ(input.streams != nullptr, query.streams);
      EXPECT_EQ(input.outputs == nullptr, query.streams);
      if (input.mode == InputMode::kPartitioned && fragment.distribution == Distribution::kHash) {
        units = input.partitions;
      }
      if (query.streams) continue;
      if (fragment.merges) {
        EXPECT_EQ(units.size(), fragment.output_partitions);
        units.clear();
        for (const CommittedOutput& output : *input.outputs) units.push_back(output.partition.value);
      }
      EXPECT_FALSE(input.outputs->empty());
      EXPECT_TRUE(input.complete || query.plan.limits.early_reading);
      for (uint32_t p = 0; p < input.outputs->size(); ++p) {
        const CommittedOutput& output = (*input.outputs)[p];
        EXPECT_TRUE(p == 0 || (*input.outputs)[p - 1].partition < output.partition);
        const TaskId producer{start.task.query, input.producer, output.partition, output.attempt};
        const bool offered = !input.complete && offered_.contains(producer);
        EXPECT_TRUE(offered || reported_.contains(producer)) << producer.ToString() << " never finished";
        read_before_their_end_ += !reported_.contains(producer);
      }
    }
    for (const uint32_t unit : units) work += std::to_string(unit) + " ";
    const auto [entry, fresh] =
        query.work.emplace(std::pair{start.task.fragment, start.task.partition}, work);
    EXPECT_EQ(entry->second, work) << "another attempt got other work";
    if (fresh) query.covered[start.task.fragment].insert(units.begin(), units.end());
  }

  void Check(const AddInputs& more) {
    EXPECT_TRUE(queries_.at(more.task.query.value).plan.limits.early_reading);
    EXPECT_TRUE(seen_.contains(more.task));
    EXPECT_FALSE(cancelled_.contains(more.task));
    const auto running = running_.find(more.task);
    if (running == running_.end()) return;
    const FragmentId producer = Chosen(queries_.at(more.task.query.value), more.producer);
    for (TaskInput& input : running->second.inputs) {
      if (input.producer != producer) continue;
      EXPECT_FALSE(input.complete) << "more after the end";
      auto outputs = std::make_shared<std::vector<CommittedOutput>>(*input.outputs);
      for (const CommittedOutput& output : *more.outputs) {
        for (const CommittedOutput& known : *outputs) {
          EXPECT_NE(known.partition, output.partition) << "two attempts of one partition";
        }
        const TaskId made{more.task.query, producer, output.partition, output.attempt};
        EXPECT_TRUE(reported_.contains(made) || offered_.contains(made));
        read_before_their_end_ += !reported_.contains(made);
        outputs->push_back(output);
      }
      if (more.total) {
        EXPECT_EQ(*more.total, outputs->size());
      }
      input.outputs = std::move(outputs);
      input.complete = more.total.has_value();
      for (const CommittedOutput& output : *input.outputs) {
        const TaskId made{more.task.query, producer, output.partition, output.attempt};
        EXPECT_TRUE(!input.complete || reported_.contains(made)) << made.ToString() << " is not stored";
      }
    }
  }

  /// It cannot finish before it has all its inputs.
  static bool Complete(const StartTask& start) {
    return std::all_of(start.inputs.begin(), start.inputs.end(),
                       [](const TaskInput& input) { return input.complete; });
  }
  void Check(const StageCut& cut) {
    QueryModel& query = queries_.at(cut.query.value);
    EXPECT_FALSE(query.ended);
    query.cuts_and_choices.push_back(CutRestored{cut});
    if (!cut.replaces) return;
    for (const TaskWork& task : cut.tasks) {
      for (const ScanSplits& scan : task.splits) {
        for (const uint32_t split : scan.splits) query.Uncover(cut.fragment, split);
      }
      for (const uint32_t partition : task.reads) query.Uncover(cut.fragment, partition);
    }
  }
  void Check(const ChoiceMade& made) {
    QueryModel& query = queries_.at(made.query.value);
    EXPECT_FALSE(query.ended);
    EXPECT_TRUE(query.chosen.emplace(made.choice, made.broadcast).second) << "chosen twice";
    query.cuts_and_choices.push_back(ChoiceRestored{made});
    ++(made.broadcast ? broadcasts_ : shuffles_);
  }

  void Check(const MergeDecided& decision) {
    QueryModel& query = queries_.at(decision.query.value);
    EXPECT_FALSE(query.ended);
    EXPECT_TRUE(query.merges.emplace(decision.fragment, decision.merges).second) << "decided twice";
    query.cuts_and_choices.push_back(MergeRestored{decision});
    ++(decision.merges ? merged_ : unmerged_);
  }

  /// What a reader of `named` has to read, now that its tasks start.
  static FragmentId Chosen(const QueryModel& query, FragmentId named) {
    const FragmentPlan& plan = query.plan.fragments[named.value];
    if (plan.merges) {
      const auto decided = query.merges.find(named);
      EXPECT_NE(decided, query.merges.end()) << "read before it was decided whether it merges";
      if (decided != query.merges.end() && !decided->second) return plan.inputs.front().producer;
    }
    for (const auto& [choice, broadcast] : query.chosen) {
      if (query.plan.choices[choice].partitioned == named && broadcast)
        return query.plan.choices[choice].broadcast;
    }
    return named;
  }

  /// Whether no task of it may start any more, or none yet.
  static bool MustNotRun(const QueryModel& query, FragmentId fragment) {
    if (query.plan.fragments[fragment.value].merges) {
      const auto decided = query.merges.find(fragment);
      return decided == query.merges.end() || !decided->second;
    }
    for (uint32_t i = 0; i < query.plan.choices.size(); ++i) {
      const JoinChoice& choice = query.plan.choices[i];
      const auto made = query.chosen.find(i);
      if (fragment == choice.broadcast && (made == query.chosen.end() || !made->second)) return true;
      if (fragment == choice.partitioned && (made == query.chosen.end() || made->second)) return true;
      if (fragment == choice.shuffle && made == query.chosen.end() && !choice.shuffle_may_start) return true;
      if (fragment == choice.shuffle && made != query.chosen.end() && made->second) return true;
    }
    return false;
  }

  void Check(const BecameDurable& durable) {
    QueryModel& query = queries_.at(durable.query.value);
    EXPECT_EQ(query.plan.retry_policy, RetryPolicy::kAuto);
    EXPECT_TRUE(query.streams);
    EXPECT_FALSE(query.result_taken);
    query.streams = false;
    query.first_attempt = durable.first_attempt;
    query.work.clear();
    query.covered.clear();
  }

  void Check(const ResultStreams& result) {
    QueryModel& query = queries_.at(result.query.value);
    EXPECT_FALSE(query.ended);
    EXPECT_FALSE(query.result_taken) << "a run is repeated whose rows were given out";
    const RetryPolicy policy = query.plan.retry_policy;
    EXPECT_NE(policy, RetryPolicy::kTask);
    EXPECT_EQ(result.hold, policy == RetryPolicy::kAuto || (policy == RetryPolicy::kQuery && query.runs < 4));
    ++query.runs;
    EXPECT_LE(query.runs, policy == RetryPolicy::kQuery ? 5u : 1u);
    query.streams = true;
    query.work.clear();
    query.covered.clear();
    new_runs_.push_back(result.query.value);
  }

  void Check(const CancelTask& cancel) {
    // Unless a node adopts what a restart found to be finished.
    EXPECT_TRUE(!queries_.at(cancel.task.query.value).ended || restarts_ > 0);
    EXPECT_TRUE(seen_.contains(cancel.task));
    cancelled_.insert(cancel.task);
    // Otherwise the cancel comes too late, and the task reports its end.
    if (Chance(50)) running_.erase(cancel.task);
  }

  void Check(const QueryFinished& end) {
    QueryModel& query = queries_.at(end.query.value);
    EXPECT_FALSE(query.ended);
    query.ended = true;
    ++finished_;
    const auto commits = CheckAttempts(end.query);
    EXPECT_EQ(end.outputs == nullptr, query.streams);
    if (query.streams) return;
    for (uint32_t p = 0; p < end.outputs->size(); ++p) {
      const CommittedOutput& output = (*end.outputs)[p];
      EXPECT_EQ(commits.at({end.root, output.partition}), 1u);
      EXPECT_TRUE(reported_.contains({end.query, end.root, output.partition, output.attempt}));
    }
    for (const FragmentPlan& fragment : query.plan.fragments) {
      if (MustNotRun(query, fragment.id)) continue;
      if (fragment.merges) {
        CheckMerged(fragment, query, commits);
      } else {
        CheckCoverage(fragment, query);
      }
    }
    for (uint32_t i = 0; i < query.plan.choices.size(); ++i) EXPECT_TRUE(query.chosen.contains(i));
  }

  using Counts = std::map<std::pair<FragmentId, PartitionId>, uint32_t>;

  /// Nothing runs any more, nothing was committed twice or tried without end. Returns commits by partition.
  Counts CheckAttempts(const QueryId& id) {
    Counts commits;
    Counts attempts;
    uint32_t lost_outputs = 0;
    scheduler_->VisitAttempts(id, [&](const AttemptStatus& attempt) {
      EXPECT_NE(attempt.state, AttemptState::kRunning);
      const std::pair partition{attempt.task.fragment, attempt.task.partition};
      // Nobody is to blame for those that gave way to others.
      attempts[partition] += attempt.state != AttemptState::kCanceled;
      commits[partition] += attempt.state == AttemptState::kCommitted;
      lost_outputs += attempt.state == AttemptState::kInvalidated;
    });
    for (const auto& [partition, count] : commits) EXPECT_LE(count, 1u) << "two commits";
    // Five of its own; each lost output of the query excuses one more, and may undo a late commit.
    const uint32_t excused =
        10 * restarts_ + 2 * lost_outputs + queries_.at(id.value).handed_back + queries_.at(id.value).copies;
    for (const auto& [partition, count] : attempts) EXPECT_LE(count, 6 + excused);
    return commits;
  }

  /// Every split, and every hash partition, in exactly one task.
  void CheckCoverage(const FragmentPlan& fragment, QueryModel& query) {
    uint32_t expected = query.next_split[fragment.id];
    if (fragment.distribution == Distribution::kHash) {
      expected = query.plan.fragments.back().output_partitions;
    }
    const auto& covered = query.covered[fragment.id];
    // Enough rows without all tasks.
    if (fragment.row_limit && !query.streams) return;
    EXPECT_EQ(covered.size(), expected);
    EXPECT_EQ(std::set<uint32_t>(covered.begin(), covered.end()).size(), expected);
  }

  /// Every output of the producer, in exactly one task.
  static void CheckMerged(const FragmentPlan& merge, const QueryModel& query, const Counts& commits) {
    const auto found = query.covered.find(merge.id);
    if (found == query.covered.end()) return;
    std::multiset<uint32_t> outputs;
    for (const auto& [partition, count] : commits) {
      if (partition.first == merge.inputs.front().producer && count > 0)
        outputs.insert(partition.second.value);
    }
    EXPECT_EQ(found->second, outputs);
  }

  void Check(const QueryFailed& end) {
    QueryModel& query = queries_.at(end.query.value);
    EXPECT_FALSE(query.ended);
    query.ended = true;
    ++failed_;
    EXPECT_LE(end.error.suppressed.size(), 5u);
    CheckAttempts(end.query);
  }

  void Check(const DeleteExchange& end) { EXPECT_TRUE(queries_.at(end.query.value).ended); }

  std::mt19937 random_;
  std::unique_ptr<Scheduler> scheduler_ = NewScheduler();
  TimePoint now_{};
  bool calm_ = false;
  uint32_t restarts_ = 0;
  uint32_t finished_ = 0;
  uint32_t failed_ = 0;
  uint32_t broadcasts_ = 0;
  uint32_t shuffles_ = 0;
  uint32_t merged_ = 0;
  uint32_t unmerged_ = 0;
  std::map<std::string, NodeState> nodes_;
  std::map<std::string, QueryModel> queries_;
  std::map<TaskId, StartTask> running_;
  std::map<TaskId, uint32_t> started_on_;
  std::map<TaskId, NodeId> started_at_;
  std::set<TaskId> began_early_;
  std::set<TaskId> seen_;
  std::set<TaskId> cancelled_;
  std::set<TaskId> reported_;
  std::map<TaskId, TaskOutput> offered_;
  uint32_t read_before_their_end_ = 0;
  std::vector<Event> history_;
  /// Queries that began a streaming run in this call.
  std::vector<std::string> new_runs_;
};

TEST(SchedulerSimulation, EveryQueryEndsAndReadsEachPartitionOnce) {
  uint32_t finished = 0;
  uint32_t failed = 0;
  uint32_t broadcasts = 0;
  uint32_t shuffles = 0;
  uint32_t merged = 0;
  uint32_t unmerged = 0;
  uint32_t read_before_their_end = 0;
  for (uint32_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.Run();
    finished += world.finished();
    failed += world.failed();
    broadcasts += world.broadcasts();
    shuffles += world.shuffles();
    merged += world.merged();
    unmerged += world.unmerged();
    read_before_their_end += world.read_before_their_end();
    if (testing::Test::HasFailure()) return;
  }
  // Both ends have to be common, or the worlds are too kind or too cruel to show anything.
  EXPECT_GT(finished, 1000u);
  EXPECT_GT(failed, 200u);
  EXPECT_GT(broadcasts, 500u);
  EXPECT_GT(shuffles, 500u);
  EXPECT_GT(merged, 100u);
  EXPECT_GT(unmerged, 500u);
  EXPECT_GT(read_before_their_end, 500u);
}

}  // namespace
}  // namespace planaria::scheduler
