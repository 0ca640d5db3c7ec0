#include "connector/memory/memory_page.h"

#include <zstd.h>

#include <cstring>

#include "base/error.h"
#include "kernel/page_codec.h"

namespace planaria::connector::memory {

namespace {

using duckdb::idx_t;

constexpr size_t kPageBytes = 1 << 20;
constexpr size_t kIdsPerFragment = 128 * 1024;
constexpr int kCompressionLevel = 1;
constexpr char kPageKind = 'P';
constexpr char kDeletedKind = 'D';

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes values off the front of bytes.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T Take() {
    T value;
    std::memcpy(&value, TakeBytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view TakeBytes(size_t size) {
    if (size > rest_.size()) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Data of the memory connector is cut short");
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view Rest() { return TakeBytes(rest_.size()); }

 private:
  std::string_view rest_;
};

/// The page in words, as the codec wants it aligned.
kernel::Page Decompress(std::string_view compressed, uint32_t page_bytes, uint32_t rows) {
  auto words = std::make_shared<std::vector<uint64_t>>((size_t{page_bytes} + 7) / 8);
  const size_t size = ZSTD_decompress(words->data(), page_bytes, compressed.data(), compressed.size());
  if (ZSTD_isError(size) || size != page_bytes) {
    throw TrinoException(errors::CORRUPT_PAGE, "A page of the memory connector is damaged");
  }
  const auto* data = reinterpret_cast<const uint8_t*>(words->data());
  return {std::move(words), data, page_bytes, rows};
}

class Source : public PageSource {
 public:
  Source(const std::string& payload, duckdb::vector<duckdb::LogicalType> types, std::vector<uint32_t> columns)
      : columns_(std::move(columns)) {
    Bytes bytes(payload);
    page_ = bytes.Take<uint32_t>();
    const auto rows = bytes.Take<uint32_t>();
    const auto page_bytes = bytes.Take<uint32_t>();
    const auto stored_columns = bytes.Take<uint32_t>();
    if (stored_columns < types.size()) types.resize(stored_columns);
    reader_ = std::make_unique<kernel::PageReader>(types);
    deleted_.resize(bytes.Take<uint32_t>());
    for (uint32_t& position : deleted_) position = bytes.Take<uint32_t>();
    reader_->Load(Decompress(bytes.Rest(), page_bytes, rows));
    all_.Initialize(duckdb::Allocator::DefaultAllocator(), types);
  }

  void Next(duckdb::DataChunk& chunk) override {
    while (true) {
      all_.Reset();
      if (!reader_->Next(all_)) return;
      const idx_t rows = all_.size();
      duckdb::SelectionVector kept(STANDARD_VECTOR_SIZE);
      idx_t count = 0;
      for (idx_t row = 0; row < rows; row++) {
        const bool gone = next_deleted_ < deleted_.size() && deleted_[next_deleted_] == first_ + row;
        if (gone) {
          next_deleted_++;
        } else {
          kept.set_index(count++, row);
        }
      }
      const uint32_t first = first_;
      first_ += static_cast<uint32_t>(rows);
      if (count == 0) continue;
      for (size_t i = 0; i < columns_.size(); i++) {
        if (columns_[i] == ScanRequest::kRowId) {
          auto* ids = duckdb::FlatVector::GetData<int64_t>(chunk.data[i]);
          for (idx_t row = 0; row < count; row++) {
            ids[row] = RowId(page_, first + static_cast<uint32_t>(kept.get_index(row)));
          }
        } else if (columns_[i] >= all_.ColumnCount()) {
          chunk.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
          duckdb::ConstantVector::SetNull(chunk.data[i], true);
        } else if (count == rows) {
          chunk.data[i].Reference(all_.data[columns_[i]]);
        } else {
          chunk.data[i].Slice(all_.data[columns_[i]], kept, count);
        }
      }
      chunk.SetCardinality(count);
      return;
    }
  }

 private:
  const std::vector<uint32_t> columns_;
  std::unique_ptr<kernel::PageReader> reader_;
  uint32_t page_ = 0;
  Positions deleted_;
  size_t next_deleted_ = 0;
  /// Position in the page of the next chunk's first row.
  uint32_t first_ = 0;
  duckdb::DataChunk all_;
};

class Sink : public PageSink {
 public:
  Sink(const SinkRequest& request, uint64_t max_bytes)
      : layout_(request.layout), types_(request.types), builder_(request.types), max_bytes_(max_bytes) {}

  void Append(duckdb::DataChunk& rows, std::vector<std::string>* fragments) override {
    if (layout_ == RowLayout::kRows) {
      AppendRows(rows, nullptr, rows.size(), fragments);
      return;
    }
    rows.Flatten();
    const auto* operations = duckdb::FlatVector::GetData<int8_t>(rows.data[0]);
    const auto* ids = duckdb::FlatVector::GetData<int64_t>(rows.data[1]);
    duckdb::SelectionVector inserted(STANDARD_VECTOR_SIZE);
    idx_t count = 0;
    for (idx_t row = 0; row < rows.size(); row++) {
      const auto operation = static_cast<RowOperation>(operations[row]);
      if (operation != RowOperation::kDelete) inserted.set_index(count++, row);
      if (operation != RowOperation::kInsert) deleted_.push_back(ids[row]);
    }
    if (count > 0) {
      duckdb::DataChunk columns;
      columns.InitializeEmpty(types_);
      for (size_t i = 0; i < types_.size(); i++) columns.data[i].Reference(rows.data[i + 2]);
      columns.SetCardinality(rows.size());
      AppendRows(columns, &inserted, count, fragments);
    }
    if (deleted_.size() >= kIdsPerFragment) FlushDeleted(fragments);
  }

  void Finish(std::vector<std::string>* fragments) override {
    if (builder_.rows() > 0) FlushPage(fragments);
    if (!deleted_.empty()) FlushDeleted(fragments);
  }

 private:
  void AppendRows(duckdb::DataChunk& rows, const duckdb::SelectionVector* selection, idx_t count,
                  std::vector<std::string>* fragments) {
    builder_.Append(kernel::ChunkView(rows), selection, count);
    if (builder_.size_bytes() >= kPageBytes) FlushPage(fragments);
  }

  void FlushPage(std::vector<std::string>* fragments) {
    const uint32_t rows = builder_.rows();
    std::vector<uint8_t> page;
    builder_.Finish(page);
    std::string compressed(ZSTD_compressBound(page.size()), '\0');
    const size_t size =
        ZSTD_compress(compressed.data(), compressed.size(), page.data(), page.size(), kCompressionLevel);
    if (ZSTD_isError(size)) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "A page could not be compressed");
    }
    std::string fragment(1, kPageKind);
    Put(rows, &fragment);
    Put(static_cast<uint32_t>(page.size()), &fragment);
    fragment.append(compressed, 0, size);
    bytes_ += size;
    if (bytes_ > max_bytes_) ThrowLimitExceeded(max_bytes_);
    fragments->push_back(std::move(fragment));
  }

  void FlushDeleted(std::vector<std::string>* fragments) {
    std::string fragment(1, kDeletedKind);
    for (const int64_t id : deleted_) Put(id, &fragment);
    deleted_.clear();
    fragments->push_back(std::move(fragment));
  }

  const RowLayout layout_;
  const duckdb::vector<duckdb::LogicalType> types_;
  kernel::PageBuilder builder_;
  const uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  std::vector<int64_t> deleted_;
};

}  // namespace

Fragment ParseFragment(std::string_view bytes) {
  Bytes in(bytes);
  Fragment fragment;
  const char kind = in.Take<char>();
  if (kind == kPageKind) {
    fragment.page = std::make_shared<StoredPage>();
    fragment.page->rows = in.Take<uint32_t>();
    fragment.page->page_bytes = in.Take<uint32_t>();
    fragment.page->compressed = in.Rest();
  } else if (kind == kDeletedKind) {
    fragment.deleted.resize((bytes.size() - 1) / sizeof(int64_t));
    for (int64_t& id : fragment.deleted) id = in.Take<int64_t>();
  } else {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Unknown commit fragment of the memory connector");
  }
  return fragment;
}

std::string SplitPayload(const StoredPage& page, const Positions& deleted) {
  std::string payload;
  payload.reserve(page.compressed.size() + 4 * (deleted.size() + 5));
  Put(page.id, &payload);
  Put(page.rows, &payload);
  Put(page.page_bytes, &payload);
  Put(page.columns, &payload);
  Put(static_cast<uint32_t>(deleted.size()), &payload);
  for (const uint32_t position : deleted) Put(position, &payload);
  return payload + page.compressed;
}

std::unique_ptr<PageSource> OpenPage(const std::string& payload, duckdb::vector<duckdb::LogicalType> types,
                                     const ScanRequest& request) {
  return std::make_unique<Source>(payload, std::move(types), request.columns);
}

std::unique_ptr<PageSink> MakeSink(const SinkRequest& request, uint64_t max_bytes) {
  return std::make_unique<Sink>(request, max_bytes);
}

void ThrowLimitExceeded(uint64_t max_bytes) {
  throw TrinoException(errors::MEMORY_LIMIT_EXCEEDED,
                       "Memory limit [" + std::to_string(max_bytes) + "] for memory connector exceeded");
}

}  // namespace planaria::connector::memory
