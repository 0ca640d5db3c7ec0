// Calls of functions, and the functions that have a syntax of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast/data_type.h"
#include "sql/ast/window.h"

namespace planaria::sql::ast {

enum class NullTreatment : uint8_t { kUnsaid, kIgnore, kRespect };
enum class ProcessingMode : uint8_t { kUnsaid, kRunning, kFinal };

/// `a || b` is concat(a, b), SUBSTRING(a FROM b) substr, POSITION(a IN b) strpos, NORMALIZE(a, NFC)
/// normalize.
struct FunctionCall {
  QualifiedName name;
  ProcessingMode mode = ProcessingMode::kUnsaid;
  bool distinct = false;
  /// `f(*)`, or `f(t.*)` with `star_label`; then there are no arguments.
  bool star = false;
  std::optional<Identifier> star_label;
  ExpressionList arguments;
  std::vector<SortItem> order_by;
  /// May be null.
  ExpressionPtr filter;
  NullTreatment nulls = NullTreatment::kUnsaid;
  /// May be null.
  WindowPtr window;
};

/// `m OVER w`, where m is a measure of the window's pattern
struct WindowMeasure {
  Identifier name;
  WindowPtr window;
};

/// COALESCE, NULLIF, IF, TRY: evaluated lazily. The number of arguments has been checked.
struct SpecialForm {
  enum class Kind : uint8_t { kCoalesce, kNullIf, kIf, kTry };
  Kind kind = Kind::kCoalesce;
  ExpressionList arguments;
};

/// CAST and TRY_CAST
struct Cast {
  ExpressionPtr value;
  DataTypePtr type;
  bool safe = false;
};

enum class ExtractField : uint8_t {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kDayOfMonth,
  kDayOfWeek,
  kDow,
  kDayOfYear,
  kDoy,
  kYearOfWeek,
  kYow,
  kHour,
  kMinute,
  kSecond,
  kTimezoneMinute,
  kTimezoneHour
};
struct Extract {
  ExtractField field = ExtractField::kYear;
  ExpressionPtr value;
};

/// `TRIM(LEADING characters FROM value)`
struct Trim {
  enum class Side : uint8_t { kBoth, kLeading, kTrailing };
  Side side = Side::kBoth;
  ExpressionPtr value;
  /// May be null.
  ExpressionPtr characters;
};

/// CURRENT_DATE, LOCALTIME(3) and so on
struct CurrentTime {
  enum class Kind : uint8_t { kDate, kTime, kTimestamp, kLocalTime, kLocalTimestamp };
  Kind kind = Kind::kTimestamp;
  std::optional<std::string> precision;
};
enum class SessionValue : uint8_t { kUser, kCatalog, kSchema, kPath };
/// CURRENT_USER and so on
struct CurrentSession {
  SessionValue value = SessionValue::kUser;
};

/// GROUPING(a, b)
struct GroupingOperation {
  std::vector<QualifiedName> columns;
};

struct Listagg {
  enum class Overflow : uint8_t { kError, kTruncate };
  bool distinct = false;
  ExpressionPtr value;
  std::string separator;
  Overflow overflow = Overflow::kError;
  /// Of kTruncate.
  std::string filler = "...";
  bool with_count = false;
  std::vector<SortItem> within_group;
  /// These two may be null.
  ExpressionPtr filter;
  WindowPtr window;
};

}  // namespace planaria::sql::ast
