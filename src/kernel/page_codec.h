// How rows become pages: columns side by side, fixed-width data raw, strings as lengths and bytes.
//
// A page carries no checksum, compression or encryption of its own: the spool adds those. The layout is in
// docs/formats/page.md. Writers append selected rows of DuckDB chunks; readers give chunks of at most
// STANDARD_VECTOR_SIZE rows whose strings point into the page and keep it alive.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "kernel/task_context.h"

namespace planaria::kernel {

/// One chunk prepared for appending: each column's vector format is resolved once, whatever the number of
/// partitions.
class ChunkView {
 public:
  explicit ChunkView(duckdb::DataChunk& chunk);
  duckdb::DataChunk& chunk() const { return chunk_; }
  const duckdb::UnifiedVectorFormat& format(size_t column) const { return formats_[column]; }

 private:
  duckdb::DataChunk& chunk_;
  std::vector<duckdb::UnifiedVectorFormat> formats_;
};

/// Collects rows into one page. Not thread-safe.
class PageBuilder {
 public:
  explicit PageBuilder(const duckdb::vector<duckdb::LogicalType>& types);
  ~PageBuilder();
  PageBuilder(PageBuilder&&) noexcept;

  /// Appends rows `selection[0..count)` of the chunk, all of them in order when `selection` is nullptr.
  void Append(const ChunkView& view, const duckdb::SelectionVector* selection, size_t count);
  /// Moves everything of `other`, a builder of the same types, behind what is here; `other` is empty then and
  /// holds no memory.
  void Take(PageBuilder& other);
  uint32_t rows() const { return rows_; }
  /// Bytes that the page would have now, to a few bytes.
  size_t size_bytes() const;
  /// Writes the page over what `encoded` holds, and is empty then. Who has many builders passes the same
  /// buffer to all.
  void Finish(std::vector<uint8_t>& encoded);

 private:
  class Column;
  std::vector<Column> columns_;
  std::unique_ptr<duckdb::MemoryStream> nested_;
  uint32_t nested_chunks_ = 0;
  duckdb::vector<duckdb::LogicalType> types_;
  uint32_t rows_ = 0;
};

/// Gives the rows of one page. Not thread-safe. A page that is not what its writer makes throws
/// TrinoException(CORRUPT_PAGE) that names the column.
class PageReader {
 public:
  explicit PageReader(duckdb::vector<duckdb::LogicalType> types);
  ~PageReader();

  void Load(Page page);
  /// Fills `chunk` with the next rows; false at the end of the page.
  bool Next(duckdb::DataChunk& chunk);

 private:
  struct ColumnSpan;
  void LoadFlat();
  bool NextNested(duckdb::DataChunk& chunk);

  duckdb::vector<duckdb::LogicalType> types_;
  Page page_;
  std::vector<ColumnSpan> spans_;
  std::unique_ptr<duckdb::MemoryStream> nested_;
  bool is_nested_ = false;
  uint32_t next_row_ = 0;
};

/// True when every type has the flat layout; pages with other types carry DuckDB's chunk serialisation.
bool HasFlatLayout(const duckdb::vector<duckdb::LogicalType>& types);

}  // namespace planaria::kernel
