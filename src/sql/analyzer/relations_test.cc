// What FROM may hold, and the parameters of a statement: errors with their places.
#include <gtest/gtest.h>

#include "sql/analyzer/analyzer.h"
#include "sql/parse.h"

namespace planaria::sql {
namespace {

/// c.s.t (a bigint, s varchar(5)).
class Tables : public Metadata {
 public:
  bool HasCatalog(const std::string& catalog) const override { return catalog == "c"; }
  bool HasSchema(const std::string&, const std::string& schema) const override { return schema == "s"; }
  std::optional<std::vector<TableColumn>> FindTable(const std::string& catalog, const std::string& schema,
                                                    const std::string& table) const override {
    if (catalog != "c" || schema != "s" || table != "t") return std::nullopt;
    return std::vector<TableColumn>{{"a", Type::Of(TypeKind::kBigint)}, {"s", Type::Varchar(5)}};
  }
};

/// The columns, or the error.
std::string Result(std::string_view sql) {
  try {
    const auto analyzed = Analyze(*Parse(sql), {}, {"c", "s"}, Tables());
    if (!analyzed) return "not analysed";
    std::string text;
    for (const OutputColumn& column : analyzed->columns) {
      text += (text.empty() ? "" : ", ") + column.name + " " + column.type.ToString();
    }
    return text;
  } catch (const TrinoException& e) {
    return e.error().ToString();
  }
}

TEST(Relations, FetchFirst) {
  EXPECT_EQ(Result("SELECT a FROM t ORDER BY s FETCH FIRST 2 ROWS WITH TIES"), "a bigint");
  EXPECT_EQ(Result("SELECT DISTINCT a FROM t ORDER BY a OFFSET 1 FETCH FIRST ROW WITH TIES"), "a bigint");
  EXPECT_EQ(Result("SELECT a FROM t UNION SELECT 1 ORDER BY 1 FETCH FIRST ROW WITH TIES"), "a bigint");
  EXPECT_EQ(Result("SELECT a FROM t FETCH FIRST ROW WITH TIES"),
            "MISSING_ORDER_BY: line 1:17: FETCH FIRST WITH TIES clause requires ORDER BY");
  EXPECT_EQ(
      Result("SELECT a FROM t FETCH FIRST 0 ROWS ONLY"),
      "NUMERIC_VALUE_OUT_OF_RANGE: line 1:17: FETCH FIRST row count must be positive (actual value: 0)");
}

TEST(Relations, Samples) {
  EXPECT_EQ(Result("SELECT x.a FROM t AS x TABLESAMPLE BERNOULLI (10 * 2)"), "a bigint");
  EXPECT_EQ(Result("SELECT y.p FROM (t CROSS JOIN t u) AS y (p, q, r, s)"), "p bigint");
  EXPECT_EQ(Result("SELECT 1 FROM t TABLESAMPLE SYSTEM (101)"),
            "NUMERIC_VALUE_OUT_OF_RANGE: line 1:37: Sample percentage must be less than or equal to 100");
  EXPECT_EQ(Result("SELECT 1 FROM t TABLESAMPLE SYSTEM (a)"),
            "EXPRESSION_NOT_CONSTANT: line 1:37: Sample percentage cannot contain column references");
  EXPECT_EQ(Result("SELECT 1 FROM t TABLESAMPLE SYSTEM (NULL)"),
            "INVALID_ARGUMENTS: line 1:37: Sample percentage cannot be NULL");
  EXPECT_EQ(Result("SELECT 1 FROM t TABLESAMPLE SYSTEM ((SELECT 1))"),
            "EXPRESSION_NOT_CONSTANT: line 1:37: Constant expression cannot contain a subquery");
}

TEST(Relations, TableFunctions) {
  EXPECT_EQ(Result("SELECT * FROM TABLE(sequence(stop => 5)) AS x (n)"), "N bigint");
  EXPECT_EQ(Result("SELECT * FROM TABLE(system.builtin.exclude_columns(TABLE(t), DESCRIPTOR(S)))"),
            "a bigint");
  EXPECT_EQ(Result("SELECT * FROM TABLE(sequence(start => 5))"),
            "MISSING_ARGUMENT: line 1:30: Missing argument: STOP");
  EXPECT_EQ(Result("SELECT * FROM TABLE(sequence(1, 2.5))"),
            "TYPE_MISMATCH: line 1:33: Cannot cast type decimal(2,1) to bigint");
  EXPECT_EQ(Result("SELECT * FROM TABLE(c.s.sequence(1))"),
            "FUNCTION_NOT_FOUND: line 1:21: Table function 'c.s.sequence' not registered");
  EXPECT_EQ(
      Result("SELECT * FROM TABLE(exclude_columns(TABLE(t) KEEP WHEN EMPTY, DESCRIPTOR(s)))"),
      "INVALID_FUNCTION_ARGUMENT: line 1:46: Invalid argument INPUT. Empty behavior specified for table "
      "argument with row semantics");
}

TEST(Relations, JsonTables) {
  EXPECT_EQ(Result("SELECT * FROM t, JSON_TABLE(s, 'lax $' COLUMNS(o FOR ORDINALITY, \"v\" date))"),
            "a bigint, s varchar(5), O bigint, v date");
  EXPECT_EQ(Result("SELECT * FROM JSON_TABLE('1', 'lax $' COLUMNS(b bigint PATH 'lax $['))"),
            "SYNTAX_ERROR: line 1:68: mismatched input '<EOF>' in JSON path");
  EXPECT_EQ(Result("SELECT * FROM JSON_TABLE('1', 'lax $[$i]' COLUMNS(b bigint))"),
            "INVALID_PATH: line 1:31: no value passed for parameter i");
  EXPECT_EQ(
      Result("SELECT * FROM JSON_TABLE('1', 'lax $' AS p COLUMNS(b bigint) PLAN (q))"),
      "INVALID_PLAN: line 1:68: JSON_TABLE plan should contain all JSON paths available at each level of "
      "nesting. Paths not included: P");
}

TEST(Relations, Joins) {
  EXPECT_EQ(Result("SELECT x.a FROM t x LEFT JOIN t y ON x.a IN (SELECT 1) AND x.a = y.a"), "a bigint");
  EXPECT_EQ(
      Result("SELECT 1 FROM t x LEFT JOIN t y ON x.a IN (VALUES y.a)"),
      "NOT_SUPPORTED: line 1:51: Reference to column 'y.a' from outer scope not allowed in this context");
  EXPECT_EQ(Result("SELECT 1 FROM t RIGHT JOIN LATERAL (SELECT t.a) ON TRUE"),
            "INVALID_COLUMN_REFERENCE: line 1:44: LATERAL reference not allowed in RIGHT JOIN");
  EXPECT_EQ(Result("SELECT 1 FROM t LEFT JOIN UNNEST(ARRAY[1]) u (x) ON a = x"),
            "NOT_SUPPORTED: line 1:55: LEFT JOIN involving UNNEST is only supported with condition ON TRUE");
}

TEST(Parameters, HaveTheTypesThatTheyAreTurnedInto) {
  const auto types =
      InferParameters(*Parse("SELECT a + ?, ? FROM t WHERE s LIKE ? AND a = ? AND s IN (?, 'b') LIMIT ?"),
                      {"c", "s"}, Tables());
  std::string text;
  for (const Type& type : types) text += type.ToString() + " ";
  EXPECT_EQ(text, "bigint unknown varchar bigint varchar(5) bigint ");
}

}  // namespace
}  // namespace planaria::sql
