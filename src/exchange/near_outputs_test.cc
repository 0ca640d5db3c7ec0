#include "exchange/near_outputs.h"

#include "base/fault_points.h"
#include "env/blocking_pool.h"
#include "env/executor.h"
#include "env/http_server.h"
#include "env/tcp_http_client.h"
#include "exchange/keeping_store.h"
#include "exchange/kept_fixture.h"
#include "exchange/kept_routes.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

/// In memory, and remote as far as readers can tell; counts what they read.
class FarStore final : public storage::MemoryObjectStore {
 public:
  FarStore() : MemoryObjectStore("far") {}
  bool remote() const override { return true; }
  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    reads++;
    MemoryObjectStore::Read(key, offset, length, buffer);
  }
  std::atomic<int> reads = 0;
};

FaultRule Rule(const char* point, FaultAction action = FaultAction::kFail, uint32_t times = UINT32_MAX) {
  FaultRule rule;
  rule.point = point;
  rule.action = action;
  rule.times = times;
  return rule;
}

/// A producer's node that serves what it keeps, and a consumer's.
class NearOutputsTest : public testing::Test {
 protected:
  NearOutputsTest() {
    ServeKept(server_, work_, *made_);
    server_.Start();
    url_ = "http://127.0.0.1:" + std::to_string(server_.port());
    SpoolWriter writer(SpoolPlace(made_at_, Producer(1)), 2, Producer(1), {0, 1 << 16, {}, key_});
    for (int i = 0; i < 40; i++) Append(writer, i % 2, PageOf(i, 9'000), i);
    manifest_ = Share(writer.Finish());
  }
  ~NearOutputsTest() override {
    FaultPoints::Instance().Set({});
    server_.Stop();
  }

  /// What the consumer's node reads of partition 1, all of it right.
  void ReadAll(const std::shared_ptr<OutputHolders>& holders, size_t range_bytes = 4 << 20) {
    SpoolReaderOptions options;
    options.read_bytes = range_bytes;
    options.key = key_;
    options.near = holders;
    options.traffic = traffic_ = std::make_shared<SpoolTraffic>();
    SpoolReader reader(read_at_, {manifest_}, PartitionSet::Range(1, 1), options);
    size_t pages = 0;
    while (const auto page = reader.Next()) {
      pages++;
      EXPECT_TRUE(std::string(reinterpret_cast<const char*>(page->data), page->size) ==
                  PageOf(page->rows, 9'000));
    }
    EXPECT_EQ(pages, 20u);
  }
  std::shared_ptr<OutputHolders> Holders(const std::string& uri) {
    auto holders = std::make_shared<OutputHolders>(nodes_);
    holders->Add(uri, {0, 1});
    return holders;
  }

  const Secret key_{std::string(32, 'k')};
  EventLoop loop_{2};
  SystemClock clock_;
  TcpHttpClient client_{loop_};
  const std::shared_ptr<HeapMemory> memory_ = std::make_shared<HeapMemory>();
  const std::shared_ptr<KeptOutputs> made_ =
      std::make_shared<KeptOutputs>(memory_, KeptOutputsOptions{1 << 20, 0, ""});
  const std::shared_ptr<KeptOutputs> own_ =
      std::make_shared<KeptOutputs>(memory_, KeptOutputsOptions{1 << 20, 0, ""});
  BlockingPool work_{1};
  HttpServer server_{loop_, HttpServerOptions{}};
  std::string url_;
  const std::shared_ptr<FarStore> far_ = std::make_shared<FarStore>();
  storage::StoreSet made_at_{{KeepOutputs(far_, made_)}};
  storage::StoreSet read_at_{{KeepOutputs(far_, own_)}};
  std::shared_ptr<NearNodes> nodes_ = std::make_shared<NearNodes>(
      client_, clock_, own_, NearNodesOptions{.patience = std::chrono::milliseconds(500)});
  std::shared_ptr<const Manifest> manifest_;
  std::shared_ptr<SpoolTraffic> traffic_;
};

TEST_F(NearOutputsTest, TheNodeThatMadeItIsAsked) {
  ReadAll(Holders(url_));
  EXPECT_EQ(far_->reads, 0);
  EXPECT_EQ(traffic_->reads, 0u);
  EXPECT_EQ(traffic_->near_reads, 1u);
  EXPECT_GT(traffic_->near_read_bytes, 20 * 9'000u);
  EXPECT_EQ(made_->counts().hits, 1u);
}

TEST_F(NearOutputsTest, TheNodeItselfNeedsNoNetwork) {
  nodes_ = std::make_shared<NearNodes>(client_, clock_, made_);
  server_.Stop();
  ReadAll(std::make_shared<OutputHolders>(nodes_));
  EXPECT_EQ(far_->reads, 0);
}

TEST_F(NearOutputsTest, WithoutANodeTheStoreIs) {
  ReadAll(std::make_shared<OutputHolders>(nodes_));
  EXPECT_EQ(far_->reads, 1);
  EXPECT_EQ(traffic_->reads, 1u);
  EXPECT_EQ(traffic_->near_reads, 0u);
}

TEST_F(NearOutputsTest, WhatIsGoneComesFromTheStore) {
  made_->DropQuery(Producer(1).query);
  ReadAll(Holders(url_), 20'000);
  EXPECT_EQ(far_->reads, 20);
  EXPECT_EQ(traffic_->near_reads, 0u);
}

TEST_F(NearOutputsTest, PartOfItToo) {
  memory_->share = 250'000;
  const auto writing = made_->Begin("20261122_190000_00002_abcde/1.0.0");
  writing->Append(std::string(60'000, ' ').data(), 60'000);
  EXPECT_GT(made_->counts().evicted, 0u);
  ReadAll(Holders(url_), 20'000);
  EXPECT_GT(far_->reads, 0);
  EXPECT_GT(traffic_->near_reads, 0u);
  EXPECT_EQ(far_->reads + traffic_->near_reads, 20u);
}

TEST_F(NearOutputsTest, ANodeThatRefusesIsNotAskedAgain) {
  FaultPoints::Instance().Set({Rule("kept.get")});
  ReadAll(Holders(url_), 20'000);
  EXPECT_EQ(far_->reads, 20);
  EXPECT_EQ(FaultPoints::Instance().Fired(), std::vector<uint64_t>{1});
  ReadAll(Holders(url_), 20'000);
  EXPECT_EQ(FaultPoints::Instance().Fired(), std::vector<uint64_t>{1}) << "nor by another task";
}

TEST_F(NearOutputsTest, ANodeThatSaysNothingCostsItsPatienceOnce) {
  FaultPoints::Instance().Set({Rule("kept.get", FaultAction::kHang)});
  const auto started = std::chrono::steady_clock::now();
  ReadAll(Holders(url_), 20'000);
  EXPECT_EQ(far_->reads, 20);
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(500));
  EXPECT_EQ(FaultPoints::Instance().Fired(), std::vector<uint64_t>{1});
}

TEST_F(NearOutputsTest, ANodeThatIsNotThere) {
  server_.Stop();
  ReadAll(Holders(url_));
  EXPECT_EQ(far_->reads, 1);
}

TEST_F(NearOutputsTest, AfterAWhileANodeIsAskedAgain) {
  nodes_ = std::make_shared<NearNodes>(client_, clock_, own_,
                                       NearNodesOptions{.avoidance = std::chrono::milliseconds(1)});
  FaultPoints::Instance().Set({Rule("kept.get", FaultAction::kFail, 1)});
  ReadAll(Holders(url_));
  EXPECT_EQ(far_->reads, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ReadAll(Holders(url_));
  EXPECT_EQ(far_->reads, 1);
}

TEST_F(NearOutputsTest, DamagedBytesAreReadAgainFromTheStore) {
  FaultPoints::Instance().Set({Rule("kept.read")});
  // A range a block: what is changed is in it.
  ReadAll(Holders(url_), 1);
  EXPECT_EQ(FaultPoints::Instance().Fired(), std::vector<uint64_t>{1})
      << "the object is not trusted any more";
  EXPECT_EQ(traffic_->near_reads, 1u);
  EXPECT_EQ(far_->reads, 20);
}

TEST_F(NearOutputsTest, WhatIsDamagedEverywhereIsLost) {
  FaultPoints::Instance().Set({Rule("kept.read")});
  far_->DeletePrefix(Producer(1).query.value);
  EXPECT_THROW(ReadAll(Holders(url_), 1), SpooledDataLost);
}

TEST_F(NearOutputsTest, RefusesWhatIsNoRequest) {
  const std::string key = SpoolKey(Producer(1));
  const auto status = [&](const std::string& target) {
    ClientRequest request;
    request.url = url_ + "/v1/kept/" + target;
    return client_.Call(request).status;
  };
  for (const char* wrong : {"", "?offset=0", "?length=1", "?offset=-1&length=1", "?offset=0&length=67108865",
                            "?offset=18446744073709551615&length=1", "?offset=x&length=1"}) {
    EXPECT_EQ(status(key + wrong), 400) << wrong;
  }
  EXPECT_EQ(status("..%2f..%2fetc?offset=0&length=1"), 400);
  EXPECT_EQ(status(key + "?offset=0&length=16"), 200);
  EXPECT_EQ(status(key + "?offset=1000000&length=16"), 416);
  EXPECT_EQ(status("20261122_190000_00001_abcde/9.9.9?offset=0&length=1"), 404);
}

}  // namespace
}  // namespace planaria::exchange
