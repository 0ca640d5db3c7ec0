// The spooling protocol (protocol.spooling.* of etc/config.properties) and its manager
// (etc/spooling-manager.properties), with Trino's names and defaults.
#pragma once

#include <string>

#include "base/secret.h"
#include "config/exchange_config.h"

namespace planaria {

class PropertyMap;

/// protocol.spooling.*
struct SpoolingProtocolConfig {
  bool enabled = false;
  /// 256 bits in base64, the same on all coordinators; required when enabled.
  Secret shared_secret_key;
  bool json = true;
  bool json_lz4 = true;
  bool json_zstd = true;
  /// Smaller segments are not compressed.
  DataSize compression_threshold{uint64_t{8} << 10};
  /// Of rows as JSON, before they are compressed: the first segment's, doubled for each that follows.
  DataSize initial_segment_size{uint64_t{8} << 20};
  DataSize maximum_segment_size{uint64_t{16} << 20};
  /// Segments within both limits travel in the answer.
  bool inlining = true;
  int64_t inlining_max_rows = 50'000;
  DataSize inlining_max_size{uint64_t{3} << 20};
};

/// etc/spooling-manager.properties
struct SpoolingManagerConfig {
  /// A directory or URI as exchange.base-directories has them.
  std::string location;
  /// A segment that nobody acknowledged is deleted after so long.
  Duration segment_ttl = std::chrono::hours(12);
  bool encryption = true;
  bool explicit_acknowledgement = true;
  bool pruning = true;
  Duration pruning_interval = std::chrono::minutes(5);
  /// Only keys, region, endpoint and style are read.
  S3ExchangeConfig s3;
};

/// Reads its properties; those of others are left.
SpoolingProtocolConfig ReadSpoolingProtocolConfig(PropertyMap& map);
/// Reads all properties of the file; problems are reported through `map`.
SpoolingManagerConfig ReadSpoolingManagerConfig(PropertyMap& map);

}  // namespace planaria
