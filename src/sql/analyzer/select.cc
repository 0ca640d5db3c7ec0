// SELECT: its columns, grouping and order.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/analyzer/literals.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/row_field.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

/// The number of a column that stands for its expression; nothing for other expressions.
std::optional<size_t> PositionOf(const ast::Expression& expression, size_t count, std::string_view clause) {
  const auto* number = std::get_if<ast::IntegerLiteral>(&expression.node);
  if (number == nullptr) return std::nullopt;
  const int64_t position = BigintOf(number->text).value_or(0);
  if (position < 1 || position > static_cast<int64_t>(count)) {
    ThrowAt(errors::INVALID_COLUMN_REFERENCE, expression.location,
            fmt::format("{} position {} is not in select list", clause, position));
  }
  return static_cast<size_t>(position);
}

/// `a.b.c`, and no field of another expression.
bool IsNameChain(const ast::Expression& expression) {
  const auto* dereference = std::get_if<ast::Dereference>(&expression.node);
  return dereference != nullptr ? IsNameChain(*dereference->base)
                                : std::holds_alternative<ast::Identifier>(expression.node);
}

[[noreturn]] void NotAggregate(const ast::Expression& expression) {
  ThrowAt(
      errors::EXPRESSION_NOT_AGGREGATE, expression.location,
      fmt::format("'{}' must be an aggregate expression or appear in GROUP BY clause", Format(expression)));
}

}  // namespace

Typed QueryAnalyzer::Condition(const ast::Expression& condition, const Context& context,
                               std::string_view clause) {
  Typed value = Expression(condition, context);
  if (value.type.Is(TypeKind::kUnknown)) value = Coerce(std::move(value), Type::Of(TypeKind::kBoolean));
  if (!value.type.Is(TypeKind::kBoolean)) {
    ThrowAt(
        errors::TYPE_MISMATCH, condition.location,
        fmt::format("{} clause must evaluate to a boolean: actual type {}", clause, value.type.ToString()));
  }
  const bool aggregates = !value.aggregates.empty() && clause != "HAVING";
  if (aggregates || !value.windows.empty()) {
    const ast::Expression& found = aggregates ? *value.aggregates[0] : *value.windows[0];
    ThrowAt(
        errors::EXPRESSION_NOT_SCALAR, condition.location,
        fmt::format("{} clause cannot contain aggregations, window functions or grouping operations: [{}]",
                    clause, Format(found)));
  }
  return value;
}

void QueryAnalyzer::StarOfRow(const ast::Expression& expression, const Context& context,
                              std::vector<SelectColumn>& columns) {
  const Typed row = Expression(expression, context);
  if (!row.type.Is(TypeKind::kRow)) {
    ThrowAt(errors::TYPE_MISMATCH, expression.location,
            fmt::format("expected expression of type Row, but {} is {}", Format(expression),
                        row.type.ToString()));
  }
  for (size_t i = 0; i < row.type.children.size(); ++i) {
    const std::string& name = row.type.field_names[i];
    columns.push_back({name, !name.empty(), FieldOfRow(row, i, expression.location)});
  }
}

void QueryAnalyzer::Star(const ast::AllColumns& all, ErrorLocation location, const Context& context,
                         std::vector<SelectColumn>& columns) {
  std::vector<std::string> relation;
  if (all.target) {
    location = all.target->location;
    const ast::Expression* base = all.target.get();
    while (const auto* dereference = std::get_if<ast::Dereference>(&base->node)) {
      relation.insert(relation.begin(), NameOf(dereference->field));
      base = dereference->base.get();
    }
    const auto* name = std::get_if<ast::Identifier>(&base->node);
    if (name == nullptr) return StarOfRow(*all.target, context, columns);
    relation.insert(relation.begin(), NameOf(*name));
  }
  bool any = false;
  const Scope* scope = context.scope;
  const auto named = [&](const Field& field) {
    return relation.size() <= field.relation.size() &&
           std::equal(relation.rbegin(), relation.rend(), field.relation.rbegin());
  };
  // `t.*` may name a relation of a query around this one.
  while (all.target && scope->parent != nullptr &&
         std::none_of(scope->fields.begin(), scope->fields.end(), named)) {
    scope = scope->parent;
  }
  const bool outer = scope != context.scope;
  for (const Field& field : scope->fields) {
    if (relation.size() > field.relation.size()) continue;
    if (!std::equal(relation.rbegin(), relation.rend(), field.relation.rbegin())) continue;
    any = true;
    if (field.hidden) continue;
    references_.push_back({scope, field.sql});
    Typed value = Compose(field.type, location, {field.sql});
    value.constant = false;
    value.ungrouped = !outer;
    columns.push_back({field.shown.empty() ? field.name : field.shown, !field.name.empty(), std::move(value),
                       field.origin});
  }
  if (any) return;
  if (all.target) return StarOfRow(*all.target, context, columns);
  ThrowAt(errors::COLUMN_NOT_FOUND, location, "SELECT * not allowed in queries without FROM clause");
}

