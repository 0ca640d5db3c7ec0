#include "worker/node_drain.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace planaria::worker {

namespace {
/// Of the grace period, kept for handing back: cancelling takes its time.
constexpr int kHandBackShare = 10;
constexpr Duration kHandBackTime = std::chrono::seconds(5);
}  // namespace

struct NodeDrain::State : std::enable_shared_from_this<NodeDrain::State> {
  Executor& executor;
  TaskPool& tasks;
  ReportLog& reports;
  /// Held while tasks are handed back, so that nobody is destroyed meanwhile.
  std::mutex handing_back;
  std::mutex mutex;
  /// Empty once called, or once nobody waits.
  std::function<void()> done;
  bool known = false;

  State(Executor& executor, TaskPool& tasks, ReportLog& reports, std::function<void()> done)
      : executor(executor), tasks(tasks), reports(reports), done(std::move(done)) {}

  void Start(Duration grace) {
    const Duration own = std::min<Duration>(grace / kHandBackShare, kHandBackTime);
    tasks.RefuseNew();
    spdlog::info("draining: {} tasks run, grace period {}", tasks.running(), FormatDuration(grace));
    executor.RunAfter(grace - own, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->HandBack();
    });
    executor.RunAfter(std::max<Duration>(grace, kAcknowledgeLimit), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->End("grace period over");
    });
    executor.RunAfter(kAcknowledgeLimit, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Known();
    });
  }

  /// The coordinator sends no more tasks, as far as is known.
  void Known() {
    {
      const std::lock_guard lock(mutex);
      if (!done || std::exchange(known, true)) return;
    }
    tasks.WhenIdle([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->reports.WhenAcknowledged([weak] {
        if (const auto self = weak.lock()) self->End("nothing left to do");
      });
    });
  }

  void HandBack() {
    const std::lock_guard busy(handing_back);
    {
      const std::lock_guard lock(mutex);
      if (!done) return;
    }
    if (const size_t left = tasks.running(); left > 0) spdlog::info("draining: hands back {} tasks", left);
    tasks.HandBack();
  }

  void End(const char* why) {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex);
      call = std::exchange(done, nullptr);
    }
    if (!call) return;
    spdlog::info("drained: {}", why);
    call();
  }
};

NodeDrain::NodeDrain(Executor& executor, TaskPool& tasks, ReportLog& reports, Duration grace,
                     std::function<void()> done)
    : state_(std::make_shared<State>(executor, tasks, reports, std::move(done))) {
  state_->Start(grace);
}

std::function<void()> NodeDrain::WhenKnown() {
  return [weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->Known();
  };
}

NodeDrain::~NodeDrain() {
  const std::lock_guard busy(state_->handing_back);
  const std::lock_guard lock(state_->mutex);
  state_->done = nullptr;
}

}  // namespace planaria::worker
