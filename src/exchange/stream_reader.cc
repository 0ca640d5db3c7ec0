#include "exchange/stream_reader.h"

#include <charconv>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "env/http_client.h"
#include "exchange/stream_closing.h"
#include "exchange/stream_routes.h"

namespace planaria::exchange {

namespace {

/// A read without news is answered after this; asking again costs little.
constexpr auto kWait = std::chrono::seconds(10);
/// Beyond the wait, for the way and a busy node.
constexpr auto kAnswerDeadline = kWait + std::chrono::seconds(20);
constexpr Duration kFirstPause = std::chrono::milliseconds(20);
constexpr Duration kLongestPause = std::chrono::seconds(1);
constexpr uint64_t kSmallestAnswer = 256 << 10;
/// So many times longer than it may fail to be read is a producer told that no more is wanted.
constexpr int kCloseFor = 10;

std::string PathOf(const StreamSource& source, const std::string& reader) {
  return source.node_uri + "/v1/task/" + source.task.ToString() + "/results/" + reader;
}

/// What a node answered to a read. `gone` says that there was no answer from the task at all.
StreamAnswer ParseAnswer(const HttpOutcome& outcome, const std::string& origin, bool& gone) {
  if (const auto* error = std::get_if<HttpError>(&outcome)) {
    gone = true;
    return error->ToError();
  }
  const auto& response = std::get<HttpResponse>(outcome);
  if (response.status == 404) return StreamMissing{};
  if (response.status != 200) {
    gone = response.status == 503;
    return Error{errors::REMOTE_TASK_ERROR, origin + " answers: " + response.body.substr(0, 1000), {}, {}};
  }
  StreamPages pages;
  const auto next = response.headers.Get(kNextTokenHeader).value_or("");
  const auto [end, failure] = std::from_chars(next.data(), next.data() + next.size(), pages.next_token);
  if (next.empty() || failure != std::errc() || end != next.data() + next.size()) {
    return Error{errors::PAGE_TRANSPORT_ERROR, origin + " answers without " + kNextTokenHeader, {}, {}};
  }
  pages.complete = response.headers.Has(kCompleteHeader);
  try {
    pages.pages = SplitBlocks(response.body, origin);
  } catch (const TrinoException&) {
    // Damaged on its way: the same token gives the same pages again.
    gone = true;
    return Error{errors::PAGE_TRANSPORT_ERROR, "Damaged pages from " + origin, {}, {}};
  }
  return pages;
}

}  // namespace

/// Answers hold it weakly and may come after the reader has gone.
class StreamReader::Core : public std::enable_shared_from_this<StreamReader::Core> {
 public:
  Core(const StreamNetwork& network, std::vector<StreamSource> sources, StreamReaderOptions options)
      : network_(network), options_(std::move(options)), open_(sources.size()) {
    for (StreamSource& source : sources) sources_.push_back({std::move(source)});
    if (!sources_.empty()) {
      answer_bytes_ = std::min(options_.max_response_bytes,
                               std::max(kSmallestAnswer, options_.max_buffer_bytes / sources_.size()));
    }
  }

  ReadState Next(SpooledPage& page, const Wake& wake);
  void Close();

 private:
  struct Source {
    StreamSource place;
    uint64_t token = 0;
    bool asking = false;
    bool ended = false;
    Duration pause = Duration::zero();
    /// When it began to fail to answer.
    std::optional<Duration> failing_since = {};
  };
  using Lock = std::unique_lock<std::mutex>;

  /// Asks for the first time.
  void Start();
  /// Asks every source that is not being asked, if there is room.
  void Ask();
  void Ask(size_t index);
  void Send(size_t index, uint64_t token);
  void Answered(size_t index, StreamAnswer answer, bool gone);
  void Pause(Source& source, size_t index);
  void CloseSource(const Source& source) const;

  const StreamNetwork network_;
  const StreamReaderOptions options_;
  uint64_t answer_bytes_ = 0;

