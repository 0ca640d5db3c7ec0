// What a node's tasks share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "exchange/near_outputs.h"
#include "exchange/spool_reader.h"
#include "exchange/stream_reader.h"
#include "storage/store_set.h"
#include "worker/final_steps.h"
#include "worker/memory_gauge.h"

namespace planaria::kernel {
class Engine;
}  // namespace planaria::kernel

namespace planaria::exchange {
class OutputPacker;
}  // namespace planaria::exchange

namespace planaria::worker {

/// Immutable once tasks run; everything it points to outlives them.
class TaskEnvironment {
 public:
  kernel::Engine* engine = nullptr;
  std::shared_ptr<MemoryGauge> memory;
  /// The exchange's base directories; nullptr when no exchange manager is configured.
  std::shared_ptr<storage::StoreSet> exchange;
  /// Where outputs on remote stores are nearer; null where the exchange is not remote or nothing is kept.
  std::shared_ptr<exchange::NearNodes> near;
  /// Puts small outputs for it together; null: each has an object of its own.
  std::shared_ptr<exchange::OutputPacker> packer;
  /// Outputs that are offered to readers while they are being stored. What waits for a slow store must not
  /// become ever more: tasks that find kMostOffers keep their slot.
  std::shared_ptr<std::atomic<uint32_t>> offers = std::make_shared<std::atomic<uint32_t>>(0);
  static constexpr uint32_t kMostOffers = 8;
  /// Keeps outputs that need not survive this node.
  std::shared_ptr<storage::ObjectStore> node_store;
  /// Finds the store behind a manifest's location, be it the exchange's or another node's.
  std::shared_ptr<storage::ObjectLocator> locator;
  /// Of the coordinator's queries; empty elsewhere.
  std::shared_ptr<FinalSteps> final_steps = std::make_shared<FinalSteps>();
  /// Running tasks, here and elsewhere.
  exchange::StreamNetwork streams;
  /// Keys, counters and what is near are the tasks'.
  exchange::SpoolReaderOptions spool_reading;
  /// Names are the tasks'.
  exchange::StreamReaderOptions stream_reading;
};

}  // namespace planaria::worker
