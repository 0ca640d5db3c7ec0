// Typed reading of one properties file.
//
//   PropertyMap map(file, problems);
//   config.port = map.Integer("http-server.http.port", 8080, 0, 65535);
//   map.RejectUnused();
//
// A value that is wrong becomes a problem (file, line, key, what was expected) and reads as the default, so
// that one pass finds everything. What nobody asked for is a problem too: a misspelt key must not pass
// silently.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/properties.h"
#include "config/setting_visitor.h"

namespace planaria {

/// Not thread-safe. `problems` must outlive it.
class PropertyMap : public SettingVisitor {
 public:
  PropertyMap(PropertiesFile file, ConfigProblems& problems);

  bool Has(std::string_view key) const { return Find(key) != nullptr; }

  /// The raw text; nothing when the key is absent or its value empty.
  std::optional<std::string> Text(std::string_view key);
  /// As above, but its absence is a problem; `expected` says what to write there.
  std::string RequiredText(std::string_view key, std::string_view expected);
  /// Comma-separated, blanks around items dropped, empty items left out.
  std::vector<std::string> List(std::string_view key);
  bool Flag(std::string_view key, bool fallback);
  int64_t Integer(std::string_view key, int64_t fallback, int64_t minimum, int64_t maximum = kNoMaximum);
  double Number(std::string_view key, double fallback, double minimum, double maximum);
  DataSize Size(std::string_view key, DataSize fallback);
  MemorySize Memory(std::string_view key, MemorySize fallback);
  Duration Time(std::string_view key, Duration fallback, Duration minimum = Duration(0));
  int Choice(std::string_view key, int fallback, std::span<const std::string_view> spellings);

  /// `old_key` is another name of `key`: a warning when used, a problem when both are set.
  void Rename(std::string_view old_key, std::string_view key);
  /// The key is known and no longer configurable, in Trino or here.
  void Defunct(std::string_view key, std::string_view instead);
  /// Consumes a key whose value has been checked, with a warning that it does nothing here.
  void Ignore(std::string_view key, std::string_view why);
  /// Reports what is worth knowing about a key that is set and has an effect.
  void Warn(std::string_view key, std::string_view text);
  /// Reports a problem with the value of `key` that only the caller can see.
  void Problem(std::string_view key, std::string_view text);
  /// Takes the keys that nobody asked for, untouched.
  std::vector<Property> TakeRest();
  /// Every key that was set and never asked for becomes a problem.
  void RejectUnused();

  const std::string& path() const { return file_.path; }
  /// Every key that was asked for, set or not, with its default as text.
  const std::map<std::string, std::string, std::less<>>& known() const { return known_; }

  void Flag(const SettingName& name, bool& field) override;
  void Integer(const SettingName& name, int64_t& field, int64_t minimum, int64_t maximum) override;
  void Number(const SettingName& name, double& field, double minimum, double maximum) override;
  void Size(const SettingName& name, DataSize& field) override;
  void OptionalSize(const SettingName& name, std::optional<DataSize>& field) override;
  void Memory(const SettingName& name, MemorySize& field) override;
  void Time(const SettingName& name, Duration& field, Duration minimum) override;
  void Choice(const SettingName& name, int& field, std::span<const std::string_view> spellings) override;

 private:
  const Property* Find(std::string_view key) const;
  /// The property, marked as used; notes `fallback` as the default of `key`.
  const Property* Use(std::string_view key, std::string fallback);
  void Invalid(const Property& property, std::string_view expected);

  PropertiesFile file_;
  ConfigProblems& problems_;
  std::map<std::string, std::string, std::less<>> known_;
};

}  // namespace planaria
