#include "coordinator/query.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "coordinator/result_reader.h"
#include "kernel/page_codec.h"

namespace planaria::coordinator {
namespace {

constexpr int kQueries = 10000;
constexpr size_t kPageBytes = 1 << 20;

class Host final : public QueryHost {
 public:
  void CancelWork(const QueryId&, const Error&) override {}
  void Ended(const QueryId&) override {}
  std::vector<scheduler::StageStatus> Stages(const QueryId&) override { return {}; }
  void RowsTaken(const QueryId&) override {}
  BlockingPool& reading_pool() override { return pool_; }

 private:
  BlockingPool pool_{3};
};

/// One page of one row, 7.
class OneRow final : public ResultPages {
 public:
  explicit OneRow(std::atomic<bool>& given) : given_(given) {
    const duckdb::vector<duckdb::LogicalType> types{duckdb::LogicalType::BIGINT};
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
    chunk.SetValue(0, 0, duckdb::Value::BIGINT(7));
    chunk.SetCardinality(1);
    kernel::PageBuilder builder(types);
    builder.Append(kernel::ChunkView(chunk), nullptr, 1);
    builder.Finish(bytes_);
  }
  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake&) override {
    if (given_) return exchange::ReadState::kEnd;
    given_ = true;
    page.data = bytes_.data();
    page.size = bytes_.size();
    page.rows = 1;
    return exchange::ReadState::kPage;
  }

 private:
  std::vector<uint8_t> bytes_;
  std::atomic<bool>& given_;
};

std::string FirstPage(Query& query) {
  std::promise<std::string> rows;
  query.NextPage(kPageBytes, [&](ResultPage page) { rows.set_value(page.rows); });
  return rows.get_future().get();
}

// A stream that ends while its last rows are read: the read that the end asks for must not answer first.
TEST(Query, RowsAreGivenBeforeTheEnd) {
  Host host;
  for (int i = 0; i < kQueries; i++) {
    const auto query = std::make_shared<Query>(host, QueryId{"20260101_000000_00001_abcde"},
                                               protocol::SessionHeaders(), "SELECT 7");
    query->Planning();
    std::atomic<bool> given = false;
    query->Streaming(std::make_unique<ResultReader>(
        std::make_unique<OneRow>(given), duckdb::vector<duckdb::LogicalType>{duckdb::LogicalType::BIGINT},
        false));
    // It ends a little after the row was found: at another moment each time.
    std::thread ending([&] {
      while (!given) std::this_thread::yield();
      const auto at = std::chrono::steady_clock::now() + std::chrono::nanoseconds(i % 100 * 200);
      while (std::chrono::steady_clock::now() < at) continue;
      query->StreamFinished();
    });
    const std::string rows = FirstPage(*query);
    ending.join();
    ASSERT_EQ(rows, "[7]") << "query " << i;
  }
}

}  // namespace
}  // namespace planaria::coordinator
