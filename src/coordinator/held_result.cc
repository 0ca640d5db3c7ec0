#include "coordinator/held_result.h"

#include <utility>

#include "base/error.h"

namespace planaria::coordinator {

HeldResult::HeldResult(std::unique_ptr<ResultPages> source, HeldResultOptions options)
    : options_(std::move(options)), source_(std::move(source)) {}

HeldResult::~HeldResult() = default;

void HeldResult::Start() { TakeIn(); }

void HeldResult::TakeIn() {
  options_.pool->Post([self = shared_from_this()] {
    std::vector<exchange::Wake> wakes;
    try {
      if (!self->TakeInWhatIsThere()) return;
      const std::lock_guard lock(self->mutex_);
      self->complete_ = true;
      wakes.swap(self->wakes_);
    } catch (const TrinoException& failure) {
      {
        const std::lock_guard lock(self->mutex_);
        self->failure_ = std::current_exception();
        wakes.swap(self->wakes_);
      }
      self->options_.failed(failure.error());
    }
    for (const auto& wake : wakes) wake();
  });
}

bool HeldResult::TakeInWhatIsThere() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return false;
    }
    exchange::SpooledPage page;
    switch (source_->Next(page, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->TakeIn();
    })) {
      case exchange::ReadState::kLater:
        return false;
      case exchange::ReadState::kPage:
        Keep(page);
        break;
      case exchange::ReadState::kEnd:
        source_.reset();
        if (!writer_) return true;
        auto manifest = std::make_shared<const exchange::Manifest>(writer_->Finish());
        exchange::SpoolReaderOptions reading{.key = options_.key};
        if (options_.near) reading.near = std::make_shared<exchange::OutputHolders>(options_.near);
        auto overflow = std::make_unique<exchange::SpoolReader>(
            *options_.locator, std::vector<std::shared_ptr<const exchange::Manifest>>{std::move(manifest)},
            exchange::PartitionSet::All(), reading);
        const std::lock_guard lock(mutex_);
        overflow_ = std::move(overflow);
        return true;
    }
  }
}

void HeldResult::Keep(const exchange::SpooledPage& page) {
  held_bytes_ += page.size;
  // Once pages overflow all later ones do: the order stays.
  if (!writer_ && held_bytes_ <= options_.memory_bytes) {
    const std::lock_guard lock(mutex_);
    pages_.push_back(page);
    return;
  }
  if (!writer_) {
    writer_ = std::make_unique<exchange::SpoolWriter>(
        options_.overflow, 1, options_.root,
        exchange::SpoolWriterOptions{.inline_limit_bytes = 0, .key = options_.key});
  }
  writer_->Append(0, page.data, page.size, page.rows);
}

void HeldResult::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

exchange::ReadState HeldResult::Next(exchange::SpooledPage& page, const exchange::Wake& wake) {
  exchange::SpoolReader* overflow = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    if (!complete_) {
      if (wake) wakes_.push_back(wake);
      return exchange::ReadState::kLater;
    }
    if (!pages_.empty()) {
      page = std::move(pages_.front());
      pages_.pop_front();
      return exchange::ReadState::kPage;
    }
    overflow = overflow_.get();
  }
  return overflow ? overflow->Next(page, wake) : exchange::ReadState::kEnd;
}

}  // namespace planaria::coordinator
