// MATCH_RECOGNIZE: a list of each partition's rows, a call of the kernel's that makes of it the list of the
// rows that go out (sql/pattern_program.h), and UNNEST of that.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sql/analyzer/aliases.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

void CheckNames(const AnalyzedRelation& input, ErrorLocation location) {
  std::set<std::string> names;
  for (const Field& field : input.columns) {
    if (field.name.empty() || names.insert(field.name).second) continue;
    ThrowAt(errors::AMBIGUOUS_NAME, location,
            fmt::format("ambiguous column: {} in row pattern input relation", field.name));
  }
}

/// The column of the input that PARTITION BY or ORDER BY names.
Field InputColumn(const ast::Expression& expression, const Scope& input) {
  std::vector<std::string> name;
  const ast::Expression* base = &expression;
  while (const auto* dereference = std::get_if<ast::Dereference>(&base->node)) {
    name.insert(name.begin(), NameOf(dereference->field));
    base = dereference->base.get();
  }
  const auto* first = std::get_if<ast::Identifier>(&base->node);
  if (first == nullptr) {
    ThrowAt(errors::INVALID_COLUMN_REFERENCE, expression.location,
            "Expected column reference. Actual: " + Format(expression));
  }
  name.insert(name.begin(), NameOf(*first));
  const auto matches = input.Matches(name);
  if (matches.size() > 1) {
    ThrowAt(errors::AMBIGUOUS_NAME, expression.location,
            fmt::format("Column '{}' is ambiguous", fmt::join(name, ".")));
  }
  if (matches.empty()) {
    ThrowAt(errors::COLUMN_NOT_FOUND, expression.location,
            fmt::format("Column {} is not present in the input relation", Format(expression)));
  }
  return *matches[0];
}

/// NULLs have a type in the kernel.
std::string StoredText(const Field& column) {
  if (!column.type.Is(TypeKind::kUnknown)) return column.sql;
  return fmt::format("CAST({} AS INTEGER)", column.sql);
}

/// The columns that go out, and how the rows that the kernel gives hold them.
class OutputColumns {
 public:
  /// `text`: a Key or OfRow.
  void Add(Field column, std::string text) {
    column.relation.clear();
    texts_.push_back(std::move(text));
    column.sql = QuoteName(fmt::format("_col{}", columns_.size()));
    columns_.push_back(std::move(column));
  }

  static std::string Key(size_t key) { return QuoteName(fmt::format("_key{}", key)); }
  /// The `index`th value of a row, from 0.
  static std::string OfRow(size_t index) { return fmt::format("struct_extract_at(\"row\", {})", index + 1); }

  std::string Select() const {
    std::string list;
    for (size_t i = 0; i < columns_.size(); ++i) {
      list += fmt::format("{}{} AS {}", i == 0 ? "" : ", ", texts_[i], columns_[i].sql);
    }
    return list;
  }

  bool empty() const { return columns_.empty(); }
  std::vector<Field> Take() { return std::move(columns_); }

 private:
  std::vector<Field> columns_;
  std::vector<std::string> texts_;
};

}  // namespace

Typed QueryAnalyzer::OfMatch(const ast::Expression& expression, const Scope& input, PatternPlace place) {
  Context context{&input, nullptr, nullptr, nullptr};
  context.pattern = &place;
  Typed value = Expression(expression, context);
  if (!value.aggregates.empty()) throw NotAnalyzed{expression.location, "this aggregation in a row pattern"};
  return value;
}

