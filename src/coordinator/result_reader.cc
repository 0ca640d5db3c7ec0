#include "coordinator/result_reader.h"

#include "exchange/spool_reader.h"
#include "kernel/json_rows.h"
#include "kernel/page_codec.h"

namespace planaria::coordinator {

namespace {

std::vector<std::shared_ptr<const exchange::Manifest>> Share(std::vector<exchange::Manifest> outputs) {
  std::vector<std::shared_ptr<const exchange::Manifest>> shared;
  for (auto& output : outputs)
    shared.push_back(std::make_shared<const exchange::Manifest>(std::move(output)));
  return shared;
}

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
  std::shared_ptr<storage::ObjectLocator> locator;
  exchange::SpoolReader spool;
  kernel::PageReader pages;
  duckdb::DataChunk chunk;
  const kernel::JsonRowWriter writer;
  bool has_page = false;
  /// Rows of `chunk` that were given out already.
  duckdb::idx_t next_row = 0;

  State(std::shared_ptr<storage::ObjectLocator> found, std::vector<exchange::Manifest> outputs,
        const duckdb::vector<duckdb::LogicalType>& types, bool millisecond_times)
      : locator(std::move(found)),
        spool(*locator, Share(std::move(outputs)), exchange::PartitionSet::All()),
        pages(types),
        writer(types, DeclaredTypes(types, millisecond_times)) {
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
  }

  /// Makes `chunk` hold rows that were not given out; false at the end.
  bool FillChunk() {
    while (next_row >= chunk.size()) {
      chunk.Reset();
      next_row = 0;
      if (has_page && pages.Next(chunk)) continue;
      auto page = spool.Next();
      if (!page) return false;
      pages.Load({std::move(page->owner), page->data, page->size, page->rows});
      has_page = true;
    }
    return true;
  }
};

ResultReader::ResultReader(std::shared_ptr<storage::ObjectLocator> locator,
                           std::vector<exchange::Manifest> outputs, duckdb::vector<duckdb::LogicalType> types,
                           bool millisecond_times)
    : state_(std::make_unique<State>(std::move(locator), std::move(outputs), types, millisecond_times)) {}

ResultReader::~ResultReader() = default;

std::optional<std::string> ResultReader::Next(size_t max_bytes) {
  std::string rows;
  while (rows.size() < max_bytes && state_->FillChunk()) {
    state_->next_row = state_->writer.Append(state_->chunk, state_->next_row, max_bytes, &rows);
  }
  return rows.empty() ? std::nullopt : std::optional(std::move(rows));
}

}  // namespace planaria::coordinator
