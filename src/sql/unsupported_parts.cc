#include "sql/unsupported_parts.h"

namespace planaria::sql {

namespace {

using Found = std::optional<UnsupportedPart>;

Found In(const ast::Query& query);
Found In(const ast::Relation& relation);
Found In(const ast::QueryBody& body);

Found InRelation(const ast::Table& table, ErrorLocation location) {
  if (!table.period) return std::nullopt;
  return UnsupportedPart{table.period->timestamp ? "FOR TIMESTAMP AS OF" : "FOR VERSION AS OF", location};
}
Found InRelation(const ast::SubqueryRelation& subquery, ErrorLocation) { return In(*subquery.query); }
Found InRelation(const ast::Lateral& lateral, ErrorLocation) { return In(*lateral.query); }
Found InRelation(const ast::Unnest&, ErrorLocation) { return std::nullopt; }
Found InRelation(const ast::AliasedRelation& aliased, ErrorLocation) { return In(*aliased.relation); }
Found InRelation(const ast::SampledRelation& sampled, ErrorLocation) { return In(*sampled.relation); }
Found InRelation(const ast::Join& join, ErrorLocation) {
  if (auto found = In(*join.left)) return found;
  return In(*join.right);
}
Found InRelation(const ast::MatchRecognize&, ErrorLocation location) {
  return UnsupportedPart{"MATCH_RECOGNIZE", location};
}
Found InRelation(const ast::TableFunctionCall&, ErrorLocation location) {
  return UnsupportedPart{"A table function", location};
}
Found InRelation(const ast::JsonTable&, ErrorLocation location) {
  return UnsupportedPart{"JSON_TABLE", location};
}

Found In(const ast::Relation& relation) {
  return std::visit([&](const auto& node) { return InRelation(node, relation.location); }, relation.node);
}

Found InBody(const ast::QuerySpecification& select, ErrorLocation) {
  for (const auto& relation : select.from) {
    if (auto found = In(*relation)) return found;
  }
  return std::nullopt;
}
Found InBody(const ast::Values&, ErrorLocation) { return std::nullopt; }
Found InBody(const ast::TableQuery&, ErrorLocation) { return std::nullopt; }
Found InBody(const ast::SetOperation& operation, ErrorLocation location) {
  if (operation.corresponding) return UnsupportedPart{"CORRESPONDING", location};
  if (auto found = In(*operation.left)) return found;
  return In(*operation.right);
}
Found InBody(const ast::QueryPtr& query, ErrorLocation) { return In(*query); }

Found In(const ast::QueryBody& body) {
  return std::visit([&](const auto& node) { return InBody(node, body.location); }, body.node);
}

Found In(const ast::Query& query) {
  if (!query.session.empty()) return UnsupportedPart{"WITH SESSION", query.location};
  if (!query.functions.empty()) return UnsupportedPart{"WITH FUNCTION", query.location};
  if (query.with) {
    for (const ast::WithQuery& named : query.with->queries) {
      if (auto found = In(*named.query)) return found;
    }
  }
  return In(*query.body);
}

}  // namespace

Found FindUnsupportedPart(const ast::Statement& statement) {
  if (const auto* query = std::get_if<ast::QueryPtr>(&statement.node)) return In(**query);
  if (const auto* insert = std::get_if<ast::Insert>(&statement.node)) return In(*insert->query);
  if (const auto* create = std::get_if<ast::CreateTableAs>(&statement.node)) return In(*create->query);
  if (const auto* merge = std::get_if<ast::Merge>(&statement.node)) return In(*merge->source);
  if (const auto* explain = std::get_if<ast::Explain>(&statement.node))
    return FindUnsupportedPart(*explain->statement);
  if (const auto* prepare = std::get_if<ast::Prepare>(&statement.node))
    return FindUnsupportedPart(*prepare->statement);
  return std::nullopt;
}

}  // namespace planaria::sql
