// Customers, suppliers and the places they live in.
#include <cstring>

#include "connector/tpch/tpch_rows.h"
#include "connector/tpch/tpch_text.h"

namespace planaria::connector::tpch {

namespace {

using duckdb::idx_t;
using duckdb::string_t;
using duckdb::Vector;

constexpr Uniform kNations(0, 24), kBalances(-99999, 999999);

// Suppliers and customers share their first six columns.
class PersonRows : public UnitRows {
 public:
  struct Kind {
    const char* tag;
    StreamId address, nation, phone, balance;
  };
  PersonRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns, const Kind& kind)
      : UnitRows(scale, range, std::move(columns)), kind_(kind) {}

 protected:
  enum PersonColumn : uint32_t { kKey, kName, kAddress, kNation, kPhone, kBalance, kPersonColumns };

  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    auto key = [&](idx_t i) { return next() + static_cast<int64_t>(i) + 1; };
    switch (column) {
      case kKey:
        return WriteColumn<int64_t>(vector, count, key);
      case kName:
        return WriteColumn<string_t>(vector, count,
                                     [&](idx_t i) { return NumberedName(vector, kind_.tag, key(i)); });
      case kAddress:
        return WriteDrawn<string_t>(kind_.address, vector, count,
                                    [&](const RowStream& s) { return Address(vector, s); });
      case kNation:
        return WriteDrawn<int64_t>(kind_.nation, vector, count,
                                   [](const RowStream& s) { return kNations(s.Draw()); });
      case kPhone: {
        RowStream nations = Stream(kind_.nation);
        return WriteDrawn<string_t>(kind_.phone, vector, count, [&](const RowStream& s) {
          string_t phone = Phone(vector, kNations(nations.Draw()), s);
          nations.NextRow();
          return phone;
        });
      }
      case kBalance: {
        RowStream balances = Stream(kind_.balance);
        return WriteMoney(vector, count, [&](idx_t) {
          int64_t balance = kBalances(balances.Draw());
          balances.NextRow();
          return balance;
        });
      }
    }
  }

 private:
  const Kind kind_;
};

class CustomerRows final : public PersonRows {
 public:
  CustomerRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns)
      : PersonRows(scale, range, std::move(columns),
                   {"Customer#", StreamId::kCustomerAddress, StreamId::kCustomerNation,
                    StreamId::kCustomerPhone, StreamId::kCustomerBalance}) {}

 private:
  enum CustomerColumn : uint32_t { kSegment = kPersonColumns, kComment };

  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    if (column == kSegment) {
      return WriteDrawn<string_t>(StreamId::kCustomerSegment, vector, count,
                                  [](const RowStream& s) { return Values().segments.Pick(s.Draw()); });
    }
    if (column == kComment) {
      Comments comments(73);
      return WriteDrawn<string_t>(StreamId::kCustomerComment, vector, count,
                                  [&](const RowStream& s) { return comments(s.Draw(0), s.Draw(1)); });
    }
    PersonRows::FillColumn(column, vector, count);
  }
};

class SupplierRows final : public PersonRows {
 public:
  SupplierRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns)
      : PersonRows(scale, range, std::move(columns),
                   {"Supplier#", StreamId::kSupplierAddress, StreamId::kSupplierNation,
                    StreamId::kSupplierPhone, StreamId::kSupplierBalance}) {}

 private:
  enum SupplierColumn : uint32_t { kComment = kPersonColumns };

  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    if (column != kComment) return PersonRows::FillColumn(column, vector, count);
    Comments comments(63);
    RowStream remarks = Stream(StreamId::kSupplierRemark), kinds = Stream(StreamId::kSupplierRemarkKind),
              noises = Stream(StreamId::kSupplierRemarkNoise),
              offsets = Stream(StreamId::kSupplierRemarkOffset);
    WriteDrawn<string_t>(StreamId::kSupplierComment, vector, count, [&](const RowStream& s) {
      string_t comment = comments(s.Draw(0), s.Draw(1));
      if (Uniform(1, 10000)(remarks.Draw()) <= 10) {
        comment = WithRemark(vector, comment, kinds.Draw(), noises.Draw(), offsets.Draw());
      }
      for (RowStream* stream : {&remarks, &kinds, &noises, &offsets}) stream->NextRow();
      return comment;
    });
  }

  // One in a thousand gets "Customer ... Complaints" or "Customer ... Recommends" written over the text.
  static string_t WithRemark(Vector& vector, const string_t& plain, uint64_t kind, uint64_t noise,
                             uint64_t offset) {
    constexpr char kSubject[] = "Customer ";
    constexpr int64_t kSubjectLength = 9, kVerdictLength = 10,
                      kRemarkLength = kSubjectLength + kVerdictLength;
    const auto length = static_cast<int64_t>(plain.GetSize());
    const char* verdict = Uniform(0, 100)(kind) < 50 ? "Complaints" : "Recommends";
    const int64_t gap = Uniform(0, length - kRemarkLength)(noise);
    const int64_t start = Uniform(0, length - (kRemarkLength + gap))(offset);
    string_t comment = duckdb::StringVector::AddString(vector, plain);
    char* out = comment.GetDataWriteable() + start;
    std::memcpy(out, kSubject, kSubjectLength);
    std::memcpy(out + kSubjectLength + gap, verdict, kVerdictLength);
    comment.Finalize();
    return comment;
  }
};

class PlaceRows final : public UnitRows {
 public:
  PlaceRows(const Scale& scale, UnitRange range, std::vector<uint32_t> columns, bool nation)
      : UnitRows(scale, range, std::move(columns)),
        nation_(nation),
        places_((nation ? Values().nations : Values().regions).members()) {}

 private:
  enum PlaceColumn : uint32_t { kKey, kName, kRegion, kComment };

  void FillColumn(uint32_t column, Vector& vector, idx_t count) override {
    if (!nation_ && column == kRegion) column = kComment;
    switch (column) {
      case kKey:
        return WriteColumn<int64_t>(vector, count, [&](idx_t i) { return next() + static_cast<int64_t>(i); });
      case kName:
        return WriteColumn<string_t>(vector, count, [&](idx_t i) {
          const std::string& name = places_[next() + i].text;
          return string_t(name.data(), static_cast<uint32_t>(name.size()));
        });
      case kRegion:
        return WriteColumn<int64_t>(vector, count,
                                    [&](idx_t i) { return places_[next() + i].cumulative_weight; });
      case kComment: {
        Comments comments(72);
        return WriteDrawn<string_t>(nation_ ? StreamId::kNationComment : StreamId::kRegionComment, vector,
                                    count,
                                    [&](const RowStream& s) { return comments(s.Draw(0), s.Draw(1)); });
      }
    }
  }

  const bool nation_;
  const std::vector<ValueSet::Member>& places_;
};

}  // namespace

std::unique_ptr<PageSource> OpenCustomer(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<CustomerRows>(scale, range, std::move(columns));
}

std::unique_ptr<PageSource> OpenSupplier(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<SupplierRows>(scale, range, std::move(columns));
}

std::unique_ptr<PageSource> OpenNation(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<PlaceRows>(scale, range, std::move(columns), true);
}

std::unique_ptr<PageSource> OpenRegion(const Scale& scale, UnitRange range, std::vector<uint32_t> columns) {
  return std::make_unique<PlaceRows>(scale, range, std::move(columns), false);
}

}  // namespace planaria::connector::tpch
