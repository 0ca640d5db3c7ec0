// SQL/JSON paths: `lax $.a[*].b ? (@ > 1)`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/functions/json_value.h"

namespace planaria::kernel {

/// A value that a path leads to; what the path made itself is kept alive.
struct JsonItem {
  duckdb_yyjson::yyjson_val* value = nullptr;
  std::shared_ptr<JsonDocument> made;
};

class SqlJsonPath {
 public:
  /// Throws INVALID_PATH for what is no path, NOT_SUPPORTED for what is not known here: arithmetic,
  /// variables, like_regex and methods other than size() and type().
  explicit SqlJsonPath(std::string_view text);
  ~SqlJsonPath();

  /// In the order of the document. Nothing when the path does not fit the value's structure, which only a
  /// strict path can say.
  std::optional<std::vector<JsonItem>> Find(duckdb_yyjson::yyjson_val* root) const;

  struct Step;

 private:
  bool strict_ = false;
  std::vector<std::unique_ptr<Step>> steps_;
};

}  // namespace planaria::kernel
