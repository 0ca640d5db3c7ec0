#include "exchange/spool_reader.h"

#include <algorithm>
#include <utility>

#include "exchange/block_packing.h"
#include "exchange/spool_format.h"
#include "exchange/spooled_data_lost.h"

namespace planaria::exchange {

SpoolReader::SpoolReader(storage::ObjectLocator& locator,
                         std::vector<std::shared_ptr<const Manifest>> manifests,
                         const PartitionSet& partitions, SpoolReaderOptions options)
    : locator_(locator), partitions_(partitions), options_(std::move(options)) {
  if (!manifests.empty()) {
    std::rotate(manifests.begin(),
                manifests.begin() + static_cast<ptrdiff_t>(options_.first_producer % manifests.size()),
                manifests.end());
  }
  Add(std::move(manifests), options_.complete);
}

void SpoolReader::Add(std::vector<std::shared_ptr<const Manifest>> manifests, bool complete) {
  std::vector<Wake> wakes;
  {
    const Lock lock(mutex_);
    for (std::shared_ptr<const Manifest>& manifest : manifests) {
      storage::ObjectPlace place;
      // An empty output needs no store, wherever it says that it is.
      if (!manifest->is_inline() && !manifest->blocks().empty()) place = locator_.Find(manifest->location());
      auto cipher = CipherFor(*manifest);
      Plan(sources_.emplace_back(Source{std::move(manifest), std::move(place), std::move(cipher)}));
    }
    complete_ = complete_ || complete;
    wakes.swap(wakes_);
  }
  for (const Wake& wake : wakes) wake();
}

std::optional<BlockCipher> SpoolReader::CipherFor(const Manifest& manifest) const {
  if (manifest.salt().empty() || options_.key.empty()) return std::nullopt;
  return std::optional<BlockCipher>(std::in_place, options_.key, manifest.producer(), manifest.salt());
}

void SpoolReader::Plan(const Source& source) {
  const Manifest& manifest = *source.manifest;
  ReadRange* range = nullptr;
  for (const SpoolBlock& block : manifest.blocks()) {
    if (!partitions_.Contains(block.partition)) continue;
    total_.rows += block.rows;
    total_.bytes += block.page_bytes();
    page_count_++;
    const uint64_t end = block.offset + BlockBytes(block.size);
    const bool extends = range != nullptr && block.offset - range->end <= options_.gap_bytes &&
                         end - range->begin <= options_.read_bytes;
    if (!extends) {
      // The object's header is checked by those who read the first block.
      const bool first = !manifest.is_inline() && block.offset == kObjectHeaderBytes;
      range = &ranges_.emplace_back(ReadRange{&source, first ? 0 : block.offset, 0, {}});
    }
    range->end = end;
    range->blocks.push_back(&block);
  }
}

std::optional<SpooledPage> SpoolReader::Next() {
  SpooledPage page;
  if (Next(page, {}) != ReadState::kPage) return std::nullopt;
  return page;
}

ReadState SpoolReader::Next(SpooledPage& page, const Wake& wake) {
  Lock lock(mutex_);
  while (true) {
    if (failure_) std::rethrow_exception(failure_);
    if (!loaded_.empty()) {
      const LoadedBlock block = std::move(loaded_.front());
      loaded_.pop_front();
      lock.unlock();
      try {
        page = Verify(block);
        return ReadState::kPage;
      } catch (const SpooledDataLost&) {
        lock.lock();
        Fail();
        throw;
      }
    }
    if (next_range_ < ranges_.size()) {
      const ReadRange& range = ranges_[next_range_++];
      loading_++;
      lock.unlock();
      try {
        std::vector<LoadedBlock> blocks = Load(range);
        lock.lock();
        for (LoadedBlock& block : blocks) loaded_.push_back(std::move(block));
      } catch (...) {
        lock.lock();
        loading_--;
        Fail();
        throw;
      }
      loading_--;
      changed_.notify_all();
      continue;
    }
    if (loading_ == 0 && complete_) return ReadState::kEnd;
    if (loading_ == 0) {
      if (wake) wakes_.push_back(wake);
      return ReadState::kLater;
    }
    changed_.wait(lock);
  }
}

void SpoolReader::Fail() {
  if (!failure_) failure_ = std::current_exception();
  changed_.notify_all();
}

std::vector<SpoolReader::LoadedBlock> SpoolReader::Load(const ReadRange& range) const {
  const Source& source = *range.source;
  std::vector<LoadedBlock> blocks;
  blocks.reserve(range.blocks.size());
  std::shared_ptr<const uint8_t[]> owner = source.manifest->content();
  const uint8_t* bytes = owner.get() + range.begin;
  if (!source.manifest->is_inline()) {
    const size_t length = range.end - range.begin;
    const std::shared_ptr<uint8_t[]> buffer(new uint8_t[length]);
    try {
      source.place.store->Read(source.place.key, range.begin, length, buffer.get());
    } catch (const storage::ObjectLost& lost) {
      throw SpooledDataLost(source.manifest->producer(), lost.what());
    }
    if (range.begin == 0) {
      uint8_t header[kObjectHeaderBytes];
      EncodeObjectHeader(source.manifest->partition_count(), header);
      if (std::memcmp(buffer.get(), header, sizeof(header)) != 0) {
        throw SpooledDataLost(source.manifest->producer(),
                              "Object " + source.manifest->location() + " has a damaged header at offset 0");
      }
    }
    owner = buffer;
    bytes = buffer.get();
  }
  for (const SpoolBlock* block : range.blocks) {
    blocks.push_back({range.source, block, owner, bytes + (block->offset - range.begin)});
  }
  return blocks;
}

SpooledPage SpoolReader::Verify(const LoadedBlock& loaded) const {
  const SpoolBlock& block = *loaded.block;
  const Manifest& manifest = *loaded.source->manifest;
  const uint8_t* const payload = loaded.bytes + kBlockHeaderBytes;
  const auto lost = [&](const char* what, const char* how) {
    return SpooledDataLost(manifest.producer(),
                           (manifest.is_inline() ? "Inline content" : "Object " + manifest.location()) +
                               " has a " + what + " at offset " + std::to_string(block.offset) + ", " +
                               std::to_string(block.size) + " bytes, partition " +
                               std::to_string(block.partition) + how);
  };
  BlockHeader header;
  if (!DecodeBlockHeader(loaded.bytes, header) || header.partition != block.partition ||
      header.rows != block.rows || header.size != block.size || header.checksum != block.checksum ||
      header.sealed != !manifest.salt().empty()) {
    throw lost("damaged block header", "");
  }
  if (BlockChecksum(header, payload) != block.checksum) throw lost("damaged block (checksum mismatch)", "");
  if (!header.sealed && header.codec == BlockCodec::kNone) {
    if (block.saved != 0) throw lost("damaged block", ": its sizes differ");
    return {loaded.owner, payload, block.size, block.rows};
  }
  if (header.sealed && !loaded.source->cipher) throw lost("sealed block", ", and there is no key for it");
  const auto page =
      UnpackBlock(header, payload, block.page_bytes(), header.sealed ? &*loaded.source->cipher : nullptr);
  if (!page) throw lost("damaged block", ": it was altered, or sealed with another key");
  return {page, page.get(), block.page_bytes(), block.rows};
}

}  // namespace planaria::exchange
