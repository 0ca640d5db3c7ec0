#include "kernel/duckdb_errors.h"

#include <cctype>
#include <charconv>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"

namespace planaria::kernel {
namespace {

using duckdb::ExceptionType;
using ExtraInfo = duckdb::unordered_map<duckdb::string, duckdb::string>;

constexpr const char* kCode = "trino_code";
constexpr const char* kMessage = "trino_message";
constexpr const char* kLine = "trino_line";
constexpr const char* kColumn = "trino_column";

std::string Key(const char* name, size_t level) {
  return level == 0 ? std::string(name) : std::string(name) + "_" + std::to_string(level);
}

void Write(const Error& error, size_t level, ExtraInfo& info) {
  info[Key(kCode, level)] = std::to_string(error.code.code);
  info[Key(kMessage, level)] = error.message;
  if (error.location) {
    info[Key(kLine, level)] = std::to_string(error.location->line);
    info[Key(kColumn, level)] = std::to_string(error.location->column);
  }
}

std::string Find(const ExtraInfo& info, const std::string& key) {
  const auto entry = info.find(key);
  return entry == info.end() ? std::string() : std::string(entry->second);
}

std::optional<int64_t> FindNumber(const ExtraInfo& info, const std::string& key) {
  const std::string text = Find(info, key);
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Error> Read(const ExtraInfo& info, size_t level) {
  const auto code = FindNumber(info, Key(kCode, level));
  if (!code) return std::nullopt;
  Error error;
  error.code = ErrorCodeOf(static_cast<int32_t>(*code));
  error.message = Find(info, Key(kMessage, level));
  const auto line = FindNumber(info, Key(kLine, level));
  const auto column = FindNumber(info, Key(kColumn, level));
  if (line && column) error.location = {static_cast<int32_t>(*line), static_cast<int32_t>(*column)};
  return error;
}

/// DuckDB counts bytes from 0; Trino lines and characters from 1.
ErrorLocation LocationOf(std::string_view sql, size_t position) {
  ErrorLocation location;
  for (size_t i = 0; i < position && i < sql.size(); ++i) {
    if (sql[i] == '\n') {
      ++location.line;
      location.column = 1;
    } else if ((static_cast<unsigned char>(sql[i]) & 0xC0) != 0x80) {
      ++location.column;
    }
  }
  return location;
}

/// DuckDB appends suggestions and a picture of the query; Trino's messages end before them.
std::string FirstParagraph(const std::string& message) {
  for (const char* end : {"\n\nLINE ", "\nLINE ", "\nDid you mean", "\nCandidate", "\n\tCandidate"}) {
    const size_t at = message.find(end);
    if (at != std::string::npos) return FirstParagraph(message.substr(0, at));
  }
  return message;
}

bool Contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The text between the first pair of double quotes.
std::string Quoted(const std::string& message) {
  const size_t begin = message.find('"');
  const size_t end = begin == std::string::npos ? begin : message.find('"', begin + 1);
  return end == std::string::npos ? std::string() : message.substr(begin + 1, end - begin - 1);
}

/// The qualified name at a position of the statement, in lower case: `a."B".c` is a.b.c.
std::vector<std::string> NameAt(std::string_view sql, size_t position) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = position; i < sql.size(); ++i) {
    const auto c = static_cast<unsigned char>(sql[i]);
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.emplace_back();
    } else if (quoted || std::isalnum(c) != 0 || c == '_' || c == '$' || c >= 0x80) {
      parts.back() += static_cast<char>(std::tolower(c));
    } else {
      break;
    }
  }
  return parts;
}

/// catalog.schema.table for a table that was not found, as far as it can be told.
std::string FullTableName(const std::string& name, const StatementText& statement,
                          std::optional<size_t> position) {
  std::vector<std::string> parts;
  if (position) parts = NameAt(statement.sql, *position);
  if (parts.empty() || !duckdb::StringUtil::CIEquals(parts.back(), name)) parts = {name};
  if (parts.size() == 1 && !statement.schema.empty())
    parts.insert(parts.begin(), std::string(statement.schema));
  if (parts.size() == 2 && !statement.catalog.empty())
    parts.insert(parts.begin(), std::string(statement.catalog));
  std::string full;
  for (const std::string& part : parts) full += (full.empty() ? "" : ".") + part;
  return duckdb::StringUtil::Lower(full);
}

/// What Trino's TRY makes a NULL of.
bool CaughtByTry(const ErrorCode& code) {
  for (const ErrorCode& caught : {errors::DIVISION_BY_ZERO, errors::INVALID_CAST_ARGUMENT,
                                  errors::INVALID_FUNCTION_ARGUMENT, errors::NUMERIC_VALUE_OUT_OF_RANGE}) {
    if (caught.code == code.code) return true;
  }
  return false;
}

struct Meaning {
  ErrorCode code;
  std::string message;
};

