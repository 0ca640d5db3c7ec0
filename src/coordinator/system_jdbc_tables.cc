#include "connector/column_type.h"
#include "coordinator/catalog_listing.h"
#include "coordinator/system_tables.h"

namespace planaria::coordinator::system_tables {

namespace {

using connector::Row;
using connector::RowTable;
using duckdb::LogicalType;
using duckdb::Value;
using sql::TypeKind;

constexpr const auto& kText = LogicalType::VARCHAR;
constexpr const auto& kNumber = LogicalType::BIGINT;
constexpr const auto& kFlag = LogicalType::BOOLEAN;

Value Number(std::optional<int64_t> number) {
  return number ? Value::BIGINT(*number) : Value(LogicalType::BIGINT);
}
const Value& NoText() {
  static const Value none(LogicalType::VARCHAR);
  return none;
}
const Value& NoNumber() {
  static const Value none(LogicalType::BIGINT);
  return none;
}

/// java.sql.Types.
int64_t JdbcType(const sql::Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return 16;
    case TypeKind::kTinyint:
      return -6;
    case TypeKind::kSmallint:
      return 5;
    case TypeKind::kInteger:
      return 4;
    case TypeKind::kBigint:
      return -5;
    case TypeKind::kReal:
      return 7;
    case TypeKind::kDouble:
      return 8;
    case TypeKind::kDecimal:
      return 3;
    case TypeKind::kVarchar:
      return 12;
    case TypeKind::kChar:
      return 1;
    case TypeKind::kVarbinary:
      return -3;
    case TypeKind::kDate:
      return 91;
    case TypeKind::kTime:
      return 92;
    case TypeKind::kTimeWithTimeZone:
      return 2013;
    case TypeKind::kTimestamp:
      return 93;
    case TypeKind::kTimestampWithTimeZone:
      return 2014;
    case TypeKind::kArray:
      return 2003;
    default:
      return 2000;
  }
}

/// Characters, or digits.
std::optional<int64_t> ColumnSize(const sql::Type& type) {
  switch (type.kind) {
    case TypeKind::kTinyint:
      return 3;
    case TypeKind::kSmallint:
      return 5;
    case TypeKind::kInteger:
      return 10;
    case TypeKind::kBigint:
      return 19;
    case TypeKind::kReal:
      return 24;
    case TypeKind::kDouble:
      return 53;
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return type.precision;
    case TypeKind::kVarbinary:
      return sql::Type::kUnbounded;
    case TypeKind::kDate:
      return 14;
    case TypeKind::kTime:
      return type.precision == 0 ? 8 : 9 + type.precision;
    case TypeKind::kTimeWithTimeZone:
      return (type.precision == 0 ? 8 : 9 + type.precision) + 6;
    case TypeKind::kTimestamp:
      return 21 + (type.precision == 0 ? 0 : 1 + type.precision);
    case TypeKind::kTimestampWithTimeZone:
      return 55 + (type.precision == 0 ? 0 : 1 + type.precision);
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> DecimalDigits(const sql::Type& type) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return type.scale;
    case TypeKind::kTime:
    case TypeKind::kTimeWithTimeZone:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampWithTimeZone:
      return type.precision;
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> Radix(const sql::Type& type) {
  if (type.IsFloat()) return 2;
  if (type.IsNumber()) return 10;
  return std::nullopt;
}

std::optional<int64_t> OctetLength(const sql::Type& type) {
  if (type.IsText()) return type.precision;
  if (type.Is(TypeKind::kVarbinary)) return sql::Type::kUnbounded;
  return std::nullopt;
}

std::shared_ptr<const connector::Table> CatalogsTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(Columns({{"table_cat", kText}}), [&database](duckdb::ClientContext&) {
    std::vector<Row> rows;
    ForEachCatalog(database, [&](const std::string& catalog, const connector::Connector&) {
      rows.push_back({Text(catalog)});
    });
    return rows;
  });
}

std::shared_ptr<const connector::Table> SchemasTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(
      Columns({{"table_schem", kText}, {"table_catalog", kText}}), [&database](duckdb::ClientContext&) {
        std::vector<Row> rows;
        ForEachCatalog(database, [&](const std::string& catalog, const connector::Connector& connector) {
          for (const std::string& schema : connector.ListSchemas()) {
            rows.push_back({Text(schema), Text(catalog)});
          }
        });
        return rows;
      });
}

std::shared_ptr<const connector::Table> TableTypesTable() {
  return std::make_shared<RowTable>(Columns({{"table_type", kText}}), [](duckdb::ClientContext&) {
    return std::vector<Row>{{Text("TABLE")}, {Text("VIEW")}};
  });
}

std::shared_ptr<const connector::Table> TablesTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(
      Columns({{"table_cat", kText},
               {"table_schem", kText},
               {"table_name", kText},
               {"table_type", kText},
               {"remarks", kText},
               {"type_cat", kText},
               {"type_schem", kText},
               {"type_name", kText},
               {"self_referencing_col_name", kText},
               {"ref_generation", kText}}),
      [&database](duckdb::ClientContext& context) {
        std::vector<Row> rows;
        ForEachObject(database, context, [&](const ListedObject& object) {
          // Trino, too, keeps comments to system.metadata.table_comments.
          rows.push_back({Text(object.catalog), Text(object.schema), Text(object.name),
                          Text(object.is_view ? "VIEW" : "TABLE"), NoText(), NoText(), NoText(), NoText(),
                          NoText(), NoText()});
        });
        return rows;
      });
}

