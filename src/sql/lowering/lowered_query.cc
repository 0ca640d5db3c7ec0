#include "sql/lowering/lowered_query.h"

#include <algorithm>

namespace planaria::sql {

ErrorLocation LoweredQuery::LocationOf(size_t offset) const {
  const auto after =
      std::upper_bound(anchors_.begin(), anchors_.end(), offset,
                       [](size_t value, const Anchor& anchor) { return value < anchor.offset; });
  if (after == anchors_.begin()) return {};
  return std::prev(after)->location;
}

void LoweredQuery::Append(const LoweredQuery& part) {
  for (const Anchor& anchor : part.anchors_)
    anchors_.push_back({text_.size() + anchor.offset, anchor.location});
  text_ += part.text_;
}

void LoweredQuery::Mark(ErrorLocation location) {
  if (!anchors_.empty() && anchors_.back().offset == text_.size()) anchors_.pop_back();
  anchors_.push_back({text_.size(), location});
}

}  // namespace planaria::sql
