// Mathematical functions of doubles and integers, as Java computes them: no error for what has no value, NaN
// and infinity instead. Those of decimals are in decimal_rounding.cc.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

double Sqrt(double x) { return std::sqrt(x); }
double Ln(double x) { return std::log(x); }
double Log(double base, double x) { return std::log(x) / std::log(base); }
double Log2(double x) { return std::log(x) / std::numbers::ln2; }
double Log10(double x) { return std::log10(x); }
double Sin(double x) { return std::sin(x); }
double Cos(double x) { return std::cos(x); }
double Tan(double x) { return std::tan(x); }
double Asin(double x) { return std::asin(x); }
double Acos(double x) { return std::acos(x); }

/// C has 1 for pow(1, NaN) and pow(-1, infinity), Java NaN.
double Power(double base, double exponent) {
  if (std::isnan(exponent) || (std::isinf(exponent) && std::fabs(base) == 1)) return std::nan("");
  return std::pow(base, exponent);
}

double RoundDigits(double x, int64_t digits) {
  if (!std::isfinite(x)) return x;
  const double factor = std::pow(10, static_cast<double>(digits));
  const double scaled = std::round(std::fabs(x) * factor) / factor;
  // So many digits that the factor leaves the range: there is nothing to round.
  if (!std::isfinite(scaled)) return x;
  return x < 0 ? -scaled : scaled;
}
double Round(double x) { return RoundDigits(x, 0); }
float RoundReal(float x) { return static_cast<float>(RoundDigits(x, 0)); }
float RoundRealDigits(float x, int64_t digits) { return static_cast<float>(RoundDigits(x, digits)); }

template <typename T>
T Integral(T x) {
  return x;
}

template <typename T>
T RoundIntegerDigits(T x, int64_t digits) {
  if (digits >= 0) return x;
  const auto fail = [&] {
    FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, fmt::format("numerical overflow: {}", int64_t{x}));
  };
  // Trino's rounding fails there whatever the number.
  if (digits < -18) fail();
  __int128 factor = 1;
  for (int64_t i = digits; i < 0; ++i) factor *= 10;
  const __int128 wide = x;
  const __int128 rounded = (wide < 0 ? wide - factor / 2 : wide + factor / 2) / factor * factor;
  if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
    fail();
  }
  return static_cast<T>(rounded);
}

double Modulus(double x, double y) { return std::fmod(x, y); }
float ModulusReal(float x, float y) { return std::fmod(x, y); }

double Floor(double x) { return std::floor(x); }
float FloorReal(float x) { return std::floor(x); }
double Ceiling(double x) { return std::ceil(x); }
float CeilingReal(float x) { return std::ceil(x); }
double Abs(double x) { return std::fabs(x); }
float AbsReal(float x) { return std::fabs(x); }

double Truncate(double x) { return std::trunc(x); }
float TruncateReal(float x) { return std::trunc(x); }

double Sign(double x) { return std::isnan(x) || x == 0 ? x : x < 0 ? -1.0 : 1.0; }
float SignReal(float x) { return static_cast<float>(Sign(x)); }
template <typename T>
T SignInteger(T x) {
  return static_cast<T>((x > 0) - (x < 0));
}

void CheckRadix(int64_t radix) {
  if (radix < 2 || radix > 36) FailArgument("Radix must be between 2 and 36");
}

int64_t FromBase(std::string_view text, int64_t radix) {
  CheckRadix(radix);
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const bool negative = at == 1 && text[0] == '-';
  __int128 value = 0;
  bool valid = at < text.size();
  for (; at < text.size() && valid; ++at) {
    const char c = text[at];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 10
                      : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                             : 99;
    value = value * radix + digit;
    valid = digit < radix && value <= (__int128{1} << 63) - (negative ? 0 : 1);
  }
  if (!valid) FailArgument(fmt::format("Not a valid base-{} number: {}", radix, text));
  return static_cast<int64_t>(negative ? -value : value);
}

void ToBase(int64_t value, int64_t radix, std::string& out) {
  CheckRadix(radix);
  auto rest = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  do {
    out.insert(out.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % static_cast<uint64_t>(radix)]);
    rest /= static_cast<uint64_t>(radix);
  } while (rest != 0);
  if (value < 0) out.insert(out.begin(), '-');
}

