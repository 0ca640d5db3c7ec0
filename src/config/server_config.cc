#include "config/server_config.h"

#include <fmt/format.h>

#include <random>

#include "config/ignored_properties.h"
#include "config/property_map.h"

namespace planaria {

namespace {

bool IsName(std::string_view text, bool upper_case) {
  bool first = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (upper_case && c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && (first || (c != '_' && !(upper_case && c == '-')))) return false;
    first = false;
  }
  return !text.empty();
}

std::string RandomUuid() {
  std::random_device device;
  const auto word = [&device] { return static_cast<uint32_t>(device()); };
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", word(), word() & 0xFFFF, word() & 0xFFF,
                     0x8000 | (word() & 0x3FFF), word() & 0xFFFF, word());
}

void ReadAllowedPolicies(PropertyMap& map, ServerConfig& config) {
  const auto items = map.List("retry-policy.allowed");
  if (items.empty()) return;
  config.allowed_retry_policies.clear();
  for (const std::string& item : items) {
    bool found = false;
    for (const RetryPolicy policy :
         {RetryPolicy::kNone, RetryPolicy::kQuery, RetryPolicy::kTask, RetryPolicy::kAuto}) {
      if (!SameChoice(RetryPolicyName(policy), item)) continue;
      config.allowed_retry_policies.insert(policy);
      found = true;
    }
    if (!found)
      map.Problem("retry-policy.allowed",
                  fmt::format("invalid value '{}', expected NONE, QUERY, TASK, AUTO", item));
  }
  if (!config.allowed_retry_policies.contains(config.query.retry.policy)) {
    map.Problem("retry-policy.allowed",
                fmt::format("does not contain {}, expected the value of retry-policy in it",
                            RetryPolicyName(config.query.retry.policy)));
  }
}

/// Settings that protect the server must not be passed over: what is not there yet is refused.
void RefuseUnservedSecurity(PropertyMap& map) {
  if (map.Flag("http-server.https.enabled", false)) {
    map.Problem("http-server.https.enabled",
                "TLS is not served yet, expected false (end TLS at a proxy and set "
                "http-server.process-forwarded=true)");
  }
  for (const std::string& type : map.List("http-server.authentication.type")) {
    if (SameChoice("insecure", type)) continue;
    map.Problem(
        "http-server.authentication.type",
        fmt::format("authentication type {} is not served yet, expected the property to be absent", type));
  }
  map.Flag("http-server.authentication.allow-insecure-over-http", true);
}

bool IsHttpUri(std::string_view uri) {
  constexpr std::string_view kScheme = "http://";
  return uri.starts_with(kScheme) && uri.size() > kScheme.size() &&
         uri.find_first_of(" \t\"<>") == std::string_view::npos;
}

void CheckDiscoveryUri(PropertyMap& map, const std::string& uri) {
  if (uri.starts_with("https://")) {
    map.Problem("discovery.uri", "https between nodes is not served yet, expected http://host:port");
  } else if (!IsHttpUri(uri)) {
    map.Problem("discovery.uri", fmt::format("invalid value '{}', expected http://host:port", uri));
  }
}

void ReadStandby(PropertyMap& map, ServerConfig& config) {
  config.standby = map.Flag("coordinator.standby.enabled", config.standby);
  config.lease_duration =
      map.Time("coordinator.lease-duration", config.lease_duration, std::chrono::milliseconds(500));
  config.lease_etcd_endpoints = map.List("coordinator.lease.etcd-endpoints");
  for (const std::string& uri : config.lease_etcd_endpoints) {
    if (!IsHttpUri(uri)) {
      map.Problem("coordinator.lease.etcd-endpoints",
                  fmt::format("invalid value '{}', expected http://host:port", uri));
    }
  }
  if (config.standby && !config.coordinator) {
    map.Problem("coordinator.standby.enabled", "this node is a worker, expected true on coordinators only");
  }
  if (config.standby && config.coordinator && config.exchange_encryption && config.shared_secret.empty()) {
    map.Problem(
        "coordinator.standby.enabled",
        "needs internal-communication.shared-secret, the same on all coordinators: it wraps the keys of "
        "spooled data for the one that takes over (or "
        "fault-tolerant-execution-exchange-encryption-enabled=false)");
  }
}

