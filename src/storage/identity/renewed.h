// A value that ends and is fetched again before it does.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/error.h"

namespace planaria::storage {

/// Thread-safe. One thread fetches; others go on with the value that still holds, or wait where there is
/// none.
template <typename T>
class Renewed {
 public:
  using Time = std::chrono::system_clock::time_point;
  struct Fetched {
    T value;
    /// Nothing: it holds for ever.
    std::optional<Time> ends = {};
  };
  /// `fetch` blocks, and throws TrinoException when there is nothing to be had.
  explicit Renewed(std::function<Fetched()> fetch, std::function<Time()> now = std::chrono::system_clock::now)
      : fetch_(std::move(fetch)), now_(std::move(now)) {}

  /// Fetches first where nothing was fetched yet or the value ends soon: within five minutes, or half its
  /// life. A failure to fetch is thrown only once the value has ended; until then it is tried again every
  /// half minute. Those who waited for a fetch that failed fail with it.
  T Get() {
    std::unique_lock lock(mutex_);
    for (const uint64_t failures = failures_;;) {
      const Time now = now_();
      if (current_ && (!current_->ends || now < renew_at_)) return current_->value;
      const bool holds = current_ && now < *current_->ends;
      if (!fetching_) return Fetch(lock, holds);
      if (holds) return current_->value;
      fetched_.wait(lock);
      if (failures_ != failures) std::rethrow_exception(failure_);
    }
  }

  /// Forgets a value that was refused before its end: the next Get fetches, unless that happened already.
  void Drop(const T& value) {
    const std::lock_guard lock(mutex_);
    if (current_ && current_->value == value) current_.reset();
  }

 private:
  static constexpr auto kMargin = std::chrono::minutes(5);
  static constexpr auto kNextTry = std::chrono::seconds(30);

  /// Marks the fetch as ended however it ends.
  struct Fetching {
    Fetching(Renewed& renewed, std::unique_lock<std::mutex>& lock) : renewed(renewed), lock(lock) {
      renewed.fetching_ = true;
      lock.unlock();
    }
    ~Fetching() {
      if (!lock.owns_lock()) lock.lock();
      renewed.fetching_ = false;
      renewed.fetched_.notify_all();
    }
    Fetching(const Fetching&) = delete;
    Renewed& renewed;
    std::unique_lock<std::mutex>& lock;
  };

  T Fetch(std::unique_lock<std::mutex>& lock, bool holds) {
    const Fetching fetching(*this, lock);
    try {
      Fetched fetched = fetch_();
      lock.lock();
      const Time now = now_();
      if (fetched.ends) {
        const auto life = std::max(*fetched.ends - now, typename Time::duration(0));
        renew_at_ = *fetched.ends - std::min<typename Time::duration>(kMargin, life / 2);
      }
      current_ = std::move(fetched);
    } catch (const TrinoException&) {
      if (!lock.owns_lock()) lock.lock();
      if (!holds || !current_) {
        failure_ = std::current_exception();
        failures_++;
        throw;
      }
      renew_at_ = std::min(now_() + kNextTry, *current_->ends);
    }
    return current_->value;
  }

  const std::function<Fetched()> fetch_;
  const std::function<Time()> now_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  bool fetching_ = false;
  std::optional<Fetched> current_;
  Time renew_at_{};
  uint64_t failures_ = 0;
  std::exception_ptr failure_;
};

}  // namespace planaria::storage
