// The rows of a result, page by page, as JSON text.
#pragma once

#include <memory>
#include <string>

#include "coordinator/client_query.h"
#include "coordinator/result_pages.h"
#include "planner/distributed_plan.h"

namespace planaria::coordinator {

/// Keeps the order of the pages and of the rows within them. Holds one page in memory. One thread at a time.
class ResultReader {
 public:
  /// `millisecond_times`: for clients that know no other precision.
  ResultReader(std::unique_ptr<ResultPages> pages, duckdb::vector<duckdb::LogicalType> types,
               bool millisecond_times);
  ~ResultReader();

  /// Makes a page of about `max_bytes` and at least one row, of those that are there. kLater: `wake` is
  /// called once. Throws when the pages cannot be read any more.
  exchange::ReadState Next(size_t max_bytes, ResultPage& page, const exchange::Wake& wake);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace planaria::coordinator
