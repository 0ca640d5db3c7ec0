// Who asks, from where, and with which overrides: what a client sends with every statement.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

namespace planaria {

/// A value; the server keeps no session between statements.
struct Session {
  std::string user;
  std::string source;
  /// Lower case.
  std::optional<std::string> catalog;
  std::optional<std::string> schema;
  /// IANA name or offset such as `+02:00`.
  std::string time_zone = "UTC";
  std::string client_info;
  std::set<std::string> client_tags;
  /// As `PARAMETRIC_DATETIME`.
  std::set<std::string> client_capabilities;
  std::string trace_token;
  /// Overrides by session property; checked by SessionProperties.
  std::map<std::string, std::string> properties;
  /// Overrides of catalogs, keyed `catalog.property`.
  std::map<std::string, std::string> catalog_properties;
  /// SQL by name.
  std::map<std::string, std::string> prepared_statements;
};

}  // namespace planaria
