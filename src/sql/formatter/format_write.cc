#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Node(const ast::Insert& insert, int indent) {
  Put("INSERT INTO ");
  Write(insert.table);
  if (insert.columns) {
    Put(" (");
    Names(*insert.columns);
    Put(")");
  }
  Put("\n");
  Write(*insert.query, indent);
}

void SqlWriter::Node(const ast::Delete& remove, int) {
  Put("DELETE FROM ");
  Write(remove.table);
  if (!remove.where) return;
  Put(" WHERE ");
  Write(*remove.where);
}

void SqlWriter::Node(const ast::Update& update, int) {
  Put("UPDATE ");
  Write(update.table);
  Put(" SET");
  Separated(update.assignments, ",", [&](const ast::Assignment& assignment) {
    Put("\n   ");
    Write(assignment.column);
    Put(" = ");
    Write(*assignment.value);
  });
  if (!update.where) return;
  Put("\nWHERE ");
  Write(*update.where);
}

void SqlWriter::Node(const ast::Merge& merge, int indent) {
  Put("MERGE INTO ");
  Write(merge.table);
  if (merge.alias) {
    Put(" ");
    Write(*merge.alias);
  }
  Put("\n");
  PutAt(indent + 1, "USING ");
  Relation(*merge.source, indent + 2);
  Put("\n");
  PutAt(indent + 1, "ON ");
  Write(*merge.on);
  for (const ast::MergeCase& one : merge.cases) {
    const bool matched = !std::holds_alternative<ast::MergeInsert>(one.action);
    Put(matched ? "\nWHEN MATCHED" : "\nWHEN NOT MATCHED");
    if (one.condition) {
      Put(" AND ");
      Write(*one.condition);
    }
    Put("\n");
    PutAt(indent + 1, "THEN ");
    if (std::holds_alternative<ast::MergeDelete>(one.action)) Put("DELETE");
    if (const auto* update = std::get_if<ast::MergeUpdate>(&one.action)) {
      Put("UPDATE SET");
      bool first = true;
      for (const ast::Assignment& assignment : update->assignments) {
        Put("\n");
        PutAt(indent + 1, first ? "  " : ", ");
        first = false;
        Write(assignment.column);
        Put(" = ");
        Write(*assignment.value);
      }
    }
    if (const auto* insert = std::get_if<ast::MergeInsert>(&one.action)) {
      Put("INSERT ");
      if (!insert->columns.empty()) {
        Put("(");
        Names(insert->columns);
        Put(")");
      }
      Put("VALUES (");
      Expressions(insert->values);
      Put(")");
    }
  }
}

void SqlWriter::Node(const ast::Analyze& analyze, int) {
  Put("ANALYZE ");
  Write(analyze.table);
  PropertyLines(analyze.properties);
}

void SqlWriter::Node(const ast::TableExecute& execute, int) {
  Put("ALTER TABLE ");
  Write(execute.table);
  Put(" EXECUTE ");
  Write(execute.procedure);
  if (!execute.arguments.empty()) Arguments(execute.arguments);
  if (!execute.where) return;
  Put("\nWHERE ");
  Write(*execute.where);
}

}  // namespace planaria::sql::formatter
