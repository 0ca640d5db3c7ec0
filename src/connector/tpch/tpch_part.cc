#include <array>
#include <numeric>

#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_text.h"

namespace planaria::connector::tpch {

namespace {

using duckdb::idx_t;
using duckdb::string_t;
using duckdb::Vector;

constexpr Uniform kManufacturers(1, 5), kBrands(1, 5), kSizes(1, 50), kAvailable(1, 9999),
    kCosts(100, 100000);
constexpr int64_t kSuppliersOfPart = 4;

enum PartColumn : uint32_t {
  kPartKey,
  kName,
  kManufacturer,
  kBrand,
  kType,
  kSize,
  kContainer,
  kRetailPrice,
  kPartComment
};

class PartRows final : public UnitRows {
 public:
  using UnitRows::UnitRows;

 private:
  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    auto key = [&](idx_t i) { return next() + static_cast<int64_t>(i) + 1; };
    switch (column) {
      case kPartKey:
        return WriteColumn<int64_t>(vector, count, key);
      case kName:
        return WriteDrawn<string_t>(StreamId::kPartName, vector, count,
                                    [&](const RowStream& s) { return PartName(vector, s); });
      case kManufacturer: {
        static const std::array<std::string, 6> kNames = {
            "", "Manufacturer#1", "Manufacturer#2", "Manufacturer#3", "Manufacturer#4", "Manufacturer#5"};
        return WriteDrawn<string_t>(StreamId::kPartManufacturer, vector, count, [](const RowStream& s) {
          const std::string& name = kNames[kManufacturers(s.Draw())];
          return string_t(name.data(), static_cast<uint32_t>(name.size()));
        });
      }
      case kBrand: {
        RowStream brands = Stream(StreamId::kPartBrand);
        return WriteDrawn<string_t>(StreamId::kPartManufacturer, vector, count, [&](const RowStream& s) {
          char name[] = "Brand#00";
          name[6] = static_cast<char>('0' + kManufacturers(s.Draw()));
          name[7] = static_cast<char>('0' + kBrands(brands.Draw()));
          brands.NextRow();
          return string_t(name, 8);
        });
      }
      case kType:
        return WriteDrawn<string_t>(StreamId::kPartType, vector, count,
                                    [](const RowStream& s) { return Values().part_types.Pick(s.Draw()); });
      case kSize:
        return WriteDrawn<int32_t>(StreamId::kPartSize, vector, count,
                                   [](const RowStream& s) { return static_cast<int32_t>(kSizes(s.Draw())); });
      case kContainer:
        return WriteDrawn<string_t>(StreamId::kPartContainer, vector, count,
                                    [](const RowStream& s) { return Values().containers.Pick(s.Draw()); });
      case kRetailPrice:
        return WriteMoney(vector, count, [&](idx_t i) { return RetailPrice(key(i)); });
      case kPartComment: {
        Comments comments(14);
        return WriteDrawn<string_t>(StreamId::kPartComment, vector, count,
                                    [&](const RowStream& s) { return comments(s.Draw(0), s.Draw(1)); });
      }
    }
  }

  // Five different colors: the first five of a shuffle, whose later steps leave them where they are.
  static string_t PartName(Vector& vector, const RowStream& stream) {
    constexpr int kColors = 92, kWords = 5;
    const auto& colors = Values().colors.members();
    std::array<uint8_t, kColors> order;
    std::iota(order.begin(), order.end(), uint8_t{0});
    std::array<char, 128> name;
    size_t length = 0;
    for (int i = 0; i < kWords; i++) {
      std::swap(order[i], order[Uniform(i, kColors - 1)(stream.Draw(i))]);
      if (i > 0) name[length++] = ' ';
      const std::string& color = colors[order[i]].text;
      length += color.copy(name.data() + length, color.size());
    }
    return duckdb::StringVector::AddString(vector, name.data(), length);
  }
};

enum SupplyColumn : uint32_t { kSupplyPart, kSupplier, kAvailableQuantity, kSupplyCost, kSupplyComment };

// Four rows a part.
class SupplyRows final : public PageSource {
 public:
  SupplyRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns)
      : scale_(scale), next_(range.first), end_(range.end), columns_(std::move(columns)) {}

  void Next(duckdb::DataChunk& chunk) override {
    const int64_t parts = std::min<int64_t>(STANDARD_VECTOR_SIZE / kSuppliersOfPart, end_ - next_);
    const auto count = static_cast<idx_t>(parts * kSuppliersOfPart);
    for (size_t i = 0; i < columns_.size(); i++) FillColumn(columns_[i], chunk.data[i], count);
    next_ += parts;
    chunk.SetCardinality(count);
  }

 private:
  /// Value by value, `stream` at the row's part.
  template <class T, class F>
  auto Drawn(RowStream& stream, F value_at) {
    return [&stream, value_at](idx_t i) {
      const auto which = static_cast<int>(i % kSuppliersOfPart);
      T value = static_cast<T>(value_at(which));
      if (which == kSuppliersOfPart - 1) stream.NextRow();
      return value;
    };
  }

  void FillColumn(uint32_t column, Vector& vector, idx_t count) {
    auto part = [&](idx_t i) { return next_ + static_cast<int64_t>(i) / kSuppliersOfPart + 1; };
    const auto first = static_cast<uint64_t>(next_);
    switch (column) {
      case kSupplyPart:
        return WriteColumn<int64_t>(vector, count, part);
      case kSupplier:
        return WriteColumn<int64_t>(vector, count, [&](idx_t i) {
          return scale_.SupplierOf(part(i), static_cast<int64_t>(i) % kSuppliersOfPart);
        });
      case kAvailableQuantity: {
        RowStream stream(StreamId::kSupplyQuantity, first);
        auto value = [&](int which) { return kAvailable(stream.Draw(which)); };
        return WriteColumn<int32_t>(vector, count, Drawn<int32_t>(stream, value));
      }
      case kSupplyCost: {
        RowStream stream(StreamId::kSupplyCost, first);
        auto value = [&](int which) { return kCosts(stream.Draw(which)); };
        return WriteMoney(vector, count, Drawn<int64_t>(stream, value));
      }
      case kSupplyComment: {
        RowStream stream(StreamId::kSupplyComment, first);
        Comments comments(124);
        auto value = [&](int which) { return comments(stream.Draw(2 * which), stream.Draw(2 * which + 1)); };
        return WriteColumn<string_t>(vector, count, Drawn<string_t>(stream, value));
      }
    }
  }

  const Scale scale_;
  int64_t next_;
  const int64_t end_;
  const std::vector<uint32_t> columns_;
};

}  // namespace

std::unique_ptr<PageSource> OpenPart(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<PartRows>(scale, range, std::move(columns));
}

std::unique_ptr<PageSource> OpenPartsupp(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<SupplyRows>(scale, range, std::move(columns));
}

}  // namespace planaria::connector::tpch