/// Before ReadStandby: who takes over needs the keys of what is spooled.
void ReadEncryption(PropertyMap& map, ServerConfig& config) {
  config.exchange_encryption =
      map.Flag("fault-tolerant-execution-exchange-encryption-enabled", config.exchange_encryption);
  config.shared_secret = Secret(map.Text("internal-communication.shared-secret").value_or(""));
  if (!config.shared_secret.empty()) {
    map.Warn("internal-communication.shared-secret",
             "only wraps the keys of spooled data: nodes do not authenticate each other yet, keep the "
             "cluster on a "
             "private network");
  }
}

void ReadRenamed(PropertyMap& map) {
  map.Rename("fault-tolerant-execution.exchange-encryption-enabled",
             "fault-tolerant-execution-exchange-encryption-enabled");
  map.Rename("external-exchange-encryption-enabled", "fault-tolerant-execution-exchange-encryption-enabled");
  map.Rename("fault-tolerant-execution.memory-requirement-increase-on-worker-crash-enabled",
             "fault-tolerant-execution-memory-requirement-increase-on-worker-crash-enabled");
  map.Rename("fault-tolerant-execution-partition-count", "fault-tolerant-execution-max-partition-count");
  map.Rename("failure-detector.http-client.heartbeat-interval", "failure-detector.heartbeat-interval");
}

void ReadDescriptorStorage(PropertyMap& map, ServerConfig& config) {
  const std::string prefix = "fault-tolerant-execution-task-descriptor-storage-";
  config.descriptor_storage_max = map.Memory(prefix + "max-memory", config.descriptor_storage_max);
  const auto mark = [&](const std::string& key, double share_of_heap) {
    const MemorySize size = map.Memory(key, MemorySize::Share(share_of_heap));
    return map.Has(key) ? std::optional(size) : std::nullopt;
  };
  config.descriptor_storage_high_water = mark(prefix + "high-water-mark", 0.09);
  config.descriptor_storage_low_water = mark(prefix + "low-water-mark", 0.06);
}

void ReadKillers(PropertyMap& map, ServerConfig& config) {
  static constexpr std::string_view kQuery[] = {"none", "total-reservation",
                                                "total-reservation-on-blocked-nodes"};
  static constexpr std::string_view kTask[] = {"none", "total-reservation-on-blocked-nodes", "least-waste"};
  config.query_killer_policy = static_cast<QueryKillerPolicy>(
      map.Choice("query.low-memory-killer.policy", static_cast<int>(config.query_killer_policy), kQuery));
  config.task_killer_policy = static_cast<TaskKillerPolicy>(
      map.Choice("task.low-memory-killer.policy", static_cast<int>(config.task_killer_policy), kTask));
}

}  // namespace

NodeConfig ReadNodeConfig(PropertyMap& map) {
  NodeConfig config;
  config.environment = map.RequiredText("node.environment", "a lower-case name such as production");
  if (!config.environment.empty() && !IsName(config.environment, false)) {
    map.Problem(
        "node.environment",
        fmt::format("invalid value '{}', expected lower-case letters, digits and _", config.environment));
  }
  config.id = map.Text("node.id").value_or("");
  if (config.id.empty()) {
    config.id = RandomUuid();
  } else if (!IsName(config.id, true)) {
    map.Problem("node.id", fmt::format("invalid value '{}', expected letters, digits, _ and -", config.id));
  }
  config.data_dir = map.Text("node.data-dir").value_or(config.data_dir);
  config.internal_address = map.Text("node.internal-address");
  constexpr std::string_view kUnused = "nodes are known by node.internal-address";
  static constexpr IgnoredProperty kIgnored[] = {
      {"node.external-address", ValueKind::kText, kUnused},
      {"node.bind-ip", ValueKind::kText, "the server listens on every address"},
      {"node.location", ValueKind::kText, "splits have no preferred nodes"},
      {"node.pool", ValueKind::kText, "a cluster has one pool"},
      {"node.server-log-file", ValueKind::kText, "the log goes to standard error"},
      {"node.launcher-log-file", ValueKind::kText, "there is no launcher"},
      {"catalog.config-dir", ValueKind::kText, "catalogs are read from the folder catalog beside this file"},
      {"plugin.dir", ValueKind::kText, "connectors are built in"},
  };
  ReadIgnored(map, kIgnored);
  map.RejectUnused();
  return config;
}

