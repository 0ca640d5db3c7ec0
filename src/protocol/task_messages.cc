#include "protocol/task_messages.h"

#include "protocol/wire.h"

namespace planaria::protocol {

namespace {

enum Kind : uint8_t {
  kTaskDescriptor = 0xD1,
  kTaskReport = 0xD2,
  kNodeAnnouncement = 0xD3,
  kAddInputs = 0xD4
};
constexpr uint8_t kVersion = 2;
/// Errors nest only through `suppressed`, which the scheduler fills one level deep.
constexpr int kMaxErrorDepth = 4;

void PutTask(WireWriter& writer, const TaskId& task) {
  writer.Text(task.query.value);
  writer.Varint(task.fragment.value);
  writer.Varint(task.partition.value);
  writer.Varint(task.attempt.value);
}

TaskId GetTask(WireReader& reader, std::string_view field) {
  TaskId task;
  task.query.value = reader.Text(field);
  task.fragment.value = reader.Varint32(field);
  task.partition.value = reader.Varint32(field);
  task.attempt.value = reader.Varint32(field);
  return task;
}

void PutError(WireWriter& writer, const Error& error, int depth = 0) {
  writer.Signed(error.code.code);
  writer.Text(error.message);
  writer.Bool(error.location.has_value());
  if (error.location) {
    writer.Signed(error.location->line);
    writer.Signed(error.location->column);
  }
  const bool deeper = depth + 1 < kMaxErrorDepth;
  writer.Varint(deeper ? error.suppressed.size() : 0);
  if (!deeper) return;
  for (const Error& suppressed : error.suppressed) PutError(writer, suppressed, depth + 1);
}

Error GetError(WireReader& reader, int depth = 0) {
  Error error;
  error.code = ErrorCodeOf(reader.Signed32("error code"));
  error.message = reader.Text("error message");
  if (reader.Bool("error location flag")) {
    const int32_t line = reader.Signed32("error line");
    error.location = ErrorLocation{line, reader.Signed32("error column")};
  }
  const size_t count = reader.Count("suppressed errors");
  if (count > 0 && depth + 1 >= kMaxErrorDepth) reader.Refuse("suppressed errors", "nested too deeply");
  for (size_t i = 0; i < count; ++i) error.suppressed.push_back(GetError(reader, depth + 1));
  return error;
}

void PutTexts(WireWriter& writer, const std::vector<std::string>& texts) {
  writer.Varint(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

std::vector<std::string> GetTexts(WireReader& reader, std::string_view field) {
  std::vector<std::string> texts;
  for (size_t left = reader.Count(field); left > 0; --left) texts.push_back(reader.Text(field));
  return texts;
}

void PutNumbers(WireWriter& writer, const std::vector<uint32_t>& numbers) {
  writer.Varint(numbers.size());
  for (const uint32_t number : numbers) writer.Varint(number);
}

std::vector<uint32_t> GetNumbers(WireReader& reader, std::string_view field) {
  std::vector<uint32_t> numbers;
  for (size_t left = reader.Count(field); left > 0; --left) numbers.push_back(reader.Varint32(field));
  return numbers;
}

void PutHolders(WireWriter& writer, const std::vector<OutputHolderMessage>& holders) {
  writer.Varint(holders.size());
  for (const OutputHolderMessage& holder : holders) {
    writer.Text(holder.node.value);
    writer.Text(holder.node_uri);
    PutNumbers(writer, holder.partitions);
  }
}

std::vector<OutputHolderMessage> GetHolders(WireReader& reader) {
  std::vector<OutputHolderMessage> holders;
  for (size_t left = reader.Count("output holders", 3); left > 0; --left) {
    OutputHolderMessage holder;
    holder.node.value = reader.Text("holder node");
    holder.node_uri = reader.Text("holder uri");
    holder.partitions = GetNumbers(reader, "held partitions");
    holders.push_back(std::move(holder));
  }
  return holders;
}

void PutInput(WireWriter& writer, const InputMessage& input) {
  PutTexts(writer, input.manifests);
  PutNumbers(writer, input.partitions);
  writer.Bool(input.complete);
  writer.Text(input.reader);
  writer.Varint(input.streams.size());
  for (const StreamSourceMessage& source : input.streams) {
    PutTask(writer, source.task);
    writer.Text(source.node.value);
    writer.Text(source.node_uri);
  }
  PutHolders(writer, input.holders);
}

InputMessage GetInput(WireReader& reader) {
  InputMessage input;
  input.manifests = GetTexts(reader, "manifests");
  input.partitions = GetNumbers(reader, "input partitions");
  input.complete = reader.Bool("input complete flag");
  input.reader = reader.Text("reader");
  for (size_t left = reader.Count("streams", 6); left > 0; --left) {
    StreamSourceMessage source;
    source.task = GetTask(reader, "stream task");
    source.node.value = reader.Text("stream node");
    source.node_uri = reader.Text("stream uri");
    input.streams.push_back(std::move(source));
  }
  input.holders = GetHolders(reader);
  return input;
}

void PutStreamTarget(WireWriter& writer, const StreamTarget& target) {
  writer.Bool(target.may_hold_back);
  writer.Varint(target.readers.size());
  for (const StreamReaderMessage& stream_reader : target.readers) {
    writer.Text(stream_reader.name);
    PutNumbers(writer, stream_reader.partitions);
  }
}

StreamTarget GetStreamTarget(WireReader& reader) {
  StreamTarget target;
  target.may_hold_back = reader.Bool("may hold back flag");
  for (size_t left = reader.Count("stream readers", 2); left > 0; --left) {
    StreamReaderMessage stream_reader;
    stream_reader.name = reader.Text("reader name");
    stream_reader.partitions = GetNumbers(reader, "reader partitions");
    target.readers.push_back(std::move(stream_reader));
  }
  return target;
}

Spooling GetSpooling(WireReader& reader) {
  Spooling spooling;
  std::string key = reader.Text("spool key");
  spooling.key = Secret(key);
  Wipe(key);
  const uint64_t codec = reader.Varint("page codec");
  if (codec > static_cast<uint8_t>(PageCodec::kZstd)) reader.Refuse("page codec", "unknown value");
  spooling.codec = static_cast<PageCodec>(codec);
  return spooling;
}

template <typename Value>
void RequireNew(WireReader& reader, const std::map<uint32_t, Value>& known, uint32_t id,
                std::string_view field) {
  if (known.contains(id)) reader.Refuse(field, "appears twice: " + std::to_string(id));
}

}  // namespace

std::string TaskDescriptor::Serialize() const {
  WireWriter writer(kTaskDescriptor, kVersion);
  PutTask(writer, task);
  writer.Text(plan);
  writer.Varint(static_cast<uint8_t>(retry_policy));
  writer.Varint(output_partitions);
  writer.Bool(output.has_value());
  if (output) {
    writer.Varint(output->base_directory);
    writer.Text(output->key);
  }
  writer.Bool(stream.has_value());
  if (stream) PutStreamTarget(writer, *stream);
  writer.Text(spooling.key.bytes());
  writer.Varint(static_cast<uint8_t>(spooling.codec));
  writer.Varint(scans.size());
  for (const auto& [scan, splits] : scans) {
    writer.Varint(scan);
    writer.Varint(splits.size());
    for (const SplitMessage& split : splits) {
      writer.Text(split.payload);
      writer.Varint(split.rows);
      writer.Varint(split.bytes);
    }
  }
  writer.Varint(inputs.size());
  for (const auto& [exchange, input] : inputs) {
    writer.Varint(exchange);
    PutInput(writer, input);
  }
  writer.Text(session.user);
  writer.Text(session.time_zone);
  writer.Signed(session.query_start.time_since_epoch().count());
  return writer.Take();
}

TaskDescriptor TaskDescriptor::Parse(std::string_view bytes) {
  WireReader reader(bytes, "task descriptor", kTaskDescriptor, kVersion);
  TaskDescriptor descriptor;
  descriptor.task = GetTask(reader, "task id");
  descriptor.plan = reader.Text("plan");
  const uint64_t policy = reader.Varint("retry policy");
  if (policy > static_cast<uint8_t>(RetryPolicy::kQuery)) reader.Refuse("retry policy", "unknown value");
  descriptor.retry_policy = static_cast<RetryPolicy>(policy);
  descriptor.output_partitions = reader.Varint32("output partitions");
  if (reader.Bool("output flag")) {
    OutputTarget target;
    target.base_directory = reader.Varint32("output base directory");
    target.key = reader.Text("output key");
    descriptor.output = std::move(target);
  }
  if (reader.Bool("stream flag")) descriptor.stream = GetStreamTarget(reader);
  descriptor.spooling = GetSpooling(reader);
  for (size_t left = reader.Count("scans", 2); left > 0; --left) {
    const uint32_t scan = reader.Varint32("scan id");
    RequireNew(reader, descriptor.scans, scan, "scan id");
    auto& splits = descriptor.scans[scan];
    for (size_t split = reader.Count("splits", 3); split > 0; --split) {
      SplitMessage message;
      message.payload = reader.Text("split payload");
      message.rows = reader.Varint("split rows");
      message.bytes = reader.Varint("split bytes");
      splits.push_back(std::move(message));
    }
  }
  for (size_t left = reader.Count("inputs", 6); left > 0; --left) {
    const uint32_t exchange = reader.Varint32("exchange id");
    RequireNew(reader, descriptor.inputs, exchange, "exchange id");
    descriptor.inputs[exchange] = GetInput(reader);
  }
  descriptor.session.user = reader.Text("user");
  descriptor.session.time_zone = reader.Text("time zone");
  descriptor.session.query_start += std::chrono::microseconds(reader.Signed("query start"));
  reader.End();
  return descriptor;
}

std::string AddInputsMessage::Serialize() const {
  WireWriter writer(kAddInputs, kVersion);
  PutTask(writer, task);
  writer.Varint(input);
  PutTexts(writer, manifests);
  writer.Bool(total.has_value());
  if (total) writer.Varint(*total);
  PutHolders(writer, holders);
  return writer.Take();
}

AddInputsMessage AddInputsMessage::Parse(std::string_view bytes) {
  WireReader reader(bytes, "added inputs", kAddInputs, kVersion);
  AddInputsMessage message;
  message.task = GetTask(reader, "task id");
  message.input = reader.Varint32("exchange id");
  message.manifests = GetTexts(reader, "manifests");
  if (reader.Bool("total flag")) message.total = reader.Varint32("total");
  message.holders = GetHolders(reader);
  reader.End();
  return message;
}

std::string TaskReport::Serialize() const {
  WireWriter writer(kTaskReport, kVersion);
  PutTask(writer, task);
  writer.Varint(static_cast<uint8_t>(state));
  writer.Text(manifest);
  writer.Bool(error.has_value());
  if (error) PutError(writer, *error);
  writer.Bool(lost_producer.has_value());
  if (lost_producer) PutTask(writer, *lost_producer);
  for (const uint64_t number :
       {stats.input_rows, stats.input_bytes, stats.output_rows, stats.output_bytes, stats.cpu_nanos,
        stats.wall_nanos, stats.peak_memory_bytes, stats.spool_reads, stats.spool_read_bytes,
        stats.spool_writes, stats.spool_written_bytes, stats.near_reads, stats.near_read_bytes}) {
    writer.Varint(number);
  }
  return writer.Take();
}

TaskReport TaskReport::Parse(std::string_view bytes) {
  WireReader reader(bytes, "task report", kTaskReport, kVersion);
  TaskReport report;
  report.task = GetTask(reader, "task id");
  const uint64_t state = reader.Varint("task state");
  if (state > static_cast<uint8_t>(TaskState::kFailed)) reader.Refuse("task state", "unknown value");
  report.state = static_cast<TaskState>(state);
  report.manifest = reader.Text("manifest");
  if (reader.Bool("error flag")) report.error = GetError(reader);
  if (report.error.has_value() != (report.state == TaskState::kFailed)) {
    reader.Refuse("error flag", "an error belongs to failed tasks and only to them");
  }
  if (reader.Bool("lost producer flag")) report.lost_producer = GetTask(reader, "lost producer");
  report.stats.input_rows = reader.Varint("input rows");
  report.stats.input_bytes = reader.Varint("input bytes");
  report.stats.output_rows = reader.Varint("output rows");
  report.stats.output_bytes = reader.Varint("output bytes");
  report.stats.cpu_nanos = reader.Varint("cpu time");
  report.stats.wall_nanos = reader.Varint("wall time");
  report.stats.peak_memory_bytes = reader.Varint("peak memory");
  report.stats.spool_reads = reader.Varint("reads");
  report.stats.spool_read_bytes = reader.Varint("read bytes");
  report.stats.spool_writes = reader.Varint("writes");
  report.stats.spool_written_bytes = reader.Varint("written bytes");
  report.stats.near_reads = reader.Varint("near reads");
  report.stats.near_read_bytes = reader.Varint("near read bytes");
  reader.End();
  return report;
}

std::string NodeAnnouncement::Serialize() const {
  WireWriter writer(kNodeAnnouncement, kVersion);
  for (const std::string* text : {&node.value, &instance, &internal_uri, &version, &environment}) {
    writer.Text(*text);
  }
  writer.Varint(slots);
  writer.Varint(memory_bytes);
  writer.Bool(coordinator);
  writer.Bool(draining);
  return writer.Take();
}

NodeAnnouncement NodeAnnouncement::Parse(std::string_view bytes) {
  WireReader reader(bytes, "node announcement", kNodeAnnouncement, kVersion);
  NodeAnnouncement announcement;
  announcement.node.value = reader.Text("node id");
  announcement.instance = reader.Text("instance id");
  announcement.internal_uri = reader.Text("internal uri");
  announcement.version = reader.Text("version");
  announcement.environment = reader.Text("environment");
  announcement.slots = reader.Varint32("slots");
  announcement.memory_bytes = reader.Varint("memory");
  announcement.coordinator = reader.Bool("coordinator flag");
  announcement.draining = reader.Bool("draining flag");
  reader.End();
  return announcement;
}

}  // namespace planaria::protocol
