#include "exchange/spool_writer.h"

#include "base/error.h"
#include "exchange/spool_format.h"

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
  if (header.size > options_.buffer_bytes / 4 && buffer_.size() + header.size > options_.buffer_bytes) {
    Flush(lock, payload.data(), payload.size());
    return;
  }
  buffer_.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  buffer_.append(PaddedSize(header.size) - header.size, '\0');
  if (buffer_.size() >= options_.buffer_bytes) Flush(lock, nullptr, 0);
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
  writing_.swap(buffer_);
  buffer_.append(PaddedSize(page_size) - page_size, '\0');
  lock.unlock();
  RunOnStore([&] {
    if (!object_) object_ = place_.store->Create(place_.key);
    object_->Write(writing_.data(), writing_.size());
    if (page != nullptr) object_->Write(page, page_size);
  });
  writing_.clear();
}

void SpoolWriter::AppendIndex() {
  const std::string index = Manifest::OfObject(producer_, "", partition_count_, blocks_, Salt()).Serialize();
  buffer_ += index;
  buffer_.append(PaddedSize(index.size()) - index.size(), '\0');
  char footer[kFooterBytes];
  StoreLittleEndian(end_, footer);
  StoreLittleEndian(uint64_t{index.size()}, footer + 8);
  std::memcpy(footer + 16, kFooterMagic, sizeof(kFooterMagic));
  buffer_.append(footer, sizeof(footer));
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
  AppendIndex();
  Flush(lock, nullptr, 0);
  RunOnStore([&] {
    const uint64_t bytes = object_->Finish();
    if (!options_.traffic) return;
    options_.traffic->writes += object_->requests();
    options_.traffic->written_bytes += bytes;
  });
  return Manifest::OfObject(producer_, place_.Location(), partition_count_, std::move(blocks_), Salt());
}

void SpoolWriter::Abort() {
  const Lock lock(mutex_);
  done_ = true;
  object_.reset();
}

Manifest ReadSpoolIndex(const storage::ObjectPlace& place, uint64_t object_size) {
  const auto malformed = [&](const std::string& what) {
    return TrinoException(errors::SERIALIZATION_ERROR,
                          "Not a whole spool object: " + place.Location() + ": " + what);
  };
  if (object_size < kObjectHeaderBytes + kFooterBytes) {
    throw malformed(std::to_string(object_size) + " bytes");
  }
  uint8_t header[kObjectHeaderBytes];
  place.store->Read(place.key, 0, sizeof(header), header);
  uint8_t expected_header[kObjectHeaderBytes];
  uint8_t footer[kFooterBytes];
  const uint64_t footer_offset = object_size - kFooterBytes;
  place.store->Read(place.key, footer_offset, sizeof(footer), footer);
  const uint64_t offset = LoadLittleEndian<uint64_t>(footer);
  const uint64_t length = LoadLittleEndian<uint64_t>(footer + 8);
  if (std::memcmp(footer + 16, kFooterMagic, sizeof(kFooterMagic)) != 0 || offset > footer_offset ||
      footer_offset - offset != PaddedSize(length) || length > object_size) {
    throw malformed("damaged footer at offset " + std::to_string(footer_offset));
  }
  std::string index(length, '\0');
  place.store->Read(place.key, offset, length, index.data());
  try {
    const Manifest listed = Manifest::Parse(index);
    EncodeObjectHeader(listed.partition_count(), expected_header);
    if (std::memcmp(header, expected_header, sizeof(header)) != 0) throw malformed("damaged header");
    return Manifest::OfObject(listed.producer(), place.Location(), listed.partition_count(),
                              {listed.blocks().begin(), listed.blocks().end()}, listed.salt());
  } catch (const TrinoException& damaged) {
    throw malformed("index at offset " + std::to_string(offset) + ": " + damaged.what());
  }
}

}  // namespace planaria::exchange
