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

namespace planaria::kernel {

/// Encoded rows of one partition (kernel/page_codec.h); immutable, shared, cheap to copy.
struct Page {
  std::shared_ptr<const void> owner;
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t rows = 0;
};

/// Where a task's output goes. Thread-safe. Append may block while the store is slow and throws when it
/// fails.
class ExchangeOutput {
 public:
  virtual ~ExchangeOutput() = default;
  virtual void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) = 0;
};

/// What a task reads of one exchange: the pages of its partitions from every committed producer attempt.
class ExchangeInput {
 public:
  virtual ~ExchangeInput() = default;
  /// The next page, or nothing at the end. Thread-safe; each page is given once. Throws when data is lost.
  virtual std::optional<Page> Next() = 0;
  /// Total rows, for sizing; 0 when unknown.
  virtual uint64_t rows() const = 0;
  /// Number of pages: the most threads that can read at once.
  virtual size_t page_count() const = 0;
};

/// A split as the scan operators see it: opaque to the kernel.
struct ScanSplit {
  std::string payload;
  uint64_t rows = 0;
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

class TaskContext {
 public:
  std::map<uint32_t, std::shared_ptr<SplitQueue>> scans;
  /// Opens an input for reading from its start; a recursive plan reads one several times.
  std::map<uint32_t, std::function<std::shared_ptr<ExchangeInput>()>> inputs;
  /// The same inputs with one reader per producer, each giving pages in the order in which they were written.
  std::map<uint32_t, std::function<std::vector<std::shared_ptr<ExchangeInput>>()>> runs;
  /// Rows of the inputs that are complete when the task starts: the real sizes, where the plan has estimates.
  std::map<uint32_t, uint64_t> input_rows;
  std::shared_ptr<ExchangeOutput> output;
  /// Rows read by scans, for progress.
  std::atomic<uint64_t> scanned_rows{0};
  /// Rows of the inputs that were opened.
  std::atomic<uint64_t> exchanged_rows{0};

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
