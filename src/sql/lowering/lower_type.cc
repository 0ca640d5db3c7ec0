#include <fmt/format.h>

#include "sql/error_at.h"
#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql::lowering {

namespace {

/// The number of a parameter; nothing when it is none.
std::optional<int64_t> NumberOf(const ast::TypeParameter& parameter) {
  const auto* text = std::get_if<std::string>(&parameter);
  return text == nullptr ? std::nullopt : BigintOf(*text);
}

[[noreturn]] void Unknown(ErrorLocation location, std::string_view type) {
  ThrowAt(errors::TYPE_NOT_FOUND, location, fmt::format("Unknown type: {}", type));
}

struct PlainType {
  std::string_view name;
  std::string_view duckdb;
};
constexpr PlainType kPlainTypes[] = {
    {"boolean", "BOOLEAN"}, {"tinyint", "TINYINT"},  {"smallint", "SMALLINT"},  {"integer", "INTEGER"},
    {"int", "INTEGER"},     {"bigint", "BIGINT"},    {"real", "REAL"},          {"double", "DOUBLE"},
    {"varbinary", "BLOB"},  {"date", "DATE"},        {"json", "JSON"},          {"uuid", "UUID"},
    {"ipaddress", "BLOB"},  {"hyperloglog", "BLOB"}, {"p4hyperloglog", "BLOB"}, {"setdigest", "BLOB"},
    {"tdigest", "BLOB"},    {"color", "VARCHAR"}};

}  // namespace

void DuckDbWriter::Write(const ast::DataType& type) {
  out_.Mark(type.location);
  std::visit([&](const auto& node) { Type(node, type.location); }, type.node);
}

void DuckDbWriter::Type(const ast::GenericType& type, ErrorLocation location) {
  const std::string name = NameOf(type.name);
  const auto inner = [&](size_t i) -> const ast::DataType& {
    const auto* parameter = std::get_if<ast::DataTypePtr>(&type.parameters[i]);
    if (parameter == nullptr) Unknown(location, name);
    return **parameter;
  };
  if (name == "array" && type.parameters.size() == 1) {
    Write(inner(0));
    return Put("[]");
  }
  if (name == "map" && type.parameters.size() == 2) {
    Put("MAP(");
    Write(inner(0));
    Put(", ");
    Write(inner(1));
    return Put(")");
  }
  if (name == "decimal" && type.parameters.size() <= 2) {
    const auto precision = type.parameters.empty() ? 38 : NumberOf(type.parameters[0]);
    const auto scale = type.parameters.size() < 2 ? 0 : NumberOf(type.parameters[1]);
    if (!precision || !scale) Unknown(location, name);
    if (*precision < 1 || *precision > 38) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
              fmt::format("DECIMAL precision must be in range [1, 38]: {}", *precision));
    }
    if (*scale < 0 || *scale > *precision) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
              fmt::format("DECIMAL scale must be in range [0, precision ({})]: {}", *precision, *scale));
    }
    return Put(fmt::format("DECIMAL({},{})", *precision, *scale));
  }
  if ((name == "varchar" || name == "char") && type.parameters.size() <= 1) return Put("VARCHAR");
  for (const PlainType& plain : kPlainTypes) {
    if (plain.name == name && type.parameters.empty()) return Put(plain.duckdb);
  }
  if (name == "qdigest" && type.parameters.size() == 1) return Put("BLOB");
  for (const std::string_view known : {"geometry", "sphericalgeography", "bingtile", "unknown"}) {
    if (name == known) Unsupported(location, fmt::format("The type {}", name));
  }
  Unknown(location, name);
}

void DuckDbWriter::Type(const ast::RowType& type, ErrorLocation) {
  Put("STRUCT(");
  size_t number = 0;
  Separated(type.fields, ", ", [&](const ast::RowField& field) {
    ++number;
    Put(QuoteName(field.name ? field.name->value : fmt::format("field{}", number)));
    Put(" ");
    Write(*field.type);
  });
  Put(")");
}

void DuckDbWriter::Type(const ast::DateTimeType& type, ErrorLocation location) {
  const std::optional<int64_t> precision = type.precision ? NumberOf(*type.precision) : 3;
  const bool timestamp = type.kind == ast::DateTimeType::Kind::kTimestamp;
  const std::string_view name = timestamp ? "TIMESTAMP" : "TIME";
  if (!precision) Unknown(location, LowerCase(name));
  if (*precision < 0 || *precision > 12) {
    Unknown(location, fmt::format("{}({}){}", LowerCase(name), *precision,
                                  type.with_time_zone ? " with time zone" : ""));
  }
  // What the kernel has no type for (kernel/moment.h).
  if (type.with_time_zone || *precision > 6) return Put("UHUGEINT");
  if (!timestamp) return Put("TIME");
  Put(*precision == 0 ? "TIMESTAMP_S" : *precision <= 3 ? "TIMESTAMP_MS" : "TIMESTAMP");
}

void DuckDbWriter::Type(const ast::IntervalType&, ErrorLocation) { Put("INTERVAL"); }

}  // namespace planaria::sql::lowering
