#include "protocol/query_results.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "protocol/json_text.h"

namespace planaria::protocol {
namespace {

using nlohmann::json;

TEST(TrinoTypeTest, DisplayText) {
  EXPECT_EQ(TrinoType::Of("bigint").DisplayText(), "bigint");
  EXPECT_EQ(TrinoType::Varchar().DisplayText(), "varchar");
  EXPECT_EQ(TrinoType::Varchar(5).DisplayText(), "varchar(5)");
  EXPECT_EQ(TrinoType::Decimal(10, 2).DisplayText(), "decimal(10, 2)");
  EXPECT_EQ(TrinoType::TimestampWithTimeZone(3).DisplayText(), "timestamp(3) with time zone");
  EXPECT_EQ(TrinoType::Map(TrinoType::Varchar(), TrinoType::Of("integer")).DisplayText(),
            "map(varchar, integer)");
  EXPECT_EQ(TrinoType::Row({{"x", TrinoType::Of("integer")}, {{}, TrinoType::Varchar()}}).DisplayText(),
            "row(x integer, varchar)");
}

TEST(TrinoTypeTest, Signature) {
  EXPECT_EQ(json::parse(TrinoType::Varchar().SignatureJson()),
            json::parse(R"({"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]})"));
  EXPECT_EQ(json::parse(TrinoType::Of("unknown").SignatureJson()),
            json::parse(R"({"rawType":"unknown","arguments":[]})"));
  EXPECT_EQ(
      json::parse(
          TrinoType::Array(TrinoType::Row({{"a\"b", TrinoType::Decimal(3, 1)}, {{}, TrinoType::Of("date")}}))
              .SignatureJson()),
      json::parse(R"({"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"row","arguments":[
          {"kind":"NAMED_TYPE","value":{"fieldName":{"name":"a\"b"},"typeSignature":{"rawType":"decimal",
            "arguments":[{"kind":"LONG","value":3},{"kind":"LONG","value":1}]}}},
          {"kind":"NAMED_TYPE","value":{"typeSignature":{"rawType":"date","arguments":[]}}}]}}]})"));
}

TEST(TrinoTypeTest, WithoutDatetimePrecision) {
  const TrinoType type = TrinoType::Array(TrinoType::TimestampWithTimeZone(6)).WithoutDatetimePrecision();
  EXPECT_EQ(type.DisplayText(), "array(timestamp with time zone)");
  EXPECT_EQ(TrinoType::Decimal(3, 1).WithoutDatetimePrecision(), TrinoType::Decimal(3, 1));
}

TEST(JsonTextTest, EscapesAndRepairs) {
  const auto text = [](std::string_view bytes) {
    std::string out;
    AppendJsonString(bytes, &out);
    return json::parse(out).get<std::string>();
  };
  for (const char* same : {"", "plain", "a\"b\\c\nd\re\tf\x01\x1f\x7f", "h\u00e9 \u2603 \U0001F600"}) {
    EXPECT_EQ(text(same), same);
  }
  EXPECT_EQ(text(std::string_view("a\0b", 3)), std::string("a\0b", 3));
  EXPECT_EQ(text("a\xffz"), "a\uFFFDz");
  EXPECT_EQ(text("\xc3"), "\uFFFD");
  EXPECT_EQ(text("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(text("\xc0\xaf"), "\uFFFD\uFFFD");
  EXPECT_EQ(text("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(QueryResultsTest, OmitsWhatIsAbsent) {
  QueryResults results;
  results.id = "q1";
  results.info_uri = "http://h/ui";
  const json document = json::parse(WriteQueryResults(results));
  for (const char* absent :
       {"nextUri", "columns", "data", "error", "updateType", "updateCount", "partialCancelUri"}) {
    EXPECT_FALSE(document.contains(absent)) << absent;
  }
  EXPECT_EQ(document["id"], "q1");
  EXPECT_EQ(document["infoUri"], "http://h/ui");
  EXPECT_EQ(document["warnings"], json::array());
  EXPECT_EQ(document["stats"]["state"], "QUEUED");
  EXPECT_EQ(document["stats"]["queued"], true);
  EXPECT_FALSE(document["stats"].contains("rootStage"));
  EXPECT_TRUE(document["stats"]["processedRows"].is_number_integer());
}

TEST(QueryResultsTest, WritesEverything) {
  QueryResults results;
  results.id = "q1";
  results.next_uri = "http://h/next";
  results.columns = {{"a", TrinoType::Of("bigint")}, {"", TrinoType::Varchar()}};
  results.rows = R"([1,"x"],[2,null])";
  results.stats.state = "RUNNING";
  results.stats.root_stage = StageStats{};
  results.stats.root_stage->stage_id = "0";
  results.stats.root_stage->sub_stages.emplace_back().stage_id = "1";
  results.error = Error{errors::SYNTAX_ERROR, "line 1:8: mismatched \"x\" \xff", ErrorLocation{1, 8}, {}};
  results.error->suppressed.push_back({errors::CORRUPT_PAGE, "bad", {}, {}});
  results.warnings = {{2, "REDUNDANT_ORDER_BY", "w"}};
  results.update_type = "INSERT";
  results.update_count = 7;
  const json document = json::parse(WriteQueryResults(results));
  EXPECT_EQ(document["data"], json::parse(R"([[1,"x"],[2,null]])"));
  EXPECT_EQ(document["columns"][1]["name"], "");
  EXPECT_EQ(document["columns"][0]["typeSignature"]["rawType"], "bigint");
  EXPECT_EQ(document["stats"]["rootStage"]["subStages"][0]["stageId"], "1");
  EXPECT_EQ(document["stats"]["rootStage"]["subStages"][0]["subStages"], json::array());
  const json& error = document["error"];
  EXPECT_EQ(error["errorCode"], 1);
  EXPECT_EQ(error["errorName"], "SYNTAX_ERROR");
  EXPECT_EQ(error["errorType"], "USER_ERROR");
  EXPECT_EQ(error["errorLocation"], json::parse(R"({"lineNumber":1,"columnNumber":8})"));
  EXPECT_EQ(error["failureInfo"]["stack"], json::array());
  EXPECT_EQ(error["failureInfo"]["errorInfo"]["code"], 1);
  EXPECT_EQ(error["failureInfo"]["suppressed"][0]["errorInfo"]["name"], "CORRUPT_PAGE");
  EXPECT_FALSE(error["failureInfo"]["suppressed"][0].contains("errorLocation"));
  EXPECT_EQ(document["updateType"], "INSERT");
  EXPECT_EQ(document["updateCount"], 7);
  EXPECT_EQ(document["warnings"][0]["warningCode"]["name"], "REDUNDANT_ORDER_BY");
}

}  // namespace
}  // namespace planaria::protocol
