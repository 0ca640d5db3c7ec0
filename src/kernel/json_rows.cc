#include "kernel/json_rows.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "duckdb/common/types/bit.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "kernel/datetime_text.h"
#include "kernel/functions/moments.h"
#include "kernel/ip_address.h"
#include "kernel/java_number.h"
#include "protocol/json_text.h"

namespace planaria::kernel {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using protocol::TrinoType;
using Node = JsonRowWriter::Node;
using Format = Node::Format;

namespace {

constexpr int kDefaultDatetimeDigits = 3;

template <typename Value>
const Value& At(const Format& format, idx_t index) {
  return duckdb::UnifiedVectorFormat::GetData<Value>(format.unified)[index];
}

[[noreturn]] void OutOfRange(const std::string& what) {
  throw TrinoException(errors::NUMERIC_VALUE_OUT_OF_RANGE, what);
}

void AppendCell(const Node& node, const Format& format, idx_t row, std::string* out) {
  const idx_t index = format.unified.sel->get_index(row);
  if (format.unified.validity.RowIsValid(index)) {
    node.append(node, format, index, out);
  } else {
    out->append("null");
  }
}

template <typename Integer>
void AppendInteger(const Node&, const Format& format, idx_t index, std::string* out) {
  char buffer[24];
  out->append(buffer,
              std::to_chars(buffer, buffer + sizeof(buffer), At<Integer>(format, index)).ptr - buffer);
}

void AppendBoolean(const Node&, const Format& format, idx_t index, std::string* out) {
  out->append(At<bool>(format, index) ? "true" : "false");
}

template <typename Float>
void AppendFloat(const Node&, const Format& format, idx_t index, std::string* out) {
  const Float value = At<Float>(format, index);
  const bool quoted = !std::isfinite(value);
  if (quoted) out->push_back('"');
  if constexpr (sizeof(Float) == 4) {
    AppendJavaFloat(value, out);
  } else {
    AppendJavaDouble(value, out);
  }
  if (quoted) out->push_back('"');
}

__int128 Wide(const duckdb::hugeint_t& value) {
  return (static_cast<__int128>(value.upper) << 64) | value.lower;
}
template <typename Integer>
__int128 Wide(Integer value) {
  return value;
}

template <typename Integer>
void AppendDecimalValue(const Node& node, const Format& format, idx_t index, std::string* out) {
  static constexpr __int128 kLimit =
      static_cast<__int128>(10'000'000'000'000'000'000ull) * 10'000'000'000'000'000'000ull;
  const __int128 value = Wide(At<Integer>(format, index));
  out->push_back('"');
  AppendDecimal(value, node.digits, out);
  out->push_back('"');
  if constexpr (sizeof(Integer) == 16) {
    if (value >= kLimit || value <= -kLimit) OutOfRange("Decimal overflow: more than 38 digits");
  }
}

std::string_view TextAt(const Format& format, idx_t index) {
  const auto& text = At<duckdb::string_t>(format, index);
  return {text.GetData(), text.GetSize()};
}

void AppendText(const Node&, const Format& format, idx_t index, std::string* out) {
  protocol::AppendJsonString(TextAt(format, index), out);
}

void AppendChar(const Node& node, const Format& format, idx_t index, std::string* out) {
  const std::string_view text = TextAt(format, index);
  idx_t characters = 0;
  for (const char c : text) characters += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  protocol::AppendJsonString(text, out);
  if (characters < node.length) out->insert(out->size() - 1, node.length - characters, ' ');
}

template <typename Position>
void AppendEnum(const Node& node, const Format& format, idx_t index, std::string* out) {
  const auto text = duckdb::EnumType::GetString(node.type, At<Position>(format, index));
  protocol::AppendJsonString({text.GetData(), text.GetSize()}, out);
}

void AppendBit(const Node&, const Format& format, idx_t index, std::string* out) {
  protocol::AppendJsonString(duckdb::Bit::ToString(At<duckdb::string_t>(format, index)), out);
}

void AppendBase64(const Node&, const Format& format, idx_t index, std::string* out) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string_view bytes = TextAt(format, index);
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0u; };
  out->push_back('"');
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out->push_back(kAlphabet[bits >> 18]);
    out->push_back(kAlphabet[bits >> 12 & 63]);
    out->push_back(i + 1 < bytes.size() ? kAlphabet[bits >> 6 & 63] : '=');
    out->push_back(i + 2 < bytes.size() ? kAlphabet[bits & 63] : '=');
  }
  out->push_back('"');
}

