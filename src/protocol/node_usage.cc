#include "protocol/node_usage.h"

#include "protocol/wire.h"

namespace planaria::protocol {

namespace {
constexpr uint8_t kNodeUsage = 0xD5;
constexpr uint8_t kVersion = 1;
}  // namespace

std::string NodeUsage::Serialize() const {
  WireWriter writer(kNodeUsage, kVersion);
  writer.Varint(waiting_for_memory);
  writer.Varint(tasks.size());
  for (const TaskUsage& usage : tasks) {
    writer.Text(usage.task.query.value);
    for (const uint64_t number : {uint64_t{usage.task.fragment.value}, uint64_t{usage.task.partition.value},
                                  uint64_t{usage.task.attempt.value}, usage.cpu_nanos, usage.wall_nanos,
                                  usage.scanned_bytes, usage.memory_bytes}) {
      writer.Varint(number);
    }
  }
  return writer.Take();
}

NodeUsage NodeUsage::Parse(std::string_view bytes) {
  WireReader reader(bytes, "node usage", kNodeUsage, kVersion);
  NodeUsage usage;
  usage.waiting_for_memory = reader.Varint32("waiting threads");
  for (size_t left = reader.Count("tasks", 8); left > 0; --left) {
    TaskUsage& task = usage.tasks.emplace_back();
    task.task.query.value = reader.Text("query");
    task.task.fragment.value = reader.Varint32("fragment");
    task.task.partition.value = reader.Varint32("partition");
    task.task.attempt.value = reader.Varint32("attempt");
    task.cpu_nanos = reader.Varint("cpu time");
    task.wall_nanos = reader.Varint("wall time");
    task.scanned_bytes = reader.Varint("scanned bytes");
    task.memory_bytes = reader.Varint("memory");
  }
  reader.End();
  return usage;
}

}  // namespace planaria::protocol
