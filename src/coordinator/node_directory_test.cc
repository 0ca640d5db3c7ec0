#include "coordinator/node_directory.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <set>

#include "env/executor.h"
#include "env/http_server.h"
#include "env/tcp_http_client.h"

namespace planaria::coordinator {
namespace {

constexpr auto kLong = std::chrono::seconds(30);

TEST(NodeDirectoryTest, OnlyTheLastOfThoseThatWereLostAreRemembered) {
  EventLoop loop{1};
  TcpHttpClient client{loop};
  HttpServer server{loop, HttpServerOptions{}};
  // Nodes that answer and are gone at once.
  server.Route("GET", "/v1/task/reports",
               [](std::shared_ptr<HttpCall> call) { call->Respond(HttpResponse{}); });
  server.Start();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> lost;
  NodeDirectory directory(client, std::chrono::seconds(5),
                          {.on_joined = [](const protocol::NodeAnnouncement&) {},
                           .on_lost =
                               [&](const protocol::NodeAnnouncement& node, const Error&) {
                                 const std::lock_guard lock(mutex);
                                 lost.push_back(node.node.value);
                                 changed.notify_all();
                               },
                           .on_draining = [](const protocol::NodeAnnouncement&) {},
                           .on_report = [](const NodeId&, protocol::TaskReport, std::function<void()>) {}});
  constexpr size_t kNodes = NodeDirectory::kRememberedLosses + 20;
  for (size_t i = 0; i < kNodes; i++) {
    protocol::NodeAnnouncement node;
    node.node = {"n" + std::to_string(i)};
    node.instance = "first";
    node.internal_uri = "http://127.0.0.1:" + std::to_string(server.port());
    directory.Announce(node);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kLong, [&] { return lost.size() == i + 1; }));
  }
  std::set<std::string> known;
  for (const ClusterNode& node : directory.Nodes()) known.insert(node.announcement.node.value);
  EXPECT_EQ(known, std::set<std::string>(lost.begin() + 20, lost.end()));
  // One that is forgotten may come back like any other.
  protocol::NodeAnnouncement back;
  back.node = {"n0"};
  back.instance = "first";
  back.internal_uri = "http://127.0.0.1:" + std::to_string(server.port());
  directory.Announce(back);
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kLong, [&] { return lost.size() == kNodes + 1; }));
  }
  EXPECT_EQ(lost.back(), "n0");
  server.Stop();
}

}  // namespace
}  // namespace planaria::coordinator
