#include "coordinator/result_spooler.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace planaria::coordinator {

namespace {

using Call = std::shared_ptr<HttpCall>;

WallTime Now() { return std::chrono::system_clock::now(); }

}  // namespace

ResultSpooler::ResultSpooler(ResultSpoolerParts parts)
    : parts_(std::move(parts)),
      segments_({.store = parts_.store,
                 .key = parts_.key,
                 .encryption = parts_.manager.encryption,
                 .ttl = parts_.manager.segment_ttl}) {}

void ResultSpooler::AddRoutes(HttpRoutes& server) {
  const auto route = [&](const std::string& path, auto answer) {
    server.Route("GET", path, [self = shared_from_this(), answer](const Call& call) {
      self->parts_.pool->Post([self, answer, call] {
        try {
          call->Respond(answer(*self, call->path_parameter("id")));
        } catch (const TrinoException& failure) {
          call->Respond(TextResponse(500, failure.what()));
        }
      });
    });
  };
  route("/v1/spooled/download/{id}", [](const ResultSpooler& self, const std::string& id) {
    auto bytes = self.segments_.Get(id, Now());
    if (!bytes) return TextResponse(410, "Segment is gone");
    return ContentResponse("application/octet-stream", *std::move(bytes));
  });
  route("/v1/spooled/ack/{id}", [](const ResultSpooler& self, const std::string& id) {
    if (self.parts_.manager.explicit_acknowledgement && !self.segments_.Acknowledge(id))
      return NotFound("Segment not found");
    return HttpResponse{};
  });
}

void ResultSpooler::PruneNowAndThen(Executor& executor) {
  if (!parts_.manager.pruning) return;
  executor.RunAfter(parts_.manager.pruning_interval, [weak = weak_from_this(), &executor] {
    const auto self = weak.lock();
    if (!self) return;
    self->parts_.pool->Post([self] {
      try {
        const size_t pruned = self->segments_.Prune(Now());
        if (pruned > 0) spdlog::info("deleted {} segments of results that nobody fetched in time", pruned);
      } catch (const TrinoException& failure) {
        spdlog::warn("segments of results could not be pruned: {}", failure.what());
      }
    });
    self->PruneNowAndThen(executor);
  });
}

std::optional<RowEncoding> ResultSpooler::Choose(const std::vector<std::string>& encodings) const {
  for (const std::string& name : encodings) {
    const auto encoding = RowEncodingOf(name);
    if (!encoding) continue;
    const bool enabled = *encoding == RowEncoding::kJson      ? parts_.protocol.json
                         : *encoding == RowEncoding::kJsonLz4 ? parts_.protocol.json_lz4
                                                              : parts_.protocol.json_zstd;
    if (enabled) return encoding;
  }
  return std::nullopt;
}

size_t ResultSpooler::SegmentBytes(uint64_t segments) const {
  constexpr uint64_t kMostDoublings = 20;
  return std::min(parts_.protocol.initial_segment_size.bytes << std::min(segments, kMostDoublings),
                  parts_.protocol.maximum_segment_size.bytes);
}

Segment ResultSpooler::Make(const ResultPage& page, uint64_t row_offset, RowEncoding encoding) const {
  EncodedRows rows = EncodeRows(page.rows, encoding, parts_.protocol.compression_threshold.bytes);
  Segment segment;
  segment.row_offset = row_offset;
  segment.row_count = page.row_count;
  segment.size = rows.bytes.size();
  segment.uncompressed_size = rows.uncompressed_size;
  if (parts_.protocol.inlining && segment.size <= parts_.protocol.inlining_max_size.bytes &&
      page.row_count <= static_cast<uint64_t>(parts_.protocol.inlining_max_rows)) {
    segment.bytes = std::move(rows.bytes);
    return segment;
  }
  SegmentStore::Stored stored = segments_.Put(rows.bytes, Now());
  segment.id = std::move(stored.id);
  segment.expires = stored.expires;
  return segment;
}

void ResultSpooler::Spool(ResultPage page, uint64_t row_offset, RowEncoding encoding,
                          std::function<void(Spooled)> done) {
  parts_.pool->Post(
      [self = shared_from_this(), page = std::move(page), row_offset, encoding, done = std::move(done)] {
        Spooled spooled;
        try {
          spooled = self->Make(page, row_offset, encoding);
        } catch (const TrinoException& failure) {
          spooled = failure.error();
        }
        done(std::move(spooled));
      });
}

}  // namespace planaria::coordinator
