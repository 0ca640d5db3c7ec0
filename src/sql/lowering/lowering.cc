#include "sql/lowering/lowering.h"

#include <fmt/format.h>

#include "sql/error_at.h"
#include "sql/lowering/duckdb_writer.h"
#include "sql/statement_kind.h"

namespace planaria::sql {

void lowering::Unsupported(ErrorLocation location, std::string_view what) {
  ThrowAt(errors::NOT_SUPPORTED, location, fmt::format("{} is not supported", what));
}

LoweredQuery Lower(const ast::Statement& statement, const ast::ExpressionList& parameters) {
  lowering::DuckDbWriter writer(parameters);
  if (const auto* query = std::get_if<ast::QueryPtr>(&statement.node)) {
    writer.Write(**query);
  } else if (const auto* create = std::get_if<ast::CreateTableAs>(&statement.node)) {
    writer.Write(*create->query);
  } else if (const auto* insert = std::get_if<ast::Insert>(&statement.node)) {
    writer.Node(*insert, statement.location);
  } else if (const auto* remove = std::get_if<ast::Delete>(&statement.node)) {
    writer.Node(*remove, statement.location);
  } else if (const auto* update = std::get_if<ast::Update>(&statement.node)) {
    writer.Node(*update, statement.location);
  } else if (const auto* merge = std::get_if<ast::Merge>(&statement.node)) {
    writer.Node(*merge, statement.location);
  } else {
    lowering::Unsupported(statement.location, KindOf(statement));
  }
  return writer.Take();
}

LoweredQuery LowerInsertTarget(const ast::Insert& insert, ErrorLocation location) {
  const ast::ExpressionList none;
  lowering::DuckDbWriter writer(none);
  writer.Target(insert, location);
  return writer.Take();
}

LoweredQuery LowerExpression(const ast::Expression& expression) {
  const ast::ExpressionList none;
  lowering::DuckDbWriter writer(none);
  writer.Expression(expression);
  return writer.Take();
}

std::string LowerType(const ast::DataType& type) {
  const ast::ExpressionList none;
  lowering::DuckDbWriter writer(none);
  writer.Write(type);
  return writer.Take().text();
}

}  // namespace planaria::sql
