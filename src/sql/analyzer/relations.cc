// What FROM names.
#include <fmt/format.h>

#include <set>

#include "sql/analyzer/aliases.h"
#include "sql/analyzer/operators.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/names.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

/// The table with its columns as values of their types.
std::string Converted(const std::vector<TableColumn>& columns, const std::string& table) {
  bool same = true;
  std::string list;
  for (const TableColumn& column : columns) {
    const std::string name = QuoteName(column.name);
    list += list.empty() ? "" : ", ";
    const size_t place = column.conversion.find("$1");
    same = same && place == std::string::npos;
    list += place == std::string::npos
                ? name
                : std::string(column.conversion).replace(place, 2, name) + " AS " + name;
  }
  return same ? table : fmt::format("(SELECT {} FROM {})", list, table);
}

bool IsTrue(const ast::Join& join) {
  const auto* literal = join.on ? std::get_if<ast::BooleanLiteral>(&join.on->node) : nullptr;
  return literal != nullptr && literal->value;
}

/// The query of LATERAL; nullptr for other relations.
const ast::Query* LateralQuery(const ast::Relation& relation) {
  const ast::Relation* inner = &relation;
  if (const auto* aliased = std::get_if<ast::AliasedRelation>(&relation.node)) {
    inner = aliased->relation.get();
  }
  const auto* lateral = std::get_if<ast::Lateral>(&inner->node);
  return lateral != nullptr ? lateral->query.get() : nullptr;
}

/// What is computed row by row of the left side has no condition of its own.
void CheckCondition(const ast::Join& join, ErrorLocation location) {
  if (!join.on && join.using_columns.empty()) return;
  static constexpr std::string_view kKinds[] = {"CROSS", "INNER", "LEFT", "RIGHT", "FULL"};
  const ast::Relation* right = join.right.get();
  if (const auto* aliased = std::get_if<ast::AliasedRelation>(&right->node)) right = aliased->relation.get();
  std::string_view what;
  if (std::holds_alternative<ast::Unnest>(right->node)) what = "UNNEST";
  if (std::holds_alternative<ast::JsonTable>(right->node)) what = "JSON_TABLE";
  if (std::holds_alternative<ast::Lateral>(right->node) && join.kind == ast::Join::Kind::kFull) {
    what = "LATERAL relation";
  }
  if (what.empty() || IsTrue(join)) return;
  ThrowAt(errors::NOT_SUPPORTED, join.on ? join.on->location : location,
          fmt::format("{} JOIN involving {} is only supported with condition ON TRUE",
                      kKinds[static_cast<size_t>(join.kind)], what));
}

}  // namespace

bool IsSubquery(const ast::Relation& relation) {
  const ast::Relation* inner = &relation;
  if (const auto* aliased = std::get_if<ast::AliasedRelation>(&relation.node)) {
    inner = aliased->relation.get();
  }
  return std::holds_alternative<ast::SubqueryRelation>(inner->node);
}

void RequireJoinable(const AnalyzedRelation& relation, const ast::Relation& node, bool on_true) {
  if (const ast::Query* query = LateralQuery(node)) {
    RequireJoinable(relation.correlation, SubqueryUse::kLateral, on_true, query->location);
  }
}

void CheckAliases(const AnalyzedRelation& relation, const ast::AliasedRelation& aliased) {
  if (aliased.columns.empty() || aliased.columns.size() == relation.columns.size()) return;
  ThrowAt(errors::MISMATCHED_COLUMN_ALIASES, aliased.relation->location,
          fmt::format("Column alias list has {} entries but '{}' has {} columns available",
                      aliased.columns.size(), NameOf(aliased.alias), relation.columns.size()));
}

void RenameColumn(Field& column, const ast::AliasedRelation& aliased, size_t index) {
  column.relation = {NameOf(aliased.alias)};
  if (aliased.columns.empty()) return;
  column.name = NameOf(aliased.columns[index]);
  column.shown = aliased.columns[index].value;
}

