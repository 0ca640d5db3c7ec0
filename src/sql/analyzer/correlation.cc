#include "sql/analyzer/correlation.h"

#include <algorithm>

#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

bool IsAround(const Scope& scope, const Scope* other) {
  for (const Scope* around = scope.parent; around != nullptr; around = around->parent) {
    if (around == other) return true;
  }
  return false;
}

/// The rows of `(VALUES 1, 2)`, of a query without FROM, or without any.
std::optional<size_t> RowsOf(const ast::QuerySpecification& select) {
  if (select.from.empty()) return 1;
  if (select.from.size() > 1) return std::nullopt;
  const ast::Relation* relation = select.from[0].get();
  if (const auto* aliased = std::get_if<ast::AliasedRelation>(&relation->node)) {
    relation = aliased->relation.get();
  }
  const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation->node);
  if (subquery == nullptr) return std::nullopt;
  const ast::Query& query = *subquery->query;
  if (query.with || query.limit || query.offset) return std::nullopt;
  if (const auto* values = std::get_if<ast::Values>(&query.body->node)) return values->rows.size();
  const auto* inner = std::get_if<ast::QuerySpecification>(&query.body->node);
  const bool one = inner != nullptr && inner->from.empty() && !inner->where;
  return one ? std::optional<size_t>(1) : std::nullopt;
}

/// Whether a value that is turned into the other type is still told from all others.
bool KeepsApart(const Type& from, const Type& to) {
  if (to.IsFloat() && from != to) {
    const bool small = from.Is(TypeKind::kTinyint) || from.Is(TypeKind::kSmallint);
    const bool fits = to.Is(TypeKind::kDouble) && (from.Is(TypeKind::kInteger) || from.Is(TypeKind::kReal));
    return small || fits || from.Is(TypeKind::kUnknown);
  }
  return !(from.Is(TypeKind::kVarchar) && to.Is(TypeKind::kChar));
}

}  // namespace

void RequireJoinable(const Correlation& correlation, SubqueryUse use, bool on_true, ErrorLocation location) {
  if (correlation.unclear) return;
  const auto refuse = [&] [[noreturn]] () {
    ThrowAt(errors::NOT_SUPPORTED, location, "Given correlated subquery is not supported");
  };
  if (correlation.joins) refuse();
  const bool joined_by_keys = correlation.keys_compared && !correlation.grouping_sets;
  const bool grouped = correlation.filters && (correlation.grouped || correlation.distinct);
  switch (use) {
    case SubqueryUse::kExists:
      // What it selects does not matter.
      if ((grouped && !joined_by_keys) || correlation.count_limited) refuse();
      return;
    case SubqueryUse::kIn:
      if (correlation.filters && (correlation.grouped || correlation.aggregated)) refuse();
      break;
    case SubqueryUse::kScalar:
      if ((grouped && !joined_by_keys) || (correlation.distinct && correlation.columns)) refuse();
      break;
    case SubqueryUse::kQuantified:
    case SubqueryUse::kLateral:
      break;
  }
  const bool row_by_row = use == SubqueryUse::kScalar || use == SubqueryUse::kLateral;
  if (row_by_row && correlation.inside) refuse();
  if (correlation.aggregated) return;
  if (correlation.limited || (correlation.filters && correlation.grouping_sets)) refuse();
  if (!correlation.columns || correlation.grouped || correlation.distinct) return;
  if (!row_by_row || !correlation.one_row || !on_true) refuse();
}

bool QueryAnalyzer::NamesOuter(const Scope& scope, size_t first) const {
  return std::any_of(references_.begin() + static_cast<std::ptrdiff_t>(first), references_.end(),
                     [&](const Reference& reference) { return IsAround(scope, reference.scope); });
}

std::set<std::string> QueryAnalyzer::OwnColumns(const Scope& scope, size_t first) const {
  std::set<std::string> columns;
  for (size_t i = first; i < references_.size(); ++i) {
    if (references_[i].scope == &scope) columns.insert(references_[i].column);
  }
  return columns;
}

