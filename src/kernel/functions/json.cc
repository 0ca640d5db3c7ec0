// JSON functions. A value of type json is its text; arguments may be varchar as well.
#include <fmt/format.h>

#include <cmath>

#include "kernel/functions/families.h"
#include "kernel/functions/java_parse.h"
#include "kernel/functions/json_value.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/scientific_text.h"
#include "kernel/functions/sql_json.h"

namespace planaria::kernel {

namespace {

using duckdb_yyjson::yyjson_val;

[[noreturn]] void FailCast(std::string_view json, const char* type) {
  FailFunction(errors::INVALID_CAST_ARGUMENT, fmt::format("Cannot cast '{}' to {}", json, type));
}

bool IsFraction(std::string_view digits) { return digits.find_first_of(".eE") != std::string_view::npos; }
bool IsNumber(yyjson_val* value) { return duckdb_yyjson::yyjson_is_raw(value); }
bool IsText(yyjson_val* value) { return duckdb_yyjson::yyjson_is_str(value); }
bool IsBoolean(yyjson_val* value) { return duckdb_yyjson::yyjson_is_bool(value); }
bool IsNull(yyjson_val* value) { return duckdb_yyjson::yyjson_is_null(value); }
bool IsTrue(yyjson_val* value) { return duckdb_yyjson::yyjson_is_true(value); }
bool IsArray(yyjson_val* value) { return duckdb_yyjson::yyjson_is_arr(value); }

void JsonParse(std::string_view text, JsonOut& out) {
  const JsonDocument document(text);
  if (!document.root()) FailArgument(fmt::format("Cannot convert value to JSON: '{}'", text));
  AppendJson(document.root(), JsonForm::kCanonical, &out.text);
}

/// JSON '..'
void JsonLiteral(std::string_view text, JsonOut& out) {
  const JsonDocument document(text);
  if (!document.root()) {
    FailFunction(errors::INVALID_LITERAL, fmt::format("'{}' is not a valid JSON literal", text));
  }
  AppendJson(document.root(), JsonForm::kCanonical, &out.text);
}

void JsonFormat(std::string_view json, std::string& out) { out = json; }

/// The path of the last row, which is that of the next one as well as a rule.
class Path {
 public:
  yyjson_val* Find(const JsonDocument& document, std::string_view path) {
    if (!path_ || text_ != path) {
      path_.emplace(path);
      text_ = path;
    }
    return document.root() ? path_->Find(document.root()) : nullptr;
  }

