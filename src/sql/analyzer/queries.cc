// Queries around SELECT: WITH, VALUES, set operations, order and limits.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/row_field.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

bool HasOrderOrLimit(const ast::Query& query) {
  return !query.order_by.empty() || query.offset || query.limit;
}

}  // namespace

AnalyzedQuery QueryAnalyzer::Statement(const ast::Query& query) {
  AnalyzedRelation analyzed = Query(query, nullptr, true);
  AnalyzedQuery result{std::move(analyzed.sql), {}};
  for (Field& column : analyzed.columns) {
    result.columns.push_back(
        {std::move(column.name), std::move(column.type), std::move(column.origin), column.aliased});
  }
  return result;
}

AnalyzedRelation QueryAnalyzer::Query(const ast::Query& query, const Scope* outer, bool outermost) {
  ++queries_;
  DeclareFunctions(query);
  if (query.limit) CheckFetch(query);
  Scope scope;
  scope.parent = outer;
  LoweredQuery sql;
  sql.Mark(query.location);
  if (query.with) {
    sql.Append(query.with->recursive ? "WITH RECURSIVE " : "WITH ");
    bool first = true;
    for (const ast::WithQuery& named : query.with->queries) {
      if (scope.named.contains(NameOf(named.name))) {
        ThrowAt(errors::DUPLICATE_NAMED_QUERY, named.name.location,
                fmt::format("WITH query name '{}' specified more than once", NameOf(named.name)));
      }
      if (!first) sql.Append(", ");
      first = false;
      const auto* body = std::get_if<ast::SetOperation>(&named.query->body->node);
      const bool recursive = query.with->recursive && body != nullptr &&
                             body->kind == ast::SetOperation::Kind::kUnion && !body->corresponding &&
                             !named.query->with && !HasOrderOrLimit(*named.query);
      if (recursive) {
        WithRecursive(named, scope, sql);
      } else {
        With(named, scope, sql);
      }
    }
    sql.Append(" ");
  }
  AnalyzedRelation relation = Body(*query.body, scope, &query, outermost);
  if (!std::holds_alternative<ast::QuerySpecification>(query.body->node)) {
    OrderByColumns(query, scope, relation);
  }
  sql.Append(relation.sql);
  LimitTo(query, sql);
  relation.sql = std::move(sql);
  relation.one_row = relation.one_row && !query.limit && !query.offset;
  if (query.with) relation.correlation.unclear = true;
  CorrelateLimit(query, relation.correlation);
  return relation;
}

void QueryAnalyzer::With(const ast::WithQuery& named, Scope& scope, LoweredQuery& sql) {
  AnalyzedRelation inner = Query(*named.query, &scope, false);
  NamedQuery made{Unique(NameOf(named.name), &named), std::move(inner.columns)};
  if (!named.columns.empty() && named.columns.size() != made.columns.size()) {
    ThrowAt(errors::MISMATCHED_COLUMN_ALIASES, named.name.location,
            fmt::format("WITH column alias list has {} entries but WITH query({}) has {} columns",
                        named.columns.size(), NameOf(named.name), made.columns.size()));
  }
  for (size_t i = 0; i < named.columns.size(); ++i) {
    made.columns[i].name = NameOf(named.columns[i]);
    made.columns[i].shown = named.columns[i].value;
  }
  sql.Append(QuoteName(made.sql_name));
  sql.Append(" AS (");
  sql.Append(inner.sql);
  sql.Append(")");
  scope.named.emplace(NameOf(named.name), std::move(made));
}

