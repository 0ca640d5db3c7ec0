// A field of a row by its place.
#pragma once

#include "sql/analyzer/typed.h"

namespace planaria::sql {

/// `index` counts from 0.
Typed FieldOfRow(const Typed& row, size_t index, ErrorLocation location);

}  // namespace planaria::sql
