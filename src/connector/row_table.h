// A table whose rows are computed in the coordinator when it is scanned: the base of system tables.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connector/connector.h"

namespace planaria::connector {

using Row = duckdb::vector<duckdb::Value>;

/// Scans run on the coordinator as one split; `rows` is called once per scan, from any thread, in the
/// scan's context.
class RowTable : public Table {
 public:
  using MakeRows = std::function<std::vector<Row>(duckdb::ClientContext& context)>;
  RowTable(std::vector<Column> columns, MakeRows rows)
      : columns_(std::move(columns)), rows_(std::move(rows)) {}

  const std::vector<Column>& columns() const override { return columns_; }
  std::optional<uint64_t> row_count() const override { return 100; }
  bool CoordinatorOnly() const override { return true; }
  std::vector<Split> Splits(duckdb::ClientContext& context, const ScanRequest& request) const override;
  std::unique_ptr<PageSource> Open(duckdb::ClientContext& context, const Split& split,
                                   const ScanRequest& request) const override;

 private:
  const std::vector<Column> columns_;
  const MakeRows rows_;
};

}  // namespace planaria::connector