int64_t WidthBucket(double operand, double low, double high, int64_t buckets) {
  if (buckets <= 0) FailArgument("bucketCount must be greater than 0");
  if (std::isnan(operand)) FailArgument("operand must not be NaN");
  if (!std::isfinite(low)) FailArgument("first bound must be finite");
  if (!std::isfinite(high)) FailArgument("second bound must be finite");
  if (low == high) FailArgument("bounds cannot equal each other");
  const double lower = std::fmin(low, high);
  const double upper = std::fmax(low, high);
  int64_t bucket = 0;
  if (operand < lower) {
    bucket = 0;
  } else if (operand >= upper) {
    if (buckets == std::numeric_limits<int64_t>::max()) {
      FailFunction(errors::NUMERIC_VALUE_OUT_OF_RANGE, "Bucket for value is out of range");
    }
    bucket = buckets + 1;
  } else {
    bucket = static_cast<int64_t>(static_cast<double>(buckets) * (operand - lower) / (upper - lower) + 1);
  }
  return low > high ? buckets - bucket + 1 : bucket;
}

double NormalCdf(double mean, double deviation, double value) {
  if (!(deviation > 0)) FailArgument("standardDeviation must be > 0");
  return 0.5 * (1 + std::erf((value - mean) / (deviation * std::numbers::sqrt2)));
}

enum class Bound { kLower, kUpper };

template <Bound kBound>
double Wilson(int64_t successes, int64_t trials, double z) {
  if (successes < 0) FailArgument("number of successes must not be negative");
  if (trials <= 0) FailArgument("number of trials must be positive");
  if (successes > trials) FailArgument("number of successes must not be larger than number of trials");
  if (z < 0) FailArgument("z-score must not be negative");
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  if (std::isinf(z)) return kBound == Bound::kLower ? 0.0 : 1.0;
  const double z2 = z * z;
  const double mid = p + z2 / (2 * n);
  const double spread = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return (kBound == Bound::kLower ? mid - spread : mid + spread) / (1 + z2 / n);
}

template <typename T>
void AddIntegers(FunctionSet& functions) {
  for (const char* name : {"trino_round", "trino_ceiling", "trino_ceil", "trino_floor"}) {
    functions.Add(Scalar<&Integral<T>>(name));
  }
  functions.Add(Scalar<&RoundIntegerDigits<T>>("trino_round"));
  functions.Add(Scalar<&SignInteger<T>>("trino_sign"));
}

}  // namespace

void AddMath(FunctionSet& functions) {
  functions.Add(Scalar<&Sqrt>("trino_sqrt"));
  functions.Add(Scalar<&Ln>("trino_ln"));
  functions.Add(Scalar<&Log>("trino_log"));
  functions.Add(Scalar<&Log2>("trino_log2"));
  functions.Add(Scalar<&Log10>("trino_log10"));
  functions.Add(Scalar<&Sin>("trino_sin"));
  functions.Add(Scalar<&Cos>("trino_cos"));
  functions.Add(Scalar<&Tan>("trino_tan"));
  functions.Add(Scalar<&Asin>("trino_asin"));
  functions.Add(Scalar<&Acos>("trino_acos"));
  functions.Add(Scalar<&Power>("trino_power"));
  functions.Add(Scalar<&Round>("trino_round"));
  functions.Add(Scalar<&RoundDigits>("trino_round"));
  functions.Add(Scalar<&RoundReal>("trino_round"));
  functions.Add(Scalar<&RoundRealDigits>("trino_round"));
  for (const char* name : {"trino_mod", "trino_modulus"}) {
    functions.Add(Scalar<&Modulus>(name));
    functions.Add(Scalar<&ModulusReal>(name));
  }
  for (const char* name : {"trino_ceiling", "trino_ceil"}) {
    functions.Add(Scalar<&Ceiling>(name));
    functions.Add(Scalar<&CeilingReal>(name));
  }
  functions.Add(Scalar<&Floor>("trino_floor"));
  functions.Add(Scalar<&FloorReal>("trino_floor"));
  functions.Add(Scalar<&Abs>("trino_abs"));
  functions.Add(Scalar<&AbsReal>("trino_abs"));
  functions.Add(Scalar<&Truncate>("trino_truncate"));
  functions.Add(Scalar<&TruncateReal>("trino_truncate"));
  functions.Add(Scalar<&Sign>("trino_sign"));
  functions.Add(Scalar<&SignReal>("trino_sign"));
  AddIntegers<int8_t>(functions);
  AddIntegers<int16_t>(functions);
  AddIntegers<int32_t>(functions);
  AddIntegers<int64_t>(functions);
  functions.Add(Scalar<&FromBase>("trino_from_base"));
  functions.Add(Scalar<&ToBase>("trino_to_base"));
  functions.Add(Scalar<&WidthBucket>("trino_width_bucket"));
  functions.Add(Scalar<&NormalCdf>("trino_normal_cdf"));
  functions.Add(Scalar<&Wilson<Bound::kLower>>("trino_wilson_interval_lower"));
  functions.Add(Scalar<&Wilson<Bound::kUpper>>("trino_wilson_interval_upper"));
}

}  // namespace planaria::kernel
