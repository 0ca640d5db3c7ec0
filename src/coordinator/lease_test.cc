#include "coordinator/lease.h"

#include <gtest/gtest.h>

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDuration = 10s;
constexpr LeaseTiming kTiming = {kDuration, 8s, 2s, 1s, 240s};

LeaseEntry Entry(uint64_t number, const std::string& instance, bool released = false) {
  return {number, instance, "node-" + instance, "http://" + instance, kDuration, released};
}

/// A contender whose steps the test does by hand.
class LeaseTest : public testing::Test {
 protected:
  template <typename Step>
  Step Expect(Duration now) {
    const Lease::Step step = lease_.Next(now);
    EXPECT_TRUE(std::holds_alternative<Step>(step)) << "another step: " << step.index();
    return std::holds_alternative<Step>(step) ? std::get<Step>(step) : Step{};
  }
  void Look(Duration now, const std::optional<LeaseEntry>& last) {
    Expect<Lease::Look>(now);
    lease_.Looked(last, now);
  }
  void Put(Duration now, uint64_t number, bool stored) {
    EXPECT_EQ(Expect<Lease::Put>(now).entry.number, number);
    lease_.PutAnswered(stored, now);
  }
  void Acquire() {
    Look(0s, std::nullopt);
    Put(0s, 1, true);
  }

  Lease lease_{Entry(0, "me"), kTiming};
};

TEST_F(LeaseTest, WithoutEntriesTheFirstToPutHolds) {
  EXPECT_FALSE(lease_.Holds(0s));
  Look(0s, std::nullopt);
  const LeaseEntry entry = Expect<Lease::Put>(1s).entry;
  EXPECT_EQ(entry.number, 1u);
  EXPECT_EQ(entry.instance, "me");
  EXPECT_EQ(entry.node, "node-me");
  EXPECT_EQ(entry.duration, kDuration);
  EXPECT_FALSE(entry.released);
  lease_.PutAnswered(true, 2s);
  EXPECT_TRUE(lease_.Holds(2s));
  // From the beginning of the look.
  EXPECT_TRUE(lease_.Holds(7999ms));
  EXPECT_FALSE(lease_.Holds(8s));
}

TEST_F(LeaseTest, RenewsBeforeItEnds) {
  Acquire();
  EXPECT_EQ(Expect<Lease::Wait>(1s).until, 2s);
  Put(2s, 2, true);
  EXPECT_EQ(lease_.held_until(), 10s);
  Expect<Lease::Put>(4s);
  // A slow answer counts from its beginning.
  lease_.PutAnswered(true, 9s);
  EXPECT_EQ(lease_.held_until(), 12s);
  EXPECT_FALSE(lease_.lost());
}

TEST_F(LeaseTest, OthersWaitForTheDurationThatTheHolderNamed) {
  LeaseEntry patient = Entry(7, "other");
  patient.duration = 30s;
  Look(100s, patient);
  for (Duration now = 101s; now < 130s; now += 1s) {
    Look(now, patient);
    Expect<Lease::Wait>(now);
  }
  Look(130s, patient);
  Put(130s, 8, true);
  EXPECT_TRUE(lease_.Holds(130s));
}

TEST_F(LeaseTest, NewsStartTheWaitAgain) {
  for (int i = 1; i < 100; i++) Look(i * 1s, Entry(static_cast<uint64_t>(i), "other"));
  Expect<Lease::Wait>(99s);
  // An old view is no news, and takes nothing back.
  Look(100s, Entry(3, "other"));
  Look(101s, std::nullopt);
  Expect<Lease::Wait>(101s);
  Look(109s, Entry(99, "other"));
  Put(109s, 100, true);
}

TEST_F(LeaseTest, AReleasedLeaseIsTakenAtOnce) {
  Look(0s, Entry(4, "other", true));
  Put(0s, 5, true);
  EXPECT_TRUE(lease_.Holds(0s));
}

TEST_F(LeaseTest, OfTwoClaimsOneWins) {
  Look(0s, std::nullopt);
  Put(0s, 1, false);
  EXPECT_FALSE(lease_.Holds(0s));
  Look(1s, Entry(1, "other"));
  Expect<Lease::Wait>(1s);
}

TEST_F(LeaseTest, AClaimThatTookTooLongDoesNotCount) {
  Look(0s, std::nullopt);
  Expect<Lease::Put>(0s);
  lease_.PutAnswered(true, 8s);
  EXPECT_FALSE(lease_.Holds(8s));
  // The entry is its own, and nobody acts by it.
  Look(8s, Entry(1, "me"));
  Put(8s, 2, true);
  EXPECT_TRUE(lease_.Holds(8s));
}

