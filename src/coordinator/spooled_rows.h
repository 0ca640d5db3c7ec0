// Rows as the spooling protocol encodes them, and the JSON object that stands for them in an answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/client_query.h"

namespace planaria::coordinator {

enum class RowEncoding : uint8_t { kJson, kJsonLz4, kJsonZstd };

/// `json+zstd`, as in X-Trino-Query-Data-Encoding.
std::string_view RowEncodingName(RowEncoding encoding);
std::optional<RowEncoding> RowEncodingOf(std::string_view name);

struct EncodedRows {
  std::string bytes;
  /// Nothing when they are not compressed.
  std::optional<size_t> uncompressed_size;
};

/// `rows`: `[..],[..]`. They become one JSON array, compressed if it has at least `compression_threshold`
/// bytes: LZ4 as a raw block, Zstandard as a frame. Throws TrinoException(GENERIC_INTERNAL_ERROR).
EncodedRows EncodeRows(std::string_view rows, RowEncoding encoding, size_t compression_threshold);

/// A piece of a result, in the answer or to be fetched.
struct Segment {
  uint64_t row_offset = 0;
  uint64_t row_count = 0;
  size_t size = 0;
  std::optional<size_t> uncompressed_size;
  /// Of an inline segment.
  std::string bytes;
  /// Of a spooled one (segment_store.h); empty for inline segments.
  std::string id;
  std::optional<WallTime> expires;
};

/// `{"encoding":..,"metadata":{},"segments":[..]}`. Spooled segments are fetched from
/// `<base_uri>/v1/spooled/download/<id>` and acknowledged at `<base_uri>/v1/spooled/ack/<id>`.
std::string WriteSegments(RowEncoding encoding, const std::vector<Segment>& segments,
                          const std::string& base_uri);

}  // namespace planaria::coordinator
