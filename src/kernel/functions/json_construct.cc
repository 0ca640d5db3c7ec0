// What JSON_OBJECT and JSON_ARRAY are made of.
#include <map>
#include <set>

#include "kernel/functions/json_value.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sql_json.h"

namespace planaria::kernel {

using namespace duckdb_yyjson;  // NOLINT: a C library in a namespace.

namespace {

/// Of members with the same key the last value, where the first stands.
void AppendOnce(yyjson_val* value, std::string* out) {
  if (yyjson_is_arr(value)) {
    out->push_back('[');
    auto elements = yyjson_arr_iter_with(value);
    for (bool first = true; auto* element = yyjson_arr_iter_next(&elements); first = false) {
      if (!first) out->push_back(',');
      AppendOnce(element, out);
    }
    out->push_back(']');
  } else if (yyjson_is_obj(value)) {
    std::map<std::string_view, yyjson_val*> last;
    std::vector<std::string_view> keys;
    auto members = yyjson_obj_iter_with(value);
    while (auto* key = yyjson_obj_iter_next(&members)) {
      const auto [place, added] = last.insert_or_assign(JsonTextOf(key), yyjson_obj_iter_get_val(key));
      if (added) keys.push_back(place->first);
    }
    out->push_back('{');
    for (bool first = true; const std::string_view key : keys) {
      if (!first) out->push_back(',');
      first = false;
      AppendJsonText(key, out);
      out->push_back(':');
      AppendOnce(last[key], out);
    }
    out->push_back('}');
  } else {
    AppendJson(value, JsonForm::kPlain, out);
  }
}

/// FORMAT JSON
void Formatted(std::string_view text, std::string& out) {
  const JsonDocument document(text);
  if (document.root() == nullptr) {
    FailFunction(errors::JSON_INPUT_CONVERSION_ERROR, "conversion to JSON failed: ");
  }
  AppendOnce(document.root(), &out);
}

/// True, or an error for keys that make no object.
void CheckKeys(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const bool unique = chunk.GetValue(1, row).GetValue<bool>();
    std::set<std::string> seen;
    const duckdb::Value keys = chunk.GetValue(0, row);
    for (const auto& key : duckdb::ListValue::GetChildren(keys)) {
      if (key.IsNull()) FailArgument("null value passed for JSON object key to JSON_OBJECT function");
      if (seen.insert(duckdb::StringValue::Get(key)).second) continue;
      if (unique) FailArgument("duplicate key passed to JSON_OBJECT function");
      FailFunction(errors::NOT_SUPPORTED, "cannot construct a JSON object with duplicate key");
    }
    result.SetValue(row, duckdb::Value::BOOLEAN(true));
  }
}

}  // namespace

void AddJsonConstruct(FunctionSet& functions) {
  using duckdb::LogicalType;
  functions.Add(Scalar<&Formatted>("trino_json_formatted"));
  functions.Add(duckdb::ScalarFunction("trino_json_keys",
                                       {LogicalType::LIST(LogicalType::VARCHAR), LogicalType::BOOLEAN},
                                       LogicalType::BOOLEAN, CheckKeys));
}

}  // namespace planaria::kernel
