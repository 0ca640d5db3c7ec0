#include "coordinator/statement_resource.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "coordinator/fake_client_query_for_test.h"
#include "coordinator/node_info_routes.h"
#include "coordinator/statement_uri.h"
#include "env/http_test_support.h"

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using planaria::test::HttpFixture;
using protocol::TrinoType;

class StatementResourceTest : public testing::Test {
 protected:
  explicit StatementResourceTest(StatementOptions options = {.max_wait = 100ms}) {
    resource_ =
        std::make_unique<StatementResource>(http_.server, service_, http_.loop, clock_, random_, options);
    RegisterNodeInfo(http_.server, clock_, {.node_id = "c1", .version = "476", .environment = "test"});
    http_.server.Start();
  }
  ~StatementResourceTest() override { http_.server.Stop(); }

  HttpResponse Call(const std::string& method, const std::string& url, HttpHeaders headers = {},
                    std::string body = {}) {
    return http_.client.Call({.method = method,
                              .url = url.starts_with("http") ? url : http_.Url(url),
                              .headers = std::move(headers),
                              .body = std::move(body)});
  }
  HttpResponse Post(std::string sql, HttpHeaders headers = {{"X-Trino-User", "ada"}}) {
    return Call("POST", "/v1/statement", std::move(headers), std::move(sql));
  }
  /// The document of a successful request.
  static json Document(const HttpResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.Get("Content-Type"), "application/json");
    const json document = json::parse(response.body);
    for (const char* always : {"id", "infoUri", "stats"}) EXPECT_TRUE(document.contains(always)) << always;
    EXPECT_TRUE(!document.contains("data") || !document["columns"].empty());
    return document;
  }
  json Next(const json& document) { return Document(Call("GET", NextUri(document))); }
  static std::string NextUri(const json& document) { return document.value("nextUri", "none"); }
  /// Submits and follows the queue until the query runs.
  json Submit(HttpHeaders headers = {{"X-Trino-User", "ada"}}) {
    const json posted = Document(Post("SELECT 1", std::move(headers)));
    query_ = service_.Get(posted["id"]);
    query_->Start({{"a", TrinoType::Of("bigint")}});
    return Next(posted);
  }

  HttpFixture http_;
  test::FakeService service_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<StatementResource> resource_;
  std::shared_ptr<test::FakeQuery> query_;
};

TEST_F(StatementResourceTest, WholeLife) {
  const json posted = Document(Post("SELECT 1"));
  EXPECT_EQ(posted["stats"]["state"], "QUEUED");
  EXPECT_FALSE(posted.contains("data"));
  EXPECT_NE(NextUri(posted).find("/v1/statement/queued/"), std::string::npos);
  query_ = service_.Get(posted["id"]);
  EXPECT_EQ(query_->sql(), "SELECT 1");
  EXPECT_EQ(query_->session().user, "ada");

  const json queued = Next(posted);
  EXPECT_NE(NextUri(queued).find("/v1/statement/queued/"), std::string::npos);
  EXPECT_TRUE(NextUri(queued).ends_with("/2"));

  query_->Start({{"a", TrinoType::Of("bigint")}, {"t", TrinoType::Timestamp(6)}});
  const json dispatched = Next(queued);
  EXPECT_NE(NextUri(dispatched).find("/v1/statement/executing/"), std::string::npos);
  EXPECT_TRUE(NextUri(dispatched).ends_with("/0"));
  EXPECT_EQ(query_->asked(), 0);

  const json waiting = Next(dispatched);
  EXPECT_EQ(waiting["columns"][0]["type"], "bigint");
  EXPECT_EQ(waiting["columns"][1]["type"], "timestamp");
  EXPECT_FALSE(waiting.contains("data"));

  query_->AddRows(R"([1,"x"],[2,"y"])");
  const json rows = Next(waiting);
  EXPECT_EQ(rows["data"], json::parse(R"([[1,"x"],[2,"y"]])"));
  query_->Finish();
  const json last = Next(rows);
  EXPECT_EQ(NextUri(last), "none");
  EXPECT_EQ(last["stats"]["state"], "FINISHED");
  EXPECT_FALSE(last.contains("data"));
  EXPECT_EQ(Call("GET", last["infoUri"]).status, 200);
}

