#include "kernel/cache_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "duckdb/storage/buffer/buffer_handle.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "kernel/task_meter.h"

namespace planaria::kernel {
namespace {

constexpr uint64_t kLimit = 256ull << 20;
constexpr size_t kPiece = 1 << 20;

class CacheMemoryTest : public testing::Test {
 protected:
  duckdb::BufferManager& pool() { return duckdb::BufferManager::GetBufferManager(engine_.instance()); }
  std::shared_ptr<const CachedBytes> Cache(char letter) {
    const std::string bytes(kPiece, letter);
    return CacheBytes(engine_, bytes.data(), bytes.size());
  }

  Engine engine_{{.threads = 1,
                  .memory_limit = kLimit,
                  .temp_directory = {},
                  .longest_memory_wait = std::chrono::seconds(10)}};
};

TEST_F(CacheMemoryTest, GivesBackWhatWasPutIn) {
  const auto cached = Cache('a');
  ASSERT_TRUE(cached);
  std::string bytes(100, '\0');
  ASSERT_TRUE(cached->Read(kPiece - 100, 100, bytes.data()));
  EXPECT_EQ(bytes, std::string(100, 'a'));
}

TEST_F(CacheMemoryTest, IsInThePoolAndNoOperatorsNorATasks) {
  const uint64_t used = pool().GetUsedMemory();
  const uint64_t operators = engine_.OperatorMemory();
  const uint64_t share = ShareOfCaches(engine_);
  TaskMeter meter;
  meter.Enter();
  auto cached = Cache('a');
  meter.Leave();
  EXPECT_GE(pool().GetUsedMemory(), used + kPiece);
  EXPECT_EQ(engine_.OperatorMemory(), operators);
  EXPECT_EQ(ShareOfCaches(engine_), share);
  EXPECT_EQ(meter.memory_bytes(), 0u);
  cached.reset();
  EXPECT_EQ(pool().GetUsedMemory(), used);
}

TEST_F(CacheMemoryTest, OperatorsTakeItBack) {
  std::vector<std::shared_ptr<const CachedBytes>> cached;
  for (int i = 0; i < 200; i++) cached.push_back(Cache('a'));
  const auto held = pool().Allocate(duckdb::MemoryTag::HASH_TABLE, 200ull << 20, false);
  char byte = 0;
  size_t gone = 0;
  for (const auto& bytes : cached) gone += !bytes->Read(0, 1, &byte);
  EXPECT_GE(gone, 140u);
  EXPECT_LT(ShareOfCaches(engine_), 30ull << 20);
}

TEST_F(CacheMemoryTest, AsksAFullPoolOnlyOnce) {
  const auto held = pool().Allocate(duckdb::MemoryTag::HASH_TABLE, kLimit - (2 << 20), false);
  TaskMeter meter;
  meter.Enter();
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<const CachedBytes>> cached;
  for (int i = 0; i < 8; i++) cached.push_back(Cache('a'));
  // A task that is refused memory would wait for ten seconds, eight times.
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(40));
  meter.Leave();
  EXPECT_EQ(ShareOfCaches(engine_), 0u);
}

}  // namespace
}  // namespace planaria::kernel
