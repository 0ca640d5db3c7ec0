// What expressions of DEFINE and MEASURES take from a match: columns of its rows, navigation, CLASSIFIER,
// MATCH_NUMBER and aggregates. Each becomes a slot of the kernel's program.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/functions/function_table.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql {

namespace {

using Kind = PatternSlot::Kind;

Typed SlotValue(const Type& type, ErrorLocation location, std::string text) {
  Typed value = Compose(type, location, {std::move(text)});
  value.constant = false;
  return value;
}

bool IsPatternFunction(const ast::FunctionCall& call, std::string_view name) {
  static constexpr std::string_view kNames[] = {"first", "last",       "prev",
                                                "next",  "classifier", "match_number"};
  return call.name.parts.size() == 1 && !call.name.parts[0].delimited &&
         std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsNavigation(std::string_view name) { return name != "classifier" && name != "match_number"; }

std::string_view ModeName(ast::ProcessingMode mode) {
  return mode == ast::ProcessingMode::kFinal ? "FINAL" : "RUNNING";
}

std::string CallName(const ast::FunctionCall& call) { return NameOf(call.name.parts.back()); }

/// What no pattern recognition function has, and what other aggregate functions have.
void RequirePlain(const ast::FunctionCall& call, ErrorCode code, std::string_view what,
                  ErrorLocation location) {
  const auto refuse = [&](std::string_view clause) {
    ThrowAt(code, location, fmt::format("Cannot use {} with {} {}", clause, CallName(call), what));
  };
  if (call.filter) refuse("FILTER");
  if (!call.order_by.empty()) refuse("ORDER BY");
  if (call.distinct) refuse("DISTINCT");
}

/// The offset of a navigation.
int64_t OffsetOf(const ast::FunctionCall& call, int64_t otherwise, ErrorLocation location) {
  const std::string name = CallName(call);
  if (call.arguments.empty() || call.arguments.size() > 2) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
            fmt::format("{} pattern recognition function requires 1 or 2 arguments", name));
  }
  if (call.arguments.size() == 1) return otherwise;
  const auto* number = std::get_if<ast::IntegerLiteral>(&call.arguments[1]->node);
  if (number == nullptr) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
            fmt::format("{} pattern recognition navigation function requires a number as the second argument",
                        name));
  }
  const int64_t offset = BigintOf(number->text).value_or(INT64_MAX);
  if (offset < 0) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, location,
            fmt::format("{} pattern recognition navigation function requires a non-negative number as the "
                        "second argument (actual: {})",
                        name, offset));
  }
  if (offset > 2147483647) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, location,
            fmt::format("The second argument of {} pattern recognition navigation function must not exceed "
                        "2147483647 (actual: {})",
                        name, offset));
  }
  return offset;
}

/// FIRST and LAST may stand right within PREV and NEXT.
void CheckNesting(const ast::Expression& expression, const std::string& name, const PatternPlace& place) {
  if (place.aggregating != nullptr) {
    ThrowAt(errors::INVALID_NAVIGATION_NESTING, expression.location,
            fmt::format("Cannot nest {} pattern navigation function inside {} function", name,
                        CallName(*place.aggregating)));
  }
  if (place.navigating == nullptr) return;
  const std::string around = CallName(*place.navigating);
  const bool logical_around = around == "first" || around == "last";
  if (logical_around || name == "prev" || name == "next") {
    ThrowAt(errors::INVALID_NAVIGATION_NESTING, expression.location,
            fmt::format("Cannot nest {} pattern navigation function inside {} pattern navigation function",
                        name, around));
  }
  if (place.navigating->arguments[0].get() != &expression) {
    ThrowAt(errors::INVALID_NAVIGATION_NESTING, expression.location,
            "Immediate nesting is required for pattern navigation functions");
  }
}

/// The union that all columns and classifiers name, of those named from the `first` on.
std::optional<size_t> OneUnion(const ast::FunctionCall& call, const PatternBuilder& builder, size_t first,
                               ErrorLocation location) {
  if (first == builder.named.size()) return std::nullopt;
  for (size_t i = first; i < builder.named.size(); ++i) {
    if (builder.named[i] == builder.named[first]) continue;
    ThrowAt(errors::INVALID_ARGUMENTS, location,
            fmt::format("All labels and classifiers inside the call to '{}' must match", CallName(call)));
  }
  return builder.named[first];
}

}  // namespace

