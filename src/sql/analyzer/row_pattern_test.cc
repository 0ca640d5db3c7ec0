// MATCH_RECOGNIZE: columns of what it gives, and errors with their places.
#include <gtest/gtest.h>

#include "sql/analyzer/analyzer.h"
#include "sql/parse.h"

namespace planaria::sql {
namespace {

/// c.s.t (a bigint, s varchar(5), x integer).
class Tables : public Metadata {
 public:
  bool HasCatalog(const std::string& catalog) const override { return catalog == "c"; }
  bool HasSchema(const std::string&, const std::string& schema) const override { return schema == "s"; }
  std::optional<std::vector<TableColumn>> FindTable(const std::string&, const std::string&,
                                                    const std::string&) const override {
    return std::vector<TableColumn>{
        {"a", Type::Of(TypeKind::kBigint)}, {"s", Type::Varchar(5)}, {"x", Type::Of(TypeKind::kInteger)}};
  }
};

/// The columns of all that FROM gives, or the error.
std::string Result(const std::string& clauses, const std::string& from = "t") {
  try {
    const auto analyzed = Analyze(*Parse("SELECT * FROM " + from + " MATCH_RECOGNIZE (\n" + clauses + ")"),
                                  {}, {"c", "s"}, Tables());
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

std::string Measure(const std::string& expression) {
  return Result("MEASURES " + expression + " AS m PATTERN (A B+) SUBSET U = (A, B) DEFINE A AS true");
}

std::string Define(const std::string& expression) {
  return Result("MEASURES 1 AS m PATTERN (A B+) SUBSET U = (A, B) DEFINE A AS " + expression);
}

TEST(RowPattern, Columns) {
  EXPECT_EQ(Result("PARTITION BY s ORDER BY x MEASURES A.a AS First PATTERN (A) DEFINE A AS true"),
            "s varchar(5), First bigint");
  EXPECT_EQ(
      Result("PARTITION BY s ORDER BY x, x DESC MEASURES A.a AS m ALL ROWS PER MATCH PATTERN (A) DEFINE A "
             "AS true"),
      "s varchar(5), x integer, x integer, m bigint, a bigint");
  EXPECT_EQ(Result("ALL ROWS PER MATCH PATTERN (A) DEFINE A AS true"), "a bigint, s varchar(5), x integer");
  EXPECT_EQ(Result("PATTERN (A) DEFINE A AS true"),
            "TABLE_HAS_NO_COLUMNS: line 1:15: pattern recognition output table has no columns");
}

TEST(RowPattern, Measures) {
  EXPECT_EQ(Measure("CLASSIFIER()"), "m varchar");
  EXPECT_EQ(Measure("CLASSIFIER(u)"), "m varchar");
  EXPECT_EQ(Measure("MATCH_NUMBER()"), "m bigint");
  EXPECT_EQ(Measure("PREV(FINAL LAST(U.x, 2), 3) + 1"), "m integer");
  EXPECT_EQ(Measure("avg(B.x)"), "m double");
  EXPECT_EQ(Measure("FINAL count(U.*)"), "m bigint");
  EXPECT_EQ(Measure("array_agg(s || CLASSIFIER())"), "m array(varchar)");
  EXPECT_EQ(Measure("max_by(s, x + MATCH_NUMBER())"), "m varchar(5)");
  EXPECT_EQ(Measure("(SELECT 1)"), "m integer");
  EXPECT_EQ(Measure("any_match(ARRAY[1], e -> e = x)"), "m boolean");
}

TEST(RowPattern, ErrorsOfExpressions) {
  EXPECT_EQ(Measure("t.x"), "COLUMN_NOT_FOUND: line 2:10: Column 't.x' cannot be resolved");
  EXPECT_EQ(Measure("A.y"), "COLUMN_NOT_FOUND: line 2:10: Column y prefixed with label A cannot be resolved");
  EXPECT_EQ(
      Measure("LAST(1)"),
      "INVALID_ARGUMENTS: line 2:10: Pattern navigation function 'LAST' must contain at least one column "
      "reference or CLASSIFIER()");
  EXPECT_EQ(Measure("LAST(A.x + B.x)"),
            "INVALID_ARGUMENTS: line 2:10: All labels and classifiers inside the call to 'last' must match");
  EXPECT_EQ(
      Measure("max_by(A.x, x)"),
      "INVALID_ARGUMENTS: line 2:10: All labels and classifiers inside the call to 'max_by' must match");
  EXPECT_EQ(
      Measure("LAST(x, s)"),
      "INVALID_FUNCTION_ARGUMENT: line 2:10: last pattern recognition navigation function requires a number "
      "as the second argument");
  EXPECT_EQ(
      Measure("LAST(x, 2147483648)"),
      "NUMERIC_VALUE_OUT_OF_RANGE: line 2:10: The second argument of last pattern recognition navigation "
      "function must not exceed 2147483647 (actual: 2147483648)");
  EXPECT_EQ(Measure("LAST(NEXT(x))"),
            "INVALID_NAVIGATION_NESTING: line 2:15: Cannot nest next pattern navigation function inside last "
            "pattern navigation function");
  EXPECT_EQ(Measure("PREV(1 + LAST(x))"),
            "INVALID_NAVIGATION_NESTING: line 2:19: Immediate nesting is required for pattern navigation "
            "functions");
  EXPECT_EQ(Measure("sum(LAST(x))"),
            "INVALID_NAVIGATION_NESTING: line 2:14: Cannot nest last pattern navigation function inside sum "
            "function");
  EXPECT_EQ(Measure("LAST(sum(x))"),
            "NESTED_AGGREGATION: line 2:15: Cannot nest sum aggregate function inside last function");
  EXPECT_EQ(Measure("sum(x) OVER ()"),
            "NESTED_WINDOW: line 2:10: Cannot nest window functions or row pattern measures inside pattern "
            "recognition expressions");
  EXPECT_EQ(
      Measure("sum(DISTINCT x)"),
      "NOT_SUPPORTED: line 2:10: Cannot use DISTINCT with sum aggregate function in pattern recognition "
      "context");
  EXPECT_EQ(
      Measure("FINAL PREV(x)"),
      "INVALID_PROCESSING_MODE: line 2:10: FINAL semantics is not supported with prev pattern recognition "
      "function");
  EXPECT_EQ(Measure("FINAL abs(x)"),
            "INVALID_PROCESSING_MODE: line 2:10: FINAL semantics is supported only for FIRST(), LAST() and "
            "aggregation functions. Actual: abs");
  EXPECT_EQ(Measure("CLASSIFIER(C)"),
            "INVALID_FUNCTION_ARGUMENT: line 2:21: C is not a primary pattern variable or subset name");
  EXPECT_EQ(Measure("count(C.*)"),
            "INVALID_FUNCTION_ARGUMENT: line 2:16: C is not a primary pattern variable or subset name");
  EXPECT_EQ(Define("FINAL LAST(x) > 1"),
            "INVALID_PROCESSING_MODE: line 2:62: FINAL semantics is not supported in DEFINE clause");
  EXPECT_EQ(Define("x"),
            "TYPE_MISMATCH: line 2:62: Expression defining a label must be boolean (actual type: integer)");
  EXPECT_EQ(Define("EXISTS (SELECT x)"),
            "NOT_SUPPORTED: line 2:77: Reference to column 'x' from outer scope not allowed in this context");
  EXPECT_EQ(
      Define("EXISTS (SELECT 1 FROM t MATCH_RECOGNIZE (MEASURES 1 AS m PATTERN (A) DEFINE A AS true))"),
      "NESTED_ROW_PATTERN_RECOGNITION: line 2:84: nested row pattern recognition in row pattern recognition");
}

TEST(RowPattern, ErrorsOfPatterns) {
  const auto pattern = [](const std::string& text, const std::string& rest = "DEFINE A AS true") {
    return Result("MEASURES 1 AS m PATTERN (" + text + ") " + rest);
  };
  EXPECT_EQ(pattern("A{2,1}"),
            "INVALID_RANGE: line 2:27: Pattern quantifier lower bound must not exceed upper bound");
  EXPECT_EQ(
      pattern("A{0}"),
      "NUMERIC_VALUE_OUT_OF_RANGE: line 2:27: Pattern quantifier upper bound must be greater than or equal "
      "to 1");
  EXPECT_EQ(
      pattern("A{2147483648,}"),
      "NUMERIC_VALUE_OUT_OF_RANGE: line 2:27: Pattern quantifier lower bound must not exceed 2147483647");
  EXPECT_EQ(
      pattern("(A B){1000000}"),
      "NOT_SUPPORTED: line 2:27: A row pattern of so many repetitions or permutations is not supported");
  EXPECT_EQ(
      pattern("A", "SUBSET A = (A) DEFINE A AS true"),
      "INVALID_LABEL: line 2:36: union pattern variable name: A is a duplicate of primary pattern variable "
      "name");
  EXPECT_EQ(pattern("A", "SUBSET U = (A), U = (A) DEFINE A AS true"),
            "INVALID_LABEL: line 2:45: union pattern variable name: U is declared twice");
  EXPECT_EQ(pattern("A", "SUBSET U = (B) DEFINE A AS true"),
            "INVALID_LABEL: line 2:41: subset element: B is not a primary pattern variable");
  EXPECT_EQ(pattern("A", "DEFINE B AS true"),
            "INVALID_LABEL: line 2:36: defined variable: B is not a primary pattern variable");
  EXPECT_EQ(pattern("A", "DEFINE A AS true, a AS true"),
            "INVALID_LABEL: line 2:47: pattern variable with name: a is defined twice");
  EXPECT_EQ(Result("MEASURES 1 AS m AFTER MATCH SKIP TO B PATTERN (A) DEFINE A AS true"),
            "INVALID_LABEL: line 2:37: B is not a primary or union pattern variable");
  EXPECT_EQ(
      Result("ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (A {- A -}) DEFINE A AS true"),
      "INVALID_ROW_PATTERN: line 2:51: Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH "
      "UNMATCHED ROWS is specified");
}

TEST(RowPattern, ErrorsOfInput) {
  EXPECT_EQ(Result("PARTITION BY 1 MEASURES 1 AS m PATTERN (A) DEFINE A AS true"),
            "INVALID_COLUMN_REFERENCE: line 2:14: Expected column reference. Actual: 1");
  EXPECT_EQ(Result("ORDER BY y MEASURES 1 AS m PATTERN (A) DEFINE A AS true"),
            "COLUMN_NOT_FOUND: line 2:10: Column y is not present in the input relation");
  EXPECT_EQ(Result("MEASURES 1 AS m PATTERN (A) DEFINE A AS true", "(SELECT 1 AS x, 2 AS X)"),
            "AMBIGUOUS_NAME: line 1:15: ambiguous column: x in row pattern input relation");
}

}  // namespace
}  // namespace planaria::sql
