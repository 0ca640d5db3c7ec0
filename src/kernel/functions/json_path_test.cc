#include "kernel/functions/json_path.h"

#include <gtest/gtest.h>

#include "kernel/duckdb_errors.h"

namespace planaria::kernel {
namespace {

constexpr std::string_view kDocument =
    R"({"a": [{"b": 1}, {"b": "x"}, {"c": null}], "d": {"e": [10, 20, 30]}, "f": true})";

/// The items with blanks between, `no fit` for a strict path that does not fit, or the error.
std::string Found(std::string_view path, std::string_view json = kDocument) {
  const JsonDocument document(json);
  try {
    const auto items = SqlJsonPath(path).Find(document.root());
    if (!items) return "no fit";
    std::string text;
    for (const JsonItem& item : *items) {
      if (!text.empty()) text += " ";
      AppendJson(item.value, JsonForm::kPlain, &text);
    }
    return text;
  } catch (const std::exception& exception) {
    const Error error = TranslateException(exception, {});
    return std::string(error.code.name);
  }
}

TEST(SqlJsonPath, LaxPathsTakeArraysApartAndLeaveOutWhatIsNotThere) {
  EXPECT_EQ(Found("lax $.f"), "true");
  EXPECT_EQ(Found("$.a.b"), "1 \"x\"");
  EXPECT_EQ(Found("lax $.a[*].c"), "null");
  EXPECT_EQ(Found("lax $.nothing.at.all"), "");
  EXPECT_EQ(Found("lax $.d.e[1 to last]"), "20 30");
  EXPECT_EQ(Found("lax $.d.e[last - 2, 5, 0]"), "10 10");
  EXPECT_EQ(Found("lax $.f[0]"), "true");
  EXPECT_EQ(Found("lax $.d.*"), "[10,20,30]");
  EXPECT_EQ(Found("lax $.\"d\".e.size()"), "3");
  EXPECT_EQ(Found("lax $.a[0].b.type()"), "\"number\"");
}

TEST(SqlJsonPath, StrictPathsFitOrFail) {
  EXPECT_EQ(Found("strict $.d.e[2]"), "30");
  EXPECT_EQ(Found("strict $.a.b"), "no fit");
  EXPECT_EQ(Found("strict $.d.e[3]"), "no fit");
  EXPECT_EQ(Found("strict $.nothing"), "no fit");
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
       {"", "a", "$.", "$[", "$[x]", "$ ? (", "$ ? (@)", "$ ? (@ == )", "$ extra", "$.a ? (@ == \"x)"}) {
    EXPECT_EQ(Found(path), "INVALID_PATH") << path;
  }
  EXPECT_EQ(Found("$.a.double()"), "NOT_SUPPORTED");
  std::string deep = "$ ? ";
  deep.append(5000, '(');
  EXPECT_EQ(Found(deep), "INVALID_PATH");
}

}  // namespace
}  // namespace planaria::kernel