void AppendAddress(const Node&, const Format& format, idx_t index, std::string* out) {
  out->push_back('"');
  AppendIpAddress(TextAt(format, index), out);
  out->push_back('"');
}

void AppendUuid(const Node&, const Format& format, idx_t index, std::string* out) {
  out->push_back('"');
  out->append(duckdb::BaseUUID::ToString(At<duckdb::hugeint_t>(format, index)));
  out->push_back('"');
}

void AppendDateValue(const Node&, const Format& format, idx_t index, std::string* out) {
  const auto date = At<duckdb::date_t>(format, index);
  if (!duckdb::Date::IsFinite(date)) OutOfRange("date is infinite");
  out->push_back('"');
  AppendDate(date.days, out);
  out->push_back('"');
}

void AppendTimeValue(const Node& node, const Format& format, idx_t index, std::string* out) {
  out->push_back('"');
  AppendTime(At<int64_t>(format, index), node.unit_digits, node.digits, out);
  out->push_back('"');
}

void AppendTimeTz(const Node& node, const Format& format, idx_t index, std::string* out) {
  const auto time = At<duckdb::dtime_tz_t>(format, index);
  out->push_back('"');
  AppendTime(time.time().micros, 6, node.digits, out);
  AppendOffset(time.offset(), out);
  out->push_back('"');
}

void AppendTimestampValue(const Node& node, const Format& format, idx_t index, std::string* out) {
  const auto units = At<int64_t>(format, index);
  if (!duckdb::Timestamp::IsFinite(duckdb::timestamp_t(units))) OutOfRange("timestamp is infinite");
  out->push_back('"');
  AppendTimestamp(units, node.unit_digits, node.digits, out);
  if (node.type.id() == LogicalTypeId::TIMESTAMP_TZ) out->append(" UTC");
  out->push_back('"');
}

/// What kernel/moment.h stores: a local time, in the zone that it has.
template <bool kTime, bool kZoned>
void AppendMomentValue(const Node& node, const Format& format, idx_t index, std::string* out) {
  const Moment moment = Unpack(At<duckdb::uhugeint_t>(format, index));
  out->push_back('"');
  if constexpr (kTime) {
    AppendTimeOfDay(LocalTimeOf(moment), node.digits, out);
    if constexpr (kZoned) out->append(moment.zone == kUtc ? "+00:00" : ZoneName(moment.zone));
  } else {
    AppendMoment(LocalOf(moment), node.digits, out);
    if constexpr (kZoned) out->append(" " + ZoneName(moment.zone));
  }
  out->push_back('"');
}

void AppendYearMonthValue(const Node&, const Format& format, idx_t index, std::string* out) {
  const auto& interval = At<duckdb::interval_t>(format, index);
  if (interval.days != 0 || interval.micros != 0) OutOfRange("interval year to month holds days or less");
  out->push_back('"');
  AppendYearToMonth(interval.months, out);
  out->push_back('"');
}

void AppendDaySecondValue(const Node&, const Format& format, idx_t index, std::string* out) {
  const auto& interval = At<duckdb::interval_t>(format, index);
  if (interval.months != 0) OutOfRange("interval day to second holds months");
  // Days and the rest of the micros apart: their sum in micros may not fit.
  const int64_t days = interval.days + interval.micros / kMicrosPerDay;
  out->push_back('"');
  AppendDayToSecond(days * 86'400'000 + interval.micros % kMicrosPerDay / 1000, out);
  out->push_back('"');
}

void AppendElements(const Node& node, const Format& elements, idx_t offset, idx_t count, std::string* out) {
  out->push_back('[');
  for (idx_t i = 0; i < count; ++i) {
    if (i > 0) out->push_back(',');
    AppendCell(node, elements, offset + i, out);
  }
  out->push_back(']');
}

void AppendMap(const Node& node, const Format& format, idx_t index, std::string* out);

void AppendList(const Node& node, const Format& format, idx_t index, std::string* out) {
  const auto& entry = At<duckdb::list_entry_t>(format, index);
  AppendElements(node.children[0], format.children[0], entry.offset, entry.length, out);
}

void AppendArray(const Node& node, const Format& format, idx_t index, std::string* out) {
  AppendElements(node.children[0], format.children[0], index * node.length, node.length, out);
}

