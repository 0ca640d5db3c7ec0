// Times and timestamps as Java shows them, which is what `%s` of format() gives.
#include <fmt/format.h>

#include "kernel/functions/families.h"
#include "kernel/functions/moments.h"

namespace planaria::kernel {

namespace {

constexpr int kNanoDigits = 9;
constexpr size_t kMinuteEnd = 5;

/// The end of `text` is a time with nine digits of a fraction: groups of three zeros are left out, and
/// seconds that are none.
void Shorten(std::string& text) {
  while (text.ends_with("000")) text.resize(text.size() - 3);
  if (text.ends_with('.')) text.pop_back();
  const size_t time = text.find('T') == std::string::npos ? 0 : text.find('T') + 1;
  if (text.size() == time + kMinuteEnd + 3 && text.ends_with(":00")) text.resize(time + kMinuteEnd);
}

void AppendLocal(const Moment& local, std::string& out) {
  AppendMoment(Rounded(local, kNanoDigits), kNanoDigits, &out);
  out[out.find(' ')] = 'T';
  Shorten(out);
}

void FineToJava(Moment local, std::string& out) { AppendLocal(local, out); }

void FineTimeToJava(Moment time, std::string& out) {
  AppendTimeOfDay(RoundedInDay(time, kNanoDigits), kNanoDigits, &out);
  Shorten(out);
}

/// With the offset, and a region behind it in brackets; offsets of long ago have seconds.
void ZonedToJava(Moment zoned, std::string& out) {
  AppendLocal(LocalOf(zoned), out);
  const int64_t seconds = OffsetAt(zoned.zone, zoned.micros) / kMicrosPerSecond;
  const int64_t size = std::abs(seconds);
  if (seconds == 0) {
    out += "Z";
  } else {
    out += fmt::format("{}{:02}:{:02}", seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    if (size % 60 != 0) out += fmt::format(":{:02}", size % 60);
  }
  if (zoned.zone == kUtc || !FixedOffset(zoned.zone)) out += "[" + ZoneName(zoned.zone) + "]";
}

}  // namespace

void AddJavaTimeText(FunctionSet& functions) {
  functions.Add(Scalar<&FineToJava>("trino_fine_to_java"));
  functions.Add(Scalar<&FineTimeToJava>("trino_fine_time_to_java"));
  functions.Add(Scalar<&ZonedToJava>("trino_zoned_to_java"));
}

}  // namespace planaria::kernel
