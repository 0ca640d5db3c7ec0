// How the memory connector keeps rows: compressed pages, and what tells of their deleted rows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connector/connector.h"
#include "connector/table_writes.h"

namespace planaria::connector::memory {

/// Rows of one page as they are kept: kernel/page_codec.h's form, compressed. Immutable.
struct StoredPage {
  /// Unique in the catalog; with the position in the page it makes the row id.
  uint32_t id = 0;
  uint32_t rows = 0;
  uint32_t page_bytes = 0;
  /// The table's first columns: those that were added later are NULL in this page.
  uint32_t columns = 0;
  std::string compressed;
};

inline int64_t RowId(uint32_t page, uint32_t position) { return int64_t{page} << 32 | position; }
inline uint32_t PageOfRow(int64_t row_id) { return static_cast<uint32_t>(row_id >> 32); }
inline uint32_t PositionOfRow(int64_t row_id) { return static_cast<uint32_t>(row_id); }

/// Ascending positions in a page.
using Positions = std::vector<uint32_t>;

/// A commit fragment: either a page of new rows or ids of rows that go.
struct Fragment {
  std::shared_ptr<StoredPage> page;
  std::vector<int64_t> deleted;
};
/// Throws GENERIC_INTERNAL_ERROR for bytes that are no fragment.
Fragment ParseFragment(std::string_view bytes);

/// A page and its deleted rows as a split's payload: self-contained, so that it can be read on any node,
/// whatever happens to the table meanwhile.
std::string SplitPayload(const StoredPage& page, const Positions& deleted);

/// `types` are those of the table's columns, at least as many as the page has.
std::unique_ptr<PageSource> OpenPage(const std::string& payload, duckdb::vector<duckdb::LogicalType> types,
                                     const ScanRequest& request);

/// Makes fragments of at most about a megabyte before compression. Throws MEMORY_LIMIT_EXCEEDED when its own
/// rows alone are more than `max_bytes`.
std::unique_ptr<PageSink> MakeSink(const SinkRequest& request, uint64_t max_bytes);

[[noreturn]] void ThrowLimitExceeded(uint64_t max_bytes);

}  // namespace planaria::connector::memory
