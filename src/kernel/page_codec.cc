#include "kernel/page_codec.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/common/types/vector_buffer.hpp"
#include "kernel/declared_type.h"

namespace planaria::kernel {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using duckdb::SelectionVector;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

namespace {

constexpr uint32_t kFlatMagic = 0x31475046;    // "FPG1"
constexpr uint32_t kNestedMagic = 0x3147504e;  // "NPG1"

struct PageHeader {
  uint32_t magic;
  uint32_t columns;
  uint32_t rows;
  uint32_t chunks;  // nested pages only
};

struct ColumnHeader {
  uint32_t width;  // 0: strings
  uint32_t has_nulls;
  uint64_t data_bytes;
};

/// Width of a fixed-width type's values, 0 for strings; -1 for types without flat layout.
int FlatWidth(const LogicalType& type) {
  switch (type.InternalType()) {
    case PhysicalType::BOOL:
    case PhysicalType::INT8:
    case PhysicalType::UINT8:
      return 1;
    case PhysicalType::INT16:
    case PhysicalType::UINT16:
      return 2;
    case PhysicalType::INT32:
    case PhysicalType::UINT32:
    case PhysicalType::FLOAT:
      return 4;
    case PhysicalType::INT64:
    case PhysicalType::UINT64:
    case PhysicalType::DOUBLE:
      return 8;
    case PhysicalType::INT128:
    case PhysicalType::UINT128:
    case PhysicalType::INTERVAL:
      return 16;
    case PhysicalType::VARCHAR:
      return 0;
    default:
      return -1;
  }
}

size_t Align8(size_t size) { return (size + 7) & ~size_t{7}; }

struct Wide {
  uint64_t words[2];
};

template <typename T>
void GatherValues(const UnifiedVectorFormat& format, const SelectionVector* selection, size_t count,
                  uint8_t* target) {
  const T* source = reinterpret_cast<const T*>(format.data);
  T* out = reinterpret_cast<T*>(target);
  if (!selection && !format.sel->IsSet()) {
    std::memcpy(out, source, count * sizeof(T));
  } else if (!selection) {
    for (size_t i = 0; i < count; i++) out[i] = source[format.sel->get_index(i)];
  } else if (!format.sel->IsSet()) {
    for (size_t i = 0; i < count; i++) out[i] = source[selection->get_index(i)];
  } else {
    for (size_t i = 0; i < count; i++) out[i] = source[format.sel->get_index(selection->get_index(i))];
  }
}

[[noreturn]] void ThrowCorrupt(const std::string& what) {
  throw TrinoException(errors::CORRUPT_PAGE, "Corrupt page: " + what);
}

/// Keeps a page alive while vectors point into it.
class PageBuffer : public duckdb::VectorBuffer {
 public:
  explicit PageBuffer(std::shared_ptr<const void> owner)
      : VectorBuffer(duckdb::VectorBufferType::OPAQUE_BUFFER), owner_(std::move(owner)) {}

 private:
  std::shared_ptr<const void> owner_;
};

}  // namespace

bool HasFlatLayout(const duckdb::vector<LogicalType>& types) {
  for (const LogicalType& type : types) {
    if (FlatWidth(type) < 0) return false;
  }
  return true;
}

ChunkView::ChunkView(DataChunk& chunk) : chunk_(chunk), formats_(chunk.ColumnCount()) {
  for (idx_t i = 0; i < chunk.ColumnCount(); i++) {
    if (FlatWidth(chunk.data[i].GetType()) >= 0) chunk.data[i].ToUnifiedFormat(chunk.size(), formats_[i]);
  }
}

class PageBuilder::Column {
 public:
  explicit Column(uint32_t width) : width_(width) {}

  void Append(const UnifiedVectorFormat& format, const SelectionVector* selection, size_t count,
              uint32_t rows_before) {
    AppendNulls(format, selection, count, rows_before);
    if (width_ == 0) return AppendStrings(format, selection, count);
    const size_t old_size = data_.size();
    data_.resize(old_size + count * width_);
    uint8_t* target = data_.data() + old_size;
    switch (width_) {
      case 1:
        return GatherValues<uint8_t>(format, selection, count, target);
      case 2:
        return GatherValues<uint16_t>(format, selection, count, target);
      case 4:
        return GatherValues<uint32_t>(format, selection, count, target);
      case 8:
        return GatherValues<uint64_t>(format, selection, count, target);
      default:
        return GatherValues<Wide>(format, selection, count, target);
    }
  }

