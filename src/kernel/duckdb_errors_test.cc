#include "kernel/duckdb_errors.h"

#include <gtest/gtest.h>

#include "duckdb.hpp"
#include "duckdb/common/exception.hpp"

namespace planaria::kernel {
namespace {

Error FailureOf(const std::string& sql) {
  duckdb::DuckDB db(nullptr);
  duckdb::Connection connection(db);
  try {
    connection.BeginTransaction();
    connection.ExtractPlan(sql);
  } catch (const std::exception& exception) {
    return TranslateException(exception, {sql, "c", "s"});
  }
  const auto result = connection.Query(sql);
  return result->HasError() ? TranslateError(result->GetErrorObject())
                            : Error{errors::NOT_FOUND, "no error", {}, {}};
}

TEST(DuckdbErrorsTest, OwnErrorsComeOutAsTheyWentIn) {
  Error error{errors::HIVE_BAD_DATA, "bad \"data\"\nin {file}", ErrorLocation{2, 3}, {}};
  error.suppressed.push_back({errors::REMOTE_HOST_GONE, "gone", {}, {}});
  try {
    InsideKernel([&] { throw TrinoException(error); });
    FAIL();
  } catch (const duckdb::Exception& exception) {
    const Error back = TranslateException(exception);
    EXPECT_EQ(back.code, error.code);
    EXPECT_EQ(back.message, error.message);
    EXPECT_EQ(back.location, error.location);
    ASSERT_EQ(back.suppressed.size(), 1u);
    EXPECT_EQ(back.suppressed[0].code, errors::REMOTE_HOST_GONE);
    EXPECT_TRUE(CarriesTrinoError(duckdb::ErrorData(exception)));
  }
}

TEST(DuckdbErrorsTest, OverflowIsSaidAsTrinoDoes) {
  EXPECT_EQ(FailureOf("SELECT 2147483647 + CAST(1 AS INTEGER)").ToString(),
            "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1");
  EXPECT_EQ(FailureOf("SELECT CAST(-100 AS TINYINT) * CAST(2 AS TINYINT)").message,
            "tinyint multiplication overflow: -100 * 2");
  EXPECT_EQ(FailureOf("SELECT CAST(1e17 AS DECIMAL(18,0)) * CAST(1e17 AS DECIMAL(18,0))").message,
            "Decimal overflow");
}

TEST(DuckdbErrorsTest, NamesGetLocations) {
  const Error table = FailureOf("SELECT 1\nFROM  other.missing");
  EXPECT_EQ(table.ToString(), "SCHEMA_NOT_FOUND: line 2:7: Schema 'other' does not exist");
  EXPECT_EQ(table.location, (ErrorLocation{2, 7}));
  EXPECT_EQ(FailureOf("SELECT 1 FROM Missing").ToString(),
            "TABLE_NOT_FOUND: line 1:15: Table 'c.s.missing' does not exist");
  EXPECT_EQ(FailureOf("SELECT a FROM (SELECT 1 AS b) t").ToString(),
            "COLUMN_NOT_FOUND: line 1:8: Column 'a' cannot be resolved");
  EXPECT_EQ(FailureOf("SELECT nosuch(1)").ToString(),
            "FUNCTION_NOT_FOUND: line 1:8: Function 'nosuch' not registered");
}

TEST(DuckdbErrorsTest, CodesFollowTheCause) {
  EXPECT_EQ(FailureOf("SELEC 1").code, errors::NOT_SUPPORTED);
  EXPECT_EQ(FailureOf("SELECT CAST('x' AS INTEGER)").code, errors::INVALID_CAST_ARGUMENT);
  EXPECT_EQ(FailureOf("SELECT CAST(range AS TINYINT) FROM range(300)").code,
            errors::NUMERIC_VALUE_OUT_OF_RANGE);
  EXPECT_EQ(FailureOf("SELECT 9223372036854775807 + range FROM range(2)").ToString(),
            "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1");
  EXPECT_EQ(FailureOf("SELECT (SELECT range FROM range(2))").code, errors::SUBQUERY_MULTIPLE_ROWS);
  EXPECT_EQ(FailureOf("SELECT a FROM (SELECT 1 AS a) x, (SELECT 2 AS a) y").code, errors::AMBIGUOUS_NAME);
  EXPECT_EQ(FailureOf("SELECT a, sum(b) FROM (SELECT 1 AS a, 2 AS b)").code,
            errors::EXPRESSION_NOT_AGGREGATE);
  EXPECT_EQ(TranslateException(duckdb::OutOfMemoryException("full")).code,
            errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
  EXPECT_EQ(TranslateException(std::bad_alloc()).code, errors::EXCEEDED_LOCAL_MEMORY_LIMIT);
  EXPECT_EQ(TranslateException(duckdb::InterruptException()).code, errors::USER_CANCELED);
  EXPECT_EQ(TranslateException(std::runtime_error("odd")).code, errors::GENERIC_INTERNAL_ERROR);
}

TEST(DuckdbErrorsTest, OutsideKernelThrowsTrinoErrors) {
  try {
    OutsideKernel([] { throw duckdb::OutOfRangeException("too big"); });
    FAIL();
  } catch (const TrinoException& exception) {
    EXPECT_EQ(exception.error().ToString(), "NUMERIC_VALUE_OUT_OF_RANGE: too big");
  }
}

}  // namespace
}  // namespace planaria::kernel
