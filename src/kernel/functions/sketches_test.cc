// Sketches apart from SQL: merging, and bytes that are none.
#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "kernel/functions/hyperloglog.h"
#include "kernel/functions/murmur3.h"
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

}  // namespace
}  // namespace planaria::kernel
