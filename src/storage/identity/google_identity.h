// Access tokens for Google Cloud Storage of the account that this machine runs as.
#pragma once

#include <string>

#include "storage/identity/identity_client.h"
#include "storage/identity/renewed.h"

namespace planaria::storage {

/// Thread-safe.
class GoogleMachineToken {
 public:
  /// GCE_METADATA_HOST, `host[:port]`, moves the metadata server.
  explicit GoogleMachineToken(IdentityOptions options);

  /// `Bearer ...`, of a token that holds now. May block for a request. Throws TrinoException when the machine
  /// has none.
  std::string Header() { return "Bearer " + token_.Get(); }

 private:
  Renewed<std::string>::Fetched Fetch();

  IdentityClient client_;
  Renewed<std::string> token_;
};

}  // namespace planaria::storage
