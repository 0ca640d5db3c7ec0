// The payload of a `files` split: which part of which version of a file, and for text how to parse it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "connector/files/data_file.h"
#include "duckdb/common/types.hpp"

namespace planaria::connector::files {

struct FileSplit {
  DataFile file;
  /// Parquet: row groups [first, first + count).
  uint32_t first_row_group = 0;
  uint32_t row_group_count = 0;
  /// Text: arguments of DuckDB's reader after the path, and the file's columns in its order with the types to
  /// parse them as.
  std::string reader_arguments;
  std::vector<std::pair<std::string, duckdb::LogicalType>> columns;
};

std::string Encode(const FileSplit& split);
/// Throws TrinoException(SERIALIZATION_ERROR) when `payload` is not Encode's work or leaves the base
/// directory.
FileSplit DecodeFileSplit(const std::string& payload);

}  // namespace planaria::connector::files
