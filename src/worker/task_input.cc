#include "worker/task_input.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "base/fault_points.h"
#include "exchange/manifest.h"
#include "exchange/near_outputs.h"
#include "exchange/partition_set.h"
#include "exchange/spool_reader.h"
#include "exchange/stream_reader.h"

namespace planaria::worker {

namespace {

using ManifestPointer = std::shared_ptr<const exchange::Manifest>;

/// What the exchange's readers give, as the kernel takes it.
template <typename Reader>
kernel::InputState ReadPage(Reader& reader, const TaskId& task, kernel::Page& page,
                            const kernel::Wake& wake) {
  FaultPoints::Instance().Pass("input.read", &task);
  exchange::SpooledPage found;
  switch (reader.Next(found, wake)) {
    case exchange::ReadState::kLater:
      return kernel::InputState::kLater;
    case exchange::ReadState::kEnd:
      return kernel::InputState::kEnd;
    case exchange::ReadState::kPage:
      break;
  }
  page = {std::move(found.owner), found.data, found.size, found.rows, found.partition};
  return kernel::InputState::kPage;
}

class SpoolPages : public kernel::ExchangeInput {
 public:
  SpoolPages(storage::ObjectLocator& locator, std::vector<ManifestPointer> manifests,
             const exchange::PartitionSet& partitions, const TaskId& task,
             exchange::SpoolReaderOptions options)
      : reader_(locator, std::move(manifests), partitions, options),
        task_(task),
        complete_(options.complete) {}

  kernel::InputState Next(kernel::Page& page, const kernel::Wake& wake) override {
    return ReadPage(reader_, task_, page, wake);
  }
  size_t page_count() const override { return complete_ ? reader_.PageCount() : kUnknown; }
  void Add(std::vector<ManifestPointer> manifests, bool complete) {
    reader_.Add(std::move(manifests), complete);
  }

 private:
  exchange::SpoolReader reader_;
  const TaskId task_;
  const bool complete_;
};

class SpooledInput : public TaskInput {
 public:
  SpooledInput(const TaskEnvironment& environment, TaskId task, const protocol::InputMessage& message,
               exchange::SpoolReaderOptions reading)
      : environment_(environment),
        task_(std::move(task)),
        reading_(std::move(reading)),
        partitions_(exchange::PartitionSet::Of(message.partitions)) {
    if (environment.near) reading_.near = std::make_shared<exchange::OutputHolders>(environment.near);
    Add(message.manifests,
        message.complete ? std::optional(static_cast<uint32_t>(message.manifests.size())) : std::nullopt,
        message.holders);
  }

  std::shared_ptr<kernel::ExchangeInput> Open() override {
    const std::lock_guard lock(mutex_);
    exchange::SpoolReaderOptions options = reading_;
    options.first_producer = task_.partition.value;
    options.complete = complete_;
    auto pages = std::make_shared<SpoolPages>(*environment_.locator, manifests_, partitions_, task_, options);
    if (!complete_) open_.push_back(pages);
    return pages;
  }

  std::optional<kernel::ExchangeRuns> OpenRuns(const kernel::Wake& wake) override {
    const std::lock_guard lock(mutex_);
    if (!complete_) {
      wakes_.push_back(wake);
      return std::nullopt;
    }
    // All of them are open at once.
    exchange::SpoolReaderOptions options = reading_;
    options.read_bytes = 1 << 20;
    options.concurrent_reads = std::min<size_t>(options.concurrent_reads, 2);
    kernel::ExchangeRuns runs;
    for (const ManifestPointer& manifest : manifests_) {
      runs.push_back(std::make_shared<SpoolPages>(*environment_.locator, std::vector{manifest}, partitions_,
                                                  task_, options));
    }
    return runs;
  }

  std::optional<uint64_t> Rows() override {
    const std::lock_guard lock(mutex_);
    if (!complete_) return std::nullopt;
    uint64_t rows = 0;
    for (const ManifestPointer& manifest : manifests_) {
      for (const exchange::SpoolBlock& block : manifest->blocks()) {
        if (partitions_.Contains(block.partition)) rows += block.rows;
      }
    }
    return rows;
  }

  void Add(const std::vector<std::string>& manifests, std::optional<uint32_t> total,
           const std::vector<protocol::OutputHolderMessage>& holders) override {
    if (reading_.near) {
      for (const auto& holder : holders) reading_.near->Add(holder.node_uri, holder.partitions);
    }
    std::vector<ManifestPointer> parsed;
    for (const std::string& bytes : manifests) {
      parsed.push_back(std::make_shared<exchange::Manifest>(exchange::Manifest::Parse(bytes)));
    }
    std::vector<kernel::Wake> wakes;
    {
      const std::lock_guard lock(mutex_);
      // A repeated request must not repeat rows.
      std::erase_if(parsed, [this](const ManifestPointer& manifest) {
        return !known_.insert(manifest->producer().partition.value).second;
      });
      manifests_.insert(manifests_.end(), parsed.begin(), parsed.end());
      if (total) total_ = total;
      complete_ = total_ && known_.size() >= *total_;
      for (const auto& weak : open_) {
        if (const auto pages = weak.lock()) pages->Add(parsed, complete_);
      }
      if (complete_) wakes.swap(wakes_);
    }
    for (const kernel::Wake& wake : wakes) wake();
  }

