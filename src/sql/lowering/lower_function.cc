#include <fmt/format.h>
#include <algorithm>

#include "sql/error_at.h"
#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql::lowering {

namespace {

struct Renaming {
  std::string_view trino;
  std::string_view duckdb;
};
/// Functions that mean the same under another name.
constexpr Renaming kRenamed[] = {{"every", "bool_and"},
                                 {"transform", "list_transform"},
                                 {"filter", "list_filter"},
                                 {"to_utf8", "encode"},
                                 {"from_utf8", "decode"},
                                 {"week_of_year", "week"},
                                 {"day_of_week", "isodow"},
                                 {"dow", "isodow"},
                                 {"day_of_month", "dayofmonth"},
                                 {"day_of_year", "dayofyear"},
                                 {"doy", "dayofyear"},
                                 {"year_of_week", "isoyear"},
                                 {"yow", "isoyear"}};

}  // namespace

void DuckDbWriter::Node(const ast::FunctionCall& call, ErrorLocation location) {
  if (call.name.parts.size() != 1) {
    ThrowAt(errors::FUNCTION_NOT_FOUND, location,
            fmt::format("Function '{}' not registered", DottedName(call.name)));
  }
  if (call.mode != ast::ProcessingMode::kUnsaid) Unsupported(location, "RUNNING and FINAL");
  const std::string name = NameOf(call.name.parts[0]);
  const size_t arguments = call.arguments.size();
  if (name == "concat" && arguments > 1 && !call.window) {
    Put("(");
    Separated(call.arguments, " || ", [&](const auto& argument) { Expression(*argument); });
    return Put(")");
  }
  if ((name == "infinity" || name == "nan") && arguments == 0) {
    return Put(fmt::format("CAST('{}' AS DOUBLE)", name));
  }
  if (name == "normalize") {
    const auto* form = arguments == 2 ? std::get_if<ast::StringLiteral>(&call.arguments[1]->node) : nullptr;
    if (form == nullptr || form->value != "NFC") Unsupported(location, "NORMALIZE to this form");
    Put("nfc_normalize(");
    Expression(*call.arguments[0]);
    return Put(")");
  }
  if (name == "approx_distinct" && arguments == 1) return Call("approx_count_distinct", call);
  const auto* renamed = std::find_if(std::begin(kRenamed), std::end(kRenamed),
                                     [&](const Renaming& one) { return one.trino == name; });
  Call(renamed == std::end(kRenamed) ? name : renamed->duckdb, call);
}

void DuckDbWriter::Call(std::string_view name, const ast::FunctionCall& call) {
  Put(QuoteName(name));
  Put("(");
  if (call.distinct) Put("DISTINCT ");
  if (call.star && call.star_label) {
    PutName(*call.star_label);
    Put(".");
  }
  if (call.star) Put("*");
  Expressions(call.arguments);
  OrderBy(call.order_by);
  if (call.nulls == ast::NullTreatment::kIgnore) Put(" IGNORE NULLS");
  Put(")");
  FilterAndWindow(call.filter, call.window);
}

void DuckDbWriter::FilterAndWindow(const ast::ExpressionPtr& filter, const ast::WindowPtr& window) {
  if (filter) {
    Put(" FILTER (WHERE ");
    Expression(*filter);
    Put(")");
  }
  if (!window) return;
  Put(" OVER ");
  if (window->name) return PutName(*window->name);
  Specification(window->specification, window->location);
}

void DuckDbWriter::Specification(const ast::WindowSpecification& window, ErrorLocation location) {
  Put("(");
  if (window.existing) PutName(*window.existing);
  if (!window.partition_by.empty()) {
    Put(" PARTITION BY ");
    Expressions(window.partition_by);
  }
  OrderBy(window.order_by);
  if (window.frame) Frame(*window.frame, location);
  Put(")");
}

void DuckDbWriter::Frame(const ast::WindowFrame& frame, ErrorLocation location) {
  static constexpr std::string_view kUnits[] = {" RANGE ", " ROWS ", " GROUPS "};
  if (frame.pattern || !frame.measures.empty()) Unsupported(location, "A row pattern in a window");
  Put(kUnits[static_cast<size_t>(frame.unit)]);
  if (!frame.end) return Bound(frame.start);
  Put("BETWEEN ");
  Bound(frame.start);
  Put(" AND ");
  Bound(*frame.end);
}

