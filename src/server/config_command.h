// `planaria config`: folders of configuration made from what platforms write, and checked.
#pragma once

#include <string>

namespace planaria::server {

struct ConfigImportOptions {
  std::string file;
  std::string etc_directory = "etc";
  /// `coordinator` or `worker`.
  std::string role = "coordinator";
  std::string hadoop_conf_directory = "/etc/hadoop/conf";
};

/// Writes etc/ files from a platform's JSON (config/import/platform_import.h) and prints which, and what was
/// not used. Returns the process's exit code: 1, with every problem on standard error and nothing written,
/// when the JSON cannot be used.
int RunConfigImport(const ConfigImportOptions& options);

/// Reads a folder as a server's start does, its catalogs too, but opens no store and no port. Prints
/// warnings; exit code 1 with every problem on standard error.
int RunConfigCheck(const std::string& etc_directory);

}  // namespace planaria::server
