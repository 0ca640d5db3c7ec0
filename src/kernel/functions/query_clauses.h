// What clauses of a query compute of their arguments: TABLESAMPLE, the table function sequence, window
// frames, WITH RECURSIVE.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

void AddQueryClauses(FunctionSet& functions);

}  // namespace planaria::kernel
