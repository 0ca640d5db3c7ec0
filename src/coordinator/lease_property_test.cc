// Contenders for a lease in a world where everything takes as long as it likes: at most one may act.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <tuple>

#include "coordinator/lease.h"

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDuration = 10s;

/// Puts, looks and processes that are late, lost, frozen or dead, over simulated time.
class World {
 public:
  World(uint64_t seed, int contenders, LeaseTiming timing) : random_(seed), timing_(timing) {
    for (int i = 0; i < contenders; i++) {
      auto& contender = contenders_.emplace_back(std::make_unique<Contender>());
      contender->rate = Between(0.9, 1.1);
      contender->offset = Duration(static_cast<int64_t>(Between(0, 1e15)));
      Begin(*contender);
    }
  }

  void Run(Duration duration) {
    const Duration end = now_ + duration;
    while (!events_.empty() && events_.top().at <= end) {
      const auto event = events_.top();
      events_.pop();
      now_ = event.at;
      event.fn();
      Check();
    }
    now_ = end;
    Check();
  }
  /// From now on all goes well.
  void Calm() { calm_ = true; }

  int holders() const {
    return static_cast<int>(std::count_if(contenders_.begin(), contenders_.end(), [&](const auto& contender) {
      return contender->lease && contender->lease->Holds(Local(*contender));
    }));
  }
  bool violated() const { return violated_; }
  size_t entries() const { return entries_.size(); }
  size_t most_entries() const { return most_entries_; }
  int acquired() const { return acquired_; }
  int lost() const { return lost_; }
  /// Entries that were stored although later ones had been, because theirs was forgotten.
  int into_the_past() const { return into_the_past_; }

 private:
  struct Contender {
    double rate = 1;
    Duration offset{};
    /// Tells the events of a dead process from those of the next.
    int start = 0;
    std::unique_ptr<Lease> lease;
    bool held = false;
  };
  struct Event {
    Duration at;
    uint64_t order;
    std::function<void()> fn;
    bool operator<(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };

  double Between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  bool Chance(double probability) { return !calm_ && Between(0, 1) < probability; }
  Duration Local(const Contender& contender) const {
    return contender.offset +
           Duration(static_cast<int64_t>(static_cast<double>(now_.count()) * contender.rate));
  }
  Duration Delay() {
    double leases = Between(0, 0.02);
    if (Chance(0.05)) leases = Between(0, 2);
    if (Chance(0.005)) leases = Between(0, 60);
    return Duration(static_cast<int64_t>(leases * static_cast<double>(timing_.duration.count())));
  }
  void After(Duration delay, std::function<void()> fn) {
    events_.push({now_ + delay, order_++, std::move(fn)});
  }
  /// Unless the process has died by then.
  void AfterIn(Contender& contender, Duration delay, std::function<void()> fn) {
    After(delay, [&contender, start = contender.start, fn = std::move(fn)] {
      if (contender.start == start) fn();
    });
  }

  void Begin(Contender& contender) {
    contender.start++;
    contender.held = false;
    LeaseEntry self;
    self.instance = std::to_string(instances_++);
    contender.lease = std::make_unique<Lease>(self, timing_);
    AfterIn(contender, Delay(), [this, &contender] { Step(contender); });
  }
  void Die(Contender& contender) {
    contender.lease.reset();
    contender.start++;
    After(Delay(), [this, &contender] { Begin(contender); });
  }

