// What etcd says when it does not say what it should; tests/failure/standby.py has a real one.
#include "coordinator/etcd_lease_store.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "env/http_test_support.h"
#include "protocol/url_text.h"

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using planaria::test::HttpFixture;
using protocol::DecodeBase64;
using protocol::EncodeBase64;

class EtcdLeaseStoreTest : public testing::Test {
 protected:
  EtcdLeaseStoreTest() {
    for (const std::string path : {"/v3/kv/range", "/v3/kv/txn", "/v3/kv/deleterange"}) {
      http_.server.Route("POST", path, [this, path](const std::shared_ptr<HttpCall>& call) {
        asked_path_ = path;
        asked_ = json::parse(call->request().body);
        HttpResponse response = ContentResponse("application/json", answer_);
        response.status = status_;
        call->Respond(std::move(response));
      });
    }
    http_.server.Start();
  }
  ~EtcdLeaseStoreTest() override { http_.server.Stop(); }
  void Answer(int status, std::string text) {
    status_ = status;
    answer_ = std::move(text);
  }

  HttpFixture http_;
  int status_ = 200;
  std::string answer_, asked_path_;
  json asked_;
  EtcdLeaseStore store_{http_.client, {http_.Url("")}, "x/lease", 5s};
};

TEST_F(EtcdLeaseStoreTest, PutsOnTheConditionThatTheKeyIsAbsent) {
  Answer(200, R"({"header":{},"succeeded":true,"responses":[]})");
  EXPECT_TRUE(store_.Put({7, "i", "n", "u", 5s, false}));
  EXPECT_EQ(asked_path_, "/v3/kv/txn");
  EXPECT_EQ(DecodeBase64(asked_["compare"][0]["key"].get<std::string>()), "x/lease/000000000007");
  EXPECT_EQ(asked_["compare"][0]["create_revision"], "0");
  EXPECT_EQ(DecodeBase64(asked_["success"][0]["request_put"]["value"].get<std::string>()),
            "planaria-lease-1 held 5000 i n u\n");
  Answer(200, R"({"header":{}})");
  EXPECT_FALSE(store_.Put({7, "i", "n", "u", 5s, false}));
}

TEST_F(EtcdLeaseStoreTest, ReadsTheLastEntry) {
  Answer(200, R"({"header":{}})");
  EXPECT_FALSE(store_.Last());
  const auto with = [](const std::string& key, const std::string& value) {
    const json entry = {{"key", EncodeBase64(key)}, {"value", EncodeBase64(value)}};
    return json{{"kvs", json::array({entry})}}.dump();
  };
  Answer(200, with("x/lease/000000000012", "planaria-lease-1 released 1 i n u\n"));
  const auto last = store_.Last();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->number, 12u);
  EXPECT_TRUE(last->released);
  Answer(200, with("x/lease/000000000012", "damaged"));
  EXPECT_EQ(store_.Last()->duration, 5s);
  Answer(200, with("x/lease/other", ""));
  EXPECT_THROW(store_.Last(), TrinoException);
}

TEST_F(EtcdLeaseStoreTest, OtherAnswersAreErrors) {
  for (const char* text : {"", "[]", "{\"kvs\":[1]}", R"({"kvs":[{"key":"!"}]})", R"({"kvs":[{"key":7}]})"}) {
    Answer(200, text);
    EXPECT_THROW(store_.Last(), TrinoException) << text;
  }
  Answer(503, "{}");
  EXPECT_THROW(store_.Put({1, "i", "n", "u", 5s, false}), TrinoException);
  EXPECT_THROW(store_.Forget(3), TrinoException);
}

TEST_F(EtcdLeaseStoreTest, AfterAnErrorAnotherMemberIsAsked) {
  Answer(200, R"({"header":{}})");
  EtcdLeaseStore store(http_.client, {"http://127.0.0.1:1", http_.Url("")}, "x/lease", 5s);
  EXPECT_THROW(store.Last(), TrinoException);
  EXPECT_FALSE(store.Last());
}

}  // namespace
}  // namespace planaria::coordinator
