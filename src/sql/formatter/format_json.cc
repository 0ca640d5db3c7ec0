#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

namespace {

std::string_view Text(ast::JsonFormat format) {
  static constexpr std::string_view kTexts[] = {" FORMAT JSON", " FORMAT JSON ENCODING UTF8",
                                                " FORMAT JSON ENCODING UTF16", " FORMAT JSON ENCODING UTF32"};
  return kTexts[static_cast<size_t>(format)];
}

}  // namespace

void SqlWriter::JsonInput(const ast::JsonValueExpression& value) {
  Write(*value.value);
  if (value.format) Put(Text(*value.format));
}

void SqlWriter::JsonPath(const ast::JsonPathInvocation& path) {
  JsonInput(path.input);
  Put(", ");
  PutString(path.path);
  if (path.path_name) {
    Put(" AS ");
    Write(*path.path_name);
  }
  if (path.passing.empty()) return;
  Put(" PASSING ");
  Separated(path.passing, ", ", [&](const ast::JsonPassing& passing) {
    JsonInput(passing.value);
    Put(" AS ");
    Write(passing.name);
  });
}

void SqlWriter::Node(const ast::JsonExists& exists) {
  static constexpr std::string_view kOnError[] = {" TRUE", " FALSE", " UNKNOWN", " ERROR"};
  Put("JSON_EXISTS(");
  JsonPath(exists.path);
  Put(kOnError[static_cast<size_t>(exists.on_error)]);
  Put(" ON ERROR)");
}

void SqlWriter::Behavior(const ast::JsonValueBehavior& behavior, std::string_view on) {
  using Kind = ast::JsonValueBehavior::Kind;
  if (behavior.kind == Kind::kDefault) {
    Put(" DEFAULT ");
    Write(*behavior.value);
  } else {
    Put(behavior.kind == Kind::kNull ? " NULL" : " ERROR");
  }
  Put(on);
}

void SqlWriter::Behavior(ast::JsonQueryBehavior behavior, std::string_view on) {
  static constexpr std::string_view kTexts[] = {" NULL", " ERROR", " EMPTY ARRAY", " EMPTY OBJECT"};
  Put(kTexts[static_cast<size_t>(behavior)]);
  Put(on);
}

void SqlWriter::Wrapper(ast::JsonWrapper wrapper) {
  static constexpr std::string_view kTexts[] = {" WITHOUT ARRAY WRAPPER", " WITH CONDITIONAL ARRAY WRAPPER",
                                                " WITH UNCONDITIONAL ARRAY WRAPPER"};
  Put(kTexts[static_cast<size_t>(wrapper)]);
}

void SqlWriter::Quotes(ast::JsonQuotes quotes) {
  if (quotes == ast::JsonQuotes::kKeep) Put(" KEEP QUOTES ON SCALAR STRING");
  if (quotes == ast::JsonQuotes::kOmit) Put(" OMIT QUOTES ON SCALAR STRING");
}

void SqlWriter::Returning(const std::optional<ast::JsonReturning>& returning, std::string_view before) {
  if (!returning) return;
  Put(before);
  Put("RETURNING ");
  Write(*returning->type);
  if (returning->format) Put(Text(*returning->format));
}

void SqlWriter::Node(const ast::JsonValue& value) {
  Put("JSON_VALUE(");
  JsonPath(value.path);
  if (value.returning) {
    Put(" RETURNING ");
    Write(*value.returning);
  }
  Behavior(value.on_empty, " ON EMPTY");
  Behavior(value.on_error, " ON ERROR");
  Put(")");
}

void SqlWriter::Node(const ast::JsonQuery& query) {
  Put("JSON_QUERY(");
  JsonPath(query.path);
  Returning(query.returning, " ");
  Wrapper(query.wrapper);
  Quotes(query.quotes);
  Behavior(query.on_empty, " ON EMPTY");
  Behavior(query.on_error, " ON ERROR");
  Put(")");
}

