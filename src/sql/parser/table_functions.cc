// TABLE(f(...)) in FROM.
#include <algorithm>

#include "sql/parser/parser.h"

namespace planaria::sql::parser {

using enum TokenType;

namespace {

bool IsCopartition(const ast::Identifier& name) {
  static constexpr std::string_view kWord = "COPARTITION";
  return !name.delimited && std::equal(name.value.begin(), name.value.end(), kWord.begin(), kWord.end(),
                                       [](char a, char b) { return (a & ~0x20) == b; });
}

}  // namespace

ast::TableFunctionCall Parser::TableFunction() {
  ast::TableFunctionCall call;
  call.name = Qualified();
  Expect(kOpen);
  const auto copartition = [&] { return Sees({K_COPARTITION, kOpen}); };
  if (!At(kClose) && !(At(K_COPARTITION), copartition())) {
    do call.arguments.push_back(TableFunctionArgument());
    while (Accept(kComma));
  }
  if (Accept(K_COPARTITION)) Copartition(call);
  Expect(kClose);
  return call;
}

void Parser::Copartition(ast::TableFunctionCall& call) {
  do {
    Expect(kOpen);
    std::vector<ast::QualifiedName> tables;
    tables.push_back(Qualified());
    Expect(kComma);
    do tables.push_back(Qualified());
    while (Accept(kComma));
    Expect(kClose);
    call.copartition.push_back(std::move(tables));
  } while (Accept(kComma));
}

ast::TableFunctionArgument Parser::TableFunctionArgument() {
  ast::TableFunctionArgument argument;
  argument.location = Location();
  if (IsName(Here().type) && Ahead(1).type == kDoubleArrow) {
    argument.name = Name();
    Next();
  }
  At(K_CAST), At(K_DESCRIPTOR);
  if (At(K_TABLE)) {
    argument.value = TableArgument();
  } else if (Sees({K_DESCRIPTOR, kOpen}) && IsName(Ahead(2).type) &&
             (IsName(Ahead(3).type) || Ahead(3).type == kComma || Ahead(3).type == kClose)) {
    argument.value = Descriptor();
  } else if (Sees({K_CAST, kOpen, K_NULL, K_AS, K_DESCRIPTOR, kClose})) {
    for (int i = 0; i < 6; ++i) Next();
    argument.value = ast::NullDescriptor{};
  } else {
    argument.value = Expression();
  }
  return argument;
}

ast::DescriptorArgument Parser::Descriptor() {
  Next(), Next();
  ast::DescriptorArgument descriptor;
  do {
    ast::DescriptorArgument::Field field{Name(), nullptr};
    if (IsName(Here().type)) field.type = Type();
    descriptor.fields.push_back(std::move(field));
  } while (Accept(kComma));
  Expect(kClose);
  return descriptor;
}

ast::TableArgument Parser::TableArgument() {
  Expect({K_TABLE, kOpen});
  ast::TableArgument argument;
  const ErrorLocation location = Location();
  if (AtName()) {
    argument.table = std::make_unique<ast::Relation>(location, ast::Table{Qualified(), std::nullopt});
  } else {
    argument.table = std::make_unique<ast::Relation>(location, ast::SubqueryRelation{Query()});
  }
  Expect(kClose);
  const bool as = Accept(K_AS);
  const bool clause = Sees({K_PARTITION, K_BY}) || Sees({K_PRUNE, K_WHEN}) || Sees({K_KEEP, K_WHEN});
  if (as || (AtName() && !clause)) {
    const ast::Identifier alias = Name();
    if (!as && IsCopartition(alias)) {
      Refuse(
          alias.location,
          "The word \"COPARTITION\" is ambiguous in this context. To alias an argument, precede the alias "
          "with "
          "\"AS\". To specify co-partitioning, change the argument order so that the last argument cannot be "
          "aliased.");
    }
    ast::AliasedRelation aliased{std::move(argument.table), alias, {}};
    if (At(kOpen)) aliased.columns = ColumnAliases();
    argument.table = std::make_unique<ast::Relation>(location, std::move(aliased));
  }
  if (Accept(K_PARTITION)) {
    Expect(K_BY);
    ast::ExpressionList columns;
    if (At(kOpen) && !ContinuesExpression(TokenAt(ClosingOf(position()) + 1))) {
      Next();
      if (!At(kClose)) columns = Expressions();
      Expect(kClose);
    } else {
      columns.push_back(Expression());
    }
    argument.partition_by = std::move(columns);
  }
  using WhenEmpty = ast::TableArgument::WhenEmpty;
  argument.when_empty_location = Location();
  if (Accept({K_PRUNE, K_WHEN})) {
    Expect(K_EMPTY);
    argument.when_empty = WhenEmpty::kPrune;
  } else if (Accept({K_KEEP, K_WHEN})) {
    Expect(K_EMPTY);
    argument.when_empty = WhenEmpty::kKeep;
  }
  if (Accept(K_ORDER)) {
    Expect(K_BY);
    const auto continues_item = [&](const Token& token) {
      return ContinuesExpression(token) || token.type == K_ASC || token.type == K_DESC ||
             token.type == K_NULLS;
    };
    const bool parenthesized = At(kOpen) && !continues_item(TokenAt(ClosingOf(position()) + 1));
    if (parenthesized) Next();
    do argument.order_by.push_back(SortItem());
    while (parenthesized && Accept(kComma));
    if (parenthesized) Expect(kClose);
  }
  return argument;
}

}  // namespace planaria::sql::parser
