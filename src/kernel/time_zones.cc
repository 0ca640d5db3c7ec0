#include "kernel/time_zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "unicode/basictz.h"
#include "unicode/timezone.h"

namespace planaria::kernel {

namespace {

constexpr int64_t kMicrosPerMinute = 60'000'000;
constexpr int64_t kMicrosPerDay = 1440 * kMicrosPerMinute;
/// The key of the offset 0 were it not UTC.
constexpr int32_t kOffsetZero = 1024;
constexpr int32_t kFirstRegion = 4096;

constexpr const char* kRegions[] = {
#include "kernel/zone_names.inc"
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

const std::map<std::string, ZoneKey, std::less<>>& RegionKeys() {
  static const auto* keys = [] {
    auto* made = new std::map<std::string, ZoneKey, std::less<>>;
    for (size_t i = 0; i < std::size(kRegions); ++i) {
      made->emplace(Lower(kRegions[i]), static_cast<ZoneKey>(kFirstRegion + i));
    }
    return made;
  }();
  return *keys;
}

/// A region's rules, made when they are first asked for and kept.
const icu::TimeZone& RulesOf(ZoneKey zone) {
  static std::array<std::atomic<const icu::TimeZone*>, std::size(kRegions)> rules{};
  const size_t region = zone - kFirstRegion;
  if (region >= std::size(kRegions)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, fmt::format("There is no time zone {}", zone));
  }
  if (const icu::TimeZone* known = rules[region].load(std::memory_order_acquire)) return *known;
  static std::mutex making;
  const std::lock_guard lock(making);
  if (rules[region].load(std::memory_order_relaxed) == nullptr) {
    rules[region].store(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(kRegions[region])),
                        std::memory_order_release);
  }
  return *rules[region].load(std::memory_order_relaxed);
}

bool IsUtc(std::string_view lower) {
  for (const std::string_view name :
       {"utc", "z", "ut", "uct", "gmt", "gmt0", "greenwich", "universal", "zulu"}) {
    if (lower == name) return true;
  }
  return false;
}

/// `+1`, `+01`, `+01:00`: minutes.
std::optional<int32_t> OffsetOf(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  const auto number = [&](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  int32_t minutes = 0;
  if (text.size() == 1 && digit(0)) {
    minutes = (text[0] - '0') * 60;
  } else if (text.size() == 2 && digit(0) && digit(1)) {
    minutes = number(0) * 60;
  } else if (text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4) &&
             number(3) < 60) {
    minutes = number(0) * 60 + number(3);
  } else {
    return std::nullopt;
  }
  if (minutes > kMaxOffsetMinutes) return std::nullopt;
  return negative ? -minutes : minutes;
}

}  // namespace

std::optional<ZoneKey> FindZone(std::string_view name) {
  std::string lower = Lower(name);
  const auto& regions = RegionKeys();
  if (const auto region = regions.find(lower); region != regions.end()) return region->second;
  const bool etc = lower.starts_with("etc/");
  if (etc) lower.erase(0, 4);
  if (IsUtc(lower)) return kUtc;
  // Etc/GMT-7 lies east of Greenwich.
  const bool turned = etc && lower.starts_with("gmt");
  if (lower.starts_with("utc") || lower.starts_with("gmt")) {
    lower.erase(0, 3);
  } else if (lower.starts_with("ut")) {
    lower.erase(0, 2);
  }
  const auto minutes = OffsetOf(lower);
  if (!minutes) return std::nullopt;
  return ZoneOfOffset(turned ? -*minutes : *minutes);
}

ZoneKey RequireZone(std::string_view name) {
  const auto zone = FindZone(name);
  if (!zone) {
    throw TrinoException(errors::NOT_SUPPORTED, fmt::format("Time zone not supported: {}", name));
  }
  return *zone;
}

ZoneKey ZoneOfOffset(int32_t minutes) {
  return minutes == 0 ? kUtc : static_cast<ZoneKey>(kOffsetZero + minutes);
}

std::string ZoneName(ZoneKey zone) {
  if (zone == kUtc) return "UTC";
  if (const auto minutes = FixedOffset(zone)) {
    const int32_t size = std::abs(*minutes);
    return fmt::format("{}{:02}:{:02}", *minutes < 0 ? '-' : '+', size / 60, size % 60);
  }
  const size_t region = static_cast<size_t>(zone) - kFirstRegion;
  return region < std::size(kRegions) ? kRegions[region] : fmt::format("zone {}", zone);
}

std::optional<int32_t> FixedOffset(ZoneKey zone) {
  if (zone == kUtc) return 0;
  if (zone >= kFirstRegion) return std::nullopt;
  return static_cast<int32_t>(zone) - kOffsetZero;
}

int64_t OffsetAt(ZoneKey zone, int64_t utc_micros) {
  if (const auto minutes = FixedOffset(zone)) return *minutes * kMicrosPerMinute;
  int32_t raw = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  const int64_t millis = utc_micros / 1000 - (utc_micros % 1000 < 0);
  RulesOf(zone).getOffset(static_cast<UDate>(millis), false, raw, saving, status);
  if (U_FAILURE(status)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "No offset of time zone " + ZoneName(zone));
  }
  return (int64_t{raw} + saving) * 1000;
}

LocalTime UtcOf(ZoneKey zone, int64_t local_micros) {
  if (const auto minutes = FixedOffset(zone)) return {local_micros - *minutes * kMicrosPerMinute, false};
  // Offsets change less often than every other day; one of those around holds.
  const int64_t before = OffsetAt(zone, local_micros - kMicrosPerDay);
  const int64_t after = OffsetAt(zone, local_micros + kMicrosPerDay);
  for (const int64_t offset : {before, after}) {
    if (OffsetAt(zone, local_micros - offset) == offset) return {local_micros - offset, false};
  }
  return {local_micros - before, true};
}

}  // namespace planaria::kernel
