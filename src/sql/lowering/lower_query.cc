#include "sql/error_at.h"
#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"
#include "sql/number_text.h"

namespace planaria::sql::lowering {

namespace {

/// Whether ORDER BY and LIMIT cannot simply be written behind the query.
bool IsClosed(const ast::Query& query) {
  return query.with || !query.order_by.empty() || query.offset || query.limit;
}

}  // namespace

void DuckDbWriter::PutName(const ast::Identifier& name) {
  out_.Mark(name.location);
  Put(QuoteName(name.value));
}

void DuckDbWriter::ColumnNames(const std::vector<ast::Identifier>& names) {
  if (names.empty()) return;
  Put("(");
  Separated(names, ", ", [&](const auto& name) { PutName(name); });
  Put(")");
}

void DuckDbWriter::Parenthesized(const ast::Query& query) {
  Put("(");
  Write(query);
  Put(")");
}

void DuckDbWriter::Write(const ast::Query& query) {
  if (!query.session.empty()) Unsupported(query.location, "WITH SESSION");
  if (!query.functions.empty()) Unsupported(query.location, "WITH FUNCTION");
  out_.Mark(query.location);
  if (query.with) With(*query.with);
  const auto* inner = std::get_if<ast::QueryPtr>(&query.body->node);
  if (inner != nullptr && IsClosed(**inner) && IsClosed(query)) Put("SELECT * FROM ");
  Body(*query.body);
  if (query.limit && query.limit->with_ties) return WithTies(query);
  OrderBy(query.order_by);
  if (query.limit && !(query.limit->count && query.limit->count->text == "ALL")) {
    Put(" LIMIT ");
    const ast::RowCount one{"1"};
    RowCount(query.limit->count ? *query.limit->count : one);
  }
  if (!query.offset) return;
  Put(" OFFSET ");
  RowCount(*query.offset);
}

void DuckDbWriter::RowCount(const ast::RowCount& count) {
  if (count.text == "?") return Expression(*parameters_.at(count.parameter));
  Put(std::to_string(BigintOf(count.text).value_or(0)));
}

void DuckDbWriter::With(const ast::With& with) {
  Put(with.recursive ? "WITH RECURSIVE " : "WITH ");
  Separated(with.queries, ", ", [&](const ast::WithQuery& named) {
    PutName(named.name);
    ColumnNames(named.columns);
    Put(" AS ");
    Parenthesized(*named.query);
  });
  Put(" ");
}

void DuckDbWriter::Body(const ast::QueryBody& body) {
  out_.Mark(body.location);
  std::visit([&](const auto& node) { Node(node, body.location); }, body.node);
}

void DuckDbWriter::Node(const ast::QueryPtr& query, ErrorLocation) { Parenthesized(*query); }

void DuckDbWriter::Node(const ast::TableQuery& table, ErrorLocation) {
  Put("SELECT * FROM ");
  Table(table.name);
}

void DuckDbWriter::Node(const ast::Values& values, ErrorLocation) {
  Put("VALUES ");
  Separated(values.rows, ", ", [&](const ast::ExpressionPtr& row) {
    Put("(");
    if (const auto* columns = std::get_if<ast::RowConstructor>(&row->node)) {
      Expressions(columns->values);
    } else {
      Expression(*row);
    }
    Put(")");
  });
}

/// INTERSECT binds more tightly than the other two, which go from left to right.
void DuckDbWriter::Operand(const ast::QueryBody& operand, const ast::SetOperation& operation, bool right) {
  const auto* inner = std::get_if<ast::SetOperation>(&operand.node);
  const bool parentheses = inner != nullptr && (right || inner->kind != operation.kind);
  if (parentheses) Put("(");
  Body(operand);
  if (parentheses) Put(")");
}

void DuckDbWriter::Node(const ast::SetOperation& operation, ErrorLocation location) {
  static constexpr std::string_view kWords[] = {" UNION ", " INTERSECT ", " EXCEPT "};
  if (operation.corresponding) Unsupported(location, "CORRESPONDING");
  Operand(*operation.left, operation, false);
  Put(kWords[static_cast<size_t>(operation.kind)]);
  if (operation.all) Put("ALL ");
  Operand(*operation.right, operation, true);
}

void DuckDbWriter::Item(const ast::SingleColumn& column) {
  Expression(*column.expression);
  if (!column.alias) return;
  Put(" AS ");
  PutName(*column.alias);
}

void DuckDbWriter::Item(const ast::AllColumns& all) {
  if (all.target) {
    if (!all.aliases.empty()) Unsupported(all.target->location, "Column aliases of .*");
    Expression(*all.target);
    Put(".");
  }
  Put("*");
}

void DuckDbWriter::GroupBy(const ast::GroupBy& group_by, ErrorLocation location) {
  const auto set = [&](const ast::ExpressionList& columns) {
    Put("(");
    Expressions(columns);
    Put(")");
  };
  if (group_by.distinct && group_by.elements.size() > 1) Unsupported(location, "GROUP BY DISTINCT");
  Put(" GROUP BY ");
  Separated(group_by.elements, ", ", [&](const ast::GroupingElement& element) {
    if (std::holds_alternative<ast::AutoGroupBy>(element)) return Put("ALL");
    if (const auto* simple = std::get_if<ast::SimpleGroupBy>(&element)) {
      return simple->columns.empty() ? Put("()") : Expressions(simple->columns);
    }
    static constexpr std::string_view kWords[] = {"GROUPING SETS (", "ROLLUP (", "CUBE ("};
    const auto& sets = std::get<ast::GroupingSets>(element);
    Put(kWords[static_cast<size_t>(sets.kind)]);
    Separated(sets.sets, ", ", set);
    Put(")");
  });
}

void DuckDbWriter::Node(const ast::QuerySpecification& select, ErrorLocation location) {
  Put(select.distinct ? "SELECT DISTINCT " : "SELECT ");
  Separated(select.items, ", ",
            [&](const ast::SelectItem& item) { std::visit([&](const auto& one) { Item(one); }, item); });
  if (!select.from.empty()) {
    Put(" FROM ");
    Separated(select.from, ", ", [&](const auto& relation) { Relation(*relation); });
  }
  if (select.where) {
    Put(" WHERE ");
    Expression(*select.where);
  }
  if (select.group_by) GroupBy(*select.group_by, location);
  if (select.having) {
    Put(" HAVING ");
    Expression(*select.having);
  }
  if (select.windows.empty()) return;
  Put(" WINDOW ");
  Separated(select.windows, ", ", [&](const ast::WindowDefinition& window) {
    PutName(window.name);
    Put(" AS ");
    Specification(window.specification, window.name.location);
  });
}

void DuckDbWriter::OrderBy(const std::vector<ast::SortItem>& items) {
  if (items.empty()) return;
  Put(" ORDER BY ");
  SortItems(items);
}

void DuckDbWriter::SortItems(const std::vector<ast::SortItem>& items) {
  Separated(items, ", ", [&](const ast::SortItem& item) { SortItem(*item.key, item); });
}

void DuckDbWriter::SortItem(const ast::Expression& key, const ast::SortItem& item) {
  Expression(key);
  Put(item.descending ? " DESC" : " ASC");
  Put(item.nulls == ast::NullOrdering::kFirst ? " NULLS FIRST" : " NULLS LAST");
}

/// The rows whose rank is among the first ones.
void DuckDbWriter::WithTies(const ast::Query& query) {
  const auto* select = std::get_if<ast::QuerySpecification>(&query.body->node);
  if (query.order_by.empty()) {
    ThrowAt(errors::MISSING_ORDER_BY, query.location, "FETCH FIRST WITH TIES clause requires ORDER BY");
  }
  if (select == nullptr || select->distinct || query.offset) {
    Unsupported(query.location, "FETCH FIRST WITH TIES of this query");
  }
  // A number or a name may stand for a column of the result.
  const auto key_of = [&](const ast::Expression& key) -> const ast::Expression& {
    const auto* number = std::get_if<ast::IntegerLiteral>(&key.node);
    const auto* name = std::get_if<ast::Identifier>(&key.node);
    for (size_t i = 0; i < select->items.size(); ++i) {
      const auto* column = std::get_if<ast::SingleColumn>(&select->items[i]);
      if (column == nullptr) {
        if (number != nullptr) break;
        continue;
      }
      if (number != nullptr && BigintOf(number->text) == static_cast<int64_t>(i + 1))
        return *column->expression;
      if (name != nullptr && column->alias && NameOf(*column->alias) == NameOf(*name))
        return *column->expression;
    }
    if (number != nullptr) Unsupported(key.location, "FETCH FIRST WITH TIES ordered by this number");
    return key;
  };
  Put(" QUALIFY rank() OVER (ORDER BY ");
  Separated(query.order_by, ", ", [&](const ast::SortItem& item) { SortItem(key_of(*item.key), item); });
  Put(") <= ");
  const ast::RowCount one{"1"};
  RowCount(query.limit->count ? *query.limit->count : one);
  OrderBy(query.order_by);
}

}  // namespace planaria::sql::lowering
