#include "connector/files/parquet_source.h"

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"

namespace planaria::connector::files {
namespace {

using duckdb::idx_t;

class ParquetSource : public PageSource {
 public:
  ParquetSource(duckdb::ClientContext& context, std::string path,
                duckdb::shared_ptr<duckdb::ParquetReader> reader, const FileSplit& part,
                const std::vector<ParquetSourceColumn>& columns, const duckdb::TableFilterSet* filters)
      : context_(context), path_(std::move(path)), reader_(std::move(reader)) {
    for (const ParquetSourceColumn& column : columns) AddColumn(column);
    if (filters != nullptr) AddFilters(columns, *filters);
    duckdb::vector<idx_t> groups;
    for (uint32_t i = 0; i < part.row_group_count; ++i) groups.push_back(part.first_row_group + i);
    reader_->InitializeScan(context_, state_, std::move(groups));
    if (read_types_.size() != output_.size() && !read_types_.empty()) read_.Initialize(context_, read_types_);
  }

  void Next(duckdb::DataChunk& chunk) override {
    if (no_row_passes_) return;
    try {
      if (read_types_.size() == output_.size()) {
        Read(chunk);
      } else {
        Read(read_);
        Spread(chunk);
      }
    } catch (const std::exception& exception) {
      ThrowReadError(exception, path_);
    }
  }

 private:
  static constexpr idx_t kMissing = static_cast<idx_t>(-1);

  void AddColumn(const ParquetSourceColumn& column) {
    if (!column.position) {
      output_.push_back(kMissing);
      return;
    }
    const idx_t position = *column.position;
    output_.push_back(read_types_.size());
    read_types_.push_back(column.type);
    reader_->column_ids.emplace_back(position);
    reader_->column_indexes.emplace_back(position);
    const duckdb::LogicalType& file_type = reader_->columns[position].type;
    if (file_type != column.type) {
      // Cast inside of the reader, so that filters see the table's type.
      reader_->expression_map[position] = duckdb::BoundCastExpression::AddCastToType(
          context_, duckdb::make_uniq<duckdb::BoundReferenceExpression>(file_type, 0), column.type);
    }
  }

  void AddFilters(const std::vector<ParquetSourceColumn>& columns, const duckdb::TableFilterSet& filters) {
    auto own = duckdb::make_uniq<duckdb::TableFilterSet>();
    for (const auto& [index, filter] : filters.filters) {
      if (output_.at(index) != kMissing) {
        own->filters.emplace(output_[index], filter->Copy());
        continue;
      }
      const duckdb::BoundConstantExpression null(duckdb::Value(columns[index].type));
      const auto test = filter->ToExpression(null);
      const duckdb::Value passes = duckdb::ExpressionExecutor::EvaluateScalar(context_, *test);
      if (passes.IsNull() || !duckdb::BooleanValue::Get(passes)) no_row_passes_ = true;
    }
    if (!own->filters.empty()) reader_->filters = std::move(own);
  }

  /// The next rows, or an empty chunk at the end.
  void Read(duckdb::DataChunk& chunk) {
    while (true) {
      chunk.SetCardinality(0);
      const auto result = reader_->Scan(context_, state_, chunk);
      if (result.GetResultType() == duckdb::AsyncResultType::FINISHED) {
        chunk.SetCardinality(0);
        return;
      }
      if (chunk.size() != 0) return;
    }
  }

  void Spread(duckdb::DataChunk& chunk) {
    for (idx_t i = 0; i < output_.size(); ++i) {
      if (output_[i] == kMissing) {
        chunk.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
        duckdb::ConstantVector::SetNull(chunk.data[i], true);
      } else {
        chunk.data[i].Reference(read_.data[output_[i]]);
      }
    }
    chunk.SetCardinality(read_.size());
  }

  duckdb::ClientContext& context_;
  const std::string path_;
  const duckdb::shared_ptr<duckdb::ParquetReader> reader_;
  duckdb::ParquetReaderScanState state_;
  /// For each column its position among those read.
  std::vector<idx_t> output_;
  duckdb::vector<duckdb::LogicalType> read_types_;
  /// Where the reader writes when some columns are missing.
  duckdb::DataChunk read_;
  /// A filter that rejects NULL is on a column that the file does not have.
  bool no_row_passes_ = false;
};

}  // namespace

std::unique_ptr<PageSource> MakeParquetSource(duckdb::ClientContext& context, const FileTree& tree,
                                              const ParquetFooter& footer, const FileSplit& part,
                                              const std::vector<ParquetSourceColumn>& columns,
                                              const duckdb::TableFilterSet* filters) {
  auto reader = OpenParquet(context, tree, footer.file, footer.metadata);
  const std::string path = tree.PathOf(footer.file);
  try {
    return std::make_unique<ParquetSource>(context, path, std::move(reader), part, columns, filters);
  } catch (const std::exception& exception) {
    ThrowReadError(exception, path);
  }
}

}  // namespace planaria::connector::files
