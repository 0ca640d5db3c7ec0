#include "coordinator/lease_entry_text.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace planaria::coordinator {

namespace {

constexpr const char* kFormat = "planaria-lease-1";

std::optional<LeaseEntry> Parse(uint64_t number, std::string_view content) {
  std::istringstream words{std::string(content)};
  std::string format, state;
  int64_t milliseconds = 0;
  LeaseEntry entry;
  entry.number = number;
  words >> format >> state >> milliseconds >> entry.instance >> entry.node >> entry.uri;
  if (!words || words.get() != '\n' || format != kFormat || milliseconds <= 0) return std::nullopt;
  if (state != "held" && state != "released") return std::nullopt;
  entry.duration = std::chrono::milliseconds(milliseconds);
  entry.released = state == "released";
  return entry;
}

}  // namespace

std::string LeaseEntryName(uint64_t number) { return fmt::format("{:012}", number); }

std::optional<uint64_t> NumberOfLeaseEntry(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('/') + 1);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return std::nullopt;
  return number;
}

std::string WriteLeaseEntry(const LeaseEntry& entry) {
  return fmt::format("{} {} {} {} {} {}\n", kFormat, entry.released ? "released" : "held",
                     std::chrono::duration_cast<std::chrono::milliseconds>(entry.duration).count(),
                     entry.instance, entry.node, entry.uri);
}

LeaseEntry ReadLeaseEntry(uint64_t number, std::string_view content, Duration duration) {
  if (auto entry = Parse(number, content)) return *std::move(entry);
  return {number, "unknown", "unknown", "unknown", duration, false};
}

}  // namespace planaria::coordinator
