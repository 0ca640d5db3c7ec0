// What is wrong with the configuration, all of it at once: an operator fixes a file in one round, not in ten.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace planaria {

/// One problem, not yet rendered.
struct ConfigProblem {
  std::string file;
  /// 0 where there is none.
  int line = 0;
  std::string key;
  std::string text;
};

/// Collects the problems of one start. Not thread-safe.
class ConfigProblems {
 public:
  /// `file:line: key: text`; line 0 and an empty key are left out.
  void Error(std::string_view file, int line, std::string_view key, std::string_view text);
  void Warning(std::string_view file, int line, std::string_view key, std::string_view text);

  /// In the order they were found.
  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// The same, one for one, as they were given.
  const std::vector<ConfigProblem>& error_details() const { return error_details_; }
  const std::vector<ConfigProblem>& warning_details() const { return warning_details_; }

  /// Throws TrinoException(CONFIGURATION_INVALID) with every error, one a line, when there is one.
  void ThrowIfAny() const;

 private:
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
  std::vector<ConfigProblem> error_details_;
  std::vector<ConfigProblem> warning_details_;
};

}  // namespace planaria
