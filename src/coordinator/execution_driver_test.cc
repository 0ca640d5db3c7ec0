// The driver over an executor that the test steps and nodes that the test plays.
#include "coordinator/execution_driver.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <map>

#include "exchange/manifest.h"

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;

class ManualExecutor final : public Executor, public Clock {
 public:
  void Post(std::function<void()> fn) override { queue_.push_back(std::move(fn)); }
  TimerHandle RunAfter(Duration delay, std::function<void()> fn) override {
    timers_.emplace(now_ + delay, std::move(fn));
    return {};
  }
  Duration Now() const override { return now_; }
  std::chrono::system_clock::time_point WallTime() const override { return {}; }

  void Run() {
    for (; !queue_.empty(); queue_.pop_front()) queue_.front()();
  }
  void Advance(Duration by) {
    now_ += by;
    while (!timers_.empty() && timers_.begin()->first <= now_) {
      auto timer = timers_.extract(timers_.begin());
      timer.mapped()();
      Run();
    }
  }

 private:
  Duration now_ = 1s;
  std::deque<std::function<void()>> queue_;
  std::multimap<Duration, std::function<void()>> timers_;
};

struct Started {
  NodeId node;
  protocol::TaskDescriptor descriptor;
  std::function<void(Error)> failed;
};

class ExecutionDriverTest : public testing::Test, public TaskClient, public ExecutionListener {
 protected:
  void Start(const NodeId& node, protocol::TaskDescriptor descriptor,
             std::function<void(Error)> failed) override {
    started.push_back({node, std::move(descriptor), std::move(failed)});
  }
  void AddInputs(const NodeId&, protocol::AddInputsMessage message, std::function<void(Error)>) override {
    added.push_back(std::move(message));
  }
  void ResultStreams(const QueryId&, std::vector<protocol::StreamSourceMessage> sources, bool hold) override {
    streams = std::move(sources);
    held = hold;
  }
  void StreamFinished(const QueryId&) override { stream_finished++; }
  void Cancel(const NodeId&, const TaskId& task) override { cancelled.push_back(task); }
  void DeleteOutputs(const QueryId&) override { deleted++; }
  void TaskStarted(const TaskId&, const NodeId&) override { tasks_started++; }
  void TaskEnded(const TaskId&, const protocol::TaskStats&) override { tasks_ended++; }
  void StageWasCut(const scheduler::StageCut& cut) override { cuts.push_back(cut); }
  void ChoiceWasMade(const scheduler::ChoiceMade& choice) override { choices.push_back(choice); }
  void MergeWasDecided(const scheduler::MergeDecided&) override { merges_decided++; }
  void QueryFinished(const QueryId&, std::vector<ResultOutput> outputs) override {
    finished = std::move(outputs);
  }
  void QueryFailed(const QueryId&, const Error& error) override { failure = error; }

  /// Two splits feed one task that gathers.
  std::shared_ptr<const Execution> TwoStages() {
    Execution execution;
    scheduler::FragmentPlan scan;
    scan.distribution = scheduler::Distribution::kSource;
    scan.scans = {7};
    scheduler::FragmentPlan root;
    root.id = {1};
    root.distribution = scheduler::Distribution::kSingle;
    root.inputs = {{{0}, scheduler::InputMode::kGather}};
    execution.plan.fragments = {scan, root};
    execution.plan.root = {1};
    execution.fragments[{0}].plan = "scan";
    execution.fragments[{0}].scans[7] = {{"a", 1, 512 << 20}, {"b", 1, 512 << 20}};
    execution.fragments[{1}].plan = "root";
    execution.fragments[{1}].input_ids = {5};
    return std::make_shared<const Execution>(std::move(execution));
  }
  void Join() {
    driver.NodeJoined({.node = {"one"}, .instance = "1", .slots = 4});
    driver.NodeJoined({.node = {"two"}, .instance = "1", .slots = 4});
  }
  void Finish(const TaskId& task) {
    protocol::TaskReport report;
    report.task = task;
    report.state = protocol::TaskState::kFinished;
    report.manifest = exchange::Manifest::OfObject(task, "", 1, {}).Serialize();
    driver.Report(report);
    executor.Run();
  }

