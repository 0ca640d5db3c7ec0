// JSON_EXISTS, JSON_VALUE and JSON_QUERY: a part of the family of JSON.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

void AddSqlJson(FunctionSet& functions);

}  // namespace planaria::kernel
