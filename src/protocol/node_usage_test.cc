#include "protocol/node_usage.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::protocol {
namespace {

NodeUsage AUsage() {
  NodeUsage usage;
  usage.waiting_for_memory = 3;
  usage.tasks.push_back(
      {{{"20260102_030405_00001_abcde"}, {3}, {17}, {2}}, 1'000'000'007, 5, 1ull << 40, 77});
  usage.tasks.push_back({});
  return usage;
}

TEST(NodeUsageTest, ReadsWhatItWrites) {
  EXPECT_EQ(NodeUsage::Parse(AUsage().Serialize()), AUsage());
  EXPECT_EQ(NodeUsage::Parse(NodeUsage{}.Serialize()), NodeUsage{});
}

TEST(NodeUsageTest, RefusesEveryTruncation) {
  const std::string bytes = AUsage().Serialize();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(NodeUsage::Parse(bytes.substr(0, size)), TrinoException) << size;
  }
  EXPECT_THROW(NodeUsage::Parse(bytes + "x"), TrinoException);
}

}  // namespace
}  // namespace planaria::protocol
