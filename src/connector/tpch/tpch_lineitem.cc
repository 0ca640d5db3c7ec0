#include <array>

#include "connector/tpch/tpch_orders.h"
#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_text.h"

namespace planaria::connector::tpch {

namespace {

using duckdb::idx_t;
using duckdb::string_t;
using duckdb::Vector;

enum LineColumn : uint32_t {
  kOrderKey,
  kPartKey,
  kSupplierKey,
  kLineNumber,
  kQuantity,
  kExtendedPrice,
  kDiscount,
  kTax,
  kReturnFlag,
  kLineStatus,
  kShipDate,
  kCommitDate,
  kReceiptDate,
  kShipInstruct,
  kShipMode,
  kComment
};

// A chunk holds the lines of whole orders.
class LineRows final : public PageSource {
 public:
  LineRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns)
      : scale_(scale),
        next_(range.first),
        end_(range.end),
        columns_(std::move(columns)),
        parts_(1, scale.parts) {}

  void Next(duckdb::DataChunk& chunk) override {
    first_order_ = next_;
    orders_ = 0;
    rows_ = 0;
    RowStream counts = Stream(StreamId::kOrderLineCount);
    for (; next_ < end_; next_++, counts.NextRow()) {
      auto lines = static_cast<uint8_t>(kLineCounts(counts.Draw()));
      if (rows_ + lines > STANDARD_VECTOR_SIZE) break;
      line_counts_[orders_++] = lines;
      rows_ += lines;
    }
    if (rows_ > 0) {
      for (size_t i = 0; i < columns_.size(); i++) FillColumn(columns_[i], chunk.data[i]);
    }
    chunk.SetCardinality(rows_);
  }

 private:
  using Days = std::array<int32_t, STANDARD_VECTOR_SIZE>;

  RowStream Stream(StreamId id) const { return RowStream(id, static_cast<uint64_t>(first_order_)); }

  /// visit(row, order of the chunk, line of the order)
  template <class Visit, class EndOrder>
  void EachLine(Visit visit, EndOrder end_order) const {
    idx_t row = 0;
    for (idx_t order = 0; order < orders_; order++) {
      for (int line = 0; line < line_counts_[order]; line++) visit(row++, order, line);
      end_order();
    }
  }

  /// Writes value_at(stream, line), the stream at the line's order.
  template <class T, class F>
  void WriteDrawn(StreamId id, T* values, F value_at) const {
    RowStream stream = Stream(id);
    EachLine([&](idx_t row, idx_t, int line) { values[row] = static_cast<T>(value_at(stream, line)); },
             [&] { stream.NextRow(); });
  }

  template <class T>
  void WriteUniform(StreamId id, T* values, Uniform range) const {
    WriteDrawn(id, values, [range](const RowStream& stream, int line) { return range(stream.Draw(line)); });
  }

  void WritePicked(StreamId id, Vector& vector, const ValueSet& set) const {
    WriteDrawn(id, duckdb::FlatVector::GetData<string_t>(vector),
               [&](const RowStream& stream, int line) { return set.Pick(stream.Draw(line)); });
  }

  void AddDelays(StreamId id, Uniform delay, Days& days) const {
    RowStream stream = Stream(id);
    EachLine([&](idx_t row, idx_t, int line) { days[row] += static_cast<int32_t>(delay(stream.Draw(line))); },
             [&] { stream.NextRow(); });
  }

  void OrderDays(Days& days) const {
    WriteDrawn(StreamId::kOrderDate, days.data(),
               [](const RowStream& stream, int) { return kOrderDays(stream.Draw()); });
  }

  void ShipDays(Days& days) const {
    OrderDays(days);
    AddDelays(StreamId::kLineShipDate, kShipDelay, days);
  }

  void ReceiptDays(Days& days) const {
    ShipDays(days);
    AddDelays(StreamId::kLineReceiptDate, kReceiptDelay, days);
  }

  void FillDays(Vector& vector, const Days& days) const {
    WriteDate(vector, rows_, [&](idx_t i) { return days[i]; });
  }

