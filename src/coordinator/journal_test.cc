#include <gtest/gtest.h>

#include <future>
#include <random>

#include "coordinator/journal_keeper.h"
#include "coordinator/journal_record.h"
#include "coordinator/object_journal.h"
#include "storage/memory_object_store.h"

namespace planaria::coordinator {
namespace {

const QueryId kQuery{"20260102_030405_00001_abcde"};

TaskId Task(uint32_t partition, uint32_t attempt = 0) { return {kQuery, {1}, {partition}, {attempt}}; }

protocol::TaskReport Finished(uint32_t partition) {
  protocol::TaskReport report;
  report.task = Task(partition);
  report.state = protocol::TaskState::kFinished;
  report.manifest = "manifest " + std::to_string(partition);
  return report;
}

/// One of each kind.
std::vector<JournalRecord> Records() {
  scheduler::StageCut cut;
  cut.query = kQuery;
  cut.fragment = {3};
  cut.tasks = {{{{7, {0, 2}}}, {}}, {{}, {4, 5, 300}}, {{}, {6}, scheduler::InputSlice{1, 2, 3}}};
  cut.last = true;
  cut.replaces = PartitionId{9};
  protocol::TaskReport failed = Finished(5);
  failed.state = protocol::TaskState::kFailed;
  failed.manifest.clear();
  failed.error = Error{errors::DIVISION_BY_ZERO, "Division by zero", {}, {}};
  return {JournaledPlan{"plan"},
          scheduler::ChoiceMade{kQuery, 3, true},
          scheduler::MergeDecided{kQuery, {7}, true},
          cut,
          JournaledStart{Task(5, 2), {"worker1"}},
          JournaledStart{Task(5, 3), {"worker2"}, false},
          Finished(4),
          failed,
          JournaledEnd{},
          JournaledEnd{Error{errors::USER_CANCELED, "enough", {}, {}}}};
}

/// Equal records have equal bytes.
std::string Bytes(const std::vector<JournalRecord>& records) { return SerializeSegment(records); }

TEST(JournalRecord, RoundTrip) {
  const auto parsed = ParseSegment(kQuery, Bytes(Records()));
  EXPECT_TRUE(parsed.whole);
  EXPECT_EQ(parsed.records.size(), Records().size());
  EXPECT_EQ(Bytes(parsed.records), Bytes(Records()));
}

TEST(JournalRecord, ATruncatedEndNeverHappened) {
  const std::string whole = Bytes(Records());
  size_t records = 0;
  for (size_t size = 0; size < whole.size(); size++) {
    const auto parsed = ParseSegment(kQuery, whole.substr(0, size));
    EXPECT_GE(parsed.records.size(), records);
    EXPECT_LT(parsed.records.size(), Records().size());
    records = parsed.records.size();
    EXPECT_TRUE(whole.starts_with(Bytes(parsed.records)));
  }
}

TEST(JournalRecord, DamageNeverBecomesARecord) {
  const std::string whole = Bytes(Records());
  for (size_t at = 0; at < whole.size(); at++) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    const auto parsed = ParseSegment(kQuery, damaged);
    EXPECT_FALSE(parsed.whole) << at;
    EXPECT_TRUE(whole.starts_with(Bytes(parsed.records))) << at;
  }
}

TEST(JournalRecord, AnyBytesAreParsed) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; round++) {
    // Payloads with a right checksum around noise: what the frame does not catch, the parser must.
    std::string noise(random() % 60, '\0');
    for (char& c : noise) c = static_cast<char>(random() % 8 == 0 ? random() : random() % 7);
    std::string bytes = Bytes({JournaledPlan{noise}});
    ParseSegment(kQuery, bytes);
    for (int i = 0; i < 3; i++) bytes[random() % bytes.size()] = static_cast<char>(random());
    ParseSegment(kQuery, bytes);
    ParseSegment(kQuery, noise);
  }
}

TEST(JournalRecord, ReportsOfOtherQueriesAreRefused) {
  EXPECT_FALSE(ParseSegment({"20260102_030405_00002_abcde"}, Bytes({Finished(1)})).whole);
}

class ObjectJournalTest : public testing::Test {
 protected:
  std::unique_ptr<ObjectJournal> Open() {
    return std::make_unique<ObjectJournal>(store_, "journal/abcde", [this] { fenced_.set_value(); });
  }
  static void WaitUntilDurable(ObjectJournal& journal) {
    std::promise<void> durable;
    journal.WhenDurable(kQuery, [&] { durable.set_value(); });
    durable.get_future().wait();
  }

  std::shared_ptr<storage::MemoryObjectStore> store_ =
      std::make_shared<storage::MemoryObjectStore>("journal");
  std::promise<void> fenced_;
};

