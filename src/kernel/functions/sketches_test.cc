// Sketches apart from SQL: merging, and bytes that are none.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "base/error.h"
#include "kernel/functions/hyperloglog.h"
#include "kernel/functions/most_frequent.h"
#include "kernel/functions/murmur3.h"
#include "kernel/functions/numeric_histogram.h"
#include "kernel/functions/qdigest.h"
#include "kernel/functions/set_digest.h"
#include "kernel/functions/tdigest.h"

namespace planaria::kernel {
namespace {

constexpr int kValues = 20000;
constexpr int kDamages = 200;

uint64_t HashOf(int64_t value) {
  return Murmur3({reinterpret_cast<const char*>(&value), sizeof value}).first;
}

template <typename Sketch>
std::string BytesOf(const Sketch& sketch) {
  std::string bytes;
  sketch.AppendTo(&bytes);
  return bytes;
}

/// Of parts that each take every tenth value.
template <typename Sketch, typename Add>
Sketch Merged(const Add& add) {
  Sketch whole;
  for (int part = 0; part < 10; ++part) {
    Sketch sketch;
    for (int value = part; value < kValues; value += 10) add(sketch, value);
    whole.Merge(Sketch::Of(BytesOf(sketch)));
  }
  return whole;
}

template <typename Sketch>
void ReadDamaged(const std::string& bytes) {
  std::mt19937 random(7);
  for (int i = 0; i < kDamages; ++i) {
    std::string damaged = bytes.substr(0, i % 3 == 0 ? random() % bytes.size() : bytes.size());
    for (size_t changes = random() % 4; changes > 0 && !damaged.empty(); --changes) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      Sketch sketch = Sketch::Of(damaged);
      sketch.Merge(Sketch::Of(bytes));
      BytesOf(sketch);
    } catch (const std::exception&) {
      // What matters is that nothing worse happens.
    }
  }
}

TEST(Sketches, HyperLogLogOfPartsIsThatOfTheWhole) {
  const auto add = [](HyperLogLog& sketch, int value) { sketch.AddHash(HashOf(value)); };
  HyperLogLog whole;
  for (int value = 0; value < kValues; ++value) add(whole, value);
  EXPECT_EQ(BytesOf(whole), BytesOf(Merged<HyperLogLog>(add)));
  EXPECT_NEAR(static_cast<double>(whole.Cardinality()), kValues, kValues * 0.05);
  ReadDamaged<HyperLogLog>(BytesOf(whole));
}

TEST(Sketches, SetDigestOfPartsIsThatOfTheWhole) {
  const auto add = [](SetDigest& sketch, int value) { sketch.AddHash(HashOf(value)); };
  SetDigest whole;
  for (int value = 0; value < kValues; ++value) add(whole, value);
  EXPECT_EQ(BytesOf(whole), BytesOf(Merged<SetDigest>(add)));
  ReadDamaged<SetDigest>(BytesOf(whole));
}

TEST(Sketches, QuantilesOfPartsAreNearThoseOfTheWhole) {
  const auto tdigest = Merged<TDigest>([](TDigest& sketch, int value) { sketch.Add(value, 1); });
  const auto qdigest = Merged<QDigest>([](QDigest& sketch, int value) { sketch.Add(value, 1); });
  for (const double quantile : {0.01, 0.3, 0.5, 0.9, 0.999}) {
    EXPECT_NEAR(TDigest(tdigest).ValueAt(quantile), quantile * kValues, kValues * 0.02);
    EXPECT_NEAR(static_cast<double>(*qdigest.ValueAt(quantile)), quantile * kValues, kValues * 0.02);
  }
  ReadDamaged<TDigest>(BytesOf(tdigest));
  ReadDamaged<QDigest>(BytesOf(qdigest));
}

TEST(Sketches, HistogramsOfPartsHoldAllWeight) {
  NumericHistogram whole(20);
  for (int part = 0; part < 10; ++part) {
    NumericHistogram histogram(20);
    for (int value = part; value < kValues; value += 10) histogram.Add(value, 2);
    whole.Merge(NumericHistogram::Of(BytesOf(histogram)));
  }
  const auto buckets = whole.Buckets();
  ASSERT_EQ(buckets.size(), 20u);
  double weight = 0, before = -1;
  for (const auto& bucket : buckets) {
    EXPECT_GT(bucket.value, before);
    before = bucket.value;
    weight += bucket.weight;
  }
  EXPECT_DOUBLE_EQ(weight, 2.0 * kValues);
  ReadDamaged<NumericHistogram>(BytesOf(whole));
}

TEST(Sketches, AHistogramJoinsTheNearestNeighbours) {
  NumericHistogram histogram(2);
  for (const double value : {1.0, 9.0, 2.0, 10.0, 11.0}) histogram.Add(value, 1);
  const auto buckets = histogram.Buckets();
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_DOUBLE_EQ(buckets[0].value, 1.5);
  EXPECT_DOUBLE_EQ(buckets[1].value, 10);
  EXPECT_DOUBLE_EQ(buckets[1].weight, 3);
}

TEST(Sketches, AHistogramTakesInfinitiesAndWeightsWithoutASum) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  NumericHistogram histogram(2);
  for (const double value : {kInfinity, -kInfinity, 1e308, -1e308, 0.0}) {
    histogram.Add(value, 1);
    histogram.Add(value / 2, -1);
    histogram.Add(value / 3, 0);
  }
  EXPECT_EQ(histogram.Buckets().size(), 2u);
  EXPECT_ANY_THROW(histogram.Add(1, kInfinity));
  EXPECT_ANY_THROW(histogram.Add(std::nan(""), 1));
}

TEST(Sketches, FrequentValuesAreCountedWhileTheyFit) {
  MostFrequent whole(2, 100);
  for (int part = 0; part < 3; ++part) {
    MostFrequent counted(2, 100);
    for (int i = 0; i < 10; ++i) counted.Add(std::to_string(i % (part + 2)), 1);
    whole.Merge(MostFrequent::Of(BytesOf(counted)));
  }
  const auto top = whole.Top();
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].value, "0");
  EXPECT_EQ(top[0].count, 5 + 4 + 3);
  EXPECT_EQ(top[1].value, "1");
  EXPECT_EQ(top[1].count, 5 + 3 + 3);
  ReadDamaged<MostFrequent>(BytesOf(whole));
}

TEST(Sketches, AFrequentValueStaysAmongManyRareOnes) {
  MostFrequent counted(2, 10);
  for (int i = 0; i < kValues; ++i) {
    counted.Add("often", 1);
    counted.Add(std::to_string(i), 1);
  }
  EXPECT_EQ(counted.Top()[0].value, "often");
  EXPECT_GE(counted.Top()[0].count, kValues);
}

}  // namespace
}  // namespace planaria::kernel