/// A UNION whose right side may name the query itself, as what its left side gives. Each row knows by how
/// many steps it was made; a step too many fails. As in Trino a step is not told what former ones have given:
/// UNION without ALL takes what is twice there away at the end.
void QueryAnalyzer::WithRecursive(const ast::WithQuery& named, Scope& scope, LoweredQuery& sql) {
  const auto& operation = std::get<ast::SetOperation>(named.query->body->node);
  AnalyzedRelation base = Body(*operation.left, scope, nullptr, false);
  if (named.columns.size() != base.columns.size()) {
    throw NotAnalyzed{named.name.location, "WITH RECURSIVE without column names"};
  }
  const std::string name = Unique(NameOf(named.name), &named);
  NamedQuery made{operation.all ? name : Unique("steps", &operation), std::move(base.columns)};
  const std::string steps = QuoteName(made.sql_name);
  std::vector<Type> types;
  std::string columns;
  for (size_t i = 0; i < made.columns.size(); ++i) {
    Field& column = made.columns[i];
    column = {{}, NameOf(named.columns[i]), column.type, QuoteName(NameOf(named.columns[i]))};
    column.shown = named.columns[i].value;
    types.push_back(column.type);
    columns += (i == 0 ? "" : ", ") + column.sql;
  }
  const auto* table = std::get_if<ast::TableQuery>(&operation.right->node);
  if (table != nullptr && table->name.parts.size() == 1 &&
      NameOf(table->name.parts[0]) == NameOf(named.name)) {
    ThrowAt(errors::INVALID_RECURSIVE_REFERENCE, table->name.location,
            "recursive reference outside of FROM clause of the step relation of recursion");
  }
  NamedQuery& seen = scope.named.emplace(NameOf(named.name), std::move(made)).first->second;
  AnalyzedRelation step = Body(*operation.right, scope, nullptr, false);
  seen.sql_name = name;
  for (size_t i = 0; i < types.size(); ++i) {
    if (step.columns.size() == types.size() && CanCoerce(step.columns[i].type, types[i])) continue;
    ThrowAt(errors::TYPE_MISMATCH, operation.right->location,
            "recursion step relation output types are not coercible to recursion base relation output types");
  }
  if (!seen.used) {
    sql.Append(fmt::format("{}({}) AS (", QuoteName(name), columns));
    sql.Append(base.sql);
    sql.Append(operation.all ? " UNION ALL " : " UNION ");
    sql.Append(WithCasts(std::move(step), types, &operation));
    sql.Append(")");
    return;
  }
  static constexpr std::string_view kDepth = "\"recursion depth\"";
  sql.Append(
      fmt::format("{}({}, {}) AS (SELECT \"base\".*, CAST(0 AS BIGINT) FROM (", steps, columns, kDepth));
  sql.Append(base.sql);
  sql.Append(fmt::format(
      ") AS \"base\" UNION ALL SELECT \"step\".*, trino_recursion_step(\"last\".\"depth\", {}) FROM (",
      session_.max_recursion_depth));
  sql.Append(WithCasts(std::move(step), types, &operation));
  sql.Append(fmt::format(") AS \"step\", (SELECT max({}) FROM {}) AS \"last\"(\"depth\"))", kDepth, steps));
  if (!operation.all) {
    sql.Append(fmt::format(", {} AS (SELECT DISTINCT {} FROM {})", QuoteName(name), columns, steps));
  }
}

/// `ordered`: a query whose ORDER BY a SELECT takes along.
AnalyzedRelation QueryAnalyzer::Body(const ast::QueryBody& body, const Scope& scope,
                                     const ast::Query* ordered, bool outermost) {
  if (const auto* select = std::get_if<ast::QuerySpecification>(&body.node)) {
    return Select(*select, body.location, scope, ordered, outermost);
  }
  if (const auto* values = std::get_if<ast::Values>(&body.node)) return Values(*values, scope);
  if (const auto* operation = std::get_if<ast::SetOperation>(&body.node)) {
    return SetOperation(*operation, body.location, scope, outermost);
  }
  if (const auto* table = std::get_if<ast::TableQuery>(&body.node)) {
    AnalyzedRelation relation = Table(table->name, body.location, scope, nullptr);
    std::erase_if(relation.columns, [](const Field& column) { return column.hidden; });
    LoweredQuery sql;
    for (size_t i = 0; i < relation.columns.size(); ++i) {
      Field& column = relation.columns[i];
      const std::string name = QuoteName(column.name.empty() ? fmt::format("_col{}", i) : column.name);
      sql.Append(fmt::format("{}{} AS {}", i == 0 ? "SELECT " : ", ", column.sql, name));
      column.sql = name;
    }
    sql.Append(" FROM ");
    sql.Append(relation.sql);
    relation.sql = std::move(sql);
    return relation;
  }
  const ast::Query& inner = *std::get<ast::QueryPtr>(body.node);
  AnalyzedRelation relation = Query(inner, &scope, outermost);
  const bool closed = HasOrderOrLimit(inner) || inner.with;
  LoweredQuery sql;
  if (closed && ordered != nullptr && (HasOrderOrLimit(*ordered) || ordered->with))
    sql.Append("SELECT * FROM ");
  sql.Append("(");
  sql.Append(relation.sql);
  sql.Append(")");
  relation.sql = std::move(sql);
  return relation;
}

