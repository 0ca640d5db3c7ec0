// ON of joins. The kernel knows no subqueries in those of outer joins.
#include <map>

#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"

namespace planaria::sql {

void AddTerms(const ast::Expression& condition, std::vector<const ast::Expression*>& terms) {
  const auto* logical = std::get_if<ast::Logical>(&condition.node);
  if (logical == nullptr || logical->op != ast::Logical::Operator::kAnd) {
    terms.push_back(&condition);
    return;
  }
  for (const auto& term : logical->terms) AddTerms(*term, terms);
}

std::vector<Typed> QueryAnalyzer::ConditionOf(const ast::Join& join, const Scope& scope,
                                              AnalyzedRelation& left, AnalyzedRelation& right) {
  const bool outer = join.kind != ast::Join::Kind::kInner && join.kind != ast::Join::Kind::kCross;
  std::vector<const ast::Expression*> terms;
  AddTerms(*join.on, terms);
  const auto both = [&] {
    Scope seen;
    seen.parent = &scope;
    seen.fields = left.columns;
    seen.fields.insert(seen.fields.end(), right.columns.begin(), right.columns.end());
    seen.of_join = outer;
    return seen;
  };
  const auto analyze = [&](const ast::Expression& term, const Scope& seen) {
    return Condition(term, {&seen, nullptr, nullptr, nullptr}, "JOIN ON");
  };
  std::vector<const ast::Expression*> with_queries;
  std::vector<Typed> values;
  {
    const Scope seen = both();
    for (const ast::Expression* term : terms) {
      const size_t before = queries_;
      values.push_back(analyze(*term, seen));
      if (outer && queries_ != before) with_queries.push_back(term);
    }
  }
  if (with_queries.empty()) return values;
  // Sides alone: nothing that they do not have is looked for further out.
  Scope named;
  for (const Scope* around = &scope; around != nullptr; around = around->parent) {
    named.named.insert(around->named.begin(), around->named.end());
  }
  std::map<const ast::Expression*, Typed> computed;
  for (AnalyzedRelation* side : {&left, &right}) {
    Scope own;
    own.parent = &named;
    own.fields = side->columns;
    own.of_join = outer;
    std::vector<Field> columns = side->columns;
    std::vector<const ast::Expression*> placed;
    for (const ast::Expression* term : with_queries) {
      if (computed.contains(term)) continue;
      try {
        const Typed value = analyze(*term, own);
        columns.push_back({{}, "", value.type, value.sql.text()});
        placed.push_back(term);
      } catch (const TrinoException& exception) {
        // It is about the other side, or both.
        if (exception.error().code.code != errors::COLUMN_NOT_FOUND.code) throw;
      }
    }
    if (placed.empty()) continue;
    *side = Derived(*side, columns, {}, "joined",
                    side == &left ? static_cast<const void*>(&join.left) : &join.right);
    const size_t first = side->columns.size() - placed.size();
    for (size_t i = 0; i < placed.size(); ++i) {
      const Field& column = side->columns[first + i];
      Typed value = Compose(column.type, placed[i]->location, {column.sql});
      value.constant = false;
      computed.emplace(placed[i], std::move(value));
    }
    side->columns.resize(first);
  }
  if (computed.empty()) return values;
  values.clear();
  const Scope seen = both();
  for (const ast::Expression* term : terms) {
    const auto found = computed.find(term);
    values.push_back(found != computed.end() ? found->second : analyze(*term, seen));
  }
  return values;
}

}  // namespace planaria::sql
