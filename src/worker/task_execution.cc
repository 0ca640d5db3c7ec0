#include "worker/task_execution.h"

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/fault_points.h"
#include "exchange/partition_set.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_reader.h"
#include "exchange/spool_writer.h"
#include "exchange/spooled_data_lost.h"
#include "kernel/fragment_runner.h"
#include "kernel/task_context.h"

namespace planaria::worker {

namespace {

/// The kernel's output on one side, the spool on the other.
class SpoolOutput : public kernel::ExchangeOutput {
 public:
  SpoolOutput(exchange::SpoolWriter& writer, const TaskId& task, MemoryGauge::Task& memory)
      : writer_(writer), task_(task), memory_(memory) {}
  void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) override {
    memory_.Sample();
    FaultPoints::Instance().Pass("output.write", &task_);
    writer_.Append(partition, data, size, rows);
  }

 private:
  exchange::SpoolWriter& writer_;
  const TaskId task_;
  MemoryGauge::Task& memory_;
};

/// One exchange as the task reads it.
struct SpooledExchange {
  std::vector<std::shared_ptr<const exchange::Manifest>> manifests;
  exchange::PartitionSet partitions;
};

class SpoolInput : public kernel::ExchangeInput {
 public:
  SpoolInput(storage::ObjectLocator& locator, const SpooledExchange& exchange, const TaskId& task,
             size_t first_producer)
      : reader_(locator, exchange.manifests, exchange.partitions, {.first_producer = first_producer}),
        task_(task) {}

  std::optional<kernel::Page> Next() override {
    FaultPoints::Instance().Pass("input.read", &task_);
    auto page = reader_.Next();
    if (!page) return std::nullopt;
    return kernel::Page{std::move(page->owner), page->data, page->size, page->rows};
  }
  uint64_t rows() const override { return reader_.TotalRows(); }
  size_t page_count() const override { return reader_.PageCount(); }

 private:
  exchange::SpoolReader reader_;
  const TaskId task_;
};

}  // namespace

TaskExecution::TaskExecution(const TaskEnvironment& environment, protocol::TaskDescriptor descriptor)
    : environment_(environment), descriptor_(std::move(descriptor)), memory_(*environment.memory) {}

TaskExecution::~TaskExecution() = default;

void TaskExecution::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (runner_) runner_->Cancel();
}

protocol::TaskReport TaskExecution::Run() {
  const auto start = std::chrono::steady_clock::now();
  protocol::TaskReport report;
  report.task = descriptor_.task;
  report.state = protocol::TaskState::kFailed;
  try {
    FaultPoints::Instance().Pass("task.start", &descriptor_.task);
    RunFragment(&report);
    FaultPoints::Instance().Pass("task.finish", &descriptor_.task);
    report.state = protocol::TaskState::kFinished;
  } catch (const exchange::SpooledDataLost& lost) {
    report.error = lost.error();
    report.lost_producer = lost.producer();
  } catch (const TrinoException& exception) {
    report.error = memory_.Judge(exception.error());
  } catch (const std::bad_alloc&) {
    report.error = memory_.Judge({errors::EXCEEDED_LOCAL_MEMORY_LIMIT, "The node is out of memory", {}, {}});
  } catch (const std::exception& exception) {
    report.error = Error{errors::GENERIC_INTERNAL_ERROR, exception.what(), {}, {}};
  }
  report.stats.peak_memory_bytes = memory_.peak();
  report.stats.wall_nanos =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count();
  return report;
}

void TaskExecution::RunFragment(protocol::TaskReport* report) {
  auto task = std::make_shared<kernel::TaskContext>();
  for (const auto& [scan, splits] : descriptor_.scans) {
    std::vector<kernel::ScanSplit> queue;
    for (const auto& split : splits) queue.push_back({split.payload, split.rows});
    task->scans[scan] = std::make_shared<kernel::SplitQueue>(std::move(queue));
  }
  for (const auto& [input, message] : descriptor_.inputs) {
    auto exchange = std::make_shared<SpooledExchange>(
        SpooledExchange{{}, exchange::PartitionSet::Of(message.partitions)});
    for (const auto& bytes : message.manifests) {
      exchange->manifests.push_back(std::make_shared<exchange::Manifest>(exchange::Manifest::Parse(bytes)));
    }
    for (const auto& manifest : exchange->manifests) {
      for (const exchange::SpoolBlock& block : manifest->blocks()) {
        if (exchange->partitions.Contains(block.partition)) task->input_rows[input] += block.rows;
      }
    }
    task->inputs[input] = [this, exchange, context = task.get()] {
      auto opened = std::make_shared<SpoolInput>(*environment_.locator, *exchange, descriptor_.task,
                                                 descriptor_.task.partition.value);
      context->exchanged_rows += opened->rows();
      return opened;
    };
    task->runs[input] = [this, exchange, context = task.get()] {
      std::vector<std::shared_ptr<kernel::ExchangeInput>> runs;
      for (const auto& manifest : exchange->manifests) {
        runs.push_back(std::make_shared<SpoolInput>(
            *environment_.locator, SpooledExchange{{manifest}, exchange->partitions}, descriptor_.task, 0));
        context->exchanged_rows += runs.back()->rows();
      }
      return runs;
    };
  }
  if (!descriptor_.output ||
      (descriptor_.retry_policy == protocol::RetryPolicy::kTask && !environment_.exchange)) {
    throw TrinoException(
        errors::EXCHANGE_MANAGER_NOT_CONFIGURED,
        "Exchange manager must be configured for the failure recovery capabilities to be fully functional");
  }
  const std::string& key = descriptor_.output->key;
  const auto place = descriptor_.retry_policy == protocol::RetryPolicy::kTask
                         ? exchange::SpoolPlace(*environment_.exchange, descriptor_.task)
                         : storage::ObjectPlace{environment_.node_store, key};
  exchange::SpoolWriter writer(place, descriptor_.output_partitions, descriptor_.task);
  task->output = std::make_shared<SpoolOutput>(writer, descriptor_.task, memory_);
  auto runner =
      std::make_shared<kernel::FragmentRunner>(*environment_.engine, task, descriptor_.session.time_zone);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) throw TrinoException(errors::USER_CANCELED, "Task was cancelled");
    runner_ = runner;
  }
  runner->Run(descriptor_.plan);
  {
    const std::lock_guard lock(mutex_);
    runner_.reset();
  }
  const exchange::Manifest manifest = writer.Finish();
  report->stats.input_rows = task->scanned_rows + task->exchanged_rows;
  report->stats.output_rows = manifest.Total().rows;
  report->stats.output_bytes = manifest.Total().bytes;
  report->manifest = manifest.Serialize();
}

}  // namespace planaria::worker