  void Append(const Column& other, uint32_t rows_before, uint32_t other_rows) {
    if (!other.nulls_.empty() || !nulls_.empty()) {
      nulls_.resize(rows_before, 0);
      if (other.nulls_.empty()) {
        nulls_.resize(rows_before + other_rows, 0);
      } else {
        nulls_.insert(nulls_.end(), other.nulls_.begin(), other.nulls_.end());
      }
    }
    data_.insert(data_.end(), other.data_.begin(), other.data_.end());
    lengths_.insert(lengths_.end(), other.lengths_.begin(), other.lengths_.end());
  }

  uint32_t width() const { return width_; }

  size_t size_bytes() const {
    return sizeof(ColumnHeader) + data_.size() + lengths_.size() * sizeof(uint32_t) + nulls_.size() / 8;
  }

  /// Writes the column to the end of `out` and empties itself.
  void Finish(uint32_t rows, std::vector<uint8_t>* out) {
    const size_t null_words = nulls_.empty() ? 0 : (rows + 63) / 64;
    const size_t lengths_bytes = Align8(lengths_.size() * sizeof(uint32_t));
    const ColumnHeader header{width_, nulls_.empty() ? 0u : 1u, lengths_bytes + data_.size()};
    size_t at = out->size();
    out->resize(at + sizeof header + null_words * 8 + Align8(lengths_bytes + data_.size()), 0);
    std::memcpy(out->data() + at, &header, sizeof header);
    at += sizeof header;
    if (null_words > 0) {
      std::vector<uint64_t> valid(null_words, ~uint64_t{0});
      for (uint32_t row = 0; row < rows; row++) {
        if (nulls_[row]) valid[row / 64] &= ~(uint64_t{1} << (row % 64));
      }
      std::memcpy(out->data() + at, valid.data(), null_words * 8);
      at += null_words * 8;
    }
    if (!lengths_.empty()) std::memcpy(out->data() + at, lengths_.data(), lengths_.size() * sizeof(uint32_t));
    if (!data_.empty()) std::memcpy(out->data() + at + lengths_bytes, data_.data(), data_.size());
    data_.clear();
    lengths_.clear();
    nulls_.clear();
  }

 private:
  void AppendNulls(const UnifiedVectorFormat& format, const SelectionVector* selection, size_t count,
                   uint32_t rows_before) {
    if (format.validity.AllValid() && nulls_.empty()) return;
    nulls_.resize(rows_before + count, 0);
    if (format.validity.AllValid()) return;
    for (size_t i = 0; i < count; i++) {
      const idx_t row = format.sel->get_index(selection ? selection->get_index(i) : i);
      nulls_[rows_before + i] = !format.validity.RowIsValid(row);
    }
  }

  void AppendStrings(const UnifiedVectorFormat& format, const SelectionVector* selection, size_t count) {
    const string_t* source = UnifiedVectorFormat::GetData<string_t>(format);
    const bool may_be_null = !format.validity.AllValid();
    const size_t first = lengths_.size();
    lengths_.resize(first + count);
    for (size_t i = 0; i < count; i++) {
      const idx_t row = format.sel->get_index(selection ? selection->get_index(i) : i);
      if (may_be_null && !format.validity.RowIsValid(row)) {
        lengths_[first + i] = 0;
        continue;
      }
      const string_t& value = source[row];
      const auto size = static_cast<uint32_t>(value.GetSize());
      lengths_[first + i] = size;
      const auto* bytes = reinterpret_cast<const uint8_t*>(value.GetData());
      data_.insert(data_.end(), bytes, bytes + size);
    }
  }

