#include <algorithm>

#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Node(const ast::FunctionCall& call) {
  if (call.mode == ast::ProcessingMode::kRunning) Put("RUNNING ");
  if (call.mode == ast::ProcessingMode::kFinal) Put("FINAL ");
  Write(call.name);
  Put("(");
  if (call.distinct) Put("DISTINCT ");
  if (call.star_label) {
    Write(*call.star_label);
    Put(".");
  }
  // count() is count(*).
  const std::string& name = call.name.parts.back().value;
  const bool counts =
      call.name.parts.size() == 1 && name.size() == 5 &&
      std::equal(name.begin(), name.end(), "count", [](char a, char b) { return (a | 0x20) == b; });
  if (call.star || (counts && call.arguments.empty())) Put("*");
  Expressions(call.arguments);
  if (!call.order_by.empty()) {
    Put(" ");
    OrderBy(call.order_by);
  }
  Put(")");
  if (call.filter) {
    Put(" FILTER (WHERE ");
    Write(*call.filter);
    Put(")");
  }
  if (call.nulls == ast::NullTreatment::kIgnore) Put(" IGNORE NULLS");
  if (call.nulls == ast::NullTreatment::kRespect) Put(" RESPECT NULLS");
  if (call.window) Over(*call.window);
}

void SqlWriter::Node(const ast::WindowMeasure& measure) {
  Write(measure.name);
  Over(*measure.window);
}

void SqlWriter::Over(const ast::Window& window) {
  Put(" OVER ");
  if (window.name) return Write(*window.name);
  Specification(window.specification);
}

void SqlWriter::Specification(const ast::WindowSpecification& window) {
  Put("(");
  bool first = true;
  const auto begin = [&] {
    if (!first) Put(" ");
    first = false;
  };
  if (window.existing) {
    begin();
    Write(*window.existing);
  }
  if (!window.partition_by.empty()) {
    begin();
    Put("PARTITION BY ");
    Expressions(window.partition_by);
  }
  if (!window.order_by.empty()) {
    begin();
    OrderBy(window.order_by);
  }
  if (window.frame) {
    begin();
    Frame(*window.frame);
  }
  Put(")");
}

void SqlWriter::Frame(const ast::WindowFrame& frame) {
  static constexpr std::string_view kUnits[] = {"RANGE", "ROWS", "GROUPS"};
  if (!frame.measures.empty()) {
    Put("MEASURES ");
    Separated(frame.measures, ", ", [&](const auto& measure) { Measure(measure); });
    Put(" ");
  }
  Put(kUnits[static_cast<size_t>(frame.unit)]);
  Put(frame.end ? " BETWEEN " : " ");
  Bound(frame.start);
  if (frame.end) {
    Put(" AND ");
    Bound(*frame.end);
  }
  if (frame.after_match) {
    Put(" ");
    Skip(*frame.after_match);
  }
  if (frame.search == ast::PatternSearch::kInitial) Put(" INITIAL");
  if (frame.search == ast::PatternSearch::kSeek) Put(" SEEK");
  if (frame.pattern) {
    Put(" PATTERN(");
    Pattern(*frame.pattern);
    Put(")");
  }
  if (!frame.subsets.empty()) {
    Put(" SUBSET ");
    Separated(frame.subsets, ", ", [&](const auto& subset) { Subset(subset); });
  }
  if (frame.definitions.empty()) return;
  Put(" DEFINE ");
  Separated(frame.definitions, ", ", [&](const auto& definition) { Definition(definition); });
}

void SqlWriter::Bound(const ast::FrameBound& bound) {
  using Kind = ast::FrameBound::Kind;
  if (bound.value) Write(*bound.value);
  switch (bound.kind) {
    case Kind::kUnboundedPreceding:
      return Put("UNBOUNDED PRECEDING");
    case Kind::kPreceding:
      return Put(" PRECEDING");
    case Kind::kCurrentRow:
      return Put("CURRENT ROW");
    case Kind::kFollowing:
      return Put(" FOLLOWING");
    case Kind::kUnboundedFollowing:
      return Put("UNBOUNDED FOLLOWING");
  }
}

void SqlWriter::Node(const ast::SpecialForm& form) {
  static constexpr std::string_view kNames[] = {"COALESCE(", "NULLIF(", "IF(", "TRY("};
  Put(kNames[static_cast<size_t>(form.kind)]);
  Expressions(form.arguments);
  Put(")");
}

void SqlWriter::Node(const ast::Cast& cast) {
  Put(cast.safe ? "TRY_CAST(" : "CAST(");
  Write(*cast.value);
  Put(" AS ");
  Write(*cast.type);
  Put(")");
}

void SqlWriter::Node(const ast::Extract& extract) {
  static constexpr std::string_view kFields[] = {
      "YEAR",   "QUARTER",         "MONTH",        "WEEK",         "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK",
      "DOW",    "DAY_OF_YEAR",     "DOY",          "YEAR_OF_WEEK", "YOW", "HOUR",         "MINUTE",
      "SECOND", "TIMEZONE_MINUTE", "TIMEZONE_HOUR"};
  Put("EXTRACT(");
  Put(kFields[static_cast<size_t>(extract.field)]);
  Put(" FROM ");
  Write(*extract.value);
  Put(")");
}

void SqlWriter::Node(const ast::Trim& trim) {
  static constexpr std::string_view kSides[] = {"BOTH ", "LEADING ", "TRAILING "};
  Put("trim(");
  Put(kSides[static_cast<size_t>(trim.side)]);
  if (trim.characters) {
    Write(*trim.characters);
    Put(" ");
  }
  Put("FROM ");
  Write(*trim.value);
  Put(")");
}

void SqlWriter::Node(const ast::CurrentTime& time) {
  static constexpr std::string_view kNames[] = {"current_date", "current_time", "current_timestamp",
                                                "localtime", "localtimestamp"};
  Put(kNames[static_cast<size_t>(time.kind)]);
  if (!time.precision) return;
  Put("(");
  Put(*time.precision);
  Put(")");
}

void SqlWriter::Node(const ast::CurrentSession& session) {
  static constexpr std::string_view kNames[] = {"CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA",
                                                "CURRENT_PATH"};
  Put(kNames[static_cast<size_t>(session.value)]);
}

void SqlWriter::Node(const ast::GroupingOperation& grouping) {
  Put("GROUPING (");
  Separated(grouping.columns, ", ", [&](const auto& column) { Write(column); });
  Put(")");
}

void SqlWriter::Node(const ast::Listagg& listagg) {
  Put("LISTAGG(");
  if (listagg.distinct) Put("DISTINCT ");
  Write(*listagg.value);
  Put(", ");
  PutString(listagg.separator);
  // Two blanks, as Trino.
  if (listagg.overflow == ast::Listagg::Overflow::kError) {
    Put(" ON OVERFLOW  ERROR");
  } else {
    Put(" ON OVERFLOW  TRUNCATE ");
    PutString(listagg.filler);
    Put(listagg.with_count ? " WITH COUNT" : " WITHOUT COUNT");
  }
  Put(") WITHIN GROUP (");
  OrderBy(listagg.within_group);
  Put(")");
  if (listagg.filter) {
    Put(" FILTER (WHERE ");
    Write(*listagg.filter);
    Put(")");
  }
  if (listagg.window) Over(*listagg.window);
}

}  // namespace planaria::sql::formatter
