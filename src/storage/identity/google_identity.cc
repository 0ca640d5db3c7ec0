#include "storage/identity/google_identity.h"

#include <charconv>

namespace planaria::storage {

GoogleMachineToken::GoogleMachineToken(IdentityOptions options)
    : client_(std::move(options)), token_([this] { return Fetch(); }) {}

Renewed<std::string>::Fetched GoogleMachineToken::Fetch() {
  const std::string about =
      "Google token of this machine's account (there is neither exchange.gcs.json-key-file-path nor "
      "GOOGLE_APPLICATION_CREDENTIALS)";
  const std::string host = client_.Variable("GCE_METADATA_HOST").value_or("metadata.google.internal");
  StoreRequest request =
      RequestTo("GET", "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token");
  request.headers.Set("Metadata-Flavor", "Google");
  auto texts = JsonTexts(client_.Ask(request, IdentityClient::Where::kThisMachine, about), about);
  if (texts["access_token"].empty()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": the answer has no access_token");
  }
  int64_t seconds = 0;
  const std::string& life = texts["expires_in"];
  std::from_chars(life.data(), life.data() + life.size(), seconds);
  return {texts["access_token"], std::chrono::system_clock::now() + std::chrono::seconds(seconds)};
}

}  // namespace planaria::storage
