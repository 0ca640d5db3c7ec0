// Outputs of running tasks: buffers, the store that finds them, readers in this node and over HTTP.
#include <gtest/gtest.h>

#include <thread>

#include "env/blocking_pool.h"
#include "env/http_server.h"
#include "env/http_test_support.h"
#include "env/tcp_http_client.h"
#include "exchange/spool_directory.h"
#include "exchange/spool_fixture.h"
#include "exchange/stream_reader.h"
#include "exchange/stream_routes.h"

namespace planaria::exchange {
namespace {

using std::chrono::milliseconds;
using test::Arrival;

std::shared_ptr<StreamBuffer> Buffer(std::vector<StreamReaderPlan> readers, uint64_t max_bytes = 1 << 20) {
  return std::make_shared<StreamBuffer>(Producer(0), 2, std::move(readers),
                                        StreamBufferOptions{.max_bytes = max_bytes});
}

void Append(StreamBuffer& buffer, uint32_t partition, const std::string& page) {
  buffer.Append(partition, reinterpret_cast<const uint8_t*>(page.data()), page.size(), 1);
}

std::string Text(const StreamPage& page) {
  return {reinterpret_cast<const char*>(page.data()), page.header.size};
}

/// What a read is answered at once; StreamMissing{} stands for no answer, too.
StreamAnswer ReadNow(StreamBuffer& buffer, const std::string& reader, uint64_t token) {
  StreamAnswer given = StreamMissing{};
  const uint64_t read =
      buffer.Read(reader, token, 1 << 20, [&](StreamAnswer answer) { given = std::move(answer); });
  buffer.GiveUp(reader, read);
  return given;
}

StreamPages PagesNow(StreamBuffer& buffer, const std::string& reader, uint64_t token) {
  return std::get<StreamPages>(ReadNow(buffer, reader, token));
}

TEST(StreamBufferTest, EveryReaderGetsItsPartitionsAndMayAskAgain) {
  const auto buffer = Buffer({{"a", {0}}, {"b", {0, 1}}});
  Append(*buffer, 0, "zero");
  Append(*buffer, 1, "one");
  for (int again = 0; again < 2; again++) {
    const StreamPages a = PagesNow(*buffer, "a", 0);
    ASSERT_EQ(a.pages.size(), 1u);
    EXPECT_EQ(Text(a.pages[0]), "zero");
    EXPECT_EQ(a.next_token, 1u);
    EXPECT_FALSE(a.complete);
  }
  EXPECT_EQ(PagesNow(*buffer, "b", 0).pages.size(), 2u);
  buffer->Finish();
  EXPECT_TRUE(PagesNow(*buffer, "a", 1).complete);
  EXPECT_TRUE(PagesNow(*buffer, "b", 0).complete);
  EXPECT_TRUE(std::holds_alternative<Error>(ReadNow(*buffer, "a", 0))) << "acknowledged pages are gone";
  EXPECT_TRUE(std::holds_alternative<Error>(ReadNow(*buffer, "a", 9)));
  EXPECT_TRUE(std::holds_alternative<Error>(ReadNow(*buffer, "c", 0)));
}

TEST(StreamBufferTest, APageStaysUntilAllReadersHaveIt) {
  const auto buffer = Buffer({{"a", {0}}, {"b", {0}}}, 100);
  Append(*buffer, 0, std::string(200, 'x'));
  bool woken = false;
  ASSERT_TRUE(buffer->Full([&] { woken = true; }));
  PagesNow(*buffer, "a", 1);
  EXPECT_FALSE(woken);
  PagesNow(*buffer, "b", 1);
  EXPECT_TRUE(woken);
  EXPECT_FALSE(buffer->Full({}));
  EXPECT_EQ(buffer->bytes_in_memory(), 0u);
}

TEST(StreamBufferTest, ReadersThatCloseNeedNothing) {
  const auto buffer = Buffer({{"a", {0}}, {"b", {1}}}, 100);
  Append(*buffer, 0, std::string(200, 'x'));
  bool woken = false;
  ASSERT_TRUE(buffer->Full([&] { woken = true; }));
  buffer->Close("a");
  EXPECT_TRUE(woken);
  EXPECT_TRUE(buffer->Wanted());
  std::optional<bool> taken;
  buffer->WhenTaken([&](bool whole) { taken = whole; });
  buffer->Close("b");
  EXPECT_FALSE(buffer->Wanted());
  EXPECT_FALSE(taken);
  buffer->Finish();
  EXPECT_EQ(taken, true);
}

TEST(StreamBufferTest, ADestroyedOutputIsMissing) {
  const auto buffer = Buffer({{"a", {0}}});
  std::optional<StreamAnswer> answer;
  std::optional<bool> taken;
  buffer->Read("a", 0, 100, [&](StreamAnswer given) { answer = std::move(given); });
  buffer->WhenTaken([&](bool whole) { taken = whole; });
  EXPECT_FALSE(answer);
  buffer->Destroy();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::holds_alternative<StreamMissing>(*answer));
  EXPECT_EQ(taken, false);
  Append(*buffer, 0, "late");
  EXPECT_TRUE(std::holds_alternative<StreamMissing>(ReadNow(*buffer, "a", 0)));
}

TEST_F(SpoolTest, PagesThatFindNoRoomAreSpilled) {
  BlockingPool pool(1);
  const auto buffer = std::make_shared<StreamBuffer>(
      Producer(0), 1, std::vector<StreamReaderPlan>{{"a", {0}}, {"b", {0}}},
      StreamBufferOptions{.max_bytes = 4000, .spill_directory = directory_ + "/spill", .spill_pool = &pool});
  for (uint32_t i = 0; i < 100; i++) {
    EXPECT_FALSE(buffer->Full({}));
    Append(*buffer, 0, PageOf(i, 1000));
  }
  EXPECT_LT(buffer->bytes_in_memory(), 6000u);
  EXPECT_TRUE(Files().empty()) << "spilled files have no name";
  buffer->Finish();
  for (const std::string reader : {"a", "b"}) {
    uint32_t read = 0;
    for (bool complete = false; !complete;) {
      Arrival<std::shared_ptr<StreamAnswer>> arrival;
      buffer->Read(reader, read, 5000, [&](StreamAnswer answer) {
        arrival.Set(std::make_shared<StreamAnswer>(std::move(answer)));
      });
      const auto answer = arrival.Wait();
      ASSERT_TRUE(answer);
      const auto& pages = std::get<StreamPages>(**answer);
      for (const StreamPage& page : pages.pages) ASSERT_EQ(Text(page), PageOf(read++, 1000));
      complete = pages.complete;
    }
    EXPECT_EQ(read, 100u);
  }
}

TEST(StreamPageTest, DamageIsNoticed) {
  const std::string text = "some page";
  const std::string joined =
      JoinBlocks({MakeStreamPage(3, reinterpret_cast<const uint8_t*>(text.data()), text.size(), 2)});
  ASSERT_EQ(SplitBlocks(joined, "here").size(), 1u);
  EXPECT_EQ(Text(SplitBlocks(joined, "here")[0]), text);
  for (size_t at = 0; at < kBlockHeaderBytes + text.size(); at++) {
    std::string damaged = joined;
    damaged[at] ^= 0x10;
    EXPECT_THROW(SplitBlocks(damaged, "here"), TrinoException) << at;
  }
  EXPECT_THROW(SplitBlocks(joined.substr(0, joined.size() - 1), "here"), TrinoException);
}

/// One node that is read by another, and by itself.
class StreamReaderTest : public testing::Test {
 protected:
  StreamReaderTest() {
    ServeStreams(server_, store_);
    server_.Start();
  }

