// The rows of a run that may fail and be repeated: held back until the run has ended, so that no row is ever
// given out twice.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/secret.h"
#include "coordinator/result_pages.h"
#include "env/work_queue.h"
#include "exchange/near_outputs.h"
#include "exchange/spool_writer.h"

namespace planaria::coordinator {

struct HeldResultOptions {
  /// Bytes of pages kept in memory; `exchange.deduplication-buffer-size`.
  uint64_t memory_bytes = 32 << 20;
  /// Where further pages go.
  storage::ObjectPlace overflow;
  /// Finds the overflow again.
  std::shared_ptr<storage::ObjectLocator> locator;
  /// Where this node may have kept it; may be null.
  std::shared_ptr<exchange::NearNodes> near = {};
  /// Named as the overflow's producer.
  TaskId root;
  /// Seals the overflow unless it is empty.
  Secret key;
  /// Takes pages in, which blocks while they are spooled. Outlives the result.
  WorkQueue* pool = nullptr;
  /// The rows cannot be taken in; called once, on the pool.
  std::function<void(const Error&)> failed;
};

/// Takes pages in from its start on, and gives them out when the last is there. Thread-safe.
class HeldResult : public std::enable_shared_from_this<HeldResult> {
 public:
  HeldResult(std::unique_ptr<ResultPages> source, HeldResultOptions options);
  /// What was spooled and not given out goes with the query's other outputs.
  ~HeldResult();

  void Start();
  /// The run is void: nothing is taken in any more.
  void Stop();

  /// kLater until everything was taken in. Throws what taking in threw.
  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake);

 private:
  void TakeIn();
  /// True when the source has ended.
  bool TakeInWhatIsThere();
  void Keep(const exchange::SpooledPage& page);

  const HeldResultOptions options_;
  /// Taking in is one call at a time; only it uses these.
  std::unique_ptr<ResultPages> source_;
  std::unique_ptr<exchange::SpoolWriter> writer_;
  uint64_t held_bytes_ = 0;

  std::mutex mutex_;
  bool stopped_ = false;
  bool complete_ = false;
  std::exception_ptr failure_;
  std::deque<exchange::SpooledPage> pages_;
  std::unique_ptr<exchange::SpoolReader> overflow_;
  std::vector<exchange::Wake> wakes_;
};

/// A held result as the reader of the query's rows takes it.
class HeldResultPages final : public ResultPages {
 public:
  explicit HeldResultPages(std::shared_ptr<HeldResult> held) : held_(std::move(held)) {}
  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake) override {
    return held_->Next(page, wake);
  }

 private:
  const std::shared_ptr<HeldResult> held_;
};

}  // namespace planaria::coordinator
