// Reports of a worker's tasks on their way to the coordinator: numbered, kept until acknowledged, streamed.
//
// The coordinator holds one endless response open per worker. Its bytes are frames: a 4-byte little-endian
// length, an 8-byte little-endian sequence number, then that many bytes of a serialised TaskReport. A frame
// of length 0 is a heartbeat. A broken stream loses nothing: the next one names the last sequence number that
// arrived.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::worker {

/// `payload` framed with its sequence number.
std::string EncodeFrame(uint64_t sequence, std::string_view payload);

/// Takes frames out of a byte stream that arrives in arbitrary pieces. Not thread-safe.
class FrameReader {
 public:
  /// Calls `on_frame(sequence, payload)` for every frame that is now complete; an empty payload is a
  /// heartbeat. Throws TrinoException(SERIALIZATION_ERROR) when a frame is larger than any report.
  void Feed(std::string_view bytes, const std::function<void(uint64_t, std::string_view)>& on_frame);

 private:
  std::string pending_;
};

/// Thread-safe.
class ReportLog {
 public:
  using Subscriber = std::function<void(const std::string& frame)>;

  /// Appends a report and gives it to the subscriber, if there is one.
  void Append(std::string report);
  /// Drops what the coordinator has: everything up to `sequence`.
  void Acknowledge(uint64_t sequence);
  /// Calls `fn` once, as soon as no report is kept: in this call or in Acknowledge.
  void WhenAcknowledged(std::function<void()> fn);
  /// Gives every kept report after `sequence` to `subscriber`, then every later one, in order. Replaces the
  /// former subscriber: one coordinator listens.
  void Subscribe(uint64_t sequence, std::shared_ptr<Subscriber> subscriber);
  /// A heartbeat to the subscriber.
  void Beat();

 private:
  std::mutex mutex_;
  std::deque<std::pair<uint64_t, std::string>> kept_;
  std::vector<std::function<void()>> when_acknowledged_;
  uint64_t last_sequence_ = 0;
  std::weak_ptr<Subscriber> subscriber_;
};

}  // namespace planaria::worker