TEST_F(StatementResourceTest, TheLastTokenRepeats) {
  const json running = Submit();
  query_->AddRows("[1]");
  query_->AddRows("[2]");
  const std::string first_uri = NextUri(running);
  const std::string first = Call("GET", first_uri).body;
  EXPECT_EQ(Call("GET", first_uri).body, first);
  const std::string second_uri = NextUri(json::parse(first));
  const std::string second = Call("GET", second_uri).body;
  EXPECT_EQ(json::parse(second)["data"], json::parse("[[2]]"));
  EXPECT_EQ(Call("GET", second_uri).body, second);
  EXPECT_EQ(Call("GET", first_uri).status, 410);
  query_->Finish();
  const std::string third_uri = NextUri(json::parse(second));
  const std::string third = Call("GET", third_uri).body;
  EXPECT_EQ(Call("GET", third_uri).body, third);
  EXPECT_EQ(query_->asked(), 3);
}

TEST_F(StatementResourceTest, TwoRequestsForOnePage) {
  const json running = Submit();
  planaria::test::Arrival<std::string> first;
  planaria::test::Arrival<std::string> second;
  for (auto* arrival : {&first, &second}) {
    http_.client.Send({.url = NextUri(running)}, [arrival](const HttpOutcome& outcome) {
      arrival->Set(std::get<HttpResponse>(outcome).body);
    });
  }
  query_->WaitUntilAsked(1);
  query_->AddRows("[7]");
  EXPECT_EQ(first.Wait(), second.Wait());
  EXPECT_EQ(query_->asked(), 1);
}

TEST_F(StatementResourceTest, WrongSlugsAndTokens) {
  const json running = Submit();
  std::string uri = NextUri(running);
  const size_t slug = uri.find("/y") + 2;
  std::string other = uri;
  other[slug] = other[slug] == '0' ? '1' : '0';
  EXPECT_EQ(Call("GET", other).status, 404);
  EXPECT_EQ(Call("DELETE", other).status, 404);
  for (const char* token : {"1", "x", "-1", "18446744073709551616", "0x"}) {
    EXPECT_EQ(Call("GET", uri.substr(0, uri.size() - 1) + token).status, 404) << token;
  }
  EXPECT_EQ(Call("GET", "/v1/statement/executing/q/y/0").status, 404);
  EXPECT_FALSE(query_->Snapshot().error);
}

TEST_F(StatementResourceTest, ErrorsAreDocuments) {
  json running = Submit();
  query_->Fail({errors::DIVISION_BY_ZERO, "Division by zero", {}, {}});
  json failed = Next(running);
  EXPECT_EQ(NextUri(failed), "none");
  EXPECT_EQ(failed["error"]["errorName"], "DIVISION_BY_ZERO");
  EXPECT_EQ(failed["stats"]["state"], "FAILED");

  const json posted = Document(Post("SELEC 1"));
  service_.Get(posted["id"])
      ->Fail({errors::SYNTAX_ERROR, "line 1:1: mismatched input", ErrorLocation{1, 1}, {}});
  failed = Next(posted);
  EXPECT_EQ(NextUri(failed), "none");
  EXPECT_EQ(failed["error"]["errorLocation"]["lineNumber"], 1);
}

