#include "coordinator/query_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace planaria::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QueryQueueTest : public ::testing::Test {
 protected:
  void Enter(const std::string& id) {
    queue_.Enter({id}, [this, id] { started_.push_back(id); });
  }
  std::string Refusal(const std::string& id) {
    try {
      Enter(id);
    } catch (const TrinoException& refused) {
      return std::string(refused.error().code.name) + ": " + refused.error().message;
    }
    return "";
  }

  std::vector<std::string> started_;
  QueryQueue queue_{2, 2};
};

TEST_F(QueryQueueTest, StartsInTheOrderOfComing) {
  for (const char* id : {"a", "b", "c", "d"}) Enter(id);
  EXPECT_THAT(started_, ElementsAre("a", "b"));
  queue_.Leave({"b"});
  EXPECT_THAT(started_, ElementsAre("a", "b", "c"));
  queue_.Leave({"a"});
  queue_.Leave({"c"});
  EXPECT_THAT(started_, ElementsAre("a", "b", "c", "d"));
}

TEST_F(QueryQueueTest, RefusesWhatFindsNoRoom) {
  for (const char* id : {"a", "b", "c", "d"}) Enter(id);
  EXPECT_EQ(Refusal("e"), "QUERY_QUEUE_FULL: Too many queued queries for \"global\"");
  queue_.Leave({"e"});
  EXPECT_THAT(started_, ElementsAre("a", "b"));
  queue_.Leave({"a"});
  EXPECT_EQ(Refusal("f"), "");
}

TEST_F(QueryQueueTest, ForgetsWhoEndsWhileItWaits) {
  for (const char* id : {"a", "b", "c", "d"}) Enter(id);
  queue_.Leave({"c"});
  EXPECT_EQ(Refusal("e"), "") << "its place is free";
  queue_.Leave({"a"});
  queue_.Leave({"a"});
  EXPECT_THAT(started_, ElementsAre("a", "b", "d"));
}

TEST_F(QueryQueueTest, CountsQueriesThatRunAnyway) {
  for (const char* id : {"x", "y", "z"}) queue_.Runs({id});
  Enter("a");
  queue_.Leave({"x"});
  EXPECT_THAT(started_, IsEmpty());
  queue_.Leave({"y"});
  EXPECT_THAT(started_, ElementsAre("a"));
}

TEST_F(QueryQueueTest, StartsNothingOnceItIsClosed) {
  for (const char* id : {"a", "b", "c"}) Enter(id);
  queue_.Close();
  queue_.Leave({"a"});
  Enter("d");
  EXPECT_THAT(started_, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace planaria::coordinator
