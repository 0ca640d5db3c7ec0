// A write from its begin during planning to its end, on the coordinator.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connector/table_writes.h"
#include "kernel/final_step.h"

namespace planaria::planner {

/// Its final step gathers what attempts of the coordinator's task bring; only Commit makes anything visible,
/// once the query as a whole has succeeded. Thread-safe.
class WriteCommit : public kernel::FinalStep {
 public:
  explicit WriteCommit(std::unique_ptr<connector::TableWrite> write) : write_(std::move(write)) {}
  /// Aborts a write that nobody committed.
  ~WriteCommit() override;

  bool WantsRows() const override { return true; }
  /// `rows`: fragments and counts (connector/table_writer.h) of one winning attempt of every task. Gives the
  /// number of rows. Of several attempts at this step the last one counts.
  duckdb::Value Run(duckdb::ColumnDataCollection& rows) override;

  /// Commits what was gathered. Throws what the connector throws, and USER_CANCELED after Abort; then nothing
  /// is visible and Abort has nothing left to do.
  void Commit();
  /// The query has ended: what is not committed by now never will be. Never throws.
  void Abort();
  /// Nothing until committed.
  std::optional<int64_t> rows_written() const;

 private:
  mutable std::mutex mutex_;
  const std::unique_ptr<connector::TableWrite> write_;
  std::vector<std::string> fragments_;
  int64_t rows_ = 0;
  bool ended_ = false;
  bool committed_ = false;
};

}  // namespace planaria::planner
