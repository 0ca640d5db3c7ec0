// Where keys and tokens come from, against small HTTP servers in the place of the services that hand them
// out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/blob_object_store.h"
#include "storage/identity/aws_identity.h"
#include "storage/identity/azure_identity.h"
#include "storage/identity/google_identity.h"
#include "storage/identity/token_server_for_test.h"
#include "storage/store_servers_for_test.h"

namespace planaria::storage {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class IdentityTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "identity_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }
  static IdentityOptions With(std::map<std::string, std::string> variables) {
    IdentityOptions options{.environment = Variables(std::move(variables))};
    options.retries.first_pause = 1ms;
    return options;
  }
  template <typename Call>
  static std::string Failure(const Call& call) {
    try {
      call();
    } catch (const TrinoException& failure) {
      EXPECT_THAT(failure.what(), Not(HasSubstr("s3cr3t")));
      return failure.what();
    }
    return "";
  }

  std::filesystem::path directory_;
};

std::string KeysAsJson(const std::string& name, std::chrono::milliseconds life) {
  return R"({"Code":"Success","AccessKeyId":")" + name +
         R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + TimeIn(life) + "\"}";
}

std::string KeysAsXml(const std::string& action, const std::string& name, std::chrono::milliseconds life) {
  return '<' + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><Credentials><AccessKeyId>" + name +
         "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" +
         TimeIn(life) + "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
}

TEST_F(IdentityTest, AwsKeysOfTheEnvironment) {
  const auto source = MakeAwsCredentialSource(
      {.identity =
           With({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "b"}, {"AWS_SESSION_TOKEN", "c"}})});
  EXPECT_EQ(source->Get().access_key, "a");
  EXPECT_EQ(source->Get().session_token, "c");
  EXPECT_THAT(Failure([] {
                MakeAwsCredentialSource({.identity = With({{"AWS_ACCESS_KEY_ID", "a"}})});
              }),
              HasSubstr("AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(Failure([] {
                MakeAwsCredentialSource({.identity = With({{"AWS_EC2_METADATA_DISABLED", "true"}})});
              }),
              HasSubstr("No S3 credentials"));
}

TEST_F(IdentityTest, AwsKeysOfAProfile) {
  const std::string file =
      File("credentials",
           "[default]\naws_access_key_id = d\naws_secret_access_key=x\n"
           "# other\n[work]\naws_access_key_id=w\naws_secret_access_key = y\n[sso]\nsso=1\n");
  const auto get = [&](std::map<std::string, std::string> variables) {
    variables["AWS_SHARED_CREDENTIALS_FILE"] = file;
    return MakeAwsCredentialSource({.identity = With(variables)})->Get();
  };
  EXPECT_EQ(get({}).access_key, "d");
  EXPECT_EQ(get({{"AWS_PROFILE", "work"}}).access_key, "w");
  EXPECT_EQ(get({{"AWS_PROFILE", "work"}}).secret_key, "y");
  EXPECT_THAT(Failure([&] { get({{"AWS_PROFILE", "sso"}}); }), HasSubstr("other kinds of profiles"));
}

TEST_F(IdentityTest, AwsRolesAreTakenWithKeysAndExternalIdAndRenewed) {
  int given = 0;
  TokenServer sts([&](const HttpRequest&) {
    return TokenServer::Text(KeysAsXml("AssumeRole", "role" + std::to_string(++given), 2s));
  });
  const auto source = MakeAwsCredentialSource({.role = "arn:aws:iam::1:role/r",
                                               .external_id = "e&x",
                                               .region = "eu-west-1",
                                               .identity = With({{"AWS_ACCESS_KEY_ID", "base"},
                                                                 {"AWS_SECRET_ACCESS_KEY", "s3cr3t"},
                                                                 {"AWS_ENDPOINT_URL_STS", sts.url()}})});
  const AwsCredentials first = source->Get();
  EXPECT_EQ(first.access_key, "role1");
  EXPECT_EQ(first.session_token, "t");
  EXPECT_EQ(source->Get().access_key, "role1");
  const HttpRequest request = sts.requests().at(0);
  auto form = TokenServer::Form(request);
  EXPECT_EQ(form["Action"], "AssumeRole");
  EXPECT_EQ(form["RoleArn"], "arn:aws:iam::1:role/r");
  EXPECT_EQ(form["ExternalId"], "e&x");
  EXPECT_THAT(std::string(*request.headers.Get("Authorization")), HasSubstr("Credential=base/"));
  EXPECT_THAT(std::string(*request.headers.Get("Authorization")), HasSubstr("/eu-west-1/sts/aws4_request"));
  // Before they end: half of a short life.
  std::this_thread::sleep_for(1600ms);
  EXPECT_EQ(source->Get().access_key, "role2");
}

