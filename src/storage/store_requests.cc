#include "storage/store_requests.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

namespace planaria::storage {
namespace {

constexpr int kRetryCost = 5;

bool MayHelp(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/// Seconds only: object stores send no dates here.
std::optional<Duration> RetryAfter(const StoreResponse& response) {
  const auto text = response.headers.Get("Retry-After");
  if (!text) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min<int64_t>(seconds, 86'400));
}

}  // namespace

std::string_view RequestKindName(RequestKind kind) {
  static constexpr std::string_view kNames[kRequestKinds] = {"PUT", "GET", "LIST", "DELETE"};
  return kNames[static_cast<size_t>(kind)];
}

std::string RequestCounts::ToString() const {
  std::string text;
  for (size_t kind = 0; kind < kRequestKinds; kind++) {
    text += (kind == 0 ? "" : ", ") + std::string(RequestKindName(static_cast<RequestKind>(kind))) + ' ' +
            std::to_string(requests[kind]);
  }
  return text + "; " + std::to_string(bytes_sent) + " bytes sent, " + std::to_string(bytes_received) +
         " received; " + std::to_string(retries) + " retries, " + std::to_string(throttled) + " throttled";
}

StoreRequests::StoreRequests(std::shared_ptr<StoreTransport> transport, RetryOptions options)
    : transport_(std::move(transport)), options_(std::move(options)), budget_(options_.budget) {}

StoreResponse StoreRequests::Run(RequestKind kind, const StoreRequest& request, const Sign& sign,
                                 const std::string& object) {
  for (int tries = 1;; tries++) {
    StoreRequest signed_request = request;
    sign(signed_request);
    requests_[static_cast<size_t>(kind)]++;
    bytes_sent_ += request.body.size();
    std::optional<StoreResponse> response;
    std::string failure;
    try {
      response = transport_->Send(signed_request);
      bytes_received_ += response->received;
    } catch (const StoreUnreachable& unreachable) {
      failure = unreachable.what();
    }
    if (response && !MayHelp(response->status)) {
      GiveBack();
      return std::move(*response);
    }
    if (response && (response->status == 429 || response->status == 503)) throttled_++;
    if (tries > options_.max_retries || !TakeRetry()) {
      if (response) return std::move(*response);
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           object + ": " + failure + " (" + std::to_string(tries) + " tries)");
    }
    retries_++;
    Pause(tries, response ? &*response : nullptr);
  }
}

bool StoreRequests::TakeRetry() {
  int left = budget_;
  while (left >= kRetryCost) {
    if (budget_.compare_exchange_weak(left, left - kRetryCost)) return true;
  }
  return false;
}

void StoreRequests::GiveBack() {
  int left = budget_;
  while (left < options_.budget && !budget_.compare_exchange_weak(left, left + 1)) {
  }
}

void StoreRequests::Pause(int tries, const StoreResponse* response) {
  const double longest = static_cast<double>(options_.longest_pause.count());
  const double bound = std::min(longest, static_cast<double>(options_.first_pause.count()) *
                                             static_cast<double>(1ull << std::min(tries - 1, 30)));
  // Never nothing at all, and never everybody at the same time.
  Duration pause(static_cast<int64_t>(bound * (0.5 + 0.5 * random_.Fraction())));
  if (response != nullptr) {
    if (const auto wish = RetryAfter(*response))
      pause = std::max(pause, std::min(*wish, options_.longest_wish));
  }
  if (options_.sleep) {
    options_.sleep(pause);
  } else {
    std::this_thread::sleep_for(pause);
  }
}

RequestCounts StoreRequests::counts() const {
  RequestCounts counts;
  for (size_t kind = 0; kind < kRequestKinds; kind++) counts.requests[kind] = requests_[kind];
  counts.retries = retries_;
  counts.throttled = throttled_;
  counts.bytes_sent = bytes_sent_;
  counts.bytes_received = bytes_received_;
  return counts;
}

}  // namespace planaria::storage
