// JSON_TABLE: paths and their plan are the kernel's (kernel/functions/json_table.cc), columns are expressions
// over what the paths find.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/analyzer/aliases.h"
#include "sql/analyzer/json_paths.h"
#include "sql/analyzer/literals.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"

namespace planaria::sql {

namespace {

/// A path with those that are nested in it, numbered in the order of the text.
struct PathNode {
  size_t number = 0;
  std::string name;
  std::vector<PathNode> nested = {};
};

struct PlacedColumn {
  const ast::JsonTableColumn* column;
  size_t path;
};

class TablePaths {
 public:
  explicit TablePaths(const ast::JsonTable& table) : table_(table) {
    const ast::JsonPathInvocation& root = table.path;
    if (root.path_name) TakeName(*root.path_name, root.path_name->location);
    root_.name = root.path_name ? CanonicalName(*root.path_name) : "";
    if (!root.path_name && std::holds_alternative<ast::JsonTablePlan>(table.plan)) {
      ThrowAt(errors::MISSING_PATH_NAME, root.location,
              "All JSON paths must be named when specific plan is given");
    }
    paths_.push_back(root.path);
    Collect(table.columns, root_);
  }

  const std::vector<std::string>& paths() const { return paths_; }
  const std::vector<PlacedColumn>& columns() const { return columns_; }

  /// As the kernel reads it.
  std::string Plan() const {
    if (const auto* plan = std::get_if<ast::JsonTablePlan>(&table_.plan)) {
      return Given(*plan, {&root_}, plan->location);
    }
    const auto* given = std::get_if<ast::JsonTableDefaultPlan>(&table_.plan);
    return Default(root_, given != nullptr && given->inner ? 'i' : 'o',
                   given != nullptr && given->cross ? 'c' : 'u');
  }

 private:
  void TakeName(const ast::Identifier& name, ErrorLocation location) {
    if (names_.insert(CanonicalName(name)).second) return;
    ThrowAt(errors::DUPLICATE_COLUMN_OR_PATH_NAME, location,
            "All column and path names in JSON_TABLE invocation must be unique");
  }

  void Collect(const std::vector<ast::JsonTableColumn>& columns, PathNode& parent) {
    for (const ast::JsonTableColumn& column : columns) {
      const auto* nested = std::get_if<ast::NestedColumns>(&column.node);
      if (nested == nullptr) {
        std::visit(
            [&](const auto& one) {
              if constexpr (requires { one.name; }) TakeName(one.name, column.location);
            },
            column.node);
        columns_.push_back({&column, parent.number});
        continue;
      }
      if (nested->path_name) {
        TakeName(*nested->path_name, nested->path_name->location);
      } else if (!std::holds_alternative<std::monostate>(table_.plan)) {
        const bool by_default = std::holds_alternative<ast::JsonTableDefaultPlan>(table_.plan);
        ThrowAt(errors::MISSING_PATH_NAME, nested->path_location,
                by_default ? "All nested JSON paths must be named when default plan is given"
                           : "All JSON paths must be named when specific plan is given");
      }
      CheckJsonPath(nested->path, nested->path_location, {});
      PathNode node{paths_.size(), nested->path_name ? CanonicalName(*nested->path_name) : ""};
      paths_.push_back(nested->path);
      Collect(nested->columns, node);
      parent.nested.push_back(std::move(node));
    }
  }

  static std::string Default(const PathNode& node, char parent, char siblings) {
    std::string text = std::to_string(node.number);
    if (node.nested.empty()) return text;
    std::string inner;
    for (const PathNode& nested : node.nested) {
      if (!inner.empty()) inner.push_back(siblings);
      inner += Default(nested, parent, siblings);
    }
    return fmt::format("{}{}({})", text, parent, inner);
  }

  using Plans = std::vector<const PathNode*>;