void AppendStruct(const Node& node, const Format& format, idx_t index, std::string* out) {
  out->push_back('[');
  for (size_t field = 0; field < node.children.size(); ++field) {
    if (field > 0) out->push_back(',');
    AppendCell(node.children[field], format.children[field], index, out);
  }
  out->push_back(']');
}

/// A key as Java's toString has it: `[1, a]` of an array or a row, `{k=v}` of a map, texts without quotes.
void AppendJavaText(const Node& node, const Format& format, idx_t row, std::string* out) {
  const idx_t index = format.unified.sel->get_index(row);
  if (!format.unified.validity.RowIsValid(index)) {
    out->append("null");
    return;
  }
  const auto separate = [&](idx_t i) {
    if (i > 0) out->append(", ");
  };
  if (node.append == AppendList) {
    const auto& entry = At<duckdb::list_entry_t>(format, index);
    out->push_back('[');
    for (idx_t i = 0; i < entry.length; ++i) {
      separate(i);
      AppendJavaText(node.children[0], format.children[0], entry.offset + i, out);
    }
    out->push_back(']');
  } else if (node.append == AppendStruct) {
    out->push_back('[');
    for (size_t field = 0; field < node.children.size(); ++field) {
      separate(field);
      AppendJavaText(node.children[field], format.children[field], index, out);
    }
    out->push_back(']');
  } else if (node.append == AppendMap) {
    const auto& entry = At<duckdb::list_entry_t>(format, index);
    const Format& entries = format.children[0];
    out->push_back('{');
    for (idx_t i = 0; i < entry.length; ++i) {
      separate(i);
      const idx_t at = entries.unified.sel->get_index(entry.offset + i);
      AppendJavaText(node.children[0], entries.children[0], at, out);
      out->push_back('=');
      AppendJavaText(node.children[1], entries.children[1], at, out);
    }
    out->push_back('}');
  } else if (node.append == AppendText) {
    out->append(TextAt(format, index));
  } else {
    std::string text;
    node.append(node, format, index, &text);
    const bool quoted = text.size() > 1 && text.front() == '"';
    out->append(quoted ? text.substr(1, text.size() - 2) : text);
  }
}

void AppendMap(const Node& node, const Format& format, idx_t index, std::string* out) {
  const auto& entry = At<duckdb::list_entry_t>(format, index);
  const Format& entries = format.children[0];
  std::string key;
  out->push_back('{');
  for (idx_t i = 0; i < entry.length; ++i) {
    if (i > 0) out->push_back(',');
    const idx_t at = entries.unified.sel->get_index(entry.offset + i);
    key.clear();
    if (node.children[0].children.empty()) {
      AppendCell(node.children[0], entries.children[0], at, &key);
    } else {
      AppendJavaText(node.children[0], entries.children[0], at, &key);
    }
    if (key.front() == '"') {
      out->append(key);
    } else {
      protocol::AppendJsonString(key, out);
    }
    out->push_back(':');
    AppendCell(node.children[1], entries.children[1], at, out);
  }
  out->push_back('}');
}

void AppendUnknown(const Node&, const Format&, idx_t, std::string* out) { out->append("null"); }

[[noreturn]] void Mismatch(const LogicalType& type, const TrinoType& column) {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                       "Values of type " + type.ToString() + " cannot be shown as " + column.DisplayText());
}

void Require(bool fits, const LogicalType& type, const TrinoType& column) {
  if (!fits) Mismatch(type, column);
}

/// Integers are shown as numbers, or as text when declared decimal.
template <typename Integer>
void SetInteger(Node* node, const TrinoType& column) {
  if (column.raw == "decimal") {
    Require(column.numbers.size() == 2 && column.numbers[1] == 0, node->type, column);
    node->append = AppendDecimalValue<Integer>;
  } else if constexpr (sizeof(Integer) <= 8) {
    Require(column.raw.ends_with("int") || column.raw == "integer", node->type, column);
    node->append = AppendInteger<Integer>;
  } else {
    Mismatch(node->type, column);
  }
}

void SetDecimal(Node* node, const TrinoType& column) {
  node->digits = duckdb::DecimalType::GetScale(node->type);
  Require(column.raw == "decimal" && column.numbers.size() == 2 && column.numbers[1] == node->digits,
          node->type, column);
  switch (node->type.InternalType()) {
    case duckdb::PhysicalType::INT16:
      node->append = AppendDecimalValue<int16_t>;
      return;
    case duckdb::PhysicalType::INT32:
      node->append = AppendDecimalValue<int32_t>;
      return;
    case duckdb::PhysicalType::INT64:
      node->append = AppendDecimalValue<int64_t>;
      return;
    default:
      node->append = AppendDecimalValue<duckdb::hugeint_t>;
  }
}

