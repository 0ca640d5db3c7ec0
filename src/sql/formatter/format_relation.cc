#include "sql/formatter/sql_writer.h"

namespace planaria::sql::formatter {

void SqlWriter::Relation(const ast::Relation& relation, int indent) {
  std::visit([&](const auto& node) { Node(node, indent); }, relation.node);
}

void SqlWriter::Operand(const ast::Relation& relation, int indent) {
  const bool parentheses = std::holds_alternative<ast::AliasedRelation>(relation.node) ||
                           std::holds_alternative<ast::SampledRelation>(relation.node) ||
                           std::holds_alternative<ast::MatchRecognize>(relation.node);
  if (!parentheses) return Relation(relation, indent);
  Put("( ");
  Relation(relation, indent + 1);
  PutAt(indent, ")");
}

void SqlWriter::Node(const ast::Table& table, int) {
  Write(table.name);
  if (!table.period) return;
  Put(table.period->timestamp ? " FOR TIMESTAMP AS OF " : " FOR VERSION AS OF ");
  Write(*table.period->end);
}

void SqlWriter::Node(const ast::SubqueryRelation& subquery, int indent) {
  Parenthesized(*subquery.query, indent);
}

void SqlWriter::Node(const ast::Lateral& lateral, int indent) {
  PutAt(indent, "LATERAL (");
  Write(*lateral.query, indent + 1);
  PutAt(indent, ")");
}

void SqlWriter::Node(const ast::Unnest& unnest, int) {
  Put("UNNEST(");
  Expressions(unnest.expressions);
  Put(unnest.with_ordinality ? ") WITH ORDINALITY" : ")");
}

void SqlWriter::Node(const ast::AliasedRelation& aliased, int indent) {
  Operand(*aliased.relation, indent);
  Put(" ");
  Write(aliased.alias);
  if (aliased.columns.empty()) return;
  Put(" (");
  Names(aliased.columns);
  Put(")");
}

void SqlWriter::Node(const ast::SampledRelation& sampled, int indent) {
  Operand(*sampled.relation, indent);
  Put(sampled.method == ast::SampledRelation::Method::kSystem ? " TABLESAMPLE SYSTEM ("
                                                              : " TABLESAMPLE BERNOULLI (");
  Write(*sampled.percentage);
  Put(")");
}

void SqlWriter::Node(const ast::Join& join, int indent) {
  static constexpr std::string_view kWords[] = {"CROSS JOIN ", "INNER JOIN ", "LEFT JOIN ", "RIGHT JOIN ",
                                                "FULL JOIN "};
  Put("(");
  Relation(*join.left, indent);
  Put("\n");
  PutAt(indent, join.natural ? "NATURAL " : "");
  Put(kWords[static_cast<size_t>(join.kind)]);
  Relation(*join.right, indent);
  if (join.on) {
    Put(" ON ");
    Write(*join.on);
  } else if (!join.using_columns.empty()) {
    Put(" USING (");
    Names(join.using_columns);
    Put(")");
  }
  Put(")");
}

void SqlWriter::Node(const ast::TableFunctionCall& call, int indent) {
  PutAt(indent, "TABLE(");
  Write(call.name);
  Put("(\n");
  Separated(call.arguments, ",\n", [&](const auto& argument) { Argument(argument, indent + 2); });
  if (!call.copartition.empty()) {
    Put("\n");
    PutAt(indent + 2, "COPARTITION ");
    Separated(call.copartition, ", ", [&](const auto& tables) {
      Put("(");
      Separated(tables, ", ", [&](const auto& table) { Write(table); });
      Put(")");
    });
  }
  Put("))");
}

void SqlWriter::Argument(const ast::TableFunctionArgument& argument, int indent) {
  PutAt(indent, "");
  if (argument.name) {
    Write(*argument.name);
    Put(" => ");
  }
  if (const auto* value = std::get_if<ast::ExpressionPtr>(&argument.value)) return Write(**value);
  if (std::holds_alternative<ast::NullDescriptor>(argument.value)) return Put("CAST (NULL AS DESCRIPTOR)");
  if (const auto* table = std::get_if<ast::TableArgument>(&argument.value)) return Argument(*table, indent);
  Put("DESCRIPTOR(");
  Separated(std::get<ast::DescriptorArgument>(argument.value).fields, ", ", [&](const auto& field) {
    Write(field.name);
    if (!field.type) return;
    Put(" ");
    Write(*field.type);
  });
  Put(")");
}

void SqlWriter::Argument(const ast::TableArgument& argument, int indent) {
  const ast::Relation* table = argument.table.get();
  const auto* aliased = std::get_if<ast::AliasedRelation>(&table->node);
  if (aliased != nullptr) table = aliased->relation.get();
  Put("TABLE(");
  if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&table->node)) {
    Write(*subquery->query, indent + 1);
  } else {
    Relation(*table, indent);
  }
  Put(")");
  if (aliased != nullptr) {
    Put(" AS ");
    Write(aliased->alias);
    if (!aliased->columns.empty()) {
      Put(" (");
      Names(aliased->columns);
      Put(")");
    }
  }
  const auto line = [&](std::string_view text) {
    Put("\n");
    PutAt(indent + 1, text);
  };
  if (argument.partition_by) {
    // Trino's own text of no columns does not parse.
    line(argument.partition_by->empty() ? "PARTITION BY ()" : "PARTITION BY ");
    const bool several = argument.partition_by->size() > 1;
    if (several) Put("(");
    Expressions(*argument.partition_by);
    if (several) Put(")");
  }
  if (argument.when_empty == ast::TableArgument::WhenEmpty::kPrune) line("PRUNE WHEN EMPTY");
  if (argument.when_empty == ast::TableArgument::WhenEmpty::kKeep) line("KEEP WHEN EMPTY");
  if (argument.order_by.empty()) return;
  const bool several = argument.order_by.size() > 1;
  line(several ? "ORDER BY (" : "ORDER BY ");
  SortItems(argument.order_by);
  if (several) Put(")");
}

}  // namespace planaria::sql::formatter
