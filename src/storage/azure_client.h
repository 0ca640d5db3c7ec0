// Azure Blob Storage, which also serves the accounts that are spoken to as Data Lake Storage (abfs).
#pragma once

#include "storage/blob_client.h"
#include "storage/identity/azure_identity.h"

namespace planaria::storage {

struct AzureOptions {
  /// `DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...;EndpointSuffix=core.windows.net`, or with
  /// BlobEndpoint in place of the suffix, or with SharedAccessSignature in place of the key.
  std::string connection_string = {};
  /// In place of the connection string: `https://account.blob.core.windows.net`, spoken to with the tokens
  /// that surround the process (storage/identity/azure_identity.h).
  std::string endpoint = {};
  Environment environment = ProcessVariables();
  size_t part_bytes = 4 << 20;
  TransportOptions transport = {};
  RetryOptions retries = {};
};

/// `authority` is `container@account.dfs.core.windows.net` of a URI. Throws
/// TrinoException(CONFIGURATION_INVALID) for options that no request can be made with, also when the
/// connection string is for another account; messages do not show it. Makes no request.
///
/// Blobs are block blobs, created under `If-None-Match: *`. What an unfinished upload has sent is not given
/// back, it cannot be: Azure drops blocks that are part of no blob after a week.
std::shared_ptr<BlobClient> MakeAzureClient(const std::string& scheme, const std::string& authority,
                                            AzureOptions options);

/// Values of a connection string by name. Throws TrinoException(CONFIGURATION_INVALID) naming the part,
/// without its value.
std::map<std::string, std::string> ParseConnectionString(std::string_view text);

/// Adds `Authorization: SharedKey`; the request has x-ms-date and everything else. `key` is not base64.
void SignAzure(StoreRequest& request, const std::string& account, const std::string& key);

}  // namespace planaria::storage