  std::mutex mutex_;
  std::vector<Source> sources_;
  std::deque<StreamPage> pages_;
  uint64_t buffered_bytes_ = 0;
  size_t open_;
  bool started_ = false;
  bool closed_ = false;
  std::optional<Error> error_;
  std::vector<Wake> wakes_;
};

ReadState StreamReader::Core::Next(SpooledPage& page, const Wake& wake) {
  Start();
  bool has_room = false;
  {
    const Lock lock(mutex_);
    if (error_) throw TrinoException(*error_);
    if (closed_) return ReadState::kEnd;
    if (pages_.empty()) {
      if (open_ == 0) return ReadState::kEnd;
      if (wake) wakes_.push_back(wake);
      return ReadState::kLater;
    }
    const StreamPage& next = pages_.front();
    page = {next.block, next.data(), next.header.size, next.header.rows};
    const bool was_full = buffered_bytes_ >= options_.max_buffer_bytes;
    buffered_bytes_ -= next.block_bytes();
    has_room = was_full && buffered_bytes_ < options_.max_buffer_bytes;
    pages_.pop_front();
  }
  if (has_room) Ask();
  return ReadState::kPage;
}

void StreamReader::Core::Start() {
  {
    const Lock lock(mutex_);
    if (std::exchange(started_, true)) return;
  }
  Ask();
}

void StreamReader::Core::Ask() {
  for (size_t index = 0; index < sources_.size(); index++) Ask(index);
}

void StreamReader::Core::Ask(size_t index) {
  uint64_t token = 0;
  {
    const Lock lock(mutex_);
    Source& source = sources_[index];
    if (closed_ || error_ || source.ended || source.asking || buffered_bytes_ >= options_.max_buffer_bytes) {
      return;
    }
    source.asking = true;
    token = source.token;
  }
  Send(index, token);
}

void StreamReader::Core::Send(size_t index, uint64_t token) {
  const StreamSource& place = sources_[index].place;
  if (place.node_uri.empty()) {
    network_.own->Read(place.task, options_.name, token, answer_bytes_, kWait,
                       [weak = weak_from_this(), index](StreamAnswer answer) {
                         if (const auto self = weak.lock()) self->Answered(index, std::move(answer), false);
                       });
    return;
  }
  ClientRequest request;
  request.url = PathOf(place, options_.name) + "/" + std::to_string(token) +
                "?max=" + std::to_string(answer_bytes_) +
                "&wait=" + std::to_string(std::chrono::milliseconds(kWait).count());
  request.deadline = kAnswerDeadline;
  network_.client->Send(std::move(request), [weak = weak_from_this(), index](const HttpOutcome& outcome) {
    const auto self = weak.lock();
    if (!self) return;
    bool gone = false;
    StreamAnswer answer = ParseAnswer(outcome, "task " + self->sources_[index].place.task.ToString(), gone);
    self->Answered(index, std::move(answer), gone);
  });
}

void StreamReader::Core::Answered(size_t index, StreamAnswer answer, bool gone) {
  std::vector<Wake> wakes;
  bool ask_again = false;
  bool close = false;
  {
    const Lock lock(mutex_);
    Source& source = sources_[index];
    source.asking = false;
    if (closed_ || error_) return;
    if (auto* pages = std::get_if<StreamPages>(&answer)) {
      source.failing_since.reset();
      source.pause = Duration::zero();
      source.token = pages->next_token;
      for (StreamPage& page : pages->pages) {
        buffered_bytes_ += page.block_bytes();
        pages_.push_back(std::move(page));
      }
      if (pages->complete) {
        source.ended = true;
        open_--;
        close = true;
      }
      ask_again = !source.ended;
      if (!pages->pages.empty() || open_ == 0) wakes.swap(wakes_);
    } else if (auto* error = std::get_if<Error>(&answer)) {
      if (!source.failing_since) source.failing_since = network_.clock->Now();
      if (gone && network_.clock->Now() - *source.failing_since < options_.max_error_duration) {
        Pause(source, index);
      } else {
        error_ = std::move(*error);
        wakes.swap(wakes_);
      }
    } else {
      source.failing_since.reset();
      Pause(source, index);
    }
  }
  if (close) CloseSource(sources_[index]);
  for (const Wake& wake : wakes) wake();
  if (ask_again) Ask(index);
}

void StreamReader::Core::Pause(Source& source, size_t index) {
  source.asking = true;
  source.pause = std::min(std::max(kFirstPause, source.pause * 2), kLongestPause);
  network_.executor->RunAfter(source.pause, [weak = weak_from_this(), index] {
    const auto self = weak.lock();
    if (!self) return;
    {
      const Lock lock(self->mutex_);
      self->sources_[index].asking = false;
    }
    self->Ask(index);
  });
}

void StreamReader::Core::CloseSource(const Source& source) const {
  if (source.place.node_uri.empty()) return network_.own->Close(source.place.task, options_.name);
  CloseStream(network_, PathOf(source.place, options_.name), kCloseFor * options_.max_error_duration);
}

void StreamReader::Core::Close() {
  std::vector<const Source*> open;
  std::vector<Wake> wakes;
  {
    const Lock lock(mutex_);
    if (closed_) return;
    closed_ = true;
    pages_.clear();
    buffered_bytes_ = 0;
    wakes.swap(wakes_);
    for (const Source& source : sources_) {
      if (!source.ended) open.push_back(&source);
    }
  }
  for (const Source* source : open) CloseSource(*source);
  for (const Wake& wake : wakes) wake();
}

StreamReader::StreamReader(const StreamNetwork& network, std::vector<StreamSource> sources,
                           StreamReaderOptions options)
    : core_(std::make_shared<Core>(network, std::move(sources), std::move(options))) {}

StreamReader::~StreamReader() { core_->Close(); }

ReadState StreamReader::Next(SpooledPage& page, const Wake& wake) { return core_->Next(page, wake); }

void StreamReader::Close() { core_->Close(); }

}  // namespace planaria::exchange