  ManualExecutor executor;
  std::deque<Started> started;
  std::vector<TaskId> cancelled;
  std::vector<protocol::AddInputsMessage> added;
  std::vector<protocol::StreamSourceMessage> streams;
  bool held = false;
  int stream_finished = 0;
  std::vector<scheduler::StageCut> cuts;
  std::vector<scheduler::ChoiceMade> choices;
  int merges_decided = 0;
  int deleted = 0, tasks_started = 0, tasks_ended = 0;
  std::optional<std::vector<ResultOutput>> finished;
  std::optional<Error> failure;
  const QueryId query{"q"};
  const std::string directory = testing::TempDir() + "descriptors";
  /// Everything goes to files.
  DescriptorStorage storage{
      {.directory = directory, .high_water_bytes = 0, .low_water_bytes = 0, .give_up = {}}};
  ExecutionDriver driver{{.executor = &executor,
                          .clock = &executor,
                          .tasks = this,
                          .listener = this,
                          .storage = &storage,
                          .options = {}}};
};

TEST_F(ExecutionDriverTest, ReadersGetOfAManifestWhatTheirPartitionsNeed) {
  Execution execution = *TwoStages();
  execution.plan.limits.hash_task_floor_bytes = 1;
  execution.plan.fragments[0].output_partitions = execution.fragments[{0}].output_partitions = 2;
  execution.plan.fragments[1].distribution = scheduler::Distribution::kHash;
  execution.plan.fragments[1].inputs[0].mode = scheduler::InputMode::kPartitioned;
  auto payloads = std::make_shared<SplitPayloads>(storage, query);
  for (const char* payload : {"first", "second"}) payloads->Add(payload);
  payloads->Close();
  execution.fragments[{0}].payloads[7] = std::move(payloads);
  Join();
  driver.Submit(query, std::make_shared<const Execution>(std::move(execution)));
  executor.Run();
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[0].descriptor.scans.at(7).at(0).payload, "first");
  EXPECT_EQ(started[1].descriptor.scans.at(7).at(0).payload, "second");
  for (size_t i : {0, 1}) {
    protocol::TaskReport report;
    report.task = started[i].descriptor.task;
    report.state = protocol::TaskState::kFinished;
    report.manifest =
        exchange::Manifest::OfObject(report.task, "there", 2,
                                     {{.offset = 64, .size = 1 << 20, .rows = 7, .partition = 0},
                                      {.offset = 4 << 20, .size = 1 << 20, .rows = 9, .partition = 1}})
            .Serialize();
    driver.Report(report);
  }
  executor.Run();
  ASSERT_EQ(started.size(), 4u);
  for (size_t i : {2, 3}) {
    const auto& input = started[i].descriptor.inputs.at(5);
    ASSERT_EQ(input.partitions.size(), 1u);
    ASSERT_EQ(input.manifests.size(), 2u);
    for (const std::string& bytes : input.manifests) {
      const auto manifest = exchange::Manifest::Parse(bytes);
      ASSERT_EQ(manifest.blocks().size(), 1u);
      EXPECT_EQ(manifest.blocks()[0].partition, input.partitions[0]);
      EXPECT_EQ(manifest.location(), "there");
      EXPECT_EQ(manifest.partition_count(), 2u);
    }
  }
  EXPECT_EQ(storage.memory_bytes(), 0u);
  EXPECT_GT(storage.file_bytes(), 0u);
  driver.Cancel(query, {errors::USER_CANCELED, "enough", {}, {}});
  driver.Forget(query);
  executor.Run();
  started.clear();
  EXPECT_EQ(storage.file_bytes(), 0u);
}

/// Cuts the nameless files in a directory short that this process has open; returns how many.
int TruncateFilesIn(const std::string& directory) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone || !target.starts_with(directory + "/")) continue;
    EXPECT_EQ(ftruncate(std::stoi(entry.path().filename()), 0), 0);
    ++files;
  }
  return files;
}

