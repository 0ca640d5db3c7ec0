// What a node is told of a task: the scheduler's decision with the bytes of the plan, its splits and inputs.
#pragma once

#include <memory>
#include <vector>

#include "coordinator/descriptor_storage.h"
#include "coordinator/execution.h"
#include "protocol/task_messages.h"
#include "scheduler/commands.h"

namespace planaria::coordinator {

/// Under which tasks know the reader of a streamed result.
inline constexpr const char* kResultReader = "result";

/// Throws what reading kept manifests and payloads throws.
protocol::TaskDescriptor DescriptorOf(const scheduler::StartTask& start, const Execution& execution);

/// The nodes' addresses are not filled in.
std::vector<protocol::StreamSourceMessage> SourcesOf(const std::vector<scheduler::StreamedOutput>& streams);

/// Which nodes made these outputs; their addresses are not filled in.
std::vector<protocol::OutputHolderMessage> HoldersOf(const std::vector<scheduler::CommittedOutput>& outputs);

/// The kept manifest of an output: what the driver gave the scheduler to carry.
std::shared_ptr<const KeptBytes> BytesOf(const scheduler::CommittedOutput& output);

}  // namespace planaria::coordinator
