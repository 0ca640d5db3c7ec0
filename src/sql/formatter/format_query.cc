#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

/// Inside an expression the text begins at the margin again.
void SqlWriter::Subquery(const ast::Query& query) {
  Put("(");
  Write(query, 0);
  Put(")");
}

void SqlWriter::Parenthesized(const ast::Query& query, int indent) {
  Put("(\n");
  Write(query, indent + 1);
  PutAt(indent, ") ");
}

void SqlWriter::Write(const ast::Query& query, int indent) {
  if (!query.session.empty()) {
    PutAt(indent, "WITH SESSION\n");
    Separated(query.session, ",\n", [&](const ast::SessionProperty& property) {
      PutAt(indent + 1, "");
      Write(property.name);
      Put(" = ");
      Write(*property.value);
    });
    Put("\n");
  }
  if (!query.functions.empty()) {
    PutAt(indent, "WITH\n");
    Separated(query.functions, ",\n",
              [&](const auto& function) { Function(function, indent + 1, "FUNCTION "); });
    Put("\n");
  }
  if (query.with) {
    PutAt(indent, query.with->recursive ? "WITH RECURSIVE\n" : "WITH\n");
    bool first = true;
    for (const ast::WithQuery& named : query.with->queries) {
      Put(first ? "  " : ", ");
      PutAt(indent, "");
      first = false;
      Write(named.name);
      if (!named.columns.empty()) {
        Put(" (");
        Names(named.columns);
        Put(")");
      }
      Put(" AS ");
      Parenthesized(*named.query, indent);
      Put("\n");
    }
  }
  Body(*query.body, indent);
  if (!query.order_by.empty()) {
    PutAt(indent, "");
    OrderBy(query.order_by);
    Put("\n");
  }
  if (query.offset) {
    PutAt(indent, "OFFSET ");
    Put(query.offset->text);
    Put(" ROWS\n");
  }
  if (!query.limit) return;
  const ast::Limit& limit = *query.limit;
  if (!limit.fetch) {
    PutAt(indent, "LIMIT ");
    Put(limit.count->text);
    Put("\n");
    return;
  }
  PutAt(indent, "FETCH FIRST ");
  if (limit.count) {
    Put(limit.count->text);
    Put(" ROWS ");
  } else {
    Put("ROW ");
  }
  Put(limit.with_ties ? "WITH TIES\n" : "ONLY\n");
}

void SqlWriter::Body(const ast::QueryBody& body, int indent) {
  std::visit([&](const auto& node) { Node(node, indent); }, body.node);
}

void SqlWriter::Node(const ast::QueryPtr& query, int indent) { Parenthesized(*query, indent); }

void SqlWriter::Node(const ast::Values& values, int indent) {
  Put(" VALUES \n");
  bool first = true;
  for (const auto& row : values.rows) {
    PutAt(indent, first ? "  " : ", ");
    first = false;
    Write(*row);
    Put("\n");
  }
}

void SqlWriter::Node(const ast::TableQuery& table, int) {
  Put("TABLE ");
  Write(table.name);
  Put("\n");
}

void SqlWriter::Node(const ast::SetOperation& operation, int indent) {
  static constexpr std::string_view kWords[] = {"UNION ", "INTERSECT ", "EXCEPT "};
  Body(*operation.left, indent);
  Put(kWords[static_cast<size_t>(operation.kind)]);
  if (operation.all) Put("ALL ");
  if (operation.corresponding) Put("CORRESPONDING ");
  if (!operation.corresponding_by.empty()) {
    Put("BY (");
    Names(operation.corresponding_by);
    Put(") ");
  }
  Body(*operation.right, indent);
}

void SqlWriter::Item(const ast::SelectItem& item) {
  if (const auto* column = std::get_if<ast::SingleColumn>(&item)) {
    Write(*column->expression);
    if (column->alias) {
      Put(" ");
      Write(*column->alias);
    }
    return;
  }
  const auto& all = std::get<ast::AllColumns>(item);
  if (all.target) DottedBase(*all.target);
  Put("*");
  if (all.aliases.empty()) return;
  Put(" AS (");
  Names(all.aliases);
  Put(")");
}

void SqlWriter::GroupBy(const ast::GroupBy& group_by) {
  const auto set = [&](const ast::ExpressionList& columns) {
    Put("(");
    Expressions(columns);
    Put(")");
  };
  Put("GROUP BY ");
  if (group_by.distinct) Put(" DISTINCT ");
  Separated(group_by.elements, ", ", [&](const ast::GroupingElement& element) {
    if (std::holds_alternative<ast::AutoGroupBy>(element)) return Put("AUTO");
    if (const auto* simple = std::get_if<ast::SimpleGroupBy>(&element)) {
      if (simple->parenthesized) return set(simple->columns);
      return Write(*simple->columns[0]);
    }
    static constexpr std::string_view kWords[] = {"GROUPING SETS (", "ROLLUP (", "CUBE ("};
    const auto& sets = std::get<ast::GroupingSets>(element);
    Put(kWords[static_cast<size_t>(sets.kind)]);
    Separated(sets.sets, ", ", set);
    Put(")");
  });
}

void SqlWriter::Node(const ast::QuerySpecification& select, int indent) {
  PutAt(indent, select.distinct ? "SELECT DISTINCT" : "SELECT");
  if (select.items.size() == 1) {
    Put(" ");
    Item(select.items[0]);
  } else {
    bool first = true;
    for (const ast::SelectItem& item : select.items) {
      Put("\n");
      PutAt(indent, first ? "  " : ", ");
      first = false;
      Item(item);
    }
  }
  Put("\n");
  if (!select.from.empty()) {
    PutAt(indent, "FROM\n");
    bool first = true;
    for (const auto& relation : select.from) {
      if (!first) Put("\n");
      PutAt(indent, first ? "  " : ", ");
      first = false;
      Relation(*relation, indent);
    }
  }
  Put("\n");
  if (select.where) {
    PutAt(indent, "WHERE ");
    Write(*select.where);
    Put("\n");
  }
  if (select.group_by) {
    PutAt(indent, "");
    GroupBy(*select.group_by);
    Put("\n");
  }
  if (select.having) {
    PutAt(indent, "HAVING ");
    Write(*select.having);
    Put("\n");
  }
  if (select.windows.empty()) return;
  PutAt(indent, "WINDOW");
  const bool several = select.windows.size() > 1;
  Separated(select.windows, ",", [&](const ast::WindowDefinition& window) {
    if (several) {
      Put("\n");
      PutAt(indent + 1, "");
    } else {
      Put(" ");
    }
    Write(window.name);
    Put(" AS ");
    Specification(window.specification);
  });
  Put("\n");
}

}  // namespace planaria::sql::formatter
