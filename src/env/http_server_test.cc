#include "env/http_server.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/error.h"
#include "env/gzip.h"
#include "env/http_test_support.h"

namespace planaria {
namespace {

using test::Arrival;
using test::HttpFixture;
using test::RawSocket;
using namespace std::chrono_literals;

HttpHandler Echo() {
  return [](const std::shared_ptr<HttpCall>& call) {
    call->Respond(ContentResponse("text/plain", call->request().body));
  };
}

TEST(HttpServer, RoutesParametersAndQuery) {
  HttpFixture http;
  http.server.Route("GET", "/v1/query/{id}/{rest*}", [](const std::shared_ptr<HttpCall>& call) {
    const HttpRequest& request = call->request();
    EXPECT_EQ("127.0.0.1", request.peer_address);
    call->Respond(
        ContentResponse("text/plain", call->path_parameter("id") + "|" + call->path_parameter("rest") + "|" +
                                          std::string(request.query_parameter("q").value_or("none"))));
  });
  http.server.Start();
  EXPECT_EQ("a b|c/d|1 2", http.Get("/v1/query/a%20b/c/d?q=1+2").body);
  EXPECT_EQ("x||none", http.Get("/v1/query/x/").body);
  EXPECT_EQ(404, http.Get("/v2").status);
  EXPECT_EQ(400, http.Get("/v1/query/%zz/").status);
  const HttpResponse wrong = http.client.Call({.method = "PUT", .url = http.Url("/v1/query/x/")});
  EXPECT_EQ(405, wrong.status);
  EXPECT_EQ("GET", wrong.headers.Get("allow"));
}

TEST(HttpServer, RepeatedHeadersArriveInOrder) {
  HttpFixture http;
  http.server.Route("GET", "/", [](const std::shared_ptr<HttpCall>& call) {
    std::string all;
    for (const auto value : call->request().headers.GetAll("x-trino-session")) all.append(value).append(";");
    HttpResponse response = ContentResponse("text/plain", all);
    response.headers.Add("X-Set", "1");
    response.headers.Add("X-Set", "2");
    call->Respond(std::move(response));
  });
  http.server.Start();
  const HttpResponse response = http.client.Call(
      {.url = http.Url("/"), .headers = {{"X-Trino-Session", "a=1"}, {"x-trino-session", "b=2"}}});
  EXPECT_EQ("a=1;b=2;", response.body);
  EXPECT_EQ((std::vector<std::string_view>{"1", "2"}), response.headers.GetAll("x-set"));
}

TEST(HttpServer, ExceptionsAndDroppedCallsAnswer500) {
  HttpFixture http;
  http.server.Route("GET", "/throw", [](const std::shared_ptr<HttpCall>&) {
    throw TrinoException(errors::INVALID_ARGUMENTS, "no such thing");
  });
  http.server.Route("GET", "/drop", [](const std::shared_ptr<HttpCall>&) {});
  http.server.Start();
  const HttpResponse thrown = http.Get("/throw");
  EXPECT_EQ(500, thrown.status);
  EXPECT_EQ("INVALID_ARGUMENTS: no such thing\n", thrown.body);
  EXPECT_EQ(500, http.Get("/drop").status);
}

TEST(HttpServer, FirstAnswerWins) {
  HttpFixture http;
  http.server.Route("GET", "/", [](const std::shared_ptr<HttpCall>& call) {
    call->Respond(ContentResponse("text/plain", "first"));
    call->Respond(ContentResponse("text/plain", "second"));
    call->StartStream(200, {});
    EXPECT_EQ(0u, call->Write("third"));
    call->Finish();
  });
  http.server.Start();
  EXPECT_EQ("first", http.Get("/").body);
  EXPECT_EQ("first", http.Get("/").body);
}

TEST(HttpServer, HeadHasTheLengthButNoBody) {
  HttpFixture http;
  http.server.Route("GET", "/", [](const std::shared_ptr<HttpCall>& call) {
    call->Respond(ContentResponse("text/plain", "12345"));
  });
  http.server.Start();
  const HttpResponse response = http.client.Call({.method = "HEAD", .url = http.Url("/")});
  EXPECT_EQ(200, response.status);
  EXPECT_EQ("5", response.headers.Get("Content-Length"));
  EXPECT_EQ("", response.body);
  EXPECT_EQ("12345", http.Get("/").body);
}

TEST(HttpServer, LargeBodiesBothWays) {
  HttpFixture http;
  http.server.Route("POST", "/", Echo());
  http.server.Start();
  std::string body(64 << 20, 'x');
  for (size_t i = 0; i < body.size(); i += 4096) body[i] = static_cast<char>(i >> 12);
  const HttpResponse response = http.client.Call({.method = "POST", .url = http.Url("/"), .body = body});
  EXPECT_TRUE(response.body == body);
}

TEST(HttpServer, GzipOnlyWhereAcceptedAndWorthwhile) {
  HttpFixture http;
  const std::string large(10000, 'z');
  http.server.Route("GET", "/{size}", [&](const std::shared_ptr<HttpCall>& call) {
    HttpResponse response =
        ContentResponse("text/plain", call->path_parameter("size") == "large" ? large : "small");
    response.gzip = true;
    call->Respond(std::move(response));
  });
  http.server.Start();
  const auto get = [&](const std::string& path, const std::string& accept) {
    return http.client.Call({.url = http.Url(path), .headers = {{"Accept-Encoding", accept}}});
  };
  const HttpResponse compressed = get("/large", "gzip");
  EXPECT_EQ("gzip", compressed.headers.Get("Content-Encoding"));
  EXPECT_EQ(large, GzipDecompress(compressed.body, large.size()));
  EXPECT_EQ(large, get("/large", "identity").body);
  EXPECT_EQ("small", get("/small", "gzip").body);
}

TEST(HttpServer, LongPollsHoldNoThread) {
  HttpFixture http;
  std::mutex mutex;
  std::vector<std::shared_ptr<HttpCall>> waiting;
  Arrival<bool> all_here;
  constexpr size_t kPolls = 200;
  http.server.Route("GET", "/poll", [&](std::shared_ptr<HttpCall> call) {
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(call));
    if (waiting.size() == kPolls) all_here.Set(true);
  });
  http.server.Start();
  std::atomic<size_t> answered = 0;
  Arrival<bool> all_answered;
  for (size_t i = 0; i < kPolls; ++i)
    http.client.Send({.url = http.Url("/poll")}, [&](const HttpOutcome& outcome) {
      const auto* response = std::get_if<HttpResponse>(&outcome);
      EXPECT_TRUE(response && response->body == "now");
      if (++answered == kPolls) all_answered.Set(true);
    });
  ASSERT_TRUE(all_here.Wait());
  EXPECT_EQ(0u, answered);
  std::thread elsewhere([&] {
    for (auto& call : waiting) call->Respond(ContentResponse("text/plain", "now"));
  });
  EXPECT_TRUE(all_answered.Wait());
  elsewhere.join();
}

TEST(HttpServer, StreamsInPieces) {
  HttpFixture http;
  Arrival<std::shared_ptr<HttpCall>> stream;
  http.server.Route("GET", "/stream", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {{"Content-Type", "text/plain"}});
    stream.Set(call);
  });
  http.server.Start();
  RawSocket socket(http.server.port());
  socket.Send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  auto call = stream.Wait().value();
  EXPECT_NE(std::string::npos, socket.ReadUntil("\r\n\r\n").find("Transfer-Encoding: chunked\r\n"));
  call->Write("first");
  EXPECT_EQ("5\r\nfirst\r\n", socket.ReadUntil("first\r\n"));
  call->Write("");
  call->Write("second!");
  EXPECT_EQ("7\r\nsecond!\r\n", socket.ReadUntil("second!\r\n"));
  call->Finish();
  EXPECT_EQ("0\r\n\r\n", socket.ReadUntil("0\r\n\r\n"));
  EXPECT_EQ(0u, call->Write("late"));
  socket.Send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(socket.ReadUntil("\r\n").starts_with("HTTP/1.1 404"));
}

