#include "coordinator/execution_of_plan.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::coordinator {
namespace {

TEST(ExecutionOfPlan, ExchangesHaveNoMorePartitionsThanAreAllowed) {
  planner::DistributedPlan plan;
  plan.fragments.resize(2);
  plan.fragments[1].id = 7;
  plan.fragments[1].output_partition_count = 60;
  EXPECT_NO_THROW(CheckOutputPartitions(plan, 60));
  try {
    CheckOutputPartitions(plan, 59);
    FAIL() << "60 are more than 59";
  } catch (const TrinoException& exceeded) {
    EXPECT_EQ(exceeded.error().code, errors::MAX_OUTPUT_PARTITION_COUNT_EXCEEDED);
    EXPECT_STREQ(exceeded.what(),
                 "Max number of output partitions exceeded for exchange 'external-exchange-7'. Allowed: 59. "
                 "Requested: 60.");
  }
}

}  // namespace
}  // namespace planaria::coordinator
