// `planaria demo`: the product's main job, shown on this machine without any configuration file.
#pragma once

#include <string>

namespace planaria::server {

struct DemoOptions {
  int workers = 3;
  std::string schema = "sf1";
  int runs = 1;
};

/// Starts a coordinator and workers as processes, runs the 22 TPC-H queries under TASK retries, kills one
/// worker with SIGKILL on the way and starts it again, compares every answer with single-process DuckDB, and
/// prints a table and the task timeline of the query that lost its worker. Returns the process's exit code: 0
/// when every answer is right and the kill cost running tasks.
int RunDemo(const DemoOptions& options);

}  // namespace planaria::server
