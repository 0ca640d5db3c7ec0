#include "config/exchange_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/ignored_properties.h"
#include "config/property_map.h"

namespace planaria {

namespace {

constexpr DataSize kMegabyte{uint64_t{1} << 20};

DataSize SizeWithin(PropertyMap& map, std::string_view key, DataSize fallback, uint64_t least,
                    uint64_t most) {
  const DataSize size = map.Size(key, fallback);
  if (size.bytes >= least * kMegabyte.bytes && size.bytes <= most * kMegabyte.bytes) return size;
  map.Problem(key, fmt::format("invalid value '{}', expected {}MB to {}MB", size.ToString(), least, most));
  return fallback;
}

bool UsesScheme(const ExchangeManagerConfig& config, std::string_view scheme) {
  return std::any_of(config.base_directories.begin(), config.base_directories.end(),
                     [&](const std::string& directory) { return directory.starts_with(scheme); });
}

S3ExchangeConfig ReadS3(PropertyMap& map, bool used) {
  S3ExchangeConfig s3;
  s3.access_key = map.Text("exchange.s3.aws-access-key").value_or("");
  s3.secret_key = map.Text("exchange.s3.aws-secret-key").value_or("");
  if (s3.access_key.empty() != s3.secret_key.empty()) {
    map.Problem(s3.access_key.empty() ? "exchange.s3.aws-secret-key" : "exchange.s3.aws-access-key",
                "expected exchange.s3.aws-access-key and exchange.s3.aws-secret-key together");
  }
  s3.iam_role = map.Text("exchange.s3.iam-role").value_or("");
  s3.external_id = map.Text("exchange.s3.external-id").value_or("");
  if (!s3.iam_role.empty() && !s3.access_key.empty()) {
    map.Problem("exchange.s3.iam-role", "and exchange.s3.aws-access-key are set, expected one of them");
  }
  if (!s3.external_id.empty() && s3.iam_role.empty()) {
    map.Problem("exchange.s3.external-id", "is for exchange.s3.iam-role only");
  }
  s3.region = map.Text("exchange.s3.region").value_or("");
  s3.endpoint = map.Text("exchange.s3.endpoint").value_or("");
  if (used && s3.region.empty() && s3.endpoint.empty()) {
    map.Problem("exchange.s3.region", "is required unless exchange.s3.endpoint is set, expected one of them");
  }
  s3.max_error_retries = map.Integer("exchange.s3.max-error-retries", s3.max_error_retries, 0, 1000);
  s3.path_style_access = map.Flag("exchange.s3.path-style-access", s3.path_style_access);
  s3.upload_part_size = SizeWithin(map, "exchange.s3.upload.part-size", s3.upload_part_size, 5, 256);
  s3.storage_class = map.Text("exchange.s3.storage-class").value_or("");
  const bool plain_name = std::all_of(s3.storage_class.begin(), s3.storage_class.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain_name) {
    map.Problem("exchange.s3.storage-class",
                fmt::format("invalid value '{}', expected a class such as STANDARD_IA", s3.storage_class));
  }
  s3.connections = map.Integer("exchange.s3.async-client-concurrency", s3.connections, 1, 100'000);
  s3.connection_wait =
      map.Time("exchange.s3.async-client-connection-acquisition-timeout", s3.connection_wait);
  static constexpr std::string_view kEncryptions[] = {"NONE", "S3", "KMS"};
  s3.encryption =
      static_cast<S3ExchangeConfig::Encryption>(map.Choice("exchange.s3.sse.type", 0, kEncryptions));
  s3.kms_key_id = map.Text("exchange.s3.sse.kms-key-id").value_or("");
  if (!s3.kms_key_id.empty() && s3.encryption != S3ExchangeConfig::Encryption::kKms) {
    map.Problem("exchange.s3.sse.kms-key-id", "is for exchange.s3.sse.type=KMS only");
  }
  return s3;
}

AzureExchangeConfig ReadAzure(PropertyMap& map, bool used) {
  AzureExchangeConfig azure;
  azure.endpoint = map.Text("exchange.azure.endpoint").value_or("");
  azure.connection_string = map.Text("exchange.azure.connection-string").value_or("");
  if (!azure.connection_string.empty() && !azure.endpoint.empty()) {
    map.Problem("exchange.azure.endpoint",
                "and exchange.azure.connection-string are set, expected one of them");
  }
  if (used && azure.connection_string.empty() && azure.endpoint.empty()) {
    map.Problem("exchange.azure.connection-string",
                "is required unless exchange.azure.endpoint is set, expected "
                "DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...;"
                "EndpointSuffix=core.windows.net");
  }
  azure.block_size = SizeWithin(map, "exchange.azure.block-size", azure.block_size, 4, 256);
  azure.max_error_retries = map.Integer("exchange.azure.max-error-retries", azure.max_error_retries, 0, 1000);
  azure.connections = map.Integer("exchange.azure.max-connections", azure.connections, 1, 100'000);
  azure.connection_wait = map.Time("exchange.azure.connection-acquisition-timeout", azure.connection_wait);
  return azure;
}

GcsExchangeConfig ReadGcs(PropertyMap& map) {
  GcsExchangeConfig gcs;
  gcs.json_key = map.Text("exchange.gcs.json-key").value_or("");
  gcs.json_key_file_path = map.Text("exchange.gcs.json-key-file-path").value_or("");
  gcs.endpoint = map.Text("exchange.gcs.endpoint").value_or("");
  if (!gcs.json_key.empty() && !gcs.json_key_file_path.empty()) {
    map.Problem("exchange.gcs.json-key", "and exchange.gcs.json-key-file-path are set, expected one of them");
  }
  return gcs;
}

HdfsExchangeConfig ReadHdfs(PropertyMap& map) {
  HdfsExchangeConfig hdfs;
  hdfs.config_resources = map.List("hdfs.config.resources");
  hdfs.block_size = SizeWithin(map, "exchange.hdfs.block-size", hdfs.block_size, 4, 256);
  return hdfs;
}

/// Each exchange manager has its schemes.
void CheckManager(PropertyMap& map, ExchangeManagerConfig& config) {
  const bool any_scheme = map.Flag("exchange.hdfs.skip-directory-scheme-validation", false);
  // Of Amazon EMR: paths mean the HDFS of the cluster.
  map.Flag("exchange.use-local-hdfs", false);
  for (std::string& directory : config.base_directories) {
    const bool hdfs = directory.starts_with("hdfs:");
    if (config.name == "hdfs" && directory.starts_with('/')) {
      directory.insert(0, "hdfs://");
    } else if (config.name == "hdfs" && !hdfs && !any_scheme) {
      map.Problem(
          "exchange.base-directories",
          fmt::format("invalid value '{}', expected hdfs:// for exchange-manager.name=hdfs", directory));
    } else if (config.name == "filesystem" && hdfs) {
      map.Problem("exchange.base-directories",
                  fmt::format("'{}' needs exchange-manager.name=hdfs", directory));
    }
  }
}

}  // namespace

ExchangeManagerConfig ReadExchangeManagerConfig(PropertyMap& map) {
  ExchangeManagerConfig config;
  map.Rename("exchange.base-directory", "exchange.base-directories");
  config.name = map.RequiredText("exchange-manager.name", "filesystem or hdfs");
  if (!config.name.empty() && config.name != "filesystem" && config.name != "hdfs") {
    map.Problem("exchange-manager.name",
                fmt::format("invalid value '{}', expected filesystem or hdfs", config.name));
  }
  config.base_directories = map.List("exchange.base-directories");
  if (config.base_directories.empty()) {
    map.Problem("exchange.base-directories", "is required, expected a comma list of directories");
  }
  config.max_output_partition_count =
      map.Integer("exchange.max-output-partition-count", config.max_output_partition_count, 1, 1'000'000);
  config.source.concurrent_readers =
      map.Integer("exchange.source-concurrent-readers", config.source.concurrent_readers, 1, 1000);
  config.tiers.memory = map.Memory("exchange.memory-tier.max-size", config.tiers.memory);
  config.tiers.disk = map.Size("exchange.disk-tier.max-size", config.tiers.disk);
  config.trust_store_path = map.Text("exchange.tls.trust-store-path").value_or("");
  config.s3 = ReadS3(map, UsesScheme(config, "s3://") || UsesScheme(config, "s3a://"));
  config.azure = ReadAzure(map, UsesScheme(config, "abfs") || UsesScheme(config, "wasb"));
  config.gcs = ReadGcs(map);
  if (UsesScheme(config, "gs://")) {
    for (const char* const key : {"exchange.s3.aws-access-key", "exchange.s3.aws-secret-key"}) {
      map.Ignore(key, "gs: is spoken to with tokens, not with HMAC keys");
    }
  }
  config.hdfs = ReadHdfs(map);
  CheckManager(map, config);
  ReadIgnored(map, IgnoredExchangeProperties());
  map.RejectUnused();
  return config;
}

}  // namespace planaria