TEST_F(LeaseTest, AnOldLookAllowsNoClaim) {
  Look(0s, std::nullopt);
  Expect<Lease::Look>(8s);
}

TEST_F(LeaseTest, WhoCannotRenewInTimeHasLost) {
  Acquire();
  Expect<Lease::Put>(2s);
  lease_.Failed(5s);
  EXPECT_TRUE(lease_.Holds(7s));
  Expect<Lease::Look>(6s);
  lease_.Failed(8s);
  EXPECT_FALSE(lease_.Holds(8s));
  Expect<Lease::Wait>(8s);
  EXPECT_TRUE(lease_.lost());
  EXPECT_TRUE(lease_.over());
}

TEST_F(LeaseTest, WhoFindsAnothersEntryHasLost) {
  Acquire();
  Put(2s, 2, false);
  EXPECT_TRUE(lease_.Holds(2s)) << "the taken number may be its own";
  Look(2s, Entry(2, "other"));
  EXPECT_TRUE(lease_.lost());
  EXPECT_FALSE(lease_.Holds(2s));
}

TEST_F(LeaseTest, AnUnclearRenewalThatWasStoredCountsFromItsBeginning) {
  Acquire();
  Expect<Lease::Put>(2s);
  lease_.Failed(3s);
  EXPECT_EQ(Expect<Lease::Wait>(3s).until, 4s);
  Look(4s, Entry(2, "me"));
  EXPECT_EQ(lease_.held_until(), 10s);
  Put(4s, 3, true);
  EXPECT_EQ(lease_.held_until(), 12s);
}

TEST_F(LeaseTest, AnUnclearRenewalMayComeAfterTheLook) {
  Acquire();
  Expect<Lease::Put>(2s);
  lease_.Failed(2s);
  Look(3s, Entry(1, "me"));
  // The first put arrives now: others may have seen it before this one began.
  Put(4s, 2, false);
  Look(4s, Entry(2, "me"));
  EXPECT_EQ(lease_.held_until(), 10s);
}

TEST_F(LeaseTest, AnUnclearRenewalThatWasNotStoredIsPutAgain) {
  Acquire();
  Expect<Lease::Put>(2s);
  lease_.Failed(2s);
  Look(3s, Entry(1, "me"));
  Put(4s, 2, true);
  EXPECT_EQ(lease_.held_until(), 12s);
}

TEST_F(LeaseTest, ReleasesAtOnce) {
  Acquire();
  lease_.Release();
  EXPECT_FALSE(lease_.Holds(1s));
  const LeaseEntry entry = Expect<Lease::Put>(1s).entry;
  EXPECT_EQ(entry.number, 2u);
  EXPECT_TRUE(entry.released);
  lease_.PutAnswered(true, 1s);
  EXPECT_TRUE(lease_.over());
  EXPECT_FALSE(lease_.lost());
}

TEST_F(LeaseTest, ReleasesAfterAnUnclearRenewal) {
  Acquire();
  Expect<Lease::Put>(2s);
  lease_.Failed(2s);
  lease_.Release();
  Look(3s, Entry(2, "me"));
  EXPECT_TRUE(Expect<Lease::Put>(3s).entry.released);
  lease_.PutAnswered(true, 3s);
  EXPECT_TRUE(lease_.over());
}

TEST_F(LeaseTest, WhoWaitsHasNothingToRelease) {
  Look(0s, Entry(1, "other"));
  lease_.Release();
  Expect<Lease::Wait>(1s);
  EXPECT_TRUE(lease_.over());
  EXPECT_FALSE(lease_.lost());
}

TEST_F(LeaseTest, OldEntriesAreForgotten) {
  Look(0s, Entry(500, "other", true));
  Put(0s, 501, true);
  uint64_t number = 501;
  uint64_t forgotten = 0;
  for (Duration now = 0s; now < 1000s; now += 100ms) {
    const Lease::Step step = lease_.Next(now);
    if (std::holds_alternative<Lease::Put>(step)) {
      number++;
      lease_.PutAnswered(true, now);
    } else if (const auto* forget = std::get_if<Lease::Forget>(&step)) {
      EXPECT_GT(forget->through, forgotten);
      forgotten = forget->through;
      // 240 s at one in 2 s.
      EXPECT_GE(number - forgotten, 120u);
    }
  }
  EXPECT_LE(number - forgotten, 140u);
}

}  // namespace
}  // namespace planaria::coordinator
