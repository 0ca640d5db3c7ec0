#include "kernel/page_codec.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/error.h"

namespace planaria::kernel {
namespace {

using duckdb::DataChunk;
using duckdb::LogicalType;
using duckdb::Value;

/// A page over a copy of `bytes`, aligned as the spool aligns it.
Page MakePage(const std::vector<uint8_t>& bytes, uint32_t rows) {
  auto copy = std::make_shared<std::vector<uint64_t>>((bytes.size() + 7) / 8);
  std::memcpy(copy->data(), bytes.data(), bytes.size());
  return {copy, reinterpret_cast<const uint8_t*>(copy->data()), bytes.size(), rows};
}

std::vector<uint8_t> Finished(PageBuilder& builder) {
  std::vector<uint8_t> page(7, 'x');
  builder.Finish(page);
  EXPECT_EQ(builder.rows(), 0u);
  return page;
}

Value ValueFor(const LogicalType& type, int64_t n) {
  if (n % 7 == 3) return Value(type);
  switch (type.id()) {
    case duckdb::LogicalTypeId::VARCHAR:
      return Value(std::string(n % 40, static_cast<char>('a' + n % 26)));
    case duckdb::LogicalTypeId::BOOLEAN:
      return Value::BOOLEAN(n % 2 == 0);
    case duckdb::LogicalTypeId::DATE:
      return Value::DATE(duckdb::date_t(static_cast<int32_t>(n)));
    case duckdb::LogicalTypeId::LIST:
      return Value::LIST(LogicalType::VARCHAR, {Value(std::to_string(n)), Value(LogicalType::VARCHAR)});
    case duckdb::LogicalTypeId::INTERVAL:
      return Value::INTERVAL(static_cast<int32_t>(n % 12), static_cast<int32_t>(n % 28), n);
    default:
      return Value::BIGINT(n % 100).DefaultCastAs(type);
  }
}

const duckdb::vector<LogicalType> kFlatTypes = {
    LogicalType::BOOLEAN, LogicalType::TINYINT, LogicalType::SMALLINT,       LogicalType::INTEGER,
    LogicalType::BIGINT,  LogicalType::HUGEINT, LogicalType::DECIMAL(30, 4), LogicalType::FLOAT,
    LogicalType::DOUBLE,  LogicalType::VARCHAR, LogicalType::DATE,           LogicalType::INTERVAL};
const duckdb::vector<LogicalType> kNestedTypes = {LogicalType::BIGINT,
                                                  LogicalType::LIST(LogicalType::VARCHAR)};

struct MadeChunk : DataChunk {
  explicit MadeChunk(const duckdb::vector<LogicalType>& types) {
    Initialize(duckdb::Allocator::DefaultAllocator(), types);
  }
};

void Fill(DataChunk& chunk, int64_t first, size_t rows) {
  chunk.Reset();
  for (size_t row = 0; row < rows; row++) {
    const int64_t n = first + static_cast<int64_t>(row);
    for (size_t i = 0; i < chunk.ColumnCount(); i++) {
      chunk.SetValue(i, row, ValueFor(chunk.data[i].GetType(), n));
    }
  }
  chunk.SetCardinality(rows);
}

class PageCodecTest : public testing::TestWithParam<const duckdb::vector<LogicalType>*> {};

TEST_P(PageCodecTest, ReadersGiveWhatWritersGot) {
  const auto& types = *GetParam();
  MadeChunk chunk(types);
  PageBuilder builder(types), other(types);
  constexpr size_t kChunks = 4, kRows = 1500;
  for (size_t i = 0; i < kChunks; i++) {
    Fill(chunk, static_cast<int64_t>(i * kRows), kRows);
    (i < 2 ? builder : other).Append(ChunkView(chunk), nullptr, chunk.size());
  }
  PageBuilder all(types);
  all.Take(builder);
  all.Take(other);
  EXPECT_EQ(builder.rows() + other.rows(), 0u);
  const uint32_t rows = all.rows();
  ASSERT_EQ(rows, kChunks * kRows);
  PageReader reader(types);
  reader.Load(MakePage(Finished(all), rows));
  MadeChunk read(types), expected(types);
  int64_t next = 0;
  for (read.Reset(); reader.Next(read); read.Reset()) {
    Fill(expected, next, read.size());
    for (size_t i = 0; i < types.size(); i++) {
      for (size_t row = 0; row < read.size(); row++) {
        ASSERT_TRUE(Value::NotDistinctFrom(read.GetValue(i, row), expected.GetValue(i, row)))
            << types[i].ToString() << " row " << next + static_cast<int64_t>(row);
      }
    }
    next += static_cast<int64_t>(read.size());
  }
  EXPECT_EQ(next, rows);
}

TEST_P(PageCodecTest, SelectedRowsOnly) {
  const auto& types = *GetParam();
  MadeChunk chunk(types);
  Fill(chunk, 0, 1000);
  duckdb::SelectionVector odd(STANDARD_VECTOR_SIZE);
  for (size_t i = 0; i < 500; i++) odd.set_index(i, 2 * i + 1);
  PageBuilder builder(types);
  builder.Append(ChunkView(chunk), &odd, 500);
  PageReader reader(types);
  reader.Load(MakePage(Finished(builder), 500));
  MadeChunk read(types);
  ASSERT_TRUE(reader.Next(read));
  ASSERT_EQ(read.size(), 500u);
  for (size_t i = 0; i < types.size(); i++) {
    for (size_t row = 0; row < 500; row++) {
      ASSERT_TRUE(Value::NotDistinctFrom(read.GetValue(i, row), chunk.GetValue(i, 2 * row + 1)));
    }
  }
}

TEST_P(PageCodecTest, DamagedPagesAreErrorsOrRows) {
  const auto& types = *GetParam();
  MadeChunk chunk(types);
  Fill(chunk, 0, 300);
  PageBuilder builder(types);
  builder.Append(ChunkView(chunk), nullptr, chunk.size());
  const std::vector<uint8_t> page = Finished(builder);
  std::mt19937 random(42);
  size_t refused = 0;
  for (int i = 0; i < 600; i++) {
    std::vector<uint8_t> damaged = page;
    if (i % 3 == 0) {
      damaged.resize(random() % damaged.size());
    } else {
      // Headers first: that is where a reader may be led astray.
      damaged[random() % (i % 3 == 1 ? 64 : damaged.size())] ^= static_cast<uint8_t>(1 + random() % 255);
    }
    PageReader reader(types);
    MadeChunk read(types);
    try {
      reader.Load(MakePage(damaged, 300));
      while (reader.Next(read)) read.Reset();
    } catch (const TrinoException& exception) {
      EXPECT_EQ(exception.error().code, errors::CORRUPT_PAGE);
      refused++;
    }
  }
  EXPECT_GT(refused, 150u);
}

INSTANTIATE_TEST_SUITE_P(Layouts, PageCodecTest, testing::Values(&kFlatTypes, &kNestedTypes),
                         [](const auto& info) { return info.index == 0 ? "Flat" : "Nested"; });

}  // namespace
}  // namespace planaria::kernel