  /// `within`: the plan that must have all of `available`.
  static std::string Given(const ast::JsonTablePlan& plan, const Plans& available, ErrorLocation within) {
    std::set<std::string> used;
    std::string text = Joined(plan, available, used);
    std::vector<std::string> missing;
    for (const PathNode* path : available) {
      if (!used.contains(path->name)) missing.push_back(path->name);
    }
    if (missing.empty() && used.size() == available.size()) return text;
    if (missing.empty()) {
      ThrowAt(errors::INVALID_PLAN, within,
              "JSON_TABLE plan should only contain JSON paths available at each level of nesting");
    }
    ThrowAt(errors::INVALID_PLAN, within,
            fmt::format("JSON_TABLE plan should contain all JSON paths available at each level of nesting. "
                        "Paths not included: {}",
                        fmt::join(missing, ", ")));
  }

  static std::string Joined(const ast::JsonTablePlan& plan, const Plans& available,
                            std::set<std::string>& used) {
    using Kind = ast::JsonTablePlan::Kind;
    if (plan.kind == Kind::kUnion || plan.kind == Kind::kCross) {
      std::string text;
      for (const ast::JsonTablePlan& operand : plan.operands) {
        if (!text.empty()) text.push_back(plan.kind == Kind::kUnion ? 'u' : 'c');
        text += "(" + Joined(operand, available, used) + ")";
      }
      return text;
    }
    const ast::Identifier& path = plan.kind == Kind::kPath ? plan.path : plan.operands[0].path;
    const std::string name = CanonicalName(path);
    if (!used.insert(name).second) {
      ThrowAt(errors::INVALID_PLAN, path.location,
              "Duplicate reference to JSON path name in sibling plan: " + name);
    }
    const auto found = std::find_if(available.begin(), available.end(),
                                    [&](const PathNode* node) { return node->name == name; });
    // What is missing instead is said by the caller.
    if (found == available.end()) return "";
    Plans nested;
    for (const PathNode& node : (*found)->nested) nested.push_back(&node);
    const std::string number = std::to_string((*found)->number);
    if (plan.kind == Kind::kPath) {
      if (nested.empty()) return number;
      std::vector<std::string> names;
      for (const PathNode* node : nested) names.push_back(node->name);
      ThrowAt(errors::INVALID_PLAN, plan.location,
              fmt::format("JSON_TABLE plan should contain all JSON paths available at each level of nesting. "
                          "Paths not included: {}",
                          fmt::join(names, ", ")));
    }
    return fmt::format("{}{}({})", number, plan.kind == Kind::kOuter ? 'o' : 'i',
                       Given(plan.operands[1], nested, plan.location));
  }

