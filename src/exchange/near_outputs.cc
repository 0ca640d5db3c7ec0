#include "exchange/near_outputs.h"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <cstring>
#include <utility>

#include "exchange/kept_routes.h"

namespace planaria::exchange {

namespace {

/// Takes an answer's bytes as they come, on a loop thread, for a thread that waits.
class Arrival {
 public:
  Arrival(void* buffer, size_t length) : buffer_(static_cast<char*>(buffer)), length_(length) {}

  void Head(const HttpResponse& head) { status_ = head.status; }
  void Data(std::string_view bytes) {
    if (status_ == 200 && arrived_ + bytes.size() <= length_) {
      std::memcpy(buffer_ + arrived_, bytes.data(), bytes.size());
    }
    arrived_ += bytes.size();
  }
  void End(std::optional<HttpError> error) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    ended_ = true;
    changed_.notify_all();
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
  }
  // After Wait.
  int status() const { return status_; }
  bool complete() const { return arrived_ == length_; }
  const std::optional<HttpError>& error() const { return error_; }

 private:
  char* const buffer_;
  const size_t length_;
  size_t arrived_ = 0;
  int status_ = 0;
  std::optional<HttpError> error_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

NearNodes::Answer AnswerOf(KeptOutputs::Found found) {
  switch (found) {
    case KeptOutputs::Found::kAll:
      return NearNodes::Answer::kBytes;
    case KeptOutputs::Found::kSome:
      return NearNodes::Answer::kNotThese;
    case KeptOutputs::Found::kNothing:
      break;
  }
  return NearNodes::Answer::kNothing;
}

}  // namespace

NearNodes::NearNodes(HttpClient& client, const Clock& clock, std::shared_ptr<KeptOutputs> own,
                     NearNodesOptions options)
    : client_(client), clock_(clock), own_(std::move(own)), options_(options) {}

NearNodes::Answer NearNodes::ReadOwn(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  return AnswerOf(own_->Read(key, offset, length, buffer));
}

NearNodes::Answer NearNodes::ReadFrom(const std::string& node_uri, std::string_view key, uint64_t offset,
                                      size_t length, void* buffer) {
  if (length > kLongestKeptRead) return Answer::kNotThese;
  if (Avoided(node_uri)) return Answer::kNothing;
  ClientRequest request;
  request.url = node_uri + kKeptPath + '/' + std::string(key) + "?offset=" + std::to_string(offset) +
                "&length=" + std::to_string(length);
  request.deadline = request.connect_timeout = request.idle_timeout = options_.patience;
  const auto arrival = std::make_shared<Arrival>(buffer, length);
  const auto stream = client_.OpenStream(
      std::move(request),
      {.on_head = [arrival](const HttpResponse& head) { arrival->Head(head); },
       .on_data = [arrival](std::string_view bytes) { arrival->Data(bytes); },
       .on_end = [arrival](std::optional<HttpError> error) { arrival->End(std::move(error)); }});
  arrival->Wait();
  if (!arrival->error() && arrival->status() == 200 && arrival->complete()) return Answer::kBytes;
  if (!arrival->error() && arrival->status() == 404) return Answer::kNothing;
  if (!arrival->error() && arrival->status() == 416) return Answer::kNotThese;
  Avoid(node_uri,
        arrival->error() ? arrival->error()->message : "status " + std::to_string(arrival->status()));
  return Answer::kNothing;
}

bool NearNodes::Avoided(const std::string& node_uri) {
  const std::lock_guard lock(mutex_);
  const auto found = avoided_.find(node_uri);
  if (found == avoided_.end()) return false;
  if (clock_.Now() < found->second) return true;
  avoided_.erase(found);
  return false;
}

void NearNodes::Avoid(const std::string& node_uri, const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!avoided_.emplace(node_uri, clock_.Now() + options_.avoidance).second) return;
  }
  spdlog::info("outputs made at {} are read from the exchange for {}: {}", node_uri,
               FormatDuration(options_.avoidance), reason);
}

void OutputHolders::Add(const std::string& node_uri, const std::vector<uint32_t>& partitions) {
  const std::lock_guard lock(mutex_);
  for (const uint32_t partition : partitions) uris_[partition] = node_uri;
}

bool OutputHolders::Read(const TaskId& producer, const std::string& key, uint64_t offset, size_t length,
                         void* buffer) {
  std::string node_uri;
  {
    const std::lock_guard lock(mutex_);
    if (distrusted_.contains(key)) return false;
    const auto made = uris_.find(producer.partition.value);
    if (made != uris_.end() && !gone_.contains(key)) node_uri = made->second;
  }
  if (nodes_->ReadOwn(key, offset, length, buffer) == NearNodes::Answer::kBytes) return true;
  if (node_uri.empty()) return false;
  const NearNodes::Answer answer = nodes_->ReadFrom(node_uri, key, offset, length, buffer);
  if (answer == NearNodes::Answer::kNothing) {
    const std::lock_guard lock(mutex_);
    gone_.insert(key);
  }
  return answer == NearNodes::Answer::kBytes;
}

void OutputHolders::Distrust(const TaskId& producer, const std::string& key) {
  spdlog::warn("what is kept of the output of task {} is damaged: it is read from the exchange",
               producer.ToString());
  const std::lock_guard lock(mutex_);
  distrusted_.insert(key);
}

}  // namespace planaria::exchange
