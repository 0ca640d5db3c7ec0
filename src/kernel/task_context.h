// What one running task lends to the operators of its plan: splits to scan, exchanges to read, an exchange to
// fill.
//
// A plan names its ends by number (scan id, exchange id); the worker builds a TaskContext that maps the
// numbers to the real things and hands it to FragmentRunner, which ties it to the DuckDB ClientContext.
// Operators find it there.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kernel/signal.h"
#include "kernel/task_meter.h"

namespace planaria::kernel {

/// Encoded rows of one partition (kernel/page_codec.h); immutable, shared, cheap to copy.
struct Page {
  std::shared_ptr<const void> owner;
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t rows = 0;
  /// Of the spooled output that it comes from.
  uint32_t partition = 0;
};

/// Called once, from any thread but never inside the call that took it, when what was refused may work.
using Wake = std::function<void()>;

/// Where a task's output goes. Thread-safe. Append may block while a store is slow and throws when it fails.
class ExchangeOutput {
 public:
  virtual ~ExchangeOutput() = default;
  virtual void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) = 0;
  /// True: the readers are behind, do not Append before `wake` is called. What threads hold in hand may still
  /// be appended.
  virtual bool Full(const Wake& wake) {
    static_cast<void>(wake);
    return false;
  }
  /// False: nobody reads what is appended from now on.
  virtual bool Wanted() { return true; }
};

enum class InputState : uint8_t { kPage, kLater, kEnd };

/// What a task reads of one exchange: the pages of its partitions from every producer.
class ExchangeInput {
 public:
  /// For page_count.
  static constexpr size_t kUnknown = SIZE_MAX;

  virtual ~ExchangeInput() = default;
  /// The next page, each once. kLater: there is none yet, `wake`, unless empty, will be called. Thread-safe.
  /// Throws when data is lost.
  virtual InputState Next(Page& page, const Wake& wake) = 0;
  /// Number of pages: the most threads that can read at once.
  virtual size_t page_count() const = 0;
};

/// One input per producer, each giving pages in the order in which they were written.
using ExchangeRuns = std::vector<std::shared_ptr<ExchangeInput>>;

/// A split as the scan operators see it: opaque to the kernel.
struct ScanSplit {
  std::string payload;
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

/// Splits of one scan, handed out one at a time. Thread-safe.
class SplitQueue {
 public:
  explicit SplitQueue(std::vector<ScanSplit> splits)
      : splits_(std::make_shared<const std::vector<ScanSplit>>(std::move(splits))) {}
  /// The same splits from the start: a recursive plan scans its tables several times.
  SplitQueue(const SplitQueue& other) : splits_(other.splits_) {}
  const ScanSplit* Next() {
    const size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    return index < splits_->size() ? &(*splits_)[index] : nullptr;
  }
  size_t size() const { return splits_->size(); }

 private:
  const std::shared_ptr<const std::vector<ScanSplit>> splits_;
  std::atomic<size_t> next_{0};
};

class FinalStep;

class TaskContext {
 public:
  std::map<uint32_t, std::shared_ptr<SplitQueue>> scans;
  /// Opens an input for reading from its start; a recursive plan reads one several times.
  std::map<uint32_t, std::function<std::shared_ptr<ExchangeInput>()>> inputs;
  /// The same inputs by producer; nothing as long as not all producers are known, then `wake` will be called.
  std::map<uint32_t, std::function<std::optional<ExchangeRuns>(const Wake& wake)>> runs;
  /// Rows of the inputs that are complete when the task starts: the real sizes, where the plan has estimates.
  std::map<uint32_t, uint64_t> input_rows;
  std::shared_ptr<ExchangeOutput> output;
  /// What the plan's final steps do (kernel/final_step.h); only tasks of the coordinator have any.
  std::vector<std::shared_ptr<FinalStep>> final_steps;
  /// Rows read by scans, for progress.
  std::atomic<uint64_t> scanned_rows{0};
  /// Rows of the pages read from inputs.
  std::atomic<uint64_t> exchanged_rows{0};
  /// Set before the first input is opened: the plan reads inputs more than once, from their start.
  bool reads_again = false;
  /// Raised whenever the thread that drives the task may have something to do.
  Signal attention;
  /// Read by the worker while the task runs.
  std::shared_ptr<TaskMeter> meter = std::make_shared<TaskMeter>();

  /// Runs `action`; an exception that leaves it is kept for failure(). DuckDB turns exceptions of operators
  /// into text, so this is how an error keeps its code and a lost spool object its producer.
  template <typename Action>
  auto Guard(Action action) -> decltype(action()) {
    try {
      return action();
    } catch (const std::exception&) {
      RecordFailure(std::current_exception());
      throw;
    }
  }

  /// The first exception that left a Guard; nullptr when there was none.
  std::exception_ptr failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  void RecordFailure(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
  }

  mutable std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace planaria::kernel
