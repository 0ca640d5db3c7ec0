// What a task without a plan does: it merges outputs of other tasks.
#pragma once

#include <functional>

#include "kernel/task_context.h"

namespace planaria::worker {

/// What MergeOutputs holds of its input at most, one read more.
inline constexpr size_t kMergeBytes = 32 << 20;

/// Writes every page of `input` as it is into the partition of `output` that it comes from. So much as fits
/// into kMergeBytes goes in order of partitions, so that whoever reads one finds it in one piece. Returns the
/// rows. Throws what reading and writing throw, and USER_CANCELED once `cancelled` says so. `input` is
/// complete.
uint64_t MergeOutputs(kernel::ExchangeInput& input, kernel::ExchangeOutput& output,
                      const std::function<bool()>& cancelled);

}  // namespace planaria::worker
