// Numbers in SQL/JSON paths: integers of 64 bits, decimals, doubles.
#pragma once

#include <string>

#include "kernel/functions/json_path.h"

namespace planaria::kernel {

/// `STRING`, as Trino's messages name the kind of a value.
std::string JsonKindOf(duckdb_yyjson::yyjson_val* value);

/// An item that is the JSON text.
JsonItem MakeItem(const std::string& json, bool decimal = false);

/// +, -, *, / or % of two numbers. Nothing, and the reason, when they are none or the result is out of range.
std::optional<JsonItem> ComputeJson(sql::json_path::Expression::Kind op, const JsonItem& left,
                                    const JsonItem& right, std::string* failure);
/// Negation, abs(), ceiling(), floor() and double().
std::optional<JsonItem> ComputeJson(sql::json_path::Expression::Kind op, const JsonItem& operand,
                                    std::string* failure);
/// The number of an array's element.
std::optional<int64_t> JsonIndexOf(const JsonItem& item, std::string* failure);

}  // namespace planaria::kernel
