#include "sql/formatter/sql_writer.h"

#include "sql/format.h"
#include "sql/parser/token.h"

namespace planaria::sql {

using formatter::SqlWriter;

namespace {

std::string WithoutTrailingBlanks(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

}  // namespace

std::string Format(const ast::Statement& statement) {
  SqlWriter writer;
  writer.Write(statement, 0);
  return WithoutTrailingBlanks(writer.Take());
}

std::string Format(const ast::Query& query) {
  SqlWriter writer;
  writer.Write(query, 0);
  return WithoutTrailingBlanks(writer.Take());
}

std::string Format(const ast::Expression& expression) {
  SqlWriter writer;
  writer.Write(expression);
  return writer.Take();
}

std::string Format(const ast::DataType& type) {
  SqlWriter writer;
  writer.Write(type);
  return writer.Take();
}

std::string FormatName(const ast::Identifier& name) {
  SqlWriter writer;
  writer.Write(name);
  return writer.Take();
}

std::string FormatName(const ast::QualifiedName& name) {
  SqlWriter writer;
  writer.Write(name);
  return writer.Take();
}

namespace formatter {

void SqlWriter::PutAt(int indent, std::string_view text) {
  out_.append(static_cast<size_t>(indent) * 3, ' ');
  Put(text);
}

void SqlWriter::PutString(std::string_view text) {
  out_ += '\'';
  for (const char c : text) out_.append(c == '\'' ? 2 : 1, c);
  out_ += '\'';
}

void SqlWriter::Write(const ast::Identifier& name) {
  if (!name.delimited && !parser::IsReservedWord(name.value)) return Put(name.value);
  out_ += '"';
  for (const char c : name.value) out_.append(c == '"' ? 2 : 1, c);
  out_ += '"';
}

void SqlWriter::Write(const ast::QualifiedName& name) {
  Separated(name.parts, ".", [&](const auto& part) { Write(part); });
}

void SqlWriter::Names(const std::vector<ast::Identifier>& names) {
  Separated(names, ", ", [&](const auto& name) { Write(name); });
}

void SqlWriter::Expressions(const ast::ExpressionList& list) {
  Separated(list, ", ", [&](const auto& expression) { Write(*expression); });
}

void SqlWriter::OrderBy(const std::vector<ast::SortItem>& items) {
  Put("ORDER BY ");
  SortItems(items);
}

void SqlWriter::SortItems(const std::vector<ast::SortItem>& items) {
  Separated(items, ", ", [&](const ast::SortItem& item) {
    Write(*item.key);
    Put(item.descending ? " DESC" : " ASC");
    if (item.nulls == ast::NullOrdering::kFirst) Put(" NULLS FIRST");
    if (item.nulls == ast::NullOrdering::kLast) Put(" NULLS LAST");
  });
}

void SqlWriter::Properties(const std::vector<ast::Property>& properties, std::string_view separator) {
  Separated(properties, separator, [&](const ast::Property& property) {
    Write(property.name);
    Put(" = ");
    if (property.value) {
      Write(*property.value);
    } else {
      Put("DEFAULT");
    }
  });
}

void SqlWriter::Write(const ast::DataType& type) {
  std::visit([&](const auto& node) { Node(node); }, type.node);
}

void SqlWriter::Parameter(const ast::TypeParameter& parameter) {
  if (const auto* number = std::get_if<std::string>(&parameter)) return Put(*number);
  Write(*std::get<ast::DataTypePtr>(parameter));
}

void SqlWriter::Node(const ast::GenericType& type) {
  Write(type.name);
  if (type.parameters.empty()) return;
  Put("(");
  Separated(type.parameters, ", ", [&](const auto& parameter) { Parameter(parameter); });
  Put(")");
}

void SqlWriter::Node(const ast::RowType& type) {
  Put("ROW(");
  Separated(type.fields, ", ", [&](const ast::RowField& field) {
    if (field.name) {
      Write(*field.name);
      Put(" ");
    }
    Write(*field.type);
  });
  Put(")");
}

void SqlWriter::Node(const ast::DateTimeType& type) {
  Put(type.kind == ast::DateTimeType::Kind::kTime ? "time" : "timestamp");
  if (type.precision) {
    Put("(");
    Parameter(*type.precision);
    Put(")");
  }
  if (type.with_time_zone) Put(" with time zone");
}

namespace {

std::string_view FieldName(ast::IntervalField field) {
  static constexpr std::string_view kNames[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
  return kNames[static_cast<size_t>(field)];
}

}  // namespace

void SqlWriter::Node(const ast::IntervalType& type) {
  Put("INTERVAL ");
  Put(FieldName(type.from));
  if (type.from == type.to) return;
  Put(" TO ");
  Put(FieldName(type.to));
}

void SqlWriter::Node(const ast::IntervalLiteral& literal) {
  Put(literal.negative ? "INTERVAL -" : "INTERVAL ");
  PutString(literal.value);
  Put(" ");
  Put(FieldName(literal.from));
  if (!literal.to) return;
  Put(" TO ");
  Put(FieldName(*literal.to));
}

}  // namespace formatter

}  // namespace planaria::sql
