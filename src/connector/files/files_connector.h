// The `files` connector: Parquet, CSV and JSON files below one directory as tables.
//
// Property `files.base-directory` names the directory, which every node of the cluster sees under that path.
// A table is a directory of files of one format, or one file: connector/files/data_file.h has the layout.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connector/connector.h"

namespace planaria::connector {

/// Throws TrinoException(CONFIGURATION_INVALID) when the directory is missing or a property is unknown.
std::shared_ptr<const Connector> CreateFilesConnector(const std::string& catalog,
                                                      const std::map<std::string, std::string>& properties);

}  // namespace planaria::connector
