#include "coordinator/split_payloads.h"

#include <algorithm>

namespace planaria::coordinator {

namespace {

/// A task reads whole chunks, so they should not hold much that belongs to others.
constexpr size_t kChunkBytes = 32 << 10;

}  // namespace

void SplitPayloads::Add(std::string_view payload) {
  if (chunks_.empty() || chunks_.back().bytes) {
    const uint32_t first =
        chunks_.empty() ? 0 : chunks_.back().first + static_cast<uint32_t>(chunks_.back().ends.size());
    chunks_.push_back({nullptr, first, {}});
  }
  open_ += payload;
  chunks_.back().ends.push_back(static_cast<uint32_t>(open_.size()));
  if (open_.size() >= kChunkBytes) Close();
}

void SplitPayloads::Close() {
  if (chunks_.empty() || chunks_.back().bytes) return;
  chunks_.back().ends.shrink_to_fit();
  chunks_.back().bytes = storage_->Keep(query_, std::exchange(open_, {}));
}

std::string_view SplitPayloads::Reader::Read(uint32_t split) {
  const auto& chunks = payloads_.chunks_;
  const auto after =
      std::upper_bound(chunks.begin(), chunks.end(), split,
                       [](uint32_t number, const Chunk& chunk) { return number < chunk.first; });
  const size_t index = static_cast<size_t>(after - chunks.begin()) - 1;
  const Chunk& chunk = chunks.at(index);
  if (loaded_ != index) {
    bytes_ = chunk.bytes->Read();
    loaded_ = index;
  }
  const size_t position = split - chunk.first;
  const uint32_t begin = position == 0 ? 0 : chunk.ends.at(position - 1);
  return std::string_view(bytes_).substr(begin, chunk.ends.at(position) - begin);
}

}  // namespace planaria::coordinator