AnalyzedRelation QueryAnalyzer::Values(const ast::Values& values, const Scope& scope) {
  const Context context{&scope, nullptr, nullptr, nullptr};
  const size_t first = references_.size();
  std::vector<std::vector<Typed>> columns;
  for (const auto& row : values.rows) {
    const auto* constructor = std::get_if<ast::RowConstructor>(&row->node);
    std::vector<Typed> cells;
    if (constructor != nullptr) {
      cells = Expressions(constructor->values, context);
    } else {
      Typed value = Expression(*row, context);
      if (value.type.Is(TypeKind::kRow)) {
        // A row is one of the table's, whatever expression it is of.
        for (size_t i = 0; i < value.type.children.size(); ++i) {
          cells.push_back(FieldOfRow(value, i, row->location));
        }
      } else {
        cells.push_back(std::move(value));
      }
    }
    if (columns.empty()) columns.resize(cells.size());
    if (columns.size() != cells.size()) {
      ThrowAt(errors::TYPE_MISMATCH, row->location, "Values rows have mismatched types");
    }
    for (size_t i = 0; i < cells.size(); ++i) columns[i].push_back(std::move(cells[i]));
  }
  AnalyzedRelation relation;
  relation.correlation.columns = NamesOuter(scope, first);
  relation.correlation.one_row = values.rows.size() == 1;
  for (size_t i = 0; i < columns.size(); ++i) {
    const Type type = Unify(columns[i], "VALUES columns", columns[i][0].location);
    const std::string name = fmt::format("_col{}", i);
    relation.columns.push_back({{}, name, type, QuoteName(name)});
  }
  relation.sql.Append("SELECT * FROM (VALUES ");
  for (size_t row = 0; row < values.rows.size(); ++row) {
    relation.sql.Append(row == 0 ? "(" : ", (");
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) relation.sql.Append(", ");
      relation.sql.Append(columns[i][row].sql);
    }
    relation.sql.Append(")");
  }
  relation.sql.Append(") AS ");
  relation.sql.Append(QuoteName(Unique("values", &values)));
  for (size_t i = 0; i < columns.size(); ++i) {
    relation.sql.Append(i == 0 ? "(" : ", ");
    relation.sql.Append(relation.columns[i].sql);
    // Trino gives these columns no name that could be used.
    relation.columns[i].name.clear();
  }
  relation.sql.Append(")");
  return relation;
}

LoweredQuery QueryAnalyzer::WithCasts(AnalyzedRelation relation, const std::vector<Type>& types,
                                      const void* node) {
  bool same = true;
  for (size_t i = 0; i < types.size(); ++i) {
    const Type& from = relation.columns[i].type;
    same = same && (from == types[i] || (SameStorage(from, types[i]) && !types[i].Is(TypeKind::kChar)));
  }
  if (same) return std::move(relation.sql);
  LoweredQuery sql;
  const std::string name = QuoteName(Unique("query", node));
  for (size_t i = 0; i < types.size(); ++i) {
    sql.Append(i == 0 ? "SELECT " : ", ");
    Typed column = Compose(relation.columns[i].type, {}, {name, ".", relation.columns[i].sql});
    sql.Append(Coerce(std::move(column), types[i]).sql);
    sql.Append(" AS " + relation.columns[i].sql);
  }
  sql.Append(" FROM (");
  sql.Append(relation.sql);
  sql.Append(") AS " + name);
  return sql;
}