 private:
  std::string text_;
  std::optional<JsonPath> path_;
};

struct JsonExtract {
  bool operator()(std::string_view json, std::string_view path, JsonOut& out) {
    const JsonDocument document(json);
    yyjson_val* value = path_.Find(document, path);
    if (!value) return false;
    AppendJson(value, JsonForm::kPlain, &out.text);
    return true;
  }
  Path path_;
};

/// The text of a scalar; false for null, arrays and objects.
bool AppendScalar(yyjson_val* value, std::string& out) {
  if (IsText(value) || IsNumber(value)) {
    out = JsonTextOf(value);
  } else if (IsBoolean(value)) {
    out = IsTrue(value) ? "true" : "false";
  } else {
    return false;
  }
  return true;
}

struct JsonExtractScalar {
  bool operator()(std::string_view json, std::string_view path, std::string& out) {
    const JsonDocument document(json);
    yyjson_val* value = path_.Find(document, path);
    return value && AppendScalar(value, out);
  }
  Path path_;
};

struct JsonSize {
  std::optional<int64_t> operator()(std::string_view json, std::string_view path) {
    const JsonDocument document(json);
    yyjson_val* value = path_.Find(document, path);
    if (!value) return std::nullopt;
    return static_cast<int64_t>(IsArray(value) ? duckdb_yyjson::yyjson_arr_size(value)
                                               : duckdb_yyjson::yyjson_obj_size(value));
  }
  Path path_;
};

std::optional<int64_t> JsonArrayLength(std::string_view json) {
  const JsonDocument document(json);
  if (!IsArray(document.root())) return std::nullopt;
  return static_cast<int64_t>(duckdb_yyjson::yyjson_arr_size(document.root()));
}

/// An element that is a text comes without its quotes, as in Trino.
bool JsonArrayGet(std::string_view json, int64_t index, JsonOut& out) {
  const JsonDocument document(json);
  if (!IsArray(document.root())) return false;
  const auto size = static_cast<int64_t>(duckdb_yyjson::yyjson_arr_size(document.root()));
  if (index < 0) index += size;
  if (index < 0 || index >= size) return false;
  yyjson_val* element = duckdb_yyjson::yyjson_arr_get(document.root(), static_cast<size_t>(index));
  if (IsNull(element)) return false;
  if (!AppendScalar(element, out.text)) AppendJson(element, JsonForm::kPlain, &out.text);
  return true;
}

bool Equals(yyjson_val* element, std::string_view text) {
  return IsText(element) && JsonTextOf(element) == text;
}
bool Equals(yyjson_val* element, bool value) { return IsBoolean(element) && IsTrue(element) == value; }
bool Equals(yyjson_val* element, int64_t value) {
  return IsNumber(element) && ParseJavaLong(JsonTextOf(element)) == value;
}
bool Equals(yyjson_val* element, double value) {
  return std::isfinite(value) && IsNumber(element) && IsFraction(JsonTextOf(element)) &&
         ParseJavaDouble(JsonTextOf(element)) == value;
}

template <typename T>
std::optional<bool> JsonArrayContains(std::string_view json, T value) {
  const JsonDocument document(json);
  if (!IsArray(document.root())) return std::nullopt;
  auto elements = duckdb_yyjson::yyjson_arr_iter_with(document.root());
  while (auto* element = duckdb_yyjson::yyjson_arr_iter_next(&elements)) {
    if (Equals(element, value)) return true;
  }
  return false;
}

bool IsJsonScalar(std::string_view json) {
  const JsonDocument document(json);
  if (!document.root()) FailArgument(fmt::format("Invalid JSON value: {}", json));
  return !duckdb_yyjson::yyjson_is_ctn(document.root());
}

std::optional<int64_t> JsonToBigint(std::string_view json) {
  const JsonDocument document(json);
  yyjson_val* value = document.root();
  if (IsNull(value)) return std::nullopt;
  if (IsBoolean(value)) return IsTrue(value);
  if (!IsText(value) && !IsNumber(value)) FailCast(json, "bigint");
  const std::string_view text = JsonTextOf(value);
  if (IsNumber(value) && IsFraction(text)) {
    const double rounded = std::round(ParseJavaDouble(text).value_or(NAN));
    if (!(std::fabs(rounded) < 9223372036854775808.0)) FailCast(json, "bigint");
    return static_cast<int64_t>(rounded);
  }
  const auto number = ParseJavaLong(JavaTrim(text));
  if (!number) FailCast(text, "BIGINT");
  return number;
}

template <typename T>
std::optional<T> JsonToInteger(std::string_view json) {
  const auto number = JsonToBigint(json);
  if (!number) return std::nullopt;
  if (*number < std::numeric_limits<T>::min() || *number > std::numeric_limits<T>::max()) {
    FailCast(json, sizeof(T) == 1 ? "TINYINT" : sizeof(T) == 2 ? "SMALLINT" : "INTEGER");
  }
  return static_cast<T>(*number);
}

/// A number, a text or 1 and 0 for booleans, to be read as a decimal.
bool JsonToDigits(std::string_view json, std::string& out) {
  const JsonDocument document(json);
  yyjson_val* value = document.root();
  if (IsNull(value)) return false;
  if (IsBoolean(value)) {
    out = IsTrue(value) ? "1" : "0";
  } else if (IsNumber(value) || IsText(value)) {
    out = JsonTextOf(value);
  } else {
    FailCast(json, "decimal");
  }
  return true;
}

std::optional<double> JsonToDouble(std::string_view json) {
  const JsonDocument document(json);
  yyjson_val* value = document.root();
  if (IsNull(value)) return std::nullopt;
  if (IsBoolean(value)) return IsTrue(value) ? 1.0 : 0.0;
  if (!IsText(value) && !IsNumber(value)) FailCast(json, "double");
  const auto number = ParseJavaDouble(JsonTextOf(value));
  if (!number) FailCast(JsonTextOf(value), "DOUBLE");
  return number;
}

std::optional<bool> JsonToBoolean(std::string_view json) {
  const JsonDocument document(json);
  yyjson_val* value = document.root();
  if (IsNull(value)) return std::nullopt;
  if (IsBoolean(value)) return IsTrue(value);
  if (IsNumber(value) && !IsFraction(JsonTextOf(value)) && !ParseJavaLong(JsonTextOf(value))) {
    FailCast(json, "BOOLEAN");
  }
  if (IsNumber(value)) return ParseJavaDouble(JsonTextOf(value)) != 0.0;
  if (!IsText(value)) FailCast(json, "boolean");
  const std::string lower = duckdb::StringUtil::Lower(std::string(JsonTextOf(value)));
  if (lower == "t" || lower == "true" || lower == "1") return true;
  if (lower == "f" || lower == "false" || lower == "0") return false;
  FailCast(JsonTextOf(value), "BOOLEAN");
}

/// Fractions get the text of doubles cast to varchar.
bool JsonToVarchar(std::string_view json, std::string& out) {
  const JsonDocument document(json);
  yyjson_val* value = document.root();
  if (IsNull(value)) return false;
  if (IsNumber(value) && IsFraction(JsonTextOf(value))) {
    AppendScientific(ParseJavaDouble(JsonTextOf(value)).value_or(NAN), &out);
  } else if (!AppendScalar(value, out)) {
    FailCast(json, "varchar");
  }
  return true;
}

}  // namespace

void AddJson(FunctionSet& functions) {
  AddSqlJson(functions);
  functions.Add(Scalar<&JsonParse>("trino_json_parse"));
  functions.Add(Scalar<&JsonFormat>("trino_json_format"));
  functions.Add(ScalarOf<JsonExtract>("trino_json_extract"));
  functions.Add(ScalarOf<JsonExtractScalar>("trino_json_extract_scalar"));
  functions.Add(ScalarOf<JsonSize>("trino_json_size"));
  functions.Add(Scalar<&JsonArrayLength>("trino_json_array_length"));
  functions.Add(Scalar<&JsonArrayGet>("trino_json_array_get"));
  functions.Add(Scalar<&JsonArrayContains<std::string_view>>("trino_json_array_contains"));
  functions.Add(Scalar<&JsonArrayContains<bool>>("trino_json_array_contains"));
  functions.Add(Scalar<&JsonArrayContains<int64_t>>("trino_json_array_contains"));
  functions.Add(Scalar<&JsonArrayContains<double>>("trino_json_array_contains"));
  functions.Add(Scalar<&IsJsonScalar>("trino_is_json_scalar"));
  functions.Add(Scalar<&JsonLiteral>("trino_json_literal"));
  functions.Add(Scalar<&JsonToDigits>("trino_json_to_digits"));
  functions.Add(Scalar<&JsonToInteger<int8_t>>("trino_json_to_tinyint"));
  functions.Add(Scalar<&JsonToInteger<int16_t>>("trino_json_to_smallint"));
  functions.Add(Scalar<&JsonToInteger<int32_t>>("trino_json_to_integer"));
  functions.Add(Scalar<&JsonToBigint>("trino_json_to_bigint"));
  functions.Add(Scalar<&JsonToDouble>("trino_json_to_double"));
  functions.Add(Scalar<&JsonToBoolean>("trino_json_to_boolean"));
  functions.Add(Scalar<&JsonToVarchar>("trino_json_to_varchar"));
}

}  // namespace planaria::kernel