Typed QueryAnalyzer::PatternColumn(const Field& column, const std::optional<size_t>& label,
                                   ErrorLocation location, const Context& context) {
  const PatternPlace& place = *context.pattern;
  PatternBuilder& builder = *place.builder;
  const size_t index = builder.Column(column);
  builder.named.push_back(label.value_or(0));
  if (place.aggregating != nullptr) {
    return SlotValue(column.type, location, PatternProgram::RowText(index));
  }
  PatternSlot slot = place.navigation;
  slot.index = index;
  slot.rows = label.value_or(0);
  return SlotValue(column.type, location, PatternProgram::SlotText(builder.Slot(slot)));
}

Typed QueryAnalyzer::PatternDereference(const ast::Identifier& first, const std::vector<std::string>& name,
                                        ErrorLocation location, const Context& context) {
  const auto rows = context.pattern->builder->UnionOf(first);
  if (!rows) {
    ThrowAt(errors::COLUMN_NOT_FOUND, location,
            fmt::format("Column '{}' cannot be resolved", fmt::join(name, ".")));
  }
  const Scope* own = context.scope;
  while (own->of_lambda) own = own->parent;
  const auto matches = name.size() == 2 ? own->Matches({name[1]}) : std::vector<const Field*>();
  if (matches.size() > 1) {
    ThrowAt(errors::AMBIGUOUS_NAME, location, fmt::format("Column '{}' is ambiguous", name[1]));
  }
  if (matches.empty()) {
    const std::vector<std::string> column(name.begin() + 1, name.end());
    ThrowAt(errors::COLUMN_NOT_FOUND, location,
            fmt::format("Column {} prefixed with label {} cannot be resolved", fmt::join(column, "."),
                        CanonicalName(first)));
  }
  return PatternColumn(*matches[0], rows, location, context);
}

Typed QueryAnalyzer::OutsideOfMatch(const ast::Expression& expression, const Context& context) {
  PatternPlace place = *context.pattern;
  place.outside = true;
  PatternBuilder& builder = *place.builder;
  const size_t named = builder.named.size();
  const size_t slots = builder.program.slots.size();
  Context inside = context;
  inside.pattern = &place;
  Typed value = Expression(expression, inside);
  if (builder.named.size() > named || builder.program.slots.size() > slots || !value.aggregates.empty()) {
    throw NotAnalyzed{expression.location, "a subquery that is compared with rows of a match"};
  }
  const size_t argument = builder.Argument(value);
  if (place.aggregating != nullptr) {
    return SlotValue(value.type, expression.location, PatternProgram::ArgumentText(argument));
  }
  PatternSlot slot;
  slot.kind = Kind::kArgument;
  slot.index = argument;
  return SlotValue(value.type, expression.location, PatternProgram::SlotText(builder.Slot(slot)));
}

std::optional<Typed> QueryAnalyzer::PatternCall(const ast::Expression& expression,
                                                const ast::FunctionCall& call, const Context& context) {
  const PatternPlace& place = *context.pattern;
  const ErrorLocation location = expression.location;
  const std::string name = CallName(call);
  const bool aggregate = IsAggregate(name);
  // PatternAggregate has it analysed as any other call.
  if (place.aggregating == &call) return std::nullopt;
  if (call.star_label && (name != "count" || !call.arguments.empty())) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, call.star_label->location,
            "label.* syntax is only supported as the only argument of row pattern count function");
  }
  if (call.window) {
    ThrowAt(errors::NESTED_WINDOW, location,
            "Cannot nest window functions or row pattern measures inside pattern recognition expressions");
  }
  if (place.define && call.mode == ast::ProcessingMode::kFinal) {
    ThrowAt(errors::INVALID_PROCESSING_MODE, location, "FINAL semantics is not supported in DEFINE clause");
  }
  if (IsPatternFunction(call, name)) {
    RequirePlain(call, errors::INVALID_PATTERN_RECOGNITION_FUNCTION, "pattern recognition function",
                 location);
    if (call.mode != ast::ProcessingMode::kUnsaid && name != "first" && name != "last") {
      ThrowAt(errors::INVALID_PROCESSING_MODE, location,
              fmt::format("{} semantics is not supported with {} pattern recognition function",
                          ModeName(call.mode), name));
    }
    if (IsNavigation(name)) return PatternNavigation(expression, call, name, context);
    if (name == "classifier") return Classifier(call, location, place);
    if (!call.arguments.empty()) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
              "MATCH_NUMBER pattern recognition function takes no arguments");
    }
    const Type type = Type::Of(TypeKind::kBigint);
    if (place.aggregating != nullptr) {
      return SlotValue(type, location, PatternProgram::RowText(PatternProgram::kRowMatchNumber));
    }
    PatternSlot slot;
    slot.kind = Kind::kMatchNumber;
    return SlotValue(type, location, PatternProgram::SlotText(place.builder->Slot(slot)));
  }
  if (aggregate) return PatternAggregate(expression, call, context);
  if (call.mode != ast::ProcessingMode::kUnsaid) {
    ThrowAt(errors::INVALID_PROCESSING_MODE, location,
            fmt::format("{} semantics is supported only for FIRST(), LAST() and aggregation functions. "
                        "Actual: {}",
                        ModeName(call.mode), name));
  }
  return std::nullopt;
}

