#include "config/setting_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace planaria {

namespace {

template <typename T>
std::optional<T> ReadWhole(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string MemorySize::ToString() const {
  return fraction_ == 0 ? size_.ToString() : fmt::format("{:g}%", fraction_ * 100);
}

std::optional<bool> ReadFlag(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<int64_t> ReadInteger(std::string_view text) { return ReadWhole<int64_t>(text); }

std::optional<double> ReadNumber(std::string_view text) {
  const auto value = ReadWhole<double>(text);
  if (value && !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::optional<DataSize> ReadSize(std::string_view text) {
  try {
    return DataSize::Parse(text);
  } catch (const TrinoException&) {
    return std::nullopt;
  }
}

std::optional<MemorySize> ReadMemory(std::string_view text) {
  if (!text.empty() && text.back() == '%') {
    const auto percent = ReadNumber(text.substr(0, text.size() - 1));
    if (!percent || *percent <= 0 || *percent > 100) return std::nullopt;
    return MemorySize::Share(*percent / 100);
  }
  const auto size = ReadSize(text);
  if (!size) return std::nullopt;
  return MemorySize::Of(*size);
}

std::optional<Duration> ReadTime(std::string_view text) {
  try {
    return ParseDuration(text);
  } catch (const TrinoException&) {
    return std::nullopt;
  }
}

bool SameChoice(std::string_view spelling, std::string_view text) {
  const auto fold = [](char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c == '-' ? '_' : c;
  };
  return std::equal(spelling.begin(), spelling.end(), text.begin(), text.end(),
                    [&](char a, char b) { return fold(a) == fold(b); });
}

std::string ShowTime(Duration duration) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {{"d", 86'400'000'000'000},
                                                                    {"h", 3'600'000'000'000},
                                                                    {"m", 60'000'000'000},
                                                                    {"s", 1'000'000'000},
                                                                    {"ms", 1'000'000},
                                                                    {"us", 1'000},
                                                                    {"ns", 1}};
  const int64_t nanos = duration.count();
  if (nanos == 0) return "0s";
  for (const auto& [unit, size] : kUnits) {
    if (nanos % size == 0) return fmt::format("{}{}", nanos / size, unit);
  }
  return fmt::format("{}ns", nanos);
}

std::string ShowNumber(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace planaria
