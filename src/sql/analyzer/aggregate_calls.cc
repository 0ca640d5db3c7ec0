// Calls of aggregate functions, LISTAGG and GROUPING.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"

namespace planaria::sql {

using Kind = TypeKind;

bool QueryAnalyzer::SeesOuterColumns(const Context& context) {
  for (const Scope* scope = context.scope->parent; scope != nullptr; scope = scope->parent) {
    if (!scope->fields.empty()) return true;
  }
  return false;
}

namespace {

/// Functions whose value depends on the whole partition, whatever the frame.
bool IsRanking(std::string_view name) {
  static constexpr std::string_view kNames[] = {"rank",       "dense_rank", "percent_rank", "cume_dist",
                                                "row_number", "ntile",      "lag",          "lead"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

void QueryAnalyzer::CheckDistinctOrder(const ast::FunctionCall& call) {
  if (!call.distinct) return;
  for (const ast::SortItem& item : call.order_by) {
    const std::string key = Format(*item.key);
    const bool found = std::any_of(call.arguments.begin(), call.arguments.end(),
                                   [&](const auto& argument) { return Format(*argument) == key; });
    if (found) continue;
    ThrowAt(errors::EXPRESSION_NOT_IN_DISTINCT, item.key->location,
            "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments");
  }
}

Typed QueryAnalyzer::CallOver(const ast::FunctionCall& call, const std::vector<Typed>& arguments,
                              ErrorLocation location, const Context& context) {
  Typed inside = Expand(Type(), location, call.distinct ? "(DISTINCT $*" : "($*", arguments);
  if (call.star) Append(inside, "*");
  if (!call.order_by.empty()) {
    Append(inside, " ORDER BY ");
    Append(inside, SortItems(call.order_by, context));
  }
  Append(inside, call.nulls == ast::NullTreatment::kIgnore ? " IGNORE NULLS)" : ")");
  if (call.filter) {
    Typed filter = Condition(*call.filter, context, "FILTER");
    Append(inside, " FILTER (WHERE ");
    Append(inside, filter);
    Append(inside, ")");
  }
  if (!inside.windows.empty()) {
    ThrowAt(errors::NESTED_WINDOW, call.window ? inside.windows[0]->location : location,
            call.window
                ? "Cannot nest window functions or row pattern measures inside window function arguments"
                : fmt::format("Cannot nest window functions or row pattern measures inside aggregation "
                              "'{}': [{}]",
                              NameOf(call.name.parts[0]), Format(*inside.windows[0])));
  }
  if (call.window) {
    const std::string name = NameOf(call.name.parts.back());
    if (IsRanking(name) && !call.window->name && call.window->specification.frame) {
      ThrowAt(errors::INVALID_WINDOW_FRAME, call.window->location,
              fmt::format("Cannot specify window frame for {} function", name));
    }
    Append(inside, " OVER ");
    Append(inside, Over(*call.window, context));
  } else if (!inside.aggregates.empty()) {
    ThrowAt(errors::NESTED_AGGREGATION, location,
            fmt::format("Cannot nest aggregations inside aggregation '{}': [{}]", NameOf(call.name.parts[0]),
                        Format(*inside.aggregates[0])));
  }
  return inside;
}

Typed QueryAnalyzer::Aggregate(const ast::Expression& expression, const ast::FunctionCall& call,
                               const ResolvedFunction& function, const std::vector<Typed>& arguments,
                               const Context& context) {
  const ErrorLocation location = expression.location;
  CheckDistinctOrder(call);
  const Typed inside = CallOver(call, arguments, location, context);
  Typed whole = Compose(function.result, location, {});
  std::string_view pattern = function.pattern;
  for (size_t open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{')) {
    const size_t close = pattern.find('}');
    std::string_view name = pattern.substr(open + 1, close - open - 1);
    const size_t colon = name.find(':');
    Append(whole, pattern.substr(0, open));
    if (name == "number" && !call.distinct && SeesOuterColumns(context)) {
      // A count, which is never NULL, would make the kernel join once more for subqueries without rows. So
      // would IS NOT NULL.
      const std::vector<Typed> ones = {
          Compose(Type::Of(TypeKind::kBigint), location,
                  {"CAST((", &arguments[0], " = ", &arguments[0], ") AS INTEGER)"})};
      Append(whole, "\"sum\"");
      Append(whole, CallOver(call, ones, location, context));
    } else if (colon != std::string_view::npos) {
      const std::vector<Typed> made = {Expand(Type(), location, name.substr(colon + 1), arguments)};
      Append(whole, QuoteName(name.substr(0, colon)));
      Append(whole, CallOver(call, made, location, context));
    } else {
      Append(whole, QuoteName(name == "number" ? "count" : name));
      Append(whole, inside);
    }
    pattern.remove_prefix(close + 1);
  }
  Append(whole, pattern);
  whole.constant = false;
  if (call.window) {
    whole.windows = {&expression};
    whole.aggregates = inside.aggregates;
  } else {
    whole.aggregates = {&expression};
    whole.ungrouped = false;
  }
  return whole;
}

Typed QueryAnalyzer::Listagg(const ast::Expression& expression, const ast::Listagg& listagg,
                             const Context& context) {
  const ErrorLocation location = expression.location;
  Typed value = Expression(*listagg.value, context);
  if (!value.type.IsText() && !value.type.Is(Kind::kUnknown)) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("Expected expression of varchar, but '{}' has {} type", Format(*listagg.value),
                        value.type.ToString()));
  }
  if (!value.type.Is(Kind::kVarchar) || listagg.overflow == ast::Listagg::Overflow::kTruncate ||
      listagg.window) {
    throw NotAnalyzed{location, "this form of LISTAGG"};
  }
  Typed whole = Compose(
      Type::Varchar(), location,
      {listagg.distinct ? "listagg(DISTINCT " : "listagg(", &value, ", ", QuoteString(listagg.separator)});
  Append(whole, " ORDER BY ");
  Append(whole, SortItems(listagg.within_group, context));
  Append(whole, ")");
  if (listagg.filter) {
    const Typed filter = Condition(*listagg.filter, context, "FILTER");
    Append(whole, Compose(filter.type, location, {" FILTER (WHERE ", &filter, ")"}));
  }
  whole.constant = whole.ungrouped = false;
  whole.aggregates = {&expression};
  return whole;
}

Typed QueryAnalyzer::Grouping(const ast::Expression& expression, const ast::GroupingOperation& grouping,
                              const Context& context) {
  Typed whole = Compose(Type::Of(Kind::kInteger), expression.location, {"CAST(GROUPING("});
  bool first = true;
  for (const ast::QualifiedName& column : grouping.columns) {
    const Typed value = Name(PartsOf(column), column.location, context);
    if (!first) Append(whole, ", ");
    first = false;
    Append(whole, value);
  }
  Append(whole, ") AS INTEGER)");
  whole.constant = whole.ungrouped = false;
  whole.aggregates = {&expression};
  return whole;
}

}  // namespace planaria::sql