std::string QueryAnalyzer::Unique(const std::string& name, const void* node) {
  const auto [known, added] = names_.emplace(node, name);
  if (!added) return known->second;
  for (int number = 2; !taken_.insert(known->second).second; ++number) {
    known->second = fmt::format("{}_{}", name, number);
  }
  return known->second;
}

void QueryAnalyzer::PutAlias(AnalyzedRelation& relation, const ast::AliasedRelation* aliased,
                             std::string name, const void* node) {
  if (aliased != nullptr) {
    name = NameOf(aliased->alias);
    CheckAliases(relation, *aliased);
  }
  const std::string alias = QuoteName(Unique(name, node));
  relation.sql.Append(" AS ");
  relation.sql.Append(alias);
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    Field& column = relation.columns[i];
    if (aliased != nullptr) RenameColumn(column, *aliased, i);
    column.sql = alias + "." + column.sql;
  }
}

AnalyzedRelation QueryAnalyzer::Relation(const ast::Relation& relation, const Scope& scope,
                                         const Scope* lateral) {
  const ErrorLocation location = relation.location;
  const auto& node = relation.node;
  if (const auto* table = std::get_if<ast::Table>(&node)) {
    if (table->period) throw NotAnalyzed{location, "FOR VERSION AS OF"};
    return Table(table->name, table->name.location, scope, nullptr);
  }
  if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&node)) {
    return Subquery(*subquery->query, &scope, "", nullptr);
  }
  if (const auto* inner = std::get_if<ast::Lateral>(&node)) {
    return Subquery(*inner->query, lateral, "LATERAL ", nullptr);
  }
  if (const auto* unnest = std::get_if<ast::Unnest>(&node)) {
    return Unnest(*unnest, location, *lateral, nullptr);
  }
  if (const auto* aliased = std::get_if<ast::AliasedRelation>(&node)) {
    return Aliased(*aliased, location, scope, lateral);
  }
  if (const auto* join = std::get_if<ast::Join>(&node)) return Join(*join, location, scope, lateral);
  if (const auto* sampled = std::get_if<ast::SampledRelation>(&node)) {
    return Sampled(*sampled, location, scope, lateral);
  }
  if (const auto* call = std::get_if<ast::TableFunctionCall>(&node)) {
    return TableFunction(*call, location, scope, nullptr);
  }
  if (const auto* table = std::get_if<ast::JsonTable>(&node)) {
    return JsonTable(*table, location, *lateral, nullptr);
  }
  if (const auto* match = std::get_if<ast::MatchRecognize>(&node)) {
    return MatchRecognize(*match, location, scope, nullptr);
  }
  throw NotAnalyzed{location, "this relation"};
}

AnalyzedRelation QueryAnalyzer::Aliased(const ast::AliasedRelation& aliased, ErrorLocation location,
                                        const Scope& scope, const Scope* lateral) {
  const ast::Relation& inner = *aliased.relation;
  if (const auto* table = std::get_if<ast::Table>(&inner.node)) {
    if (table->period) throw NotAnalyzed{location, "FOR VERSION AS OF"};
    return Table(table->name, table->name.location, scope, &aliased);
  }
  if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&inner.node)) {
    return Subquery(*subquery->query, &scope, "", &aliased);
  }
  if (const auto* query = std::get_if<ast::Lateral>(&inner.node)) {
    return Subquery(*query->query, lateral, "LATERAL ", &aliased);
  }
  if (const auto* unnest = std::get_if<ast::Unnest>(&inner.node)) {
    return Unnest(*unnest, inner.location, *lateral, &aliased);
  }
  if (const auto* call = std::get_if<ast::TableFunctionCall>(&inner.node)) {
    return TableFunction(*call, location, scope, &aliased);
  }
  if (const auto* table = std::get_if<ast::JsonTable>(&inner.node)) {
    return JsonTable(*table, inner.location, *lateral, &aliased);
  }
  if (const auto* match = std::get_if<ast::MatchRecognize>(&inner.node)) {
    return MatchRecognize(*match, inner.location, scope, &aliased);
  }
  AnalyzedRelation within = Relation(inner, scope, lateral);
  std::vector<Field> columns = within.columns;
  std::erase_if(columns, [](const Field& column) { return column.hidden; });
  AnalyzedRelation relation = Derived(within, columns, {}, NameOf(aliased.alias), &aliased);
  CheckAliases(relation, aliased);
  for (size_t i = 0; i < relation.columns.size(); ++i) RenameColumn(relation.columns[i], aliased, i);
  return relation;
}

