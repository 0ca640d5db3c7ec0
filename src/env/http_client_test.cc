#include "env/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "env/http_test_support.h"

namespace planaria {
namespace {

using test::Arrival;
using test::HttpFixture;
using test::RawListener;
using test::RawSocket;
using namespace std::chrono_literals;
using Kind = HttpError::Kind;

std::string LocalUrl(const RawListener& listener) {
  return "http://127.0.0.1:" + std::to_string(listener.port()) + "/x";
}

/// Sends and waits; fails the test unless the outcome is an error.
Kind ErrorOf(HttpClient& client, ClientRequest request) {
  Arrival<HttpOutcome> arrival;
  client.Send(std::move(request), [&](HttpOutcome outcome) { arrival.Set(std::move(outcome)); });
  const auto outcome = arrival.Wait();
  EXPECT_TRUE(outcome && std::holds_alternative<HttpError>(*outcome));
  return std::get<HttpError>(outcome.value()).kind;
}

TEST(HttpClient, KeepsAndReusesConnections) {
  HttpFixture http;
  http.server.Route("GET", "/", [](const std::shared_ptr<HttpCall>& call) { call->Respond({}); });
  http.server.Start();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(200, http.Get("/").status);
  EXPECT_EQ(1u, http.client.idle_connections());
  EXPECT_EQ(1u, http.server.connections());
}

TEST(HttpClient, RetriesAConnectionThatWasClosedMeanwhile) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  std::thread server([&] {
    RawSocket first = listener.Accept();
    first.ReadUntil("\r\n\r\n");
    first.Send(answer + "1!");
    // The connection dies only after the next request has arrived, so that the check before reuse cannot see
    // it.
    first.ReadUntil("\r\n\r\n");
    first.Reset();
    RawSocket second = listener.Accept();
    second.ReadUntil("\r\n\r\n");
    second.Send(answer + "2!");
    second.ReadUntil("\r\n\r\n");
    second.Reset();
  });
  EXPECT_EQ("1!", client.Call({.url = LocalUrl(listener)}).body);
  EXPECT_EQ("2!", client.Call({.url = LocalUrl(listener)}).body);
  EXPECT_EQ(Kind::kReset, ErrorOf(client, {.method = "POST", .url = LocalUrl(listener)}));
  server.join();
}

TEST(HttpClient, DropsIdleConnectionsThatTheServerClosed) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  Arrival<bool> closed;
  std::thread server([&] {
    for (int i = 0; i < 2; ++i) {
      RawSocket socket = listener.Accept();
      socket.ReadUntil("\r\n\r\n");
      socket.Send("HTTP/1.1 204 No Content\r\n\r\n");
      socket.Close();
      closed.Set(true);
    }
  });
  EXPECT_EQ(204, client.Call({.method = "POST", .url = LocalUrl(listener)}).status);
  ASSERT_TRUE(closed.Wait());
  EXPECT_EQ(204, client.Call({.method = "POST", .url = LocalUrl(listener)}).status);
  server.join();
}

TEST(HttpClient, Errors) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  uint16_t free_port;
  {
    RawListener listener;
    free_port = listener.port();
  }
  const std::string nobody = "http://127.0.0.1:" + std::to_string(free_port) + "/path";
  EXPECT_EQ(Kind::kRefused, ErrorOf(client, {.url = nobody}));
  EXPECT_EQ(Kind::kRefused, ErrorOf(client, {.url = "http://no-such-host.invalid/"}));
  EXPECT_EQ(Kind::kMalformed, ErrorOf(client, {.url = "nonsense"}));
  try {
    client.Call({.url = nobody});
    ADD_FAILURE() << "no exception";
  } catch (const TrinoException& exception) {
    EXPECT_EQ(errors::REMOTE_HOST_GONE, exception.error().code);
    EXPECT_NE(std::string::npos, exception.error().message.find(nobody));
  }
}

