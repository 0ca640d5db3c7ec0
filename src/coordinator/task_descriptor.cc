#include "coordinator/task_descriptor.h"

#include <map>
#include <optional>
#include <utility>

#include "exchange/manifest.h"
#include "exchange/partition_set.h"
#include "exchange/spool_directory.h"

namespace planaria::coordinator {

std::vector<protocol::StreamSourceMessage> SourcesOf(const std::vector<scheduler::StreamedOutput>& streams) {
  std::vector<protocol::StreamSourceMessage> sources;
  for (const scheduler::StreamedOutput& stream : streams) sources.push_back({stream.task, stream.node, {}});
  return sources;
}

std::vector<protocol::OutputHolderMessage> HoldersOf(const std::vector<scheduler::CommittedOutput>& outputs) {
  std::map<NodeId, std::vector<uint32_t>> partitions;
  for (const scheduler::CommittedOutput& output : outputs)
    partitions[output.node].push_back(output.partition.value);
  std::vector<protocol::OutputHolderMessage> holders;
  for (auto& [node, made] : partitions) holders.push_back({node, {}, std::move(made)});
  return holders;
}

std::shared_ptr<const KeptBytes> BytesOf(const scheduler::CommittedOutput& output) {
  return std::static_pointer_cast<const KeptBytes>(output.manifest);
}

namespace {

/// A task may read a producer several times, once for each of its inputs from it.
std::string ReaderName(const TaskId& reader, uint32_t which) {
  return std::to_string(reader.fragment.value) + "." + std::to_string(reader.partition.value) + "." +
         std::to_string(which);
}

protocol::StreamTarget StreamTargetOf(const scheduler::StartTask& start, uint32_t output_partitions) {
  protocol::StreamTarget target;
  target.may_hold_back = !start.readers_may_wait_for_each_other;
  std::map<TaskId, uint32_t> seen;
  for (const scheduler::StreamReader& reader : *start.readers) {
    target.readers.push_back({ReaderName(reader.task, seen[reader.task]++), reader.partitions});
  }
  if (!target.readers.empty()) return target;
  protocol::StreamReaderMessage result{kResultReader, {}};
  for (uint32_t partition = 0; partition < output_partitions; partition++)
    result.partitions.push_back(partition);
  target.readers.push_back(std::move(result));
  return target;
}

/// What a reader of these partitions needs of an output.
std::string ManifestFor(const scheduler::CommittedOutput& output, const std::vector<uint32_t>& partitions,
                        uint32_t all_partitions) {
  std::string bytes = BytesOf(output)->Read();
  if (partitions.size() == all_partitions) return bytes;
  return exchange::Manifest::Parse(bytes).Select(exchange::PartitionSet::Of(partitions)).Serialize();
}

/// `producer_partitions`: how many its producer writes.
protocol::InputMessage InputMessageOf(const scheduler::StartTask& start, size_t input,
                                      uint32_t producer_partitions) {
  const scheduler::TaskInput& read = start.inputs[input];
  protocol::InputMessage message;
  message.partitions = read.partitions;
  message.complete = read.complete;
  if (!read.streams) {
    for (const scheduler::CommittedOutput& output : *read.outputs)
      message.manifests.push_back(ManifestFor(output, read.partitions, producer_partitions));
    message.holders = HoldersOf(*read.outputs);
    return message;
  }
  uint32_t which = 0;
  for (size_t i = 0; i < input; i++) which += start.inputs[i].producer == read.producer ? 1 : 0;
  message.reader = ReaderName(start.task, which);
  message.streams = SourcesOf(*read.streams);
  return message;
}

}  // namespace

protocol::TaskDescriptor DescriptorOf(const scheduler::StartTask& start, const Execution& execution) {
  const ExecutionFragment& fragment = execution.fragments.at(start.task.fragment);
  protocol::TaskDescriptor descriptor;
  descriptor.task = start.task;
  descriptor.plan = fragment.plan;
  descriptor.output_partitions = fragment.output_partitions;
  if (start.readers) {
    descriptor.retry_policy = protocol::RetryPolicy::kNone;
    descriptor.stream = StreamTargetOf(start, fragment.output_partitions);
  } else {
    descriptor.retry_policy = protocol::RetryPolicy::kTask;
    descriptor.output = protocol::OutputTarget{0, exchange::SpoolKey(start.task)};
  }
  descriptor.spooling = execution.spooling;
  descriptor.session = execution.session;
  for (const scheduler::ScanSplits& part : start.splits) {
    auto& splits = descriptor.scans[part.scan];
    const auto& all = fragment.scans.at(part.scan);
    const auto payloads = fragment.payloads.find(part.scan);
    std::optional<SplitPayloads::Reader> reader;
    if (payloads != fragment.payloads.end()) reader.emplace(*payloads->second);
    for (const uint32_t index : part.splits) {
      splits.push_back(all[index]);
      if (reader) splits.back().payload = reader->Read(index);
    }
  }
  for (size_t i = 0; i < start.inputs.size(); i++) {
    const uint32_t partitions = execution.fragments.at(start.inputs[i].producer).output_partitions;
    descriptor.inputs[fragment.input_ids[i]] = InputMessageOf(start, i, partitions);
  }
  return descriptor;
}

}  // namespace planaria::coordinator
