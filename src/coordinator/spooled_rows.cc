#include "coordinator/spooled_rows.h"

#include <lz4.h>
#include <zstd.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "coordinator/query_info.h"
#include "protocol/url_text.h"

namespace planaria::coordinator {

namespace {

using nlohmann::json;

constexpr int kZstdLevel = 3;

std::string Lz4Block(std::string_view text) {
  std::string block(static_cast<size_t>(LZ4_compressBound(static_cast<int>(text.size()))), '\0');
  const int size = LZ4_compress_default(text.data(), block.data(), static_cast<int>(text.size()),
                                        static_cast<int>(block.size()));
  if (size <= 0) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Rows cannot be compressed with LZ4");
  block.resize(static_cast<size_t>(size));
  return block;
}

std::string ZstdFrame(std::string_view text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  const size_t size = ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), kZstdLevel);
  if (ZSTD_isError(size)) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         std::string("Rows cannot be compressed: ") + ZSTD_getErrorName(size));
  }
  frame.resize(size);
  return frame;
}

json SegmentJson(const Segment& segment, const std::string& base_uri) {
  json metadata = {
      {"rowOffset", segment.row_offset}, {"rowsCount", segment.row_count}, {"segmentSize", segment.size}};
  if (segment.uncompressed_size) metadata["uncompressedSize"] = *segment.uncompressed_size;
  if (segment.expires) metadata["expiresAt"] = InstantText(*segment.expires);
  if (segment.id.empty()) {
    return {{"type", "inline"},
            {"data", protocol::EncodeBase64(segment.bytes)},
            {"metadata", std::move(metadata)}};
  }
  return {{"type", "spooled"},
          {"uri", base_uri + "/v1/spooled/download/" + segment.id},
          {"ackUri", base_uri + "/v1/spooled/ack/" + segment.id},
          {"headers", json::object()},
          {"metadata", std::move(metadata)}};
}

}  // namespace

std::string_view RowEncodingName(RowEncoding encoding) {
  switch (encoding) {
    case RowEncoding::kJson:
      return "json";
    case RowEncoding::kJsonLz4:
      return "json+lz4";
    case RowEncoding::kJsonZstd:
      return "json+zstd";
  }
  return "";
}

std::optional<RowEncoding> RowEncodingOf(std::string_view name) {
  for (const RowEncoding encoding : {RowEncoding::kJson, RowEncoding::kJsonLz4, RowEncoding::kJsonZstd}) {
    if (RowEncodingName(encoding) == name) return encoding;
  }
  return std::nullopt;
}

EncodedRows EncodeRows(std::string_view rows, RowEncoding encoding, size_t compression_threshold) {
  std::string array;
  array.reserve(rows.size() + 2);
  array.append("[").append(rows).append("]");
  // LZ4 counts in int.
  const bool plain = encoding == RowEncoding::kJson || array.size() < compression_threshold ||
                     (encoding == RowEncoding::kJsonLz4 && array.size() > LZ4_MAX_INPUT_SIZE);
  if (plain) return {std::move(array), std::nullopt};
  return {encoding == RowEncoding::kJsonLz4 ? Lz4Block(array) : ZstdFrame(array), array.size()};
}

std::string WriteSegments(RowEncoding encoding, const std::vector<Segment>& segments,
                          const std::string& base_uri) {
  json list = json::array();
  for (const Segment& segment : segments) list.push_back(SegmentJson(segment, base_uri));
  return json{
      {"encoding", RowEncodingName(encoding)}, {"metadata", json::object()}, {"segments", std::move(list)}}
      .dump();
}

}  // namespace planaria::coordinator
