// etc/exchange-manager.properties as typed settings, with Trino's names and defaults.
#pragma once

#include <string>
#include <vector>

#include "config/setting_values.h"

namespace planaria {

class PropertyMap;

/// exchange.s3.*
struct S3ExchangeConfig {
  /// Both or neither; without them those of what surrounds the process.
  std::string access_key;
  std::string secret_key;
  /// Not with keys.
  std::string iam_role;
  std::string external_id;
  std::string region;
  std::string endpoint;
  int64_t max_error_retries = 10;
  bool path_style_access = false;
  DataSize upload_part_size{uint64_t{5} << 20};
  /// As S3 writes it, `STANDARD_IA`; empty for the bucket's default.
  std::string storage_class;
  int64_t connections = 100;
  Duration connection_wait = std::chrono::minutes(1);
  enum class Encryption : int { kNone, kS3, kKms };
  Encryption encryption = Encryption::kNone;
  std::string kms_key_id;
};

/// exchange.azure.*
struct AzureExchangeConfig {
  /// One of the two.
  std::string connection_string;
  std::string endpoint;
  DataSize block_size{uint64_t{4} << 20};
  int64_t max_error_retries = 10;
  int64_t connections = 500;
  Duration connection_wait = std::chrono::minutes(1);
};

/// exchange.gcs.*
struct GcsExchangeConfig {
  /// At most one is set.
  std::string json_key;
  std::string json_key_file_path;
  std::string endpoint;
};

/// exchange.hdfs.* and hdfs.config.resources
struct HdfsExchangeConfig {
  /// Files of Hadoop: core-site.xml, hdfs-site.xml.
  std::vector<std::string> config_resources;
  DataSize block_size{uint64_t{4} << 20};
};

/// exchange.source-*
struct ExchangeSourceConfig {
  /// Ranges that one input reads at a time, and ahead of need, where the exchange is remote.
  int64_t concurrent_readers = 4;
};

/// exchange.memory-tier.*, exchange.disk-tier.*: what a node keeps of what it has written to a remote
/// exchange. Ours.
struct ExchangeTiersConfig {
  /// A share is of the memory of queries.
  MemorySize memory = MemorySize::Share(0.5);
  DataSize disk{uint64_t{10} << 30};
};

struct ExchangeManagerConfig {
  /// `filesystem` or `hdfs`.
  std::string name;
  /// Paths or URIs as written, but paths of the cluster's HDFS as `hdfs:///path`; which schemes can be served
  /// is for the storage to say.
  std::vector<std::string> base_directories;
  int64_t max_output_partition_count = 50;
  /// PEM file of the authorities that stores' certificates are checked against; empty = the system's. Ours.
  std::string trust_store_path;
  ExchangeSourceConfig source;
  ExchangeTiersConfig tiers;
  S3ExchangeConfig s3;
  AzureExchangeConfig azure;
  GcsExchangeConfig gcs;
  HdfsExchangeConfig hdfs;
};

/// Reads all properties of the file; problems are reported through `map`.
ExchangeManagerConfig ReadExchangeManagerConfig(PropertyMap& map);

}  // namespace planaria
