#include "protocol/session_headers.h"

#include <gtest/gtest.h>
#include <strings.h>
#include <zstd.h>

#include <random>

#include "protocol/url_text.h"

namespace planaria::protocol {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

SessionHeaders Read(Lines lines, bool with_user = true) {
  if (with_user) lines.emplace_back("x-trino-user", "ada");
  return ReadSessionHeaders([&](std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [line_name, value] : lines) {
      if (strcasecmp(line_name.c_str(), std::string(name).c_str()) == 0) values.push_back(value);
    }
    return values;
  });
}

int RefusedStatus(const Lines& lines, bool with_user = true) {
  try {
    Read(lines, with_user);
    return 200;
  } catch (const RefusedRequest& refused) {
    return refused.status();
  }
}

TEST(SessionHeadersTest, PlainFields) {
  const SessionHeaders session = Read({{"X-Trino-Source", "cli"},
                                       {"X-Trino-Catalog", "TPCH"},
                                       {"X-Trino-Schema", "Tiny"},
                                       {"X-Trino-Time-Zone", "Europe/Paris"},
                                       {"X-Trino-Client-Tags", "b, a,,b"},
                                       {"X-Trino-Client-Capabilities", "PATH,PARAMETRIC_DATETIME"},
                                       {"X-Trino-Transaction-Id", "NONE"},
                                       {"X-Trino-Session", ""}});
  EXPECT_EQ(session.user, "ada");
  EXPECT_EQ(session.source, "cli");
  EXPECT_EQ(session.catalog, "tpch");
  EXPECT_EQ(session.schema, "tiny");
  EXPECT_EQ(session.time_zone, "Europe/Paris");
  EXPECT_EQ(session.client_tags, (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(session.has_capability("PARAMETRIC_DATETIME"));
  EXPECT_FALSE(session.has_capability("NUMBER"));
  EXPECT_TRUE(session.understands_transactions);
  EXPECT_FALSE(session.transaction_id);
  EXPECT_TRUE(session.session_properties.empty());
  EXPECT_FALSE(session.trace_token);
}

TEST(SessionHeadersTest, ListsInLinesAndJoined) {
  const std::map<std::string, std::string> expected{{"a", "x y"}, {"cat.b", "1=2"}, {"c", ""}};
  EXPECT_EQ(
      Read({{"X-Trino-Session", "a=x+y"}, {"X-Trino-Session", "cat.b=1%3D2"}, {"X-Trino-Session", "c="}})
          .session_properties,
      expected);
  EXPECT_EQ(Read({{"X-Trino-Session", "a=x%20y, cat.b=1%3d2,c="}}).session_properties, expected);
}

TEST(SessionHeadersTest, PreparedStatements) {
  const std::string sql = "SELECT ? FROM t WHERE a = 'x,y=z'";
  std::string frame(ZSTD_compressBound(sql.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), sql.data(), sql.size(), 3));
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string base64;
  uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : frame + std::string(2, '\0')) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) base64.push_back(kAlphabet[(bits >> (count - 6)) & 63]);
  }
  base64.resize((frame.size() * 8 + 5) / 6);
  const SessionHeaders session =
      Read({{"X-Trino-Prepared-Statement", "st%201=" + EncodeFormText(sql)},
            {"X-Trino-Prepared-Statement", "st2=" + EncodeFormText("$zstd:" + base64)}});
  EXPECT_EQ(session.prepared_statements.at("st 1"), sql);
  EXPECT_EQ(session.prepared_statements.at("st2"), sql);
  EXPECT_EQ(RefusedStatus({{"X-Trino-Prepared-Statement", "s=%24zstd%3AAAAA"}}), 400);
  EXPECT_EQ(RefusedStatus({{"X-Trino-Prepared-Statement", "s=%24zstd%3A" + base64.substr(0, 20)}}), 400);
}

TEST(SessionHeadersTest, Users) {
  EXPECT_EQ(RefusedStatus({}, false), 401);
  EXPECT_EQ(Read({{"Authorization", "Basic YWRhOg=="}}, false).user, "ada");
  EXPECT_EQ(Read({{"Authorization", "Basic Ym9iOg=="}}).user, "ada");
  EXPECT_EQ(RefusedStatus({{"Authorization", "Basic YWRhOnNlY3JldA=="}}, false), 401);
  EXPECT_EQ(RefusedStatus({{"Authorization", "Basic !"}}, false), 401);
}

TEST(SessionHeadersTest, MalformedEntriesAreRefused) {
  EXPECT_EQ(RefusedStatus({{"X-Trino-Schema", "s"}}), 400);
  for (const char* entry : {"a", "=b", "a=b=c", "a=%", "a=%4", "a=%zz", "x=1,a"}) {
    EXPECT_EQ(RefusedStatus({{"X-Trino-Session", entry}}), 400) << entry;
  }
  EXPECT_EQ(RefusedStatus({{"X-Trino-Role", "system=admin"}}), 400);
  EXPECT_EQ(Read({{"X-Trino-Role", "system=ROLE%7Badmin%7D"}}).roles.at("system"), "ROLE{admin}");
  EXPECT_EQ(RefusedStatus({{"X-Trino-Resource-Estimate", "CPU_TIME=5m,PEAK_MEMORY=1GB"}}), 200);
  EXPECT_EQ(RefusedStatus({{"X-Trino-Resource-Estimate", "CPU_TIME=soon"}}), 400);
  EXPECT_EQ(RefusedStatus({{"X-Trino-Resource-Estimate", "LUCK=1"}}), 400);
  EXPECT_EQ(RefusedStatus({{"X-Trino-Extra-Credential", "internal$a=b"}}), 400);
}

TEST(SessionHeadersTest, AnyTextIsReadOrRefused) {
  std::mt19937 random(7);
  static constexpr std::string_view kPieces[] = {"a", "=",      ",",     "%", "%41", "+",
                                                 " ", "$zstd:", "ROLE{", "}", "\xff"};
  for (int round = 0; round < 20000; ++round) {
    std::string value;
    for (uint32_t i = random() % 8; i > 0; --i) value += kPieces[random() % std::size(kPieces)];
    for (const char* name :
         {"X-Trino-Session", "X-Trino-Prepared-Statement", "X-Trino-Role", "Authorization"}) {
      const int status = RefusedStatus({{name, value}});
      ASSERT_TRUE(status == 200 || status == 400 || status == 401);
    }
  }
}

TEST(SessionChangesTest, OneLineEach) {
  SessionChanges changes;
  EXPECT_TRUE(WriteSessionChanges(changes).empty());
  changes.catalog = "c";
  changes.set_properties = {{"a", "x y"}, {"b", "1,2"}};
  changes.added_prepared = {{"p", "SELECT 1"}};
  changes.cleared_transaction = true;
  EXPECT_EQ(WriteSessionChanges(changes), (Lines{{"X-Trino-Set-Catalog", "c"},
                                                 {"X-Trino-Set-Session", "a=x+y"},
                                                 {"X-Trino-Set-Session", "b=1%2C2"},
                                                 {"X-Trino-Added-Prepare", "p=SELECT+1"},
                                                 {"X-Trino-Clear-Transaction-Id", "true"}}));
}

TEST(Base64, RoundTrip) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i * 7));
    EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
  }
}

}  // namespace
}  // namespace planaria::protocol
