#include "storage/identity/renewed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace planaria::storage {
namespace {

using namespace std::chrono_literals;
using Number = Renewed<int>;

class RenewedTest : public testing::Test {
 protected:
  Number Make(std::function<Number::Fetched()> fetch) {
    return Number(std::move(fetch), [this] { return now_; });
  }
  Number::Time now_ = Number::Time(1000h);
};

TEST_F(RenewedTest, WhatHoldsForEverIsFetchedOnce) {
  int fetched = 0;
  Number number = Make([&] { return Number::Fetched{++fetched}; });
  EXPECT_EQ(number.Get(), 1);
  now_ += 10000h;
  EXPECT_EQ(number.Get(), 1);
}

TEST_F(RenewedTest, RenewsFiveMinutesBeforeTheEndOrInTheMiddleOfAShortLife) {
  int fetched = 0;
  auto life = 60min;
  Number number = Make([&] { return Number::Fetched{++fetched, now_ + life}; });
  EXPECT_EQ(number.Get(), 1);
  now_ += 54min;
  EXPECT_EQ(number.Get(), 1);
  now_ += 1min;
  life = 4min;
  EXPECT_EQ(number.Get(), 2);
  now_ += 1min;
  EXPECT_EQ(number.Get(), 2);
  now_ += 1min;
  EXPECT_EQ(number.Get(), 3);
}

TEST_F(RenewedTest, AFailureMattersOnceTheValueHasEnded) {
  int asked = 0;
  Number number = Make([&] {
    if (++asked > 1) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "nothing");
    return Number::Fetched{asked, now_ + 10min};
  });
  EXPECT_EQ(number.Get(), 1);
  now_ += 6min;
  EXPECT_EQ(number.Get(), 1);
  EXPECT_EQ(number.Get(), 1);
  EXPECT_EQ(asked, 2);
  now_ += 31s;
  EXPECT_EQ(number.Get(), 1);
  EXPECT_EQ(asked, 3);
  now_ += 5min;
  EXPECT_THROW(number.Get(), TrinoException);
  EXPECT_THROW(number.Get(), TrinoException);
  EXPECT_EQ(asked, 5);
}

TEST_F(RenewedTest, WhatIsDroppedIsFetchedOnce) {
  int fetched = 0;
  Number number = Make([&] { return Number::Fetched{++fetched, now_ + 1h}; });
  EXPECT_EQ(number.Get(), 1);
  number.Drop(1);
  EXPECT_EQ(number.Get(), 2);
  number.Drop(1);
  EXPECT_EQ(number.Get(), 2);
}

TEST_F(RenewedTest, AFailureMattersToAValueThatIsDroppedMeanwhile) {
  int asked = 0;
  Number* numbers = nullptr;
  Number number = Make([&] {
    if (++asked > 1) {
      numbers->Drop(1);
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "nothing");
    }
    return Number::Fetched{asked, now_ + 10min};
  });
  numbers = &number;
  EXPECT_EQ(number.Get(), 1);
  now_ += 6min;
  EXPECT_THROW(number.Get(), TrinoException);
}

TEST_F(RenewedTest, ManyThreadsFetchOnce) {
  std::atomic<int> fetched = 0;
  Number number = Make([&] {
    std::this_thread::sleep_for(20ms);
    return Number::Fetched{++fetched, now_ + 1h};
  });
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 16; i++) threads.emplace_back([&] { right += number.Get() == 1; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 16);
  EXPECT_EQ(fetched, 1);
}

TEST_F(RenewedTest, ThoseWhoWaitForAFailureFailWithIt) {
  std::atomic<int> asked = 0;
  std::atomic<bool> go = false;
  Number number = Make([&]() -> Number::Fetched {
    asked++;
    while (!go) std::this_thread::sleep_for(1ms);
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "nothing");
  });
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 8; i++) {
    threads.emplace_back([&] {
      try {
        number.Get();
      } catch (const TrinoException&) {
        failed++;
      }
    });
  }
  std::this_thread::sleep_for(50ms);
  go = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 8);
}

}  // namespace
}  // namespace planaria::storage
