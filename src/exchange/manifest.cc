#include "exchange/manifest.h"

#include <algorithm>

#include "base/error.h"
#include "exchange/block_cipher.h"
#include "exchange/spool_format.h"

namespace planaria::exchange {
namespace {

constexpr uint8_t kInlineFlag = 1;
constexpr uint8_t kSealedFlag = 2;
// Tables by partition are made from the count; no plan comes near this.
constexpr uint32_t kMaxPartitions = 1 << 24;
// One block costs at least five varints of a byte and a checksum.
constexpr size_t kMinEncodedBlockBytes = 13;

TrinoException Malformed(const std::string& what) {
  return TrinoException(errors::SERIALIZATION_ERROR, "Malformed manifest: " + what);
}

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

/// Zigzag: small negative numbers stay short.
void PutSigned(std::string& out, int64_t value) {
  PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out += text;
}

void PutFixed64(std::string& out, uint64_t value) {
  char bytes[8];
  StoreLittleEndian(value, bytes);
  out.append(bytes, sizeof(bytes));
}

/// Takes fields off the front of a text; each names itself when it is missing.
class FieldReader {
 public:
  explicit FieldReader(std::string_view rest) : rest_(rest) {}

  std::string_view Bytes(uint64_t size, const char* field) {
    if (size > rest_.size()) throw Malformed(std::string("ends within ") + field);
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  uint8_t Byte(const char* field) { return static_cast<uint8_t>(Bytes(1, field).front()); }
  uint64_t Fixed64(const char* field) { return LoadLittleEndian<uint64_t>(Bytes(8, field).data()); }
  std::string_view Text(const char* field) { return Bytes(Varint(field), field); }

  uint64_t Varint(const char* field) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = Byte(field);
      if (shift == 63 && byte > 1) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw Malformed(std::string(field) + " is not a number");
  }

  uint32_t Number(const char* field) {
    const uint64_t value = Varint(field);
    if (value > UINT32_MAX) throw Malformed(std::string(field) + " is too large: " + std::to_string(value));
    return static_cast<uint32_t>(value);
  }

  int64_t Signed(const char* field) {
    const uint64_t value = Varint(field);
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }

