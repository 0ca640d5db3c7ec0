#include "storage/identity/aws_identity.h"

#include <algorithm>
#include <fstream>

#include "env/random.h"
#include "storage/blob_client.h"
#include "storage/identity/renewed.h"
#include "storage/xml.h"

namespace planaria::storage {
namespace {

using Keys = Renewed<AwsCredentials>;
using Where = IdentityClient::Where;

constexpr const char* kInstance = "http://169.254.169.254";
constexpr const char* kContainer = "http://169.254.170.2";

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

Keys::Fetched Complete(Keys::Fetched fetched, const std::string& expiration, const std::string& about) {
  if (fetched.value.access_key.empty() || fetched.value.secret_key.empty()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": the answer has no keys");
  }
  if (!expiration.empty()) fetched.ends = ParseStoreTime(expiration);
  return fetched;
}

/// What metadata of machines and containers answer.
Keys::Fetched FromJson(const std::string& json, const std::string& about) {
  auto texts = JsonTexts(json, about);
  return Complete({{texts["AccessKeyId"], texts["SecretAccessKey"], texts["Token"]}}, texts["Expiration"],
                  about);
}

/// What STS answers.
Keys::Fetched FromXml(const std::string& xml, const char* result, const std::string& about) {
  const auto root = ParseXml(xml);
  const XmlElement* const found = root ? root->Child(result) : nullptr;
  const XmlElement* const keys = found != nullptr ? found->Child("Credentials") : nullptr;
  if (keys == nullptr) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": the answer has no keys");
  }
  return Complete({{keys->Text("AccessKeyId"), keys->Text("SecretAccessKey"), keys->Text("SessionToken")}},
                  keys->Text("Expiration"), about);
}

StoreRequest StsRequest(const IdentityClient& client, const std::string& region) {
  auto url = client.Variable("AWS_ENDPOINT_URL_STS");
  if (!url) url = client.Variable("AWS_ENDPOINT_URL");
  if (!url) {
    const std::string suffix = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    url = "https://sts." + region + suffix;
  }
  StoreRequest request = RequestTo("POST", *url);
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  return request;
}

std::string SessionName(const IdentityClient& client) {
  if (const auto name = client.Variable("AWS_ROLE_SESSION_NAME")) return *name;
  SystemRandom random;
  return "planaria-" + random.Hex(8);
}

/// Keys out of a function, renewed where they end.
class FetchedSource final : public AwsCredentialSource {
 public:
  explicit FetchedSource(std::function<Keys::Fetched()> fetch) : keys_(std::move(fetch)) {}
  AwsCredentials Get() override { return keys_.Get(); }

 private:
  Keys keys_;
};

using SourcePointer = std::shared_ptr<AwsCredentialSource>;
using ClientPointer = std::shared_ptr<IdentityClient>;

SourcePointer Static(AwsCredentials keys) {
  return std::make_shared<FetchedSource>([keys = std::move(keys)] { return Keys::Fetched{keys}; });
}

/// Each gives nothing when it is not configured.
SourcePointer OfEnvironment(const ClientPointer& client) {
  const auto access = client->Variable("AWS_ACCESS_KEY_ID");
  const auto secret = client->Variable("AWS_SECRET_ACCESS_KEY");
  if (!access && !secret) return nullptr;
  if (!access || !secret) {
    throw Invalid("Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY together in the environment");
  }
  return Static({*access, *secret, client->Variable("AWS_SESSION_TOKEN").value_or("")});
}

SourcePointer OfWebIdentity(const ClientPointer& client, const std::string& region) {
  const auto file = client->Variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto role = client->Variable("AWS_ROLE_ARN");
  if (!file || !role) return nullptr;
  return std::make_shared<FetchedSource>([client, region, file = *file, role = *role] {
    const std::string about = "Keys of role " + role + " by web identity";
    StoreRequest request = StsRequest(*client, region);
    const std::string body =
        FormOf({{"Action", "AssumeRoleWithWebIdentity"},
                {"Version", "2011-06-15"},
                {"RoleArn", role},
                {"RoleSessionName", SessionName(*client)},
                {"WebIdentityToken", client->FileOf("AWS_WEB_IDENTITY_TOKEN_FILE", file)}});
    request.body = body;
    return FromXml(client->Ask(request, Where::kNetwork, about), "AssumeRoleWithWebIdentityResult", about);
  });
}

