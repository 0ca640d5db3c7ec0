// What JSON_EXISTS, JSON_VALUE and JSON_QUERY find. What is to be done when nothing is found or something
// fails comes as a number, in the order of the grammar's alternatives (sql/ast/json.h). PASSING's values come
// as an object of JSON.
#include "kernel/functions/sql_json.h"

#include "kernel/functions/java_parse.h"
#include "kernel/functions/json_path.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/scientific_text.h"

namespace planaria::kernel {

namespace {

using duckdb_yyjson::yyjson_val;
using Found = std::optional<std::vector<JsonItem>>;

/// A path and the text that it was made of, for the rows that follow.
class Search {
 public:
  /// Nothing when the text is no JSON or the path does not fit; with `fails` that is an error.
  Found Find(std::string_view json, std::string_view path, std::string_view passing, bool fails) {
    if (!path_ || text_ != path) {
      path_.emplace(path);
      text_ = path;
    }
    if (passing == "{}") {
      passed_.reset();
    } else {
      passed_.emplace(passing);
    }
    document_.emplace(json);
    if (document_->root() == nullptr) {
      if (fails) FailFunction(errors::JSON_INPUT_CONVERSION_ERROR, "conversion to JSON failed: ");
      return std::nullopt;
    }
    std::string failure;
    Found found = path_->Find({document_->root(), nullptr}, passed_ ? passed_->root() : nullptr, &failure);
    if (!found && fails) FailFunction(errors::PATH_EVALUATION_ERROR, "path evaluation failed: " + failure);
    return found;
  }

