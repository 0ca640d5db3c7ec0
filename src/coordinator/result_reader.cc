#include "coordinator/result_reader.h"

#include <utility>

#include "kernel/json_rows.h"
#include "kernel/page_codec.h"

namespace planaria::coordinator {

namespace {

std::vector<protocol::TrinoType> DeclaredTypes(const duckdb::vector<duckdb::LogicalType>& types,
                                               bool millisecond_times) {
  std::vector<protocol::TrinoType> declared;
  for (const auto& type : types) {
    declared.push_back(kernel::TrinoTypeOf(type));
    if (millisecond_times) declared.back() = declared.back().WithoutDatetimePrecision();
  }
  return declared;
}

}  // namespace

struct ResultReader::State {
  std::unique_ptr<ResultPages> source;
  kernel::PageReader pages;
  duckdb::DataChunk chunk;
  const kernel::JsonRowWriter writer;
  bool has_page = false;
  /// Rows of `chunk` that were given out already.
  duckdb::idx_t next_row = 0;

  State(std::unique_ptr<ResultPages> from, const duckdb::vector<duckdb::LogicalType>& types,
        bool millisecond_times)
      : source(std::move(from)), pages(types), writer(types, DeclaredTypes(types, millisecond_times)) {
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
  }

  /// Makes `chunk` hold rows that were not given out, if there are any.
  exchange::ReadState FillChunk(const exchange::Wake& wake) {
    while (next_row >= chunk.size()) {
      chunk.Reset();
      next_row = 0;
      if (has_page && pages.Next(chunk)) continue;
      has_page = false;
      exchange::SpooledPage page;
      const exchange::ReadState found = source->Next(page, wake);
      if (found != exchange::ReadState::kPage) return found;
      pages.Load({std::move(page.owner), page.data, page.size, page.rows});
      has_page = true;
    }
    return exchange::ReadState::kPage;
  }
};

ResultReader::ResultReader(std::unique_ptr<ResultPages> pages, duckdb::vector<duckdb::LogicalType> types,
                           bool millisecond_times)
    : state_(std::make_unique<State>(std::move(pages), types, millisecond_times)) {}

ResultReader::~ResultReader() = default;

exchange::ReadState ResultReader::Next(size_t max_bytes, ResultPage& page, const exchange::Wake& wake) {
  page = {};
  while (page.rows.size() < max_bytes) {
    // What is there is given out before more is waited for.
    const exchange::ReadState found = state_->FillChunk(page.rows.empty() ? wake : exchange::Wake());
    if (found != exchange::ReadState::kPage) return page.rows.empty() ? found : exchange::ReadState::kPage;
    const duckdb::idx_t next = state_->writer.Append(state_->chunk, state_->next_row, max_bytes, &page.rows);
    page.row_count += next - std::exchange(state_->next_row, next);
  }
  return exchange::ReadState::kPage;
}

}  // namespace planaria::coordinator
