#include "sim/model_tasks.h"

#include <deque>
#include <utility>

#include "exchange/spool_writer.h"
#include "exchange/spooled_data_lost.h"
#include "worker/task_input.h"
#include "worker/task_output.h"

namespace planaria::sim {

using exchange::Manifest;

class ModelTaskRunner::Task final : public worker::RunningTask, public std::enable_shared_from_this<Task> {
 public:
  Task(const ModelEnvironment& environment, protocol::TaskDescriptor descriptor,
       worker::TaskRunner::Report offer, worker::TaskRunner::Report done)
      : environment_(environment),
        descriptor_(std::move(descriptor)),
        offer_(std::move(offer)),
        done_(std::move(done)) {
    report_.task = descriptor_.task;
  }

  void Begin() {
    fragment_ = ModelFragment::Parse(descriptor_.plan);
    Later(Duration(50'000 + environment_.random.Below(500'000)), &Task::Open);
  }

  void AddInputs(const protocol::AddInputsMessage& message) override {
    if (!opened_) return early_inputs_.push_back(message);
    const auto input = inputs_.find(message.input);
    if (input == inputs_.end()) return;
    try {
      Reads(message.input, message.manifests);
      input->second->Add(message.manifests, message.total, message.holders);
    } catch (const TrinoException& wrong) {
      environment_.loop.After(Duration::zero(), environment_.process,
                              [self = shared_from_this(), error = wrong.error()] { self->Fail(error); });
    }
  }

  void Cancel() override {
    if (!done_) return;
    if (!environment_.process->alive) return SendReport();
    environment_.loop.After(Duration::zero(), environment_.process, [self = shared_from_this()] {
      self->Fail({errors::USER_CANCELED, "Task was cancelled", {}, {}});
    });
  }

 private:
  void Later(Duration delay, void (Task::*step)()) {
    environment_.loop.After(delay, environment_.process, [self = shared_from_this(), step] {
      if (!self->done_) return;
      try {
        ((*self).*step)();
      } catch (const exchange::SpooledDataLost& lost) {
        self->report_.lost_producer = lost.producer();
        self->Fail(lost.error());
      } catch (const TrinoException& exception) {
        self->Fail(exception.error());
      }
    });
  }
  Duration Half() const {
    const uint64_t micros = fragment_.micros / 2 + environment_.random.Below(fragment_.micros + 1);
    return std::chrono::microseconds(micros * environment_.conditions.TaskFactor(environment_.process->host));
  }

  /// Tells whose outputs an input was given.
  void Reads(uint32_t input, const std::vector<std::string>& manifests) {
    std::vector<TaskId> producers;
    for (const std::string& bytes : manifests) producers.push_back(Manifest::Parse(bytes).producer());
    environment_.history.Tell(&Observer::TaskReads, descriptor_.task, input, producers);
  }

  void Open() {
    if (descriptor_.stream) {
      std::vector<exchange::StreamReaderPlan> readers;
      for (const auto& reader : descriptor_.stream->readers)
        readers.push_back({reader.name, reader.partitions});
      stream_ = streams().Create(descriptor_.task, descriptor_.output_partitions, std::move(readers),
                                 descriptor_.stream->may_hold_back);
    }
    for (const auto& [id, message] : descriptor_.inputs) {
      Reads(id, message.manifests);
      inputs_[id] = worker::MakeTaskInput(*environment_.tasks, descriptor_.task, message, context_,
                                          {.key = descriptor_.spooling.key});
      rows_of_[id];
      left_.push_back(id);
    }
    opened_ = true;
    for (const auto& message : std::exchange(early_inputs_, {})) AddInputs(message);
    Read();
  }

