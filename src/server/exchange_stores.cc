#include "server/exchange_stores.h"

#include <fstream>
#include <iterator>

#include "storage/remote_store_options.h"

namespace planaria::server {

namespace {

storage::S3Options S3OptionsOf(const ExchangeManagerConfig& config) {
  using Encryption = S3ExchangeConfig::Encryption;
  const S3ExchangeConfig& s3 = config.s3;
  storage::S3Options options;
  options.credentials = {s3.access_key, s3.secret_key, {}};
  options.role = s3.iam_role;
  options.external_id = s3.external_id;
  options.region = s3.region;
  options.endpoint = s3.endpoint;
  options.path_style = s3.path_style_access;
  options.part_bytes = s3.upload_part_size.bytes;
  options.storage_class = s3.storage_class;
  options.encryption = s3.encryption == Encryption::kS3    ? "AES256"
                       : s3.encryption == Encryption::kKms ? "aws:kms"
                                                           : "";
  options.kms_key_id = s3.kms_key_id;
  options.retries.max_retries = static_cast<int>(s3.max_error_retries);
  options.transport.max_connections = static_cast<size_t>(s3.connections);
  options.transport.connection_wait = s3.connection_wait;
  options.transport.ca_file = config.trust_store_path;
  return options;
}

storage::AzureOptions AzureOptionsOf(const ExchangeManagerConfig& config) {
  const AzureExchangeConfig& azure = config.azure;
  storage::AzureOptions options;
  options.connection_string = azure.connection_string;
  options.endpoint = azure.endpoint;
  options.part_bytes = azure.block_size.bytes;
  options.retries.max_retries = static_cast<int>(azure.max_error_retries);
  options.transport.max_connections = static_cast<size_t>(azure.connections);
  options.transport.connection_wait = azure.connection_wait;
  options.transport.ca_file = config.trust_store_path;
  return options;
}

storage::GcsOptions GcsOptionsOf(const ExchangeManagerConfig& config) {
  storage::GcsOptions options;
  options.json_key = config.gcs.json_key;
  if (const std::string& path = config.gcs.json_key_file_path; !path.empty()) {
    std::ifstream file(path);
    options.json_key.assign(std::istreambuf_iterator<char>(file), {});
    if (!file) {
      throw TrinoException(errors::CONFIGURATION_INVALID,
                           "exchange.gcs.json-key-file-path cannot be read: " + path);
    }
  }
  options.endpoint = config.gcs.endpoint;
  options.transport.ca_file = config.trust_store_path;
  return options;
}

storage::HdfsOptions HdfsOptionsOf(const ExchangeManagerConfig& config) {
  storage::HdfsOptions options;
  options.config = storage::HadoopConfig::Read(config.hdfs.config_resources);
  options.part_bytes = config.hdfs.block_size.bytes;
  options.transport.ca_file = config.trust_store_path;
  return options;
}

}  // namespace

std::shared_ptr<storage::StoreSet> OpenExchange(const ExchangeManagerConfig& config) {
  std::string directories;
  for (const std::string& directory : config.base_directories) {
    directories += (directories.empty() ? "" : ",") + directory;
  }
  return storage::OpenBaseDirectories(directories, {.s3 = S3OptionsOf(config),
                                                    .azure = AzureOptionsOf(config),
                                                    .gcs = GcsOptionsOf(config),
                                                    .hdfs = HdfsOptionsOf(config)});
}

std::shared_ptr<storage::ObjectStore> OpenSegments(const SpoolingManagerConfig& config) {
  ExchangeManagerConfig manager;
  manager.base_directories = {config.location};
  manager.s3 = config.s3;
  return OpenExchange(manager)->stores().front();
}

}  // namespace planaria::server
