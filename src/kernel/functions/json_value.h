// Reading JSON, finding a value in it, and writing it as Trino does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "yyjson.hpp"

namespace planaria::kernel {

/// A parsed text. Numbers keep their digits.
class JsonDocument {
 public:
  /// Null root() for what is no JSON, or nests deeper than 1000 levels.
  explicit JsonDocument(std::string_view text);

  duckdb_yyjson::yyjson_val* root() const { return root_; }

 private:
  struct Free {
    void operator()(duckdb_yyjson::yyjson_doc* document) const;
  };
  std::unique_ptr<duckdb_yyjson::yyjson_doc, Free> document_;
  duckdb_yyjson::yyjson_val* root_ = nullptr;
};

/// `$.a["b"][0]`: names and indexes, no wildcards.
class JsonPath {
 public:
  /// Throws Trino's INVALID_FUNCTION_ARGUMENT for what is no path.
  explicit JsonPath(std::string_view text);

  /// Null when there is no such value.
  duckdb_yyjson::yyjson_val* Find(duckdb_yyjson::yyjson_val* root) const;

 private:
  std::vector<std::variant<std::string, size_t>> steps_;
};

enum class JsonForm {
  /// Members as they come.
  kPlain,
  /// Members in the order of their keys, of equal ones the last: what json_parse gives.
  kCanonical
};
/// Numbers with a fraction become doubles as Java prints them.
void AppendJson(duckdb_yyjson::yyjson_val* value, JsonForm form, std::string* out);

/// A text in quotes, escaped as Jackson does.
void AppendJsonText(std::string_view text, std::string* out);

std::string_view JsonTextOf(duckdb_yyjson::yyjson_val* value);

}  // namespace planaria::kernel
