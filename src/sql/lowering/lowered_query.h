// A statement in DuckDB's SQL that still knows where its parts came from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace planaria::sql {

class LoweredQuery {
 public:
  const std::string& text() const { return text_; }

  /// Where the node that wrote the byte at `offset` of text() stands in the client's statement.
  ErrorLocation LocationOf(size_t offset) const;

  void Append(std::string_view text) { text_ += text; }
  void Append(const LoweredQuery& part);
  /// What is appended from here on comes from `location`.
  void Mark(ErrorLocation location);

 private:
  struct Anchor {
    size_t offset;
    ErrorLocation location;
  };

  std::string text_;
  /// By offset.
  std::vector<Anchor> anchors_;
};

}  // namespace planaria::sql