 private:
  std::string text_;
  std::optional<SqlJsonPath> path_;
  std::optional<JsonDocument> document_;
  std::optional<JsonDocument> passed_;
};

struct JsonExists {
  std::optional<bool> operator()(std::string_view json, std::string_view path, std::string_view passing,
                                 int64_t on_error) {
    enum { kTrue, kFalse, kUnknown, kError };
    const Found found = search_.Find(json, path, passing, on_error == kError);
    if (found) return !found->empty();
    if (on_error == kUnknown) return std::nullopt;
    return on_error == kTrue;
  }
  Search search_;
};

/// The text of the one scalar in a list, which is empty when the path finds nothing; NULL for an error.
/// Behind a number that is a double stands a second text.
struct JsonValue {
  bool operator()(std::string_view json, std::string_view path, std::string_view passing, bool empty_fails,
                  bool error_fails, ListOut<std::optional<std::string>>& out) {
    const Found found = search_.Find(json, path, passing, error_fails);
    if (!found) return false;
    if (found->empty()) {
      if (empty_fails)
        FailFunction(errors::JSON_VALUE_RESULT_ERROR,
                     "cannot extract SQL scalar from JSON: JSON path found no items");
      return true;
    }
    yyjson_val* value = found->front().value;
    if (found->size() > 1 || duckdb_yyjson::yyjson_is_ctn(value)) {
      if (!error_fails) return false;
      FailFunction(errors::JSON_VALUE_RESULT_ERROR,
                   found->size() > 1
                       ? "cannot extract SQL scalar from JSON: JSON path found multiple items"
                       : "cannot extract SQL scalar from JSON: JSON path found an item that cannot be "
                         "converted to an SQL value");
    }
    if (duckdb_yyjson::yyjson_is_null(value)) {
      out.items.push_back(std::nullopt);
    } else if (duckdb_yyjson::yyjson_is_bool(value)) {
      out.items.emplace_back(duckdb_yyjson::yyjson_is_true(value) ? "true" : "false");
    } else if (duckdb_yyjson::yyjson_is_str(value)) {
      out.items.emplace_back(std::string(JsonTextOf(value)));
    } else {
      std::string& text = out.items.emplace_back(std::string()).value();
      AppendItem(found->front(), &text);
      if (!found->front().decimal && text.find_first_of(".eE") != std::string::npos) {
        const double number = ParseJavaDouble(text).value_or(0);
        text.clear();
        AppendScientific(number, &text);
        out.items.emplace_back("double");
      }
    }
    return true;
  }
  Search search_;
};

struct JsonQuery {
  bool operator()(std::string_view json, std::string_view path, std::string_view passing, int64_t wrapper,
                  bool omit_quotes, int64_t on_empty, int64_t on_error, std::string& out) {
    enum { kWithout, kConditional, kUnconditional };
    enum { kNull, kError, kEmptyArray, kEmptyObject };
    const auto give = [&](int64_t behavior) {
      if (behavior == kEmptyArray) out = "[]";
      if (behavior == kEmptyObject) out = "{}";
      return behavior == kEmptyArray || behavior == kEmptyObject;
    };
    const Found found = search_.Find(json, path, passing, on_error == kError);
    if (!found) return give(on_error);
    if (found->empty()) {
      if (on_empty == kError)
        FailFunction(errors::JSON_VALUE_RESULT_ERROR,
                     "cannot extract value from JSON: JSON path found no items");
      return give(on_empty);
    }
    yyjson_val* first = found->front().value;
    const bool one_container = found->size() == 1 && duckdb_yyjson::yyjson_is_ctn(first);
    if (wrapper == kUnconditional || (wrapper == kConditional && !one_container)) {
      out = "[";
      for (const JsonItem& item : *found) {
        if (out.size() > 1) out += ",";
        AppendItem(item, &out);
      }
      out += "]";
      return true;
    }
    if (found->size() > 1) {
      if (on_error == kError)
        FailFunction(errors::JSON_VALUE_RESULT_ERROR,
                     "cannot extract value from JSON: JSON path found multiple items");
      return give(on_error);
    }
    if (omit_quotes && duckdb_yyjson::yyjson_is_str(first)) {
      out = JsonTextOf(first);
    } else {
      AppendItem(found->front(), &out);
    }
    return true;
  }
  Search search_;
};

/// For a value of JSON_VALUE that is none of the type.
void NoValue(std::string_view, std::string_view type, std::string&) {
  FailFunction(errors::JSON_VALUE_RESULT_ERROR,
               "cannot extract SQL scalar from JSON: Cannot cast value to declared return type of function "
               "JSON_VALUE: " +
                   std::string(type));
}

/// A code point of valid UTF-8 at `at`, which moves on.
uint32_t CodePointAt(std::string_view text, size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  uint32_t point = more == 0 ? lead : lead & (0x3F >> more);
  for (int i = 0; i < more && at < text.size(); ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  }
  return point;
}

/// UTF-16 or UTF-32, the lowest byte first.
void Encode(std::string_view text, int64_t bits, BytesOut& out) {
  const auto put = [&](uint32_t unit) {
    for (int64_t shift = 0; shift < bits; shift += 8) out.text.push_back(static_cast<char>(unit >> shift));
  };
  for (size_t at = 0; at < text.size();) {
    const uint32_t point = CodePointAt(text, at);
    if (bits == 32 || point < 0x10000) {
      put(point);
    } else {
      put(0xD800 + ((point - 0x10000) >> 10));
      put(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
}

void AppendUtf8(uint32_t point, std::string& out) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static constexpr uint32_t kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  out.push_back(static_cast<char>(kLeads[more] | point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out.push_back(static_cast<char>(0x80 | (point >> (6 * i) & 0x3F)));
}

/// What is no code point becomes one that no JSON holds outside of strings.
void Decode(Bytes bytes, int64_t bits, std::string& out) {
  constexpr uint32_t kReplacement = 0xFFFD;
  const auto width = static_cast<size_t>(bits / 8);
  const std::string_view view = bytes.view;
  const auto unit_at = [&](size_t at) {
    uint32_t unit = 0;
    for (size_t i = 0; i < width && at + i < view.size(); ++i) {
      unit |= uint32_t{static_cast<unsigned char>(view[at + i])} << (8 * i);
    }
    return unit;
  };
  for (size_t at = 0; at < view.size(); at += width) {
    uint32_t point = unit_at(at);
    if (bits == 16 && point >= 0xD800 && point < 0xDC00 && at + 4 <= view.size()) {
      const uint32_t low = unit_at(at + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        at += width;
      }
    }
    AppendUtf8(point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ? kReplacement : point, out);
  }
}

}  // namespace

void AddSqlJson(FunctionSet& functions) {
  functions.Add(ScalarOf<JsonExists>("trino_json_exists"));
  functions.Add(ScalarOf<JsonValue>("trino_json_value"));
  functions.Add(ScalarOf<JsonQuery>("trino_json_query"));
  functions.Add(Scalar<&NoValue>("trino_json_no_value"));
  functions.Add(Scalar<&Encode>("trino_json_encoded"));
  functions.Add(Scalar<&Decode>("trino_json_decoded"));
  AddJsonTable(functions);
  AddJsonConstruct(functions);
}

}  // namespace planaria::kernel
