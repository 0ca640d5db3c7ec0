// Tickets and delegation tokens, against small servers in the place of name nodes and against a real HDFS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "storage/identity/token_server_for_test.h"
#include "storage/remote_store_options.h"
#include "storage/secure_hdfs_for_test.h"
#include "storage/store_set.h"

namespace planaria::storage {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::map<std::string, std::string> kNoKeytab = {{"KRB5_CLIENT_KTNAME", "FILE:/nowhere/keytab"}};
const std::map<std::string, std::string> kNoTickets = {{"KRB5_CLIENT_KTNAME", "FILE:/nowhere/keytab"},
                                                       {"KRB5CCNAME", "FILE:/nowhere/tickets"}};

/// How name nodes begin the messages about tokens.
constexpr const char* kInvalidToken =
    "Failed to obtain user group information: org.apache.hadoop.security.token.SecretManager$InvalidToken: ";

HttpResponse Refusal(int status, const std::string& exception, const std::string& message) {
  return {.status = status,
          .body = R"({"RemoteException":{"exception":")" + exception + R"(","message":")" + message + "\"}}"};
}

/// Grants tokens t1, t2, ... to whoever asks for one, and shows those who have one an empty folder.
class FakeNameNode {
 public:
  std::string host() const { return server_.host(); }
  /// One request an entry: its operation, and its token.
  std::vector<std::string> Log() {
    std::vector<std::string> log;
    for (const HttpRequest& request : server_.requests()) {
      EXPECT_FALSE(request.query_parameter("user.name"));
      const auto token = request.query_parameter("delegation");
      log.push_back(std::string(request.query_parameter("op").value_or("")) +
                    (token ? ' ' + std::string(*token) : ""));
    }
    return log;
  }

  std::atomic<bool> standby = false;
  std::atomic<bool> wants_tickets = false;
  /// Tokens up to this one are not known any more.
  std::atomic<int> forgotten = 0;
  std::atomic<std::chrono::milliseconds> life{1h};

 private:
  HttpResponse Answer(const HttpRequest& request) {
    const auto operation = request.query_parameter("op");
    if (wants_tickets) return {.status = 401, .headers = {{"WWW-Authenticate", "Negotiate"}}};
    if (standby && request.query_parameter("delegation")) {
      return Refusal(403, "SecurityException", std::string(kInvalidToken) + "StandbyException");
    }
    if (standby) return Refusal(403, "StandbyException", "Operation category WRITE is not supported");
    if (operation == "GETDELEGATIONTOKEN") {
      return TokenServer::Text(R"({"Token":{"urlString":"t)" + std::to_string(++granted_) + "\"}}");
    }
    if (operation == "RENEWDELEGATIONTOKEN") {
      const auto ends = std::chrono::system_clock::now().time_since_epoch() + life.load();
      return TokenServer::Text(
          R"({"long":)" +
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(ends).count()) + "}");
    }
    const std::string token(request.query_parameter("delegation").value_or("t0"));
    if (std::stoi(token.substr(1)) <= forgotten) {
      return Refusal(403, "SecurityException",
                     std::string(kInvalidToken) + "Token for real user: , can't be found in cache");
    }
    return TokenServer::Text(R"({"FileStatuses":{"FileStatus":[]}})");
  }

  int granted_ = 0;
  TokenServer server_{[this](const HttpRequest& request) { return Answer(request); }};
};

class HdfsKerberosTest : public testing::Test {
 protected:
  std::unique_ptr<HdfsObjectStore> Open() {
    const std::string path = testing::TempDir() + "hdfs_kerberos_test.xml";
    std::ofstream(path) << "<configuration>" << Property("hadoop.security.authentication", "kerberos")
                        << Property("dfs.nameservices", "ns") << Property("dfs.ha.namenodes.ns", "a,b")
                        << Property("dfs.namenode.http-address.ns.a", first_.host())
                        << Property("dfs.namenode.http-address.ns.b", second_.host()) << "</configuration>";
    HdfsOptions options;
    options.config = HadoopConfig::Read({path});
    options.retries.sleep = [this](Duration) { pauses_++; };
    return std::make_unique<HdfsObjectStore>("ns", "folder", std::move(options));
  }
  static std::string Property(const std::string& name, const std::string& value) {
    return "<property><name>" + name + "</name><value>" + value + "</value></property>";
  }

  /// The servers here look at no ticket.
  const ScopedVariables variables_{kNoTickets};
  FakeNameNode first_;
  FakeNameNode second_;
  int pauses_ = 0;
};

TEST_F(HdfsKerberosTest, OneTokenServesAllRequests) {
  const auto store = Open();
  for (int i = 0; i < 3; i++) EXPECT_THAT(store->ListFolders(""), IsEmpty());
  EXPECT_THAT(first_.Log(), ElementsAre("GETDELEGATIONTOKEN", "RENEWDELEGATIONTOKEN", "LISTSTATUS t1",
                                        "LISTSTATUS t1", "LISTSTATUS t1"));
  EXPECT_THAT(second_.Log(), IsEmpty());
  EXPECT_THAT(store->Traffic(), HasSubstr("PUT 0, GET 0, LIST 3,"));
}

TEST_F(HdfsKerberosTest, ATokenIsReplacedBeforeItEnds) {
  const auto store = Open();
  first_.life = 400ms;
  store->ListFolders("");
  std::this_thread::sleep_for(250ms);
  first_.life = 1h;
  store->ListFolders("");
  store->ListFolders("");
  EXPECT_EQ(first_.Log().back(), "LISTSTATUS t2");
}

