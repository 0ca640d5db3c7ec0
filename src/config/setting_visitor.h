// A setting is declared once, with its names, kind, bounds and meaning; readers of files, of session
// properties and the listing of SHOW SESSION all walk the same declarations.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/setting_values.h"

namespace planaria {

struct SettingName {
  /// Key in config.properties.
  std::string_view key;
  /// Name of the session property; empty when only the file can set it.
  std::string_view session;
  std::string_view description;
  /// Settable, but not shown by SHOW SESSION.
  bool hidden = false;
};

/// Called once per setting with the field that holds it. On the way in the field holds the default.
class SettingVisitor {
 public:
  static constexpr int64_t kNoMaximum = std::numeric_limits<int64_t>::max();
  virtual ~SettingVisitor() = default;

  virtual void Flag(const SettingName& name, bool& field) = 0;
  virtual void Integer(const SettingName& name, int64_t& field, int64_t minimum, int64_t maximum) = 0;
  virtual void Number(const SettingName& name, double& field, double minimum, double maximum) = 0;
  virtual void Size(const SettingName& name, DataSize& field) = 0;
  /// Nothing: no limit, which an absent or empty value says.
  virtual void OptionalSize(const SettingName& name, std::optional<DataSize>& field) = 0;
  virtual void Memory(const SettingName& name, MemorySize& field) = 0;
  virtual void Time(const SettingName& name, Duration& field, Duration minimum) = 0;
  /// `field` is the index of the chosen spelling; case does not matter.
  virtual void Choice(const SettingName& name, int& field, std::span<const std::string_view> spellings) = 0;

  /// An enum whose values count the spellings from 0.
  template <typename E>
  void Enum(const SettingName& name, E& field, std::span<const std::string_view> spellings) {
    int index = static_cast<int>(field);
    Choice(name, index, spellings);
    field = static_cast<E>(index);
  }
};

}  // namespace planaria