  void FillColumn(uint32_t column, Vector& vector) {
    auto* integers = reinterpret_cast<int64_t*>(duckdb::FlatVector::GetData(vector));
    switch (column) {
      case kOrderKey:
        return EachLine(
            [&](idx_t row, idx_t order, int) {
              integers[row] = Scale::OrderKey(first_order_ + static_cast<int64_t>(order));
            },
            [] {});
      case kPartKey:
        return WriteUniform(StreamId::kLinePart, integers, parts_);
      case kSupplierKey:
        return FillSuppliers(vector);
      case kLineNumber: {
        auto* numbers = duckdb::FlatVector::GetData<int32_t>(vector);
        return EachLine([&](idx_t row, idx_t, int line) { numbers[row] = line + 1; }, [] {});
      }
      case kQuantity:
        WriteUniform(StreamId::kLineQuantity, numbers_.data(), kQuantities);
        return WriteMoney(vector, rows_, [&](idx_t i) { return numbers_[i] * 100; });
      case kExtendedPrice:
        return FillPrices(vector);
      case kDiscount:
        WriteUniform(StreamId::kLineDiscount, numbers_.data(), kDiscounts);
        return WriteMoney(vector, rows_, [&](idx_t i) { return numbers_[i]; });
      case kTax:
        WriteUniform(StreamId::kLineTax, numbers_.data(), kTaxes);
        return WriteMoney(vector, rows_, [&](idx_t i) { return numbers_[i]; });
      case kReturnFlag:
        return FillReturnFlags(vector);
      case kLineStatus:
        ShipDays(days_);
        return WriteColumn<string_t>(vector, rows_,
                                     [&](idx_t i) { return string_t(days_[i] <= kToday ? "F" : "O", 1); });
      case kShipDate:
        ShipDays(days_);
        return FillDays(vector, days_);
      case kCommitDate:
        OrderDays(days_);
        AddDelays(StreamId::kLineCommitDate, kCommitDelay, days_);
        return FillDays(vector, days_);
      case kReceiptDate:
        ReceiptDays(days_);
        return FillDays(vector, days_);
      case kShipInstruct:
        return WritePicked(StreamId::kLineShipInstruct, vector, Values().ship_instructions);
      case kShipMode:
        return WritePicked(StreamId::kLineShipMode, vector, Values().ship_modes);
      case kComment: {
        Comments comments(27);
        return WriteDrawn(StreamId::kLineComment, duckdb::FlatVector::GetData<string_t>(vector),
                          [&](const RowStream& stream, int line) {
                            return comments(stream.Draw(2 * line), stream.Draw(2 * line + 1));
                          });
      }
    }
  }

  void FillSuppliers(Vector& vector) {
    RowStream choice = Stream(StreamId::kLineSupplier), part = Stream(StreamId::kLinePart);
    auto* suppliers = duckdb::FlatVector::GetData<int64_t>(vector);
    EachLine(
        [&](idx_t row, idx_t, int line) {
          suppliers[row] = scale_.SupplierOf(parts_(part.Draw(line)), kSupplierChoice(choice.Draw(line)));
        },
        [&] {
          choice.NextRow();
          part.NextRow();
        });
  }

  void FillPrices(Vector& vector) {
    RowStream quantity = Stream(StreamId::kLineQuantity), part = Stream(StreamId::kLinePart);
    EachLine(
        [&](idx_t row, idx_t, int line) {
          numbers_[row] = RetailPrice(parts_(part.Draw(line))) * kQuantities(quantity.Draw(line));
        },
        [&] {
          quantity.NextRow();
          part.NextRow();
        });
    WriteMoney(vector, rows_, [&](idx_t i) { return numbers_[i]; });
  }

  // Only lines already received draw a flag: draws of an order are taken in that order.
  void FillReturnFlags(Vector& vector) {
    ReceiptDays(days_);
    RowStream flags = Stream(StreamId::kLineReturnFlag);
    int drawn = 0;
    auto* values = duckdb::FlatVector::GetData<string_t>(vector);
    EachLine(
        [&](idx_t row, idx_t, int) {
          values[row] =
              days_[row] <= kToday ? Values().return_flags.Pick(flags.Draw(drawn++)) : string_t("N", 1);
        },
        [&] {
          flags.NextRow();
          drawn = 0;
        });
  }

  const Scale scale_;
  int64_t next_;
  const int64_t end_;
  const std::vector<uint32_t> columns_;
  const Uniform parts_;

  // Of the chunk at hand.
  int64_t first_order_ = 0;
  idx_t orders_ = 0, rows_ = 0;
  std::array<uint8_t, STANDARD_VECTOR_SIZE> line_counts_;
  Days days_;
  std::array<int64_t, STANDARD_VECTOR_SIZE> numbers_;
};

}  // namespace

std::unique_ptr<PageSource> OpenLineitem(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<LineRows>(scale, range, std::move(columns));
}

}  // namespace planaria::connector::tpch
