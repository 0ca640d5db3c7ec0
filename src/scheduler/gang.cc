#include "scheduler/gang.h"

#include <algorithm>

namespace planaria::scheduler {
namespace {

/// Streaming tasks per slot of the cluster: most of a gang's tasks wait for the others most of the time.
constexpr uint64_t kStreamsPerSlot = 16;

/// One cut, spread over the nodes: more tasks than run at once gain nothing when none can be repeated alone.
QueryLimits StreamingLimits(QueryLimits limits) {
  limits.scan_task_target_min_bytes = uint64_t{1} << 44;
  limits.scan_task_target_max_bytes = limits.scan_task_target_min_bytes;
  limits.max_task_split_count = UINT32_MAX;
  return limits;
}

uint32_t HashTasks(uint64_t bytes, uint32_t partitions, uint32_t nodes, const QueryLimits& limits) {
  const uint64_t worthwhile =
      std::max<uint64_t>(1, bytes / std::max<uint64_t>(1, limits.hash_task_floor_bytes));
  return static_cast<uint32_t>(std::min<uint64_t>({worthwhile, partitions, nodes}));
}

StreamReaders ReadersOf(const Query& query, uint32_t producer) {
  auto readers = std::make_shared<std::vector<StreamReader>>();
  for (uint32_t consumer = 0; consumer < query.stage_count(); ++consumer) {
    const Stage& stage = query.stage(consumer);
    for (uint32_t input = 0; input < stage.plan.inputs.size(); ++input) {
      if (query.producers(consumer)[input] != producer) continue;
      for (uint32_t task = 0; task < stage.partitions.size(); ++task) {
        readers->push_back(
            {query.MakeTaskId(consumer, task, 0), query.InputPartitions(consumer, input, task)});
      }
    }
  }
  return readers;
}

}  // namespace

void CutGang(Query& query, const ClusterShape& cluster) {
  const QueryLimits limits = StreamingLimits(query.limits);
  const uint32_t nodes = std::max(1u, cluster.nodes);
  std::vector<uint64_t> bytes_below(query.stage_count());
  query.run->splits.ForEach([&](uint32_t stage, uint32_t, const std::vector<SplitInfo>& splits) {
    for (const SplitInfo& split : splits) {
      bytes_below[stage] += split.bytes == 0 ? limits.standard_split_bytes : split.bytes;
    }
  });
  std::vector<SplitAssigner> assigners;
  for (uint32_t index = 0; index < query.stage_count(); ++index) {
    const FragmentPlan& plan = query.stage(index).plan;
    assigners.emplace_back(plan.scans, limits,
                           plan.distribution == Distribution::kSource ? SplitAssigner::Mode::kBySize
                                                                      : SplitAssigner::Mode::kOneTask);
  }
  query.run->splits.ForEach([&](uint32_t stage, uint32_t scan, const std::vector<SplitInfo>& splits) {
    for (TaskSplits& task : assigners[stage].Add(scan, splits, true, nodes)) {
      query.stage(stage).AddPartition({std::move(task), {}});
    }
  });
  for (uint32_t index = 0; index < query.stage_count(); ++index) {
    Stage& stage = query.stage(index);
    uint32_t partitions = 1;
    for (uint32_t input = 0; input < stage.plan.inputs.size(); ++input) {
      const uint32_t producer = query.producers(index)[input];
      bytes_below[index] += bytes_below[producer];
      if (stage.plan.inputs[input].mode == InputMode::kPartitioned) {
        partitions = query.stage(producer).plan.output_partitions;
      }
    }
    if (stage.plan.distribution == Distribution::kHash) {
      const uint32_t tasks = HashTasks(bytes_below[index], partitions, nodes, limits);
      std::vector<std::vector<uint32_t>> reads(tasks);
      for (uint32_t partition = 0; partition < partitions; ++partition) {
        reads[partition % tasks].push_back(partition);
      }
      for (std::vector<uint32_t>& task : reads) stage.AddPartition({{}, std::move(task)});
    } else if (stage.plan.scans.empty()) {
      stage.AddPartition({});
    }
    stage.cut = true;
  }
}

GangSize SizeOf(const Query& query) {
  GangSize size;
  size.small = true;
  for (uint32_t index = 0; index < query.stage_count(); ++index) {
    const Stage& stage = query.stage(index);
    const auto tasks = static_cast<uint32_t>(stage.partitions.size());
    (stage.plan.distribution == Distribution::kCoordinator ? size.on_coordinator : size.on_workers) += tasks;
    size.small = size.small && tasks == 1;
  }
  return size;
}

bool RoomForGang(const GangSize& gang, uint64_t running_streams, const ClusterShape& cluster) {
  return gang.small || running_streams == 0 ||
         running_streams + gang.on_workers <= kStreamsPerSlot * cluster.slots;
}

std::vector<Command> StartGang(const Query& query, const NodePool& nodes) {
  std::vector<StreamedOutputs> streams;
  for (uint32_t index = 0; index < query.stage_count(); ++index) {
    const Stage& stage = query.stage(index);
    auto outputs = std::make_shared<std::vector<StreamedOutput>>();
    for (uint32_t task = 0; task < stage.partitions.size(); ++task) {
      outputs->push_back(
          {query.MakeTaskId(index, task, 0), nodes.id(stage.partitions[task].attempts[0].node)});
    }
    streams.push_back(std::move(outputs));
  }
  std::vector<Command> commands;
  commands.push_back(ResultStreams{query.id, streams[query.root()], query.run->hold()});
  for (uint32_t index = 0; index < query.stage_count(); ++index) {
    const Stage& stage = query.stage(index);
    const StreamReaders readers = ReadersOf(query, index);
    for (uint32_t task = 0; task < stage.partitions.size(); ++task) {
      StartTask start;
      start.task = (*streams[index])[task].task;
      start.node = (*streams[index])[task].node;
      start.splits = stage.partitions[task].splits;
      start.memory_bytes = stage.partitions[task].memory_bytes;
      start.readers = readers;
      start.readers_may_wait_for_each_other = query.consumers(index).size() > 1;
      for (uint32_t i = 0; i < stage.plan.inputs.size(); ++i) {
        TaskInput& input = start.inputs.emplace_back();
        input.producer = stage.plan.inputs[i].producer;
        input.mode = stage.plan.inputs[i].mode;
        input.partitions = query.InputPartitions(index, i, task);
        input.streams = streams[query.producers(index)[i]];
      }
      commands.push_back(std::move(start));
    }
  }
  return commands;
}

}  // namespace planaria::scheduler