AnalyzedRelation QueryAnalyzer::MatchRecognize(const ast::MatchRecognize& match, ErrorLocation location,
                                               const Scope& scope, const ast::AliasedRelation* aliased) {
  if (inside_pattern_) {
    ThrowAt(errors::NESTED_ROW_PATTERN_RECOGNITION, location,
            "nested row pattern recognition in row pattern recognition");
  }
  const AnalyzedRelation input = Relation(*match.input, scope, &scope);
  CheckNames(input, match.input->location);
  Scope rows;
  rows.parent = &scope;
  rows.fields = input.columns;
  // Subqueries in DEFINE and MEASURES do not see the input.
  rows.of_join = true;

  std::vector<Field> keys, order;
  for (const ast::ExpressionPtr& key : match.partition_by) keys.push_back(InputColumn(*key, rows));
  std::string sort_key, order_by;
  for (const ast::SortItem& item : match.order_by) {
    order.push_back(InputColumn(*item.key, rows));
    sort_key += fmt::format("{}{}, {}", sort_key.empty() ? "" : ", ", order.back().sql,
                            QuoteString(SortOrder(item).substr(1)));
    if (!IsOrderable(order.back().type)) {
      ThrowAt(errors::TYPE_MISMATCH, item.key->location,
              fmt::format("{} is not orderable, and therefore cannot be used in window function ORDER BY",
                          order.back().type.ToString()));
    }
    order_by += (order_by.empty() ? " ORDER BY " : ", ") + order.back().sql;
    order_by += SortOrder(item);
  }

  PatternBuilder builder(match);
  if (match.search != ast::PatternSearch::kUnsaid) {
    ThrowAt(errors::NOT_SUPPORTED, match.pattern->location,
            fmt::format("Pattern search modifier: {} is not allowed in MATCH_RECOGNIZE clause",
                        match.search == ast::PatternSearch::kSeek ? "SEEK" : "INITIAL"));
  }
  inside_pattern_ = true;
  for (const ast::VariableDefinition& definition : match.definitions) {
    const Typed condition = OfMatch(*definition.condition, rows, {&builder, true});
    if (!condition.type.Is(TypeKind::kBoolean)) {
      ThrowAt(errors::TYPE_MISMATCH, definition.condition->location,
              fmt::format("Expression defining a label must be boolean (actual type: {})",
                          condition.type.ToString()));
    }
    builder.program.conditions[builder.LabelOf(definition.name)] = condition.sql.text();
  }
  std::vector<Field> measures;
  for (const ast::Measure& measure : match.measures) {
    const Typed value = OfMatch(*measure.value, rows, {&builder, false});
    measures.push_back({{}, NameOf(measure.name), value.type, "", {}});
    measures.back().shown = measure.name.value;
    builder.program.measures.push_back(value.sql.text());
  }
  inside_pattern_ = false;

  const bool one_row = builder.program.output == PatternProgram::Output::kOneRow;
  OutputColumns output;
  const auto is_among = [](const std::vector<Field>& fields, const Field& field) {
    return std::any_of(fields.begin(), fields.end(), [&](const Field& one) { return one.sql == field.sql; });
  };
  // Of each input column that goes out, its place behind the measures.
  const auto pass = [&](Field column) {
    const size_t index = builder.Column(column);
    std::vector<size_t>& columns = builder.program.columns;
    const auto found = std::find(columns.begin(), columns.end(), index);
    const auto place = static_cast<size_t>(found - columns.begin());
    if (found == columns.end()) columns.push_back(index);
    output.Add(std::move(column), OutputColumns::OfRow(measures.size() + place));
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    Field key = keys[i];
    key.hidden = false;
    output.Add(std::move(key), OutputColumns::Key(i));
  }
  for (Field column : one_row ? std::vector<Field>() : order) {
    column.hidden = false;
    pass(std::move(column));
  }
  for (size_t i = 0; i < measures.size(); ++i) output.Add(measures[i], OutputColumns::OfRow(i));
  for (const Field& column : one_row ? std::vector<Field>() : input.columns) {
    if (!is_among(keys, column) && !is_among(order, column)) pass(column);
  }
  if (output.empty()) {
    ThrowAt(errors::TABLE_HAS_NO_COLUMNS, location, "pattern recognition output table has no columns");
  }
  // A row has a value, be it one that nobody looks at.
  if (builder.program.measures.empty() && builder.program.columns.empty()) {
    builder.program.measures.emplace_back("true");
  }

  std::string key_list, key_names, group_by;
  for (size_t i = 0; i < keys.size(); ++i) {
    key_list += fmt::format("{} AS {}, ", keys[i].sql, OutputColumns::Key(i));
    key_names += OutputColumns::Key(i) + ", ";
    group_by += (i == 0 ? " GROUP BY " : ", ") + keys[i].sql;
  }
  std::string values;
  for (const Field& column : builder.columns) values += (values.empty() ? "" : ", ") + StoredText(column);
  // The kernel sorts what it aggregates well in one group and badly in many: there it is sorted where it is
  // matched.
  builder.program.ordered = !order.empty() && !keys.empty();
  if (builder.program.ordered) {
    values += (values.empty() ? "" : ", ") + fmt::format("create_sort_key({})", sort_key);
  }
  if (values.empty()) values = "true";
  if (!keys.empty()) order_by.clear();

  AnalyzedRelation relation;
  relation.sql.Mark(location);
  relation.sql.Append(fmt::format("(SELECT {} FROM (SELECT {}UNNEST(\"rows\") AS \"row\" FROM (SELECT {}",
                                  output.Select(), key_names, key_list));
  relation.sql.Append(fmt::format("trino_match_rows({}, list(row({}){})",
                                  QuoteString(builder.program.ToText()), values, order_by));
  for (const Typed& argument : builder.arguments) {
    relation.sql.Append(", ");
    relation.sql.Append(argument.sql);
  }
  relation.sql.Append(") AS \"rows\" FROM ");
  relation.sql.Append(input.sql);
  relation.sql.Append(group_by + ") AS \"partitions\") AS \"matches\")");
  relation.columns = output.Take();
  PutAlias(relation, aliased, "match", &match);
  return relation;
}

}  // namespace planaria::sql
