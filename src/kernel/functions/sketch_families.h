// The families of Trino's sketches, and of hashes that are like them.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

void AddHyperLogLogs(FunctionSet& functions);
void AddApproxDistinct(FunctionSet& functions);
void AddSetDigests(FunctionSet& functions);
void AddQuantileDigests(FunctionSet& functions);
void AddHistograms(FunctionSet& functions);
void AddChecksum(FunctionSet& functions);
void AddSpookyHash(FunctionSet& functions);

}  // namespace planaria::kernel