std::optional<std::vector<TableColumn>> QueryAnalyzer::FindTable(const std::vector<std::string>& name,
                                                                 ErrorLocation location) const {
  try {
    return metadata_.FindTable(name[0], name[1], name[2]);
  } catch (const TrinoException& exception) {
    // What is wrong with a view is wrong where it is named.
    if (exception.error().location || exception.error().retriable()) throw;
    ThrowAt(exception.error().code, location, exception.error().message);
  }
}

AnalyzedRelation QueryAnalyzer::Table(const ast::QualifiedName& name, ErrorLocation location,
                                      const Scope& scope, const ast::AliasedRelation* aliased) {
  const std::vector<std::string> parts = PartsOf(name);
  AnalyzedRelation relation;
  relation.sql.Mark(location);
  if (parts.size() == 1) {
    if (const NamedQuery* named = scope.FindNamed(parts[0])) {
      named->used = true;
      relation.sql.Append(QuoteName(named->sql_name));
      relation.columns = named->columns;
      for (Field& column : relation.columns) column.relation = {parts[0]};
      PutAlias(relation, aliased, parts[0], &name);
      return relation;
    }
  }
  if (parts.size() > 3) throw NotAnalyzed{location, "a name of four parts"};
  std::vector<std::string> full = {session_.catalog, session_.schema, parts.back()};
  for (size_t i = 1; i < parts.size(); ++i) full[2 - i] = parts[parts.size() - 1 - i];
  if (full[1].empty()) {
    ThrowAt(errors::MISSING_SCHEMA_NAME, location, "Schema must be specified when session schema is not set");
  }
  if (full[0].empty()) {
    ThrowAt(errors::MISSING_CATALOG_NAME, location,
            "Catalog must be specified when session catalog is not set");
  }
  const auto columns = FindTable(full, location);
  if (!columns) {
    if (!metadata_.HasCatalog(full[0])) {
      ThrowAt(errors::CATALOG_NOT_FOUND, location, fmt::format("Catalog '{}' not found", full[0]));
    }
    if (!metadata_.HasSchema(full[0], full[1])) {
      ThrowAt(errors::SCHEMA_NOT_FOUND, location, fmt::format("Schema '{}' does not exist", full[1]));
    }
    ThrowAt(errors::TABLE_NOT_FOUND, location,
            fmt::format("Table '{}' does not exist", fmt::join(full, ".")));
  }
  for (const TableColumn& column : *columns) {
    if (!column.type) throw NotAnalyzed{location, "the type of the column " + column.name};
    relation.columns.push_back({full,
                                LowerCase(column.name),
                                *column.type,
                                QuoteName(column.name),
                                {full[0], full[1], full[2], column.name}});
    relation.columns.back().hidden = column.hidden;
  }
  relation.sql.Append(Converted(
      *columns, fmt::format("{}.{}.{}", QuoteName(full[0]), QuoteName(full[1]), QuoteName(full[2]))));
  PutAlias(relation, aliased, full[2], &name);
  return relation;
}

AnalyzedRelation QueryAnalyzer::Subquery(const ast::Query& query, const Scope* outer, std::string_view before,
                                         const ast::AliasedRelation* aliased) {
  AnalyzedRelation inner = Query(query, outer, false);
  AnalyzedRelation relation;
  relation.sql.Mark(query.location);
  relation.sql.Append(before);
  relation.sql.Append("(");
  relation.sql.Append(inner.sql);
  relation.sql.Append(")");
  relation.columns = std::move(inner.columns);
  relation.one_row = inner.one_row;
  relation.correlation = inner.correlation;
  for (Field& column : relation.columns) column.relation.clear();
  PutAlias(relation, aliased, "query", &query);
  return relation;
}