  uint32_t width_;
  std::vector<uint8_t> data_;
  std::vector<uint32_t> lengths_;
  std::vector<uint8_t> nulls_;  // a byte a row; empty while no null was seen
};

PageBuilder::PageBuilder(const duckdb::vector<LogicalType>& types) : types_(types) {
  if (HasFlatLayout(types)) {
    for (const LogicalType& type : types) columns_.emplace_back(FlatWidth(type));
  } else {
    nested_ = std::make_unique<duckdb::MemoryStream>();
  }
}

PageBuilder::~PageBuilder() = default;
PageBuilder::PageBuilder(PageBuilder&&) noexcept = default;

void PageBuilder::Append(const ChunkView& view, const SelectionVector* selection, size_t count) {
  if (nested_) {
    DataChunk slice;
    slice.InitializeEmpty(types_);
    slice.Reference(view.chunk());
    if (selection) slice.Slice(*selection, count);
    duckdb::BinarySerializer serializer(*nested_);
    serializer.Begin();
    slice.Serialize(serializer);
    serializer.End();
    nested_chunks_++;
  } else {
    for (size_t i = 0; i < columns_.size(); i++) columns_[i].Append(view.format(i), selection, count, rows_);
  }
  rows_ += static_cast<uint32_t>(count);
}

void PageBuilder::Take(PageBuilder& other) {
  if (nested_) {
    nested_->WriteData(other.nested_->GetData(), other.nested_->GetPosition());
    nested_chunks_ += std::exchange(other.nested_chunks_, 0);
    other.nested_ = std::make_unique<duckdb::MemoryStream>();
  } else if (rows_ == 0) {
    std::swap(columns_, other.columns_);
    for (Column& column : other.columns_) column = Column(column.width());
  } else {
    for (size_t i = 0; i < columns_.size(); i++) {
      columns_[i].Append(other.columns_[i], rows_, other.rows_);
      other.columns_[i] = Column(columns_[i].width());
    }
  }
  rows_ += std::exchange(other.rows_, 0);
}

size_t PageBuilder::size_bytes() const {
  size_t size = sizeof(PageHeader) + (nested_ ? nested_->GetPosition() : 0);
  for (const Column& column : columns_) size += column.size_bytes();
  return size;
}

void PageBuilder::Finish(std::vector<uint8_t>& encoded) {
  const PageHeader header{nested_ ? kNestedMagic : kFlatMagic, static_cast<uint32_t>(types_.size()), rows_,
                          nested_chunks_};
  encoded.clear();
  encoded.reserve(size_bytes() + 64);
  encoded.resize(sizeof header);
  std::memcpy(encoded.data(), &header, sizeof header);
  if (nested_) {
    encoded.insert(encoded.end(), nested_->GetData(), nested_->GetData() + nested_->GetPosition());
    nested_->Rewind();
    nested_chunks_ = 0;
  }
  for (Column& column : columns_) column.Finish(rows_, &encoded);
  rows_ = 0;
}

struct PageReader::ColumnSpan {
  uint32_t width;
  const uint64_t* validity;  // nullptr: no nulls
  const uint32_t* lengths;   // strings only
  const uint8_t* data;
  const uint8_t* end;
};

PageReader::PageReader(duckdb::vector<LogicalType> types) : types_(std::move(types)) {}
PageReader::~PageReader() = default;

void PageReader::Load(Page page) {
  page_ = std::move(page);
  next_row_ = 0;
  spans_.clear();
  PageHeader header;
  if (page_.size < sizeof header) ThrowCorrupt("shorter than its header");
  std::memcpy(&header, page_.data, sizeof header);
  if (header.magic != kFlatMagic && header.magic != kNestedMagic) ThrowCorrupt("unknown format");
  if (header.columns != types_.size() || header.rows != page_.rows)
    ThrowCorrupt("unexpected columns or rows");
  is_nested_ = header.magic == kNestedMagic;
  if (is_nested_ == HasFlatLayout(types_)) ThrowCorrupt("layout does not fit its types");
  if (is_nested_) {
    // MemoryStream only reads here; DuckDB's interface takes a mutable pointer.
    nested_ = std::make_unique<duckdb::MemoryStream>(const_cast<uint8_t*>(page_.data) + sizeof header,
                                                     page_.size - sizeof header);
  } else {
    LoadFlat();
  }
}

void PageReader::LoadFlat() {
  size_t at = sizeof(PageHeader);
  const auto take = [&](size_t bytes, size_t column) {
    if (bytes > page_.size - at) ThrowCorrupt("column " + std::to_string(column) + " is cut short");
    const uint8_t* begin = page_.data + at;
    at += bytes;
    return begin;
  };
  for (size_t i = 0; i < types_.size(); i++) {
    ColumnHeader header;
    std::memcpy(&header, take(sizeof header, i), sizeof header);
    const int width = FlatWidth(types_[i]);
    if (header.width != static_cast<uint32_t>(width))
      ThrowCorrupt("column " + std::to_string(i) + " has another type");
    ColumnSpan span{};
    span.width = header.width;
    if (header.has_nulls) {
      span.validity = reinterpret_cast<const uint64_t*>(take((size_t{page_.rows} + 63) / 64 * 8, i));
    }
    const uint8_t* begin = take(header.data_bytes, i);
    span.end = begin + header.data_bytes;
    const size_t padding = Align8(header.data_bytes) - header.data_bytes;
    take(padding, i);
    if (width > 0) {
      if (header.data_bytes != size_t{page_.rows} * width)
        ThrowCorrupt("column " + std::to_string(i) + " has a wrong size");
      span.data = begin;
    } else {
      const size_t lengths_bytes = Align8(size_t{page_.rows} * sizeof(uint32_t));
      if (header.data_bytes < lengths_bytes) ThrowCorrupt("column " + std::to_string(i) + " is cut short");
      span.lengths = reinterpret_cast<const uint32_t*>(begin);
      span.data = begin + lengths_bytes;
      uint64_t total = 0;
      for (uint32_t row = 0; row < page_.rows; row++) total += span.lengths[row];
      if (total != static_cast<uint64_t>(span.end - span.data)) {
        ThrowCorrupt("string lengths of column " + std::to_string(i) + " do not add up");
      }
    }
    spans_.push_back(span);
  }
}

bool PageReader::Next(DataChunk& chunk) {
  if (next_row_ >= page_.rows) return false;
  if (is_nested_) return NextNested(chunk);
  const auto count = std::min<uint32_t>(STANDARD_VECTOR_SIZE, page_.rows - next_row_);
  for (size_t i = 0; i < spans_.size(); i++) {
    ColumnSpan& span = spans_[i];
    Vector& vector = chunk.data[i];
    if (span.validity) {
      auto& mask = duckdb::FlatVector::Validity(vector);
      mask.EnsureWritable();
      std::memcpy(mask.GetData(), span.validity + next_row_ / 64, (count + 63) / 64 * 8);
    }
    if (span.width > 0) {
      std::memcpy(duckdb::FlatVector::GetData(vector), span.data + size_t{next_row_} * span.width,
                  size_t{count} * span.width);
      continue;
    }
    auto* strings = duckdb::FlatVector::GetData<string_t>(vector);
    for (uint32_t row = 0; row < count; row++) {
      const uint32_t length = span.lengths[next_row_ + row];
      strings[row] = string_t(reinterpret_cast<const char*>(span.data), length);
      span.data += length;
    }
    duckdb::StringVector::AddBuffer(vector, duckdb::make_buffer<PageBuffer>(page_.owner));
  }
  chunk.SetCardinality(count);
  next_row_ += count;
  return true;
}

bool PageReader::NextNested(DataChunk& chunk) {
  DataChunk stored;
  try {
    duckdb::BinaryDeserializer deserializer(*nested_);
    deserializer.Begin();
    stored.Deserialize(deserializer);
    deserializer.End();
  } catch (const duckdb::Exception& e) {
    ThrowCorrupt(e.what());
  }
  const auto stored_types = stored.GetTypes();
  // Types may have other names here than where the page was written.
  const bool fits =
      stored.size() > 0 &&
      std::equal(stored_types.begin(), stored_types.end(), types_.begin(), types_.end(),
                 [](const LogicalType& left, const LogicalType& right) { return SameStorage(left, right); });
  if (!fits) ThrowCorrupt("nested chunk has other types");
  chunk.Reference(stored);
  next_row_ += static_cast<uint32_t>(stored.size());
  return true;
}

}  // namespace planaria::kernel
