// Puts imported files into an etc/ folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/import/platform_import.h"

namespace planaria {

/// Makes the folder where it is missing. Every file is replaced at once or not at all, and none is touched
/// when one of those that are there cannot be read; a file that is right already is left alone, so that a
/// second import changes nothing. New files are readable by this user only: they may hold keys. Gives one
/// line a file, `etc/config.properties: written, 3 imported properties`. Throws
/// TrinoException(CONFIGURATION_INVALID) naming the file.
std::vector<std::string> WriteEtc(const std::filesystem::path& directory, const std::vector<EtcFile>& files);

}  // namespace planaria