std::vector<QueryAnalyzer::SelectColumn> QueryAnalyzer::SelectColumns(const ast::QuerySpecification& select,
                                                                      ErrorLocation location,
                                                                      const Context& context) {
  std::vector<SelectColumn> columns;
  for (const ast::SelectItem& item : select.items) {
    if (const auto* all = std::get_if<ast::AllColumns>(&item)) {
      const size_t first = columns.size();
      Star(*all, location, context, columns);
      if (!all->aliases.empty()) {
        if (all->aliases.size() != columns.size() - first) {
          ThrowAt(errors::MISMATCHED_COLUMN_ALIASES, location,
                  fmt::format("Column alias list has {} entries but relation has {} columns",
                              all->aliases.size(), columns.size() - first));
        }
        for (size_t i = 0; i < all->aliases.size(); ++i) {
          columns[first + i].name = CanonicalName(all->aliases[i]);
          columns[first + i].named = columns[first + i].aliased = true;
        }
      }
      for (size_t i = first; i < columns.size() && context.keys != nullptr; ++i) {
        if (context.keys->contains(columns[i].value.sql.text())) columns[i].value.ungrouped = false;
      }
      continue;
    }
    const auto& single = std::get<ast::SingleColumn>(item);
    const auto* name = std::get_if<ast::Identifier>(&single.expression->node);
    const auto* dereference =
        IsNameChain(*single.expression) ? std::get_if<ast::Dereference>(&single.expression->node) : nullptr;
    SelectColumn column;
    column.named = single.alias || name != nullptr || dereference != nullptr;
    if (single.alias) {
      column.name = single.alias->value;
    } else if (column.named) {
      column.name = name != nullptr ? name->value : dereference->field.value;
    }
    column.value = Expression(*single.expression, context);
    column.aliased = single.alias.has_value();
    for (const Field& field : context.scope->fields) {
      if (column.value.sql.text() == field.sql) column.origin = field.origin;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

/// What is selected, but for aggregations.
void QueryAnalyzer::GroupByAuto(const ast::QuerySpecification& select, const Context& context,
                                std::set<std::string>& keys, LoweredQuery& sql) {
  bool any = false;
  for (const SelectColumn& column : SelectColumns(select, {}, context)) {
    const Typed& value = column.value;
    if (!value.aggregates.empty() || !value.windows.empty() || value.constant) continue;
    if (any) sql.Append(", ");
    any = true;
    keys.insert(value.sql.text());
    sql.Append(value.sql);
  }
  if (!any) sql.Append("()");
}

LoweredQuery QueryAnalyzer::GroupBy(const ast::GroupBy& group_by, const ast::QuerySpecification& select,
                                    const Context& context, std::set<std::string>& keys) {
  LoweredQuery sql;
  sql.Append(" GROUP BY ");
  std::vector<SelectColumn> columns;
  const auto key = [&](const ast::Expression& expression, bool in_set) {
    sql.Mark(expression.location);
    if (std::holds_alternative<ast::IntegerLiteral>(expression.node)) {
      if (columns.empty()) columns = SelectColumns(select, expression.location, context);
      const size_t position = *PositionOf(expression, columns.size(), "GROUP BY");
      const Typed& value = columns[position - 1].value;
      keys.insert(value.sql.text());
      if (in_set) return sql.Append(value.sql);
      return sql.Append(std::to_string(position));
    }
    const Typed value = Expression(expression, context);
    if (!value.aggregates.empty() || !value.windows.empty()) {
      const auto& found = value.aggregates.empty() ? *value.windows[0] : *value.aggregates[0];
      ThrowAt(
          errors::EXPRESSION_NOT_SCALAR, expression.location,
          fmt::format(
              "GROUP BY clause cannot contain aggregations, window functions or grouping operations: [{}]",
              Format(found)));
    }
    keys.insert(value.sql.text());
    sql.Append(value.sql);
  };
  const auto list = [&](const ast::ExpressionList& expressions, bool in_set) {
    for (size_t i = 0; i < expressions.size(); ++i) {
      if (i > 0) sql.Append(", ");
      key(*expressions[i], in_set);
    }
  };
  if (group_by.distinct) return GroupByDistinct(group_by, select, context, keys);
  bool first = true;
  for (const ast::GroupingElement& element : group_by.elements) {
    if (!first) sql.Append(", ");
    first = false;
    if (const auto* simple = std::get_if<ast::SimpleGroupBy>(&element)) {
      if (simple->columns.empty()) sql.Append("()");
      list(simple->columns, false);
      continue;
    }
    const auto* sets = std::get_if<ast::GroupingSets>(&element);
    if (sets == nullptr) {
      GroupByAuto(select, context, keys, sql);
      continue;
    }
    static constexpr std::string_view kWords[] = {"GROUPING SETS (", "ROLLUP (", "CUBE ("};
    sql.Append(kWords[static_cast<size_t>(sets->kind)]);
    for (size_t i = 0; i < sets->sets.size(); ++i) {
      sql.Append(i == 0 ? "(" : ", (");
      list(sets->sets[i], true);
      sql.Append(")");
    }
    sql.Append(")");
  }
  return sql;
}

namespace {

void CheckOrderable(const Type& type, const ast::Expression& key) {
  if (IsOrderable(type)) return;
  ThrowAt(errors::TYPE_MISMATCH, key.location,
          fmt::format("Type {} is not orderable, and therefore cannot be used in ORDER BY: {}",
                      type.ToString(), Format(key)));
}

}  // namespace

std::vector<QueryAnalyzer::SortKey> QueryAnalyzer::OrderBy(const ast::QuerySpecification& select,
                                                           const ast::Query& ordered,
                                                           const std::vector<SelectColumn>& columns,
                                                           const Context& context, bool& aggregates,
                                                           std::vector<const ast::Expression*>& ungrouped) {
  std::vector<std::pair<std::string, const Typed*>> aliases;
  for (const SelectColumn& column : columns) {
    if (column.named) aliases.emplace_back(LowerCase(column.name), &column.value);
  }
  Context with_aliases = context;
  with_aliases.aliases = &aliases;
  std::vector<SortKey> keys;
  for (const ast::SortItem& item : ordered.order_by) {
    SortKey key{PositionOf(*item.key, columns.size(), "ORDER BY"), {}, SortOrder(item)};
    key.sql.Mark(item.key->location);
    if (!key.position) {
      const Typed value = Expression(*item.key, with_aliases);
      CheckOrderable(value.type, *item.key);
      aggregates = aggregates || !value.aggregates.empty();
      if (value.ungrouped) ungrouped.push_back(item.key.get());
      for (size_t i = 0; i < columns.size() && !key.position; ++i) {
        if (columns[i].value.sql.text() == value.sql.text()) key.position = i + 1;
      }
      if (!key.position && select.distinct) {
        ThrowAt(errors::EXPRESSION_NOT_IN_DISTINCT, item.key->location,
                "For SELECT DISTINCT, ORDER BY expressions must appear in select list");
      }
      if (!key.position) key.sql.Append(value.sql);
    }
    if (key.position) {
      const Typed& column = columns[*key.position - 1].value;
      CheckOrderable(column.type, *item.key);
      key.sql.Append(column.sql);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

void QueryAnalyzer::NameColumns(std::vector<SelectColumn>& columns, bool outermost,
                                AnalyzedRelation& relation) {
  std::set<std::string> used;
  for (size_t i = 0; i < columns.size(); ++i) {
    SelectColumn& column = columns[i];
    Field field{{}, column.named ? column.name : "", column.value.type, "", column.origin, column.aliased};
    std::string name = column.named ? column.name : fmt::format("_col{}", i);
    if (!outermost) {
      field.shown = field.name;
      field.name = LowerCase(field.name);
      const std::string base = LowerCase(name);
      name = base;
      for (int number = 2; !used.insert(name).second; ++number) name = fmt::format("{}_{}", base, number);
    }
    field.sql = QuoteName(name);
    relation.columns.push_back(std::move(field));
  }
}

AnalyzedRelation QueryAnalyzer::Select(const ast::QuerySpecification& select, ErrorLocation location,
                                       const Scope& query, const ast::Query* ordered, bool outermost) {
  Scope scope;
  scope.parent = &query;
  LoweredQuery from;
  size_t first = references_.size();
  Correlation correlation;
  CorrelatedColumns correlated;
  const bool joins_around = std::exchange(joins_outer_, false);
  for (const auto& one : select.from) {
    Scope lateral = scope;
    const size_t item = references_.size();
    AnalyzedRelation relation = Relation(*one, query, &lateral);
    RequireJoinable(relation, *one, true);
    const bool joined = select.from.size() > 1 && IsSubquery(*one);
    if (joined && relation.correlation.filters && NamesOuter(scope, item)) joins_outer_ = true;
    from.Append(from.text().empty() ? " FROM " : ", ");
    from.Append(relation.sql);
    scope.fields.insert(scope.fields.end(), relation.columns.begin(), relation.columns.end());
  }
  Context context{&scope, nullptr, &select.windows, nullptr};
  LoweredQuery tail;
  correlation.joins = std::exchange(joins_outer_, joins_around);
  correlation.unclear = !correlation.joins && NamesOuter(scope, first);
  if (select.where) {
    const size_t before = queries_;
    first = references_.size();
    const Typed where = Condition(*select.where, context, "WHERE");
    correlated.own = OwnColumns(scope, first);
    if (NamesOuter(scope, first)) {
      if (queries_ == before) {
        Correlate(*select.where, context, correlation, correlated);
      } else {
        correlation.unclear = true;
      }
    }
    tail.Append(" WHERE ");
    tail.Append(where.sql);
  }
  std::set<std::string> keys;
  if (select.group_by) tail.Append(GroupBy(*select.group_by, select, context, keys));
  context.keys = &keys;
  first = references_.size();
  const bool aggregates_around = std::exchange(aggregates_outer_, false);
  std::vector<SelectColumn> columns = SelectColumns(select, location, context);
  correlation.inside = std::exchange(aggregates_outer_, aggregates_around);
  correlation.columns = NamesOuter(scope, first);
  correlated.selected = OwnColumns(scope, first);
  CorrelateSelected(select, columns, keys, correlated, correlation);
  bool aggregated = select.group_by || select.having;
  std::vector<const ast::Expression*> ungrouped;
  size_t next = 0;
  for (const ast::SelectItem& item : select.items) {
    // Where `*` stands, the first of its columns tells.
    const auto* single = std::get_if<ast::SingleColumn>(&item);
    if (single == nullptr) break;
    if (columns[next].value.ungrouped) ungrouped.push_back(single->expression.get());
    ++next;
  }
  bool star_ungrouped = false;
  for (size_t i = next; i < columns.size(); ++i)
    star_ungrouped = star_ungrouped || columns[i].value.ungrouped;
  for (const SelectColumn& column : columns) aggregated = aggregated || !column.value.aggregates.empty();
  if (select.having) {
    first = references_.size();
    const Typed having = Condition(*select.having, context, "HAVING");
    if (!select.group_by && NamesOuter(scope, first)) {
      correlation.inside = true;
    } else {
      correlation.unclear = true;
    }
    if (having.ungrouped) ungrouped.push_back(select.having.get());
    tail.Append(" HAVING ");
    tail.Append(having.sql);
  }
  std::vector<SortKey> keys_of_order;
  if (ordered != nullptr) {
    first = references_.size();
    keys_of_order = OrderBy(select, *ordered, columns, context, aggregated, ungrouped);
    correlation.ordered = NamesOuter(scope, first);
    // What is equal to the last row is looked for among distinct rows.
    if (!select.distinct) tail.Append(OrderedBy(*ordered, keys_of_order));
  }
  for (const SelectColumn& column : columns) {
    for (const ast::Expression* call : column.value.aggregates) {
      if (select.group_by || !std::holds_alternative<ast::GroupingOperation>(call->node)) continue;
      ThrowAt(
          errors::MISSING_GROUP_BY, call->location,
          "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY "
          "clause");
    }
  }
  if (aggregated && !ungrouped.empty()) NotAggregate(*ungrouped[0]);
  if (aggregated && star_ungrouped) throw NotAnalyzed{location, "* in an aggregation"};

  const bool windows = std::any_of(columns.begin(), columns.end(),
                                   [](const SelectColumn& column) { return !column.value.windows.empty(); });
  if (windows && (correlation.filters || correlation.columns)) correlation.inside = true;
  correlation.aggregated = aggregated && !select.group_by;
  AnalyzedRelation relation;
  relation.correlation = correlation;
  NameColumns(columns, outermost, relation);
  relation.one_row = aggregated && !select.group_by && !select.having;
  relation.sql.Mark(location);
  relation.sql.Append(select.distinct ? "SELECT DISTINCT " : "SELECT ");
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) relation.sql.Append(", ");
    relation.sql.Append(columns[i].value.sql);
    relation.sql.Append(" AS ");
    relation.sql.Append(relation.columns[i].sql);
  }
  relation.sql.Append(from);
  relation.sql.Append(tail);
  if (select.distinct && ordered != nullptr) {
    if (ordered->limit && ordered->limit->with_ties) {
      const std::vector<Field> fields = Enclose(relation, &select);
      for (SortKey& key : keys_of_order) {
        key.sql = {};
        key.sql.Append(fields[*key.position - 1].sql);
      }
    }
    relation.sql.Append(OrderedBy(*ordered, keys_of_order));
  }
  return relation;
}

}  // namespace planaria::sql