TEST(HttpServer, StreamToHttp10EndsWithTheConnection) {
  HttpFixture http;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {});
    call->Write("all of ");
    call->Write("it");
    call->Finish();
  });
  http.server.Start();
  RawSocket socket(http.server.port());
  socket.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(socket.ReadAll().ends_with("\r\n\r\nall of it"));
}

TEST(HttpServer, UnreadStreamBytesAreCounted) {
  HttpFixture http;
  Arrival<std::shared_ptr<HttpCall>> stream;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {});
    stream.Set(call);
  });
  http.server.Start();
  RawSocket socket(http.server.port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  auto call = stream.Wait().value();
  size_t queued = 0;
  for (int i = 0; i < 1000 && queued < (size_t{1} << 20); ++i)
    queued = call->Write(std::string(1 << 20, 'x'));
  EXPECT_GE(queued, size_t{1} << 20);
}

TEST(HttpServer, UnfinishedStreamBreaksTheConnection) {
  HttpFixture http;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {});
    call->Write("part");
  });
  http.server.Start();
  EXPECT_THROW(http.Get("/"), TrinoException);
}

TEST(HttpServer, NoticesDisconnects) {
  HttpFixture http;
  Arrival<bool> arrived, gone, gone_again;
  std::shared_ptr<HttpCall> kept;
  http.server.Route("GET", "/poll", [&](const std::shared_ptr<HttpCall>& call) {
    kept = call;
    call->OnDisconnect([&] { gone.Set(true); });
    arrived.Set(true);
  });
  http.server.Start();
  {
    RawSocket socket(http.server.port());
    socket.Send("GET /poll HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(arrived.Wait());
    EXPECT_FALSE(gone.HasArrived());
  }
  EXPECT_TRUE(gone.Wait());
  kept->OnDisconnect([&] { gone_again.Set(true); });
  EXPECT_TRUE(gone_again.Wait());
  kept->Respond({});
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
  HttpFixture http;
  std::shared_ptr<HttpCall> slow;
  Arrival<bool> arrived;
  http.server.Route("GET", "/slow", [&](const std::shared_ptr<HttpCall>& call) {
    slow = call;
    arrived.Set(true);
  });
  http.server.Route("POST", "/echo", Echo());
  http.server.Start();
  RawSocket socket(http.server.port());
  socket.Send(
      "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n"
      "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(arrived.Wait());
  slow->Respond(ContentResponse("text/plain", "zero"));
  slow.reset();
  const std::string all = socket.ReadAll();
  const size_t zero = all.find("\r\n\r\nzero"), one = all.find("\r\n\r\none"), two = all.find("\r\n\r\ntwo");
  EXPECT_LT(zero, one);
  EXPECT_LT(one, two);
  EXPECT_LT(two, all.find("HTTP/1.1 404"));
}

TEST(HttpServer, ExpectContinueIsHonoured) {
  HttpFixture http;
  http.server.Route("POST", "/", Echo());
  http.server.Start();
  RawSocket socket(http.server.port());
  socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ("HTTP/1.1 100 Continue\r\n\r\n", socket.ReadUntil("\r\n\r\n"));
  socket.Send("hello");
  EXPECT_TRUE(socket.ReadUntil("hello").starts_with("HTTP/1.1 200 OK\r\n"));
}

std::string StatusLine(uint16_t port, std::string_view bytes) {
  RawSocket socket(port);
  socket.Send(bytes);
  const std::string answer = socket.ReadAll();
  return answer.substr(0, answer.find("\r\n"));
}

TEST(HttpServer, MalformedAndOversizedInput) {
  HttpServerOptions options;
  options.max_header_bytes = 4096;
  options.max_body_bytes = 1000;
  HttpFixture http(options);
  http.server.Route("POST", "/", Echo());
  http.server.Start();
  const uint16_t port = http.server.port();
  EXPECT_EQ("HTTP/1.1 400 Bad Request", StatusLine(port, "what is this\r\n\r\n"));
  EXPECT_EQ("HTTP/1.1 400 Bad Request", StatusLine(port, "GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ("HTTP/1.1 400 Bad Request", StatusLine(port, "GET /?a=%x HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(
      "HTTP/1.1 400 Bad Request",
      StatusLine(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"));
  EXPECT_EQ("HTTP/1.1 400 Bad Request",
            StatusLine(port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  const std::string header = "POST / HTTP/1.1\r\nHost: x\r\nX: " + std::string(10000, 'y') + "\r\n\r\n";
  EXPECT_EQ("HTTP/1.1 431 Request Header Fields Too Large", StatusLine(port, header));
  const std::string body =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + std::string(2000000, 'y');
  EXPECT_EQ("HTTP/1.1 413 Content Too Large", StatusLine(port, body));
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'y');
  EXPECT_EQ("HTTP/1.1 413 Content Too Large", StatusLine(port, chunked));
  const HttpResponse large =
      http.client.Call({.method = "POST", .url = http.Url("/"), .body = std::string(5 << 20, 'x')});
  EXPECT_EQ(413, large.status);
  EXPECT_EQ("ok", http.client.Call({.method = "POST", .url = http.Url("/"), .body = "ok"}).body);
}

TEST(HttpServer, SurvivesRandomBytes) {
  HttpServerOptions options;
  options.max_body_bytes = 10000;
  options.idle_timeout = 2s;
  HttpFixture http(options);
  http.server.Route("POST", "/v1/{rest*}", Echo());
  http.server.Start();
  const std::string valid =
      "POST /v1/a%20b?c=d HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\nPOST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: "
      "close\r\n\r\nbody";
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = valid;
    for (unsigned k = random() % 8 + 1; k > 0; --k) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 20 + 1);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 20));
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    RawSocket socket(http.server.port());
    socket.Send(bytes);
    socket.ShutdownSend();
    socket.ReadAll();
  }
  EXPECT_EQ("ok", http.client.Call({.method = "POST", .url = http.Url("/v1/"), .body = "ok"}).body);
}

TEST(HttpServer, IdleConnectionsAreClosed) {
  HttpServerOptions options;
  options.idle_timeout = 50ms;
  HttpFixture http(options);
  http.server.Start();
  RawSocket silent(http.server.port());
  EXPECT_EQ("", silent.ReadAll());
  RawSocket halfway(http.server.port());
  halfway.Send("GET / HTT");
  EXPECT_EQ("", halfway.ReadAll());
}

TEST(HttpServer, MoreClientsThanConnectionsWaitTheirTurn) {
  HttpServerOptions options;
  options.max_connections = 2;
  HttpFixture http(options);
  http.server.Route("POST", "/", Echo());
  http.server.Start();
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 10; ++i) {
    sockets.emplace_back(http.server.port());
    sockets.back().Send(request);
  }
  for (auto& socket : sockets) {
    EXPECT_TRUE(socket.ReadAll().ends_with("\r\n\r\nok"));
    socket.Close();
  }
}

TEST(HttpServer, FileRanges) {
  const auto path = std::filesystem::temp_directory_path() / ("planaria_range_" + std::to_string(getpid()));
  std::string content(3 << 20, ' ');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 3);
  std::ofstream(path, std::ios::binary) << content;
  HttpFixture http;
  http.server.Route("GET", "/{offset}/{length}", [&](const std::shared_ptr<HttpCall>& call) {
    const std::string& length = call->path_parameter("length");
    call->RespondFile(path, std::stoull(call->path_parameter("offset")),
                      length == "end" ? HttpCall::kToEnd : std::stoull(length));
  });
  http.server.Route("GET", "/missing", [](const std::shared_ptr<HttpCall>& call) {
    call->RespondFile("/nonexistent/file", 0, HttpCall::kToEnd);
  });
  http.server.Start();
  EXPECT_TRUE(http.Get("/0/end").body == content);
  EXPECT_TRUE(http.Get("/1000001/1500000").body == content.substr(1000001, 1500000));
  EXPECT_EQ("", http.Get("/5/0").body);
  EXPECT_EQ(416, http.Get("/0/" + std::to_string(content.size() + 1)).status);
  EXPECT_EQ(416, http.Get("/99999999/end").status);
  EXPECT_EQ(404, http.Get("/missing").status);
  EXPECT_EQ(std::to_string(content.size()),
            http.client.Call({.method = "HEAD", .url = http.Url("/0/end")}).headers.Get("Content-Length"));
  std::filesystem::remove(path);
}

TEST(HttpServer, StopsWithCallsInFlight) {
  std::vector<std::shared_ptr<HttpCall>> kept;
  std::atomic<int> gone = 0;
  {
    HttpFixture http;
    Arrival<bool> all_here;
    std::mutex mutex;
    http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
      std::lock_guard lock(mutex);
      call->OnDisconnect([&] { ++gone; });
      kept.push_back(call);
      if (kept.size() == 20) all_here.Set(true);
    });
    http.server.Start();
    std::atomic<int> failed = 0;
    Arrival<bool> all_failed;
    for (int i = 0; i < 20; ++i)
      http.client.Send({.url = http.Url("/")}, [&](const HttpOutcome& outcome) {
        EXPECT_TRUE(std::holds_alternative<HttpError>(outcome));
        if (++failed == 20) all_failed.Set(true);
      });
    ASSERT_TRUE(all_here.Wait());
    kept[0]->StartStream(200, {});
    http.server.Stop();
    EXPECT_EQ(20, gone);
    EXPECT_TRUE(all_failed.Wait());
    EXPECT_EQ(0u, http.server.connections());
  }
  kept[1]->Respond({});
  kept[0]->Write("late");
  kept[2]->OnDisconnect([] {});
  kept.clear();
}

TEST(HttpServer, TakenPortIsAnError) {
  HttpFixture http;
  HttpServerOptions options;
  options.port = http.server.port();
  EXPECT_THROW(HttpServer(http.loop, options), TrinoException);
}

}  // namespace
}  // namespace planaria