void DuckDbWriter::Bound(const ast::FrameBound& bound) {
  static constexpr std::string_view kTexts[] = {"UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW",
                                                " FOLLOWING", "UNBOUNDED FOLLOWING"};
  if (bound.value) Expression(*bound.value);
  Put(kTexts[static_cast<size_t>(bound.kind)]);
}

void DuckDbWriter::Node(const ast::WindowMeasure&, ErrorLocation location) {
  Unsupported(location, "A row pattern in a window");
}

void DuckDbWriter::Node(const ast::Extract& extract, ErrorLocation) {
  static constexpr std::string_view kFields[] = {
      "year", "quarter", "month",   "week", "day",    "day",    "isodow",          "isodow",       "doy",
      "doy",  "isoyear", "isoyear", "hour", "minute", "second", "timezone_minute", "timezone_hour"};
  Put("EXTRACT(");
  Put(kFields[static_cast<size_t>(extract.field)]);
  Put(" FROM ");
  Expression(*extract.value);
  Put(")");
}

void DuckDbWriter::Node(const ast::Trim& trim, ErrorLocation) {
  static constexpr std::string_view kNames[] = {"trim(", "ltrim(", "rtrim("};
  Put(kNames[static_cast<size_t>(trim.side)]);
  Expression(*trim.value);
  if (trim.characters) {
    Put(", ");
    Expression(*trim.characters);
  }
  Put(")");
}

void DuckDbWriter::Node(const ast::CurrentTime& time, ErrorLocation location) {
  static constexpr std::string_view kNames[] = {"current_date", "current_time", "current_timestamp",
                                                "localtime", "localtimestamp"};
  const std::string_view name = kNames[static_cast<size_t>(time.kind)];
  const auto precision = time.precision ? BigintOf(*time.precision) : 6;
  if (!precision || *precision > 6) Unsupported(location, fmt::format("{} of this precision", name));
  if (*precision == 6 || time.kind == ast::CurrentTime::Kind::kDate) return Put(name);
  if (*precision != 3 && *precision != 0) Unsupported(location, fmt::format("{} of this precision", name));
  Put(fmt::format("date_trunc('{}', {})", *precision == 3 ? "milliseconds" : "second", name));
}

void DuckDbWriter::Node(const ast::CurrentSession& session, ErrorLocation location) {
  static constexpr std::string_view kNames[] = {"current_user", "current_catalog", "current_schema"};
  if (session.value == ast::SessionValue::kPath) Unsupported(location, "CURRENT_PATH");
  Put(kNames[static_cast<size_t>(session.value)]);
}

void DuckDbWriter::Node(const ast::GroupingOperation& grouping, ErrorLocation) {
  Put("GROUPING(");
  Separated(grouping.columns, ", ", [&](const ast::QualifiedName& column) { Table(column); });
  Put(")");
}

void DuckDbWriter::Node(const ast::Listagg& listagg, ErrorLocation location) {
  if (listagg.overflow == ast::Listagg::Overflow::kTruncate) Unsupported(location, "ON OVERFLOW TRUNCATE");
  Put(listagg.distinct ? "listagg(DISTINCT " : "listagg(");
  Expression(*listagg.value);
  Put(", ");
  Put(QuoteString(listagg.separator));
  OrderBy(listagg.within_group);
  Put(")");
  FilterAndWindow(listagg.filter, listagg.window);
}

void DuckDbWriter::Node(const ast::JsonExists&, ErrorLocation location) {
  Unsupported(location, "JSON_EXISTS");
}
void DuckDbWriter::Node(const ast::JsonValue&, ErrorLocation location) {
  Unsupported(location, "JSON_VALUE");
}
void DuckDbWriter::Node(const ast::JsonQuery&, ErrorLocation location) {
  Unsupported(location, "JSON_QUERY");
}
void DuckDbWriter::Node(const ast::JsonObject&, ErrorLocation location) {
  Unsupported(location, "JSON_OBJECT");
}
void DuckDbWriter::Node(const ast::JsonArray&, ErrorLocation location) {
  Unsupported(location, "JSON_ARRAY");
}

}  // namespace planaria::sql::lowering
