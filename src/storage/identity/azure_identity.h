// Access tokens of Microsoft Entra for Azure Storage: what Azure's default credential chain does on servers.
#pragma once

#include <memory>
#include <string>

#include "storage/identity/identity_client.h"

namespace planaria::storage {

/// Thread-safe.
class AzureTokenSource {
 public:
  virtual ~AzureTokenSource() = default;
  /// `Bearer ...`, of a token that holds now. May block for a request. Throws TrinoException saying which
  /// source has none; messages hold no secrets.
  virtual std::string Header() = 0;
};

/// The first that is configured; makes no request.
///   client secret      AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
///   workload identity  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE, of Kubernetes
///   managed identity   IDENTITY_ENDPOINT and IDENTITY_HEADER of App Service, otherwise the machine's
///   metadata,
///                      which AZURE_POD_IDENTITY_AUTHORITY_HOST moves; AZURE_CLIENT_ID chooses one
/// AZURE_AUTHORITY_HOST moves the token endpoint of the first two. What needs a certificate, a user or a
/// command-line tool is not here.
std::shared_ptr<AzureTokenSource> MakeAzureTokenSource(IdentityOptions options);

}  // namespace planaria::storage