TEST_F(ObjectJournalTest, TheNextStartReadsWhatIsDurable) {
  {
    const auto journal = Open();
    for (const auto& record : Records()) {
      journal->Append(kQuery, record);
      WaitUntilDurable(*journal);
    }
  }
  EXPECT_EQ(store_->ListPrefix("journal/abcde").size(), Records().size());
  {
    const auto journal = Open();
    const auto recovered = journal->Recover();
    ASSERT_EQ(recovered.size(), 1u);
    EXPECT_FALSE(recovered.at(kQuery).damaged);
    EXPECT_EQ(Bytes(recovered.at(kQuery).records), Bytes(Records()));
    journal->Append(kQuery, JournaledEnd{});
    WaitUntilDurable(*journal);
  }
  const auto journal = Open();
  EXPECT_EQ(journal->Recover().at(kQuery).records.size(), Records().size() + 1);
  journal->Drop(kQuery);
  WaitUntilDurable(*journal);
  EXPECT_TRUE(store_->ListPrefix("journal/abcde").empty());
}

TEST_F(ObjectJournalTest, RecordsGatherUntilSomebodyWaits) {
  const auto journal = Open();
  std::promise<void> settled;
  journal->Append(kQuery, JournaledPlan{"plan"});
  journal->OnceDurable(kQuery, [&] { settled.set_value(); });
  journal->Append(kQuery, Finished(1));
  // Of another query, which somebody waits for.
  const QueryId other{"20260102_030405_00002_abcde"};
  std::promise<void> durable;
  journal->Append(other, JournaledPlan{"plan"});
  journal->WhenDurable(other, [&] { durable.set_value(); });
  durable.get_future().wait();
  EXPECT_TRUE(store_->ListPrefix("journal/abcde/" + kQuery.value).empty());
  WaitUntilDurable(*journal);
  settled.get_future().wait();
  EXPECT_EQ(store_->ListPrefix("journal/abcde/" + kQuery.value).size(), 1u);
}

TEST_F(ObjectJournalTest, WhatNobodyWaitsForIsStoredAllTheSame) {
  const auto journal = Open();
  std::promise<void> settled;
  journal->Append(kQuery, JournaledPlan{"plan"});
  journal->OnceDurable(kQuery, [&] { settled.set_value(); });
  settled.get_future().wait();
  EXPECT_EQ(store_->ListPrefix("journal/abcde").size(), 1u);
}

/// Time does not pass.
class Timeless final : public Executor {
 public:
  void Post(std::function<void()> fn) override { posted.push_back(std::move(fn)); }
  TimerHandle RunAfter(Duration, std::function<void()>) override { return {}; }
  void Run() {
    for (const auto& fn : std::exchange(posted, {})) fn();
  }
  std::vector<std::function<void()>> posted;
};

TEST_F(ObjectJournalTest, LargeManifestsDoNotGather) {
  Timeless executor;
  ObjectJournal journal(
      store_, "journal/abcde", [] { FAIL() << "fenced"; }, executor);
  protocol::TaskReport report = Finished(1);
  report.manifest.assign(3 << 20, 'm');
  journal.Append(kQuery, report);
  EXPECT_TRUE(executor.posted.empty());
  journal.Append(kQuery, report);
  executor.Run();
  EXPECT_EQ(store_->ListPrefix("journal/abcde").size(), 1u);
}

TEST_F(ObjectJournalTest, EveryStartHasNumbersOfItsOwn) {
  {
    const auto journal = Open();
    journal->Append(kQuery, JournaledPlan{"plan"});
  }
  for (uint32_t start = 1; start <= 3; start++) {
    const auto recovered = Open()->Recover().at(kQuery);
    EXPECT_EQ(recovered.starts, start);
    EXPECT_EQ(recovered.first_attempt(), start * kAttemptsPerStart);
    EXPECT_EQ(recovered.records.size(), 1u);
  }
}

TEST_F(ObjectJournalTest, ATruncatedEndIsCutOffForGood) {
  const std::string first = Bytes({JournaledPlan{"plan"}});
  const std::string second = Bytes({Finished(1), Finished(2)});
  store_->PutIfAbsent("journal/abcde/" + kQuery.value + "/00000000", first);
  store_->PutIfAbsent("journal/abcde/" + kQuery.value + "/00000001", second.substr(0, second.size() - 1));
  {
    const auto journal = Open();
    const auto recovered = journal->Recover().at(kQuery);
    EXPECT_FALSE(recovered.damaged);
    EXPECT_EQ(recovered.records.size(), 2u);
    journal->Append(kQuery, Finished(3));
  }
  const auto again = Open()->Recover().at(kQuery);
  EXPECT_FALSE(again.damaged);
  EXPECT_EQ(Bytes(again.records), Bytes({JournaledPlan{"plan"}, Finished(1), Finished(3)}));
}