void SetDatetime(Node* node, const TrinoType& column, std::string_view raw, int unit_digits,
                 decltype(Node::append) append) {
  Require(column.raw == raw, node->type, column);
  node->unit_digits = unit_digits;
  node->digits = column.numbers.empty() ? kDefaultDatetimeDigits : static_cast<int>(column.numbers[0]);
  Require(node->digits >= 0 && node->digits <= 12, node->type, column);
  node->append = append;
}

void SetMoment(Node* node, const TrinoType& column) {
  using Append = decltype(Node::append);
  static constexpr std::pair<std::string_view, Append> kKinds[] = {
      {"time", AppendMomentValue<true, false>},
      {"time with time zone", AppendMomentValue<true, true>},
      {"timestamp", AppendMomentValue<false, false>},
      {"timestamp with time zone", AppendMomentValue<false, true>}};
  for (const auto& [raw, append] : kKinds) {
    if (column.raw == raw) return SetDatetime(node, column, raw, 12, append);
  }
  Mismatch(node->type, column);
}

void SetEnum(Node* node) {
  switch (node->type.InternalType()) {
    case duckdb::PhysicalType::UINT8:
      node->append = AppendEnum<uint8_t>;
      return;
    case duckdb::PhysicalType::UINT16:
      node->append = AppendEnum<uint16_t>;
      return;
    default:
      node->append = AppendEnum<uint32_t>;
  }
}

Node MakeNode(const LogicalType& type, const TrinoType& column);

void SetStruct(Node* node, const TrinoType& column) {
  const auto& fields = duckdb::StructType::GetChildTypes(node->type);
  Require(column.raw == "row" && column.types.size() == fields.size(), node->type, column);
  for (size_t i = 0; i < fields.size(); ++i) {
    node->children.push_back(MakeNode(fields[i].second, column.types[i]));
  }
  node->append = AppendStruct;
}

