// etc/config.properties, etc/node.properties, etc/jvm.config as typed settings, with Trino's names and
// defaults. docs/configuration.md lists every property.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/secret.h"
#include "config/query_settings.h"
#include "config/spooling_config.h"

namespace planaria {

class PropertyMap;

/// etc/node.properties
struct NodeConfig {
  /// Unique and, where the file gives it, stable over restarts; otherwise a fresh UUID.
  std::string id;
  /// Same on every node of a cluster.
  std::string environment;
  /// Spill and spool files that have no other place.
  std::string data_dir = "data";
  /// Host or address that other nodes reach this one by; nothing = found by the server.
  std::optional<std::string> internal_address;
};

/// Which query ends when a node is out of memory.
enum class QueryKillerPolicy : uint8_t { kNone, kTotalReservation, kTotalReservationOnBlockedNodes };
/// Which task of a query with task retries does, and runs again.
enum class TaskKillerPolicy : uint8_t { kNone, kTotalReservationOnBlockedNodes, kLeastWaste };

/// etc/config.properties
struct ServerConfig {
  bool coordinator = true;
  /// Whether the coordinator runs worker tasks as well.
  bool include_coordinator = true;
  /// 0 lets the system choose.
  int64_t http_port = 8080;
  /// Trust X-Forwarded-* of a proxy in front.
  bool process_forwarded = false;
  /// Where nodes announce themselves: the coordinator, and those that wait to replace it. At least one on
  /// workers.
  std::vector<std::string> discovery_uris;
  /// Whether this coordinator shares its queries with others, of which one acts and the rest wait. Ours.
  bool standby = false;
  /// Others take over from an active coordinator that has not renewed its lease for so long. Ours.
  Duration lease_duration = std::chrono::seconds(5);
  /// Members of the etcd cluster that keeps the lease, as http://host:port; empty: it lies beside the
  /// journal. Ours.
  std::vector<std::string> lease_etcd_endpoints;

  /// Defaults of every query; see SessionProperties for their overrides.
  QuerySettings query;
  std::set<RetryPolicy> allowed_retry_policies = {RetryPolicy::kNone, RetryPolicy::kQuery, RetryPolicy::kTask,
                                                  RetryPolicy::kAuto};

  /// Left to the process outside queries.
  MemorySize heap_headroom = MemorySize::Share(0.3);
  QueryKillerPolicy query_killer_policy = QueryKillerPolicy::kTotalReservationOnBlockedNodes;
  TaskKillerPolicy task_killer_policy = TaskKillerPolicy::kTotalReservationOnBlockedNodes;
  /// What the coordinator keeps of splits and manifests: above the high-water mark it goes to files until
  /// memory is down to the low-water mark. Where a mark is not set it is 60% or 40% of the maximum.
  MemorySize descriptor_storage_max = MemorySize::Share(0.15);
  std::optional<MemorySize> descriptor_storage_high_water;
  std::optional<MemorySize> descriptor_storage_low_water;
  /// Threads that run tasks; 0 = as many as cores.
  int64_t task_max_worker_threads = 0;
  /// A worker drops the tasks of a coordinator that it has not heard of for this long.
  Duration task_client_timeout = std::chrono::minutes(2);

  /// Pages that a running task keeps for its readers.
  DataSize sink_max_buffer{uint64_t{32} << 20};
  /// Pages of running tasks that have arrived at a reader and were not used yet.
  DataSize exchange_max_buffer{uint64_t{32} << 20};
  /// Trino's default is 16MB; smaller answers let producer and reader work at the same time.
  DataSize exchange_max_response{uint64_t{4} << 20};
  Duration exchange_max_error_duration = std::chrono::minutes(1);
  /// Result rows held in memory until a run that may be repeated has ended; more is spooled.
  /// Whether what queries spool is sealed.
  bool exchange_encryption = true;
  /// The same on every coordinator; wraps the keys of spooled data in the journal. Empty: a file does.
  Secret shared_secret;
  DataSize deduplication_buffer{uint64_t{32} << 20};

  SpoolingProtocolConfig spooling;

  Duration query_client_timeout = std::chrono::minutes(5);
  /// Finished queries stay visible at least this long, at most so many.
  Duration query_min_expire_age = std::chrono::minutes(15);
  int64_t query_max_history = 100;
  /// Longest statement, in characters.
  int64_t query_max_length = 1'000'000;
  /// More stages are told to the client as a warning.
  int64_t stage_count_warning_threshold = 50;
  int64_t query_max_concurrent = 1000;
  int64_t query_max_queued = 5000;

  /// A query waits this long for any node that can run its tasks.
  Duration allowed_no_matching_node_period = std::chrono::minutes(2);
  /// Trino's default is 500 ms; ours is shorter because a lost node should be noticed in a second.
  Duration heartbeat_interval = std::chrono::milliseconds(100);
  Duration shutdown_grace_period = std::chrono::minutes(2);
  /// Lets tests set off faults in this process (server/fault_routes.h). Ours.
  bool fault_injection = false;
};

/// Reads all properties of the file; problems are reported through `map`.
NodeConfig ReadNodeConfig(PropertyMap& map);
ServerConfig ReadServerConfig(PropertyMap& map);

}  // namespace planaria