TEST_F(ObjectJournalTest, DamageInTheMiddleIsTold) {
  store_->PutIfAbsent("journal/abcde/" + kQuery.value + "/00000000", "damaged");
  store_->PutIfAbsent("journal/abcde/" + kQuery.value + "/00000001", Bytes({Finished(1)}));
  EXPECT_TRUE(Open()->Recover().at(kQuery).damaged);
}

TEST_F(ObjectJournalTest, OfTwoCoordinatorsTheSecondToWriteNotices) {
  const auto old = Open();
  old->Append(kQuery, JournaledPlan{"plan"});
  WaitUntilDurable(*old);
  const auto next = Open();
  next->Recover();
  next->Append(kQuery, Finished(1));
  WaitUntilDurable(*next);
  old->Append(kQuery, Finished(2));
  fenced_.get_future().wait();
  EXPECT_EQ(Open()->Recover().at(kQuery).records.size(), 2u);
}

TEST_F(ObjectJournalTest, WhoTakesUpAQueryIsTheFirstToWrite) {
  const auto old = Open();
  old->Append(kQuery, JournaledPlan{"plan"});
  WaitUntilDurable(*old);
  const auto next = Open();
  next->Recover();
  old->Append(kQuery, Finished(1));
  fenced_.get_future().wait();
  next->Append(kQuery, Finished(2));
  WaitUntilDurable(*next);
  const auto recovered = Open()->Recover().at(kQuery);
  EXPECT_FALSE(recovered.damaged);
  EXPECT_EQ(Bytes(recovered.records), Bytes({JournaledPlan{"plan"}, Finished(2)}));
}

/// Another writer is faster, once.
class RacedStore final : public storage::MemoryObjectStore {
 public:
  RacedStore() : MemoryObjectStore("raced") {}
  bool PutIfAbsent(std::string_view key, std::string_view content) override {
    if (!raced.empty()) MemoryObjectStore::PutIfAbsent(key, std::exchange(raced, {}));
    return MemoryObjectStore::PutIfAbsent(key, content);
  }
  std::string raced;
};

TEST_F(ObjectJournalTest, WhatAFormerCoordinatorWritesMeanwhileIsTakenUp) {
  const auto raced = std::make_shared<RacedStore>();
  store_ = raced;
  store_->PutIfAbsent("journal/abcde/" + kQuery.value + "/00000000", Bytes({JournaledPlan{"plan"}}));
  raced->raced = Bytes({Finished(1)});
  EXPECT_EQ(Bytes(Open()->Recover().at(kQuery).records), Bytes({JournaledPlan{"plan"}, Finished(1)}));
  EXPECT_EQ(store_->ListPrefix("journal/abcde").size(), 3u);
}

/// A bucket whose policy lets nobody delete.
class KeepingStore : public storage::MemoryObjectStore {
 public:
  KeepingStore() : MemoryObjectStore("keeping") {}
  size_t DeletePrefix(std::string_view) override { return Refuse(); }
  void DeleteKnown(std::string_view, const std::vector<std::string>&) override { Refuse(); }
  int refused() const { return refused_; }

 private:
  size_t Refuse() {
    refused_++;
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "AccessDenied");
  }
  std::atomic<int> refused_{0};
};

TEST_F(ObjectJournalTest, AStoreThatRefusesDeletionsIsAskedAFewTimes) {
  const auto keeping = std::make_shared<KeepingStore>();
  ObjectJournal journal(keeping, "journal/abcde", [] { FAIL() << "fenced"; });
  journal.Append(kQuery, JournaledPlan{"plan"});
  WaitUntilDurable(journal);
  journal.Drop(kQuery);
  WaitUntilDurable(journal);
  const int refused = keeping->refused();
  EXPECT_GE(refused, 1);
  EXPECT_LE(refused, 5);
  // Others go on.
  const QueryId other{"20260102_030405_00002_abcde"};
  journal.Append(other, JournaledPlan{"plan"});
  std::promise<void> durable;
  journal.WhenDurable(other, [&] { durable.set_value(); });
  durable.get_future().wait();
  EXPECT_EQ(keeping->refused(), refused);
}

TEST_F(ObjectJournalTest, NothingIsWrittenByOneThatMustNotAct) {
  std::promise<void> asked;
  {
    ObjectJournal journal(
        store_, "journal/abcde", [] { FAIL(); },
        [&] {
          // The process ends here; nothing else may have happened by then.
          EXPECT_TRUE(store_->ListPrefix("").empty());
          asked.set_value();
        });
    journal.Append(kQuery, JournaledPlan{"plan"});
  }
  asked.get_future().wait();
}

