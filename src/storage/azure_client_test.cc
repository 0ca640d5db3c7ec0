// What only Azure has: batches of deletions and shared access signatures.
#include "storage/azure_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "env/url.h"
#include "storage/azure_batch.h"
#include "storage/blob_object_store.h"
#include "storage/identity/token_server_for_test.h"
#include "storage/store_servers_for_test.h"

namespace planaria::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(AzureBatch, EveryDeletionHasItsPart) {
  StoreRequest one;
  one.method = "DELETE";
  one.origin = "https://a.blob.core.windows.net";
  one.path = "/c/x%20y";
  one.headers.Set("x-ms-date", "now");
  StoreRequest two = one;
  two.path = "/c/z";
  two.query = {{"sig", "a+b"}};
  EXPECT_EQ(
      AzureBatchBody({one, two}, "b"),
      "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 0\r\n\r\n"
      "DELETE /c/x%20y HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\n\r\n"
      "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n"
      "DELETE /c/z?sig=a%2Bb HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\n\r\n--b--\r\n");
}

TEST(AzureBatch, StatusesComeInAnyOrderOrNotAtAll) {
  EXPECT_THAT(
      AzureBatchStatuses("--x\r\nContent-ID: 1\r\n\r\nHTTP/1.1 404 No\r\n--x\r\nContent-ID: 0\r\n\r\n"
                         "HTTP/1.1 202 Accepted\r\nx: y\r\n--x\r\nContent-ID: 9\r\n\r\nHTTP/1.1 202 A\r\n",
                         3),
      ElementsAre(202, 404, 0));
  EXPECT_THAT(AzureBatchStatuses("", 2), ElementsAre(0, 0));
  EXPECT_THAT(AzureBatchStatuses("Content-ID: HTTP/1.1 Content-ID: 99999999999999999999", 1), ElementsAre(0));
}

class AzureClientTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Azurite().Get()) GTEST_SKIP() << Azurite().Missing();
    server_ = Azurite().Get();
  }

  void CheckDeletionsGoTogether(const AzureOptions& options, const std::string& folder) {
    BlobObjectStore store(MakeAzureClient("abfs", AzureAuthority(), options), folder);
    std::vector<std::string> keys;
    for (int i = 0; i < 300; i++) keys.push_back("q/a." + std::to_string(i));
    for (int i = 0; i < 300; i += 10) ASSERT_TRUE(store.PutIfAbsent(keys[static_cast<size_t>(i)], "1"));
    ASSERT_EQ(store.ListPrefix("q").size(), 30u);
    // Missing ones are fine.
    store.DeleteKnown("q", keys);
    EXPECT_TRUE(store.ListPrefix("q").empty());
    EXPECT_EQ(store.client().counts().of(RequestKind::kDelete), 2u);
  }

  /// A signature for the container, as the portal makes them.
  std::string ContainerSignature(const std::string& permissions, std::chrono::seconds life) const {
    const std::time_t end = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + life);
    std::tm utc{};
    gmtime_r(&end, &utc);
    char expiry[32];
    expiry[std::strftime(expiry, sizeof(expiry), "%Y-%m-%dT%H:%M:%SZ", &utc)] = 0;
    const std::string version = "2021-12-02";
    const std::string text = permissions + "\n\n" + expiry + "\n/blob/" + kAzuriteAccount + '/' +
                             kTestBucket + "\n\n\n\n" + version + "\nc\n\n\n\n\n\n\n";
    return "sp=" + permissions + "&se=" + expiry + "&sv=" + version +
           "&sr=c&sig=" + PercentEncode(Base64(HmacSha256(FromBase64(kAzuriteKey), text)));
  }

  AzureOptions WithSignature(const std::string& signature) const {
    AzureOptions options;
    options.connection_string =
        "BlobEndpoint=" + server_->endpoint + '/' + kAzuriteAccount + ";SharedAccessSignature=" + signature;
    return options;
  }

  std::shared_ptr<StoreServer> server_;
};

TEST_F(AzureClientTest, DeletionsGoTogether) { CheckDeletionsGoTogether(AzureOptionsOf(*server_), "batch"); }

TEST_F(AzureClientTest, ASharedAccessSignatureIsEnough) {
  const std::string signature = ContainerSignature("rcwdl", std::chrono::hours(1));
  const AzureOptions options = WithSignature(signature);
  BlobObjectStore store(MakeAzureClient("abfs", AzureAuthority(), options), "sas");
  const std::string content(9'000'000, 'x');
  const auto writer = store.Create("large");
  writer->Write(content.data(), content.size());
  ASSERT_EQ(writer->Finish(), content.size());
  std::string read(10, '?');
  store.Read("large", 8'999'990, 10, read.data());
  EXPECT_EQ(read, "xxxxxxxxxx");
  EXPECT_FALSE(store.PutIfAbsent("large", "2"));
  EXPECT_EQ(store.DeletePrefix(""), 1u);
  CheckDeletionsGoTogether(options, "sas-batch");
}

