// Properties of Trino that a configuration written for Trino may carry and that change nothing here.
#pragma once

#include <span>
#include <string_view>

#include "config/property_map.h"

namespace planaria {

enum class ValueKind : uint8_t { kText, kFlag, kInteger, kNumber, kSize, kMemory, kTime };

struct IgnoredProperty {
  std::string_view key;
  ValueKind kind;
  /// Completes "has no effect here: ...".
  std::string_view why;
};

struct DefunctProperty {
  std::string_view key;
  /// What to set in its place; empty when there is nothing.
  std::string_view instead;
};

std::span<const IgnoredProperty> IgnoredServerProperties();
std::span<const DefunctProperty> DefunctServerProperties();
std::span<const IgnoredProperty> IgnoredExchangeProperties();

/// Checks the value's syntax, then warns that the property does nothing.
void ReadIgnored(PropertyMap& map, std::span<const IgnoredProperty> properties);
void ReadDefunct(PropertyMap& map, std::span<const DefunctProperty> properties);

}  // namespace planaria
