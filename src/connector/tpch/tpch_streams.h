// The random streams TPC-H columns are drawn from.
//
// dbgen gives every random column its own stream of Lehmer numbers (x' = 16807 x mod 2^31-1) and a fixed
// number of draws a row, used or not. So any draw of any row is one multiplication away from the row's state:
// columns are generated one by one, rows in any order, and columns nobody asks for cost nothing.
#pragma once

#include <array>
#include <cstdint>

namespace planaria::connector::tpch {

/// Numbered as dbgen's table of seeds.
enum class StreamId : uint8_t {
  kPartManufacturer = 0,
  kPartBrand = 1,
  kPartType = 2,
  kPartSize = 3,
  kPartContainer = 4,
  kPartComment = 6,
  kSupplyQuantity = 7,
  kSupplyCost = 8,
  kSupplyComment = 9,
  kOrderClerk = 11,
  kOrderComment = 12,
  kOrderDate = 13,
  kLineQuantity = 14,
  kLineDiscount = 15,
  kLineTax = 16,
  kLineShipInstruct = 17,
  kLineShipMode = 18,
  kLinePart = 19,
  kLineSupplier = 20,
  kLineShipDate = 21,
  kLineCommitDate = 22,
  kLineReceiptDate = 23,
  kLineReturnFlag = 24,
  kLineComment = 25,
  kCustomerAddress = 26,
  kCustomerNation = 27,
  kCustomerPhone = 28,
  kCustomerBalance = 29,
  kCustomerSegment = 30,
  kCustomerComment = 31,
  kSupplierAddress = 32,
  kSupplierNation = 33,
  kSupplierPhone = 34,
  kSupplierBalance = 35,
  kSupplierComment = 36,
  kPartName = 37,
  kOrderPriority = 38,
  kOrderCustomer = 40,
  kNationComment = 41,
  kRegionComment = 42,
  kOrderLineCount = 43,
  kSupplierRemarkNoise = 44,
  kSupplierRemarkKind = 45,
  kSupplierRemark = 46,
  kSupplierRemarkOffset = 47,
};

inline constexpr uint64_t kLehmerModulus = 2147483647;
inline constexpr uint64_t kLehmerMultiplier = 16807;

constexpr uint64_t LehmerMultiply(uint64_t a, uint64_t b) {
  uint64_t product = a * b;
  uint64_t folded = (product & kLehmerModulus) + (product >> 31);
  return folded >= kLehmerModulus ? folded - kLehmerModulus : folded;
}

constexpr uint64_t LehmerPower(uint64_t exponent) {
  uint64_t result = 1;
  for (uint64_t base = kLehmerMultiplier; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = LehmerMultiply(result, base);
    base = LehmerMultiply(base, base);
  }
  return result;
}

/// The draws of one row after another.
class RowStream {
 public:
  /// At most this many draws of a row can be asked for.
  static constexpr int kMaxDraws = 14;

  /// Positioned at `first_row` (0-based).
  RowStream(StreamId id, uint64_t first_row);

  /// Draw `index` (0-based) of the current row, in [1, 2^31-2].
  uint64_t Draw(int index = 0) const { return LehmerMultiply(state_, kPowers[index + 1]); }
  void NextRow() { state_ = LehmerMultiply(state_, row_multiplier_); }

 private:
  static constexpr std::array<uint64_t, kMaxDraws + 1> kPowers = [] {
    std::array<uint64_t, kMaxDraws + 1> powers{};
    for (int i = 0; i <= kMaxDraws; i++) powers[i] = LehmerPower(i);
    return powers;
  }();

  uint64_t state_;
  uint64_t row_multiplier_;
};

/// Maps draws onto the integers [low, high], in doubles as dbgen does it.
class Uniform {
 public:
  constexpr Uniform(int64_t low, int64_t high) : low_(low), width_(static_cast<double>(high - low + 1)) {}
  int64_t operator()(uint64_t draw) const {
    return low_ +
           static_cast<int64_t>(static_cast<double>(draw) / static_cast<double>(kLehmerModulus) * width_);
  }

 private:
  int64_t low_;
  double width_;
};

}  // namespace planaria::connector::tpch
