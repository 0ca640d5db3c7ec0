// The pages of a result, wherever they come from.
#pragma once

#include <memory>

#include "exchange/read_state.h"
#include "exchange/spool_reader.h"
#include "exchange/stream_reader.h"

namespace planaria::coordinator {

/// One thread at a time.
class ResultPages {
 public:
  virtual ~ResultPages() = default;
  /// The next page, in order. kLater: `wake` is called once. May block while it reads from a store; throws
  /// when the result cannot be read any more.
  virtual exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake) = 0;
};

/// Of the root's committed outputs, in the order of manifests and blocks.
class SpooledResult final : public ResultPages {
 public:
  SpooledResult(std::shared_ptr<storage::ObjectLocator> locator,
                std::vector<std::shared_ptr<const exchange::Manifest>> outputs,
                const exchange::SpoolReaderOptions& reading)
      : locator_(std::move(locator)),
        reader_(*locator_, std::move(outputs), exchange::PartitionSet::All(), reading) {}
  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake) override {
    return reader_.Next(page, wake);
  }

 private:
  const std::shared_ptr<storage::ObjectLocator> locator_;
  exchange::SpoolReader reader_;
};

/// Of running root tasks.
class StreamedResult final : public ResultPages {
 public:
  explicit StreamedResult(std::unique_ptr<exchange::StreamReader> reader) : reader_(std::move(reader)) {}
  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake) override {
    return reader_->Next(page, wake);
  }

 private:
  const std::unique_ptr<exchange::StreamReader> reader_;
};

}  // namespace planaria::coordinator
