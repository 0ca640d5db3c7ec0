// Casts to varchar whose text is not DuckDB's, and the check of varchar(n).
#include <fmt/format.h>

#include <charconv>

#include "kernel/datetime_text.h"
#include "kernel/functions/decimal_argument.h"
#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/scientific_text.h"
#include "kernel/functions/utf8.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

template <typename Float>
void FloatToText(Float value, std::string& out) {
  AppendScientific(value, &out);
}

/// A year beyond 9999 has no sign here, as it has in rows and in timestamps.
void DateToText(duckdb::date_t date, std::string& out) {
  AppendDate(date.days, &out);
  if (out.starts_with('+')) out.erase(0, 1);
}

/// The fraction has `digits` digits, those of the type timestamp(p).
void TimestampToText(duckdb::timestamp_t timestamp, int32_t digits, std::string& out) {
  AppendTimestamp(timestamp.value, 6, digits, &out);
}

void TimeToText(duckdb::dtime_t time, int32_t digits, std::string& out) {
  AppendTime(time.micros, 6, digits, &out);
}

void InstantToText(Instant instant, int32_t digits, std::string& out) {
  AppendTimestamp(instant.micros, 6, digits, &out);
  out += " UTC";
}

void BooleanToText(bool value, std::string& out) { out = value ? "true" : "false"; }

template <typename T>
void IntegerToText(T value, std::string& out) {
  char buffer[24];
  out.assign(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

void DecimalToText(Int128 unscaled, DecimalShape shape, std::string& out) {
  AppendDecimal(unscaled, shape.scale, &out);
}

/// The text of something that was no text, as varchar(length).
void CheckedLength(std::string_view text, int64_t length, std::string& out) {
  if (static_cast<int64_t>(CodePoints(text)) > length) {
    FailFunction(errors::INVALID_CAST_ARGUMENT,
                 fmt::format("Value {} cannot be represented as varchar({})", text, length));
  }
  out = text;
}

/// A varchar as varchar(length): cut without a word.
void Truncated(std::string_view text, int64_t length, std::string& out) {
  out = text.substr(0, OffsetOfCodePoint(text, static_cast<size_t>(std::max<int64_t>(length, 0))));
}

/// A varchar as char(length): cut or padded.
void Padded(std::string_view text, int64_t length, std::string& out) {
  Truncated(text, length, out);
  const auto points = static_cast<int64_t>(CodePoints(out));
  if (points < length) out.append(static_cast<size_t>(length - points), ' ');
}

}  // namespace

void AddCastsToText(FunctionSet& functions) {
  functions.Add(Scalar<&FloatToText<double>>("trino_cast_to_varchar"));
  functions.Add(Scalar<&FloatToText<float>>("trino_cast_to_varchar"));
  functions.Add(Scalar<&BooleanToText>("trino_cast_to_varchar"));
  functions.Add(Scalar<&IntegerToText<int8_t>>("trino_cast_to_varchar"));
  functions.Add(Scalar<&IntegerToText<int16_t>>("trino_cast_to_varchar"));
  functions.Add(Scalar<&IntegerToText<int32_t>>("trino_cast_to_varchar"));
  functions.Add(Scalar<&IntegerToText<int64_t>>("trino_cast_to_varchar"));
  functions.Add(OfDecimal<&DecimalToText>("trino_cast_to_varchar", duckdb::LogicalType::VARCHAR));
  functions.Add(Scalar<&DateToText>("trino_cast_to_varchar"));
  functions.Add(Scalar<&TimestampToText>("trino_cast_to_varchar"));
  functions.Add(Scalar<&TimeToText>("trino_cast_to_varchar"));
  functions.Add(Scalar<&InstantToText>("trino_cast_to_varchar"));
  functions.Add(Scalar<&CheckedLength>("trino_checked_varchar"));
  functions.Add(Scalar<&Truncated>("trino_truncated_varchar"));
  functions.Add(Scalar<&Padded>("trino_cast_to_char"));
}

}  // namespace planaria::kernel
