// Google Cloud Storage through its JSON interface.
#pragma once

#include "storage/blob_client.h"
#include "storage/identity/identity_client.h"

namespace planaria::storage {

struct GcsOptions {
  /// A service account's key as Google hands it out, JSON. Empty: that of the file that
  /// GOOGLE_APPLICATION_CREDENTIALS names, otherwise the account of this machine. With `endpoint`, and
  /// neither that variable nor GCE_METADATA_HOST, there is no authorization, for servers of tests.
  std::string json_key = {};
  /// Empty: Google's.
  std::string endpoint = {};
  Environment environment = ProcessVariables();
  /// A multiple of 256 kB.
  size_t part_bytes = 8 << 20;
  TransportOptions transport = {};
  RetryOptions retries = {};
};

/// Throws TrinoException(CONFIGURATION_INVALID) for options that no request can be made with; messages do not
/// show the key. Makes no request.
///
/// Objects are created under `ifGenerationMatch=0`, larger ones by a resumable upload.
std::shared_ptr<BlobClient> MakeGcsClient(const std::string& bucket, GcsOptions options);

}  // namespace planaria::storage
