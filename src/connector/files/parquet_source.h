// Rows of some row groups of one Parquet file.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "connector/connector.h"
#include "connector/files/parquet_footer.h"
#include "connector/files/split_payload.h"

namespace planaria::connector::files {

struct ParquetSourceColumn {
  /// The type to produce; the file's own is cast to it.
  duckdb::LogicalType type;
  /// The column's position in the file; without one every row is NULL.
  std::optional<size_t> position;
};

/// Reads the row groups of `part`. `filters` are keyed by position in `columns`, borrowed, and applied
/// exactly: row groups are skipped by statistics and bloom filters, rows within them by DuckDB's reader.
/// Throws as OpenParquet.
std::unique_ptr<PageSource> MakeParquetSource(duckdb::ClientContext& context, const FileTree& tree,
                                              const ParquetFooter& footer, const FileSplit& part,
                                              const std::vector<ParquetSourceColumn>& columns,
                                              const duckdb::TableFilterSet* filters);

}  // namespace planaria::connector::files