TEST_F(HdfsKerberosTest, ARefusedTokenIsReplacedOnce) {
  const auto store = Open();
  store->ListFolders("");
  first_.forgotten = 1;
  EXPECT_THAT(store->ListFolders(""), IsEmpty());
  EXPECT_THAT(first_.Log(),
              ElementsAre("GETDELEGATIONTOKEN", "RENEWDELEGATIONTOKEN", "LISTSTATUS t1", "LISTSTATUS t1",
                          "GETDELEGATIONTOKEN", "RENEWDELEGATIONTOKEN", "LISTSTATUS t2"));
  first_.forgotten = 1000;
  try {
    store->ListFolders("");
    FAIL();
  } catch (const TrinoException& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("answers 403"));
    EXPECT_THAT(refused.what(), HasSubstr("InvalidToken"));
  }
  EXPECT_EQ(first_.Log().size(), 11u);
  EXPECT_EQ(pauses_, 0);
}

TEST_F(HdfsKerberosTest, TheActiveNameNodeGivesTokens) {
  first_.standby = true;
  const auto store = Open();
  store->ListFolders("");
  EXPECT_THAT(first_.Log(), ElementsAre("GETDELEGATIONTOKEN"));
  EXPECT_THAT(second_.Log(), ElementsAre("GETDELEGATIONTOKEN", "RENEWDELEGATIONTOKEN", "LISTSTATUS t1"));
  first_.standby = false;
  second_.standby = true;
  store->ListFolders("");
  EXPECT_THAT(first_.Log(), ElementsAre("GETDELEGATIONTOKEN", "LISTSTATUS t1"));
  first_.standby = true;
  EXPECT_THROW(store->ListFolders(""), TrinoException);
  EXPECT_EQ(first_.Log().back(), "LISTSTATUS t1");
  EXPECT_EQ(second_.Log().back(), "LISTSTATUS t1");
}

TEST_F(HdfsKerberosTest, WithoutTicketNobodyElseIsAsked) {
  first_.wants_tickets = true;
  second_.wants_tickets = true;
  const auto store = Open();
  try {
    store->MakeDirectory();
    FAIL();
  } catch (const StoreNotAuthenticated& refused) {
    EXPECT_EQ(refused.error().code, errors::GENERIC_INTERNAL_ERROR);
    EXPECT_THAT(refused.what(), HasSubstr("No Kerberos ticket for HTTP/127.0.0.1: gss_"));
    EXPECT_THAT(refused.what(), HasSubstr("KRB5CCNAME"));
  }
  const auto asked = first_.Log();
  EXPECT_FALSE(asked.empty());
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "GETDELEGATIONTOKEN"),
            static_cast<ptrdiff_t>(asked.size()));
  EXPECT_THAT(second_.Log(), IsEmpty());
  EXPECT_EQ(pauses_, 0);
}

/// The message of the exception that opening the base directory ends with.
std::string StartOf(const HdfsOptions& options) {
  try {
    OpenBaseDirectories("hdfs://test/kerberos", {.hdfs = options});
  } catch (const TrinoException& refused) {
    EXPECT_EQ(refused.error().code, errors::CONFIGURATION_INVALID);
    return refused.what();
  }
  return "started";
}

class SecureHdfsTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = SecureHdfs().Get();
    if (!server_) GTEST_SKIP() << SecureHdfs().Missing();
  }
  std::string Folder() const { return SecureHdfsFolder(server_->port).string(); }

  std::shared_ptr<StoreServer> server_;
};

TEST_F(SecureHdfsTest, WithoutTicketsNothingStarts) {
  const HdfsOptions options = SecureHdfsOptionsOf(*server_);
  EXPECT_EQ(StartOf(options), "started");
  const ScopedVariables none(kNoTickets);
  EXPECT_THAT(StartOf(options), HasSubstr("No Kerberos ticket for HTTP/localhost: gss_"));
}

TEST_F(SecureHdfsTest, TicketsOfTheCacheAreEnough) {
  const HdfsOptions options = SecureHdfsOptionsOf(*server_);
  const ScopedVariables no_keytab(kNoKeytab);
  EXPECT_EQ(StartOf(options), "started");
}

TEST_F(SecureHdfsTest, AServerThatTheKdcDoesNotKnowIsNamed) {
  EXPECT_THAT(StartOf(SecureHdfsOptionsOf(*server_, "127.0.0.1")),
              HasSubstr("Server HTTP/127.0.0.1@PLANARIA.TEST not found in Kerberos database"));
}

TEST_F(SecureHdfsTest, AnExpiredTicketIsNamed) {
  const HdfsOptions options = SecureHdfsOptionsOf(*server_);
  const ScopedVariables brief({{"KRB5CCNAME", "FILE:" + Folder() + "/brief.tickets"},
                               {"KRB5_CLIENT_KTNAME", "FILE:" + Folder() + "/brief.keytab"}});
  StartOf(options);
  const ScopedVariables no_keytab(kNoKeytab);
  std::this_thread::sleep_for(6s);
  EXPECT_THAT(StartOf(options), HasSubstr("No Kerberos ticket for HTTP/localhost: gss_"));
  EXPECT_THAT(StartOf(options), HasSubstr("Ticket expired"));
}

TEST_F(SecureHdfsTest, ARequestWithoutTokenIsRefused) {
  HdfsOptions options = SecureHdfsOptionsOf(*server_);
  const StoreServer& server = *server_;
  options.config = HdfsOptionsOf(server).config;
  options.user = "planaria";
  EXPECT_THAT(StartOf(options), HasSubstr("answers 401"));
}

}  // namespace
}  // namespace planaria::storage