TEST_F(StatementResourceTest, Cancel) {
  const json running = Submit();
  const HttpResponse cancelled = Call("DELETE", NextUri(running));
  EXPECT_EQ(cancelled.status, 204);
  EXPECT_EQ(cancelled.body, "");
  EXPECT_EQ(query_->WaitForError()->code, errors::USER_CANCELED);
  EXPECT_EQ(Next(running)["error"]["errorName"], "USER_CANCELED");

  Submit();
  EXPECT_EQ(Call("DELETE", "/v1/query/" + query_->id().value).status, 204);
  EXPECT_EQ(query_->WaitForError()->code, errors::USER_CANCELED);
  EXPECT_EQ(Call("DELETE", "/v1/query/nobody").status, 204);

  Submit();
  const std::string kill = "/v1/query/" + query_->id().value + "/killed";
  EXPECT_EQ(Call("PUT", kill, {}, "too big").status, 202);
  EXPECT_EQ(query_->WaitForError()->code, errors::ADMINISTRATIVELY_KILLED);
  EXPECT_EQ(Call("PUT", kill, {}, "").status, 409);
  EXPECT_EQ(Call("PUT", "/v1/query/nobody/killed").status, 410);
}

TEST_F(StatementResourceTest, ASlowClientIsNotAheadOfItself) {
  const json running = Submit();
  for (int i = 0; i < 5; ++i) query_->AddRows("[" + std::to_string(i) + "]");
  const json first = Next(running);
  EXPECT_EQ(first["data"], json::parse("[[0]]"));
  EXPECT_EQ(query_->asked(), 1);
  EXPECT_EQ(Next(first)["data"], json::parse("[[1]]"));
  EXPECT_EQ(query_->asked(), 2);
}

TEST_F(StatementResourceTest, RowsThatCameTooLateAreTheNextPage) {
  const json running = Submit();
  const json empty = Next(running);
  EXPECT_FALSE(empty.contains("data"));
  query_->AddRows("[5]");
  EXPECT_EQ(Next(empty)["data"], json::parse("[[5]]"));
  EXPECT_EQ(query_->asked(), 1);
}

TEST_F(StatementResourceTest, UpdatesAndSessionChanges) {
  const json running =
      Submit({{"X-Trino-User", "ada"}, {"X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME"}});
  query_->Change([](QuerySnapshot& snapshot) {
    snapshot.columns = {{"t", TrinoType::Timestamp(6)}};
    snapshot.update_type = "SET SESSION";
    snapshot.update_count = 3;
    snapshot.session_changes.set_properties = {{"a", "x y"}, {"b", "2"}};
  });
  query_->Finish();
  const HttpResponse response = Call("GET", NextUri(running));
  const json document = Document(response);
  EXPECT_EQ(document["updateType"], "SET SESSION");
  EXPECT_EQ(document["updateCount"], 3);
  EXPECT_EQ(document["columns"][0]["type"], "timestamp(6)");
  EXPECT_EQ(response.headers.GetAll("X-Trino-Set-Session"), (std::vector<std::string_view>{"a=x+y", "b=2"}));
}

TEST_F(StatementResourceTest, RequestsAtFault) {
  const HttpHeaders user{{"X-Trino-User", "ada"}};
  EXPECT_EQ(Post("").status, 400);
  EXPECT_EQ(Post(" \n").status, 400);
  EXPECT_EQ(Post("SELECT 1", {}).status, 401);
  EXPECT_EQ(Post("SELECT 1", {{"X-Trino-User", "ada"}, {"X-Trino-Schema", "s"}}).status, 400);
  EXPECT_EQ(Post("SELECT 1", {{"X-Trino-User", "ada"}, {"X-Trino-Session", "a"}}).status, 400);
  EXPECT_EQ(Post("SELECT 1", {{"X-Trino-User", "ada"}, {"X-Forwarded-Proto", "https"}}).status, 406);
  EXPECT_EQ(Call("HEAD", "/v1/statement", user).status, 200);
  EXPECT_EQ(Call("HEAD", "/v1/statement").status, 401);
  EXPECT_TRUE(service_.List().empty());

  const json posted = Document(Post(std::string(1'000'001, 'x')));
  EXPECT_EQ(Next(posted)["error"]["errorName"], "QUERY_TEXT_TOO_LARGE");
}