TEST_F(ExecutionDriverTest, AQueryWhoseDescriptorsCannotBeReadBackFails) {
  Execution execution = *TwoStages();
  auto payloads = std::make_shared<SplitPayloads>(storage, query);
  for (const char* payload : {"first", "second"}) payloads->Add(payload);
  payloads->Close();
  execution.fragments[{0}].payloads[7] = std::move(payloads);
  ASSERT_EQ(TruncateFilesIn(directory), 1);
  Join();
  driver.Submit(query, std::make_shared<const Execution>(std::move(execution)));
  executor.Run();
  EXPECT_TRUE(started.empty());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, errors::GENERIC_INTERNAL_ERROR);
  EXPECT_TRUE(failure->message.starts_with("A task descriptor cannot be read back from its file"))
      << failure->message;
}

TEST_F(ExecutionDriverTest, DescribesTasksAndGivesTheRootsOutput) {
  Join();
  driver.Submit(query, TwoStages());
  executor.Run();
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[0].descriptor.plan, "scan");
  EXPECT_EQ(started[0].descriptor.scans.at(7).size() + started[1].descriptor.scans.at(7).size(), 2u);
  Finish(started[0].descriptor.task);
  Finish(started[1].descriptor.task);
  ASSERT_EQ(started.size(), 3u);
  EXPECT_EQ(started[2].descriptor.plan, "root");
  EXPECT_EQ(started[2].descriptor.inputs.at(5).manifests.size(), 2u);
  // Each of the two nodes made one output.
  std::map<NodeId, std::vector<uint32_t>> made;
  for (size_t i : {0, 1}) made[started[i].node] = {started[i].descriptor.task.partition.value};
  const auto& holders = started[2].descriptor.inputs.at(5).holders;
  ASSERT_EQ(holders.size(), 2u);
  for (const auto& holder : holders) EXPECT_EQ(holder.partitions, made.at(holder.node)) << holder.node.value;
  Finish(started[2].descriptor.task);
  ASSERT_TRUE(finished);
  ASSERT_EQ(finished->size(), 1u);
  EXPECT_EQ(finished->front().node, started[2].node);
  EXPECT_EQ(tasks_started, 3);
  EXPECT_EQ(tasks_ended, 3);
  driver.Forget(query);
  executor.Run();
  EXPECT_EQ(deleted, 1);
  EXPECT_TRUE(driver.Stages(query).empty());
}

TEST_F(ExecutionDriverTest, RetriesAfterADelayAndIgnoresForgottenQueries) {
  Join();
  driver.Submit(query, TwoStages());
  executor.Run();
  started[0].failed({errors::REMOTE_TASK_ERROR, "no", {}, {}});
  executor.Run();
  executor.Advance(1min);
  ASSERT_EQ(started.size(), 3u);
  EXPECT_EQ(started[2].descriptor.task.attempt.value, 1u);
  driver.Cancel(query, {errors::USER_CANCELED, "enough", {}, {}});
  driver.Forget(query);
  executor.Run();
  ASSERT_TRUE(failure);
  // The two that ran, and before them the one whose start failed: the request may have arrived all the same.
  EXPECT_EQ(cancelled.size(), 3u);
  Finish(started[2].descriptor.task);
  EXPECT_FALSE(finished);
}

TEST_F(ExecutionDriverTest, AttemptsOnNodesThatAreGoneRunAgainAtOnce) {
  Join();
  driver.Submit(query, TwoStages());
  executor.Run();
  ASSERT_EQ(started.size(), 2u);
  const TaskId lost = started[0].descriptor.task;
  std::vector<JournalRecord> records(cuts.begin(), cuts.end());
  records.push_back(JournaledStart{lost, {"former"}});
  records.push_back(JournaledStart{started[1].descriptor.task, {"one"}});
  started.clear();
  ExecutionDriver next{
      {.executor = &executor, .clock = &executor, .tasks = this, .listener = this, .options = {}}};
  next.Restore(query, TwoStages(), records, {{"former"}}, 1000);
  next.NodeJoined({.node = {"one"}, .instance = "1", .slots = 4});
  executor.Run();
  ASSERT_EQ(started.size(), 1u);
  TaskId again = lost;
  again.attempt = {1000};
  EXPECT_EQ(started[0].descriptor.task, again);
  EXPECT_EQ(started[0].node.value, "one");
}

