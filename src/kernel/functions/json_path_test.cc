#include "kernel/functions/json_path.h"

#include <gtest/gtest.h>

#include "kernel/duckdb_errors.h"

namespace planaria::kernel {
namespace {

constexpr std::string_view kDocument =
    R"({"a": [{"b": 1}, {"b": "x"}, {"c": null}], "d": {"e": [10, 20, 30]}, "f": true})";

/// The items with blanks between, why the path does not fit, or the error.
std::string Found(std::string_view path, std::string_view json = kDocument, std::string_view passed = "{}") {
  const JsonDocument document(json);
  const JsonDocument variables(passed);
  try {
    std::string failure;
    const auto items = SqlJsonPath(path).Find({document.root(), nullptr}, variables.root(), &failure);
    if (!items) return failure;
    std::string text;
    for (const JsonItem& item : *items) {
      if (!text.empty()) text += " ";
      AppendItem(item, &text);
    }
    return text;
  } catch (const std::exception& exception) {
    const Error error = TranslateException(exception, {});
    return std::string(error.code.name);
  }
}

TEST(SqlJsonPath, LaxPathsTakeArraysApartAndLeaveOutWhatIsNotThere) {
  EXPECT_EQ(Found("lax $.f"), "true");
  EXPECT_EQ(Found("lax $.a.b"), "1 \"x\"");
  EXPECT_EQ(Found("lax $.a[*].c"), "null");
  EXPECT_EQ(Found("lax $.nothing.at.all"), "");
  EXPECT_EQ(Found("lax $.d.e[1 to last]"), "20 30");
  EXPECT_EQ(Found("lax $.d.e[last - 2, 5, 0]"), "10 10");
  EXPECT_EQ(Found("lax $.f[0]"), "true");
  EXPECT_EQ(Found("lax $.d.*"), "[10,20,30]");
  EXPECT_EQ(Found("lax $.\"d\".e.size()"), "3");
  EXPECT_EQ(Found("lax $.a[0].b.type()"), "\"number\"");
}

TEST(SqlJsonPath, StrictPathsFitOrSayWhyNot) {
  EXPECT_EQ(Found("strict $.d.e[2]"), "30");
  EXPECT_EQ(Found("strict $.a.b"), "invalid item type. Expected: OBJECT, actual: ARRAY");
  EXPECT_EQ(Found("strict $.d.e[3]"),
            "structural error: invalid array subscript: [3, 3] for array of size 3");
  EXPECT_EQ(Found("strict $.nothing"), "structural error: missing member 'nothing' in JSON object");
}

TEST(SqlJsonPath, Arithmetic) {
  EXPECT_EQ(Found("lax $.a[0].b + 1"), "2");
  EXPECT_EQ(Found("lax -$.d.e[0] * 2 - 1"), "-21");
  EXPECT_EQ(Found("lax 7 / 2"), "3");
  EXPECT_EQ(Found("lax -7 % 4"), "-3");
  EXPECT_EQ(Found("lax 3 * 2.5"), "7.5");
  EXPECT_EQ(Found("lax 1.0 / 3.00"), "0.33");
  EXPECT_EQ(Found("lax $ + 1", "1.10"), "2.1");
  EXPECT_EQ(Found("lax 2147483647 + 1"), "integer overflow");
  EXPECT_EQ(Found("lax 1 / 0"), "Division by zero");
  EXPECT_EQ(Found("lax $.f + 1"), "invalid item type. Expected: NUMBER, actual: BOOLEAN");
  EXPECT_EQ(Found("lax $.d.e + 1"), "arithmetic binary expression requires singleton operands");
  EXPECT_EQ(Found("lax $.d.e[last - 1]"), "20");
  EXPECT_EQ(Found("lax $.d.e[*] ? ((@ + 10) / 10 > 2)"), "20 30");
}

TEST(SqlJsonPath, Methods) {
  EXPECT_EQ(Found("lax $.abs()", "-1.5"), "1.5");
  EXPECT_EQ(Found("lax $.ceiling()", "[1.2, -1.2]"), "2.0 -1.0");
  EXPECT_EQ(Found("lax (-1.5).floor()"), "-2");
  EXPECT_EQ(Found("lax $.double()", "[\"1.5\", 2]"), "1.5 2.0");
  EXPECT_EQ(Found("lax $.double()", "\"x\""), "invalid argument of double() method: x");
  EXPECT_EQ(Found("lax $.keyvalue()", "{\"a\": [1]}"), "{\"name\":\"a\",\"value\":[1],\"id\":0}");
}

TEST(SqlJsonPath, Variables) {
  EXPECT_EQ(Found("lax $.d.e[$i]", kDocument, "{\"i\": 1}"), "20");
  EXPECT_EQ(Found("lax $.d.e[*] ? (@ >= $i)", kDocument, "{\"i\": 20}"), "20 30");
  EXPECT_EQ(Found("lax $j.x", kDocument, "{\"j\": {\"x\": null}}"), "null");
  EXPECT_EQ(Found("lax $.d.e[$i]", kDocument, "{\"i\": null}"),
            "invalid item type. Expected: NUMBER, actual: NULL");
  EXPECT_EQ(Found("lax $.d.e[$i]"), "array subscript 'from' value must be singleton numeric");
}

TEST(SqlJsonPath, Descendants) {
  EXPECT_EQ(Found("lax $..c", R"({"c": [true, {"c": {"c": null}}]})"),
            R"([true,{"c":{"c":null}}] {"c":null} null)");
}

TEST(SqlJsonPath, Filters) {
  EXPECT_EQ(Found("lax $.d.e[*] ? (@ > 10 && @ <= 30)"), "20 30");
  EXPECT_EQ(Found("lax $.a ? (@.b == \"x\")"), "{\"b\":\"x\"}");
  EXPECT_EQ(Found("lax $.a ? (@.b starts with \"x\" || @.c == null)"), "{\"b\":\"x\"} {\"c\":null}");
  EXPECT_EQ(Found("lax $.a ? (!exists(@.b))"), "{\"c\":null}");
  EXPECT_EQ(Found("lax $.a ? ((@.b > 0) is unknown)"), "{\"b\":\"x\"}");
}

TEST(SqlJsonPath, WhatIsNoPath) {
  for (const char* path :
       {"", "$", "lax", "lax a", "lax $.", "lax $[", "lax $[x]", "lax $ ? (", "lax $ ? (@)",
        "lax $ ? (@ == )", "lax $ extra", "lax $.a ? (@ == \"x)", "lax $ +", "lax $.nothing()"}) {
    EXPECT_EQ(Found(path), "INVALID_PATH") << path;
  }
  EXPECT_EQ(Found("lax $ ? (@ like_regex \"x\")"), "NOT_SUPPORTED");
  for (const char* repeated : {"(", "-", "$ ? ((@ ? (", "$[", "!"}) {
    std::string deep = "lax $ ? (";
    for (int i = 0; i < 3000; ++i) deep += repeated;
    EXPECT_EQ(Found(deep), "INVALID_PATH") << repeated;
  }
}

}  // namespace
}  // namespace planaria::kernel
