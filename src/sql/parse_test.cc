#include "sql/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/format.h"
#include "sql/parser/scanner.h"

namespace planaria::sql {
namespace {

using parser::Scan;
using parser::TokenType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<TokenType> Types(std::string_view sql) {
  std::vector<TokenType> types;
  for (const parser::Token& token : Scan(sql)) types.push_back(token.type);
  return types;
}

template <typename T>
T Get(std::string_view sql) {
  return std::move(std::get<T>(Parse(sql)->node));
}

/// The only item that `sql` selects.
ast::ExpressionPtr Expression(const std::string& text) {
  const ast::QueryPtr query = Get<ast::QueryPtr>("SELECT " + text);
  auto& select = std::get<ast::QuerySpecification>(query->body->node);
  EXPECT_EQ(select.items.size(), 1u);
  return std::move(std::get<ast::SingleColumn>(select.items[0]).expression);
}

template <typename T>
T As(const std::string& text) {
  return std::move(std::get<T>(Expression(text)->node));
}

std::string Canonical(const std::string& text) { return Format(*Expression(text)); }

Error Failure(const std::string& sql) {
  try {
    Parse(sql);
  } catch (const TrinoException& e) {
    return e.error();
  }
  ADD_FAILURE() << "parsed: " << sql.substr(0, 200);
  return {};
}

std::string Repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Scanner, Tokens) {
  using enum TokenType;
  EXPECT_THAT(
      Types("select Abc \"a\"\"b\" 'it''s' U&'x' X'65' ?"),
      ElementsAre(K_SELECT, kIdentifier, kQuotedName, kString, kUnicodeString, kBinary, kParameter, kEnd));
  EXPECT_THAT(Types("1 1_0 0xF 1.5 .5 1. 1e5 1.e-5 1x 1_ 0x"),
              ElementsAre(kInteger, kInteger, kInteger, kDecimal, kDecimal, kDecimal, kDouble, kDouble,
                          kDigitName, kDigitName, kDigitName, kEnd));
  EXPECT_THAT(Types("<> != <= >= || -> => {- -} :"),
              ElementsAre(kNotEqual, kNotEqual, kLessEqual, kGreaterEqual, kConcat, kArrow, kDoubleArrow,
                          kOpenExclude, kCloseExclude, kColon, kEnd));
  EXPECT_THAT(Types("a -- b\n/* c * / */ d $$ e\n$$"),
              ElementsAre(kIdentifier, kIdentifier, kDollarString, kEnd));
  // What does not end begins nothing.
  EXPECT_THAT(Types("'a"), ElementsAre(kUnrecognized, kIdentifier, kEnd));
  EXPECT_THAT(Types("\"a"), ElementsAre(kUnrecognized, kIdentifier, kEnd));
  EXPECT_THAT(Types("/* a"), ElementsAre(kSlash, kAsterisk, kIdentifier, kEnd));
  EXPECT_THAT(Types(std::string_view("\0☃", 4)), ElementsAre(kUnrecognized, kUnrecognized, kEnd));
}

TEST(Scanner, PlacesCountCharacters) {
  const auto tokens = Scan("'ö☃' x\n\t'a\nb' y");
  EXPECT_EQ(tokens[1].location, (ErrorLocation{1, 6}));
  EXPECT_EQ(tokens[2].location, (ErrorLocation{2, 2}));
  EXPECT_EQ(tokens[3].location, (ErrorLocation{3, 4}));
}

TEST(Parse, Names) {
  EXPECT_EQ(As<ast::Identifier>("limit").value, "limit");
  const auto quoted = As<ast::Identifier>("\"a\"\"B\"");
  EXPECT_EQ(quoted.value, "a\"B");
  EXPECT_TRUE(quoted.delimited);
  EXPECT_EQ(Failure("SELECT `a`").message,
            "line 1:8: backquoted identifiers are not supported; use double quotes to quote identifiers");
  EXPECT_EQ(Failure("SELECT \"\"").message, "line 1:8: Zero-length delimited identifier not allowed");
  // Words that begin clauses are names where no clause can be.
  const auto query = Get<ast::QueryPtr>("SELECT offset FROM limit fetch OFFSET 1 LIMIT 2");
  EXPECT_EQ(query->offset->text, "1");
  EXPECT_EQ(query->limit->count->text, "2");
}

TEST(Parse, Literals) {
  EXPECT_EQ(As<ast::StringLiteral>("'it''s'").value, "it's");
  EXPECT_EQ(As<ast::StringLiteral>("U&'\\2603 !' ").value, "☃ !");
  EXPECT_EQ(As<ast::StringLiteral>("U&'!+01F600!!' UESCAPE '!'").value, "😀!");
  EXPECT_EQ(As<ast::BinaryLiteral>("x'de ad'").digits, "DEAD");
  EXPECT_EQ(As<ast::IntegerLiteral>("- 1_000").text, "-1_000");
  EXPECT_EQ(As<ast::DecimalLiteral>("DECIMAL '01.50'").text, "01.50");
  EXPECT_EQ(As<ast::DecimalLiteral>("1.50").text, "1.50");
  EXPECT_DOUBLE_EQ(As<ast::DoubleLiteral>("1.5e3").value, 1500);
  EXPECT_EQ(As<ast::GenericLiteral>("DATE '2024-01-01'").type, "DATE");
  EXPECT_EQ(As<ast::GenericLiteral>("double precision '1'").type, "DOUBLE");
  const auto interval = As<ast::IntervalLiteral>("INTERVAL - '1 2' DAY TO HOUR");
  EXPECT_TRUE(interval.negative);
  EXPECT_EQ(interval.to, ast::IntervalField::kHour);
  EXPECT_EQ(Failure("SELECT 9223372036854775808").message,
            "line 1:8: Invalid numeric literal: 9223372036854775808");
  EXPECT_EQ(As<ast::IntegerLiteral>("-9223372036854775808").text, "-9223372036854775808");
  EXPECT_EQ(Failure("SELECT X'6'").message, "line 1:8: Binary literal must contain an even number of digits");
}

TEST(Parse, OperatorsBindAsInTrino) {
  EXPECT_EQ(Canonical("a || b + c * -d AT TIME ZONE 'UTC'"),
            "concat(a, (b + (c * -(d AT TIME ZONE 'UTC'))))");
  EXPECT_EQ(Canonical("NOT a = b AND c OR d"), "(((NOT (a = b)) AND c) OR d)");
  EXPECT_EQ(Canonical("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(Canonical("a NOT BETWEEN b AND c AND d"), "((NOT (a BETWEEN b AND c)) AND d)");
  EXPECT_EQ(As<ast::Logical>("a AND b AND c").terms.size(), 3u);
  EXPECT_THAT(Failure("SELECT a < b < c").message, HasSubstr("line 1:14: mismatched input '<'"));
}

TEST(Parse, Parentheses) {
  EXPECT_EQ(Canonical("((a))"), "a");
  EXPECT_TRUE(std::holds_alternative<ast::RowConstructor>(Expression("(a, b)")->node));
  EXPECT_TRUE(std::holds_alternative<ast::ScalarSubquery>(Expression("(SELECT 1)")->node));
  EXPECT_TRUE(std::holds_alternative<ast::ArithmeticBinary>(Expression("((SELECT 1) + 1)")->node));
  EXPECT_EQ(As<ast::Lambda>("(x, y) -> x").parameters.size(), 2u);
  EXPECT_EQ(As<ast::Lambda>("() -> 1").parameters.size(), 0u);
  EXPECT_TRUE(std::holds_alternative<ast::InList>(Expression("a IN ((SELECT 1))")->node));
  EXPECT_TRUE(std::holds_alternative<ast::InSubquery>(Expression("a IN ((SELECT 1) UNION SELECT 2)")->node));
}

TEST(Parse, FunctionsWithASyntaxOfTheirOwn) {
  EXPECT_EQ(Canonical("SUBSTRING(a FROM 1 FOR 2)"), "substr(a, 1, 2)");
  EXPECT_EQ(Canonical("POSITION('x' IN a)"), "strpos(a, 'x')");
  EXPECT_EQ(Canonical("position(a)"), "position(a)");
  EXPECT_EQ(As<ast::SpecialForm>("Coalesce(a, b, c)").arguments.size(), 3u);
  EXPECT_EQ(Failure("SELECT if(a)").message, "line 1:8: Invalid number of arguments for 'if' function");
  const auto call = As<ast::FunctionCall>("s.f(DISTINCT a ORDER BY b) FILTER (WHERE c) IGNORE NULLS OVER w");
  EXPECT_TRUE(call.distinct);
  EXPECT_EQ(call.name.parts.size(), 2u);
  EXPECT_EQ(call.nulls, ast::NullTreatment::kIgnore);
  EXPECT_EQ(call.window->name->value, "w");
  // What Trino refuses after parsing does not hide what does not parse.
  EXPECT_THAT(Failure("SELECT if(a) FROM").message, HasSubstr("mismatched input '<EOF>'"));
}

TEST(Parse, NodesKnowTheirPlace) {
  const auto query = Get<ast::QueryPtr>("SELECT\n  a +\n  f(b)\nFROM t");
  const auto& select = std::get<ast::QuerySpecification>(query->body->node);
  const auto& sum = std::get<ast::SingleColumn>(select.items[0]).expression;
  EXPECT_EQ(sum->location, (ErrorLocation{2, 5}));
  const auto& arithmetic = std::get<ast::ArithmeticBinary>(sum->node);
  EXPECT_EQ(arithmetic.left->location, (ErrorLocation{2, 3}));
  EXPECT_EQ(arithmetic.right->location, (ErrorLocation{3, 3}));
  EXPECT_EQ(select.from[0]->location, (ErrorLocation{4, 6}));
}

TEST(Parse, ParametersAreCounted) {
  const auto query = Get<ast::QueryPtr>("SELECT ? FROM t WHERE a = ? LIMIT ?");
  const auto& select = std::get<ast::QuerySpecification>(query->body->node);
  EXPECT_EQ(std::get<ast::Parameter>(std::get<ast::Comparison>(select.where->node).right->node).index, 1u);
  EXPECT_EQ(query->limit->count->text, "?");
}

TEST(Parse, Statements) {
  EXPECT_EQ(Get<ast::CreateTable>("CREATE TABLE t (a bigint, LIKE u)").elements.size(), 2u);
  EXPECT_FALSE(Get<ast::CreateTableAs>("CREATE TABLE t (a) AS SELECT 1 WITH NO DATA").with_data);
  EXPECT_EQ(Get<ast::Merge>("MERGE INTO t USING u ON a WHEN MATCHED THEN DELETE").cases.size(), 1u);
  EXPECT_EQ(Get<ast::Explain>("EXPLAIN (TYPE IO, FORMAT JSON) SELECT 1").options[1].value, "JSON");
  EXPECT_EQ(Get<ast::GrantRoles>("REVOKE a, b FROM USER c").principals[0].kind, ast::Principal::Kind::kUser);
}

TEST(Parse, DepthIsLimited) {
  const std::string too_large = "line 1:1: statement is too large (stack overflow while parsing)";
  for (const std::string& sql :
       {"SELECT " + Repeated("(", 100000) + "1" + Repeated(")", 100000),
        "SELECT " + Repeated("- ", 100000) + "1", "SELECT " + Repeated("NOT ", 100000) + "true",
        "SELECT 1" + Repeated(" + 1", 100000), "SELECT a" + Repeated("[1]", 100000),
        "SELECT a" + Repeated(".b", 100000), "SELECT * FROM " + Repeated("(SELECT * FROM ", 100000),
        "SELECT 1" + Repeated(" UNION ALL SELECT 1", 100000),
        "SELECT * FROM a" + Repeated(" CROSS JOIN b", 100000), "SELECT " + Repeated("f(", 100000),
        "SELECT CAST(a AS " + Repeated("array(", 100000), Repeated("EXPLAIN ", 100000) + "SELECT 1",
        "SELECT " + Repeated("CASE WHEN ", 100000), "SELECT " + Repeated("x -> ", 100000) + "1",
        Repeated("(", 100000), "CREATE FUNCTION f() RETURNS bigint " + Repeated("BEGIN ", 100000),
        "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (" + Repeated("(", 100000),
        "SELECT * FROM a" + Repeated(" JOIN b", 100000), "SELECT " + Repeated("position(", 100000) + "a"}) {
    EXPECT_EQ(Failure(sql).message, too_large) << sql.substr(0, 60);
  }
}

TEST(Parse, WideIsNotDeep) {
  Parse("SELECT a IN (1" + Repeated(", 1 + 1", 20000) + ")");
  Parse("SELECT a" + Repeated(" OR a = 1 + 1", 20000));
  Parse("VALUES (1, 2)" + Repeated(", (1 + 2, f(3))", 20000));
  Parse("SELECT 1" + Repeated(" + 1", 900));
}

TEST(Parse, FinalSemicolon) {
  EXPECT_EQ(WithoutFinalSemicolon("SELECT ';' ; -- end"), "SELECT ';' ");
  EXPECT_EQ(WithoutFinalSemicolon("SELECT 1"), "SELECT 1");
  EXPECT_THAT(Failure("SELECT 1;").message, HasSubstr("line 1:9: mismatched input ';'"));
}

TEST(Format, KeepsWhatTrinosTextLoses) {
  const auto formatted = [](std::string_view sql) { return Format(*Parse(sql)); };
  EXPECT_EQ(formatted("UPDATE t SET \"B\" = 1"), "UPDATE t SET\n   \"B\" = 1");
  EXPECT_THAT(formatted("MERGE INTO t USING u ON a WHEN MATCHED THEN DELETE"), HasSubstr("USING u\n"));
  EXPECT_EQ(formatted("USE \"C\".s"), "USE \"C\".s");
  EXPECT_EQ(formatted("SELECT 1 .*"), "SELECT 1 .*");
  EXPECT_EQ(Canonical("1 .a"), "1 .a");
  EXPECT_EQ(Canonical("normalize(a)"), "\"normalize\"(a, 'NFC')");
}

}  // namespace
}  // namespace planaria::sql