  const ast::JsonTable& table_;
  PathNode root_;
  std::set<std::string> names_;
  std::vector<std::string> paths_;
  std::vector<PlacedColumn> columns_;
};

/// Of a column without one, the member of its name.
std::string PathOf(const std::optional<std::string>& path, const ast::Identifier& name) {
  return path ? *path : "lax $." + JsonString(CanonicalName(name));
}

Typed NothingPassed(ErrorLocation location) { return Compose(Type::Varchar(), location, {"'{}'"}); }

/// Of a column, where Trino says otherwise that there is no such type.
Type TypeOfColumn(const ast::DataType& type, ErrorLocation location) {
  try {
    return TypeOf(type);
  } catch (const TrinoException& exception) {
    if (exception.error().code.code != errors::TYPE_NOT_FOUND.code) throw;
    const std::string& message = exception.error().message;
    ThrowAt(errors::TYPE_MISMATCH, location,
            message.substr(std::min(message.size(), message.find("Unknown type"))));
  }
}

}  // namespace

Typed QueryAnalyzer::JsonTableValue(const ast::ValueColumn& column, ErrorLocation location, const Typed& item,
                                    bool errors_fail, const Context& context) {
  const Type type = TypeOfColumn(*column.type, location);
  if (!type.children.empty()) {
    ThrowAt(errors::TYPE_MISMATCH, location,
            "Invalid return type of function JSON_VALUE: " + type.ToString());
  }
  if (column.path) CheckJsonPath(*column.path, column.path_location, {});
  ast::JsonValueBehavior unsaid;
  if (errors_fail) unsaid.kind = ast::JsonValueBehavior::Kind::kError;
  return JsonValueOf(item, NothingPassed(location), PathOf(column.path, column.name), type, column.on_empty,
                     column.on_error ? *column.on_error : unsaid, location, &column, context);
}

Typed QueryAnalyzer::JsonTableValue(const ast::QueryColumn& column, ErrorLocation location, const Typed& item,
                                    bool errors_fail) {
  using Behavior = ast::JsonQueryBehavior;
  const Type type = TypeOfColumn(*column.type, location);
  if (column.path) CheckJsonPath(*column.path, column.path_location, {});
  Typed text = JsonQueryOf(
      item, NothingPassed(location), PathOf(column.path, column.name), column.wrapper, column.quotes,
      column.on_empty, column.on_error.value_or(errors_fail ? Behavior::kError : Behavior::kNull), location);
  return JsonOutput(std::move(text), type, column.format, location);
}

AnalyzedRelation QueryAnalyzer::JsonTable(const ast::JsonTable& table, ErrorLocation location,
                                          const Scope& scope, const ast::AliasedRelation* aliased) {
  const Context context{&scope, nullptr, nullptr, nullptr};
  const size_t before = queries_;
  const Typed input = JsonInput(table.path, context);
  if (!input.aggregates.empty() || !input.windows.empty()) {
    const auto& found = input.aggregates.empty() ? *input.windows[0] : *input.aggregates[0];
    ThrowAt(
        errors::EXPRESSION_NOT_SCALAR, table.path.input.value->location,
        fmt::format("JSON_TABLE input expression cannot contain aggregations, window functions or grouping "
                    "operations: [{}]",
                    Format(found)));
  }
  const Typed passing = JsonPassed(table.path, context);
  const bool queries = queries_ != before;
  const TablePaths paths(table);
  const bool errors_fail = table.on_error == ast::JsonTable::OnError::kError;
  std::string list;
  for (const std::string& path : paths.paths()) list += (list.empty() ? "" : ", ") + QuoteString(path);
  const std::string alias = QuoteName(Unique(aliased ? NameOf(aliased->alias) : "json_table", &table));
  AnalyzedRelation relation;
  relation.sql.Mark(location);
  // UNNEST in FROM holds no subqueries.
  relation.sql.Append(
      Compose(Type(), location,
              {queries ? "LATERAL (SELECT " : "", "UNNEST(trino_json_table(", &input, ", [", list, "], ",
               QuoteString(paths.Plan()), ", ", &passing, ", ", errors_fail ? "true" : "false", "))",
               queries ? ")" : "", " AS ", alias, "(\"row\")"})
          .sql);
  const auto cell = [&](size_t path, bool number) {
    return fmt::format("{}.\"row\"[{}]", alias, 2 * path + (number ? 2 : 1));
  };
  for (const auto& [column, path] : paths.columns()) {
    const Typed item = Compose(Type::Varchar(), column->location, {cell(path, false)});
    const ast::Identifier* name = nullptr;
    Typed value;
    if (const auto* ordinality = std::get_if<ast::OrdinalityColumn>(&column->node)) {
      name = &ordinality->name;
      value =
          Compose(Type::Of(TypeKind::kBigint), column->location, {"CAST(", cell(path, true), " AS BIGINT)"});
    } else if (const auto* scalar = std::get_if<ast::ValueColumn>(&column->node)) {
      name = &scalar->name;
      value = JsonTableValue(*scalar, column->location, item, errors_fail, context);
    } else {
      const auto& json = std::get<ast::QueryColumn>(column->node);
      name = &json.name;
      value = JsonTableValue(json, column->location, item, errors_fail);
    }
    Field field{{}, NameOf(*name), value.type, "(" + value.sql.text() + ")"};
    field.shown = CanonicalName(*name);
    relation.columns.push_back(std::move(field));
  }
  if (aliased == nullptr) return relation;
  CheckAliases(relation, *aliased);
  for (size_t i = 0; i < relation.columns.size(); ++i) RenameColumn(relation.columns[i], *aliased, i);
  return relation;
}

}  // namespace planaria::sql