TEST_F(IdentityTest, AwsWebIdentityReadsItsFileEachTime) {
  int given = 0;
  TokenServer sts([&](const HttpRequest&) {
    return TokenServer::Text(KeysAsXml("AssumeRoleWithWebIdentity", "web" + std::to_string(++given), -1s));
  });
  const std::string file = File("token", "jwt-1\n");
  const auto source = MakeAwsCredentialSource({.identity = With({{"AWS_WEB_IDENTITY_TOKEN_FILE", file},
                                                                 {"AWS_ROLE_ARN", "arn:r"},
                                                                 {"AWS_ROLE_SESSION_NAME", "me"},
                                                                 {"AWS_ENDPOINT_URL", sts.url()}})});
  EXPECT_EQ(source->Get().access_key, "web1");
  File("token", "jwt-2\n");
  EXPECT_EQ(source->Get().access_key, "web2");
  auto first = TokenServer::Form(sts.requests().at(0));
  EXPECT_EQ(first["WebIdentityToken"], "jwt-1");
  EXPECT_EQ(first["RoleSessionName"], "me");
  EXPECT_FALSE(sts.requests().at(0).headers.Has("Authorization"));
  EXPECT_EQ(TokenServer::Form(sts.requests().at(1))["WebIdentityToken"], "jwt-2");
  std::filesystem::remove(file);
  EXPECT_THAT(Failure([&] { source->Get(); }), HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE cannot be read"));
}

TEST_F(IdentityTest, AwsContainersHandOutKeys) {
  TokenServer server([](const HttpRequest& request) {
    if (request.headers.Get("Authorization") != std::optional<std::string_view>("proof")) {
      return TokenServer::Refuse();
    }
    return TokenServer::Text(KeysAsJson("container", 1h));
  });
  const std::string url = server.url() + "/v1/credentials?x=1";
  const auto source = MakeAwsCredentialSource(
      {.identity = With({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                         {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", File("proof", "proof\n")}})});
  EXPECT_EQ(source->Get().access_key, "container");
  EXPECT_EQ(server.requests().at(0).target, "/v1/credentials?x=1");
  const auto wrong =
      MakeAwsCredentialSource({.identity = With({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                                                 {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "s3cr3t"}})});
  EXPECT_THAT(Failure([&] { wrong->Get(); }), HasSubstr("answers 400"));
  for (const char* const elsewhere :
       {"http://keys.example/x", "http://169.254.169.254/", "http://127.x.example"}) {
    const auto make = [&] {
      MakeAwsCredentialSource({.identity = With({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", elsewhere}})});
    };
    EXPECT_THAT(Failure(make), HasSubstr("expected https://")) << elsewhere;
  }
}

/// Version 2 of the instance's metadata, with the keys of `keys`.
HttpResponse InstanceMetadata(const HttpRequest& request, const std::string& keys) {
  if (request.method == "PUT") {
    return request.path == "/latest/api/token" && request.headers.Has("X-aws-ec2-metadata-token-ttl-seconds")
               ? TokenServer::Text("session")
               : TokenServer::Refuse();
  }
  if (request.headers.Get("X-aws-ec2-metadata-token") != std::optional<std::string_view>("session")) {
    return {.status = 401};
  }
  const std::string folder = "/latest/meta-data/iam/security-credentials/";
  if (request.path == folder) return TokenServer::Text("my-role\n");
  if (request.path == folder + "my-role") return TokenServer::Text(keys);
  return {.status = 404};
}

TEST_F(IdentityTest, AwsInstancesHaveARole) {
  TokenServer server(
      [](const HttpRequest& request) { return InstanceMetadata(request, KeysAsJson("instance", 1h)); });
  const auto source = MakeAwsCredentialSource(
      {.identity = With({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url() + '/'}})});
  EXPECT_EQ(source->Get().access_key, "instance");
  EXPECT_EQ(source->Get().access_key, "instance");
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(IdentityTest, AnswersThatAreNoneAreNamed) {
  std::string answer;
  TokenServer server([&](const HttpRequest& request) { return InstanceMetadata(request, answer); });
  for (const char* const text : {"", "[]", "{\"AccessKeyId\":1}", "{\"AccessKeyId\":\"s3cr3t\"", "[[[[[["}) {
    answer = text;
    const auto source =
        MakeAwsCredentialSource({.identity = With({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}})});
    EXPECT_THAT(Failure([&] { source->Get(); }), HasSubstr("Keys of this machine's role")) << text;
  }
}

TEST_F(IdentityTest, AStoreTakesKeysOfAnInstance) {
  if (!Gateway().Get()) GTEST_SKIP() << Gateway().Missing();
  const std::string keys = R"({"AccessKeyId":")" + std::string(kGatewayAccess) + R"(","SecretAccessKey":")" +
                           kGatewaySecret + R"(","Expiration":")" + TimeIn(1h) + "\"}";
  std::string answer = keys;
  TokenServer server([&](const HttpRequest& request) { return InstanceMetadata(request, answer); });
  S3Options options = GatewayOptionsOf(*Gateway().Get());
  options.credentials = {};
  options.environment = Variables({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}});
  EXPECT_TRUE(BlobObjectStore(MakeS3Client("s3", kTestBucket, options), "identity").PutIfAbsent("a", "1"));
  // The store looks at them.
  answer.replace(answer.find(kGatewaySecret), 1, "X");
  BlobObjectStore other(MakeS3Client("s3", kTestBucket, options), "identity");
  EXPECT_THAT(Failure([&] { other.PutIfAbsent("b", "1"); }), HasSubstr("403"));
}

TEST_F(IdentityTest, AnStsOfOthersGivesKeysThatAStoreTakes) {
  if (!Moto().Get()) GTEST_SKIP() << Moto().Missing();
  S3Options options = S3OptionsOf(*Moto().Get());
  options.credentials = {};
  options.role = "arn:aws:iam::123456789012:role/spool";
  options.external_id = "me";
  options.environment = Variables({{"AWS_ACCESS_KEY_ID", "base"},
                                   {"AWS_SECRET_ACCESS_KEY", "x"},
                                   {"AWS_ENDPOINT_URL_STS", Moto().Get()->endpoint}});
  BlobObjectStore store(MakeS3Client("s3", kTestBucket, options), "sts");
  EXPECT_TRUE(store.PutIfAbsent("a", "1"));
  EXPECT_EQ(store.ListPrefix("").size(), 1u);

  const auto web =
      MakeAwsCredentialSource({.identity = With({{"AWS_WEB_IDENTITY_TOKEN_FILE", File("jwt", "x.y.z")},
                                                 {"AWS_ROLE_ARN", options.role},
                                                 {"AWS_ENDPOINT_URL", Moto().Get()->endpoint}})});
  EXPECT_FALSE(web->Get().session_token.empty());
}

std::string TokenAsJson(const std::string& token, int seconds) {
  return R"({"token_type":"Bearer","access_token":")" + token + R"(","expires_in":)" +
         std::to_string(seconds) + "}";
}

TEST_F(IdentityTest, AzureApplicationsHaveASecret) {
  int given = 0;
  TokenServer server(
      [&](const HttpRequest&) { return TokenServer::Text(TokenAsJson("t" + std::to_string(++given), 2)); });
  const auto source = MakeAzureTokenSource(With({{"AZURE_TENANT_ID", "tenant"},
                                                 {"AZURE_CLIENT_ID", "app"},
                                                 {"AZURE_CLIENT_SECRET", "s&cret"},
                                                 {"AZURE_AUTHORITY_HOST", server.url() + '/'}}));
  EXPECT_EQ(source->Header(), "Bearer t1");
  EXPECT_EQ(source->Header(), "Bearer t1");
  EXPECT_EQ(server.requests().at(0).path, "/tenant/oauth2/v2.0/token");
  auto form = TokenServer::Form(server.requests().at(0));
  EXPECT_EQ(form["grant_type"], "client_credentials");
  EXPECT_EQ(form["client_id"], "app");
  EXPECT_EQ(form["client_secret"], "s&cret");
  EXPECT_EQ(form["scope"], "https://storage.azure.com/.default");
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(source->Header(), "Bearer t2");
}

TEST_F(IdentityTest, AzureWorkloadsHaveAFile) {
  TokenServer server([](const HttpRequest&) { return TokenServer::Text(TokenAsJson("t", 3600)); });
  const auto source = MakeAzureTokenSource(With({{"AZURE_TENANT_ID", "tenant"},
                                                 {"AZURE_CLIENT_ID", "app"},
                                                 {"AZURE_FEDERATED_TOKEN_FILE", File("jwt", "signed\n")},
                                                 {"AZURE_AUTHORITY_HOST", server.url()}}));
  EXPECT_EQ(source->Header(), "Bearer t");
  auto form = TokenServer::Form(server.requests().at(0));
  EXPECT_EQ(form["client_assertion"], "signed");
  EXPECT_EQ(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
}

TEST_F(IdentityTest, AzureMachinesHaveAnIdentity) {
  TokenServer server([](const HttpRequest& request) {
    if (request.path == "/metadata/identity/oauth2/token") {
      return request.headers.Has("Metadata")
                 ? TokenServer::Text(R"({"access_token":"m","expires_in":"3600"})")
                 : TokenServer::Refuse();
    }
    return request.headers.Get("X-IDENTITY-HEADER") == std::optional<std::string_view>("h")
               ? TokenServer::Text(R"({"access_token":"s","expires_on":"4102444800"})")
               : TokenServer::Refuse();
  });
  EXPECT_EQ(MakeAzureTokenSource(
                With({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url()}, {"AZURE_CLIENT_ID", "mine"}}))
                ->Header(),
            "Bearer m");
  const HttpRequest asked = server.requests().at(0);
  EXPECT_EQ(asked.query_parameter("resource"), "https://storage.azure.com/");
  EXPECT_EQ(asked.query_parameter("client_id"), "mine");
  EXPECT_EQ(
      MakeAzureTokenSource(With({{"IDENTITY_ENDPOINT", server.url() + "/msi"}, {"IDENTITY_HEADER", "h"}}))
          ->Header(),
      "Bearer s");
  EXPECT_EQ(server.requests().at(1).query_parameter("api-version"), "2019-08-01");
  const auto refused = MakeAzureTokenSource(
      With({{"IDENTITY_ENDPOINT", server.url() + "/msi"}, {"IDENTITY_HEADER", "s3cr3t"}}));
  EXPECT_THAT(Failure([&] { refused->Header(); }), HasSubstr("managed identity"));
}

TEST_F(IdentityTest, AzuriteTakesTokensOverTlsOfAnAuthorityOfItsOwn) {
  if (!Azurite().Get()) GTEST_SKIP() << Azurite().Missing();
  const std::string certificate = directory_ / "certificate.pem";
  const std::string key = directory_ / "key.pem";
  const std::string make =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=planaria-test "
      "-addext subjectAltName=IP:127.0.0.1 -keyout " +
      key + " -out " + certificate + " 2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no openssl command to make a certificate with";
  const TransportOptions transport{.ca_file = certificate};
  const auto azurite = StoreServer::Start(
      "azurite-tls",
      [&](uint16_t port) {
        return std::vector<std::string>{(TestServersFolder() / "node_modules/.bin/azurite-blob").string(),
                                        "--blobHost",
                                        "127.0.0.1",
                                        "--blobPort",
                                        std::to_string(port),
                                        "--inMemoryPersistence",
                                        "--silent",
                                        "--disableTelemetry",
                                        "--skipApiVersionCheck",
                                        "--oauth",
                                        "basic",
                                        "--cert",
                                        certificate,
                                        "--key",
                                        key};
      },
      [&](StoreServer& server) {
        server.endpoint = "https://127.0.0.1:" + std::to_string(server.port);
        CreateAzureContainer(server, transport);
      });
  // Azurite reads tokens but cannot check their signatures.
  const auto base64url = [](const std::string& text) {
    std::string encoded = Base64(text);
    std::erase(encoded, '=');
    return encoded;
  };
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::string audience = "https://storage.azure.com";
  TokenServer authority([&](const HttpRequest&) {
    const std::string claims = R"({"aud":")" + audience +
                               R"(","iss":"https://sts.windows.net/tenant/","nbf":)" +
                               std::to_string(now - 60) + R"(,"iat":)" + std::to_string(now - 60) +
                               R"(,"exp":)" + std::to_string(now + 3600) + "}";
    return TokenServer::Text(
        TokenAsJson(base64url(R"({"alg":"none","typ":"JWT"})") + '.' + base64url(claims) + ".x", 3600));
  });
  AzureOptions options;
  options.endpoint = azurite->endpoint + '/' + kAzuriteAccount;
  options.transport = transport;
  options.environment = Variables({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", authority.url()}});
  BlobObjectStore store(MakeAzureClient("abfss", AzureAuthority(), options), "identity");
  const std::string content(5'000'000, 'x');
  const auto writer = store.Create("q/1");
  writer->Write(content.data(), content.size());
  EXPECT_EQ(writer->Finish(), content.size());
  EXPECT_EQ(store.ListPrefix("q").size(), 1u);
  EXPECT_FALSE(store.PutIfAbsent("q/1", "other"));

  audience = "https://vault.azure.net";
  BlobObjectStore wrong(MakeAzureClient("abfss", AzureAuthority(), options), "identity");
  EXPECT_THAT(Failure([&] { wrong.ListPrefix(""); }), HasSubstr("403"));
  options.transport.ca_file.clear();
  options.retries.max_retries = 0;
  BlobObjectStore untrusted(MakeAzureClient("abfss", AzureAuthority(), options), "identity");
  EXPECT_THAT(Failure([&] { untrusted.ListPrefix(""); }), HasSubstr("certificate"));
  options.endpoint = "https://other.blob.core.windows.net";
  EXPECT_THAT(Failure([&] { MakeAzureClient("abfss", AzureAuthority(), options); }),
              HasSubstr("is not that of account devstoreaccount1"));
}

TEST_F(IdentityTest, GoogleMachinesHaveAnAccount) {
  int given = 0;
  TokenServer server([&](const HttpRequest& request) {
    const bool good = request.headers.Get("Metadata-Flavor") == std::optional<std::string_view>("Google") &&
                      request.path == "/computeMetadata/v1/instance/service-accounts/default/token";
    return good ? TokenServer::Text(TokenAsJson("g" + std::to_string(++given), 2)) : TokenServer::Refuse();
  });
  GoogleMachineToken token(With({{"GCE_METADATA_HOST", server.host()}}));
  EXPECT_EQ(token.Header(), "Bearer g1");
  EXPECT_EQ(token.Header(), "Bearer g1");
  std::this_thread::sleep_for(1100ms);
  EXPECT_EQ(token.Header(), "Bearer g2");
}

TEST_F(IdentityTest, RequestsToGoogleCarryTheMachinesToken) {
  TokenServer server([](const HttpRequest& request) {
    if (request.path.starts_with("/computeMetadata/")) return TokenServer::Text(TokenAsJson("g", 3600));
    return request.headers.Get("Authorization") == std::optional<std::string_view>("Bearer g")
               ? TokenServer::Text("{}")
               : HttpResponse{.status = 401};
  });
  GcsOptions options;
  options.endpoint = server.url();
  options.environment = Variables({{"GCE_METADATA_HOST", server.host()}});
  EXPECT_TRUE(BlobObjectStore(MakeGcsClient("b", options), "x").ListPrefix("").empty());
  options.environment = Variables({});
  EXPECT_THAT(Failure([&] { BlobObjectStore(MakeGcsClient("b", options), "x").ListPrefix(""); }),
              HasSubstr("401"));
  options.environment = Variables({{"GOOGLE_APPLICATION_CREDENTIALS", File("key.json", "{}")}});
  EXPECT_THAT(Failure([&] { MakeGcsClient("b", options); }), HasSubstr("not a service account's"));
}

}  // namespace
}  // namespace planaria::storage
