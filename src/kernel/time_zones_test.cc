#include "kernel/time_zones.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "kernel/functions/civil_time.h"
#include "kernel/moment.h"

namespace planaria::kernel {
namespace {

constexpr const char* kRegions[] = {
#include "kernel/zone_names.inc"
};

int64_t Local(int64_t year, int month, int day, int hour, int minute) {
  return DaysOf({year, month, day}) * kMicrosPerDay + hour * kMicrosPerHour + minute * kMicrosPerMinute;
}

TEST(TimeZones, NamesAreThoseOfTrino) {
  const std::pair<const char*, const char*> names[] = {{"UTC", "UTC"},
                                                       {"Z", "UTC"},
                                                       {"Etc/UTC", "UTC"},
                                                       {"+00:00", "UTC"},
                                                       {"GMT", "UTC"},
                                                       {"UTC+2", "+02:00"},
                                                       {"UTC-05:30", "-05:30"},
                                                       {"+7", "+07:00"},
                                                       {"-11", "-11:00"},
                                                       {"+14:00", "+14:00"},
                                                       {"Etc/GMT-7", "+07:00"},
                                                       {"GMT-7", "-07:00"},
                                                       {"GMT+02:00", "+02:00"},
                                                       {"Asia/Kolkata", "Asia/Kolkata"},
                                                       {"europe/BERLIN", "Europe/Berlin"}};
  for (const auto& [written, name] : names) {
    const auto zone = FindZone(written);
    ASSERT_TRUE(zone) << written;
    EXPECT_EQ(ZoneName(*zone), name) << written;
  }
  for (const char* unknown : {"", "x", "+15:00", "+01:60", "+1:00", "Europe", "UTC+", "Etc/GMT-70"}) {
    EXPECT_FALSE(FindZone(unknown)) << unknown;
  }
  EXPECT_THROW(RequireZone("Nowhere/City"), TrinoException);
}

TEST(TimeZones, TheKernelKnowsTheHistoryOfEveryRegion) {
  // Where the rules are missing, offsets are those of UTC in all years.
  for (const char* name : kRegions) {
    const auto zone = FindZone(name);
    ASSERT_TRUE(zone) << name;
    EXPECT_EQ(ZoneName(*zone), name);
    bool moved = false;
    for (const int64_t year : {1850, 1900, 1970, 2020})
      moved |= OffsetAt(*zone, Local(year, 7, 1, 0, 0)) != 0;
    EXPECT_TRUE(moved) << name;
  }
}

TEST(TimeZones, LocalTimesInGapsAndTwice) {
  const ZoneKey berlin = *FindZone("Europe/Berlin");
  EXPECT_EQ(OffsetAt(berlin, Local(2020, 1, 1, 0, 0)), kMicrosPerHour);
  EXPECT_EQ(OffsetAt(berlin, Local(2020, 7, 1, 0, 0)), 2 * kMicrosPerHour);
  const LocalTime gap = UtcOf(berlin, Local(2020, 3, 29, 2, 30));
  EXPECT_TRUE(gap.in_gap);
  EXPECT_EQ(gap.utc_micros, Local(2020, 3, 29, 1, 30));
  const LocalTime twice = UtcOf(berlin, Local(2020, 10, 25, 2, 30));
  EXPECT_FALSE(twice.in_gap);
  EXPECT_EQ(twice.utc_micros, Local(2020, 10, 25, 0, 30));
  EXPECT_EQ(UtcOf(berlin, Local(2020, 10, 25, 3, 0)).utc_micros, Local(2020, 10, 25, 2, 0));
}

TEST(Moments, OrderIsThatOfInstants) {
  const Moment moments[] = {
      {INT64_MIN, 0, 9}, {-1, 999999, 0},           {0, 0, 5000}, {0, 1, 0}, {0, 999999, 1},
      {1, 0, 0},         {INT64_MAX, 999999, 65535}};
  for (size_t i = 0; i < std::size(moments); ++i) {
    EXPECT_EQ(Unpack(Pack(moments[i])), moments[i]);
    const auto before = i > 0 ? Pack(moments[i - 1]) : duckdb::uhugeint_t(0);
    EXPECT_TRUE(i == 0 || before < Pack(moments[i]));
  }
  EXPECT_EQ(WithoutZone(Pack({7, 8, 9})), Pack({7, 8, 0}));
}

}  // namespace
}  // namespace planaria::kernel