AnalyzedRelation QueryAnalyzer::SetOperation(const ast::SetOperation& operation, ErrorLocation location,
                                             const Scope& scope, bool outermost) {
  static constexpr std::string_view kWords[] = {"UNION", "INTERSECT", "EXCEPT"};
  const std::string_view word = kWords[static_cast<size_t>(operation.kind)];
  AnalyzedRelation left = Body(*operation.left, scope, nullptr, outermost);
  AnalyzedRelation right = Body(*operation.right, scope, nullptr, false);
  if (operation.corresponding) KeepCorresponding(operation, location, left, right);
  if (left.columns.size() != right.columns.size()) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            fmt::format("{} query has different number of fields: {}, {}", word, left.columns.size(),
                        right.columns.size()));
  }
  std::vector<Type> types;
  for (size_t i = 0; i < left.columns.size(); ++i) {
    const auto common = CommonSuperType(left.columns[i].type, right.columns[i].type);
    if (!common) {
      ThrowAt(errors::TYPE_MISMATCH, location,
              fmt::format("column {} in {} query has incompatible types: {}, {}", i + 1, word,
                          left.columns[i].type.ToString(), right.columns[i].type.ToString()));
    }
    types.push_back(*common);
  }
  AnalyzedRelation result;
  result.correlation.unclear = true;
  result.columns = left.columns;
  for (size_t i = 0; i < types.size(); ++i) result.columns[i].type = types[i];
  const auto operand = [&](const ast::QueryBody& body, AnalyzedRelation relation, bool is_right) {
    const auto* inner = std::get_if<ast::SetOperation>(&body.node);
    const bool parentheses =
        inner != nullptr && !operation.corresponding && (is_right || inner->kind != operation.kind);
    if (parentheses) result.sql.Append("(");
    result.sql.Append(WithCasts(std::move(relation), types, &body));
    if (parentheses) result.sql.Append(")");
  };
  operand(*operation.left, std::move(left), false);
  result.sql.Append(fmt::format(" {} {}", word, operation.all ? "ALL " : ""));
  operand(*operation.right, std::move(right), true);
  return result;
}

/// Of queries that are no SELECT only the columns can be named.
void QueryAnalyzer::OrderByColumns(const ast::Query& query, const Scope& outer, AnalyzedRelation& relation) {
  const bool plain = std::all_of(query.order_by.begin(), query.order_by.end(), [](const ast::SortItem& item) {
    return std::holds_alternative<ast::IntegerLiteral>(item.key->node) ||
           std::holds_alternative<ast::Identifier>(item.key->node);
  });
  const bool ties = query.limit && query.limit->with_ties;
  if (!plain || ties) return OrderByExpressions(query, outer, relation);
  bool first = true;
  for (const ast::SortItem& item : query.order_by) {
    const auto* number = std::get_if<ast::IntegerLiteral>(&item.key->node);
    const auto* name = std::get_if<ast::Identifier>(&item.key->node);
    size_t position = 0;
    if (number != nullptr) {
      const int64_t written = BigintOf(number->text).value_or(0);
      if (written < 1 || written > static_cast<int64_t>(relation.columns.size())) {
        ThrowAt(errors::INVALID_COLUMN_REFERENCE, item.key->location,
                fmt::format("ORDER BY position {} is not in select list", written));
      }
      position = static_cast<size_t>(written);
    } else if (name != nullptr) {
      for (size_t i = 0; i < relation.columns.size(); ++i) {
        if (relation.columns[i].name.empty() || LowerCase(relation.columns[i].name) != NameOf(*name))
          continue;
        if (position != 0) {
          ThrowAt(errors::AMBIGUOUS_NAME, item.key->location,
                  fmt::format("Column '{}' is ambiguous", NameOf(*name)));
        }
        position = i + 1;
      }
      if (position == 0) {
        ThrowAt(errors::COLUMN_NOT_FOUND, item.key->location,
                fmt::format("Column '{}' cannot be resolved", NameOf(*name)));
      }
    }
    relation.sql.Append(first ? " ORDER BY " : ", ");
    first = false;
    relation.sql.Append(std::to_string(position));
    relation.sql.Append(SortOrder(item));
  }
}

std::vector<Field> QueryAnalyzer::Enclose(AnalyzedRelation& relation, const void* node) {
  const std::string name = QuoteName(Unique("query", node));
  std::vector<Field> fields;
  LoweredQuery sql;
  // Two columns may have one name.
  std::string own_names;
  for (const Field& column : relation.columns) {
    const std::string own = QuoteName(fmt::format("_col{}", fields.size()));
    own_names += (own_names.empty() ? "(" : ", ") + own;
    fields.push_back({{}, LowerCase(column.name), column.type, name + "." + own});
    sql.Append(fields.size() == 1 ? "SELECT " : ", ");
    sql.Append(fmt::format("{} AS {}", fields.back().sql, column.sql));
  }
  sql.Append(" FROM (");
  sql.Append(relation.sql);
  sql.Append(fmt::format(") AS {}{})", name, own_names));
  relation.sql = std::move(sql);
  return fields;
}

