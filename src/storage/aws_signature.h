// AWS Signature Version 4, as S3 and what speaks like it check it.
#pragma once

#include <chrono>
#include <string>

#include "storage/store_request.h"

namespace planaria::storage {

struct AwsCredentials {
  std::string access_key = {};
  std::string secret_key = {};
  /// Of temporary credentials; empty for others.
  std::string session_token = {};
};

/// Adds Host, X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token and Authorization. All headers of the
/// request are signed. The body is part of the signature, on S3 not over TLS, which protects it already.
void SignAws(StoreRequest& request, const AwsCredentials& credentials, const std::string& region,
             std::chrono::system_clock::time_point now, const std::string& service = "s3");

}  // namespace planaria::storage