  /// Takes what is there; comes again when there is more.
  void Read() {
    while (!left_.empty()) {
      const uint32_t id = left_.back();
      if (fragment_.op == Op::kLimit && rows_of_[id].size() >= fragment_.limit) break;
      if (!reading_) reading_ = inputs_.at(id)->Open();
      kernel::Page page;
      switch (reading_->Next(page, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Later(Duration::zero(), &Task::Read);
      })) {
        case kernel::InputState::kLater:
          return;
        case kernel::InputState::kPage: {
          const Rows more = DecodeRows(page.data, page.size);
          rows_of_[id].insert(rows_of_[id].end(), more.begin(), more.end());
          break;
        }
        case kernel::InputState::kEnd:
          reading_.reset();
          left_.pop_back();
          break;
      }
    }
    // A LIMIT that has its rows lets go of the rest.
    reading_.reset();
    inputs_.clear();
    Work();
  }

  void Work() {
    Rows scanned;
    for (const auto& [scan, splits] : descriptor_.scans) {
      for (const auto& split : splits) {
        const ModelSplit rows = ModelSplit::Parse(split.payload);
        for (Row row = rows.first; row < rows.first + rows.count; row++) {
          if (!Drops(fragment_, row)) scanned.push_back(row);
        }
      }
    }
    std::vector<Rows> inputs;
    for (auto& [id, rows] : rows_of_) inputs.push_back(std::move(rows));
    rows_ = Apply(fragment_, scanned, inputs);
    Later(Half(), &Task::WriteHalf);
  }

  void WriteHalf() {
    if (environment_.conditions.Strikes(FaultKind::kTaskError)) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The task failed by itself");
    }
    if (environment_.conditions.Strikes(FaultKind::kOutOfMemory)) {
      throw TrinoException(errors::EXCEEDED_LOCAL_MEMORY_LIMIT, "The task is out of memory");
    }
    if (fragment_.op == Op::kWrite) {
      environment_.table.written[descriptor_.task] = rows_;
      rows_ = {Row{descriptor_.task.partition.value} << 32 | descriptor_.task.attempt.value};
    }
    if (!stream_) {
      writer_ = std::make_unique<exchange::SpoolWriter>(
          environment_.tasks->exchange->Place(descriptor_.output->key), descriptor_.output_partitions,
          descriptor_.task,
          exchange::SpoolWriterOptions{.inline_limit_bytes = environment_.inline_bytes,
                                       .buffer_bytes = 64,
                                       .codec = worker::CodecOf(descriptor_.spooling),
                                       .key = descriptor_.spooling.key});
    }
    CutPages(0, rows_.size() / 2);
    Write();
  }

  void Finish() {
    if (environment_.conditions.Strikes(FaultKind::kTaskError)) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The task failed by itself at its end");
    }
    CutPages(rows_.size() / 2, rows_.size());
    finishing_ = true;
    Write();
  }

  void Commit() {
    if (stream_) return FinishStream();
    const Manifest manifest = std::exchange(writer_, nullptr)->Finish();
    report_.state = protocol::TaskState::kFinished;
    report_.manifest = manifest.Serialize();
    report_.stats.output_rows = manifest.Total().rows;
    report_.stats.peak_memory_bytes = 1;
    if (environment_.random.Below(2) == 0) return SendReport();
    protocol::TaskReport offered = report_;
    offered.state = protocol::TaskState::kRunning;
    environment_.history.Tell(&Observer::TaskOffers, descriptor_.task);
    offer_(std::move(offered));
    Later(Half(), &Task::SendReport);
  }

  void FinishStream() {
    for (const auto& [rows, bytes] : stream_->RowsAndBytes()) report_.stats.output_rows += rows;
    report_.stats.peak_memory_bytes = 1;
    stream_->Finish();
    // It has ended when nobody needs this node for its output; the answer may come inside this call.
    stream_->WhenTaken([self = shared_from_this()](bool taken) {
      self->Later(Duration::zero(), taken ? &Task::Taken : &Task::Voided);
    });
  }
  void Taken() {
    report_.state = protocol::TaskState::kFinished;
    SendReport();
  }
  void Voided() { Fail({errors::USER_CANCELED, "Task was cancelled", {}, {}}); }

  /// A page for every partition that has some of these rows; a stream's are small.
  void CutPages(size_t begin, size_t end) {
    std::vector<Rows> pages(descriptor_.output_partitions);
    const size_t most = stream_ ? kRowsOfStreamedPage : rows_.size();
    const auto cut = [&](uint32_t partition) {
      if (!pages[partition].empty()) pages_.emplace_back(partition, std::exchange(pages[partition], {}));
    };
    for (size_t i = begin; i < end; i++) {
      const uint32_t partition = PartitionOf(rows_[i], fragment_.keys, descriptor_.output_partitions);
      pages[partition].push_back(rows_[i]);
      if (pages[partition].size() >= most) cut(partition);
    }
    for (uint32_t partition = 0; partition < pages.size(); partition++) cut(partition);
  }

  /// Writes what was cut; comes again when there is room for it.
  void Write() {
    for (; !pages_.empty(); pages_.pop_front()) {
      const auto& [partition, rows] = pages_.front();
      const std::string bytes = EncodeRows(rows);
      const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
      const auto count = static_cast<uint32_t>(rows.size());
      if (!stream_) {
        writer_->Append(partition, data, bytes.size(), count);
      } else if (stream_->Full([weak = weak_from_this()] {
                   if (const auto self = weak.lock()) self->Later(Duration::zero(), &Task::Write);
                 })) {
        return;
      } else if (stream_->Wanted()) {
        stream_->Append(partition, data, bytes.size(), count);
      }
    }
    finishing_ ? Commit() : Later(Half(), &Task::Finish);
  }

  void Fail(Error error) {
    if (!done_) return;
    if (environment_.plant == Plant::kFailedTaskCommits && writer_ && error.retriable()) {
      try {
        return Commit();
      } catch (const TrinoException& exception) {
        error = exception.error();
      }
    }
    writer_.reset();
    report_.state = protocol::TaskState::kFailed;
    report_.manifest.clear();
    report_.error = std::move(error);
    SendReport();
  }

  void SendReport() {
    writer_.reset();
    reading_.reset();
    inputs_.clear();
    if (std::exchange(stream_, nullptr)) streams().Drop(descriptor_.task);
    environment_.loop.Note(Mix(report_.task.partition.value * 1000 + report_.task.attempt.value) +
                           static_cast<uint64_t>(report_.state));
    if (environment_.process->alive) environment_.history.Tell(&Observer::TaskEnded, report_);
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(report_));
  }

  exchange::StreamStore& streams() const { return *environment_.tasks->streams.own; }

  static constexpr size_t kRowsOfStreamedPage = 6;

  const ModelEnvironment& environment_;
  const protocol::TaskDescriptor descriptor_;
  const worker::TaskRunner::Report offer_;
  worker::TaskRunner::Report done_;
  ModelFragment fragment_;
  /// Only inputs look at it.
  const kernel::TaskContext context_;
  /// By exchange id; empty before they are opened and after the end.
  std::map<uint32_t, std::shared_ptr<worker::TaskInput>> inputs_;
  bool opened_ = false;
  /// Came before the inputs were opened.
  std::vector<protocol::AddInputsMessage> early_inputs_;
  /// Inputs that are not read to their end; the last one is being read.
  std::vector<uint32_t> left_;
  std::shared_ptr<kernel::ExchangeInput> reading_;
  std::map<uint32_t, Rows> rows_of_;
  Rows rows_;
  /// What is to be written, with its partition.
  std::deque<std::pair<uint32_t, Rows>> pages_;
  /// All of the output was cut.
  bool finishing_ = false;
  /// One of the two is there while the task writes.
  std::unique_ptr<exchange::SpoolWriter> writer_;
  std::shared_ptr<exchange::StreamBuffer> stream_;
  protocol::TaskReport report_;
};

ModelTaskRunner::ModelTaskRunner(ModelEnvironment environment) : environment_(std::move(environment)) {}
ModelTaskRunner::~ModelTaskRunner() = default;

std::shared_ptr<worker::RunningTask> ModelTaskRunner::Start(protocol::TaskDescriptor descriptor, Report offer,
                                                            Report done) {
  auto task = std::make_shared<Task>(environment_, std::move(descriptor), std::move(offer), std::move(done));
  task->Begin();
  return task;
}

}  // namespace planaria::sim
