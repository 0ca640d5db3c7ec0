// Finds what SQL/JSON paths (sql/json_path/json_path.h) lead to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/functions/json_value.h"
#include "sql/json_path/json_path.h"

namespace planaria::kernel {

/// A value that a path leads to; what the path made itself is kept alive.
struct JsonItem {
  duckdb_yyjson::yyjson_val* value = nullptr;
  std::shared_ptr<JsonDocument> made;
  /// A number that shows its digits as they are; others with a fraction or an exponent are doubles.
  bool decimal = false;
};

/// As JSON's text.
void AppendItem(const JsonItem& item, std::string* out);

class SqlJsonPath {
 public:
  /// Throws INVALID_PATH for what is no path, NOT_SUPPORTED for what Trino does not evaluate.
  explicit SqlJsonPath(std::string_view text);

  /// In the order of the document. Nothing when the path does not fit the value, with the reason in
  /// `failure`. `variables`: an object with the values of the path's variables, or null.
  std::optional<std::vector<JsonItem>> Find(const JsonItem& root, duckdb_yyjson::yyjson_val* variables,
                                            std::string* failure) const;

 private:
  sql::json_path::Path path_;
};

}  // namespace planaria::kernel