Kind ErrorAfterAnswer(const std::string& answer, bool reset = false) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  std::thread server([&] {
    RawSocket socket = listener.Accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send(answer);
    if (reset) socket.Reset();
  });
  const Kind kind = ErrorOf(client, {.url = LocalUrl(listener), .max_response_bytes = 10});
  server.join();
  return kind;
}

TEST(HttpClient, BrokenAnswers) {
  EXPECT_EQ(Kind::kReset, ErrorAfterAnswer(""));
  EXPECT_EQ(Kind::kReset, ErrorAfterAnswer("", true));
  EXPECT_EQ(Kind::kReset, ErrorAfterAnswer("HTTP/1.1 200 O"));
  EXPECT_EQ(Kind::kReset, ErrorAfterAnswer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"));
  EXPECT_EQ(Kind::kReset,
            ErrorAfterAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"));
  EXPECT_EQ(Kind::kMalformed, ErrorAfterAnswer("SSH-2.0-OpenSSH\r\n\r\n"));
  EXPECT_EQ(Kind::kTooLarge, ErrorAfterAnswer("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"));
  EXPECT_EQ(Kind::kTooLarge, ErrorAfterAnswer("HTTP/1.1 200 OK\r\n\r\n0123456789ab"));
}

TEST(HttpClient, InterimAnswersAndBodiesToTheEnd) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  std::thread server([&] {
    RawSocket socket = listener.Accept();
    socket.ReadUntil("\r\n\r\n");
    socket.Send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n\r\nuntil the end");
  });
  const HttpResponse response = client.Call({.url = LocalUrl(listener)});
  EXPECT_EQ("until the end", response.body);
  EXPECT_FALSE(response.headers.Has("Link"));
  EXPECT_EQ(0u, client.idle_connections());
  server.join();
}

TEST(HttpClient, DeadlineCoversTheWholeExchange) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  try {
    client.Call({.url = LocalUrl(listener), .deadline = 50ms});
    ADD_FAILURE() << "no exception";
  } catch (const TrinoException& exception) {
    EXPECT_EQ(errors::PAGE_TRANSPORT_TIMEOUT, exception.error().code);
    EXPECT_NE(std::string::npos, exception.error().message.find(LocalUrl(listener)));
  }
}

TEST(HttpClient, DestructionEndsWhatIsInFlight) {
  EventLoop loop(2);
  RawListener listener;
  std::atomic<int> closed = 0;
  {
    TcpHttpClient client(loop);
    for (int i = 0; i < 10; ++i)
      client.Send({.url = LocalUrl(listener)}, [&](const HttpOutcome& outcome) {
        if (std::get<HttpError>(outcome).kind == Kind::kClosed) ++closed;
      });
  }
  EXPECT_EQ(10, closed);
}

/// Records what a stream reports.
struct StreamLog {
  std::mutex mutex;
  std::condition_variable changed;
  int status = 0;
  std::string data;
  bool ended = false;
  std::optional<HttpError> error;

  HttpClient::StreamCallbacks Callbacks() {
    return {[this](const HttpResponse& head) { Update([&] { status = head.status; }); },
            [this](std::string_view bytes) { Update([&] { data += bytes; }); },
            [this](std::optional<HttpError> failure) {
              Update([&] {
                ended = true;
                error = std::move(failure);
              });
            }};
  }
  void Update(const std::function<void()>& change) {
    std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }
  bool Wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 30s, condition);
  }
};

TEST(HttpStream, DataAsItComesAndACleanEnd) {
  HttpFixture http;
  Arrival<std::shared_ptr<HttpCall>> arrival;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(201, {});
    arrival.Set(call);
  });
  http.server.Start();
  StreamLog log;
  auto stream = http.client.OpenStream({.url = http.Url("/")}, log.Callbacks());
  auto call = arrival.Wait().value();
  EXPECT_TRUE(log.Wait([&] { return log.status == 201; }));
  call->Write("one");
  EXPECT_TRUE(log.Wait([&] { return log.data == "one"; }));
  call->Write(std::string(1 << 20, 'x'));
  EXPECT_TRUE(log.Wait([&] { return log.data.size() == 3 + (1 << 20); }));
  call->Finish();
  EXPECT_TRUE(log.Wait([&] { return log.ended; }));
  EXPECT_FALSE(log.error);
  EXPECT_EQ(1u, http.client.idle_connections());
}