AnalyzedRelation QueryAnalyzer::Unnest(const ast::Unnest& unnest, ErrorLocation location, const Scope& scope,
                                       const ast::AliasedRelation* aliased) {
  const Context context{&scope, nullptr, nullptr, nullptr};
  std::vector<Typed> lists;
  std::vector<Type> types;
  std::vector<std::string> names;
  for (const auto& one : unnest.expressions) {
    Typed value = Expression(*one, context);
    if (value.type.Is(TypeKind::kMap)) {
      lists.push_back(Compose(value.type, location, {"map_keys(", &value, ")"}));
      lists.push_back(Compose(value.type, location, {"map_values(", &value, ")"}));
      types.insert(types.end(), value.type.children.begin(), value.type.children.end());
      continue;
    }
    if (!value.type.Is(TypeKind::kArray)) {
      ThrowAt(errors::INVALID_FUNCTION_ARGUMENT, location,
              fmt::format("Cannot unnest type: {}", value.type.ToString()));
    }
    const Type element = value.type.children[0];
    if (element.Is(TypeKind::kRow)) {
      // A column for each field, none of them seen by anything but its own list.
      for (size_t i = 0; i < element.children.size(); ++i) {
        const std::string field = fmt::format("struct_extract_at(\"unnested row\", {})", i + 1);
        lists.push_back(Compose(Type::Array(element.children[i]), location,
                                {"list_transform(", &value, ", lambda \"unnested row\": ", field, ")"}));
        types.push_back(element.children[i]);
        names.resize(types.size() - 1);
        names.push_back(LowerCase(element.field_names[i]));
      }
      continue;
    }
    types.push_back(element);
    lists.push_back(std::move(value));
  }
  AnalyzedRelation relation;
  relation.sql.Mark(location);
  if (lists.size() == 1) {
    relation.sql.Append(Expand(Type(), location, "UNNEST($1)", lists).sql);
    if (unnest.with_ordinality) relation.sql.Append(" WITH ORDINALITY");
  } else {
    Typed longest = Compose(Type(), location, {"UNNEST(range(1, 1 + greatest("});
    for (size_t i = 0; i < lists.size(); ++i) {
      relation.sql.Append(i == 0 ? "LATERAL (SELECT UNNEST(" : ", UNNEST(");
      relation.sql.Append(lists[i].sql);
      relation.sql.Append(")");
      Append(longest, i == 0 ? "len(" : ", len(");
      Append(longest, lists[i]);
      Append(longest, ")");
    }
    Append(longest, ")))");
    if (unnest.with_ordinality) {
      relation.sql.Append(", ");
      relation.sql.Append(longest.sql);
    }
    relation.sql.Append(")");
  }
  if (unnest.with_ordinality) types.push_back(Type::Of(TypeKind::kBigint));
  names.resize(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    relation.columns.push_back({{}, names[i], types[i], QuoteName(fmt::format("_col{}", i))});
  }
  std::string list;
  for (const Field& column : relation.columns) list += (list.empty() ? "(" : ", ") + column.sql;
  PutAlias(relation, aliased, "unnest", &unnest);
  relation.sql.Append(list + ")");
  return relation;
}

