#include "coordinator/journal_record.h"

#include <xxhash.h>

#include <cstring>

#include "protocol/wire.h"

namespace planaria::coordinator {

namespace {

using protocol::WireReader;
using protocol::WireWriter;

constexpr std::string_view kMagic = "PLNJRNL1";
constexpr size_t kFrameBytes = 12;
constexpr uint8_t kVersion = 2;
/// The first byte of a record's payload.
enum Kind : uint8_t { kPlan = 1, kStart, kCut, kReport, kEnd, kChoice, kMerge };

void PutTask(WireWriter& writer, const TaskId& task) {
  writer.Varint(task.fragment.value);
  writer.Varint(task.partition.value);
  writer.Varint(task.attempt.value);
}

TaskId GetTask(WireReader& reader, const QueryId& query) {
  TaskId task;
  task.query = query;
  task.fragment.value = reader.Varint32("fragment");
  task.partition.value = reader.Varint32("partition");
  task.attempt.value = reader.Varint32("attempt");
  return task;
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

/// A report carries an error as it travels between nodes; an end borrows its form.
std::string ErrorBytes(const Error& error) {
  protocol::TaskReport report;
  report.state = protocol::TaskState::kFailed;
  report.error = error;
  return report.Serialize();
}

std::string Payload(const JournaledPlan& plan) {
  WireWriter writer(kPlan, kVersion);
  writer.Text(plan.bytes);
  return writer.Take();
}

std::string Payload(const JournaledStart& start) {
  WireWriter writer(kStart, kVersion);
  PutTask(writer, start.task);
  writer.Text(start.node.value);
  writer.Bool(start.complete);
  return writer.Take();
}

std::string Payload(const scheduler::StageCut& cut) {
  WireWriter writer(kCut, kVersion);
  writer.Varint(cut.fragment.value);
  writer.Bool(cut.last);
  writer.Bool(cut.replaces.has_value());
  if (cut.replaces) writer.Varint(cut.replaces->value);
  writer.Varint(cut.tasks.size());
  for (const scheduler::TaskWork& task : cut.tasks) {
    writer.Varint(task.splits.size());
    for (const scheduler::ScanSplits& scan : task.splits) {
      writer.Varint(scan.scan);
      PutNumbers(writer, scan.splits);
    }
    PutNumbers(writer, task.reads);
    writer.Bool(task.slice.has_value());
    if (!task.slice) continue;
    writer.Varint(task.slice->input);
    writer.Varint(task.slice->index);
    writer.Varint(task.slice->count);
  }
  return writer.Take();
}

std::string Payload(const scheduler::ChoiceMade& choice) {
  WireWriter writer(kChoice, kVersion);
  writer.Varint(choice.choice);
  writer.Bool(choice.broadcast);
  return writer.Take();
}

std::string Payload(const scheduler::MergeDecided& decision) {
  WireWriter writer(kMerge, kVersion);
  writer.Varint(decision.fragment.value);
  writer.Bool(decision.merges);
  return writer.Take();
}

std::string Payload(const protocol::TaskReport& report) {
  WireWriter writer(kReport, kVersion);
  writer.Text(report.Serialize());
  return writer.Take();
}

std::string Payload(const JournaledEnd& end) {
  WireWriter writer(kEnd, kVersion);
  writer.Bool(end.error.has_value());
  if (end.error) writer.Text(ErrorBytes(*end.error));
  return writer.Take();
}

scheduler::StageCut ParseCut(WireReader& reader, const QueryId& query) {
  scheduler::StageCut cut;
  cut.query = query;
  cut.fragment.value = reader.Varint32("fragment");
  cut.last = reader.Bool("last flag");
  if (reader.Bool("replaces flag")) cut.replaces = PartitionId{reader.Varint32("replaced partition")};
  for (size_t left = reader.Count("tasks", 2); left > 0; --left) {
    scheduler::TaskWork& task = cut.tasks.emplace_back();
    for (size_t scans = reader.Count("scans", 2); scans > 0; --scans) {
      const uint32_t scan = reader.Varint32("scan");
      task.splits.push_back({scan, GetNumbers(reader, "splits")});
    }
    task.reads = GetNumbers(reader, "reads");
    if (!reader.Bool("slice flag")) continue;
    scheduler::InputSlice slice;
    slice.input = reader.Varint32("sliced input");
    slice.index = reader.Varint32("slice");
    slice.count = reader.Varint32("slices");
    if (slice.index >= slice.count) reader.Refuse("slice", "it is not below the number of slices");
    task.slice = slice;
  }
  return cut;
}

JournalRecord ParseRecord(const QueryId& query, std::string_view payload) {
  const uint8_t kind = payload.empty() ? 0 : static_cast<uint8_t>(payload[0]);
  WireReader reader(payload, "journal record", kind, kVersion);
  JournalRecord record;
  switch (kind) {
    case kPlan:
      record = JournaledPlan{reader.Text("plan")};
      break;
    case kStart: {
      const TaskId task = GetTask(reader, query);
      NodeId node{reader.Text("node")};
      record = JournaledStart{task, std::move(node), reader.Bool("complete flag")};
      break;
    }
    case kCut:
      record = ParseCut(reader, query);
      break;
    case kChoice: {
      const uint32_t choice = reader.Varint32("choice");
      record = scheduler::ChoiceMade{query, choice, reader.Bool("broadcast flag")};
      break;
    }
    case kMerge: {
      const FragmentId fragment{reader.Varint32("fragment")};
      record = scheduler::MergeDecided{query, fragment, reader.Bool("merges flag")};
      break;
    }
    case kReport: {
      auto report = protocol::TaskReport::Parse(reader.Text("report"));
      if (report.task.query != query) reader.Refuse("report", "it is of another query");
      record = std::move(report);
      break;
    }
    case kEnd: {
      JournaledEnd end;
      if (reader.Bool("error flag")) end.error = protocol::TaskReport::Parse(reader.Text("error")).error;
      record = std::move(end);
      break;
    }
    default:
      reader.Refuse("kind", "unknown");
  }
  reader.End();
  return record;
}

}  // namespace

std::string SerializeSegment(const std::vector<JournalRecord>& records) {
  std::string bytes(kMagic);
  for (const JournalRecord& record : records) {
    const std::string payload = std::visit([](const auto& what) { return Payload(what); }, record);
    const auto size = static_cast<uint32_t>(payload.size());
    const uint64_t checksum = XXH3_64bits_withSeed(payload.data(), payload.size(), size);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
    bytes.append(payload);
  }
  return bytes;
}

ParsedSegment ParseSegment(const QueryId& query, std::string_view bytes) {
  ParsedSegment segment;
  segment.whole = false;
  if (!bytes.starts_with(kMagic)) return segment;
  bytes.remove_prefix(kMagic.size());
  while (!bytes.empty()) {
    if (bytes.size() < kFrameBytes) return segment;
    uint32_t size;
    uint64_t checksum;
    std::memcpy(&size, bytes.data(), sizeof size);
    std::memcpy(&checksum, bytes.data() + sizeof size, sizeof checksum);
    bytes.remove_prefix(kFrameBytes);
    if (bytes.size() < size || XXH3_64bits_withSeed(bytes.data(), size, size) != checksum) return segment;
    try {
      segment.records.push_back(ParseRecord(query, bytes.substr(0, size)));
    } catch (const TrinoException&) {
      return segment;
    }
    bytes.remove_prefix(size);
  }
  segment.whole = true;
  return segment;
}

}  // namespace planaria::coordinator
