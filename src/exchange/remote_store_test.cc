#include "exchange/remote_store.h"

#include "env/executor.h"
#include "env/http_server.h"
#include "env/tcp_http_client.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {
namespace {

class RemoteStoreTest : public SpoolTest {
 protected:
  void SetUp() override {
    SpoolTest::SetUp();
    store_ = std::make_shared<storage::LocalObjectStore>(directory_ + "/a");
    ServeSpool(server_, store_);
    server_.Start();
    url_ = "http://127.0.0.1:" + std::to_string(server_.port());
  }
  void TearDown() override {
    server_.Stop();
    SpoolTest::TearDown();
  }

  std::shared_ptr<const Manifest> Spool() {
    const std::string key = SpoolKey(Producer(1));
    SpoolWriter writer({store_, key}, 2, Producer(1), {0, 1 << 20});
    for (int i = 0; i < 100; i++) Append(writer, i % 2, PageOf(i, 90'000), i);
    const Manifest written = writer.Finish();
    return Share(Manifest::OfObject(written.producer(), RemoteLocation(url_, key), 2,
                                    {written.blocks().begin(), written.blocks().end()}));
  }

  EventLoop loop_{2};
  TcpHttpClient client_{loop_};
  HttpServer server_{loop_, HttpServerOptions{}};
  std::shared_ptr<storage::LocalObjectStore> store_;
  std::string url_;
};

TEST_F(RemoteStoreTest, ReadsWhatAnotherNodeSpooled) {
  RemoteLocator locator(client_, stores_);
  SpoolReader reader(locator, {Spool()}, PartitionSet::Range(1, 1));
  size_t pages = 0;
  while (const auto page = reader.Next()) {
    pages++;
    EXPECT_TRUE(std::string(reinterpret_cast<const char*>(page->data), page->size) ==
                PageOf(page->rows, 90'000));
  }
  EXPECT_EQ(pages, 50u);
}

TEST_F(RemoteStoreTest, MissingShortAndUnreachableObjectsAreLost) {
  RemoteLocator locator(client_, stores_);
  const auto manifest = Spool();
  const std::string path = store_->Path(SpoolKey(Producer(1)));
  const auto read = [&] {
    SpoolReader reader(locator, {manifest}, PartitionSet::All());
    ReadAll(reader);
  };
  EXPECT_NO_THROW(read());
  std::filesystem::resize_file(path, 500'000);
  EXPECT_THROW(read(), SpooledDataLost);
  std::filesystem::remove(path);
  EXPECT_THROW(read(), SpooledDataLost);
  server_.Stop();
  EXPECT_THROW(read(), SpooledDataLost);
}

TEST_F(RemoteStoreTest, ServesNothingOutsideTheStore) {
  for (const char* target :
       {"/v1/spool/..%2f..%2fetc%2fpasswd?offset=0&length=1", "/v1/spool/?offset=0&length=1",
        "/v1/spool/.hidden?offset=0&length=1", "/v1/spool/q/1?offset=0", "/v1/spool/q/1?offset=-1&length=1",
        "/v1/spool/q/1?offset=0&length=99999999999999999999"}) {
    ClientRequest request;
    request.url = url_ + target;
    EXPECT_EQ(client_.Call(request).status, 400) << target;
  }
}

TEST_F(RemoteStoreTest, FindsLocalLocationsToo) {
  RemoteLocator locator(client_, stores_);
  const storage::ObjectPlace place = SpoolPlace(*stores_, Producer(1));
  EXPECT_EQ(locator.Find(place.Location()).store, place.store);
  const storage::ObjectPlace remote = locator.Find(RemoteLocation(url_, "q/1.2.3"));
  EXPECT_EQ(remote.Location(), url_ + "/v1/spool/q/1.2.3");
  EXPECT_THROW(remote.store->Create(remote.key), TrinoException);
  EXPECT_THROW(remote.store->DeletePrefix(remote.key), TrinoException);
  EXPECT_THROW(locator.Find("http://host/elsewhere/q"), TrinoException);
  EXPECT_THROW(locator.Find(url_ + "/v1/spool/../x"), TrinoException);
}

}  // namespace
}  // namespace planaria::exchange