void QueryAnalyzer::OrderByExpressions(const ast::Query& query, const Scope& outer,
                                       AnalyzedRelation& relation) {
  Scope scope;
  scope.parent = &outer;
  scope.fields = Enclose(relation, &query.order_by);
  std::vector<SortKey> keys;
  for (const ast::SortItem& item : query.order_by) {
    SortKey key{std::nullopt, {}, SortOrder(item)};
    const auto* number = std::get_if<ast::IntegerLiteral>(&item.key->node);
    if (number == nullptr) {
      key.sql = Expression(*item.key, {&scope, nullptr, nullptr, nullptr}).sql;
    } else {
      const int64_t position = BigintOf(number->text).value_or(0);
      if (position < 1 || position > static_cast<int64_t>(relation.columns.size())) {
        ThrowAt(errors::INVALID_COLUMN_REFERENCE, item.key->location,
                fmt::format("ORDER BY position {} is not in select list", position));
      }
      key.position = static_cast<size_t>(position);
      key.sql.Append(scope.fields[*key.position - 1].sql);
    }
    keys.push_back(std::move(key));
  }
  relation.sql.Append(OrderedBy(query, keys));
}

void QueryAnalyzer::RowCount(const ast::RowCount& count, LoweredQuery& sql) {
  if (count.text == "?" && parameter_types_ != nullptr) {
    parameter_types_->at(count.parameter) = Type::Of(TypeKind::kBigint);
    sql.Append("1");
  } else if (count.text == "?") {
    sql.Append(Expression(*parameters_.at(count.parameter), {}).sql);
  } else {
    sql.Append(std::to_string(BigintOf(count.text).value_or(0)));
  }
}

void QueryAnalyzer::CheckFetch(const ast::Query& query) const {
  const ast::Limit& limit = *query.limit;
  if (!limit.fetch) return;
  if (limit.with_ties && query.order_by.empty()) {
    ThrowAt(errors::MISSING_ORDER_BY, limit.location, "FETCH FIRST WITH TIES clause requires ORDER BY");
  }
  if (limit.count && BigintOf(limit.count->text) == 0) {
    ThrowAt(errors::NUMERIC_VALUE_OUT_OF_RANGE, limit.location,
            "FETCH FIRST row count must be positive (actual value: 0)");
  }
}

LoweredQuery QueryAnalyzer::OrderedBy(const ast::Query& query, const std::vector<SortKey>& keys) {
  LoweredQuery sql;
  if (query.limit && query.limit->with_ties) {
    LoweredQuery window;
    for (const SortKey& key : keys) {
      window.Append(window.text().empty() ? "OVER (ORDER BY " : ", ");
      window.Append(key.sql);
      window.Append(key.order);
    }
    window.Append(")");
    sql.Append(" QUALIFY rank() ");
    sql.Append(window);
    sql.Append(" <= ");
    RowCount(query.limit->count.value_or(ast::RowCount{"1"}), sql);
    if (query.offset) {
      // Rows are counted from behind those that are skipped.
      sql.Append(" + ");
      RowCount(*query.offset, sql);
      sql.Append(" AND row_number() ");
      sql.Append(window);
      sql.Append(" > ");
      RowCount(*query.offset, sql);
    }
  }
  bool first = true;
  for (const SortKey& key : keys) {
    sql.Append(first ? " ORDER BY " : ", ");
    first = false;
    if (key.position) {
      sql.Append(std::to_string(*key.position));
    } else {
      sql.Append(key.sql);
    }
    sql.Append(key.order);
  }
  return sql;
}

void QueryAnalyzer::LimitTo(const ast::Query& query, LoweredQuery& sql) {
  if (query.limit && query.limit->with_ties) return;
  if (query.limit && !(query.limit->count && query.limit->count->text == "ALL")) {
    sql.Append(" LIMIT ");
    RowCount(query.limit->count.value_or(ast::RowCount{"1"}), sql);
  }
  if (!query.offset) return;
  sql.Append(" OFFSET ");
  RowCount(*query.offset, sql);
}

}  // namespace planaria::sql