  size_t remaining() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

std::vector<SpoolBlock> ParseBlocks(FieldReader& fields) {
  const uint64_t count = fields.Varint("number of blocks");
  if (count > fields.remaining() / kMinEncodedBlockBytes) throw Malformed("ends within the blocks");
  std::vector<SpoolBlock> blocks(count);
  uint64_t end = 0;
  for (SpoolBlock& block : blocks) {
    block.partition = fields.Number("partition of a block");
    const uint64_t gap = fields.Varint("gap of a block");
    block.size = fields.Number("size of a block");
    const int64_t page = block.size + fields.Signed("size of a page");
    if (page < 0 || page > kMaxPageBytes) throw Malformed("a page has " + std::to_string(page) + " bytes");
    block.saved = static_cast<int32_t>(page - block.size);
    block.rows = fields.Number("rows of a block");
    block.checksum = fields.Fixed64("checksum of a block");
    if (gap > (uint64_t{1} << 59)) throw Malformed("a block lies too far away");
    block.offset = end + gap * kBlockAlignment;
    end = block.offset + BlockBytes(block.size);
    if (end > (uint64_t{1} << 62)) throw Malformed("a block lies too far away");
  }
  return blocks;
}

}  // namespace

Manifest Manifest::OfObject(TaskId producer, std::string location, uint32_t partition_count,
                            std::vector<SpoolBlock> blocks, std::string salt) {
  Manifest manifest;
  manifest.salt_ = std::move(salt);
  manifest.producer_ = std::move(producer);
  manifest.location_ = std::move(location);
  manifest.partition_count_ = partition_count;
  manifest.Adopt(std::move(blocks));
  return manifest;
}

Manifest Manifest::OfContent(TaskId producer, uint32_t partition_count, std::vector<SpoolBlock> blocks,
                             std::string_view content, std::string salt) {
  Manifest manifest;
  manifest.salt_ = std::move(salt);
  manifest.producer_ = std::move(producer);
  manifest.partition_count_ = partition_count;
  manifest.AdoptContent(content);
  manifest.Adopt(std::move(blocks));
  return manifest;
}

void Manifest::AdoptContent(std::string_view content) {
  const std::shared_ptr<uint8_t[]> copy(new uint8_t[content.size() + 1]);
  std::copy(content.begin(), content.end(), copy.get());
  content_ = copy;
  content_size_ = content.size();
}

void Manifest::Adopt(std::vector<SpoolBlock> blocks) {
  std::sort(blocks.begin(), blocks.end(),
            [](const SpoolBlock& left, const SpoolBlock& right) { return left.offset < right.offset; });
  uint64_t end = 0;
  for (const SpoolBlock& block : blocks) {
    const std::string at = "block at offset " + std::to_string(block.offset);
    if (block.offset < end || block.offset % kBlockAlignment != 0) throw Malformed(at + " is misplaced");
    if (block.size > kMaxPayloadBytes) throw Malformed(at + " has " + std::to_string(block.size) + " bytes");
    if (block.partition >= partition_count_) {
      throw Malformed(at + " is of partition " + std::to_string(block.partition) + " of " +
                      std::to_string(partition_count_));
    }
    end = block.offset + BlockBytes(block.size);
  }
  if (is_inline() && end > content_size_) throw Malformed("inline content is too short");
  if (!is_inline() && !blocks.empty() && blocks.front().offset < kObjectHeaderBytes) {
    throw Malformed("a block lies in the header of its object");
  }
  blocks_ = std::move(blocks);
}

PartitionStatistics Manifest::Total() const {
  PartitionStatistics total;
  for (const SpoolBlock& block : blocks_) {
    total.rows += block.rows;
    total.bytes += block.page_bytes();
  }
  return total;
}

std::vector<PartitionStatistics> Manifest::PerPartition() const {
  std::vector<PartitionStatistics> statistics(partition_count_);
  for (const SpoolBlock& block : blocks_) {
    statistics[block.partition].rows += block.rows;
    statistics[block.partition].bytes += block.page_bytes();
  }
  return statistics;
}

Manifest Manifest::Select(const PartitionSet& partitions) const {
  std::vector<SpoolBlock> selected;
  std::string selected_content;
  for (const SpoolBlock& block : blocks_) {
    if (!partitions.Contains(block.partition)) continue;
    selected.push_back(block);
    if (!is_inline()) continue;
    selected.back().offset = selected_content.size();
    selected_content.append(reinterpret_cast<const char*>(content_.get()) + block.offset,
                            BlockBytes(block.size));
  }
  if (is_inline())
    return OfContent(producer_, partition_count_, std::move(selected), selected_content, salt_);
  return OfObject(producer_, location_, partition_count_, std::move(selected), salt_);
}

std::string Manifest::Serialize() const {
  std::string out;
  out.reserve(128 + location_.size() + blocks_.size() * 20 + content_size_);
  out += static_cast<char>(kSpoolVersion);
  out += static_cast<char>((is_inline() ? kInlineFlag : 0) | (salt_.empty() ? 0 : kSealedFlag));
  out += salt_;
  PutText(out, producer_.ToString());
  PutText(out, location_);
  PutVarint(out, partition_count_);
  PutVarint(out, blocks_.size());
  uint64_t end = 0;
  for (const SpoolBlock& block : blocks_) {
    PutVarint(out, block.partition);
    PutVarint(out, (block.offset - end) / kBlockAlignment);
    PutVarint(out, block.size);
    PutSigned(out, block.saved);
    PutVarint(out, block.rows);
    PutFixed64(out, block.checksum);
    end = block.offset + BlockBytes(block.size);
  }
  if (is_inline()) PutText(out, {reinterpret_cast<const char*>(content_.get()), content_size_});
  PutFixed64(out, Checksum(out.data(), out.size()));
  return out;
}

Manifest Manifest::Parse(std::string_view text) {
  if (text.empty()) throw Malformed("empty");
  const uint8_t version = static_cast<uint8_t>(text.front());
  if (version != kSpoolVersion) throw Malformed("version " + std::to_string(version) + " is unknown");
  if (text.size() < 10) throw Malformed("ends within its header");
  const std::string_view body = text.substr(0, text.size() - 8);
  if (Checksum(body.data(), body.size()) != LoadLittleEndian<uint64_t>(text.data() + body.size())) {
    throw Malformed("checksum mismatch, " + std::to_string(text.size()) + " bytes");
  }
  FieldReader fields(body.substr(1));
  const uint8_t flags = fields.Byte("flags");
  if (flags > (kInlineFlag | kSealedFlag)) throw Malformed("unknown flags " + std::to_string(flags));
  Manifest manifest;
  if (flags & kSealedFlag) manifest.salt_ = fields.Bytes(kSaltBytes, "salt");
  try {
    manifest.producer_ = TaskId::Parse(fields.Text("task id"));
  } catch (const TrinoException& malformed_id) {
    throw Malformed(malformed_id.what());
  }
  manifest.location_ = fields.Text("location");
  manifest.partition_count_ = fields.Number("number of partitions");
  if (manifest.partition_count_ > kMaxPartitions) {
    throw Malformed(std::to_string(manifest.partition_count_) + " partitions");
  }
  std::vector<SpoolBlock> blocks = ParseBlocks(fields);
  if (flags & kInlineFlag) manifest.AdoptContent(fields.Text("inline content"));
  if (fields.remaining() > 0) throw Malformed(std::to_string(fields.remaining()) + " bytes left over");
  manifest.Adopt(std::move(blocks));
  return manifest;
}

}  // namespace planaria::exchange