Typed QueryAnalyzer::PatternNavigation(const ast::Expression& expression, const ast::FunctionCall& call,
                                       const std::string& name, const Context& context) {
  const bool logical = name == "first" || name == "last";
  const int64_t offset = OffsetOf(call, logical ? 0 : 1, expression.location);
  CheckNesting(expression, name, *context.pattern);
  PatternPlace place = *context.pattern;
  place.navigating = &call;
  if (logical) {
    place.navigation.from_first = name == "first";
    place.navigation.final_rows = call.mode == ast::ProcessingMode::kFinal;
    place.navigation.logical_offset = static_cast<size_t>(offset);
  } else {
    place.navigation.physical_offset = name == "prev" ? -offset : offset;
  }
  const size_t named = place.builder->named.size();
  Context inside = context;
  inside.pattern = &place;
  Typed value = Expression(*call.arguments[0], inside);
  if (!OneUnion(call, *place.builder, named, expression.location)) {
    ThrowAt(errors::INVALID_ARGUMENTS, expression.location,
            fmt::format("Pattern navigation function '{}' must contain at least one column reference or "
                        "CLASSIFIER()",
                        CanonicalName(call.name.parts[0])));
  }
  return value;
}

Typed QueryAnalyzer::Classifier(const ast::FunctionCall& call, ErrorLocation location,
                                const PatternPlace& place) {
  if (call.arguments.size() > 1) {
    ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
            "CLASSIFIER pattern recognition function takes no arguments or 1 argument");
  }
  size_t rows = 0;
  if (!call.arguments.empty()) {
    const ast::Expression& argument = *call.arguments[0];
    const auto* name = std::get_if<ast::Identifier>(&argument.node);
    if (name == nullptr) {
      ThrowAt(errors::TYPE_MISMATCH, argument.location,
              "CLASSIFIER function argument should be primary pattern variable or subset name");
    }
    const auto found = place.builder->UnionOf(*name);
    if (!found) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, argument.location,
              fmt::format("{} is not a primary pattern variable or subset name", name->value));
    }
    rows = *found;
  }
  place.builder->named.push_back(rows);
  if (place.aggregating != nullptr) {
    return SlotValue(Type::Varchar(), location, PatternProgram::RowText(PatternProgram::kRowClassifier));
  }
  PatternSlot slot = place.navigation;
  slot.kind = Kind::kClassifier;
  slot.rows = rows;
  return SlotValue(Type::Varchar(), location, PatternProgram::SlotText(place.builder->Slot(slot)));
}

Typed QueryAnalyzer::PatternAggregate(const ast::Expression& expression, const ast::FunctionCall& call,
                                      const Context& context) {
  const ErrorLocation location = expression.location;
  PatternPlace place = *context.pattern;
  const ast::FunctionCall* around = place.aggregating != nullptr ? place.aggregating : place.navigating;
  RequirePlain(call, errors::NOT_SUPPORTED, "aggregate function in pattern recognition context", location);
  if (around != nullptr) {
    ThrowAt(errors::NESTED_AGGREGATION, location,
            fmt::format("Cannot nest {} aggregate function inside {} function", CallName(call),
                        CallName(*around)));
  }
  place.aggregating = &call;
  PatternSlot slot;
  slot.kind = Kind::kAggregate;
  slot.final_rows = call.mode == ast::ProcessingMode::kFinal;
  const size_t named = place.builder->named.size();
  Context inside = context;
  inside.pattern = &place;
  const Typed value = Call(expression, call, inside);
  if (call.star_label) {
    const auto rows = place.builder->UnionOf(*call.star_label);
    if (!rows) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, call.star_label->location,
              fmt::format("{} is not a primary pattern variable or subset name",
                          CanonicalName(*call.star_label)));
    }
    slot.rows = *rows;
  } else {
    slot.rows = OneUnion(call, *place.builder, named, location).value_or(0);
  }
  slot.aggregate = value.sql.text();
  return SlotValue(value.type, location, PatternProgram::SlotText(place.builder->Slot(std::move(slot))));
}

}  // namespace planaria::sql