 private:
  const TaskEnvironment& environment_;
  const TaskId task_;
  exchange::SpoolReaderOptions reading_;
  const exchange::PartitionSet partitions_;
  std::mutex mutex_;
  std::vector<ManifestPointer> manifests_;
  /// Partitions of the producer whose outputs are in manifests_.
  std::set<uint32_t> known_;
  std::optional<uint32_t> total_;
  bool complete_ = false;
  std::vector<std::weak_ptr<SpoolPages>> open_;
  std::vector<kernel::Wake> wakes_;
};

class StreamedPages : public kernel::ExchangeInput {
 public:
  StreamedPages(std::shared_ptr<exchange::StreamReader> reader, const TaskId& task)
      : reader_(std::move(reader)), task_(task) {}

  kernel::InputState Next(kernel::Page& page, const kernel::Wake& wake) override {
    return ReadPage(*reader_, task_, page, wake);
  }
  size_t page_count() const override { return kUnknown; }

 private:
  const std::shared_ptr<exchange::StreamReader> reader_;
  const TaskId task_;
};

/// A stream passes once: what must be read again is kept here.
class RepeatedPages {
 public:
  explicit RepeatedPages(std::shared_ptr<kernel::ExchangeInput> once) : once_(std::move(once)) {}

  kernel::InputState Get(size_t index, kernel::Page& page, const kernel::Wake& wake) {
    const std::lock_guard lock(mutex_);
    if (index >= pages_.size()) {
      const kernel::InputState found = once_->Next(page, wake);
      if (found != kernel::InputState::kPage) return found;
      pages_.push_back(page);
    }
    page = pages_[index];
    return kernel::InputState::kPage;
  }

 private:
  std::mutex mutex_;
  const std::shared_ptr<kernel::ExchangeInput> once_;
  std::vector<kernel::Page> pages_;
};

class RepeatedInput : public kernel::ExchangeInput {
 public:
  explicit RepeatedInput(std::shared_ptr<RepeatedPages> pages) : pages_(std::move(pages)) {}

  kernel::InputState Next(kernel::Page& page, const kernel::Wake& wake) override {
    const std::lock_guard lock(mutex_);
    const kernel::InputState found = pages_->Get(next_, page, wake);
    if (found == kernel::InputState::kPage) next_++;
    return found;
  }
  size_t page_count() const override { return kUnknown; }

 private:
  const std::shared_ptr<RepeatedPages> pages_;
  std::mutex mutex_;
  size_t next_ = 0;
};

class StreamedInput : public TaskInput {
 public:
  StreamedInput(const TaskEnvironment& environment, TaskId task, const protocol::InputMessage& message,
                const kernel::TaskContext& context)
      : environment_(environment), task_(std::move(task)), reader_(message.reader), context_(context) {
    for (const auto& stream : message.streams) sources_.push_back({stream.task, stream.node_uri});
  }

  ~StreamedInput() override {
    if (!opened_) Reader(sources_)->Close();
  }

  std::shared_ptr<kernel::ExchangeInput> Open() override {
    const std::lock_guard lock(mutex_);
    opened_ = true;
    if (!context_.reads_again) return std::make_shared<StreamedPages>(Reader(sources_), task_);
    if (!repeated_) {
      repeated_ = std::make_shared<RepeatedPages>(std::make_shared<StreamedPages>(Reader(sources_), task_));
    }
    return std::make_shared<RepeatedInput>(repeated_);
  }

  std::optional<kernel::ExchangeRuns> OpenRuns(const kernel::Wake&) override {
    const std::lock_guard lock(mutex_);
    opened_ = true;
    kernel::ExchangeRuns runs;
    for (const exchange::StreamSource& source : sources_) {
      runs.push_back(std::make_shared<StreamedPages>(Reader({source}, sources_.size()), task_));
    }
    return runs;
  }

  void Add(const std::vector<std::string>&, std::optional<uint32_t>,
           const std::vector<protocol::OutputHolderMessage>&) override {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Committed outputs for an input of task " + task_.ToString() + " that is streamed");
  }

 private:
  std::shared_ptr<exchange::StreamReader> Reader(std::vector<exchange::StreamSource> sources,
                                                 size_t readers = 1) {
    exchange::StreamReaderOptions options = environment_.stream_reading;
    options.name = reader_;
    options.max_buffer_bytes = std::max<uint64_t>(1, options.max_buffer_bytes / readers);
    return std::make_shared<exchange::StreamReader>(environment_.streams, std::move(sources), options);
  }

  const TaskEnvironment& environment_;
  const TaskId task_;
  const std::string reader_;
  const kernel::TaskContext& context_;
  std::vector<exchange::StreamSource> sources_;
  std::mutex mutex_;
  bool opened_ = false;
  std::shared_ptr<RepeatedPages> repeated_;
};

}  // namespace

std::shared_ptr<TaskInput> MakeTaskInput(const TaskEnvironment& environment, const TaskId& task,
                                         const protocol::InputMessage& message,
                                         const kernel::TaskContext& context,
                                         const exchange::SpoolReaderOptions& reading) {
  if (message.reader.empty()) return std::make_shared<SpooledInput>(environment, task, message, reading);
  return std::make_shared<StreamedInput>(environment, task, message, context);
}

}  // namespace planaria::worker
