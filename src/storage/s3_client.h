// S3 and the many stores that speak it.
#pragma once

#include <functional>

#include "storage/blob_client.h"
#include "storage/identity/aws_identity.h"

namespace planaria::storage {

struct S3Options {
  /// Empty: what surrounds the process has (storage/identity/aws_identity.h).
  AwsCredentials credentials = {};
  /// Taken with those; empty for none.
  std::string role = {};
  std::string external_id = {};
  Environment environment = ProcessVariables();
  /// Empty: `us-east-1`, which servers other than Amazon's rarely look at.
  std::string region = {};
  /// `http[s]://host[:port]`, also without scheme; empty: Amazon's for the region.
  std::string endpoint = {};
  /// `endpoint/bucket/key` instead of `bucket.endpoint/key`. Always so where the endpoint is an address.
  bool path_style = false;
  size_t part_bytes = 5 << 20;
  /// Empty: the bucket's default.
  std::string storage_class = {};
  /// Value of x-amz-server-side-encryption: `AES256`, `aws:kms`, or empty.
  std::string encryption = {};
  std::string kms_key_id = {};
  TransportOptions transport = {};
  RetryOptions retries = {};
};

/// `scheme` is that of the locations: `s3` or `s3a`. Throws TrinoException(CONFIGURATION_INVALID) for options
/// that no request can be made with. Makes no request.
///
/// Objects are created under `If-None-Match: *`. A request that was sent twice finds its own object by a
/// mark in the object's metadata.
std::shared_ptr<BlobClient> MakeS3Client(const std::string& scheme, const std::string& bucket,
                                         S3Options options);

}  // namespace planaria::storage
