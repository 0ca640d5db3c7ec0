// GROUP BY DISTINCT: the grouping sets that all elements make together, each of them once.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/analyzer/query_analyzer.h"
#include "sql/number_text.h"

namespace planaria::sql {

namespace {

/// Texts of the expressions that are grouped by.
using GroupingSet = std::set<std::string>;
using Sets = std::vector<GroupingSet>;

GroupingSet Joined(GroupingSet left, const GroupingSet& right) {
  left.insert(right.begin(), right.end());
  return left;
}

/// Every set of the one with every set of the other.
Sets Crossed(const Sets& left, const Sets& right) {
  Sets crossed;
  for (const GroupingSet& one : left) {
    for (const GroupingSet& other : right) {
      GroupingSet both = Joined(one, other);
      if (std::find(crossed.begin(), crossed.end(), both) == crossed.end())
        crossed.push_back(std::move(both));
    }
  }
  return crossed;
}

/// What ROLLUP and CUBE stand for.
Sets Expanded(ast::GroupingSets::Kind kind, const Sets& written) {
  if (kind == ast::GroupingSets::Kind::kExplicit) return written;
  Sets sets = {{}};
  for (const GroupingSet& one : written) {
    if (kind == ast::GroupingSets::Kind::kRollup) {
      sets.push_back(Joined(sets.back(), one));
    } else {
      const size_t count = sets.size();
      for (size_t i = 0; i < count; ++i) sets.push_back(Joined(sets[i], one));
    }
  }
  return sets;
}

}  // namespace

LoweredQuery QueryAnalyzer::GroupByDistinct(const ast::GroupBy& group_by,
                                            const ast::QuerySpecification& select, const Context& context,
                                            std::set<std::string>& keys) {
  const auto set_of = [&](const ast::ExpressionList& expressions) {
    GroupingSet set;
    for (const ast::ExpressionPtr& expression : expressions) {
      if (std::holds_alternative<ast::IntegerLiteral>(expression->node)) {
        throw NotAnalyzed{expression->location, "a position in GROUP BY DISTINCT"};
      }
      const Typed value = Expression(*expression, context);
      if (!value.aggregates.empty() || !value.windows.empty()) {
        throw NotAnalyzed{expression->location, "an aggregation in GROUP BY DISTINCT"};
      }
      set.insert(value.sql.text());
    }
    keys.insert(set.begin(), set.end());
    return set;
  };
  Sets all = {{}};
  for (const ast::GroupingElement& element : group_by.elements) {
    if (const auto* simple = std::get_if<ast::SimpleGroupBy>(&element)) {
      all = Crossed(all, {set_of(simple->columns)});
    } else if (const auto* sets = std::get_if<ast::GroupingSets>(&element)) {
      Sets written;
      for (const ast::ExpressionList& one : sets->sets) written.push_back(set_of(one));
      all = Crossed(all, Expanded(sets->kind, written));
    } else {
      GroupingSet selected;
      for (const SelectColumn& column : SelectColumns(select, {}, context)) {
        const Typed& value = column.value;
        if (!value.aggregates.empty() || !value.windows.empty() || value.constant) continue;
        selected.insert(value.sql.text());
      }
      keys.insert(selected.begin(), selected.end());
      all = Crossed(all, {selected});
    }
  }
  LoweredQuery sql;
  sql.Append(" GROUP BY GROUPING SETS (");
  for (size_t i = 0; i < all.size(); ++i) {
    sql.Append(fmt::format("{}({})", i == 0 ? "" : ", ", fmt::join(all[i], ", ")));
  }
  sql.Append(")");
  return sql;
}

}  // namespace planaria::sql
