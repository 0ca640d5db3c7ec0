#include "config/ignored_properties.h"

namespace planaria {

namespace {

using enum ValueKind;

constexpr std::string_view kNoStreaming = "the streaming exchange has other parts, see docs/streaming.md";
constexpr std::string_view kOwnProtocol = "the protocol between coordinator and workers is our own";
constexpr std::string_view kNoWrites = "writers run in the tasks that have the rows";
constexpr std::string_view kJoinSides = "every task builds on the side that turned out smaller";
constexpr std::string_view kNoStageGuess =
    "stages read what is committed as soon as a slot is idle, sizes are not guessed before";
constexpr std::string_view kEventDriven = "scheduling is driven by events, queue bounds are fixed";
constexpr std::string_view kDetector = "a node is lost when its connection breaks or heartbeats stay away";
constexpr std::string_view kNoLocality = "splits have no preferred nodes";
constexpr std::string_view kOwnRetries =
    "failed requests are repeated with growing random pauses, within a budget that all share";
constexpr std::string_view kThreadsWait = "a request that waits for a connection holds its task's thread";
constexpr std::string_view kOneObject =
    "a task attempt writes one object with an index, there are no part files";
constexpr std::string_view kOneBuffer =
    "a sink has the same few buffers for any number of partitions, see docs/storage.md";
constexpr std::string_view kOpenInside =
    "nodes do not authenticate each other yet, keep the cluster on a private network";

constexpr IgnoredProperty kServer[] = {
    {"exchange.data-integrity-verification", kText,
     "checksums are always verified, and a mismatch runs the producer again"},
    {"exchange.concurrent-request-multiplier", kInteger, kNoStreaming},
    {"exchange.client-threads", kInteger, kNoStreaming},
    {"exchange.acknowledge-pages", kFlag, kNoStreaming},
    {"exchange.page-buffer-client.max-callback-threads", kInteger, kNoStreaming},
    {"sink.max-broadcast-buffer-size", kSize, kNoStreaming},
    {"max-tasks-waiting-for-node-per-query", kInteger, kEventDriven},
    {"max-tasks-waiting-for-execution-per-query", kInteger, kEventDriven},
    {"query.remote-task.max-error-duration", kTime, kDetector},
    {"query.remote-task.max-callback-threads", kInteger, kOwnProtocol},
    {"query.remote-task.enable-adaptive-request-size", kFlag, kOwnProtocol},
    {"query.remote-task.max-request-size", kSize, kOwnProtocol},
    {"query.remote-task.request-size-headroom", kSize, kOwnProtocol},
    {"query.remote-task.guaranteed-splits-per-task", kInteger, kOwnProtocol},
    {"task.info-update-interval", kTime, kOwnProtocol},
    {"task.status-refresh-max-wait", kTime, kOwnProtocol},
    {"fault-tolerant-execution-coordinator-task-memory", kSize,
     "the coordinator runs only the tasks that gather results"},
    {"fault-tolerant-execution-task-runtime-memory-estimation-overhead", kSize,
     "nodes are packed by slots and estimates"},
    {"fault-tolerant-execution-memory-requirement-increase-on-worker-crash-enabled", kFlag,
     "a lost node says nothing about its tasks' memory"},
    {"fault-tolerant-execution-eager-speculative-tasks-node-memory-overcommit", kSize, kNoStageGuess},
    {"node-scheduler.exhausted-node-wait-period", kTime, kNoLocality},
    {"fault-tolerant-execution-arbitrary-distribution-write-task-target-size-growth-period", kInteger,
     kNoWrites},
    {"fault-tolerant-execution-arbitrary-distribution-write-task-target-size-growth-factor", kNumber,
     kNoWrites},
    {"fault-tolerant-execution-hash-distribution-write-task-to-node-min-ratio", kNumber, kNoWrites},
    {"fault-tolerant-execution-hash-distribution-write-task-target-max-count", kInteger, kNoWrites},
    {"fault-tolerant-execution-min-partition-count-for-write", kInteger, kNoWrites},
    {"query.min-hash-partition-count-for-write", kInteger, kNoWrites},
    {"query.max-hash-partition-count", kInteger,
     "fault-tolerant-execution-max-partition-count holds for every policy"},
    {"query.min-hash-partition-count", kInteger,
     "fault-tolerant-execution-min-partition-count holds for every policy"},
    {"fault-tolerant-execution-adaptive-join-reordering-enabled", kFlag, kJoinSides},
    {"fault-tolerant-execution-adaptive-join-reordering-size-difference-ratio", kNumber, kJoinSides},
    {"fault-tolerant-execution-adaptive-join-reordering-min-size-threshold", kSize, kJoinSides},
    {"fault-tolerant-execution-small-stage-estimation-enabled", kFlag, kNoStageGuess},
    {"fault-tolerant-execution-small-stage-estimation-threshold", kSize, kNoStageGuess},
    {"fault-tolerant-execution-small-stage-source-size-multiplier", kNumber, kNoStageGuess},
    {"fault-tolerant-execution-small-stage-require-no-more-partitions", kFlag, kNoStageGuess},
    {"fault-tolerant-execution-stage-estimation-for-eager-parent-enabled", kFlag, kNoStageGuess},
    {"failure-detector.enabled", kFlag, "loss of nodes is always detected"},
    {"failure-detector.threshold", kNumber, kDetector},
    {"failure-detector.warmup-interval", kTime, kDetector},
    {"failure-detector.expiration-grace-interval", kTime, kDetector},
    {"enable-dynamic-filtering", kFlag, "filters of joins are pushed within a task, not between tasks"},
    {"spill-enabled", kFlag, "operators spill whenever memory is short"},
    {"spiller-spill-path", kText, "spill files live under node.data-dir"},
    {"internal-communication.https.required", kFlag, kOpenInside},
    {"http-server.log.enabled", kFlag, "requests are not logged to a file"},
    {"http-server.log.path", kText, "requests are not logged to a file"},
    {"log.path", kText, "the log goes to standard error"},
    {"log.levels-file", kText, "the log goes to standard error"},
    {"catalog.management", kText, "catalogs are read from files at start"},
    {"plugin.dir", kText, "connectors are built in"},
    {"web-ui.enabled", kFlag, "there is no browser page yet"},
};

constexpr DefunctProperty kServerDefunct[] = {
    {"retry-attempts", "'query-retry-attempts'"},
    {"fault-tolerant-execution-target-task-input-size",
     "'fault-tolerant-execution-hash-distribution-compute-task-target-size'"},
    {"fault-tolerant-execution-target-task-split-count", "'fault-tolerant-execution-max-task-split-count'"},
    {"experimental.fault-tolerant-execution-force-preferred-write-partitioning-enabled", ""},
    {"query.low-memory-killer.delay", ""},
    {"exchange.encryption-enabled", "'fault-tolerant-execution-exchange-encryption-enabled'"},
};

constexpr IgnoredProperty kExchange[] = {
    {"exchange.max-page-storage-size", kSize, "a page may have any size"},
    {"exchange.sink-buffer-pool-min-size", kInteger, kOneBuffer},
    {"exchange.sink-buffers-per-partition", kInteger, kOneBuffer},
    {"exchange.sink-max-file-size", kSize, kOneObject},
    {"exchange.source-max-files-per-reader", kInteger, "reads are planned from manifests"},
    {"exchange.file-listing-parallelism", kInteger, "outputs are found by manifests, nothing is listed"},
    {"exchange.source-handle-target-data-size", kSize, "reads are planned from manifests"},
    {"exchange.s3.retry-mode", kText, kOwnRetries},
    {"exchange.s3.async-client-max-pending-connection-acquires", kInteger, kThreadsWait},
    {"exchange.azure.pending-acquire-max-count", kInteger, kThreadsWait},
};

}  // namespace

std::span<const IgnoredProperty> IgnoredServerProperties() { return kServer; }
std::span<const DefunctProperty> DefunctServerProperties() { return kServerDefunct; }
std::span<const IgnoredProperty> IgnoredExchangeProperties() { return kExchange; }

void ReadIgnored(PropertyMap& map, std::span<const IgnoredProperty> properties) {
  for (const IgnoredProperty& property : properties) {
    switch (property.kind) {
      case kText:
        map.Text(property.key);
        break;
      case kFlag:
        map.Flag(property.key, false);
        break;
      case kInteger:
        map.Integer(property.key, 0, 0);
        break;
      case kNumber:
        map.Number(property.key, 0, 0, 1e18);
        break;
      case kSize:
        map.Size(property.key, {});
        break;
      case kMemory:
        map.Memory(property.key, MemorySize::Of({}));
        break;
      case kTime:
        map.Time(property.key, Duration(0));
        break;
    }
    map.Ignore(property.key, property.why);
  }
}

void ReadDefunct(PropertyMap& map, std::span<const DefunctProperty> properties) {
  for (const DefunctProperty& property : properties) map.Defunct(property.key, property.instead);
}

}  // namespace planaria