Meaning OfCatalog(const duckdb::ErrorData& error, const std::string& message, const StatementText& statement,
                  std::optional<size_t> position) {
  const auto& info = error.ExtraInfo();
  const std::string name = Find(info, "name");
  const std::string type = Find(info, "type");
  if (type == "Table" || type == "View") {
    return {errors::TABLE_NOT_FOUND,
            "Table '" + FullTableName(name, statement, position) + "' does not exist"};
  }
  if (const size_t at = message.find(" because schema \""); at != std::string::npos) {
    return {errors::SCHEMA_NOT_FOUND, "Schema '" + Quoted(message.substr(at)) + "' does not exist"};
  }
  if (type == "Schema") return {errors::SCHEMA_NOT_FOUND, "Schema '" + name + "' does not exist"};
  if (Contains(type, "Function"))
    return {errors::FUNCTION_NOT_FOUND, "Function '" + name + "' not registered"};
  if (type == "Type") return {errors::TYPE_NOT_FOUND, "Unknown type: " + name};
  if (Contains(message, "Catalog \"") || Contains(message, "Catalog with name")) {
    const std::string catalog = Quoted(message);
    return {errors::CATALOG_NOT_FOUND, "Catalog '" + catalog + "' not found"};
  }
  if (Contains(message, "No catalog + schema named")) return {errors::SCHEMA_NOT_FOUND, message};
  if (Contains(message, "already exists")) return {errors::ALREADY_EXISTS, message};
  return {errors::NOT_FOUND, message};
}

Meaning OfBinder(const duckdb::ErrorData& error, const std::string& message) {
  const auto& info = error.ExtraInfo();
  const std::string subtype = Find(info, "error_subtype");
  if (subtype == "COLUMN_NOT_FOUND") {
    return {errors::COLUMN_NOT_FOUND, "Column '" + Find(info, "name") + "' cannot be resolved"};
  }
  if (subtype == "NO_MATCHING_FUNCTION") {
    return {errors::FUNCTION_NOT_FOUND,
            "Unexpected parameters for function " + Find(info, "name") + ": " + message};
  }
  if (subtype == "UNSUPPORTED") return {errors::NOT_SUPPORTED, message};
  if (message.starts_with("Catalog \"") && Contains(message, "does not exist")) {
    return {errors::CATALOG_NOT_FOUND, "Catalog '" + Quoted(message) + "' not found"};
  }
  if (message.starts_with("Referenced table \"") || Contains(message, "does not have a column named") ||
      (message.starts_with("Table \"") && Contains(message, "not found"))) {
    return {errors::COLUMN_NOT_FOUND, message};
  }
  if (message.starts_with("Ambiguous reference")) {
    return {errors::AMBIGUOUS_NAME, "Column '" + Quoted(message) + "' is ambiguous"};
  }
  if (message.starts_with("column \"") && Contains(message, "GROUP BY clause")) {
    return {errors::EXPRESSION_NOT_AGGREGATE,
            "'" + Quoted(message) + "' must be an aggregate expression or appear in GROUP BY clause"};
  }
  if (Contains(message, "GROUP BY clause")) return {errors::EXPRESSION_NOT_AGGREGATE, message};
  if (message.starts_with("correlated columns in window functions")) {
    return {errors::NOT_SUPPORTED, "Given correlated subquery is not supported"};
  }
  if (Contains(message, "Cannot compare values of type") || Contains(message, "Cannot mix values of type") ||
      Contains(message, "explicit cast") || Contains(message, "Cannot combine types")) {
    return {errors::TYPE_MISMATCH, message};
  }
  return {errors::GENERIC_USER_ERROR, message};
}

/// `integer addition overflow: 1 + 2147483647` of `Overflow in addition of INT32 (1 + 2147483647)!`.
std::optional<std::string> OverflowText(const std::string& message) {
  static constexpr std::string_view kBegin = "Overflow in ";
  if (!message.starts_with(kBegin)) return std::nullopt;
  if (Contains(message, "of DECIMAL(")) return "Decimal overflow";
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{" of INT8 (", "tinyint"},
                                                                             {" of INT16 (", "smallint"},
                                                                             {" of INT32 (", "integer"},
                                                                             {" of INT64 (", "bigint"}};
  for (const auto& [kernels, trinos] : kTypes) {
    const size_t type = message.find(kernels);
    const size_t end = message.rfind(')');
    if (type == std::string::npos || end == std::string::npos) continue;
    const size_t operands = type + kernels.size();
    return std::string(trinos) + " " + message.substr(kBegin.size(), type - kBegin.size()) +
           " overflow: " + message.substr(operands, end - operands);
  }
  return std::nullopt;
}

Meaning OfValue(ErrorCode code, const std::string& message) {
  if (auto overflow = OverflowText(message))
    return {errors::NUMERIC_VALUE_OUT_OF_RANGE, std::move(*overflow)};
  if (Contains(message, "ivision by zero") || Contains(message, "ivide by zero")) {
    return {errors::DIVISION_BY_ZERO, "Division by zero"};
  }
  if (message.starts_with("Invalid RANGE ") || message.starts_with("Invalid GROUPS ") ||
      message.starts_with("Invalid ROWS ")) {
    return {errors::INVALID_WINDOW_FRAME, "Window frame offset value must not be negative or null"};
  }
  if (Contains(message, "More than one row returned by a subquery")) {
    return {errors::SUBQUERY_MULTIPLE_ROWS, "Scalar sub-query has returned multiple rows"};
  }
  return {code, message};
}

