// Distributions of statistics: the normal one, beta and Student's t.
#include <cmath>
#include <limits>
#include <numbers>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

/// std::lgamma writes a global.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
double BetaFraction(double x, double a, double b) {
  constexpr double kTiny = std::numeric_limits<double>::min();
  constexpr double kEpsilon = 1e-16;
  constexpr int kMaxSteps = 100'000;
  const auto nonzero = [](double value) { return std::fabs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / nonzero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int step = 1; step < kMaxSteps; ++step) {
    const double m = step;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (std::fabs(d * c - 1) < kEpsilon) break;
  }
  return fraction;
}

/// I_x(a, b), the regularized incomplete beta function.
double RegularizedBeta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - RegularizedBeta(1 - x, b, a);
  const double front =
      a * std::log(x) + b * std::log1p(-x) + LogGamma(a + b) - LogGamma(a) - LogGamma(b) - std::log(a);
  return std::exp(front) * BetaFraction(x, a, b);
}

/// Of the standard normal distribution: halves the interval, as the function is monotonic.
double InverseNormal(double p) {
  double low = -40, high = 40;
  for (double middle = 0; low < middle && middle < high; middle = low + (high - low) / 2) {
    (std::erfc(-middle / std::numbers::sqrt2) / 2 < p ? low : high) = middle;
  }
  return high;
}

double InverseNormalCdf(double mean, double deviation, double p) {
  if (!(p > 0 && p < 1)) FailArgument("p must be 0 > p > 1");
  if (!(deviation > 0)) FailArgument("sd must be > 0");
  // Symmetric, so that small and large probabilities are as exact.
  return mean + deviation * (p <= 0.5 ? InverseNormal(p) : -InverseNormal(1 - p));
}

double BetaCdf(double a, double b, double value) {
  if (!(value >= 0 && value <= 1)) FailArgument("value must be 0 >= v >= 1");
  if (!(a > 0 && b > 0)) FailArgument("a, b must be > 0");
  return RegularizedBeta(value, a, b);
}

double InverseBetaCdf(double a, double b, double p) {
  if (!(p >= 0 && p <= 1)) FailArgument("p must be 0 >= p >= 1");
  if (!(a > 0 && b > 0)) FailArgument("a, b must be > 0");
  if (p == 0 || p == 1) return p;
  double low = 0, high = 1;
  for (double middle = 0.5; low < middle && middle < high; middle = low + (high - low) / 2) {
    (RegularizedBeta(middle, a, b) < p ? low : high) = middle;
  }
  return high;
}

void CheckFreedom(double freedom) {
  if (!(freedom >= 1)) FailArgument("degrees of freedom must be greater than or equal to 1");
}

double StudentCdf(double x, double freedom) {
  CheckFreedom(freedom);
  if (x == 0) return 0.5;
  const double tail = RegularizedBeta(freedom / (freedom + x * x), freedom / 2, 0.5) / 2;
  return x < 0 ? tail : 1 - tail;
}

double StudentPdf(double x, double freedom) {
  CheckFreedom(freedom);
  const double half = (freedom + 1) / 2;
  return std::exp(LogGamma(half) - (std::log(std::numbers::pi) + std::log(freedom)) / 2 -
                  LogGamma(freedom / 2) - half * std::log1p(x * x / freedom));
}

}  // namespace

void AddDistributions(FunctionSet& functions) {
  functions.Add(Scalar<&InverseNormalCdf>("trino_inverse_normal_cdf"));
  functions.Add(Scalar<&BetaCdf>("trino_beta_cdf"));
  functions.Add(Scalar<&InverseBetaCdf>("trino_inverse_beta_cdf"));
  functions.Add(Scalar<&StudentCdf>("trino_t_cdf"));
  functions.Add(Scalar<&StudentPdf>("trino_t_pdf"));
}

}  // namespace planaria::kernel
