// Java's .properties format, as Trino's etc/ files are written in it.
//
//   # comment           ! comment
//   key=value           key: value          key value
//   key = ${ENV:NAME}   the value of an environment variable, anywhere in a value
//
// A backslash at the end of a line continues it, leading blanks of the next line are dropped. Escapes are \t
// \n \r \f \uXXXX; any other escaped character is itself. Files are UTF-8. Blanks at the end of a value are
// dropped. A key that appears twice is an error.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria {

class ConfigProblems;

struct Property {
  std::string key;
  std::string value;
  /// 1-based, where the key stands.
  int line = 0;
};

struct PropertiesFile {
  /// As shown in errors.
  std::string path;
  /// In file order, keys unique.
  std::vector<Property> properties;
};

/// The value of an environment variable; nothing when it is not set.
using EnvLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Looks into the environment of this process.
EnvLookup ProcessEnvironment();

/// Never throws on bad text: what is wrong goes to `problems`, lines that are right are returned.
PropertiesFile ParseProperties(std::string path, std::string_view text, const EnvLookup& env,
                               ConfigProblems& problems);

/// As above; a file that cannot be read is a problem and gives no properties.
PropertiesFile ReadPropertiesFile(const std::filesystem::path& path, const EnvLookup& env,
                                  ConfigProblems& problems);

}  // namespace planaria
