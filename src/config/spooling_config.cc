#include "config/spooling_config.h"

#include <fmt/format.h>

#include "config/ignored_properties.h"
#include "config/property_map.h"

namespace planaria {

SpoolingProtocolConfig ReadSpoolingProtocolConfig(PropertyMap& map) {
  SpoolingProtocolConfig config;
  const std::string prefix = "protocol.spooling.";
  map.Rename(prefix + "max-segment-size", prefix + "maximum-segment-size");
  config.enabled = map.Flag(prefix + "enabled", config.enabled);
  config.shared_secret_key = Secret(map.Text(prefix + "shared-secret-key").value_or(""));
  if (config.enabled && config.shared_secret_key.empty()) {
    map.Problem(prefix + "shared-secret-key",
                "is required with protocol.spooling.enabled=true, expected 256 bits in base64");
  }
  static constexpr std::string_view kModes[] = {"STORAGE", "COORDINATOR_STORAGE_REDIRECT",
                                                "COORDINATOR_PROXY", "WORKER_PROXY"};
  constexpr int kCoordinatorProxy = 2;
  if (map.Choice(prefix + "retrieval-mode", kCoordinatorProxy, kModes) != kCoordinatorProxy) {
    map.Warn(prefix + "retrieval-mode", "segments are fetched through the coordinator: COORDINATOR_PROXY");
  }
  config.json = map.Flag(prefix + "encoding.json.enabled", config.json);
  config.json_lz4 = map.Flag(prefix + "encoding.json+lz4.enabled", config.json_lz4);
  config.json_zstd = map.Flag(prefix + "encoding.json+zstd.enabled", config.json_zstd);
  config.compression_threshold =
      map.Size(prefix + "encoding.compression.threshold", config.compression_threshold);
  config.initial_segment_size = map.Size(prefix + "initial-segment-size", config.initial_segment_size);
  config.maximum_segment_size = map.Size(prefix + "maximum-segment-size", config.maximum_segment_size);
  if (config.initial_segment_size.bytes > config.maximum_segment_size.bytes) {
    map.Problem(prefix + "initial-segment-size",
                "is larger than protocol.spooling.maximum-segment-size, expected at most that");
  }
  config.inlining = map.Flag(prefix + "inlining.enabled", config.inlining);
  config.inlining_max_rows =
      map.Integer(prefix + "inlining.max-rows", config.inlining_max_rows, 1, 1'000'000);
  config.inlining_max_size = map.Size(prefix + "inlining.max-size", config.inlining_max_size);
  return config;
}

SpoolingManagerConfig ReadSpoolingManagerConfig(PropertyMap& map) {
  SpoolingManagerConfig config;
  const std::string name = map.RequiredText("spooling-manager.name", "filesystem");
  if (!name.empty() && name != "filesystem") {
    map.Problem("spooling-manager.name", fmt::format("invalid value '{}', expected filesystem", name));
  }
  config.location = map.RequiredText("fs.location", "a directory, or a URI such as s3://bucket/folder");
  config.segment_ttl = map.Time("fs.segment.ttl", config.segment_ttl, std::chrono::seconds(1));
  config.encryption = map.Flag("fs.segment.encryption", config.encryption);
  config.explicit_acknowledgement = map.Flag("fs.segment.explicit-ack", config.explicit_acknowledgement);
  config.pruning = map.Flag("fs.segment.pruning.enabled", config.pruning);
  config.pruning_interval =
      map.Time("fs.segment.pruning.interval", config.pruning_interval, std::chrono::seconds(1));
  config.s3.access_key = map.Text("s3.aws-access-key").value_or("");
  config.s3.secret_key = map.Text("s3.aws-secret-key").value_or("");
  config.s3.region = map.Text("s3.region").value_or("");
  config.s3.endpoint = map.Text("s3.endpoint").value_or("");
  config.s3.path_style_access = map.Flag("s3.path-style-access", config.s3.path_style_access);
  if (config.s3.access_key.empty() != config.s3.secret_key.empty()) {
    map.Problem("s3.aws-access-key", "and s3.aws-secret-key belong together, expected both or neither");
  }
  constexpr std::string_view kByScheme = "the scheme of fs.location says which file system it is";
  static constexpr IgnoredProperty kIgnored[] = {
      {"fs.s3.enabled", ValueKind::kFlag, kByScheme},
      {"fs.azure.enabled", ValueKind::kFlag, kByScheme},
      {"fs.gcs.enabled", ValueKind::kFlag, kByScheme},
      {"fs.layout", ValueKind::kText, "segments lie in one folder"},
      {"fs.segment.direct.ttl", ValueKind::kTime, "segments are fetched through the coordinator"},
      {"fs.segment.pruning.batch-size", ValueKind::kInteger, "the store says how many go at a time"},
  };
  ReadIgnored(map, kIgnored);
  map.RejectUnused();
  return config;
}

}  // namespace planaria
