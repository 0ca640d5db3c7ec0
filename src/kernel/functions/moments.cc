#include "kernel/functions/moments.h"

#include <fmt/format.h>

#include <array>

#include "kernel/datetime_text.h"
#include "kernel/functions/function_set.h"
#include "kernel/functions/java_parse.h"

namespace planaria::kernel {

namespace {

constexpr int kDigits = 12;

__int128 Picos(const Moment& moment) { return __int128{moment.micros} * kPicosPerMicro + moment.picos; }

/// Trino's digits of a fraction, from the whole of it in picoseconds.
void AppendFraction(int64_t picos, int digits, std::string* out) {
  if (digits == 0) return;
  const std::string all = fmt::format("{:012}", picos);
  out->push_back('.');
  out->append(all, 0, static_cast<size_t>(digits));
}

int64_t FractionOf(const Moment& moment) {
  return FloorRemainder(moment.micros, kMicrosPerSecond) * kPicosPerMicro + moment.picos;
}

/// Takes digits and signs from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int64_t> Number(size_t least, size_t most) {
    size_t digits = 0;
    int64_t value = 0;
    while (digits < rest_.size() && digits < most && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value = value * 10 + (rest_[digits++] - '0');
    }
    if (digits < least) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  /// Digits of a fraction as picoseconds; nothing for none, or for more than there are.
  std::optional<int64_t> Fraction() {
    size_t digits = rest_.find_first_not_of("0123456789");
    if (digits == std::string_view::npos) digits = rest_.size();
    if (digits == 0 || digits > kDigits) return std::nullopt;
    int64_t value = 0;
    for (size_t i = 0; i < kDigits; ++i) value = value * 10 + (i < digits ? rest_[i] - '0' : 0);
    rest_.remove_prefix(digits);
    return value;
  }
  void SkipBlanks() {
    while (Take(' ')) continue;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// `H:M[:S[.f]]`
std::optional<Moment> TakeTime(Cursor& cursor) {
  const auto hour = cursor.Number(1, 2);
  if (!hour || *hour > 23 || !cursor.Take(':')) return std::nullopt;
  const auto minute = cursor.Number(1, 2);
  if (!minute || *minute > 59) return std::nullopt;
  Moment time{*hour * kMicrosPerHour + *minute * kMicrosPerMinute, 0, 0};
  if (!cursor.Take(':')) return time;
  const auto second = cursor.Number(1, 2);
  if (!second || *second > 59) return std::nullopt;
  time.micros += *second * kMicrosPerSecond;
  if (!cursor.Take('.')) return time;
  const auto fraction = cursor.Fraction();
  if (!fraction) return std::nullopt;
  time.micros += *fraction / kPicosPerMicro;
  time.picos = static_cast<int32_t>(*fraction % kPicosPerMicro);
  return time;
}

}  // namespace

ZoneKey LastZone::Of(std::string_view name) {
  if (!zone_ || name_ != name) {
    zone_ = FindZone(name);
    if (!zone_) FailArgument(fmt::format("'{}' is not a valid time zone", name));
    name_ = name;
  }
  return *zone_;
}

Moment Rounded(const Moment& moment, int64_t digits) {
  if (digits >= kDigits) return moment;
  __int128 unit = 1;
  for (int64_t i = digits; i < kDigits; ++i) unit *= 10;
  __int128 units = Picos(moment) + unit / 2;
  const __int128 rest = units % unit;
  units -= rest < 0 ? rest + unit : rest;
  const __int128 picos = units % kPicosPerMicro;
  const __int128 positive = picos < 0 ? picos + kPicosPerMicro : picos;
  return {static_cast<int64_t>((units - positive) / kPicosPerMicro), static_cast<int32_t>(positive),
          moment.zone};
}

Moment RoundedInDay(const Moment& moment, int64_t digits) {
  Moment rounded = Rounded(moment, digits);
  rounded.micros = FloorRemainder(rounded.micros, kMicrosPerDay);
  return rounded;
}

Moment LocalOf(const Moment& zoned) {
  return {zoned.micros + OffsetAt(zoned.zone, zoned.micros), zoned.picos, kUtc};
}

Moment LocalTimeOf(const Moment& zoned) {
  return {FloorRemainder(zoned.micros + OffsetAt(zoned.zone, 0), kMicrosPerDay), zoned.picos, kUtc};
}

Moment Zoned(const Moment& local, ZoneKey zone) {
  return {UtcOf(zone, local.micros).utc_micros, local.picos, zone};
}

Moment ZonedTime(const Moment& local, ZoneKey zone) {
  return {FloorRemainder(local.micros - OffsetAt(zone, 0), kMicrosPerDay), local.picos, zone};
}

void AppendMoment(const Moment& local, int digits, std::string* out) {
  AppendTimestamp(FloorDivide(local.micros, kMicrosPerSecond), 0, 0, out);
  AppendFraction(FractionOf(local), digits, out);
}

void AppendTimeOfDay(const Moment& local, int digits, std::string* out) {
  AppendTime(local.micros / kMicrosPerSecond, 0, 0, out);
  AppendFraction(FractionOf(local), digits, out);
}

std::optional<WrittenMoment> ReadMoment(std::string_view text) {
  Cursor cursor(JavaTrim(text));
  const bool negative = cursor.Take('-');
  if (!negative) cursor.Take('+');
  const auto year = cursor.Number(1, 6);
  if (!year || !cursor.Take('-')) return std::nullopt;
  const auto month = cursor.Number(1, 2);
  if (!month || *month < 1 || *month > 12 || !cursor.Take('-')) return std::nullopt;
  const auto day = cursor.Number(1, 2);
  const int64_t signed_year = negative ? -*year : *year;
  if (!day || *day < 1 || *day > DaysInMonth(signed_year, static_cast<int>(*month))) return std::nullopt;
  const int64_t days = DaysOf({signed_year, static_cast<int>(*month), static_cast<int>(*day)});
  if (std::abs(days) > 100'000'000) return std::nullopt;
  WrittenMoment written{{days * kMicrosPerDay, 0, kUtc}, {}};
  if (cursor.rest().empty()) return written;
  if (!cursor.Take(' ')) return std::nullopt;
  if (!cursor.rest().empty() && cursor.rest()[0] >= '0' && cursor.rest()[0] <= '9') {
    const auto time = TakeTime(cursor);
    if (!time) return std::nullopt;
    written.local.micros += time->micros;
    written.local.picos = time->picos;
  }
  cursor.SkipBlanks();
  written.zone = cursor.rest();
  return written;
}

std::optional<WrittenMoment> ReadTimeOfDay(std::string_view text) {
  Cursor cursor(JavaTrim(text));
  const auto time = TakeTime(cursor);
  if (!time) return std::nullopt;
  cursor.SkipBlanks();
  return WrittenMoment{*time, cursor.rest()};
}

}  // namespace planaria::kernel