TEST_F(AzureClientTest, SignaturesThatDoNotHoldAreRefusedAndNotShown) {
  std::string wrong = ContainerSignature("rcwdl", std::chrono::hours(1));
  wrong.replace(wrong.find("sig=") + 4, 3, "AAA");
  const std::string other_rights = ContainerSignature("r", std::chrono::hours(1));
  const std::string ended = ContainerSignature("rcwdl", std::chrono::hours(-1));
  for (const std::string& signature : {wrong, other_rights, ended}) {
    BlobObjectStore store(MakeAzureClient("abfs", AzureAuthority(), WithSignature(signature)), "sas");
    try {
      store.ListPrefix("");
      FAIL() << signature;
    } catch (const TrinoException& refused) {
      EXPECT_THAT(refused.what(), HasSubstr("403"));
      EXPECT_THAT(refused.what(), Not(HasSubstr(signature.substr(signature.find("sig=") + 4))));
    }
  }
}

/// An account with a hierarchical namespace, as far as deletions see it: no server of other people has one.
class HierarchicalAccount {
 public:
  HierarchicalAccount() : server_([this](const HttpRequest& request) { return Answer(request); }) {}

  AzureOptions Options() const {
    AzureOptions options;
    // Names below localhost are this machine.
    options.connection_string = "AccountName=acc;AccountKey=a2V5;BlobEndpoint=http://acc.blob.localhost:" +
                                server_.url().substr(server_.url().rfind(':') + 1);
    options.retries.max_retries = 1;
    return options;
  }
  /// `DELETE acc.dfs.localhost /c/...` of every request but those for the account's properties.
  std::vector<std::string> Asked() {
    std::vector<std::string> asked;
    for (const HttpRequest& request : server_.requests()) {
      if (request.query_parameter("restype") == "account") continue;
      const std::string host(request.headers.Get("Host").value_or(""));
      asked.push_back(request.method + ' ' + host.substr(0, host.find(':')) + ' ' + request.target);
    }
    return asked;
  }

  bool hierarchical = true;
  int turns = 1;

 private:
  HttpResponse Answer(const HttpRequest& request) {
    HttpResponse response;
    if (request.query_parameter("restype") == "account") {
      response.headers.Set("x-ms-is-hns-enabled", hierarchical ? "true" : "false");
    } else if (request.method == "DELETE") {
      if (--turns > 0) response.headers.Set("x-ms-continuation", "next&" + std::to_string(turns));
    } else if (request.query_parameter("comp") == "list") {
      response.body =
          "<EnumerationResults><Blobs><Blob><Name>x/q</Name><Properties><ResourceType>directory"
          "</ResourceType><Content-Length>0</Content-Length></Properties></Blob></Blobs>"
          "</EnumerationResults>";
    } else {
      response.status = 500;
    }
    return response;
  }

  TokenServer server_;
};

TEST(AzureFolders, GoInOneRequestWithAllThatIsInThem) {
  HierarchicalAccount account;
  account.turns = 3;
  BlobObjectStore store(MakeAzureClient("abfss", "c@acc.dfs.core.windows.net", account.Options()), "x");
  store.DeleteKnown("q", {"q/1", "q/2", "q/3"});
  EXPECT_THAT(account.Asked(),
              ElementsAre("DELETE acc.dfs.localhost /c/x/q?recursive=true",
                          "DELETE acc.dfs.localhost /c/x/q?continuation=next%262&recursive=true",
                          "DELETE acc.dfs.localhost /c/x/q?continuation=next%261&recursive=true"));
}

TEST(AzureFolders, EmptyOnesAreNoObjectsAndAreSweptAway) {
  HierarchicalAccount account;
  BlobObjectStore store(MakeAzureClient("abfss", "c@acc.dfs.core.windows.net", account.Options()), "x");
  EXPECT_TRUE(store.ListPrefix("q").empty());
  EXPECT_EQ(store.DeletePrefix("q"), 0u);
  EXPECT_EQ(account.Asked().back(), "DELETE acc.dfs.localhost /c/x/q?recursive=true");
}

TEST(AzureFolders, AreSlashesInNamesElsewhere) {
  HierarchicalAccount account;
  account.hierarchical = false;
  BlobObjectStore store(MakeAzureClient("abfss", "c@acc.dfs.core.windows.net", account.Options()), "x");
  store.DeleteKnown("q", {"q/1"});
  EXPECT_THAT(account.Asked(), ElementsAre("DELETE acc.blob.localhost /c/x/q/1"));
}

}  // namespace
}  // namespace planaria::storage
