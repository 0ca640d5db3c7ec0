#include "worker/task_execution.h"

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/fault_points.h"
#include "exchange/spooled_data_lost.h"
#include "kernel/fragment_runner.h"
#include "kernel/task_context.h"
#include "worker/merging.h"
#include "worker/task_input.h"
#include "worker/task_output.h"

namespace planaria::worker {

TaskExecution::TaskExecution(const TaskEnvironment& environment, protocol::TaskDescriptor descriptor,
                             TaskRunner::Report offer)
    : environment_(environment),
      descriptor_(std::move(descriptor)),
      offer_(std::move(offer)),
      memory_(*environment.memory),
      meter_(std::make_shared<kernel::TaskMeter>()) {}

TaskExecution::~TaskExecution() = default;

void TaskExecution::Cancel() {
  std::shared_ptr<TaskOutput> output;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (runner_) runner_->Cancel();
    output = output_.lock();
  }
  if (output) output->Cancel();
}

std::shared_ptr<TaskOutput> TaskExecution::output() {
  const std::lock_guard lock(mutex_);
  return std::move(finished_output_);
}

protocol::TaskUsage TaskExecution::Usage() const {
  protocol::TaskUsage usage;
  usage.task = descriptor_.task;
  usage.cpu_nanos = static_cast<uint64_t>(meter_->cpu().count());
  usage.wall_nanos = static_cast<uint64_t>(Duration(std::chrono::steady_clock::now() - started_).count());
  usage.scanned_bytes = meter_->scanned_bytes();
  usage.memory_bytes = meter_->memory_bytes();
  return usage;
}

protocol::TaskReport TaskExecution::Run() {
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
  {
    // The operators are gone; what inputs still hold goes with them.
    const std::lock_guard lock(mutex_);
    inputs_.clear();
    if (inputs_error_ && report.error) report.error = inputs_error_;
    if (report.error) finished_output_.reset();
  }
  report.stats.peak_memory_bytes = memory_.peak();
  const protocol::TaskUsage usage = Usage();
  report.stats.cpu_nanos = usage.cpu_nanos;
  report.stats.wall_nanos = usage.wall_nanos;
  report.stats.input_bytes = usage.scanned_bytes;
  report.stats.spool_reads = traffic_->reads;
  report.stats.spool_read_bytes = traffic_->read_bytes;
  report.stats.near_reads = traffic_->near_reads;
  report.stats.near_read_bytes = traffic_->near_read_bytes;
  report.stats.spool_writes = traffic_->writes;
  report.stats.spool_written_bytes = traffic_->written_bytes;
  return report;
}

void TaskExecution::AddInputs(const protocol::AddInputsMessage& message) {
  {
    const std::lock_guard lock(mutex_);
    if (!prepared_) return early_inputs_.push_back(message);
  }
  try {
    Apply(message);
  } catch (const TrinoException& wrong) {
    {
      const std::lock_guard lock(mutex_);
      inputs_error_ = wrong.error();
    }
    Cancel();
  }
}

void TaskExecution::Apply(const protocol::AddInputsMessage& message) {
  std::shared_ptr<TaskInput> input;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = inputs_.find(message.input); found != inputs_.end()) input = found->second;
  }
  // The task may have ended meanwhile.
  if (input) input->Add(message.manifests, message.total, message.holders);
}

void TaskExecution::PrepareInputs(kernel::TaskContext& context) {
  std::map<uint32_t, std::shared_ptr<TaskInput>> inputs;
  exchange::SpoolReaderOptions reading = environment_.spool_reading;
  reading.key = descriptor_.spooling.key;
  reading.traffic = traffic_;
  for (const auto& [id, message] : descriptor_.inputs) {
    const auto input = MakeTaskInput(environment_, descriptor_.task, message, context, reading);
    context.inputs[id] = [input] { return input->Open(); };
    context.runs[id] = [input](const kernel::Wake& wake) { return input->OpenRuns(wake); };
    if (const auto rows = input->Rows()) context.input_rows[id] = *rows;
    inputs[id] = input;
  }
  std::vector<protocol::AddInputsMessage> early;
  {
    const std::lock_guard lock(mutex_);
    inputs_ = std::move(inputs);
    prepared_ = true;
    early.swap(early_inputs_);
  }
  for (const auto& message : early) Apply(message);
}

void TaskExecution::RunPlan(const std::shared_ptr<kernel::TaskContext>& task) {
  auto runner =
      std::make_shared<kernel::FragmentRunner>(*environment_.engine, task, descriptor_.session.time_zone);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) throw TrinoException(errors::USER_CANCELED, "Task was cancelled");
    runner_ = runner;
  }
  runner->Run(descriptor_.plan);
  // The output may take its time to be stored; the operators' memory need not wait for that.
  const std::lock_guard lock(mutex_);
  runner_.reset();
}

void TaskExecution::Merge(kernel::TaskContext& task) {
  if (task.inputs.size() != 1 || !task.scans.empty()) {
    throw TrinoException(errors::SERIALIZATION_ERROR,
                         "Task " + descriptor_.task.ToString() + " has no plan, and no input to merge");
  }
  const auto input = task.inputs.begin()->second();
  task.exchanged_rows += MergeOutputs(*input, *task.output, [this] {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  });
}

void TaskExecution::RunFragment(protocol::TaskReport* report) {
  auto task = std::make_shared<kernel::TaskContext>();
  task->meter = meter_;
  for (const auto& [scan, splits] : descriptor_.scans) {
    std::vector<kernel::ScanSplit> queue;
    for (const auto& split : splits) queue.push_back({split.payload, split.rows, split.bytes});
    task->scans[scan] = std::make_shared<kernel::SplitQueue>(std::move(queue));
  }
  PrepareInputs(*task);
  const auto output = MakeTaskOutput(environment_, descriptor_, memory_, traffic_, offer_);
  task->output = output;
  task->final_steps = environment_.final_steps->Of(descriptor_.task.query);
  if (descriptor_.plan.empty()) {
    Merge(*task);
  } else {
    RunPlan(task);
  }
  output->Finish(report);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) throw TrinoException(errors::USER_CANCELED, "Task was cancelled");
    output_ = finished_output_ = output;
  }
  report->stats.input_rows = task->scanned_rows + task->exchanged_rows;
}

}  // namespace planaria::worker
