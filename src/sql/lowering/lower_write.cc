#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"

namespace planaria::sql::lowering {

void DuckDbWriter::Target(const ast::Insert& insert, ErrorLocation location) {
  out_.Mark(location);
  Put("INSERT INTO ");
  Table(insert.table);
  if (insert.columns) {
    Put(" ");
    ColumnNames(*insert.columns);
  }
  Put(" ");
}

void DuckDbWriter::Node(const ast::Insert& insert, ErrorLocation location) {
  Target(insert, location);
  Write(*insert.query);
}

void DuckDbWriter::Node(const ast::Delete& remove, ErrorLocation location) {
  out_.Mark(location);
  Put("DELETE FROM ");
  Table(remove.table);
  if (!remove.where) return;
  Put(" WHERE ");
  Expression(*remove.where);
}

void DuckDbWriter::Assignments(const std::vector<ast::Assignment>& assignments) {
  Separated(assignments, ", ", [&](const ast::Assignment& assignment) {
    PutName(assignment.column);
    Put(" = ");
    Expression(*assignment.value);
  });
}

void DuckDbWriter::Node(const ast::Update& update, ErrorLocation location) {
  out_.Mark(location);
  Put("UPDATE ");
  Table(update.table);
  Put(" SET ");
  Assignments(update.assignments);
  if (!update.where) return;
  Put(" WHERE ");
  Expression(*update.where);
}

void DuckDbWriter::Node(const ast::Merge& merge, ErrorLocation location) {
  out_.Mark(location);
  Put("MERGE INTO ");
  Table(merge.table);
  if (merge.alias) {
    Put(" AS ");
    PutName(*merge.alias);
  }
  Put(" USING ");
  Relation(*merge.source);
  Put(" ON ");
  Expression(*merge.on);
  for (const ast::MergeCase& one : merge.cases) {
    const auto* insert = std::get_if<ast::MergeInsert>(&one.action);
    Put(insert != nullptr ? " WHEN NOT MATCHED" : " WHEN MATCHED");
    if (one.condition) {
      Put(" AND ");
      Expression(*one.condition);
    }
    Put(" THEN ");
    if (const auto* update = std::get_if<ast::MergeUpdate>(&one.action)) {
      Put("UPDATE SET ");
      Assignments(update->assignments);
    } else if (insert == nullptr) {
      Put("DELETE");
    } else {
      Put("INSERT ");
      ColumnNames(insert->columns);
      Put(" VALUES (");
      Expressions(insert->values);
      Put(")");
    }
  }
}

}  // namespace planaria::sql::lowering
