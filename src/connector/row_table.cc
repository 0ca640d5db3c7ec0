#include "connector/row_table.h"

namespace planaria::connector {

namespace {

class RowSource : public PageSource {
 public:
  RowSource(std::vector<Row> rows, std::vector<uint32_t> columns)
      : rows_(std::move(rows)), columns_(std::move(columns)) {}

  void Next(duckdb::DataChunk& chunk) override {
    const size_t count = std::min<size_t>(STANDARD_VECTOR_SIZE, rows_.size() - next_);
    for (size_t row = 0; row < count; row++) {
      for (size_t i = 0; i < columns_.size(); i++) chunk.SetValue(i, row, rows_[next_ + row][columns_[i]]);
    }
    chunk.SetCardinality(count);
    next_ += count;
  }

 private:
  const std::vector<Row> rows_;
  const std::vector<uint32_t> columns_;
  size_t next_ = 0;
};

}  // namespace

std::vector<Split> RowTable::Splits(duckdb::ClientContext&, const ScanRequest&) const { return {Split{}}; }

std::unique_ptr<PageSource> RowTable::Open(duckdb::ClientContext& context, const Split&,
                                           const ScanRequest& request) const {
  return std::make_unique<RowSource>(rows_(context), request.columns);
}

}  // namespace planaria::connector