Row ColumnRow(const ListedObject& object, const connector::Column& column, int64_t position) {
  const auto type = connector::TrinoTypeOf(column).value_or(sql::Type());
  return {Text(object.catalog),
          Text(object.schema),
          Text(object.name),
          Text(column.name),
          Number(JdbcType(type)),
          Text(connector::ColumnTypeName(column)),
          Number(ColumnSize(type)),
          Number(0),
          Number(DecimalDigits(type)),
          Number(Radix(type)),
          Number(column.nullable ? 1 : 0),
          OptionalText(column.comment),
          NoText(),
          NoNumber(),
          NoNumber(),
          Number(OctetLength(type)),
          Number(position),
          Text(column.nullable ? "YES" : "NO"),
          NoText(),
          NoText(),
          NoText(),
          NoNumber(),
          NoText(),
          NoText()};
}

std::shared_ptr<const connector::Table> ColumnsTable(duckdb::DatabaseInstance& database) {
  return std::make_shared<RowTable>(
      Columns({{"table_cat", kText},           {"table_schem", kText},        {"table_name", kText},
               {"column_name", kText},         {"data_type", kNumber},        {"type_name", kText},
               {"column_size", kNumber},       {"buffer_length", kNumber},    {"decimal_digits", kNumber},
               {"num_prec_radix", kNumber},    {"nullable", kNumber},         {"remarks", kText},
               {"column_def", kText},          {"sql_data_type", kNumber},    {"sql_datetime_sub", kNumber},
               {"char_octet_length", kNumber}, {"ordinal_position", kNumber}, {"is_nullable", kText},
               {"scope_catalog", kText},       {"scope_schema", kText},       {"scope_table", kText},
               {"source_data_type", kNumber},  {"is_autoincrement", kText},   {"is_generatedcolumn", kText}}),
      [&database](duckdb::ClientContext& context) {
        std::vector<Row> rows;
        ForEachObject(database, context, [&](const ListedObject& object) {
          int64_t position = 0;
          for (const connector::Column& column : object.columns) {
            if (!column.hidden) rows.push_back(ColumnRow(object, column, ++position));
          }
        });
        return rows;
      });
}

/// A type without parameters as JDBC describes it, or one of a family that has them.
Row TypeRow(const std::string& name, const std::optional<sql::Type>& plain) {
  const bool scalar = plain.has_value();
  return {Text(name),
          Number(plain             ? JdbcType(*plain)
                 : name == "array" ? 2003
                                   : 2000),
          Number(plain ? ColumnSize(*plain) : std::nullopt), NoText(), NoText(), NoText(), Number(1),
          Value::BOOLEAN(false),
          // typeSearchable, typePredNone
          Number(scalar ? 3 : 0), Value(LogicalType::BOOLEAN), Value::BOOLEAN(false),
          Value(LogicalType::BOOLEAN), NoText(), Number(0), Number(0), NoNumber(), NoNumber(),
          Number(plain ? Radix(*plain) : std::nullopt)};
}

