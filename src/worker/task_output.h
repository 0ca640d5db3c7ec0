// Where a task's output goes: an object in the spool, or the memory of this node for readers that read along.
#pragma once

#include <functional>
#include <memory>

#include "exchange/spool_format.h"
#include "exchange/spool_traffic.h"
#include "kernel/task_context.h"
#include "protocol/task_messages.h"
#include "worker/task_environment.h"
#include "worker/task_runner.h"

namespace planaria::worker {

/// An output that is destroyed without Finish was never written.
class TaskOutput : public kernel::ExchangeOutput {
 public:
  /// Nothing more is appended. Fills in what the report says of the output; throws what the store throws.
  virtual void Finish(protocol::TaskReport* report) = 0;
  /// After Finish: calls `taken` once, when this node is not needed for the output any more, perhaps inside
  /// this call; with false when the output is void instead.
  virtual void WhenTaken(std::function<void(bool)> taken) { taken(true); }
  /// Nobody wants the output any more.
  virtual void Cancel() {}
};

/// The exchange's word for what the descriptor says.
exchange::BlockCodec CodecOf(const protocol::Spooling& spooling);

/// `memory` is sampled as pages pass; `traffic` counts what is spooled; `offer`, unless empty, is told when
/// an output that this node keeps is on its way to a remote store. Throws EXCHANGE_MANAGER_NOT_CONFIGURED
/// when the output should survive this node and there is nowhere to put it.
std::shared_ptr<TaskOutput> MakeTaskOutput(const TaskEnvironment& environment,
                                           const protocol::TaskDescriptor& descriptor,
                                           MemoryGauge::Task& memory,
                                           std::shared_ptr<exchange::SpoolTraffic> traffic,
                                           TaskRunner::Report offer = {});

}  // namespace planaria::worker