  std::unique_ptr<StreamReader> Reader(size_t tasks, bool remote, uint64_t max_buffer_bytes = 1 << 20) {
    std::vector<StreamSource> sources;
    for (uint32_t task = 0; task < tasks; task++) {
      sources.push_back({Producer(task), remote ? "http://127.0.0.1:" + std::to_string(server_.port()) : ""});
    }
    return std::make_unique<StreamReader>(
        StreamNetwork{&client_, &loop_, &clock_, &store_}, std::move(sources),
        StreamReaderOptions{
            .name = "r", .max_buffer_bytes = max_buffer_bytes, .max_error_duration = milliseconds(300)});
  }

  static std::vector<std::string> ReadAll(StreamReader& reader) {
    std::vector<std::string> pages;
    while (true) {
      SpooledPage page;
      Arrival<bool> woken;
      switch (reader.Next(page, [&] { woken.Set(true); })) {
        case ReadState::kEnd:
          return pages;
        case ReadState::kLater:
          EXPECT_TRUE(woken.Wait());
          break;
        case ReadState::kPage:
          EXPECT_EQ(reinterpret_cast<uintptr_t>(page.data) % 8, 0u);
          pages.emplace_back(reinterpret_cast<const char*>(page.data), page.size);
      }
    }
  }

  EventLoop loop_{2};
  TcpHttpClient client_{loop_};
  HttpServer server_{loop_, {}};
  SystemClock clock_;
  BlockingPool spilling_{1};
  StreamStore store_{loop_,
                     spilling_,
                     {.max_buffer_bytes = 64 << 10,
                      .spill_directory = testing::TempDir(),
                      .appearance_wait = milliseconds(50)}};
};

TEST_F(StreamReaderTest, GetsEveryPageOnceFromTasksThatComeLate) {
  for (const bool remote : {false, true}) {
    const auto reader = Reader(3, remote);
    std::vector<std::thread> producers;
    std::vector<std::string> expected;
    std::atomic<int> taken = 0;
    for (uint32_t task = 0; task < 3; task++) {
      for (uint32_t i = 0; i < 200; i++) expected.push_back(PageOf(task * 1000 + i, 5000));
      producers.emplace_back([&, task] {
        const auto buffer = store_.Create(Producer(task), 1, {{"r", {0}}}, true);
        for (uint32_t i = 0; i < 200; i++) {
          Arrival<bool> room;
          if (buffer->Full([&] { room.Set(true); })) room.Wait();
          Append(*buffer, 0, PageOf(task * 1000 + i, 5000));
          EXPECT_LT(buffer->bytes_in_memory(), 80'000u);
        }
        buffer->Finish();
        Arrival<bool> all;
        buffer->WhenTaken([&](bool whole) { all.Set(whole); });
        taken += all.Wait() == true ? 1 : 0;
      });
    }
    std::vector<std::string> pages = ReadAll(*reader);
    for (std::thread& producer : producers) producer.join();
    EXPECT_EQ(taken, 3);
    std::sort(pages.begin(), pages.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(pages, expected);
    store_.DropQuery(Producer(0).query);
    EXPECT_EQ(store_.size(), 0u);
  }
}

TEST_F(StreamReaderTest, BuffersNoMoreThanItMay) {
  const auto reader = Reader(1, true, 32 << 10);
  const auto buffer = store_.Create(Producer(0), 1, {{"r", {0}}}, true);
  size_t appended = 0;
  SpooledPage page;
  ReadState state = reader->Next(page, {});
  Arrival<bool> full;
  // Both buffers fill up; then the producer is held back for good.
  while (!buffer->Full({}) || buffer->bytes_in_memory() < (64 << 10)) {
    Append(*buffer, 0, PageOf(static_cast<uint32_t>(appended++), 4000));
    ASSERT_LT(appended, 1000u);
    std::this_thread::yield();
  }
  ASSERT_EQ(state, ReadState::kLater);
  buffer->Finish();
  EXPECT_EQ(ReadAll(*reader).size(), appended);
}

TEST_F(StreamReaderTest, ClosingEarlyTellsTheProducers) {
  for (const bool remote : {false, true}) {
    const auto buffer = store_.Create(Producer(0), 1, {{"r", {0}}}, true);
    Append(*buffer, 0, "page");
    buffer->Finish();
    Arrival<bool> taken;
    buffer->WhenTaken([&](bool whole) { taken.Set(whole); });
    Reader(1, remote).reset();
    EXPECT_EQ(taken.Wait(), true);
    store_.Drop(Producer(0));
  }
}

TEST_F(StreamReaderTest, ANodeThatIsGoneIsAnErrorAfterAWhile) {
  const auto reader = Reader(1, true);
  server_.Stop();
  EXPECT_THROW(ReadAll(*reader), TrinoException);
}

TEST_F(StreamReaderTest, SpoolReadersTakeMoreManifests) {
  auto stores = storage::OpenBaseDirectories(testing::TempDir());
  const auto manifest = [&](uint32_t partition, const std::string& page) {
    SpoolWriter writer(SpoolPlace(*stores, Producer(partition)), 1, Producer(partition));
    writer.Append(0, reinterpret_cast<const uint8_t*>(page.data()), page.size(), 1);
    return Share(writer.Finish());
  };
  SpoolReader reader(*stores, {manifest(0, "first")}, PartitionSet::All(), {.complete = false});
  SpooledPage page;
  ASSERT_EQ(reader.Next(page, {}), ReadState::kPage);
  int woken = 0;
  ASSERT_EQ(reader.Next(page, [&] { woken++; }), ReadState::kLater);
  reader.Add({manifest(1, "second")}, false);
  EXPECT_EQ(woken, 1);
  ASSERT_EQ(reader.Next(page, {}), ReadState::kPage);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(page.data), page.size), "second");
  ASSERT_EQ(reader.Next(page, [&] { woken++; }), ReadState::kLater);
  reader.Add({}, true);
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(reader.Next(page, {}), ReadState::kEnd);
}

}  // namespace
}  // namespace planaria::exchange
