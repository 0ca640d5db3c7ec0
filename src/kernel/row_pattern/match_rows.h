// MATCH_RECOGNIZE in the kernel.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

/// `trino_match_rows(program, rows, arguments...)`: matches the row pattern of a sql::PatternProgram, whose
/// text is the constant `program`, against a partition, a list of rows. Gives the list of the rows
/// that go out, each with the measures and then the columns that the program names. NULL for a list that is
/// NULL.
void AddMatchRows(FunctionSet& functions);

}  // namespace planaria::kernel
