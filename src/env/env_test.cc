#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/error.h"
#include "env/clock.h"
#include "env/gzip.h"
#include "env/http_router.h"
#include "env/http_test_support.h"
#include "env/random.h"
#include "env/url.h"

namespace planaria {
namespace {

using test::Arrival;
using namespace std::chrono_literals;

TEST(Clock, MonotonicTimeDoesNotGoBack) {
  SystemClock clock;
  const Duration before = clock.Now();
  EXPECT_LE(before, clock.Now());
}

TEST(Random, SeedsRepeatAndBoundsHold) {
  SeededRandom first(7), second(7), other(8);
  EXPECT_EQ(first.Hex(20), second.Hex(20));
  EXPECT_NE(first.Next(), other.Next());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(first.Below(3), 3u);
    EXPECT_LT(first.Fraction(), 1.0);
  }
  SystemRandom real;
  EXPECT_NE(real.Hex(16), real.Hex(16));
  EXPECT_EQ(32u, real.Hex(16).size());
}

TEST(EventLoop, RunsPostedAndTimedFunctions) {
  EventLoop loop(2);
  Arrival<int> posted, timed;
  loop.Post([&] { posted.Set(1); });
  loop.RunAfter(1ms, [&] { timed.Set(2); });
  EXPECT_EQ(1, posted.Wait());
  EXPECT_EQ(2, timed.Wait());
}

TEST(EventLoop, CancelledTimersNeverRun) {
  std::atomic<bool> ran = false;
  TimerHandle kept;
  {
    EventLoop loop(1);
    auto timer = loop.RunAfter(1h, [&] { ran = true; });
    EXPECT_TRUE(timer.Cancel());
    EXPECT_FALSE(timer.Cancel());
    kept = loop.RunAfter(1h, [&] { ran = true; });
  }
  EXPECT_FALSE(kept.Cancel());
  EXPECT_FALSE(TimerHandle().Cancel());
  EXPECT_FALSE(ran);
}

TEST(HttpHeaders, NamesIgnoreCaseAndRepeat) {
  HttpHeaders headers{{"X-Trino-User", "a"}, {"x-trino-user", "b"}, {"Connection", "Keep-Alive, close"}};
  EXPECT_EQ("a", headers.Get("X-TRINO-USER"));
  EXPECT_EQ((std::vector<std::string_view>{"a", "b"}), headers.GetAll("X-Trino-User"));
  EXPECT_TRUE(headers.HasToken("connection", "CLOSE"));
  EXPECT_FALSE(headers.HasToken("connection", "keep"));
  headers.Set("x-trino-USER", "c");
  EXPECT_EQ(2u, headers.size());
  EXPECT_THROW(headers.Add("X", "a\r\nInjected: b"), TrinoException);
}

TEST(Url, Parses) {
  const auto url = ParseUrl("http://host:8080/a%20b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_EQ("host:8080", url->authority());
  EXPECT_EQ("/a%20b?c=d", url->target);
  EXPECT_EQ("/?q", ParseUrl("http://h?q")->target);
  EXPECT_EQ("[::1]:80", ParseUrl("http://[::1]")->authority());
  for (const char* bad : {"", "https://h/", "http://", "http://h:0/", "http://h:99999/", "http://h:1x/",
                          "http://u@h/", "http://h/a b", "http://h/\r\n", "http://[::1/"})
    EXPECT_FALSE(ParseUrl(bad)) << bad;
}

TEST(Url, PercentAndQuery) {
  EXPECT_EQ("a b/+", PercentDecode("a%20b%2F+", false));
  EXPECT_EQ("a b", PercentDecode("a+b", true));
  EXPECT_FALSE(PercentDecode("%2", false));
  EXPECT_FALSE(PercentDecode("%zz", false));
  const std::string bytes("a/b \xff\0", 6);
  EXPECT_EQ(bytes, PercentDecode(PercentEncode(bytes), false));
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ((Pairs{{"a", "1 2"}, {"b", ""}, {"a", "="}}), ParseQuery("a=1+2&&b&a=%3D"));
}

TEST(HttpRouter, LiteralsWinOverParametersAndRest) {
  HttpRouter router;
  std::string hit;
  const auto add = [&](const std::string& method, const std::string& pattern) {
    router.Add(method, pattern, [&hit, pattern](const auto&) { hit = pattern; });
  };
  add("GET", "/v1/{rest*}");
  add("GET", "/v1/query/{id}");
  add("GET", "/v1/query/all");
  add("DELETE", "/v1/query/{id}");
  add("GET", "/");
  const auto find = [&](std::string_view method, std::string_view path) {
    hit.clear();
    auto match = router.Find(method, path);
    if (match && match->handler) (*match->handler)(nullptr);
    return match;
  };
  find("GET", "/v1/query/all");
  EXPECT_EQ("/v1/query/all", hit);
  EXPECT_EQ("a/b", find("HEAD", "/v1/query/a%2Fb")->parameters.find("id")->second);
  EXPECT_EQ("/v1/query/{id}", hit);
  EXPECT_EQ("x/y/z", find("GET", "/v1/x/y/z")->parameters.find("rest")->second);
  find("GET", "/");
  EXPECT_EQ("/", hit);
  EXPECT_EQ("GET, DELETE", find("POST", "/v1/query/1")->allowed);
  EXPECT_TRUE(find("GET", "/other")->allowed.empty());
  EXPECT_FALSE(find("GET", "/v1/query/%f"));
  EXPECT_THROW(add("GET", "/v1/query/all"), TrinoException);
  EXPECT_THROW(add("GET", "/{a*}/b"), TrinoException);
  EXPECT_THROW(add("GET", "none"), TrinoException);
}

TEST(Gzip, RoundTripsAndRefusesDamage) {
  std::string data;
  for (int i = 0; i < 100000; ++i) data += std::to_string(i * 7919);
  const std::string compressed = GzipCompress(data);
  EXPECT_LT(compressed.size(), data.size());
  EXPECT_EQ(data, GzipDecompress(compressed, data.size()));
  EXPECT_THROW(GzipDecompress(compressed, data.size() - 1), TrinoException);
  EXPECT_THROW(GzipDecompress(compressed.substr(0, compressed.size() / 2), data.size()), TrinoException);
  EXPECT_EQ("", GzipDecompress(GzipCompress(""), 0));
  EXPECT_TRUE(AcceptsGzip({{"Accept-Encoding", "deflate, GZIP;q=0.5"}}));
  EXPECT_TRUE(AcceptsGzip({{"Accept-Encoding", "*"}}));
  EXPECT_FALSE(AcceptsGzip({{"Accept-Encoding", "gzip;q=0, *"}}));
  EXPECT_FALSE(AcceptsGzip({}));
}

}  // namespace
}  // namespace planaria