TEST_F(StatementResourceTest, LargePagesAreCompressed) {
  const json running = Submit();
  std::string rows = "[0]";
  for (int i = 1; i < 5000; ++i) rows += ",[" + std::to_string(i) + "]";
  query_->AddRows(rows);
  const HttpResponse response = Call("GET", NextUri(running), {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(response.headers.Get("Content-Encoding"), "gzip");
}

TEST_F(StatementResourceTest, QueryLists) {
  Submit();
  json list = json::parse(Call("GET", "/v1/query").body);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["queryId"], query_->id().value);
  EXPECT_EQ(list[0]["state"], "RUNNING");
  EXPECT_EQ(list[0]["session"]["user"], "ada");
  EXPECT_EQ(json::parse(Call("GET", "/v1/query?state=failed").body), json::array());
  query_->Fail({errors::CORRUPT_PAGE, "bad <b>", {}, {}});
  const json info = json::parse(Call("GET", "/v1/query/" + query_->id().value + "?pruned=true").body);
  EXPECT_EQ(info["errorCode"]["name"], "CORRUPT_PAGE");
  EXPECT_EQ(info["failureInfo"]["message"], "bad <b>");
  EXPECT_EQ(Call("GET", "/v1/query/nobody").status, 410);
  EXPECT_EQ(Call("GET", "/").status, 302);
  EXPECT_NE(Call("GET", "/ui/").body.find(query_->id().value), std::string::npos);
  const HttpResponse page = Call("GET", "/ui/query.html?" + query_->id().value);
  EXPECT_NE(page.body.find("bad &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(Call("GET", "/ui/query.html?nobody").status, 404);
}

TEST_F(StatementResourceTest, NodeInfo) {
  const json info = json::parse(Call("GET", "/v1/info").body);
  EXPECT_EQ(info["nodeVersion"]["version"], "476");
  EXPECT_EQ(info["coordinator"], true);
  EXPECT_EQ(Call("GET", "/v1/info/state").body, "\"ACTIVE\"");
  EXPECT_EQ(Call("GET", "/v1/info/coordinator").status, 200);
  EXPECT_EQ(json::parse(Call("GET", "/v1/status").body)["environment"], "test");
}

TEST(NodeInfo, OfACoordinatorThatWaits) {
  HttpFixture http;
  SystemClock clock;
  std::atomic<bool> active = false;
  RegisterNodeInfo(http.server, clock, {.node_id = "c1", .active = [&] { return active.load(); }});
  http.server.Start();
  const auto get = [&](const std::string& path) {
    return http.client.Call({.method = "GET", .url = http.Url(path)});
  };
  EXPECT_EQ(json::parse(get("/v1/info").body)["starting"], true);
  EXPECT_EQ(get("/v1/info/state").body, "\"INACTIVE\"");
  EXPECT_EQ(get("/v1/info/coordinator").status, 503);
  active = true;
  EXPECT_EQ(json::parse(get("/v1/info").body)["starting"], false);
  EXPECT_EQ(get("/v1/info/state").body, "\"ACTIVE\"");
  EXPECT_EQ(get("/v1/info/coordinator").status, 200);
  http.server.Stop();
}

/// The parameter: whether the server serves before it knows of the earlier start's queries.
class RestartedServerTest : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Late, RestartedServerTest, testing::Bool());

TEST_P(RestartedServerTest, ClientsGoOnWhereTheyWere) {
  const StatementOptions options{.max_wait = 100ms, .secret = "the same"};
  SystemClock clock;
  SystemRandom random;
  std::string next;
  const auto path_of = [](const std::string& uri) { return uri.substr(uri.find("/v1/")); };
  const auto get = [&](HttpFixture& http, const std::string& path) {
    return http.client.Call({.method = "GET", .url = http.Url(path)});
  };
  {
    HttpFixture http;
    test::FakeService service;
    StatementResource resource(http.server, service, http.loop, clock, random, options);
    http.server.Start();
    const auto post = http.client.Call({.method = "POST",
                                        .url = http.Url("/v1/statement"),
                                        .headers = {{"X-Trino-User", "ada"}},
                                        .body = "SELECT 1"});
    const json posted = json::parse(post.body);
    const auto query = service.Get(posted["id"]);
    query->Start({{"a", TrinoType::Of("bigint")}});
    next = path_of(posted["nextUri"]);
    // An empty page counts as a token, but not as rows.
    for (int page = 0; page < 2; page++) next = path_of(json::parse(get(http, next).body)["nextUri"]);
    query->AddRows("[1]");
    const json rows = json::parse(get(http, next).body);
    EXPECT_EQ(rows["data"].dump(), "[[1]]");
    next = path_of(rows["nextUri"]);
    http.server.Stop();
  }
  HttpFixture http;
  test::FakeService service;
  std::unique_ptr<StatementResource> resource;
  const auto serve = [&] {
    resource = std::make_unique<StatementResource>(http.server, service, http.loop, clock, random, options);
    http.server.Start();
  };
  if (GetParam()) serve();
  protocol::SessionHeaders session;
  session.user = "ada";
  // The same query again, as a journal would bring it back.
  const auto again = std::static_pointer_cast<test::FakeQuery>(service.Submit(session, "SELECT 1"));
  again->Start({{"a", TrinoType::Of("bigint")}});
  for (const char* rows : {"[1]", "[2]", "[3]"}) again->AddRows(rows);
  again->Finish();
  if (GetParam()) {
    EXPECT_EQ(get(http, next).status, 404);
    resource->TakeUp();
  } else {
    serve();
  }
  const json second = json::parse(get(http, next).body);
  EXPECT_EQ(second["data"].dump(), "[[2]]");
  EXPECT_EQ(json::parse(get(http, next).body)["data"].dump(), "[[2]]") << "the same page again";
  const json third = json::parse(get(http, path_of(second["nextUri"])).body);
  EXPECT_EQ(third["data"].dump(), "[[3]]");
  EXPECT_FALSE(json::parse(get(http, path_of(third["nextUri"])).body).contains("nextUri"));
  http.server.Stop();
}

class ShortLeaseTest : public StatementResourceTest {
 protected:
  ShortLeaseTest() : StatementResourceTest({.client_timeout = 50ms, .max_wait = 100ms}) {}
};

TEST_F(ShortLeaseTest, AbandonedQueriesEnd) {
  const json posted = Document(Post("SELECT 1"));
  const auto query = service_.Get(posted["id"]);
  const auto error = query->WaitForError();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, errors::ABANDONED_QUERY);
  EXPECT_NE(error->message.find("was abandoned by the client"), std::string::npos);
}

class ForwardedTest : public StatementResourceTest {
 protected:
  ForwardedTest() : StatementResourceTest({.process_forwarded = true, .max_wait = 100ms}) {}
};

TEST_F(ForwardedTest, UrisLeadBackThroughTheProxy) {
  const json posted = Document(Post("SELECT 1", {{"X-Trino-User", "ada"},
                                                 {"X-Forwarded-Proto", "https"},
                                                 {"X-Forwarded-Host", "sql.example.org"},
                                                 {"X-Forwarded-Port", "8443"},
                                                 {"X-Forwarded-Prefix", "/trino/"}}));
  EXPECT_TRUE(NextUri(posted).starts_with("https://sql.example.org:8443/trino/v1/statement/queued/"));
  EXPECT_EQ(Post("SELECT 1", {{"X-Trino-User", "ada"}, {"X-Forwarded-Host", "a\"b"}}).status, 400);
  EXPECT_EQ(Post("SELECT 1", {{"X-Trino-User", "ada"}, {"X-Forwarded-Proto", "gopher"}}).status, 400);
}

}  // namespace
}  // namespace planaria::coordinator