ServerConfig ReadServerConfig(PropertyMap& map) {
  ServerConfig config;
  ReadRenamed(map);
  config.coordinator = map.Flag("coordinator", config.coordinator);
  config.include_coordinator = map.Flag("node-scheduler.include-coordinator", config.include_coordinator);
  config.http_port = map.Integer("http-server.http.port", config.http_port, 0, 65535);
  if (!map.Flag("http-server.http.enabled", true)) {
    map.Problem("http-server.http.enabled", "only HTTP is served yet, expected true");
  }
  config.process_forwarded = map.Flag("http-server.process-forwarded", config.process_forwarded);
  RefuseUnservedSecurity(map);
  ReadEncryption(map, config);
  ReadStandby(map, config);
  config.discovery_uris = map.List("discovery.uri");
  for (const std::string& uri : config.discovery_uris) CheckDiscoveryUri(map, uri);
  if (config.discovery_uris.empty() && !config.coordinator) {
    map.Problem("discovery.uri", "is required on a worker, expected the coordinator's http://host:port");
  }
  if (map.Has("discovery-server.enabled")) {
    map.Flag("discovery-server.enabled", true);
    map.Ignore("discovery-server.enabled", "the coordinator always accepts announcements");
  }

  VisitQuerySettings(config.query, map);
  if (const auto problem = CheckQuerySettings(config.query)) map.Problem("", *problem);
  ReadAllowedPolicies(map, config);

  config.heap_headroom = map.Memory("memory.heap-headroom-per-node", config.heap_headroom);
  ReadKillers(map, config);
  ReadDescriptorStorage(map, config);
  config.task_max_worker_threads =
      map.Integer("task.max-worker-threads", config.task_max_worker_threads, 0, 4096);
  config.task_client_timeout =
      map.Time("task.client.timeout", config.task_client_timeout, std::chrono::seconds(1));
  config.sink_max_buffer = map.Size("sink.max-buffer-size", config.sink_max_buffer);
  config.exchange_max_buffer = map.Size("exchange.max-buffer-size", config.exchange_max_buffer);
  config.exchange_max_response = map.Size("exchange.max-response-size", config.exchange_max_response);
  config.exchange_max_error_duration =
      map.Time("exchange.max-error-duration", config.exchange_max_error_duration);
  config.deduplication_buffer = map.Size("exchange.deduplication-buffer-size", config.deduplication_buffer);
  config.spooling = ReadSpoolingProtocolConfig(map);
  config.query_client_timeout =
      map.Time("query.client.timeout", config.query_client_timeout, std::chrono::seconds(1));
  config.query_min_expire_age = map.Time("query.min-expire-age", config.query_min_expire_age);
  config.query_max_history = map.Integer("query.max-history", config.query_max_history, 0);
  config.query_max_length = map.Integer("query.max-length", config.query_max_length, 0, 1'000'000'000);
  config.stage_count_warning_threshold =
      map.Integer("query.stage-count-warning-threshold", config.stage_count_warning_threshold, 1);
  config.query_max_concurrent = map.Integer("query.max-concurrent-queries", config.query_max_concurrent, 1);
  config.query_max_queued = map.Integer("query.max-queued-queries", config.query_max_queued, 1);
  config.allowed_no_matching_node_period =
      map.Time("node-scheduler.allowed-no-matching-node-period", config.allowed_no_matching_node_period);
  config.heartbeat_interval = map.Time("failure-detector.heartbeat-interval", config.heartbeat_interval,
                                       std::chrono::milliseconds(1));
  config.shutdown_grace_period = map.Time("shutdown.grace-period", config.shutdown_grace_period);
  config.fault_injection = map.Flag("fault-injection.enabled", config.fault_injection);

  ReadDefunct(map, DefunctServerProperties());
  ReadIgnored(map, IgnoredServerProperties());
  map.RejectUnused();
  return config;
}

}  // namespace planaria
