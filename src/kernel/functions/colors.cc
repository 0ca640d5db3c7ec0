// Colors of terminals: a color is kept as its text, `red` or `#ff8800`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

namespace {

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kFull = "█";
/// The first eight codes of a terminal.
constexpr std::string_view kNamed[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
constexpr std::string_view kRed = "#ff0000", kGreen = "#00ff00";

struct Rgb {
  int red, green, blue;
};
/// Each from 0 to 1.
struct Hsb {
  float hue, saturation, brightness;
};

int OfHex(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    const int lower = digit | 0x20;
    if (digit >= '0' && digit <= '9') {
      value = value * 16 + digit - '0';
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + lower - 'a' + 10;
    } else {
      return -1;
    }
  }
  return value;
}

/// Of a color's text that is no name.
std::optional<Rgb> RgbOf(std::string_view color) {
  if (!color.starts_with('#')) return std::nullopt;
  return Rgb{OfHex(color.substr(1, 2)), OfHex(color.substr(3, 2)), OfHex(color.substr(5, 2))};
}

void PutRgb(const Rgb& rgb, std::string& out) {
  fmt::format_to(std::back_inserter(out), "#{:02x}{:02x}{:02x}", rgb.red, rgb.green, rgb.blue);
}

Hsb HsbOf(const Rgb& rgb) {
  const int most = std::max({rgb.red, rgb.green, rgb.blue}), least = std::min({rgb.red, rgb.green, rgb.blue});
  Hsb hsb{0, 0, static_cast<float>(most) / 255};
  if (most == least) return hsb;
  const auto span = static_cast<float>(most - least);
  hsb.saturation = span / static_cast<float>(most);
  const auto from = [&](int value) { return static_cast<float>(most - value) / span; };
  if (rgb.red == most) {
    hsb.hue = from(rgb.blue) - from(rgb.green);
  } else if (rgb.green == most) {
    hsb.hue = 2 + from(rgb.red) - from(rgb.blue);
  } else {
    hsb.hue = 4 + from(rgb.green) - from(rgb.red);
  }
  hsb.hue /= 6;
  if (hsb.hue < 0) hsb.hue += 1;
  return hsb;
}

Rgb RgbOf(const Hsb& hsb) {
  const auto whole = [](float part) { return static_cast<int>(part * 255 + 0.5F); };
  const float turn = (hsb.hue - std::floor(hsb.hue)) * 6, past = turn - std::floor(turn);
  const int full = whole(hsb.brightness), none = whole(hsb.brightness * (1 - hsb.saturation)),
            falling = whole(hsb.brightness * (1 - hsb.saturation * past)),
            rising = whole(hsb.brightness * (1 - hsb.saturation * (1 - past)));
  switch (static_cast<int>(turn)) {
    case 0:
      return {full, rising, none};
    case 1:
      return {falling, full, none};
    case 2:
      return {none, full, rising};
    case 3:
      return {none, falling, full};
    case 4:
      return {rising, none, full};
    default:
      return {full, none, falling};
  }
}

/// The color that far on the way of hues from one to the other.
Rgb Between(const Rgb& low, const Rgb& high, float part) {
  // A bar of one block divides by zero.
  if (std::isnan(part)) return {0, 0, 0};
  const Hsb from = HsbOf(low), to = HsbOf(high);
  const auto between = [&](float a, float b) { return a + (b - a) * part; };
  return RgbOf(Hsb{between(from.hue, to.hue), between(from.saturation, to.saturation),
                   between(from.brightness, to.brightness)});
}

/// Starts a color of the 256 that terminals have: a cube of six steps a side, after the named ones.
void PutStart(const Rgb& rgb, std::string& out) {
  const auto step = [](int value) { return value * 6 / 256; };
  fmt::format_to(std::back_inserter(out), "\x1b[38;5;{}m",
                 16 + step(rgb.red) * 36 + step(rgb.green) * 6 + step(rgb.blue));
}
void PutStart(std::string_view color, std::string& out) {
  if (const auto rgb = RgbOf(color)) return PutStart(*rgb, out);
  const auto* const named = std::find(std::begin(kNamed), std::end(kNamed), color);
  fmt::format_to(std::back_inserter(out), "\x1b[38;5;{}m", named - std::begin(kNamed));
}

Rgb RequireRgb(std::string_view color, const char* name) {
  const auto rgb = RgbOf(color);
  if (!rgb) FailArgument(fmt::format("{} not a valid RGB color", name));
  return *rgb;
}

/// `red` in any letters, or `#f80`.
void Color(std::string_view text, std::string& out) {
  if (text.size() == 4 && text[0] == '#') {
    const Rgb rgb{OfHex(text.substr(1, 1)) * 17, OfHex(text.substr(2, 1)) * 17,
                  OfHex(text.substr(3, 1)) * 17};
    if (rgb.red >= 0 && rgb.green >= 0 && rgb.blue >= 0) return PutRgb(rgb, out);
  }
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (std::find(std::begin(kNamed), std::end(kNamed), lower) == std::end(kNamed)) {
    FailArgument(fmt::format("Invalid color: '{}'", text));
  }
  out = lower;
}

void ColorBetween(double part, std::string_view low, std::string_view high, std::string& out) {
  const Rgb from = RequireRgb(low, "lowColor"), to = RequireRgb(high, "highColor");
  PutRgb(Between(from, to, static_cast<float>(std::min(1.0, std::max(0.0, part)))), out);
}
void ColorOfValue(double value, double lowest, double highest, std::string_view low, std::string_view high,
                  std::string& out) {
  ColorBetween((value - lowest) / (highest - lowest), low, high, out);
}

void OfRgb(int64_t red, int64_t green, int64_t blue, std::string& out) {
  const auto check = [](int64_t value, const char* name) {
    if (value < 0 || value > 255) FailArgument(fmt::format("{} must be between 0 and 255", name));
    return static_cast<int>(value);
  };
  PutRgb({check(red, "red"), check(green, "green"), check(blue, "blue")}, out);
}

void Render(std::string_view text, std::string_view color, std::string& out) {
  PutStart(color, out);
  out.append(text).append(kReset);
}
void RenderBigint(int64_t value, std::string_view color, std::string& out) {
  Render(std::to_string(value), color, out);
}
void RenderDouble(double value, std::string_view color, std::string& out) {
  std::string text;
  AppendJavaDouble(value, &text);
  Render(text, color, out);
}
void RenderBoolean(bool value, std::string& out) { Render(value ? "✓" : "✗", value ? "green" : "red", out); }

constexpr int64_t kWidest = 1 << 20;

void BarBetween(double part, int64_t width, std::string_view low, std::string_view high, std::string& out) {
  if (width > kWidest) FailArgument(fmt::format("width must be at most {}", kWidest));
  const Rgb from = RequireRgb(low, "lowColor"), to = RequireRgb(high, "highColor");
  const double full = std::trunc(part * static_cast<double>(width));
  const auto blocks =
      static_cast<int64_t>(std::min(static_cast<double>(std::max<int64_t>(0, width)), std::max(0.0, full)));
  for (int64_t i = 0; i < blocks; ++i) {
    PutStart(Between(from, to, static_cast<float>(static_cast<double>(i) / static_cast<double>(width - 1))),
             out);
    out.append(kFull);
  }
  out.append(kReset);
  for (int64_t i = blocks; i < width; ++i) out.push_back(' ');
}
void Bar(double part, int64_t width, std::string& out) { BarBetween(part, width, kRed, kGreen, out); }

}  // namespace

void AddColors(FunctionSet& functions) {
  functions.Add(Scalar<&Color>("trino_color"));
  functions.Add(Scalar<&ColorBetween>("trino_color"));
  functions.Add(Scalar<&ColorOfValue>("trino_color"));
  functions.Add(Scalar<&OfRgb>("trino_rgb"));
  functions.Add(Scalar<&Render>("trino_render"));
  functions.Add(Scalar<&RenderBigint>("trino_render"));
  functions.Add(Scalar<&RenderDouble>("trino_render"));
  functions.Add(Scalar<&RenderBoolean>("trino_render"));
  functions.Add(Scalar<&BarBetween>("trino_bar"));
  functions.Add(Scalar<&Bar>("trino_bar"));
}

}  // namespace planaria::kernel
