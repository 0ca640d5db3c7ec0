// SQL routines in the kernel.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

/// `trino_routine(program, arguments...)`: runs the text of a sql::RoutineProgram, a constant. The arguments
/// are its first variables; the type is that of what it returns.
void AddRoutines(FunctionSet& functions);

}  // namespace planaria::kernel
