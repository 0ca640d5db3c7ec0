#include "protocol/task_messages.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "protocol/wire.h"

namespace planaria::protocol {
namespace {

TaskId ATask() { return {{"20260102_030405_00001_abcde"}, {3}, {17}, {2}}; }

TaskDescriptor ADescriptor() {
  TaskDescriptor descriptor;
  descriptor.task = ATask();
  descriptor.plan = std::string("plan\0bytes", 10);
  descriptor.retry_policy = RetryPolicy::kTask;
  descriptor.output_partitions = 50;
  descriptor.output = OutputTarget{2, "a/b/c"};
  descriptor.scans[4] = {{"split one", 1000, 1u << 20}, {"", 0, 0}};
  descriptor.scans[5] = {};
  descriptor.inputs[9] = {{"manifest a", "manifest b"}, {0, 7, 4294967295u}};
  descriptor.inputs[9].complete = false;
  descriptor.inputs[9].holders = {{{"node"}, "http://h:1", {0, 4294967295u}}, {{"other"}, "", {}}};
  descriptor.inputs[10].streams = {{ATask(), {"node"}, "http://h:1"}, {ATask(), {"here"}, ""}};
  descriptor.inputs[10].reader = "3.17.0";
  descriptor.stream = StreamTarget{{{"4.0.1", {0, 1}}, {"4.1.1", {}}}, false};
  descriptor.spooling = {Secret(std::string(32, 'k')), PageCodec::kZstd};
  descriptor.session = {"ada", "Europe/Paris", {}};
  descriptor.session.query_start -= std::chrono::hours(9);
  return descriptor;
}

AddInputsMessage AnAddition() { return {ATask(), 9, {"manifest c", ""}, 7, {{{"node"}, "http://h:1", {3}}}}; }

TaskReport AFailure() {
  TaskReport report;
  report.task = ATask();
  report.state = TaskState::kFailed;
  report.error = Error{errors::CORRUPT_PAGE, "block 3 of a/b/c", ErrorLocation{2, 5}, {}};
  report.error->suppressed.push_back({errors::REMOTE_HOST_GONE, "node w1 is gone", {}, {}});
  report.lost_producer = TaskId{{"q"}, {1}, {2}, {3}};
  report.stats = {1, 2, 3, 4, 5, 6, std::numeric_limits<uint64_t>::max(), 8, 9, 10, 11, 12, 13};
  return report;
}

NodeAnnouncement AnAnnouncement() {
  return {{"worker-1"}, "instance", "http://h:1", "0.1", "test", 8, 1ull << 40, true};
}

TEST(TaskMessagesTest, ReadWhatTheyWrite) {
  EXPECT_EQ(TaskDescriptor::Parse(ADescriptor().Serialize()), ADescriptor());
  EXPECT_EQ(TaskDescriptor::Parse(TaskDescriptor{}.Serialize()), TaskDescriptor{});
  EXPECT_EQ(NodeAnnouncement::Parse(AnAnnouncement().Serialize()), AnAnnouncement());
  EXPECT_EQ(AddInputsMessage::Parse(AnAddition().Serialize()), AnAddition());

  const TaskReport report = TaskReport::Parse(AFailure().Serialize());
  EXPECT_EQ(report.task, ATask());
  EXPECT_EQ(report.state, TaskState::kFailed);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->code, errors::CORRUPT_PAGE);
  EXPECT_EQ(report.error->message, "block 3 of a/b/c");
  EXPECT_EQ(report.error->location, (ErrorLocation{2, 5}));
  ASSERT_EQ(report.error->suppressed.size(), 1u);
  EXPECT_EQ(report.error->suppressed[0].code, errors::REMOTE_HOST_GONE);
  EXPECT_EQ(report.lost_producer, AFailure().lost_producer);
  EXPECT_EQ(report.stats, AFailure().stats);
}

TEST(TaskMessagesTest, ErrorsNestOnlySoDeep) {
  TaskReport report = AFailure();
  for (int i = 0; i < 100; ++i) {
    Error outer{errors::REMOTE_TASK_ERROR, "outer", {}, {*report.error}};
    report.error = std::move(outer);
  }
  EXPECT_NO_THROW(TaskReport::Parse(report.Serialize()));
}

template <typename Message>
void ExpectRefused(const std::string& bytes, const std::string& part) {
  try {
    Message::Parse(bytes);
    FAIL() << "accepted, should name " << part;
  } catch (const TrinoException& refused) {
    EXPECT_EQ(refused.error().code, errors::SERIALIZATION_ERROR);
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
  }
}

TEST(TaskMessagesTest, RefuseNamesTheField) {
  const std::string good = ADescriptor().Serialize();
  ExpectRefused<TaskDescriptor>("", "header");
  ExpectRefused<TaskReport>(good, "another kind");
  std::string newer = good;
  newer[1]++;
  ExpectRefused<TaskDescriptor>(newer, "version at byte 1");
  ExpectRefused<TaskDescriptor>(good + "x", "bytes follow");
  ExpectRefused<TaskDescriptor>(good.substr(0, 2), "task id");
  TaskReport orphan = AFailure();
  orphan.state = TaskState::kFinished;
  ExpectRefused<TaskReport>(orphan.Serialize(), "error flag");
}

TEST(TaskMessagesTest, HugeCountsAllocateNothing) {
  WireWriter writer(0xD1, 2);
  writer.Text("q");
  for (int i = 0; i < 3; ++i) writer.Varint(0);
  writer.Text("");
  for (int i = 0; i < 6; ++i) writer.Varint(0);
  writer.Varint(std::numeric_limits<uint64_t>::max());
  ExpectRefused<TaskDescriptor>(writer.Take(), "scans");
}

template <typename Message>
void MutateAndParse(const std::string& good, uint32_t seed) {
  std::mt19937 random(seed);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (uint32_t change = random() % 4 + 1; change > 0 && !bytes.empty(); --change) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.resize(at);
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random()));
      }
    }
    try {
      Message::Parse(bytes).Serialize();
    } catch (const TrinoException& refused) {
      ASSERT_EQ(refused.error().code, errors::SERIALIZATION_ERROR);
    }
  }
}

TEST(TaskMessagesTest, AnyBytesAreReadOrRefused) {
  MutateAndParse<TaskDescriptor>(ADescriptor().Serialize(), 1);
  MutateAndParse<TaskReport>(AFailure().Serialize(), 2);
  MutateAndParse<NodeAnnouncement>(AnAnnouncement().Serialize(), 3);
  MutateAndParse<AddInputsMessage>(AnAddition().Serialize(), 4);
}

}  // namespace
}  // namespace planaria::protocol
