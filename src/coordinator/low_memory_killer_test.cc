#include "coordinator/low_memory_killer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kLargest = TaskKillerPolicy::kTotalReservationOnBlockedNodes;

TaskId Task(const std::string& query, uint32_t task) { return {{query}, {0}, {task}, {0}}; }

/// Nodes with pools of so many bytes; blocked are those whose pool is used up.
class Cluster {
 public:
  explicit Cluster(uint64_t pool) : pool_(pool) {}
  Cluster& Holds(const std::string& node, const std::string& query, uint32_t task, uint64_t bytes,
                 Duration run = 0s, bool speculative = false) {
    nodes_[node].tasks.push_back({Task(query, task), bytes, run, speculative});
    return *this;
  }
  std::vector<NodeMemory> Nodes() const {
    std::vector<NodeMemory> nodes;
    for (auto [name, node] : nodes_) {
      uint64_t used = 0;
      for (const TaskReservation& task : node.tasks) used += task.bytes;
      node.blocked = used >= pool_;
      nodes.push_back(node);
    }
    return nodes;
  }

 private:
  const uint64_t pool_;
  std::map<std::string, NodeMemory> nodes_;
};

/// The cluster of Trino's own tests: n2 and n3 are blocked.
Cluster Skewed() {
  return Cluster(12)
      .Holds("n1", "q2", 1, 1)
      .Holds("n1", "q2", 2, 2)
      .Holds("n2", "q1", 1, 8)
      .Holds("n2", "q2", 3, 3)
      .Holds("n2", "q2", 4, 1)
      .Holds("n3", "q2", 6, 2)
      .Holds("n3", "q3", 1, 11)
      .Holds("n4", "q2", 7, 2)
      .Holds("n4", "q2", 8, 2)
      .Holds("n5", "q2", 9, 0);
}

TEST(TaskKiller, LeavesNodesAloneThatAreNotBlocked) {
  const auto nodes = Cluster(12).Holds("n1", "q2", 1, 3).Holds("n2", "q1", 1, 6).Holds("n2", "q2", 2, 5);
  for (const auto policy : {kLargest, TaskKillerPolicy::kLeastWaste}) {
    EXPECT_THAT(ChooseTasks(policy, nodes.Nodes(), {{"q1"}, {"q2"}}), IsEmpty());
  }
  EXPECT_THAT(ChooseTasks(kLargest, {}, {{"q1"}}), IsEmpty());
}

TEST(TaskKiller, EndsTheLargestTaskOfEachBlockedNode) {
  for (const auto policy : {kLargest, TaskKillerPolicy::kLeastWaste}) {
    EXPECT_THAT(ChooseTasks(policy, Skewed().Nodes(), {{"q1"}, {"q2"}}),
                ElementsAre(Task("q1", 1), Task("q2", 6)))
        << "q3 has no task retries";
  }
}

TEST(TaskKiller, EndsNoTaskOfQueriesWithoutTaskRetries) {
  EXPECT_THAT(ChooseTasks(kLargest, Skewed().Nodes(), {}), IsEmpty());
  EXPECT_THAT(ChooseTasks(TaskKillerPolicy::kNone, Skewed().Nodes(), {{"q1"}, {"q2"}, {"q3"}}), IsEmpty());
}

TEST(TaskKiller, PrefersSpeculativeTasks) {
  auto cluster = Skewed();
  cluster.Holds("n2", "q2", 5, 2, 0s, true);
  for (const auto policy : {kLargest, TaskKillerPolicy::kLeastWaste}) {
    EXPECT_THAT(ChooseTasks(policy, cluster.Nodes(), {{"q1"}, {"q2"}}),
                ElementsAre(Task("q2", 5), Task("q2", 6)));
  }
}

TEST(TaskKiller, WithLeastWasteEndsTheSmallerTaskOfLessWork) {
  const auto nodes = Cluster(8)
                         .Holds("n1", "q1", 1, 3, 60s)
                         .Holds("n1", "q2", 1, 1, 60s)
                         .Holds("n1", "q2", 2, 6, 200s)
                         .Holds("n2", "q1", 2, 8, 600s)
                         .Holds("n2", "q2", 3, 2, 60s)
                         .Nodes();
  EXPECT_THAT(ChooseTasks(TaskKillerPolicy::kLeastWaste, nodes, {{"q1"}, {"q2"}}),
              ElementsAre(Task("q1", 1), Task("q2", 3)));
  EXPECT_THAT(ChooseTasks(kLargest, nodes, {{"q1"}, {"q2"}}), ElementsAre(Task("q1", 2), Task("q2", 2)));
}

TEST(TaskKiller, OfShortTasksEndsTheLargest) {
  const auto nodes = Cluster(8).Holds("n1", "q1", 1, 6, 29s).Holds("n1", "q1", 2, 2, 1s).Nodes();
  EXPECT_THAT(ChooseTasks(TaskKillerPolicy::kLeastWaste, nodes, {{"q1"}}), ElementsAre(Task("q1", 1)));
}

TEST(QueryKiller, EndsTheLargestOfAllOrOfBlockedNodes) {
  const auto nodes = Cluster(12)
                         .Holds("n1", "q2", 1, 3)
                         .Holds("n2", "q1", 1, 8)
                         .Holds("n2", "q2", 2, 5)
                         .Holds("n3", "q2", 3, 2)
                         .Holds("n3", "q3", 1, 9)
                         .Holds("n4", "q2", 4, 4)
                         .Nodes();
  EXPECT_EQ(ChooseQuery(QueryKillerPolicy::kTotalReservation, nodes, {}), QueryId{"q2"});
  EXPECT_EQ(ChooseQuery(QueryKillerPolicy::kTotalReservationOnBlockedNodes, nodes, {}), QueryId{"q1"});
  EXPECT_EQ(ChooseQuery(QueryKillerPolicy::kNone, nodes, {}), std::nullopt);
}

TEST(QueryKiller, EndsNoWholeQueryWithTaskRetries) {
  const auto nodes =
      Cluster(12).Holds("n2", "q1", 1, 5).Holds("n2", "q2", 1, 8).Holds("n3", "q3", 1, 3).Nodes();
  for (const auto policy :
       {QueryKillerPolicy::kTotalReservation, QueryKillerPolicy::kTotalReservationOnBlockedNodes}) {
    EXPECT_EQ(ChooseQuery(policy, nodes, {{"q2"}}), QueryId{"q1"});
  }
}

TEST(QueryKiller, NeedsABlockedNodeAndMemoryToGain) {
  const auto calm = Cluster(12).Holds("n1", "q1", 1, 11).Nodes();
  const std::vector<NodeMemory> empty{{true, {{Task("q1", 1), 0, 0s, false}}}};
  for (const auto policy :
       {QueryKillerPolicy::kTotalReservation, QueryKillerPolicy::kTotalReservationOnBlockedNodes}) {
    EXPECT_EQ(ChooseQuery(policy, calm, {}), std::nullopt);
    EXPECT_EQ(ChooseQuery(policy, empty, {}), std::nullopt);
  }
}

}  // namespace
}  // namespace planaria::coordinator
