// The non-template part of Asio is compiled here, once.
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/impl/src.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <vector>

#include "env/executor.h"

namespace planaria {

namespace asio = boost::asio;

namespace {

// Owned by its pending wait alone, so a handle kept too long never reaches into a loop that is gone.
class LoopTimer final : public TimerHandle::Timer, public std::enable_shared_from_this<LoopTimer> {
 public:
  LoopTimer(asio::io_context& context, Duration delay, std::function<void()> fn)
      : timer_(context, delay), fn_(std::move(fn)) {}

  void Start() {
    std::lock_guard lock(mutex_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->Fire(); });
  }

  bool Cancel() override {
    std::function<void()> dropped;
    std::lock_guard lock(mutex_);
    if (!fn_) return false;
    dropped.swap(fn_);
    timer_.cancel();
    return true;
  }

 private:
  void Fire() {
    std::function<void()> fn;
    {
      std::lock_guard lock(mutex_);
      fn.swap(fn_);
    }
    if (fn) fn();
  }

  std::mutex mutex_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      timer_;
  std::function<void()> fn_;
};

}  // namespace

struct EventLoop::Impl {
  explicit Impl(int threads) : context(threads), work(context.get_executor()) {}

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
};

EventLoop::EventLoop(int threads) : impl_(std::make_unique<Impl>(std::max(threads, 1))) {
  for (int i = 0; i < std::max(threads, 1); ++i)
    impl_->threads.emplace_back([context = &impl_->context] { context->run(); });
}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Post(std::function<void()> fn) { asio::post(impl_->context, std::move(fn)); }

TimerHandle EventLoop::RunAfter(Duration delay, std::function<void()> fn) {
  auto timer = std::make_shared<LoopTimer>(impl_->context, delay, std::move(fn));
  timer->Start();
  return TimerHandle(timer);
}

void EventLoop::Stop() {
  impl_->context.stop();
  for (auto& thread : impl_->threads)
    if (thread.joinable()) thread.join();
}

asio::io_context& EventLoop::context() { return impl_->context; }

}  // namespace planaria
