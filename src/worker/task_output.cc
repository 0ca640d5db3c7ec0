#include "worker/task_output.h"

#include <utility>

#include "base/error.h"
#include "base/fault_points.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_writer.h"

namespace planaria::worker {

namespace {

/// Tells of an output that is being stored, if few others are; counts it until it goes.
class Offer {
 public:
  Offer(const TaskEnvironment& environment, TaskId task, TaskRunner::Report report)
      : offers_(environment.offers), task_(std::move(task)), report_(std::move(report)) {}
  ~Offer() {
    if (made_) offers_->fetch_sub(1);
  }
  Offer(const Offer&) = delete;

  void Make(const exchange::Manifest& manifest) {
    if (offers_->fetch_add(1) >= TaskEnvironment::kMostOffers) {
      offers_->fetch_sub(1);
      return;
    }
    made_ = true;
    protocol::TaskReport report;
    report.task = task_;
    report.manifest = manifest.Serialize();
    report_(std::move(report));
  }

 private:
  const std::shared_ptr<std::atomic<uint32_t>> offers_;
  const TaskId task_;
  const TaskRunner::Report report_;
  std::atomic<bool> made_{false};
};

class SpooledOutput : public TaskOutput {
 public:
  SpooledOutput(storage::ObjectPlace place, const protocol::TaskDescriptor& descriptor,
                MemoryGauge::Task& memory, std::shared_ptr<exchange::SpoolTraffic> traffic,
                std::shared_ptr<exchange::OutputPacker> packer, std::shared_ptr<Offer> offer)
      : writer_(std::move(place), descriptor.output_partitions, descriptor.task,
                {.codec = CodecOf(descriptor.spooling),
                 .key = descriptor.spooling.key,
                 .traffic = std::move(traffic),
                 .packer = std::move(packer),
                 .being_stored = offer ? [offer](const exchange::Manifest& made) { offer->Make(made); }
                                       : exchange::BeingStored()}),
        offer_(std::move(offer)),
        task_(descriptor.task),
        memory_(memory) {}

  void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) override {
    memory_.Sample();
    FaultPoints::Instance().Pass("output.write", &task_);
    writer_.Append(partition, data, size, rows);
  }

  void Finish(protocol::TaskReport* report) override {
    const exchange::Manifest manifest = writer_.Finish();
    report->stats.output_rows = manifest.Total().rows;
    report->stats.output_bytes = manifest.Total().bytes;
    report->manifest = manifest.Serialize();
  }

 private:
  exchange::SpoolWriter writer_;
  const std::shared_ptr<Offer> offer_;
  const TaskId task_;
  MemoryGauge::Task& memory_;
};

class StreamedOutput : public TaskOutput {
 public:
  StreamedOutput(exchange::StreamStore& store, const protocol::TaskDescriptor& descriptor,
                 MemoryGauge::Task& memory)
      : store_(store), task_(descriptor.task), memory_(memory) {
    std::vector<exchange::StreamReaderPlan> readers;
    for (const auto& reader : descriptor.stream->readers) {
      readers.push_back({reader.name, reader.partitions});
    }
    buffer_ = store_.Create(task_, descriptor.output_partitions, std::move(readers),
                            descriptor.stream->may_hold_back);
  }

  ~StreamedOutput() override { store_.Drop(task_); }

  void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) override {
    memory_.Sample();
    FaultPoints::Instance().Pass("output.write", &task_);
    buffer_->Append(partition, data, size, rows);
  }
  bool Full(const kernel::Wake& wake) override { return buffer_->Full(wake); }
  bool Wanted() override { return buffer_->Wanted(); }

  void Finish(protocol::TaskReport* report) override {
    for (const auto& [rows, bytes] : buffer_->RowsAndBytes()) {
      report->stats.output_rows += rows;
      report->stats.output_bytes += bytes;
    }
    buffer_->Finish();
  }
  void WhenTaken(std::function<void(bool)> taken) override { buffer_->WhenTaken(std::move(taken)); }
  void Cancel() override { store_.Drop(task_); }

 private:
  exchange::StreamStore& store_;
  const TaskId task_;
  MemoryGauge::Task& memory_;
  std::shared_ptr<exchange::StreamBuffer> buffer_;
};

}  // namespace

exchange::BlockCodec CodecOf(const protocol::Spooling& spooling) {
  switch (spooling.codec) {
    case protocol::PageCodec::kLz4:
      return exchange::BlockCodec::kLz4;
    case protocol::PageCodec::kZstd:
      return exchange::BlockCodec::kZstd;
    case protocol::PageCodec::kNone:
      return exchange::BlockCodec::kNone;
  }
  return exchange::BlockCodec::kNone;
}

std::shared_ptr<TaskOutput> MakeTaskOutput(const TaskEnvironment& environment,
                                           const protocol::TaskDescriptor& descriptor,
                                           MemoryGauge::Task& memory,
                                           std::shared_ptr<exchange::SpoolTraffic> traffic,
                                           TaskRunner::Report report) {
  if (descriptor.stream)
    return std::make_shared<StreamedOutput>(*environment.streams.own, descriptor, memory);
  const bool durable = descriptor.retry_policy == protocol::RetryPolicy::kTask;
  if (!descriptor.output || (durable && !environment.exchange)) {
    throw TrinoException(
        errors::EXCHANGE_MANAGER_NOT_CONFIGURED,
        "Exchange manager must be configured for the failure recovery capabilities to be fully functional");
  }
  const storage::ObjectPlace place =
      durable ? exchange::SpoolPlace(*environment.exchange, descriptor.task)
              : storage::ObjectPlace{environment.node_store, descriptor.output->key};
  std::shared_ptr<Offer> offer;
  if (report && environment.near && durable && place.store->remote())
    offer = std::make_shared<Offer>(environment, descriptor.task, std::move(report));
  return std::make_shared<SpooledOutput>(place, descriptor, memory, std::move(traffic), environment.packer,
                                         std::move(offer));
}

}  // namespace planaria::worker
