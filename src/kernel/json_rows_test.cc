#include "kernel/json_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "kernel/functions/families.h"
#include "kernel/java_number.h"

namespace planaria::kernel {
namespace {

using nlohmann::json;
using protocol::TrinoType;

class JsonRowsTest : public testing::Test {
 protected:
  JsonRowsTest() { RegisterTrinoFunctions(*database_.instance); }

  /// Rows of a query, written in one piece.
  std::string Rows(const std::string& sql, const std::vector<TrinoType>& columns = {}) {
    auto result = connection_.Query(sql);
    if (result->HasError()) ADD_FAILURE() << result->GetError();
    const JsonRowWriter writer =
        columns.empty() ? JsonRowWriter(result->types) : JsonRowWriter(result->types, columns);
    std::string out;
    while (auto chunk = result->Fetch()) {
      if (chunk->size() == 0) break;
      EXPECT_EQ(writer.Append(*chunk, 0, std::numeric_limits<size_t>::max(), &out), chunk->size());
    }
    EXPECT_TRUE(json::accept("[" + out + "]")) << out;
    return out;
  }
  std::string Value(const std::string& expression, const std::vector<TrinoType>& columns = {}) {
    const std::string row = Rows("SELECT " + expression, columns);
    return row.substr(1, row.size() - 2);
  }
  std::string Type(const std::string& expression) {
    return TrinoTypeOf(connection_.Query("SELECT " + expression)->types[0]).DisplayText();
  }
  ErrorCode Refused(const std::string& expression, const std::vector<TrinoType>& columns = {}) {
    try {
      Value(expression, columns);
    } catch (const TrinoException& refused) {
      return refused.error().code;
    }
    ADD_FAILURE() << expression << " was accepted";
    return errors::GENERIC_INTERNAL_ERROR;
  }

