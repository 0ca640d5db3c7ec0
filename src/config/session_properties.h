// The session properties that exist: SHOW SESSION lists them, SET SESSION checks against them, and a query's
// settings are the configured ones with a session's overrides applied.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/server_config.h"

namespace planaria {

/// SHOW SESSION's row without the current value.
struct SessionProperty {
  std::string name;
  /// Trino's text form; durations and sizes as in files.
  std::string default_value;
  /// boolean, integer, bigint, double or varchar.
  std::string type;
  std::string description;
  bool hidden = false;
};

/// Immutable after construction, so usable from any thread.
class SessionProperties {
 public:
  explicit SessionProperties(const ServerConfig& config);

  /// By name, hidden ones included.
  const std::vector<SessionProperty>& All() const { return properties_; }

  /// Throws TrinoException(INVALID_SESSION_PROPERTY): `Session property 'x' does not exist`, or what is wrong
  /// with the value.
  void Check(std::string_view name, std::string_view value) const;

  /// The settings of one query; throws as Check does.
  QuerySettings Resolve(const std::map<std::string, std::string>& overrides) const;

 private:
  QuerySettings defaults_;
  std::set<RetryPolicy> allowed_policies_;
  std::vector<SessionProperty> properties_;
};

}  // namespace planaria
