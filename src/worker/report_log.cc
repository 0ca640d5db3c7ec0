#include "worker/report_log.h"

#include <cstring>

#include "base/error.h"

namespace planaria::worker {

namespace {
constexpr size_t kFrameHeaderBytes = 12;
/// A manifest of many partitions and blocks is megabytes at most.
constexpr uint32_t kLargestReport = 256u << 20;
}  // namespace

std::string EncodeFrame(uint64_t sequence, std::string_view payload) {
  std::string frame(kFrameHeaderBytes, '\0');
  const auto size = static_cast<uint32_t>(payload.size());
  std::memcpy(frame.data(), &size, sizeof size);
  std::memcpy(frame.data() + sizeof size, &sequence, sizeof sequence);
  return frame.append(payload);
}

void FrameReader::Feed(std::string_view bytes,
                       const std::function<void(uint64_t, std::string_view)>& on_frame) {
  pending_.append(bytes);
  size_t at = 0;
  while (pending_.size() - at >= kFrameHeaderBytes) {
    uint32_t size;
    uint64_t sequence;
    std::memcpy(&size, pending_.data() + at, sizeof size);
    std::memcpy(&sequence, pending_.data() + at + sizeof size, sizeof sequence);
    if (size > kLargestReport) throw TrinoException(errors::SERIALIZATION_ERROR, "Report frame is too large");
    if (pending_.size() - at - kFrameHeaderBytes < size) break;
    on_frame(sequence, std::string_view(pending_).substr(at + kFrameHeaderBytes, size));
    at += kFrameHeaderBytes + size;
  }
  pending_.erase(0, at);
}

void ReportLog::Append(std::string report) {
  const std::lock_guard lock(mutex_);
  kept_.emplace_back(++last_sequence_, std::move(report));
  if (const auto subscriber = subscriber_.lock())
    (*subscriber)(EncodeFrame(last_sequence_, kept_.back().second));
}

void ReportLog::Acknowledge(uint64_t sequence) {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    while (!kept_.empty() && kept_.front().first <= sequence) kept_.pop_front();
    if (kept_.empty()) waiting.swap(when_acknowledged_);
  }
  for (const auto& fn : waiting) fn();
}

void ReportLog::WhenAcknowledged(std::function<void()> fn) {
  {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty()) {
      when_acknowledged_.push_back(std::move(fn));
      return;
    }
  }
  fn();
}

void ReportLog::Subscribe(uint64_t sequence, std::shared_ptr<Subscriber> subscriber) {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, report] : kept_) {
    if (number > sequence) (*subscriber)(EncodeFrame(number, report));
  }
  subscriber_ = subscriber;
}

void ReportLog::Beat() {
  const std::lock_guard lock(mutex_);
  if (const auto subscriber = subscriber_.lock()) (*subscriber)(EncodeFrame(last_sequence_, {}));
}

}  // namespace planaria::worker
