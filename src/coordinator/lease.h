// Which of several coordinators acts: a lease on a store that can only add, as a pure state machine.
//
// The lease's record is a sequence of numbered entries, each put on the condition that its number is free:
// claims, renewals and releases compete for the same next number, so each entry follows one that its writer
// knew. Who put the last entry holds the lease, and believes so only for LeaseTiming::hold from the moment at
// which it began the look or the put that led there. Who waits counts, by its own clock, from the moment at
// which it saw an entry, and claims when none has followed for the entry's duration, which is longer.
//
// Nobody's calendar matters and no message need arrive in time. What must hold: an acknowledged entry stays
// until it is forgotten, and the clocks' rates differ by less than hold and duration do
// (docs/decisions/2026-11-26-standby-lease.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/units.h"

namespace planaria::coordinator {

struct LeaseEntry {
  /// From 1.
  uint64_t number = 0;
  /// One start of one process.
  std::string instance;
  /// Its node.id and address, for people.
  std::string node;
  std::string uri;
  /// Others take over when they have seen this entry, and none after it, for so long.
  Duration duration{};
  /// Nobody holds the lease: others need not wait.
  bool released = false;
};

struct LeaseTiming {
  static LeaseTiming Of(Duration duration) {
    return {.duration = duration,
            .hold = duration * 4 / 5,
            .renew = duration / 5,
            .look = std::min<Duration>(duration / 10, std::chrono::milliseconds(500)),
            .keep = duration * 24};
  }
  Duration duration;
  /// How long a holder believes to be the one, from the beginning of its last successful put.
  Duration hold;
  /// From one renewal to the next.
  Duration renew;
  /// From one look of those who wait to the next, and the pause after an error.
  Duration look;
  /// Entries that have been there for so long are forgotten: much longer than anybody who acts on an old look
  /// may still believe to win.
  Duration keep;
};

/// One contender. Times are its own clock's, which goes on while the process stands still. One step is done
/// and answered before the next one is asked for.
class Lease {
 public:
  /// Read the last entry: answer with Looked.
  struct Look {};
  /// Put the entry if its number is free: answer with PutAnswered.
  struct Put {
    LeaseEntry entry;
  };
  /// Delete the entries up to this number; without an answer, and an error changes nothing.
  struct Forget {
    uint64_t through;
  };
  /// Nothing to do before then.
  struct Wait {
    Duration until;
  };
  using Step = std::variant<Look, Put, Forget, Wait>;

  /// Of `self`, instance, node and uri count.
  Lease(LeaseEntry self, LeaseTiming timing) : self_(std::move(self)), timing_(timing) {}

  Step Next(Duration now);
  void Looked(const std::optional<LeaseEntry>& last, Duration now);
  /// False: the number was taken.
  void PutAnswered(bool stored, Duration now);
  /// The look or put ended with an error; the entry may have been stored, or may be yet.
  void Failed(Duration now);
  /// Stops holding at once; the steps that follow tell the others.
  void Release() { releasing_ = true; }

  /// Whether this contender may act.
  bool Holds(Duration now) const { return now < held_until(); }
  /// Holds until then, unless it is renewed; long ago when it does not hold.
  Duration held_until() const {
    return state_ == State::kHolding && !releasing_ ? held_until_ : Duration::min();
  }
  /// Held the lease and lost it, for good.
  bool lost() const { return state_ == State::kOver && !releasing_; }
  /// Nothing more will be done.
  bool over() const { return state_ == State::kOver; }
  /// The last entry that is known.
  const std::optional<LeaseEntry>& last() const { return last_; }

 private:
  enum class State : uint8_t { kWaiting, kHolding, kOver };

  Step NextWhileWaiting(Duration now);
  Step NextWhileHolding(Duration now);
  Step StartLook(Duration now);
  Step StartPut(Duration basis, bool released);
  void LookedWhileWaiting(const std::optional<LeaseEntry>& last, Duration now);
  void LookedWhileHolding(const std::optional<LeaseEntry>& last, Duration now);
  /// The last put may have been stored.
  void PutIsUnclear(Duration next_look);
  /// The entry is ours and the last one; what follows from it counts from `basis`.
  void Owns(const LeaseEntry& entry, Duration basis, Duration now);
  void Remember(uint64_t number, Duration now);
  /// Up to which number entries have been there long enough to be forgotten; 0 for none.
  uint64_t OldEntries(Duration now);
  bool IsMine(const LeaseEntry& entry) const { return entry.instance == self_.instance; }
  uint64_t last_number() const { return last_ ? last_->number : 0; }

  const LeaseEntry self_;
  const LeaseTiming timing_;
  State state_ = State::kWaiting;
  bool releasing_ = false;
  std::optional<LeaseEntry> last_;
  Duration last_seen_{};

  bool looking_ = false;
  Duration look_started_ = Duration::min();
  Duration next_look_ = Duration::min();
  /// The last look allows to claim.
  bool may_claim_ = false;

  LeaseEntry put_;
  Duration put_basis_{};
  /// Where the first put of the next number counts from, if one had no clear answer: the entry may be there,
  /// or may come yet.
  std::optional<Duration> unclear_;
  /// While holding: only a look tells what has become of the last put.
  bool must_look_ = false;

  Duration held_until_{};
  Duration next_put_{};
  /// Entries and when they were there at the latest.
  std::deque<std::pair<uint64_t, Duration>> history_;
  Duration next_forget_{};
};

}  // namespace planaria::coordinator
