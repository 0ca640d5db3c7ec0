// JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_TABLE, JSON_OBJECT and JSON_ARRAY: a part of the family of JSON.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

void AddSqlJson(FunctionSet& functions);
void AddJsonTable(FunctionSet& functions);
void AddJsonConstruct(FunctionSet& functions);

}  // namespace planaria::kernel