TEST_F(ExecutionDriverTest, WhatAnEarlierStartCancelledRunsAgain) {
  Join();
  driver.Submit(query, TwoStages());
  executor.Run();
  ASSERT_EQ(started.size(), 2u);
  std::vector<JournalRecord> records(cuts.begin(), cuts.end());
  for (const Started& start : started) records.push_back(JournaledStart{start.descriptor.task, {"one"}});
  protocol::TaskReport cancelled_report;
  cancelled_report.state = protocol::TaskState::kFailed;
  cancelled_report.error = Error{errors::USER_CANCELED, "Task was cancelled", {}, {}};
  // One report is in the journal, the other comes when the node is there again.
  cancelled_report.task = started[0].descriptor.task;
  records.push_back(cancelled_report);
  cancelled_report.task = started[1].descriptor.task;
  started.clear();
  ExecutionDriver next{
      {.executor = &executor, .clock = &executor, .tasks = this, .listener = this, .options = {}}};
  next.Restore(query, TwoStages(), records, {}, 1000);
  next.NodeJoined({.node = {"one"}, .instance = "1", .slots = 4});
  next.Report(cancelled_report);
  executor.Run();
  EXPECT_FALSE(failure) << failure->ToString();
  ASSERT_EQ(started.size(), 2u);
  for (const Started& start : started) EXPECT_EQ(start.descriptor.task.attempt.value, 1000u);
}

TEST_F(ExecutionDriverTest, WhatTheJournalDoesNotKnowNeverHappened) {
  Join();
  driver.Submit(query, TwoStages());
  executor.Run();
  ASSERT_EQ(started.size(), 2u);
  const std::vector<TaskId> former{started[0].descriptor.task, started[1].descriptor.task};
  std::vector<JournalRecord> records(cuts.begin(), cuts.end());
  // Of the first only the end is known, of the second that it had started on a part of its inputs.
  protocol::TaskReport end;
  end.task = former[0];
  end.state = protocol::TaskState::kFinished;
  records.push_back(end);
  records.push_back(JournaledStart{former[1], {"one"}, false});
  started.clear();
  ExecutionDriver next{
      {.executor = &executor, .clock = &executor, .tasks = this, .listener = this, .options = {}}};
  next.Restore(query, TwoStages(), records, {}, 1000);
  next.NodeJoined({.node = {"one"}, .instance = "1", .slots = 4});
  executor.Run();
  ASSERT_EQ(started.size(), 2u) << "both run again at once";
  for (const Started& start : started) EXPECT_EQ(start.descriptor.task.attempt.value, 1000u);
  cancelled.clear();
  for (const TaskId& task : former) {
    protocol::TaskReport late = end;
    late.task = task;
    next.Report(late);
    next.TaskAdopted({task, {"one"}});
  }
  executor.Run();
  EXPECT_EQ(cancelled.size(), 2u);
  for (const auto& attempt : next.Attempts(query))
    EXPECT_EQ(attempt.state, scheduler::AttemptState::kRunning);
}

TEST_F(ExecutionDriverTest, AnswersMayOutliveTheDriver) {
  std::function<void(Error)> late;
  {
    ExecutionDriver other{
        {.executor = &executor, .clock = &executor, .tasks = this, .listener = this, .options = {}}};
    other.NodeJoined({.node = {"one"}, .instance = "1", .slots = 4});
    other.Submit(query, TwoStages());
    executor.Run();
    late = started.back().failed;
    other.Cancel(query, {errors::USER_CANCELED, "enough", {}, {}});
  }
  late({errors::REMOTE_TASK_ERROR, "late", {}, {}});
  executor.Run();
  EXPECT_FALSE(failure);
}

}  // namespace
}  // namespace planaria::coordinator