  void Step(Contender& contender) {
    if (Chance(0.002)) return Die(contender);
    if (Chance(0.002)) contender.lease->Release();
    const Lease::Step step = contender.lease->Next(Local(contender));
    if (contender.lease->over()) {
      lost_ += contender.lease->lost() ? 1 : 0;
      return Die(contender);
    }
    std::visit([&](const auto& what) { Do(contender, what); }, step);
  }
  void Do(Contender& contender, const Lease::Wait& wait) {
    const auto local = static_cast<double>((wait.until - Local(contender)).count());
    const Duration pause(std::max<int64_t>(static_cast<int64_t>(local / contender.rate) + 1, 1));
    AfterIn(contender, pause + Delay(), [this, &contender] { Step(contender); });
  }
  void Do(Contender& contender, const Lease::Look&) {
    const bool fails = Chance(0.03);
    After(Delay(), [this, &contender, start = contender.start, fails] {
      const std::optional<LeaseEntry> last =
          entries_.empty() ? std::nullopt : std::optional(entries_.rbegin()->second);
      Answer(contender, start, [last, fails](Lease& lease, Duration now) {
        fails ? lease.Failed(now) : lease.Looked(last, now);
      });
    });
  }
  void Do(Contender& contender, const Lease::Put& put) {
    if (Chance(0.05)) {
      // The answer is lost; the put, too, or it comes whenever it comes.
      if (Chance(0.7)) After(Delay() + Delay(), [this, entry = put.entry] { Store(entry); });
      return Answer(contender, contender.start, [](Lease& lease, Duration now) { lease.Failed(now); });
    }
    After(Delay(), [this, &contender, start = contender.start, entry = put.entry] {
      const bool stored = Store(entry);
      Answer(contender, start, [stored](Lease& lease, Duration now) { lease.PutAnswered(stored, now); });
    });
  }
  void Do(Contender& contender, const Lease::Forget& forget) {
    After(Delay(), [this, &contender, start = contender.start, through = forget.through] {
      entries_.erase(entries_.begin(), entries_.upper_bound(through));
      Answer(contender, start, [](Lease&, Duration) {});
    });
  }
  void Answer(Contender& contender, int start, std::function<void(Lease&, Duration)> tell) {
    After(Delay(), [this, &contender, start, tell = std::move(tell)] {
      if (contender.start != start) return;
      tell(*contender.lease, Local(contender));
      AfterIn(contender, Delay(), [this, &contender] { Step(contender); });
    });
  }
  bool Store(const LeaseEntry& entry) {
    const bool past = !entries_.empty() && entries_.rbegin()->first > entry.number;
    const bool stored = entries_.emplace(entry.number, entry).second;
    into_the_past_ += stored && past ? 1 : 0;
    most_entries_ = std::max(most_entries_, entries_.size());
    return stored;
  }

  void Check() {
    violated_ = violated_ || holders() > 1;
    for (const auto& contender : contenders_) {
      const bool holds = contender->lease && contender->lease->Holds(Local(*contender));
      acquired_ += holds && !contender->held ? 1 : 0;
      contender->held = holds;
    }
  }

  std::mt19937_64 random_;
  const LeaseTiming timing_;
  bool calm_ = false;
  Duration now_{};
  std::priority_queue<Event> events_;
  uint64_t order_ = 0;
  uint64_t instances_ = 0;
  std::vector<std::unique_ptr<Contender>> contenders_;
  std::map<uint64_t, LeaseEntry> entries_;
  bool violated_ = false;
  size_t most_entries_ = 0;
  int acquired_ = 0;
  int lost_ = 0;
  int into_the_past_ = 0;
};

constexpr uint64_t kWorlds = 300;

TEST(LeaseProperty, AtMostOneHolds) {
  int acquired = 0, lost = 0, into_the_past = 0;
  for (uint64_t seed = 0; seed < kWorlds; seed++) {
    World world(seed, 2 + static_cast<int>(seed % 2), LeaseTiming::Of(kDuration));
    world.Run(300 * kDuration);
    ASSERT_FALSE(world.violated()) << "seed " << seed;
    EXPECT_LT(world.most_entries(), 600u) << "seed " << seed;
    world.Calm();
    // What began before may take long.
    world.Run(130 * kDuration);
    world.Run(3 * kDuration);
    ASSERT_FALSE(world.violated()) << "seed " << seed;
    EXPECT_EQ(world.holders(), 1) << "seed " << seed;
    EXPECT_LT(world.entries(), 200u) << "seed " << seed;
    acquired += world.acquired();
    lost += world.lost();
    into_the_past += world.into_the_past();
  }
  std::cout << acquired << " times acquired, " << lost << " times lost, " << into_the_past
            << " entries stored in the past\n";
  EXPECT_GT(acquired, 1000);
  EXPECT_GT(lost, 1000);
  EXPECT_GT(into_the_past, 0);
}

bool AnyViolation(const LeaseTiming& timing) {
  for (uint64_t seed = 0; seed < kWorlds; seed++) {
    World world(seed, 3, timing);
    world.Run(300 * kDuration);
    if (world.violated()) return true;
  }
  return false;
}

TEST(LeaseProperty, TheWorldIsHarshEnough) {
  LeaseTiming timing = LeaseTiming::Of(kDuration);
  timing.hold = kDuration;
  EXPECT_TRUE(AnyViolation(timing)) << "clocks of different rates";
  timing = LeaseTiming::Of(kDuration);
  timing.keep = timing.renew;
  EXPECT_TRUE(AnyViolation(timing)) << "old looks meet forgotten entries";
}

}  // namespace
}  // namespace planaria::coordinator
