// What JSON_EXISTS, JSON_VALUE and JSON_QUERY find. What is to be done when nothing is found or something
// fails comes as a number, in the order of the grammar's alternatives (sql/ast/json.h).
#include "kernel/functions/sql_json.h"

#include "kernel/functions/json_path.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

using duckdb_yyjson::yyjson_val;
using Found = std::optional<std::vector<JsonItem>>;

/// A path and the text that it was made of, for the rows that follow.
class Search {
 public:
  /// Nothing when the text is no JSON or the path does not fit; with `fails` that is an error.
  Found Find(std::string_view json, std::string_view path, bool fails) {
    if (!path_ || text_ != path) {
      path_.emplace(path);
      text_ = path;
    }
    document_.emplace(json);
    if (document_->root() == nullptr) {
      if (fails) FailFunction(errors::JSON_INPUT_CONVERSION_ERROR, "conversion to JSON failed: invalid text");
      return std::nullopt;
    }
    Found found = path_->Find(document_->root());
    if (!found && fails) {
      FailFunction(errors::PATH_EVALUATION_ERROR, "path evaluation failed: structural error");
    }
    return found;
  }

 private:
  std::string text_;
  std::optional<SqlJsonPath> path_;
  std::optional<JsonDocument> document_;
};

struct JsonExists {
  std::optional<bool> operator()(std::string_view json, std::string_view path, int64_t on_error) {
    enum { kTrue, kFalse, kUnknown, kError };
    const Found found = search_.Find(json, path, on_error == kError);
    if (found) return !found->empty();
    if (on_error == kUnknown) return std::nullopt;
    return on_error == kTrue;
  }
  Search search_;
};

/// The text of the one scalar in a list, which is empty when the path finds nothing; NULL for an error.
struct JsonValue {
  bool operator()(std::string_view json, std::string_view path, bool empty_fails, bool error_fails,
                  ListOut<std::optional<std::string>>& out) {
    const Found found = search_.Find(json, path, error_fails);
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
    } else {
      out.items.emplace_back(std::string(JsonTextOf(value)));
    }
    return true;
  }
  Search search_;
};

struct JsonQuery {
  bool operator()(std::string_view json, std::string_view path, int64_t wrapper, bool omit_quotes,
                  int64_t on_empty, int64_t on_error, std::string& out) {
    enum { kWithout, kConditional, kUnconditional };
    enum { kNull, kError, kEmptyArray, kEmptyObject };
    const auto give = [&](int64_t behavior) {
      if (behavior == kEmptyArray) out = "[]";
      if (behavior == kEmptyObject) out = "{}";
      return behavior == kEmptyArray || behavior == kEmptyObject;
    };
    const Found found = search_.Find(json, path, on_error == kError);
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
        AppendJson(item.value, JsonForm::kPlain, &out);
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
      AppendJson(first, JsonForm::kPlain, &out);
    }
    return true;
  }
  Search search_;
};

}  // namespace

void AddSqlJson(FunctionSet& functions) {
  functions.Add(ScalarOf<JsonExists>("trino_json_exists"));
  functions.Add(ScalarOf<JsonValue>("trino_json_value"));
  functions.Add(ScalarOf<JsonQuery>("trino_json_query"));
}

}  // namespace planaria::kernel
