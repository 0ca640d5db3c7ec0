// Requests that are sent again while that may help, and counted.
//
// Sent again: whatever brought no answer, and the answers 408, 429, 500, 502, 503 and 504. Between two
// tries lies a random pause that grows exponentially; a store that says Retry-After is left alone for that
// long. Two bounds: tries of one request, and a budget that all requests of a store share. The budget is
// refilled by successes, so that a store in trouble is not buried under retries.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "env/random.h"
#include "storage/store_transport.h"

namespace planaria::storage {

/// What requests are billed and counted as.
enum class RequestKind : uint8_t { kPut, kGet, kList, kDelete };
inline constexpr size_t kRequestKinds = 4;
/// `PUT`, `GET`, `LIST`, `DELETE`.
std::string_view RequestKindName(RequestKind kind);

/// Sent requests, tries included.
struct RequestCounts {
  std::array<uint64_t, kRequestKinds> requests{};
  uint64_t retries = 0;
  /// Answers that asked for less: 429 and 503.
  uint64_t throttled = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;

  uint64_t of(RequestKind kind) const { return requests[static_cast<size_t>(kind)]; }
  /// `PUT 3, GET 2, LIST 0, DELETE 1; 120 bytes sent, 80 received; 1 retries, 0 throttled`.
  std::string ToString() const;
};

struct RetryOptions {
  /// Tries of one request after the first.
  int max_retries = 10;
  Duration first_pause = std::chrono::milliseconds(50);
  Duration longest_pause = std::chrono::seconds(20);
  /// Longest Retry-After that is followed.
  Duration longest_wish = std::chrono::minutes(1);
  /// What failures of all requests together may use up at once; a retry costs 5, a success gives one back.
  int budget = 500;
  /// Replaced by tests.
  std::function<void(Duration)> sleep = {};
};

/// Thread-safe. Blocks the calling thread, pauses included.
class StoreRequests {
 public:
  StoreRequests(std::shared_ptr<StoreTransport> transport, RetryOptions options);

  /// Called before every try: signatures hold the time.
  using Sign = std::function<void(StoreRequest&)>;
  /// An answer that is not to be sent again, or the last one. `object` names in errors what it is about.
  /// Throws TrinoException(GENERIC_INTERNAL_ERROR) when the last try brought no answer.
  StoreResponse Run(RequestKind kind, const StoreRequest& request, const Sign& sign,
                    const std::string& object);

  RequestCounts counts() const;

 private:
  /// Whether the budget has room for one more retry; takes it.
  bool TakeRetry();
  void GiveBack();
  void Pause(int tries, const StoreResponse* response);

  const std::shared_ptr<StoreTransport> transport_;
  const RetryOptions options_;
  SystemRandom random_;
  std::atomic<int> budget_;
  std::array<std::atomic<uint64_t>, kRequestKinds> requests_{};
  std::atomic<uint64_t> retries_{0};
  std::atomic<uint64_t> throttled_{0};
  std::atomic<uint64_t> bytes_sent_{0};
  std::atomic<uint64_t> bytes_received_{0};
};

}  // namespace planaria::storage