/// Remembers what it was asked to start.
class Nodes final : public TaskClient {
 public:
  void Start(const NodeId&, protocol::TaskDescriptor descriptor, std::function<void(Error)>) override {
    started.push_back(descriptor.task);
  }
  void AddInputs(const NodeId&, protocol::AddInputsMessage, std::function<void(Error)>) override {}
  void Cancel(const NodeId&, const TaskId& task) override { cancelled.push_back(task); }
  void DeleteOutputs(const QueryId&) override { deleted++; }
  std::vector<TaskId> started, cancelled;
  int deleted = 0;
};

/// Durable when the test says so.
class SlowJournal final : public Journal {
 public:
  void Append(const QueryId&, JournalRecord record) override { records.push_back(std::move(record)); }
  void WhenDurable(const QueryId&, std::function<void()> fn) override {
    hurried++;
    waiting.push_back(std::move(fn));
  }
  void OnceDurable(const QueryId&, std::function<void()> fn) override { waiting.push_back(std::move(fn)); }
  void Drop(const QueryId&) override { dropped++; }
  void MakeDurable() {
    for (const auto& fn : std::exchange(waiting, {})) fn();
  }
  std::vector<JournalRecord> records;
  std::vector<std::function<void()>> waiting;
  int dropped = 0, hurried = 0;
};

/// Runs at once: the test is the only thread.
class Here final : public Executor {
 public:
  void Post(std::function<void()> fn) override { fn(); }
  TimerHandle RunAfter(Duration, std::function<void()>) override { return {}; }
};

TEST(JournalKeeper, TasksAreSentAtOnceAndReportsKeptUntilTheyAreDurable) {
  SlowJournal journal;
  Here executor;
  Nodes nodes;
  JournalKeeper keeper(&journal, executor, nodes);
  const auto start = [&](uint32_t partition) {
    protocol::TaskDescriptor descriptor;
    descriptor.task = Task(partition);
    keeper.Start({"worker1"}, std::move(descriptor), [](Error) {});
  };
  start(0);
  EXPECT_TRUE(journal.records.empty()) << "of a query without a journal";
  keeper.Begin(kQuery, "plan");
  EXPECT_EQ(journal.hurried, 0);
  start(1);
  EXPECT_EQ(journal.hurried, 1) << "the beginning, so that the query outlives a restart";
  start(2);
  EXPECT_EQ(journal.hurried, 1);
  EXPECT_EQ(nodes.started, (std::vector<TaskId>{Task(0), Task(1), Task(2)}));
  keeper.GiveUp(Task(2));
  keeper.Cancel({"worker1"}, Task(2));
  EXPECT_EQ(nodes.cancelled.size(), 1u);
  const auto* given_up = std::get_if<protocol::TaskReport>(&journal.records.back());
  ASSERT_TRUE(given_up);
  EXPECT_EQ(given_up->task, Task(2));
  bool settled = false;
  keeper.Report(Finished(1), [&] { settled = true; });
  EXPECT_FALSE(settled);
  EXPECT_EQ(journal.hurried, 1);
  journal.MakeDurable();
  EXPECT_TRUE(settled);
  keeper.NodeLeaves({"worker1"});
  EXPECT_EQ(journal.hurried, 2);
  keeper.Report(Finished(3), [] {});
  EXPECT_EQ(journal.hurried, 3);
  keeper.NodeStays({"worker1"});
  keeper.Report(Finished(4), [] {});
  EXPECT_EQ(journal.hurried, 3);
  keeper.End(kQuery, std::nullopt);
  keeper.End(kQuery, std::nullopt);
  EXPECT_EQ(journal.records.size(), 8u);
  keeper.Drop(kQuery);
  keeper.Drop(kQuery);
  EXPECT_EQ(journal.dropped, 1);
}

TEST(JournalKeeper, OutputsStayUntilTheEndIsDurable) {
  SlowJournal journal;
  Here executor;
  Nodes nodes;
  JournalKeeper keeper(&journal, executor, nodes);
  keeper.DeleteOutputs(kQuery);
  EXPECT_EQ(nodes.deleted, 1) << "of a query without a journal";
  keeper.Begin(kQuery, "plan");
  keeper.End(kQuery, std::nullopt);
  keeper.DeleteOutputs(kQuery);
  EXPECT_EQ(nodes.deleted, 1);
  journal.MakeDurable();
  EXPECT_EQ(nodes.deleted, 2);
}

}  // namespace
}  // namespace planaria::coordinator
