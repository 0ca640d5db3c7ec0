#include "connector/tpch/tpch_rows.h"

#include <cstring>

namespace planaria::connector::tpch {

namespace {

void WriteDigits(char* out, int digits, int64_t number) {
  for (int i = digits - 1; i >= 0; i--, number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

duckdb::string_t NumberedName(duckdb::Vector& vector, std::string_view tag, int64_t number) {
  int digits = 9;
  for (int64_t limit = 1000000000; number >= limit; limit *= 10) digits++;
  duckdb::string_t name = duckdb::StringVector::EmptyString(vector, tag.size() + digits);
  char* out = name.GetDataWriteable();
  std::memcpy(out, tag.data(), tag.size());
  WriteDigits(out + tag.size(), digits, number);
  name.Finalize();
  return name;
}

duckdb::string_t Address(duckdb::Vector& vector, const RowStream& stream) {
  static constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,";
  const auto length = static_cast<int>(Uniform(10, 40)(stream.Draw()));
  duckdb::string_t address = duckdb::StringVector::EmptyString(vector, length);
  char* out = address.GetDataWriteable();
  int64_t bits = 0;
  for (int i = 0; i < length; i++, bits >>= 6) {
    if (i % 5 == 0) bits = Uniform(0, 0x7FFFFFFF)(stream.Draw(1 + i / 5));
    out[i] = kAlphabet[bits & 63];
  }
  address.Finalize();
  return address;
}

duckdb::string_t Phone(duckdb::Vector& vector, int64_t nation, const RowStream& stream) {
  duckdb::string_t phone = duckdb::StringVector::EmptyString(vector, 15);
  char* out = phone.GetDataWriteable();
  WriteDigits(out, 2, 10 + nation);
  WriteDigits(out + 3, 3, Uniform(100, 999)(stream.Draw(0)));
  WriteDigits(out + 7, 3, Uniform(100, 999)(stream.Draw(1)));
  WriteDigits(out + 11, 4, Uniform(1000, 9999)(stream.Draw(2)));
  out[2] = out[6] = out[10] = '-';
  phone.Finalize();
  return phone;
}

std::unique_ptr<PageSource> OpenRows(TableId table, const Scale& scale, UnitRange range,
                                     std::vector<uint32_t> columns) {
  switch (table) {
    case TableId::kCustomer:
      return OpenCustomer(scale, range, std::move(columns));
    case TableId::kLineitem:
      return OpenLineitem(scale, range, std::move(columns));
    case TableId::kNation:
      return OpenNation(scale, range, std::move(columns));
    case TableId::kOrders:
      return OpenOrders(scale, range, std::move(columns));
    case TableId::kPart:
      return OpenPart(scale, range, std::move(columns));
    case TableId::kPartsupp:
      return OpenPartsupp(scale, range, std::move(columns));
    case TableId::kRegion:
      return OpenRegion(scale, range, std::move(columns));
    case TableId::kSupplier:
      return OpenSupplier(scale, range, std::move(columns));
  }
  return nullptr;
}

}  // namespace planaria::connector::tpch
