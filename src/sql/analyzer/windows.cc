// OVER, and ORDER BY inside of calls.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

std::string_view SortOrder(const ast::SortItem& item) {
  const bool first = item.nulls == ast::NullOrdering::kFirst;
  if (item.descending) return first ? " DESC NULLS FIRST" : " DESC NULLS LAST";
  return first ? " ASC NULLS FIRST" : " ASC NULLS LAST";
}

Typed QueryAnalyzer::SortItems(const std::vector<ast::SortItem>& items, const Context& context) {
  Typed whole;
  for (const ast::SortItem& item : items) {
    if (!whole.sql.text().empty()) Append(whole, ", ");
    const Typed key = Expression(*item.key, context);
    if (!IsOrderable(key.type)) {
      ThrowAt(
          errors::TYPE_MISMATCH, item.key->location,
          fmt::format("ORDER BY can only be applied to orderable types (actual: {})", key.type.ToString()));
    }
    Append(whole, key);
    Append(whole, SortOrder(item));
  }
  return whole;
}

Typed QueryAnalyzer::Bound(const ast::FrameBound& bound, bool counted, const Context& context) {
  static constexpr std::string_view kTexts[] = {"UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW",
                                                " FOLLOWING", "UNBOUNDED FOLLOWING"};
  Typed whole;
  if (bound.value) {
    Typed value = Expression(*bound.value, context);
    if (counted && value.type.Is(TypeKind::kDecimal)) {
      // There are never more rows than that.
      value = Compose(Type::Of(TypeKind::kBigint), value.location,
                      {"CAST(least(", &value, ", 9223372036854775807) AS BIGINT)"});
    }
    if (value.type.IsNumber() && !std::holds_alternative<ast::IntegerLiteral>(bound.value->node)) {
      value = Compose(
          value.type, value.location,
          {"CASE WHEN ", &value, " >= 0 THEN ", &value, " ELSE CAST(trino_no_frame_offset(coalesce(CAST(",
           &value, " AS VARCHAR), '')) AS ", StorageName(value.type), ") END"});
    }
    Append(whole, value);
  }
  Append(whole, kTexts[static_cast<size_t>(bound.kind)]);
  return whole;
}

namespace {

/// Throws INVALID_WINDOW_FRAME for a frame whose end comes before its start.
void CheckFrame(const ast::WindowFrame& frame, ErrorLocation location) {
  using Bound = ast::FrameBound::Kind;
  const Bound start = frame.start.kind;
  const Bound end = frame.end ? frame.end->kind : Bound::kCurrentRow;
  const auto refuse = [&](std::string_view what) {
    ThrowAt(errors::INVALID_WINDOW_FRAME, location, std::string(what));
  };
  if (start == Bound::kUnboundedFollowing) refuse("Window frame start cannot be UNBOUNDED FOLLOWING");
  if (end == Bound::kUnboundedPreceding) refuse("Window frame end cannot be UNBOUNDED PRECEDING");
  if (start == Bound::kCurrentRow && end == Bound::kPreceding) {
    refuse("Window frame starting from CURRENT ROW cannot end with PRECEDING");
  }
  if (start == Bound::kFollowing && end == Bound::kPreceding) {
    refuse("Window frame starting from FOLLOWING cannot end with PRECEDING");
  }
  if (start == Bound::kFollowing && end == Bound::kCurrentRow) {
    refuse("Window frame starting from FOLLOWING cannot end with CURRENT ROW");
  }
}

}  // namespace

Typed QueryAnalyzer::Over(const ast::Window& window, const Context& context) {
  const ast::WindowSpecification* specification = &window.specification;
  if (window.name) {
    specification = nullptr;
    for (const ast::WindowDefinition& definition : *context.windows) {
      if (NameOf(definition.name) == NameOf(*window.name)) specification = &definition.specification;
    }
    if (specification == nullptr) {
      ThrowAt(errors::INVALID_WINDOW_REFERENCE, window.name->location,
              fmt::format("Cannot resolve WINDOW name {}", NameOf(*window.name)));
    }
  }
  if (specification->existing) throw NotAnalyzed{window.location, "a window that extends another"};
  Typed whole = Compose(Type(), window.location, {"("});
  if (!specification->partition_by.empty()) {
    const std::vector<Typed> keys = Expressions(specification->partition_by, context);
    Append(whole, Expand(Type(), window.location, "PARTITION BY $*", keys));
  }
  if (!specification->order_by.empty()) {
    Append(whole, " ORDER BY ");
    Append(whole, SortItems(specification->order_by, context));
  }
  if (!whole.windows.empty()) {
    ThrowAt(errors::NESTED_WINDOW, whole.windows[0]->location,
            "Cannot nest window functions or row pattern measures inside window specification");
  }
  if (specification->frame) {
    const ast::WindowFrame& frame = *specification->frame;
    CheckFrame(frame, window.location);
    if (frame.pattern || !frame.measures.empty()) throw NotAnalyzed{window.location, "a row pattern"};
    static constexpr std::string_view kUnits[] = {" RANGE ", " ROWS ", " GROUPS "};
    Append(whole, kUnits[static_cast<size_t>(frame.unit)]);
    if (frame.end) Append(whole, "BETWEEN ");
    const bool counted = frame.unit != ast::WindowFrame::Unit::kRange;
    Append(whole, Bound(frame.start, counted, context));
    if (frame.end) {
      Append(whole, " AND ");
      Append(whole, Bound(*frame.end, counted, context));
    }
  }
  Append(whole, ")");
  return whole;
}

}  // namespace planaria::sql