std::shared_ptr<const connector::Table> TypesTable() {
  return std::make_shared<RowTable>(
      Columns({{"type_name", kText},
               {"data_type", kNumber},
               {"precision", kNumber},
               {"literal_prefix", kText},
               {"literal_suffix", kText},
               {"create_params", kText},
               {"nullable", kNumber},
               {"case_sensitive", kFlag},
               {"searchable", kNumber},
               {"unsigned_attribute", kFlag},
               {"fixed_prec_scale", kFlag},
               {"auto_increment", kFlag},
               {"local_type_name", kText},
               {"minimum_scale", kNumber},
               {"maximum_scale", kNumber},
               {"sql_data_type", kNumber},
               {"sql_datetime_sub", kNumber},
               {"num_prec_radix", kNumber}}),
      [](duckdb::ClientContext&) {
        std::vector<Row> rows;
        for (const TypeKind kind : {TypeKind::kUnknown,
                                    TypeKind::kBoolean,
                                    TypeKind::kTinyint,
                                    TypeKind::kSmallint,
                                    TypeKind::kInteger,
                                    TypeKind::kBigint,
                                    TypeKind::kReal,
                                    TypeKind::kDouble,
                                    TypeKind::kVarbinary,
                                    TypeKind::kDate,
                                    TypeKind::kIntervalYearToMonth,
                                    TypeKind::kIntervalDayToSecond,
                                    TypeKind::kJson,
                                    TypeKind::kUuid,
                                    TypeKind::kIpAddress,
                                    TypeKind::kColor,
                                    TypeKind::kHyperLogLog,
                                    TypeKind::kP4HyperLogLog,
                                    TypeKind::kSetDigest,
                                    TypeKind::kTdigest}) {
          const auto type = sql::Type::Of(kind);
          rows.push_back(TypeRow(type.ToString(), type));
        }
        for (const char* family : {"array", "char", "decimal", "map", "row", "time", "time with time zone",
                                   "timestamp", "timestamp with time zone", "varchar"}) {
          rows.push_back(TypeRow(family, std::nullopt));
        }
        return rows;
      });
}

}  // namespace

Tables JdbcTables(duckdb::DatabaseInstance& database) {
  return {
      {"attributes", NoRows({{"type_cat", kText},
                             {"type_schem", kText},
                             {"type_name", kText},
                             {"attr_name", kText},
                             {"data_type", kNumber},
                             {"attr_type_name", kText},
                             {"attr_size", kNumber},
                             {"decimal_digits", kNumber},
                             {"num_prec_radix", kNumber},
                             {"nullable", kNumber},
                             {"remarks", kText},
                             {"attr_def", kText},
                             {"sql_data_type", kNumber},
                             {"sql_datetime_sub", kNumber},
                             {"char_octet_length", kNumber},
                             {"ordinal_position", kNumber},
                             {"is_nullable", kText},
                             {"scope_catalog", kText},
                             {"scope_schema", kText},
                             {"scope_table", kText},
                             {"source_data_type", kNumber}})},
      {"catalogs", CatalogsTable(database)},
      {"columns", ColumnsTable(database)},
      {"procedure_columns", NoRows({{"procedure_cat", kText},
                                    {"procedure_schem", kText},
                                    {"procedure_name", kText},
                                    {"column_name", kText},
                                    {"column_type", kNumber},
                                    {"data_type", kNumber},
                                    {"type_name", kText},
                                    {"precision", kNumber},
                                    {"length", kNumber},
                                    {"scale", kNumber},
                                    {"radix", kNumber},
                                    {"nullable", kNumber},
                                    {"remarks", kText},
                                    {"column_def", kText},
                                    {"sql_data_type", kNumber},
                                    {"sql_datetime_sub", kNumber},
                                    {"char_octet_length", kNumber},
                                    {"ordinal_position", kNumber},
                                    {"is_nullable", kText},
                                    {"specific_name", kText}})},
      {"procedures", NoRows({{"procedure_cat", kText},
                             {"procedure_schem", kText},
                             {"procedure_name", kText},
                             {"remarks", kText},
                             {"procedure_type", kNumber},
                             {"specific_name", kText}})},
      {"pseudo_columns", NoRows({{"table_cat", kText},
                                 {"table_schem", kText},
                                 {"table_name", kText},
                                 {"column_name", kText},
                                 {"data_type", kNumber},
                                 {"column_size", kNumber},
                                 {"decimal_digits", kNumber},
                                 {"num_prec_radix", kNumber},
                                 {"column_usage", kText},
                                 {"remarks", kText},
                                 {"char_octet_length", kNumber},
                                 {"is_nullable", kNumber}})},
      {"schemas", SchemasTable(database)},
      {"super_tables", NoRows({{"table_cat", kText},
                               {"table_schem", kText},
                               {"table_name", kText},
                               {"supertable_name", kText}})},
      {"super_types", NoRows({{"type_cat", kText},
                              {"type_schem", kText},
                              {"type_name", kText},
                              {"supertype_cat", kText},
                              {"supertype_schem", kText},
                              {"supertype_name", kText}})},
      {"table_types", TableTypesTable()},
      {"tables", TablesTable(database)},
      {"types", TypesTable()},
      {"udts", NoRows({{"type_cat", kText},
                       {"type_schem", kText},
                       {"type_name", kText},
                       {"class_name", kText},
                       {"data_type", kText},
                       {"remarks", kText},
                       {"base_type", kText}})},
  };
}

}  // namespace planaria::coordinator::system_tables
