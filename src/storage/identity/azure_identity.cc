#include "storage/identity/azure_identity.h"

#include <charconv>

#include "env/url.h"
#include "storage/identity/renewed.h"

namespace planaria::storage {
namespace {

using Token = Renewed<std::string>;
using Where = IdentityClient::Where;
using ClientPointer = std::shared_ptr<IdentityClient>;

constexpr const char* kResource = "https://storage.azure.com/";
constexpr const char* kScope = "https://storage.azure.com/.default";

class FetchedToken final : public AzureTokenSource {
 public:
  explicit FetchedToken(std::function<Token::Fetched()> fetch) : token_(std::move(fetch)) {}
  std::string Header() override { return "Bearer " + token_.Get(); }

 private:
  Token token_;
};

Token::Fetched FromJson(const std::string& json, const std::string& about) {
  auto texts = JsonTexts(json, about);
  Token::Fetched fetched{texts["access_token"]};
  if (fetched.value.empty()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": the answer has no access_token");
  }
  // Seconds from now, or since 1970.
  const auto now = std::chrono::system_clock::now();
  const auto seconds = [&](const char* name) {
    const std::string& text = texts[name];
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::chrono::seconds(value);
  };
  const auto left = seconds("expires_in");
  const auto until = seconds("expires_on");
  fetched.ends = left.count() > 0    ? now + left
                 : until.count() > 0 ? std::chrono::system_clock::time_point(until)
                                     : now + std::chrono::minutes(10);
  return fetched;
}

std::shared_ptr<AzureTokenSource> OfApplication(const ClientPointer& client) {
  const auto tenant = client->Variable("AZURE_TENANT_ID");
  const auto id = client->Variable("AZURE_CLIENT_ID");
  const auto secret = client->Variable("AZURE_CLIENT_SECRET");
  const auto file = client->Variable("AZURE_FEDERATED_TOKEN_FILE");
  if (!tenant || !id || (!secret && !file)) return nullptr;
  std::string authority =
      client->Variable("AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com");
  while (authority.ends_with('/')) authority.pop_back();
  if (!authority.starts_with("http")) authority.insert(0, "https://");
  const std::string url = authority + '/' + PercentEncode(*tenant) + "/oauth2/v2.0/token";
  return std::make_shared<FetchedToken>([client, url, id = *id, secret, file] {
    const std::string about = "Azure token of application " + id;
    std::map<std::string, std::string> form = {
        {"grant_type", "client_credentials"}, {"client_id", id}, {"scope", kScope}};
    if (secret) {
      form["client_secret"] = *secret;
    } else {
      form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
      form["client_assertion"] = client->FileOf("AZURE_FEDERATED_TOKEN_FILE", *file);
    }
    const std::string body = FormOf(form);
    StoreRequest request = RequestTo("POST", url);
    request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
    request.body = body;
    return FromJson(client->Ask(request, Where::kNetwork, about), about);
  });
}

std::shared_ptr<AzureTokenSource> OfManagedIdentity(const ClientPointer& client) {
  const auto endpoint = client->Variable("IDENTITY_ENDPOINT");
  const auto header = client->Variable("IDENTITY_HEADER");
  std::string url;
  if (endpoint && header) {
    url = *endpoint;
  } else {
    url = client->Variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").value_or("http://169.254.169.254");
    while (url.ends_with('/')) url.pop_back();
    url += "/metadata/identity/oauth2/token";
  }
  return std::make_shared<FetchedToken>([client, url, service = endpoint && header] {
    const std::string about =
        "Azure token of this machine's managed identity (there are no AZURE_TENANT_ID, AZURE_CLIENT_ID and "
        "AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE)";
    StoreRequest request = RequestTo("GET", url);
    request.query["api-version"] = service ? "2019-08-01" : "2018-02-01";
    request.query["resource"] = kResource;
    if (const auto id = client->Variable("AZURE_CLIENT_ID")) request.query["client_id"] = *id;
    if (service) {
      request.headers.Set("X-IDENTITY-HEADER", *client->Variable("IDENTITY_HEADER"));
    } else {
      request.headers.Set("Metadata", "true");
    }
    return FromJson(client->Ask(request, Where::kThisMachine, about), about);
  });
}

}  // namespace

std::shared_ptr<AzureTokenSource> MakeAzureTokenSource(IdentityOptions options) {
  const auto client = std::make_shared<IdentityClient>(std::move(options));
  if (auto application = OfApplication(client)) return application;
  return OfManagedIdentity(client);
}

}  // namespace planaria::storage