Node MakeNode(const LogicalType& type, const TrinoType& column) {
  Node node;
  node.type = type;
  const auto set = [&](std::string_view raw, decltype(Node::append) append) {
    Require(column.raw == raw, type, column);
    node.append = append;
  };
  if (column.raw == "unknown") {
    node.append = AppendUnknown;
    return node;
  }
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      node.append = AppendUnknown;
      break;
    case LogicalTypeId::BOOLEAN:
      set("boolean", AppendBoolean);
      break;
    case LogicalTypeId::TINYINT:
      SetInteger<int8_t>(&node, column);
      break;
    case LogicalTypeId::SMALLINT:
      SetInteger<int16_t>(&node, column);
      break;
    case LogicalTypeId::INTEGER:
      SetInteger<int32_t>(&node, column);
      break;
    case LogicalTypeId::BIGINT:
      SetInteger<int64_t>(&node, column);
      break;
    case LogicalTypeId::UTINYINT:
      SetInteger<uint8_t>(&node, column);
      break;
    case LogicalTypeId::USMALLINT:
      SetInteger<uint16_t>(&node, column);
      break;
    case LogicalTypeId::UINTEGER:
      SetInteger<uint32_t>(&node, column);
      break;
    case LogicalTypeId::UBIGINT:
      SetInteger<uint64_t>(&node, column);
      break;
    case LogicalTypeId::HUGEINT:
      SetInteger<duckdb::hugeint_t>(&node, column);
      break;
    case LogicalTypeId::UHUGEINT:
      SetMoment(&node, column);
      break;
    case LogicalTypeId::DECIMAL:
      SetDecimal(&node, column);
      break;
    case LogicalTypeId::FLOAT:
      set("real", AppendFloat<float>);
      break;
    case LogicalTypeId::DOUBLE:
      set("double", AppendFloat<double>);
      break;
    case LogicalTypeId::VARCHAR:
      // Types that DuckDB does not have (json, ...) are carried as their text.
      node.append = AppendText;
      if (column.raw == "char") {
        Require(column.numbers.size() == 1 && column.numbers[0] >= 0, type, column);
        node.length = static_cast<idx_t>(column.numbers[0]);
        node.append = AppendChar;
      }
      break;
    case LogicalTypeId::ENUM:
      SetEnum(&node);
      break;
    case LogicalTypeId::BIT:
      set("varchar", AppendBit);
      break;
    case LogicalTypeId::BLOB:
      // Sketches are binary too, under their own names.
      node.append = column.raw == "ipaddress" ? AppendAddress : AppendBase64;
      break;
    case LogicalTypeId::UUID:
      set("uuid", AppendUuid);
      break;
    case LogicalTypeId::DATE:
      set("date", AppendDateValue);
      break;
    case LogicalTypeId::TIME:
      SetDatetime(&node, column, "time", 6, AppendTimeValue);
      break;
    case LogicalTypeId::TIME_NS:
      SetDatetime(&node, column, "time", 9, AppendTimeValue);
      break;
    case LogicalTypeId::TIME_TZ:
      SetDatetime(&node, column, "time with time zone", 6, AppendTimeTz);
      break;
    case LogicalTypeId::TIMESTAMP_SEC:
      SetDatetime(&node, column, "timestamp", 0, AppendTimestampValue);
      break;
    case LogicalTypeId::TIMESTAMP_MS:
      SetDatetime(&node, column, "timestamp", 3, AppendTimestampValue);
      break;
    case LogicalTypeId::TIMESTAMP:
      SetDatetime(&node, column, "timestamp", 6, AppendTimestampValue);
      break;
    case LogicalTypeId::TIMESTAMP_NS:
      SetDatetime(&node, column, "timestamp", 9, AppendTimestampValue);
      break;
    case LogicalTypeId::TIMESTAMP_TZ:
      SetDatetime(&node, column, "timestamp with time zone", 6, AppendTimestampValue);
      break;
    case LogicalTypeId::INTERVAL:
      if (column.raw == "interval year to month") {
        node.append = AppendYearMonthValue;
      } else {
        set("interval day to second", AppendDaySecondValue);
      }
      break;
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY: {
      const bool fixed = type.id() == LogicalTypeId::ARRAY;
      set("array", fixed ? AppendArray : AppendList);
      Require(column.types.size() == 1, type, column);
      if (fixed) node.length = duckdb::ArrayType::GetSize(type);
      const auto& element =
          fixed ? duckdb::ArrayType::GetChildType(type) : duckdb::ListType::GetChildType(type);
      node.children.push_back(MakeNode(element, column.types[0]));
      break;
    }
    case LogicalTypeId::MAP:
      set("map", AppendMap);
      Require(column.types.size() == 2, type, column);
      node.children.push_back(MakeNode(duckdb::MapType::KeyType(type), column.types[0]));
      node.children.push_back(MakeNode(duckdb::MapType::ValueType(type), column.types[1]));
      break;
    case LogicalTypeId::STRUCT:
      SetStruct(&node, column);
      break;
    default:
      Mismatch(type, column);
  }
  return node;
}

std::vector<TrinoType> TrinoTypesOf(const duckdb::vector<LogicalType>& types) {
  std::vector<TrinoType> columns;
  for (const LogicalType& type : types) columns.push_back(TrinoTypeOf(type));
  return columns;
}

}  // namespace

JsonRowWriter::JsonRowWriter(const duckdb::vector<LogicalType>& types,
                             const std::vector<TrinoType>& columns) {
  if (types.size() != columns.size()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "A result of " + std::to_string(types.size()) +
                                                             " columns cannot be shown as " +
                                                             std::to_string(columns.size()));
  }
  for (size_t i = 0; i < types.size(); ++i) nodes_.push_back(MakeNode(types[i], columns[i]));
}

JsonRowWriter::JsonRowWriter(const duckdb::vector<LogicalType>& types)
    : JsonRowWriter(types, TrinoTypesOf(types)) {}

size_t JsonRowWriter::Append(duckdb::DataChunk& chunk, size_t first_row, size_t max_bytes,
                             std::string* out) const {
  std::vector<Format> formats(nodes_.size());
  for (size_t column = 0; column < nodes_.size(); ++column) {
    duckdb::Vector::RecursiveToUnifiedFormat(chunk.data[column], chunk.size(), formats[column]);
  }
  size_t row = first_row;
  while (row < chunk.size()) {
    out->append(out->empty() ? "[" : ",[");
    for (size_t column = 0; column < nodes_.size(); ++column) {
      if (column > 0) out->push_back(',');
      AppendCell(nodes_[column], formats[column], row, out);
    }
    out->push_back(']');
    ++row;
    if (out->size() >= max_bytes) break;
  }
  return row;
}

}  // namespace planaria::kernel