TEST(HttpStream, EndsWhenThePeerClosesOrResets) {
  for (const bool reset : {false, true}) {
    EventLoop loop(2);
    TcpHttpClient client(loop);
    RawListener listener;
    StreamLog log;
    auto stream = client.OpenStream({.url = LocalUrl(listener)}, log.Callbacks());
    RawSocket peer = listener.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
    EXPECT_TRUE(log.Wait([&] { return log.data == "ab"; }));
    EXPECT_FALSE(log.ended);
    reset ? peer.Reset() : peer.Close();
    EXPECT_TRUE(log.Wait([&] { return log.ended; }));
    ASSERT_TRUE(log.error);
    EXPECT_EQ(Kind::kReset, log.error->kind);
  }
}

TEST(HttpStream, IdleTimeoutAndDeadlineForTheHead) {
  EventLoop loop(2);
  TcpHttpClient client(loop);
  RawListener listener;
  StreamLog silent;
  auto first = client.OpenStream({.url = LocalUrl(listener), .deadline = 50ms}, silent.Callbacks());
  EXPECT_TRUE(silent.Wait([&] { return silent.ended; }));
  EXPECT_EQ(Kind::kTimeout, silent.error->kind);
  listener.Accept();

  StreamLog stalled;
  auto second = client.OpenStream({.url = LocalUrl(listener), .deadline = 10s, .idle_timeout = 50ms},
                                  stalled.Callbacks());
  RawSocket peer = listener.Accept();
  peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
  EXPECT_TRUE(stalled.Wait([&] { return stalled.ended; }));
  EXPECT_EQ(200, stalled.status);
  EXPECT_EQ(Kind::kTimeout, stalled.error->kind);
}

TEST(HttpStream, NothingAfterCancel) {
  HttpFixture http;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {});
    for (int i = 0; i < 100; ++i) call->Write(std::string(10000, 'x'));
    call->Finish();
  });
  http.server.Start();
  for (int i = 0; i < 50; ++i) {
    auto cancelled = std::make_unique<std::atomic<bool>>(false);
    std::atomic<int> late = 0;
    const auto check = [flag = cancelled.get(), &late] {
      if (*flag) ++late;
    };
    auto stream = http.client.OpenStream(
        {.url = http.Url("/")}, {[=](const HttpResponse&) { check(); }, [=](std::string_view) { check(); },
                                 [=](const std::optional<HttpError>&) { check(); }});
    if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(i * 20));
    stream->Cancel();
    *cancelled = true;
    stream.reset();
    EXPECT_EQ(0, late);
  }
}

TEST(HttpStream, MayBeDroppedInsideItsCallbacks) {
  HttpFixture http;
  http.server.Route("GET", "/", [&](const std::shared_ptr<HttpCall>& call) {
    call->StartStream(200, {});
    call->Write("data");
    call->Finish();
  });
  http.server.Start();
  std::mutex mutex;
  std::shared_ptr<HttpStream> stream;
  Arrival<bool> dropped;
  {
    std::lock_guard lock(mutex);
    stream = http.client.OpenStream({.url = http.Url("/")}, {nullptr,
                                                             [&](std::string_view) {
                                                               std::lock_guard inner(mutex);
                                                               stream.reset();
                                                               dropped.Set(true);
                                                             },
                                                             [](const std::optional<HttpError>&) {
                                                               ADD_FAILURE() << "ended after being dropped";
                                                             }});
  }
  EXPECT_TRUE(dropped.Wait());
}

}  // namespace
}  // namespace planaria