AnalyzedRelation QueryAnalyzer::Join(const ast::Join& join, ErrorLocation location, const Scope& scope,
                                     const Scope* lateral) {
  using Kind = ast::Join::Kind;
  static constexpr std::string_view kWords[] = {" CROSS JOIN ", " INNER JOIN ", " LEFT JOIN ", " RIGHT JOIN ",
                                                " FULL JOIN "};
  if (join.natural) ThrowAt(errors::NOT_SUPPORTED, location, "Natural join not supported");
  size_t first = references_.size();
  AnalyzedRelation left = Relation(*join.left, scope, lateral);
  if (left.correlation.filters && IsSubquery(*join.left) && NamesOuter(scope, first)) joins_outer_ = true;
  Scope seen;
  seen.parent = lateral;
  seen.fields = left.columns;
  if (join.kind == Kind::kRight) seen.left_of = "RIGHT";
  if (join.kind == Kind::kFull) seen.left_of = "FULL";
  first = references_.size();
  AnalyzedRelation right = Relation(*join.right, scope, &seen);
  if (right.correlation.filters && IsSubquery(*join.right) && NamesOuter(scope, first)) joins_outer_ = true;

  CheckCondition(join, location);
  RequireJoinable(right, *join.right, join.kind == Kind::kCross || IsTrue(join));
  std::vector<Typed> terms;
  if (join.on) terms = ConditionOf(join, scope, left, right);
  // A row for each on the left; the kernel finds NULLs for what an outer join with such a query computes.
  const bool one_for_each = join.kind == Kind::kLeft && IsTrue(join) && right.one_row;
  AnalyzedRelation joined;
  joined.sql.Append(left.sql);
  joined.sql.Append(kWords[static_cast<size_t>(one_for_each ? Kind::kInner : join.kind)]);
  const bool parentheses = std::holds_alternative<ast::Join>(join.right->node);
  if (parentheses) joined.sql.Append("(");
  joined.sql.Append(right.sql);
  if (parentheses) joined.sql.Append(")");
  joined.columns = left.columns;
  joined.columns.insert(joined.columns.end(), right.columns.begin(), right.columns.end());
  for (size_t i = 0; i < terms.size(); ++i) {
    joined.sql.Append(i == 0 ? " ON (" : " AND ");
    joined.sql.Append(terms[i].sql);
  }
  if (!terms.empty()) joined.sql.Append(")");
  if (join.using_columns.empty()) return joined;

  // The columns that are joined on come first, once, and belong to no relation.
  std::vector<Field> merged;
  std::set<std::string> used;
  for (const ast::Identifier& name : join.using_columns) {
    if (!used.insert(NameOf(name)).second) {
      ThrowAt(errors::DUPLICATE_COLUMN_NAME, name.location,
              fmt::format("Column '{}' appears multiple times in USING clause", NameOf(name)));
    }
    const auto side = [&](std::vector<Field>& fields, std::string_view word) {
      Scope one;
      one.fields = fields;
      const auto matches = one.Matches({NameOf(name)});
      if (matches.size() > 1) {
        ThrowAt(errors::AMBIGUOUS_NAME, name.location, fmt::format("Column '{}' is ambiguous", NameOf(name)));
      }
      if (matches.empty()) {
        ThrowAt(errors::COLUMN_NOT_FOUND, name.location,
                fmt::format("Column '{}' is missing from {} side of join", NameOf(name), word));
      }
      const Field found = *matches[0];
      std::erase_if(fields, [&](const Field& field) { return field.sql == found.sql; });
      return found;
    };
    const Field first = side(left.columns, "left");
    const Field second = side(right.columns, "right");
    const auto type = CommonSuperType(first.type, second.type);
    if (!type) {
      ThrowAt(errors::TYPE_MISMATCH, name.location,
              fmt::format("Column Types {} and {} cannot be joined", first.type.ToString(),
                          second.type.ToString()));
    }
    const Typed a = Coerce(Compose(first.type, name.location, {first.sql}), *type);
    const Typed b = Coerce(Compose(second.type, name.location, {second.sql}), *type);
    joined.sql.Append(merged.empty() ? " ON (" : " AND ");
    joined.sql.Append(Compose(*type, name.location, {&a, " = ", &b}).sql);
    std::string sql = join.kind == Kind::kRight ? b.sql.text() : a.sql.text();
    if (join.kind == Kind::kFull) sql = fmt::format("coalesce({}, {})", a.sql.text(), b.sql.text());
    merged.push_back({{}, NameOf(name), *type, sql});
  }
  joined.sql.Append(")");
  joined.columns = std::move(merged);
  joined.columns.insert(joined.columns.end(), left.columns.begin(), left.columns.end());
  joined.columns.insert(joined.columns.end(), right.columns.begin(), right.columns.end());
  return joined;
}

}  // namespace planaria::sql
