// DuckDB's allocator, with an account for each task.
//
// DuckDB knows how much memory it uses, and not who. What a thread allocates while it works for a task
// (kernel/task_meter.h) is put on that task's account and taken off when it is freed, on whichever thread:
// by its end, or because it was spilled to make room.
#pragma once

#include <memory>

#include "duckdb.hpp"

namespace planaria::kernel {

/// Allocations below this are not accounted: vectors of a chunk, and what is smaller. Operators hold their
/// rows in larger ones.
inline constexpr uint64_t kSmallestAccounted = 32 << 10;

/// The calling thread's next allocation is for nobody: a cache, which gives way to operators.
void DoNotChargeNext(bool cache);

/// For DBConfig::allocator; any number of them.
duckdb::unique_ptr<duckdb::Allocator> MakeTaskAllocator();

}  // namespace planaria::kernel