SourcePointer OfProfile(const ClientPointer& client) {
  auto path = client->Variable("AWS_SHARED_CREDENTIALS_FILE");
  const auto home = client->Variable("HOME");
  if (!path && home) path = *home + "/.aws/credentials";
  const auto named = client->Variable("AWS_PROFILE");
  std::ifstream file(path.value_or(""));
  if (!file) return nullptr;
  const std::string wanted = '[' + named.value_or("default") + ']';
  std::map<std::string, std::string> values;
  bool inside = false;
  bool found = false;
  for (std::string line; std::getline(file, line);) {
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (line.starts_with('[')) {
      inside = line == wanted;
      found = found || inside;
    } else if (const size_t equals = line.find('='); inside && equals != std::string::npos) {
      values[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  if (!found && !named) return nullptr;
  if (values["aws_access_key_id"].empty() || values["aws_secret_access_key"].empty()) {
    throw Invalid(
        "Section " + wanted + " of " + *path +
        " has no aws_access_key_id and aws_secret_access_key; other kinds of profiles are not read");
  }
  return Static({values["aws_access_key_id"], values["aws_secret_access_key"], values["aws_session_token"]});
}

/// Keys must not be asked of anybody by plain HTTP.
void CheckContainerUrl(const std::string& url) {
  if (url.starts_with("https://")) return;
  std::string host(AuthorityOf(url.substr(0, std::min(url.find('/', 7), url.size()))));
  if (const size_t colon = host.rfind(':'); colon != std::string::npos && !host.ends_with(']')) {
    host.resize(colon);
  }
  const bool loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  const bool near = loopback || host == "localhost" || host == "[::1]" || host == "169.254.170.2" ||
                    host == "169.254.170.23" || host == "[fd00:ec2::23]";
  if (!near) {
    throw Invalid(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI names " + host +
        ", expected https:// or an address of this machine or of the container's credential service");
  }
}

SourcePointer OfContainer(const ClientPointer& client) {
  auto url = client->Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (const auto relative = client->Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    url = kContainer + *relative;
  }
  if (!url) return nullptr;
  CheckContainerUrl(*url);
  return std::make_shared<FetchedSource>([client, url = *url] {
    StoreRequest request = RequestTo("GET", url);
    const auto file = client->Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const auto token = file ? client->FileOf("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", *file)
                            : client->Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    if (!token.empty()) request.headers.Set("Authorization", token);
    const std::string about = "Keys of the container";
    return FromJson(client->Ask(request, Where::kThisMachine, about), about);
  });
}

SourcePointer OfInstance(const ClientPointer& client) {
  const std::string disabled = client->Variable("AWS_EC2_METADATA_DISABLED").value_or("");
  if (disabled == "true" || disabled == "TRUE" || disabled == "True") return nullptr;
  std::string root = client->Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or(kInstance);
  while (root.ends_with('/')) root.pop_back();
  return std::make_shared<FetchedSource>([client, root] {
    const std::string about =
        "Keys of this machine's role (no other S3 credentials: expected exchange.s3.aws-access-key and "
        "exchange.s3.aws-secret-key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment)";
    StoreRequest session = RequestTo("PUT", root + "/latest/api/token");
    session.headers.Set("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    const std::string token = client->Ask(session, Where::kThisMachine, about);
    const auto get = [&](const std::string& path) {
      StoreRequest request = RequestTo("GET", root + path);
      request.headers.Set("X-aws-ec2-metadata-token", token);
      return client->Ask(request, Where::kThisMachine, about);
    };
    const std::string folder = "/latest/meta-data/iam/security-credentials/";
    const std::string roles = get(folder);
    return FromJson(get(folder + EncodePath(roles.substr(0, roles.find('\n')))), about);
  });
}

SourcePointer WithRole(SourcePointer base, const ClientPointer& client, const AwsIdentityOptions& options) {
  return std::make_shared<FetchedSource>([base = std::move(base), client, role = options.role,
                                          external_id = options.external_id, region = options.region] {
    const std::string about = "Keys of exchange.s3.iam-role " + role;
    StoreRequest request = StsRequest(*client, region);
    std::map<std::string, std::string> form = {{"Action", "AssumeRole"},
                                               {"Version", "2011-06-15"},
                                               {"RoleArn", role},
                                               {"RoleSessionName", SessionName(*client)}};
    if (!external_id.empty()) form["ExternalId"] = external_id;
    const std::string body = FormOf(form);
    request.body = body;
    SignAws(request, base->Get(), region, std::chrono::system_clock::now(), "sts");
    return FromXml(client->Ask(request, Where::kNetwork, about), "AssumeRoleResult", about);
  });
}

}  // namespace

SourcePointer MakeAwsCredentialSource(AwsIdentityOptions options) {
  const auto client = std::make_shared<IdentityClient>(options.identity);
  if (options.region.empty()) options.region = "us-east-1";
  SourcePointer source;
  if (!options.keys.access_key.empty()) source = Static(options.keys);
  if (!source) source = OfEnvironment(client);
  if (!source) source = OfWebIdentity(client, options.region);
  if (!source) source = OfProfile(client);
  if (!source) source = OfContainer(client);
  if (!source) source = OfInstance(client);
  if (!source) {
    throw Invalid(
        "No S3 credentials: expected exchange.s3.aws-access-key and exchange.s3.aws-secret-key, or "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
  }
  return options.role.empty() ? source : WithRole(source, client, options);
}

}  // namespace planaria::storage
