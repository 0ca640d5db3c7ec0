#include "exchange/spool_writer.h"

#include "base/error.h"
#include "exchange/output_packer.h"
#include "exchange/spool_format.h"
#include "exchange/spool_index.h"

namespace planaria::exchange {

SpoolWriter::SpoolWriter(storage::ObjectPlace place, uint32_t partition_count, TaskId producer,
                         SpoolWriterOptions options)
    : place_(std::move(place)),
      partition_count_(partition_count),
      producer_(std::move(producer)),
      options_(std::move(options)),
      cipher_(options_.key.empty() ? std::nullopt
                                   : std::optional(BlockCipher::ForWriting(options_.key, producer_))),
      packer_(options_.codec, cipher_ ? &*cipher_ : nullptr),
      packs_(options_.packer && place_.store->remote()),
      buffer_(kObjectHeaderBytes, '\0'),
      end_(kObjectHeaderBytes) {
  EncodeObjectHeader(partition_count_, reinterpret_cast<uint8_t*>(buffer_.data()));
}

SpoolWriter::~SpoolWriter() = default;

void SpoolWriter::Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) {
  if (partition >= partition_count_ || size > kMaxPageBytes) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Page of " + std::to_string(size) + " bytes for partition " +
                             std::to_string(partition) + " of " + std::to_string(partition_count_) +
                             " from task " + producer_.ToString());
  }
  BlockHeader header{partition, rows};
  std::string room;
  const std::span<const uint8_t> payload = packer_.Pack({data, size}, header, room);
  const auto saved = static_cast<int32_t>(static_cast<int64_t>(size) - header.size);
  uint8_t encoded[kBlockHeaderBytes];
  EncodeBlockHeader(header, encoded);

  if (failed_) std::rethrow_exception(failure_);
  Lock lock(mutex_);
  if (done_) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Page after the end of task " + producer_.ToString());
  }
  blocks_.push_back({end_, header.size, rows, partition, header.checksum, saved});
  end_ += BlockBytes(header.size);
  buffer_.append(reinterpret_cast<const char*>(encoded), sizeof(encoded));
  // A page that is large beside the buffer goes to the store from where it is.
  const size_t limit = BufferLimit();
  if (header.size > options_.buffer_bytes / 4 && buffer_.size() + header.size > limit) {
    Flush(lock, payload.data(), payload.size());
    return;
  }
  buffer_.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  buffer_.append(PaddedSize(header.size) - header.size, '\0');
  if (buffer_.size() >= limit) Flush(lock, nullptr, 0);
}

size_t SpoolWriter::BufferLimit() const {
  return packs_ && !flushed_ ? std::max(options_.buffer_bytes, options_.packer->pack_bytes())
                             : options_.buffer_bytes;
}

template <typename Step>
void SpoolWriter::RunOnStore(const Step& step) {
  if (failed_) std::rethrow_exception(failure_);
  try {
    step();
  } catch (...) {
    object_.reset();
    failure_ = std::current_exception();
    failed_ = true;
    throw;
  }
}

void SpoolWriter::Flush(Lock& lock, const uint8_t* page, size_t page_size) {
  // Waiting for the store with mutex_ held keeps buffers in order and holds producers back that are faster.
  const std::lock_guard write_lock(write_mutex_);
  flushed_ = true;
  writing_.swap(buffer_);
  buffer_.append(PaddedSize(page_size) - page_size, '\0');
  lock.unlock();
  RunOnStore([&] {
    if (!object_) object_ = place_.store->Create(place_.key);
    object_->Write(writing_.data(), writing_.size());
    if (page != nullptr) object_->Write(page, page_size);
  });
  writing_.clear();
  if (writing_.capacity() > 2 * options_.buffer_bytes) writing_.shrink_to_fit();
}

Manifest SpoolWriter::Finish() {
  Lock lock(mutex_);
  if (failed_) std::rethrow_exception(failure_);
  if (done_) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Second end of task " + producer_.ToString());
  }
  done_ = true;
  if (!object_ && end_ - kObjectHeaderBytes <= options_.inline_limit_bytes) {
    for (SpoolBlock& block : blocks_) block.offset -= kObjectHeaderBytes;
    return Manifest::OfContent(producer_, partition_count_, std::move(blocks_),
                               std::string_view(buffer_).substr(kObjectHeaderBytes), Salt());
  }
  if (packs_ && !flushed_) return Packed();
  AppendSpoolIndex(Manifest::OfObject(producer_, "", partition_count_, blocks_, Salt()), end_, buffer_);
  Flush(lock, nullptr, 0);
  if (options_.being_stored) {
    options_.being_stored(
        Manifest::OfObject(producer_, place_.Location(), partition_count_, blocks_, Salt()));
  }
  RunOnStore([&] {
    const uint64_t bytes = object_->Finish();
    if (!options_.traffic) return;
    options_.traffic->writes += object_->requests();
    options_.traffic->written_bytes += bytes;
  });
  return Manifest::OfObject(producer_, place_.Location(), partition_count_, std::move(blocks_), Salt());
}

Manifest SpoolWriter::Packed() {
  FinishedOutput output{.producer = producer_,
                        .place = place_,
                        .partition_count = partition_count_,
                        .bytes = std::move(buffer_),
                        .blocks = std::move(blocks_),
                        .salt = Salt(),
                        .being_stored = options_.being_stored};
  std::optional<Manifest> manifest;
  RunOnStore([&] { manifest.emplace(options_.packer->Store(output)); });
  if (options_.traffic) {
    options_.traffic->writes += output.requests;
    options_.traffic->written_bytes += output.bytes.size();
  }
  return *std::move(manifest);
}

void SpoolWriter::Abort() {
  const Lock lock(mutex_);
  done_ = true;
  object_.reset();
}

}  // namespace planaria::exchange
