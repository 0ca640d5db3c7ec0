#include "planner/write_commit.h"

#include <spdlog/spdlog.h>

#include "base/error.h"
#include "duckdb/common/types/column/column_data_collection.hpp"

namespace planaria::planner {

WriteCommit::~WriteCommit() { Abort(); }

duckdb::Value WriteCommit::Run(duckdb::ColumnDataCollection& rows) {
  std::vector<std::string> fragments;
  int64_t count = 0;
  for (auto& chunk : rows.Chunks()) {
    chunk.Flatten();
    const auto* bytes = duckdb::FlatVector::GetData<duckdb::string_t>(chunk.data[0]);
    const auto* counts = duckdb::FlatVector::GetData<int64_t>(chunk.data[1]);
    for (duckdb::idx_t row = 0; row < chunk.size(); row++) {
      count += counts[row];
      if (duckdb::FlatVector::Validity(chunk.data[0]).RowIsValid(row)) {
        fragments.push_back(bytes[row].GetString());
      }
    }
  }
  const std::lock_guard lock(mutex_);
  fragments_ = std::move(fragments);
  rows_ = count;
  return duckdb::Value::BIGINT(count);
}

void WriteCommit::Commit() {
  const std::lock_guard lock(mutex_);
  if (committed_) return;
  if (ended_) throw TrinoException(errors::USER_CANCELED, "The write was aborted");
  ended_ = true;
  write_->Commit(fragments_);
  committed_ = true;
  fragments_ = {};
}

void WriteCommit::Abort() {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  fragments_ = {};
  try {
    write_->Abort();
  } catch (const std::exception& exception) {
    spdlog::warn("what a failed write left could not be removed: {}", exception.what());
  }
}

std::optional<int64_t> WriteCommit::rows_written() const {
  const std::lock_guard lock(mutex_);
  return committed_ ? std::optional(rows_) : std::nullopt;
}

}  // namespace planaria::planner