std::optional<std::string> QueryAnalyzer::EquatedColumn(const ast::Expression& term, const Context& context) {
  const auto* comparison = std::get_if<ast::Comparison>(&term.node);
  if (comparison == nullptr || comparison->op != ast::ComparisonOperator::kEqual) return std::nullopt;
  size_t first = references_.size();
  const Typed left = Expression(*comparison->left, context);
  const std::set<std::string> of_left = OwnColumns(*context.scope, first);
  first = references_.size();
  const Typed right = Expression(*comparison->right, context);
  const std::set<std::string> of_right = OwnColumns(*context.scope, first);
  const auto common = CommonSuperType(left.type, right.type);
  const auto is_column = [&](const Typed& value, const std::set<std::string>& own,
                             const std::set<std::string>& others) {
    return common && others.empty() && own.size() == 1 && value.sql.text() == *own.begin() &&
           KeepsApart(value.type, *common);
  };
  if (is_column(left, of_left, of_right)) return *of_left.begin();
  if (is_column(right, of_right, of_left)) return *of_right.begin();
  return std::nullopt;
}

void QueryAnalyzer::Correlate(const ast::Expression& where, const Context& context, Correlation& correlation,
                              CorrelatedColumns& columns) {
  std::vector<const ast::Expression*> terms;
  AddTerms(where, terms);
  for (const ast::Expression* term : terms) {
    const size_t first = references_.size();
    Expression(*term, context);
    if (!NamesOuter(*context.scope, first)) continue;
    correlation.filters = true;
    columns.compared.merge(OwnColumns(*context.scope, first));
    if (const auto column = EquatedColumn(*term, context)) columns.equated.insert(*column);
  }
  correlation.equated = std::includes(columns.equated.begin(), columns.equated.end(),
                                      columns.compared.begin(), columns.compared.end());
}

void QueryAnalyzer::CorrelateSelected(const ast::QuerySpecification& select,
                                      const std::vector<SelectColumn>& selected, std::set<std::string> keys,
                                      const CorrelatedColumns& columns, Correlation& correlation) {
  const auto all_equated = [&](const std::set<std::string>& some) {
    return std::includes(columns.equated.begin(), columns.equated.end(), some.begin(), some.end());
  };
  correlation.most_rows = RowsOf(select);
  const bool constant = correlation.most_rows == 1;
  correlation.one_row = constant && !select.where;
  if (select.where && constant && !correlation.filters) {
    // Whether a constant holds is not looked at, unless it is written out.
    const auto* literal = std::get_if<ast::BooleanLiteral>(&select.where->node);
    if (literal == nullptr && columns.own.empty()) correlation.unclear = true;
    if (literal != nullptr && literal->value) correlation.one_row = true;
  }
  correlation.selects_equated = all_equated(columns.selected);
  correlation.grouped = select.group_by.has_value();
  correlation.distinct = select.distinct;
  if (!select.group_by && !select.distinct) return;
  if (select.distinct) {
    for (const SelectColumn& column : selected) keys.insert(column.value.sql.text());
  }
  if (select.group_by) {
    const auto& elements = select.group_by->elements;
    const auto is_set = [](const auto& element) {
      return std::holds_alternative<ast::GroupingSets>(element);
    };
    const auto is_auto = [](const auto& element) {
      return std::holds_alternative<ast::AutoGroupBy>(element);
    };
    correlation.grouping_sets = std::any_of(elements.begin(), elements.end(), is_set);
    if (select.distinct || std::any_of(elements.begin(), elements.end(), is_auto)) correlation.unclear = true;
  }
  correlation.keys_compared = std::all_of(
      columns.compared.begin(), columns.compared.end(),
      [&](const std::string& column) { return columns.equated.contains(column) || keys.contains(column); });
  correlation.keys_equated = all_equated(keys);
}

void QueryAnalyzer::CorrelateLimit(const ast::Query& query, Correlation& correlation) {
  if (!query.limit && !query.offset) return;
  if (query.offset || !query.limit || (query.limit->count && !BigintOf(query.limit->count->text))) {
    correlation.unclear = true;
    return;
  }
  const int64_t count = query.limit->count ? *BigintOf(query.limit->count->text) : 1;
  const bool grouped = correlation.grouped || correlation.distinct;
  const bool ties = query.limit->with_ties;
  // It takes no row away.
  if (correlation.aggregated) return;
  if (!ties && !grouped && correlation.most_rows && static_cast<int64_t>(*correlation.most_rows) <= count)
    return;
  if (correlation.ordered) correlation.limited = true;
  if (!correlation.filters) return;
  correlation.count_limited = ties || !correlation.equated;
  if (ties || (grouped && !correlation.keys_compared)) {
    correlation.limited = true;
  } else if (grouped && correlation.keys_equated) {
    // There is one row at most.
  } else if (count == 1 && query.order_by.empty()) {
    correlation.limited = correlation.limited || grouped || !correlation.selects_equated;
  } else {
    correlation.limited = correlation.limited || !correlation.equated;
  }
}

}  // namespace planaria::sql
