#include "sql/lowering/duckdb_writer.h"
#include "sql/names.h"

namespace planaria::sql::lowering {

void DuckDbWriter::Relation(const ast::Relation& relation) {
  out_.Mark(relation.location);
  std::visit([&](const auto& node) { Node(node, relation.location); }, relation.node);
}

void DuckDbWriter::Table(const ast::QualifiedName& name) {
  out_.Mark(name.location);
  bool first = true;
  for (const ast::Identifier& part : name.parts) {
    if (!first) Put(".");
    first = false;
    Put(QuoteName(part.value));
  }
}

void DuckDbWriter::Node(const ast::Table& table, ErrorLocation location) {
  if (table.period) {
    Unsupported(location, table.period->timestamp ? "FOR TIMESTAMP AS OF" : "FOR VERSION AS OF");
  }
  Table(table.name);
}

void DuckDbWriter::Node(const ast::SubqueryRelation& subquery, ErrorLocation) {
  Parenthesized(*subquery.query);
}

void DuckDbWriter::Node(const ast::Lateral& lateral, ErrorLocation) {
  Put("LATERAL ");
  Parenthesized(*lateral.query);
}

/// Several arrays go side by side, the shorter ones filled up with NULLs.
void DuckDbWriter::Node(const ast::Unnest& unnest, ErrorLocation) {
  if (unnest.expressions.size() == 1) {
    Put("UNNEST(");
    Expression(*unnest.expressions[0]);
    return Put(unnest.with_ordinality ? ") WITH ORDINALITY" : ")");
  }
  Put("LATERAL (SELECT ");
  Separated(unnest.expressions, ", ", [&](const ast::ExpressionPtr& array) {
    Put("UNNEST(");
    Expression(*array);
    Put(")");
  });
  if (unnest.with_ordinality) {
    Put(", UNNEST(range(1, 1 + greatest(");
    Separated(unnest.expressions, ", ", [&](const ast::ExpressionPtr& array) {
      Put("len(");
      Expression(*array);
      Put(")");
    });
    Put(")))");
  }
  Put(")");
}

void DuckDbWriter::Node(const ast::AliasedRelation& aliased, ErrorLocation) {
  const ast::Relation& inner = *aliased.relation;
  if (std::holds_alternative<ast::AliasedRelation>(inner.node) ||
      std::holds_alternative<ast::SampledRelation>(inner.node)) {
    Put("(SELECT * FROM ");
    Relation(inner);
    Put(")");
  } else if (std::holds_alternative<ast::Join>(inner.node)) {
    Put("(");
    Relation(inner);
    Put(")");
  } else {
    Relation(inner);
  }
  Put(" AS ");
  PutName(aliased.alias);
  ColumnNames(aliased.columns);
}

void DuckDbWriter::Node(const ast::SampledRelation& sampled, ErrorLocation location) {
  const bool sampled_twice = std::holds_alternative<ast::SampledRelation>(sampled.relation->node);
  if (sampled_twice) Unsupported(location, "A sample of a sample");
  const bool parentheses = std::holds_alternative<ast::Join>(sampled.relation->node);
  if (parentheses) Put("(");
  Relation(*sampled.relation);
  if (parentheses) Put(")");
  Put(sampled.method == ast::SampledRelation::Method::kSystem ? " TABLESAMPLE SYSTEM ("
                                                              : " TABLESAMPLE BERNOULLI (");
  Expression(*sampled.percentage);
  Put(" PERCENT)");
}

void DuckDbWriter::Node(const ast::Join& join, ErrorLocation) {
  static constexpr std::string_view kWords[] = {"CROSS JOIN ", "INNER JOIN ", "LEFT JOIN ", "RIGHT JOIN ",
                                                "FULL JOIN "};
  Relation(*join.left);
  Put(join.natural ? " NATURAL " : " ");
  Put(kWords[static_cast<size_t>(join.kind)]);
  const bool parentheses = std::holds_alternative<ast::Join>(join.right->node);
  if (parentheses) Put("(");
  Relation(*join.right);
  if (parentheses) Put(")");
  if (join.on) {
    Put(" ON ");
    Expression(*join.on);
  } else if (!join.using_columns.empty()) {
    Put(" USING ");
    ColumnNames(join.using_columns);
  }
}

void DuckDbWriter::Node(const ast::MatchRecognize&, ErrorLocation location) {
  Unsupported(location, "MATCH_RECOGNIZE");
}
void DuckDbWriter::Node(const ast::TableFunctionCall&, ErrorLocation location) {
  Unsupported(location, "A table function");
}
void DuckDbWriter::Node(const ast::JsonTable&, ErrorLocation location) {
  Unsupported(location, "JSON_TABLE");
}

}  // namespace planaria::sql::lowering
