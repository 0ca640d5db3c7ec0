// Where the keys of S3 come from.
#pragma once

#include <memory>
#include <string>

#include "storage/aws_signature.h"
#include "storage/identity/identity_client.h"

namespace planaria::storage {

/// Thread-safe.
class AwsCredentialSource {
 public:
  virtual ~AwsCredentialSource() = default;
  /// Keys that hold now. May block for a request where they are temporary. Throws TrinoException saying which
  /// source has none; messages hold no keys.
  virtual AwsCredentials Get() = 0;
};

struct AwsIdentityOptions {
  /// Static keys; empty: the first of these that is configured.
  ///   environment     AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  ///   web identity    AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, of Kubernetes
  ///   profile         AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials, section AWS_PROFILE or `default`
  ///   container       AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with
  ///   AWS_CONTAINER_AUTHORIZATION_TOKEN
  ///                   or its _FILE
  ///   instance        metadata of the machine, version 2; AWS_EC2_METADATA_DISABLED turns it off,
  ///                   AWS_EC2_METADATA_SERVICE_ENDPOINT moves it
  AwsCredentials keys = {};
  /// The role to take with those, by STS; empty for none.
  std::string role = {};
  std::string external_id = {};
  /// Of STS, which AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL moves.
  std::string region = {};
  IdentityOptions identity = {};
};

/// Makes no request. A source that is configured and fails is an error: the next one would give other rights.
std::shared_ptr<AwsCredentialSource> MakeAwsCredentialSource(AwsIdentityOptions options);

}  // namespace planaria::storage
