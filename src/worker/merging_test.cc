#include "worker/merging.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/error.h"

namespace planaria::worker {
namespace {

/// Gives out pages of one byte.
class Pages : public kernel::ExchangeInput {
 public:
  explicit Pages(std::deque<uint32_t> partitions, size_t page_bytes = 1)
      : partitions_(std::move(partitions)), bytes_(page_bytes, 7) {}
  kernel::InputState Next(kernel::Page& page, const kernel::Wake&) override {
    if (partitions_.empty()) return end;
    page = {nullptr, bytes_.data(), bytes_.size(), 3, partitions_.front()};
    partitions_.pop_front();
    return kernel::InputState::kPage;
  }
  size_t page_count() const override { return kUnknown; }

  kernel::InputState end = kernel::InputState::kEnd;

 private:
  std::deque<uint32_t> partitions_;
  const std::vector<uint8_t> bytes_;
};

class Written : public kernel::ExchangeOutput {
 public:
  void Append(uint32_t partition, const uint8_t*, size_t, uint32_t) override {
    partitions.push_back(partition);
  }
  std::vector<uint32_t> partitions;
};

const auto kNever = [] { return false; };

TEST(MergeOutputsTest, WritesInOrderOfPartitions) {
  Pages input({2, 0, 1, 2, 0});
  Written output;
  EXPECT_EQ(MergeOutputs(input, output, kNever), 15u);
  EXPECT_EQ(output.partitions, (std::vector<uint32_t>{0, 0, 1, 2, 2}));
}

TEST(MergeOutputsTest, HoldsNoMoreThanItsShare) {
  Pages input({1, 0, 1, 0}, kMergeBytes / 2);
  Written output;
  MergeOutputs(input, output, kNever);
  EXPECT_EQ(output.partitions, (std::vector<uint32_t>{0, 1, 0, 1}));
}

TEST(MergeOutputsTest, EndsWhenItIsCancelledOrGivenAPart) {
  const auto code_of = [](Pages& input, bool cancelled) {
    Written output;
    try {
      MergeOutputs(input, output, [&] { return cancelled; });
    } catch (const TrinoException& exception) {
      return exception.error().code;
    }
    return ErrorCode{};
  };
  Pages input({1}), part({1});
  EXPECT_EQ(code_of(input, true), errors::USER_CANCELED);
  part.end = kernel::InputState::kLater;
  EXPECT_EQ(code_of(part, false), errors::GENERIC_INTERNAL_ERROR);
}

}  // namespace
}  // namespace planaria::worker
