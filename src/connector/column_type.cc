#include "connector/column_type.h"

#include "kernel/trino_type_name.h"

namespace planaria::connector {

namespace {

/// Type::ToString with the names of fields as they are, without quotes.
std::string DisplayName(const sql::Type& type) {
  if (type.children.empty()) return type.ToString();
  std::string parts;
  for (size_t i = 0; i < type.children.size(); ++i) {
    parts += parts.empty() ? "" : ", ";
    if (i < type.field_names.size() && !type.field_names[i].empty()) parts += type.field_names[i] + " ";
    parts += DisplayName(type.children[i]);
  }
  const std::string text = type.ToString();
  return text.substr(0, text.find('(')) + "(" + parts + ")";
}

}  // namespace

std::optional<sql::Type> TrinoTypeOf(const Column& column) {
  return column.declared ? column.declared : kernel::DeclaredTypeOf(column.type);
}

std::string ColumnTypeName(const Column& column) {
  const auto type = TrinoTypeOf(column);
  return type ? DisplayName(*type) : kernel::TrinoTypeName(column.type);
}

}  // namespace planaria::connector
