#include "config/property_map.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/problems.h"

namespace planaria {

PropertyMap::PropertyMap(PropertiesFile file, ConfigProblems& problems)
    : file_(std::move(file)), problems_(problems) {}

const Property* PropertyMap::Find(std::string_view key) const {
  for (const Property& property : file_.properties) {
    if (property.key == key) return &property;
  }
  return nullptr;
}

const Property* PropertyMap::Use(std::string_view key, std::string fallback) {
  known_.emplace(key, std::move(fallback));
  return Find(key);
}

void PropertyMap::Invalid(const Property& property, std::string_view expected) {
  problems_.Error(file_.path, property.line, property.key,
                  fmt::format("invalid value '{}', expected {}", property.value, expected));
}

void PropertyMap::Problem(std::string_view key, std::string_view text) {
  const Property* property = Find(key);
  problems_.Error(file_.path, property == nullptr ? 0 : property->line, key, text);
}

std::optional<std::string> PropertyMap::Text(std::string_view key) {
  const Property* property = Use(key, "");
  if (property == nullptr || property->value.empty()) return std::nullopt;
  return property->value;
}

std::string PropertyMap::RequiredText(std::string_view key, std::string_view expected) {
  if (auto text = Text(key)) return *text;
  Problem(key, fmt::format("is required, expected {}", expected));
  return {};
}

std::vector<std::string> PropertyMap::List(std::string_view key) {
  std::vector<std::string> items;
  const std::string text = Text(key).value_or("");
  for (size_t pos = 0; pos <= text.size();) {
    const size_t comma = std::min(text.find(',', pos), text.size());
    std::string_view item = std::string_view(text).substr(pos, comma - pos);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    pos = comma + 1;
  }
  return items;
}

bool PropertyMap::Flag(std::string_view key, bool fallback) {
  const Property* property = Use(key, fallback ? "true" : "false");
  if (property == nullptr) return fallback;
  if (const auto value = ReadFlag(property->value)) return *value;
  Invalid(*property, "true or false");
  return fallback;
}

int64_t PropertyMap::Integer(std::string_view key, int64_t fallback, int64_t minimum, int64_t maximum) {
  const Property* property = Use(key, fmt::format("{}", fallback));
  if (property == nullptr) return fallback;
  const auto value = ReadInteger(property->value);
  if (value && *value >= minimum && *value <= maximum) return *value;
  Invalid(*property, maximum == kNoMaximum ? fmt::format("an integer of at least {}", minimum)
                                           : fmt::format("an integer from {} to {}", minimum, maximum));
  return fallback;
}

double PropertyMap::Number(std::string_view key, double fallback, double minimum, double maximum) {
  const Property* property = Use(key, ShowNumber(fallback));
  if (property == nullptr) return fallback;
  const auto value = ReadNumber(property->value);
  if (value && *value >= minimum && *value <= maximum) return *value;
  Invalid(*property, fmt::format("a number from {} to {}", minimum, maximum));
  return fallback;
}

DataSize PropertyMap::Size(std::string_view key, DataSize fallback) {
  const Property* property = Use(key, fallback.ToString());
  if (property == nullptr) return fallback;
  if (const auto value = ReadSize(property->value)) return *value;
  Invalid(*property, "a size such as 512MB (units B, kB, MB, GB, TB, PB)");
  return fallback;
}

MemorySize PropertyMap::Memory(std::string_view key, MemorySize fallback) {
  const Property* property = Use(key, fallback.ToString());
  if (property == nullptr) return fallback;
  if (const auto value = ReadMemory(property->value)) return *value;
  Invalid(*property, "a size such as 4GB or a share of memory such as 30%");
  return fallback;
}

Duration PropertyMap::Time(std::string_view key, Duration fallback, Duration minimum) {
  const Property* property = Use(key, ShowTime(fallback));
  if (property == nullptr) return fallback;
  const auto value = ReadTime(property->value);
  if (value && *value >= minimum) return *value;
  Invalid(*property,
          minimum.count() == 0
              ? "a duration such as 30s (units ns, us, ms, s, m, h, d)"
              : fmt::format("a duration of at least {} (units ns, us, ms, s, m, h, d)", ShowTime(minimum)));
  return fallback;
}

int PropertyMap::Choice(std::string_view key, int fallback, std::span<const std::string_view> spellings) {
  const Property* property = Use(key, std::string(spellings[static_cast<size_t>(fallback)]));
  if (property == nullptr) return fallback;
  for (size_t i = 0; i < spellings.size(); ++i) {
    if (SameChoice(spellings[i], property->value)) return static_cast<int>(i);
  }
  Invalid(*property, fmt::format("one of {}", fmt::join(spellings, ", ")));
  return fallback;
}

void PropertyMap::Rename(std::string_view old_key, std::string_view key) {
  known_.emplace(old_key, "");
  for (Property& property : file_.properties) {
    if (property.key != old_key) continue;
    if (Has(key)) {
      Problem(old_key, fmt::format("is the old name of '{}', which is set too: expected only one", key));
      return;
    }
    problems_.Warning(file_.path, property.line, old_key,
                      fmt::format("configuration property has been replaced, use '{}' instead", key));
    property.key = key;
    return;
  }
}

void PropertyMap::Defunct(std::string_view key, std::string_view instead) {
  if (Use(key, "") == nullptr) return;
  Problem(key, instead.empty()
                   ? std::string("defunct property cannot be configured, expected it to be removed")
                   : fmt::format("defunct property cannot be configured, expected {} instead", instead));
}

void PropertyMap::Warn(std::string_view key, std::string_view text) {
  if (const Property* property = Find(key)) problems_.Warning(file_.path, property->line, key, text);
}

void PropertyMap::Ignore(std::string_view key, std::string_view why) {
  if (const Property* property = Use(key, "")) {
    problems_.Warning(file_.path, property->line, key, fmt::format("has no effect here: {}", why));
  }
}

std::vector<Property> PropertyMap::TakeRest() {
  std::vector<Property> rest;
  for (const Property& property : file_.properties) {
    if (!known_.contains(property.key)) rest.push_back(property);
  }
  for (const Property& property : rest) known_.emplace(property.key, "");
  return rest;
}

void PropertyMap::RejectUnused() {
  for (const Property& property : file_.properties) {
    if (!known_.contains(property.key)) {
      problems_.Error(file_.path, property.line, property.key,
                      "configuration property is not known, expected a property of docs/configuration.md");
    }
  }
}

void PropertyMap::Flag(const SettingName& name, bool& field) { field = Flag(name.key, field); }
void PropertyMap::Integer(const SettingName& name, int64_t& field, int64_t minimum, int64_t maximum) {
  field = Integer(name.key, field, minimum, maximum);
}
void PropertyMap::Number(const SettingName& name, double& field, double minimum, double maximum) {
  field = Number(name.key, field, minimum, maximum);
}
void PropertyMap::Size(const SettingName& name, DataSize& field) { field = Size(name.key, field); }
void PropertyMap::OptionalSize(const SettingName& name, std::optional<DataSize>& field) {
  const Property* property = Use(name.key, "");
  if (property == nullptr || property->value.empty()) return;
  field = ReadSize(property->value);
  if (!field) Invalid(*property, "a size such as 512MB");
}
void PropertyMap::Memory(const SettingName& name, MemorySize& field) { field = Memory(name.key, field); }
void PropertyMap::Time(const SettingName& name, Duration& field, Duration minimum) {
  field = Time(name.key, field, minimum);
}
void PropertyMap::Choice(const SettingName& name, int& field, std::span<const std::string_view> spellings) {
  field = Choice(name.key, field, spellings);
}

}  // namespace planaria