Meaning MeaningOf(const duckdb::ErrorData& error, const StatementText& statement,
                  std::optional<size_t> position) {
  const std::string message = FirstParagraph(error.RawMessage());
  switch (error.Type()) {
    case ExceptionType::PARSER:
    case ExceptionType::SYNTAX:
      // Trino's grammar has had its say before (sql/parse.h): this is Trino's SQL that DuckDB does not read.
      return {errors::NOT_SUPPORTED, "This is not supported yet: " + message};
    case ExceptionType::CATALOG:
      return OfCatalog(error, message, statement, position);
    case ExceptionType::BINDER:
      return OfBinder(error, message);
    case ExceptionType::MISMATCH_TYPE:
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::UNKNOWN_TYPE:
      return {errors::TYPE_MISMATCH, message};
    case ExceptionType::DIVIDE_BY_ZERO:
      return {errors::DIVISION_BY_ZERO, "Division by zero"};
    case ExceptionType::CONVERSION:
      if (Contains(message, "out of range") ||
          Contains(message, "can't be cast because the value is out of")) {
        // Sums of integers are made in 128 bits.
        if (Contains(message, "Type INT128 ")) {
          return {errors::NUMERIC_VALUE_OUT_OF_RANGE, "bigint addition overflow"};
        }
        return {errors::NUMERIC_VALUE_OUT_OF_RANGE, message};
      }
      return {errors::INVALID_CAST_ARGUMENT, message};
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::DECIMAL:
      return OfValue(errors::NUMERIC_VALUE_OUT_OF_RANGE, message);
    case ExceptionType::INVALID_INPUT:
    case ExceptionType::EXECUTOR:
    case ExceptionType::EXPRESSION:
    case ExceptionType::PARAMETER_NOT_ALLOWED:
      return OfValue(errors::INVALID_FUNCTION_ARGUMENT, message);
    case ExceptionType::CONSTRAINT:
      return {errors::CONSTRAINT_VIOLATION, message};
    case ExceptionType::NOT_IMPLEMENTED:
      return {errors::NOT_SUPPORTED, message};
    case ExceptionType::PERMISSION:
      return {errors::PERMISSION_DENIED, message};
    case ExceptionType::INTERRUPT:
      return {errors::USER_CANCELED, "Query was canceled"};
    case ExceptionType::OUT_OF_MEMORY:
    case ExceptionType::OBJECT_SIZE:
      return {errors::EXCEEDED_LOCAL_MEMORY_LIMIT, message};
    case ExceptionType::SERIALIZATION:
      return {errors::SERIALIZATION_ERROR, message};
    default:
      return {errors::GENERIC_INTERNAL_ERROR, message};
  }
}

}  // namespace

void ThrowIntoKernel(const Error& error) {
  ExtraInfo info;
  Write(error, 0, info);
  for (size_t i = 0; i < error.suppressed.size(); ++i) Write(error.suppressed[i], i + 1, info);
  // Neither type gives up the transaction's database or the process; the kernel's TRY catches one of them.
  const ExceptionType type = CaughtByTry(error.code) ? ExceptionType::INVALID_INPUT : ExceptionType::EXECUTOR;
  throw duckdb::Exception(info, type, error.message);
}

bool CarriesTrinoError(const duckdb::ErrorData& error) { return Read(error.ExtraInfo(), 0).has_value(); }

Error LocatedError(ErrorCode code, std::string message, std::optional<size_t> position,
                   const StatementText& statement) {
  if (!position || statement.sql.empty()) return {code, std::move(message), {}, {}};
  const ErrorLocation at =
      statement.locate ? statement.locate(*position) : LocationOf(statement.sql, *position);
  return {code, "line " + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message, at, {}};
}

Error TranslateError(const duckdb::ErrorData& error, const StatementText& statement) {
  const auto& info = error.ExtraInfo();
  if (auto own = Read(info, 0)) {
    for (size_t level = 1; auto suppressed = Read(info, level); ++level) {
      own->suppressed.push_back(std::move(*suppressed));
    }
    return std::move(*own);
  }
  std::optional<size_t> position;
  if (const auto found = FindNumber(info, "position"); found && *found >= 0 && !statement.sql.empty()) {
    position = static_cast<size_t>(*found);
  }
  Meaning meaning = MeaningOf(error, statement, position);
  return LocatedError(meaning.code, std::move(meaning.message), position, statement);
}

Error TranslateException(const std::exception& exception, const StatementText& statement) {
  if (const auto* own = dynamic_cast<const TrinoException*>(&exception)) return own->error();
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return {errors::EXCEEDED_LOCAL_MEMORY_LIMIT, "Allocation failure", {}, {}};
  }
  return TranslateError(duckdb::ErrorData(exception), statement);
}

}  // namespace planaria::kernel
