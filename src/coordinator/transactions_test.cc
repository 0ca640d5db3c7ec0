#include "coordinator/transactions.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::coordinator {
namespace {

using std::chrono::minutes;

class TransactionsTest : public testing::Test {
 protected:
  std::string Begin(bool read_only = false) {
    return transactions_.Begin("READ UNCOMMITTED", read_only, random_, now_);
  }
  /// Empty when nothing is thrown.
  template <typename Call>
  std::string ErrorOf(Call&& call) {
    try {
      call();
    } catch (const TrinoException& exception) {
      return std::string(exception.error().code.name);
    }
    return "";
  }
  std::string Use(const std::string& id, const std::optional<std::string>& written = std::nullopt) {
    return ErrorOf([&] { transactions_.Use(id, written, now_); });
  }
  std::string End(const std::string& id, bool commit) {
    return ErrorOf([&] { transactions_.End(id, commit); });
  }

  SystemRandom random_;
  Transactions transactions_;
  Transactions::Clock::time_point now_ = Transactions::Clock::now();
};

TEST_F(TransactionsTest, LivesFromStartToEnd) {
  const std::string id = Begin();
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(Use(id), "");
  ASSERT_EQ(transactions_.List(now_).size(), 1u);
  EXPECT_EQ(transactions_.List(now_)[0].isolation_level, "READ UNCOMMITTED");
  EXPECT_EQ(End(id, true), "");
  EXPECT_TRUE(transactions_.List(now_).empty());
  EXPECT_EQ(Use(id), "UNKNOWN_TRANSACTION");
  EXPECT_EQ(End(id, true), "UNKNOWN_TRANSACTION");
}

TEST_F(TransactionsTest, AFailedOneTakesNoStatementAndNoCommit) {
  const std::string id = Begin();
  transactions_.Fail(id);
  EXPECT_EQ(Use(id), "TRANSACTION_ALREADY_ABORTED");
  EXPECT_EQ(End(id, true), "TRANSACTION_ALREADY_ABORTED");
  const std::string other = Begin();
  transactions_.Fail(other);
  EXPECT_EQ(End(other, false), "");
  transactions_.Fail("of another coordinator");
}

TEST_F(TransactionsTest, NothingIsWrittenInOne) {
  EXPECT_EQ(Use(Begin(), "memory"), "AUTOCOMMIT_WRITE_CONFLICT");
  EXPECT_EQ(Use(Begin(true), "memory"), "READ_ONLY_VIOLATION");
}

TEST_F(TransactionsTest, IdleOnesAreForgotten) {
  const std::string idle = Begin(), used = Begin();
  now_ += minutes(4);
  EXPECT_EQ(Use(used), "");
  now_ += minutes(2);
  EXPECT_EQ(Use(used), "");
  EXPECT_EQ(Use(idle), "UNKNOWN_TRANSACTION");
}

}  // namespace
}  // namespace planaria::coordinator
