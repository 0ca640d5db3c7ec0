#include <gtest/gtest.h>

#include "base/error.h"
#include "base/ids.h"
#include "base/secret.h"
#include "base/units.h"

namespace planaria {
namespace {

TEST(TaskIdTest, ReadsWhatItWrites) {
  const TaskId id{{"20260102_030405_00001_abcde"}, {3}, {17}, {2}};
  EXPECT_EQ(id.ToString(), "20260102_030405_00001_abcde.3.17.2");
  EXPECT_EQ(TaskId::Parse(id.ToString()), id);
}

TEST(TaskIdTest, RefusesOtherText) {
  for (const char* text :
       {"", "a", "a.1", "a.1.2", "a.1.2.x", ".1.2.3", "a.1.2.-3", "a.1.2.3 ", "a.1.2.99999999999"}) {
    EXPECT_THROW(TaskId::Parse(text), TrinoException) << text;
  }
}

TEST(DataSizeTest, ReadsTrinoSyntax) {
  EXPECT_EQ(DataSize::Parse("512MB").bytes, 512u << 20);
  EXPECT_EQ(DataSize::Parse("1.5GB").bytes, 1536ull << 20);
  EXPECT_EQ(DataSize::Parse("10 kB").bytes, 10240u);
  EXPECT_EQ(DataSize::Parse("0B").bytes, 0u);
  EXPECT_EQ(DataSize::Parse("64MB").ToString(), "64MB");
  for (const char* text : {"", "5", "MB", "-1MB", "5mb", "5 MBs", "nanMB", "infB"}) {
    EXPECT_THROW(DataSize::Parse(text), TrinoException) << text;
  }
}

TEST(DurationTest, ReadsTrinoSyntax) {
  EXPECT_EQ(ParseDuration("10s"), std::chrono::seconds(10));
  EXPECT_EQ(ParseDuration("1.5m"), std::chrono::seconds(90));
  EXPECT_EQ(ParseDuration("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(FormatDuration(std::chrono::milliseconds(1500)), "1.50s");
  for (const char* text : {"", "5", "s", "-1s", "1 year"})
    EXPECT_THROW(ParseDuration(text), TrinoException) << text;
}

TEST(ErrorTest, OnlyUserErrorsAreFinal) {
  EXPECT_FALSE((Error{errors::SYNTAX_ERROR, "x", {}, {}}.retriable()));
  EXPECT_TRUE((Error{errors::REMOTE_HOST_GONE, "x", {}, {}}.retriable()));
  EXPECT_EQ(ErrorCodeOf(65564).name, "EXCHANGE_MANAGER_NOT_CONFIGURED");
  EXPECT_EQ(ErrorCodeOf(123456789), errors::GENERIC_INTERNAL_ERROR);
}

TEST(SecretTest, IsWipedWithItsLastCopy) {
  std::string text = "the key";
  Secret secret(text);
  Wipe(text);
  EXPECT_EQ(text, "");
  const char* const kept = secret.bytes().data();
  const Secret copy = secret;
  EXPECT_EQ(copy, secret);
  EXPECT_EQ(copy.bytes().data(), kept);
  secret = Secret();
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(copy.bytes(), "the key");
  EXPECT_NE(copy, secret);
}

}  // namespace
}  // namespace planaria
