#include "connector/tpch/tpch_orders.h"

#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_text.h"

namespace planaria::connector::tpch {

namespace {

using duckdb::idx_t;
using duckdb::string_t;
using duckdb::Vector;

enum OrderColumn : uint32_t {
  kOrderKey,
  kCustomerKey,
  kStatus,
  kTotalPrice,
  kDate,
  kPriority,
  kClerk,
  kShipPriority,
  kComment
};

class OrderRows final : public UnitRows {
 public:
  using UnitRows::UnitRows;

 private:
  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    switch (column) {
      case kOrderKey:
        return WriteColumn<int64_t>(
            vector, count, [&](idx_t i) { return Scale::OrderKey(next() + static_cast<int64_t>(i)); });
      case kCustomerKey:
        return FillCustomers(vector, count);
      case kStatus:
        return FillStatus(vector, count);
      case kTotalPrice:
        return FillTotals(vector, count);
      case kDate: {
        RowStream days = Stream(StreamId::kOrderDate);
        return WriteDate(vector, count, [&](idx_t) {
          int64_t day = kOrderDays(days.Draw());
          days.NextRow();
          return day;
        });
      }
      case kPriority:
        return WriteDrawn<string_t>(StreamId::kOrderPriority, vector, count,
                                    [](const RowStream& s) { return Values().priorities.Pick(s.Draw()); });
      case kClerk: {
        Uniform clerks(1, scale().clerks);
        return WriteDrawn<string_t>(StreamId::kOrderClerk, vector, count, [&](const RowStream& s) {
          return NumberedName(vector, "Clerk#", clerks(s.Draw()));
        });
      }
      case kShipPriority:
        return WriteColumn<int32_t>(vector, count, [](idx_t) { return 0; });
      case kComment: {
        Comments comments(49);
        return WriteDrawn<string_t>(StreamId::kOrderComment, vector, count,
                                    [&](const RowStream& s) { return comments(s.Draw(0), s.Draw(1)); });
      }
    }
  }

  // A third of the customers, those with keys divisible by three, order nothing.
  void FillCustomers(Vector& vector, idx_t count) {
    Uniform customers(1, scale().customers);
    WriteDrawn<int64_t>(StreamId::kOrderCustomer, vector, count, [&](const RowStream& s) {
      int64_t key = customers(s.Draw());
      if (key % 3 != 0) return key;
      return key < scale().customers ? key + 1 : key - 1;
    });
  }

  void FillStatus(Vector& vector, idx_t count) {
    RowStream lines = Stream(StreamId::kOrderLineCount), days = Stream(StreamId::kOrderDate),
              delays = Stream(StreamId::kLineShipDate);
    WriteColumn<string_t>(vector, count, [&](idx_t) {
      const auto line_count = static_cast<int>(kLineCounts(lines.Draw()));
      const int64_t day = kOrderDays(days.Draw());
      int shipped = 0;
      for (int line = 0; line < line_count; line++) shipped += day + kShipDelay(delays.Draw(line)) <= kToday;
      lines.NextRow();
      days.NextRow();
      delays.NextRow();
      return string_t(shipped == 0 ? "O" : shipped == line_count ? "F" : "P", 1);
    });
  }

  void FillTotals(Vector& vector, idx_t count) {
    Uniform parts(1, scale().parts);
    RowStream lines = Stream(StreamId::kOrderLineCount), part = Stream(StreamId::kLinePart),
              quantity = Stream(StreamId::kLineQuantity), discount = Stream(StreamId::kLineDiscount),
              tax = Stream(StreamId::kLineTax);
    WriteMoney(vector, count, [&](idx_t) {
      int64_t total = 0;
      const auto line_count = static_cast<int>(kLineCounts(lines.Draw()));
      for (int line = 0; line < line_count; line++) {
        int64_t price = RetailPrice(parts(part.Draw(line))) * kQuantities(quantity.Draw(line));
        total += price * (100 - kDiscounts(discount.Draw(line))) / 100 * (100 + kTaxes(tax.Draw(line))) / 100;
      }
      for (RowStream* stream : {&lines, &part, &quantity, &discount, &tax}) stream->NextRow();
      return total;
    });
  }
};

}  // namespace

std::unique_ptr<PageSource> OpenOrders(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<OrderRows>(scale, range, std::move(columns));
}

}  // namespace planaria::connector::tpch