void SqlWriter::Node(const ast::JsonObject& object) {
  Put("JSON_OBJECT(");
  Separated(object.members, ", ", [&](const ast::JsonMember& member) {
    Put("KEY ");
    Write(*member.key);
    Put(" VALUE ");
    JsonInput(member.value);
  });
  if (!object.members.empty()) {
    Put(object.null_on_null ? " NULL ON NULL" : " ABSENT ON NULL");
    Put(object.unique_keys ? " WITH UNIQUE KEYS" : " WITHOUT UNIQUE KEYS");
  }
  Returning(object.returning, " ");
  Put(")");
}

void SqlWriter::Node(const ast::JsonArray& array) {
  Put("JSON_ARRAY(");
  Separated(array.elements, ", ", [&](const auto& element) { JsonInput(element); });
  if (!array.elements.empty()) Put(array.null_on_null ? " NULL ON NULL" : " ABSENT ON NULL");
  Returning(array.returning, " ");
  Put(")");
}

void SqlWriter::Columns(const std::vector<ast::JsonTableColumn>& columns, int indent) {
  PutAt(indent, "COLUMNS (\n");
  Separated(columns, ",\n", [&](const ast::JsonTableColumn& column) {
    PutAt(indent + 1, "");
    std::visit([&](const auto& node) { Column(node, indent + 1); }, column.node);
  });
  Put(")");
}

void SqlWriter::Column(const ast::OrdinalityColumn& column, int) {
  Write(column.name);
  Put(" FOR ORDINALITY");
}

void SqlWriter::Column(const ast::ValueColumn& column, int) {
  Write(column.name);
  Put(" ");
  Write(*column.type);
  if (column.path) {
    Put(" PATH ");
    PutString(*column.path);
  }
  Behavior(column.on_empty, " ON EMPTY");
  if (column.on_error) Behavior(*column.on_error, " ON ERROR");
}

void SqlWriter::Column(const ast::QueryColumn& column, int) {
  Write(column.name);
  Put(" ");
  Write(*column.type);
  Put(Text(column.format));
  if (column.path) {
    Put(" PATH ");
    PutString(*column.path);
  }
  Wrapper(column.wrapper);
  Quotes(column.quotes);
  Behavior(column.on_empty, " ON EMPTY");
  if (column.on_error) Behavior(*column.on_error, " ON ERROR");
}

void SqlWriter::Column(const ast::NestedColumns& column, int indent) {
  Put("NESTED PATH ");
  PutString(column.path);
  if (column.path_name) {
    Put(" AS ");
    Write(*column.path_name);
  }
  Put("\n");
  Columns(column.columns, indent + 1);
}

void SqlWriter::Plan(const ast::JsonTablePlan& plan) {
  using Kind = ast::JsonTablePlan::Kind;
  if (plan.kind == Kind::kPath) return Write(plan.path);
  if (plan.kind == Kind::kOuter || plan.kind == Kind::kInner) {
    Plan(plan.operands[0]);
    Put(plan.kind == Kind::kOuter ? " OUTER (" : " INNER (");
    Plan(plan.operands[1]);
    return Put(")");
  }
  Put("(");
  Separated(plan.operands, plan.kind == Kind::kUnion ? ") UNION (" : ") CROSS (",
            [&](const auto& operand) { Plan(operand); });
  Put(")");
}

void SqlWriter::Node(const ast::JsonTable& table, int indent) {
  Put("JSON_TABLE (");
  JsonPath(table.path);
  Put("\n");
  Columns(table.columns, indent + 1);
  if (const auto* plan = std::get_if<ast::JsonTablePlan>(&table.plan)) {
    Put("\n");
    PutAt(indent + 1, "PLAN (");
    Plan(*plan);
    Put(")");
  } else if (const auto* by_default = std::get_if<ast::JsonTableDefaultPlan>(&table.plan)) {
    Put("\n");
    PutAt(indent + 1, "PLAN DEFAULT (");
    Put(by_default->inner ? "INNER, " : "OUTER, ");
    Put(by_default->cross ? "CROSS)" : "UNION)");
  }
  if (table.on_error != ast::JsonTable::OnError::kUnsaid) {
    Put("\n");
    PutAt(indent + 1,
          table.on_error == ast::JsonTable::OnError::kError ? "ERROR ON ERROR" : "EMPTY ON ERROR");
  }
  Put(")\n");
}

}  // namespace planaria::sql::formatter