  duckdb::DuckDB database_{nullptr};
  duckdb::Connection connection_{database_};
};

TEST_F(JsonRowsTest, TypesOf) {
  EXPECT_EQ(TrinoTypeOf(duckdb::LogicalType::SQLNULL).DisplayText(), "unknown");
  EXPECT_EQ(Type("1::UTINYINT"), "smallint");
  EXPECT_EQ(Type("1::UINTEGER"), "bigint");
  EXPECT_EQ(Type("1::UBIGINT"), "decimal(20, 0)");
  EXPECT_EQ(Type("1::HUGEINT"), "decimal(38, 0)");
  EXPECT_EQ(Type("1.50::DECIMAL(10,2)"), "decimal(10, 2)");
  EXPECT_EQ(Type("now()::TIMESTAMP_S"), "timestamp(0)");
  EXPECT_EQ(Type("now()::TIMESTAMP_MS"), "timestamp(3)");
  EXPECT_EQ(Type("now()::TIMESTAMP"), "timestamp(6)");
  EXPECT_EQ(Type("now()"), "timestamp(6) with time zone");
  EXPECT_EQ(Type("'{}'::JSON"), "json");
  EXPECT_EQ(Type("'a'::ENUM('a','b')"), "varchar");
  EXPECT_EQ(Type("MAP {'a': [1::FLOAT]}"), "map(varchar, array(real))");
  EXPECT_EQ(Type("{'x': 1, 'y': 'z'}"), "row(x integer, y varchar)");
  EXPECT_EQ(Type("row(1, DATE '2024-01-01')"), "row(integer, date)");
  EXPECT_EQ(Type("array_value(1, 2)"), "array(integer)");
  EXPECT_THROW(TrinoTypeOf(duckdb::LogicalType::BIGNUM), TrinoException);
}

TEST_F(JsonRowsTest, Numbers) {
  EXPECT_EQ(Value("true, false, NULL::BOOLEAN"), "true,false,null");
  EXPECT_EQ(Value("(-128)::TINYINT, (-32768)::SMALLINT, 2147483647, (-9223372036854775808)::BIGINT"),
            "-128,-32768,2147483647,-9223372036854775808");
  EXPECT_EQ(Value("255::UTINYINT, 65535::USMALLINT, 4294967295::UINTEGER, 18446744073709551615::UBIGINT"),
            "255,65535,4294967295,\"18446744073709551615\"");
  EXPECT_EQ(
      Value(
          "12.3::DECIMAL(4,2), -0.05::DECIMAL(9,2), 0::DECIMAL(18,3), -0.5::DECIMAL(38,38), 7::DECIMAL(3,0)"),
      "\"12.30\",\"-0.05\",\"0.000\",\"-0.50000000000000000000000000000000000000\",\"7\"");
  EXPECT_EQ(Value("-99999999999999999999999999999999999999::HUGEINT"),
            "\"-99999999999999999999999999999999999999\"");
  EXPECT_EQ(Refused("100000000000000000000000000000000000000::HUGEINT"), errors::NUMERIC_VALUE_OUT_OF_RANGE);
}

TEST_F(JsonRowsTest, Doubles) {
  EXPECT_EQ(Value("1::DOUBLE, -0.0::DOUBLE, 1.5::DOUBLE, 1e10::DOUBLE, 9999999::DOUBLE, 1e7::DOUBLE, "
                  "0.001::DOUBLE, 1e-5::DOUBLE"),
            "1.0,-0.0,1.5,1.0E10,9999999.0,1.0E7,0.001,1.0E-5");
  EXPECT_EQ(Value("'nan'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, 'nan'::FLOAT"),
            "\"NaN\",\"Infinity\",\"-Infinity\",\"NaN\"");
  EXPECT_EQ(Value("0.1::FLOAT, 3.4028235e38::FLOAT, 1.4e-45::FLOAT, 1.7976931348623157e308::DOUBLE, "
                  "4.9e-324::DOUBLE"),
            "0.1,3.4028235E38,1.4E-45,1.7976931348623157E308,4.9E-324");
}

TEST_F(JsonRowsTest, DoublesReadBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    std::string text;
    AppendJavaDouble(value, &text);
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    ASSERT_TRUE(json::parse(text).is_number_float()) << text;
  }
}

TEST_F(JsonRowsTest, Text) {
  EXPECT_EQ(Value("'', 'a\"b\\c', chr(10) || chr(1), 'h\u00e9\u2603'"), R"("","a\"b\\c","\n\u0001","hé☃")");
  EXPECT_EQ(Value("'{\"a\": 1}'::JSON"), R"("{\"a\": 1}")");
  EXPECT_EQ(Value("'b'::ENUM('a','b'), '0101'::BIT"), R"("b","0101")");
  EXPECT_EQ(Value("''::BLOB, 'a'::BLOB, 'ab'::BLOB, 'abc'::BLOB, '\\xFF\\xFE\\xFD'::BLOB"),
            R"("","YQ==","YWI=","YWJj","//79")");
  EXPECT_EQ(Value("'12151FD2-7586-11E9-8F9E-2A86E4085A59'::UUID"),
            "\"12151fd2-7586-11e9-8f9e-2a86e4085a59\"");
  EXPECT_EQ(Value("'h\u00e9'", {TrinoType::Char(4)}), "\"hé  \"");
}

TEST_F(JsonRowsTest, DatesAndTimes) {
  EXPECT_EQ(
      Value("DATE '2024-01-02', DATE '0001-01-01', DATE '9999-12-31', DATE '10000-01-01', DATE '1969-12-31'"),
      R"("2024-01-02","0001-01-01","9999-12-31","+10000-01-01","1969-12-31")");
  EXPECT_EQ(Value("DATE '0001-01-01 (BC)', DATE '0002-12-31 (BC)'"), R"("0000-01-01","-0001-12-31")");
  EXPECT_EQ(Value("TIME '01:02:03.456', TIME '23:59:59.999999'"), R"("01:02:03.456000","23:59:59.999999")");
  EXPECT_EQ(Value("'01:02:03.4+01:30'::TIMETZ, '01:02:03-05'::TIMETZ"),
            R"("01:02:03.400000+01:30","01:02:03.000000-05:00")");
  EXPECT_EQ(Value("TIMESTAMP '2024-01-02 03:04:05.123456', TIMESTAMP '1969-12-31 23:59:59.5', "
                  "'2024-01-02 03:04:05'::TIMESTAMP_S, '2024-01-02 03:04:05.12'::TIMESTAMP_MS, "
                  "'2024-01-02 03:04:05.123456789'::TIMESTAMP_NS"),
            R"("2024-01-02 03:04:05.123456","1969-12-31 23:59:59.500000","2024-01-02 03:04:05",)"
            R"("2024-01-02 03:04:05.120","2024-01-02 03:04:05.123456789")");
  EXPECT_EQ(Value("trino_zoned_of_text('2020-07-01 02:03:04.123456789 Europe/Berlin', 12, 'UTC'), "
                  "trino_zoned_of_literal('1969-12-31 20:00:00 -05:30')"),
            R"("2020-07-01 02:03:04.123456 Europe/Berlin","1969-12-31 20:00:00.000000 -05:30")");
  EXPECT_EQ(Value("trino_fine_of_text('1969-12-31 23:59:59.999999999999', 12)", {TrinoType::Timestamp(12)}),
            R"("1969-12-31 23:59:59.999999999999")");
  EXPECT_EQ(Value("trino_fine_time_of_text('01:02:03.123456789', 9)", {TrinoType::Time(9)}),
            R"("01:02:03.123456789")");
  EXPECT_EQ(Value("trino_zoned_time_of_text('01:02:03.4 +02:00', 1, 'UTC'), "
                  "trino_zoned_time_of_text('01:02', 1, 'UTC')",
                  {TrinoType::TimeWithTimeZone(1), TrinoType::TimeWithTimeZone(0)}),
            R"("01:02:03.4+02:00","01:02:00+00:00")");
  EXPECT_EQ(Value("make_timestamptz(1704164645123456)"), R"("2024-01-02 03:04:05.123456 UTC")");
  EXPECT_EQ(Refused("'infinity'::DATE"), errors::NUMERIC_VALUE_OUT_OF_RANGE);
  EXPECT_EQ(Refused("'-infinity'::TIMESTAMP"), errors::NUMERIC_VALUE_OUT_OF_RANGE);
}

TEST_F(JsonRowsTest, DeclaredPrecision) {
  const std::string timestamp = "TIMESTAMP '2024-12-31 23:59:59.999500'";
  EXPECT_EQ(Value(timestamp, {TrinoType::Timestamp(3)}), "\"2025-01-01 00:00:00.000\"");
  EXPECT_EQ(Value(timestamp, {TrinoType::Timestamp(6).WithoutDatetimePrecision()}),
            "\"2025-01-01 00:00:00.000\"");
  EXPECT_EQ(Value(timestamp, {TrinoType::Timestamp(0)}), "\"2025-01-01 00:00:00\"");
  EXPECT_EQ(Value(timestamp, {TrinoType::Timestamp(12)}), "\"2024-12-31 23:59:59.999500000000\"");
  EXPECT_EQ(Value("TIMESTAMP '1969-12-31 23:59:59.9994'", {TrinoType::Timestamp(3)}),
            "\"1969-12-31 23:59:59.999\"");
  EXPECT_EQ(Value("TIME '23:59:59.9995'", {TrinoType::Time(3)}), "\"00:00:00.000\"");
  EXPECT_EQ(Value("TIMESTAMP '290000-01-01 00:00:00'", {TrinoType::Timestamp(12)}),
            "\"+290000-01-01 00:00:00.000000000000\"");
}

TEST_F(JsonRowsTest, Intervals) {
  EXPECT_EQ(Value("INTERVAL '3 days 04:05:06.789', INTERVAL '-1 second', INTERVAL '25 hours'"),
            R"("3 04:05:06.789","-0 00:00:01.000","1 01:00:00.000")");
  EXPECT_EQ(Value("INTERVAL '14 months'", {TrinoType::Of("interval year to month")}), "\"1-2\"");
  EXPECT_EQ(Value("INTERVAL '-14 months'", {TrinoType::Of("interval year to month")}), "\"-1-2\"");
  EXPECT_EQ(Refused("INTERVAL '1 month'"), errors::NUMERIC_VALUE_OUT_OF_RANGE);
  EXPECT_EQ(Refused("INTERVAL '1 day'", {TrinoType::Of("interval year to month")}),
            errors::NUMERIC_VALUE_OUT_OF_RANGE);
}

TEST_F(JsonRowsTest, Nested) {
  EXPECT_EQ(Value("[1, NULL, 3], []::INTEGER[], NULL::INTEGER[], [[1.5::DOUBLE], NULL]"),
            "[1,null,3],[],null,[[1.5],null]");
  EXPECT_EQ(Value("array_value(1, NULL)"), "[1,null]");
  EXPECT_EQ(Value("{'x': 1, 'y': [DATE '2024-01-01']}, {'x': NULL::INTEGER}"),
            R"([1,["2024-01-01"]],[null])");
  EXPECT_EQ(Value("MAP {'a': 1, 'b': NULL}, MAP {1: 'x'}, MAP {1.5::DOUBLE: true}, MAP {true: [1]}"),
            R"({"a":1,"b":null},{"1":"x"},{"1.5":true},{"true":[1]})");
  EXPECT_EQ(Value("NULL, [NULL]"), "null,[null]");
  EXPECT_EQ(Value("[{'t': TIMESTAMP '2024-01-01'}]",
                  {TrinoType::Array(TrinoType::Row({{"t", TrinoType::Timestamp(0)}}))}),
            R"([["2024-01-01 00:00:00"]])");
}

TEST_F(JsonRowsTest, NestedRowsOfManyShapes) {
  const std::string rows = Rows(
      "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE {'a': i, 'l': range(i % 4)} END, "
      "array_value(i, CASE WHEN i % 2 = 0 THEN NULL ELSE i + 1 END), MAP {i: {'v': [i]}} "
      "FROM range(5000) t(i) WHERE i % 5 <> 0 ORDER BY i");
  const json parsed = json::parse("[" + rows + "]");
  ASSERT_EQ(parsed.size(), 4000u);
  for (const json& row : parsed) {
    const int64_t i = row[0];
    if (i % 3 == 0) {
      EXPECT_TRUE(row[1].is_null());
    } else {
      EXPECT_EQ(row[1][0], i);
      EXPECT_EQ(row[1][1].size(), static_cast<size_t>(i % 4));
    }
    EXPECT_EQ(row[2][0], i);
    EXPECT_EQ(row[2][1].is_null(), i % 2 == 0);
    EXPECT_EQ(row[3][std::to_string(i)], json::parse("[[" + std::to_string(i) + "]]"));
  }
}

TEST_F(JsonRowsTest, StopsAtTheSizeAndGoesOn) {
  auto result = connection_.Query("SELECT i FROM range(100) t(i)");
  auto chunk = result->Fetch();
  const JsonRowWriter writer(result->types);
  std::string all;
  writer.Append(*chunk, 0, 1 << 20, &all);
  std::string joined;
  size_t row = 0;
  int pages = 0;
  while (row < chunk->size()) {
    std::string page;
    row = writer.Append(*chunk, row, 40, &page);
    EXPECT_GE(page.size(), row < chunk->size() ? 40u : 1u);
    joined += (joined.empty() ? "" : ",") + page;
    ++pages;
  }
  EXPECT_EQ(joined, all);
  EXPECT_GT(pages, 5);
}

TEST_F(JsonRowsTest, PairsThatDoNotFit) {
  EXPECT_EQ(Refused("1", {TrinoType::Of("date")}), errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(Refused("1.5::DECIMAL(3,1)", {TrinoType::Decimal(3, 2)}), errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(Refused("[1]", {TrinoType::Of("bigint")}), errors::GENERIC_INTERNAL_ERROR);
  EXPECT_EQ(Refused("1", {TrinoType::Of("bigint"), TrinoType::Of("bigint")}), errors::GENERIC_INTERNAL_ERROR);
}

}  // namespace
}  // namespace planaria::kernel
