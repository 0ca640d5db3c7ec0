#include "coordinator/lease.h"

#include <algorithm>

namespace planaria::coordinator {

Lease::Step Lease::Next(Duration now) {
  if (state_ == State::kWaiting && releasing_) state_ = State::kOver;
  if (state_ == State::kHolding && now >= held_until_) state_ = State::kOver;
  if (state_ == State::kOver) return Wait{Duration::max()};
  return state_ == State::kWaiting ? NextWhileWaiting(now) : NextWhileHolding(now);
}

Lease::Step Lease::NextWhileWaiting(Duration now) {
  // From the look on nobody else's claim can have come and been forgotten within this time.
  if (std::exchange(may_claim_, false) && now < look_started_ + timing_.hold)
    return StartPut(look_started_, false);
  return now < next_look_ ? Step(Wait{next_look_}) : StartLook(now);
}

Lease::Step Lease::NextWhileHolding(Duration now) {
  if (must_look_) return now < next_look_ ? Step(Wait{std::min(next_look_, held_until_)}) : StartLook(now);
  if (releasing_) return StartPut(now, true);
  if (now >= next_put_) return StartPut(now, false);
  if (now >= next_forget_) {
    next_forget_ = now + timing_.keep / 8;
    const uint64_t through = OldEntries(now);
    if (through > 0) return Forget{through};
  }
  return Wait{std::min(next_put_, held_until_)};
}

Lease::Step Lease::StartLook(Duration now) {
  looking_ = true;
  look_started_ = now;
  next_look_ = now + timing_.look;
  return Look{};
}

Lease::Step Lease::StartPut(Duration basis, bool released) {
  looking_ = false;
  put_ = self_;
  put_.number = last_number() + 1;
  put_.duration = timing_.duration;
  put_.released = released;
  put_basis_ = basis;
  return Put{put_};
}

void Lease::Looked(const std::optional<LeaseEntry>& last, Duration now) {
  state_ == State::kHolding ? LookedWhileHolding(last, now) : LookedWhileWaiting(last, now);
}

void Lease::LookedWhileWaiting(const std::optional<LeaseEntry>& last, Duration now) {
  // Fewer entries than before are an old view of the store.
  if (last && last->number > last_number()) {
    const bool claimed = IsMine(*last) && unclear_ && last->number == last_number() + 1;
    const Duration basis = unclear_.value_or(Duration::min());
    last_ = last;
    last_seen_ = now;
    Remember(last->number, now);
    unclear_.reset();
    if (claimed && now < basis + timing_.hold) return Owns(*last, basis, now);
  }
  may_claim_ = !last_ || last_->released || IsMine(*last_) || now - last_seen_ >= last_->duration;
}

void Lease::LookedWhileHolding(const std::optional<LeaseEntry>& last, Duration now) {
  const uint64_t number = last ? last->number : 0;
  if (number < last_number()) return;
  if (number == last_number()) {
    must_look_ = false;
    next_put_ = now;
    return;
  }
  if (!IsMine(*last) || number != last_number() + 1) {
    state_ = State::kOver;
    return;
  }
  Owns(*last, *unclear_, now);
}

void Lease::PutAnswered(bool stored, Duration now) {
  if (stored) return Owns(put_, put_basis_, now);
  PutIsUnclear(std::max(now, look_started_ + timing_.look));
}

void Lease::Failed(Duration now) {
  if (!looking_) return PutIsUnclear(now + timing_.look);
  next_look_ = now + timing_.look;
}

void Lease::PutIsUnclear(Duration next_look) {
  unclear_ = std::min(unclear_.value_or(put_basis_), put_basis_);
  must_look_ = true;
  next_look_ = next_look;
}

void Lease::Owns(const LeaseEntry& entry, Duration basis, Duration now) {
  last_ = entry;
  last_seen_ = now;
  unclear_.reset();
  must_look_ = false;
  if (entry.released) {
    state_ = State::kOver;
    return;
  }
  if (state_ == State::kWaiting) {
    // A claim that came too late: the next look finds that it may be made again.
    if (now >= basis + timing_.hold) {
      next_look_ = now;
      return;
    }
    state_ = State::kHolding;
    next_forget_ = now;
  }
  Remember(entry.number, now);
  held_until_ = basis + timing_.hold;
  next_put_ = basis + timing_.renew;
}

void Lease::Remember(uint64_t number, Duration now) {
  history_.emplace_back(number, now);
  while (history_.size() > 1 && now - history_[1].second >= timing_.keep) history_.pop_front();
}

uint64_t Lease::OldEntries(Duration now) {
  uint64_t through = 0;
  while (!history_.empty() && now - history_.front().second >= timing_.keep) {
    through = history_.front().first;
    history_.pop_front();
  }
  return through;
}

}  // namespace planaria::coordinator
