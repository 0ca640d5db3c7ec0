#include "sql/definition_parser.h"

#include "sql/lexer.h"

namespace planaria::sql {

namespace {

bool IfNotExists(TokenCursor& cursor) {
  if (!cursor.AcceptWord("IF")) return false;
  cursor.ExpectWord("NOT");
  cursor.ExpectWord("EXISTS");
  return true;
}

bool IfExists(TokenCursor& cursor) {
  if (!cursor.AcceptWord("IF")) return false;
  cursor.ExpectWord("EXISTS");
  return true;
}

/// Tokens up to one at depth 0 that `ends`, with blanks between.
template <typename Ends>
std::string TextUntil(TokenCursor& cursor, Ends ends) {
  std::string text;
  int depth = 0;
  while (!cursor.AtEnd() && !(depth == 0 && ends())) {
    const Token& token = cursor.Peek();
    if (token.IsSymbol("(") || token.IsSymbol("[")) depth++;
    if (token.IsSymbol(")") || token.IsSymbol("]")) depth--;
    if (!text.empty()) text += ' ';
    text += cursor.Next().text;
  }
  return text;
}

bool AtCommaOrClose(const TokenCursor& cursor) {
  return cursor.Peek().IsSymbol(",") || cursor.Peek().IsSymbol(")");
}

Properties ParseProperties(TokenCursor& cursor) {
  Properties properties;
  if (!cursor.AcceptWord("WITH")) return properties;
  cursor.ExpectSymbol("(");
  do {
    std::string name = LowerCase(cursor.Name());
    cursor.ExpectSymbol("=");
    std::string value = TextUntil(cursor, [&] { return AtCommaOrClose(cursor); });
    if (value.empty()) cursor.Mismatch({"<expression>"});
    properties.emplace_back(std::move(name), std::move(value));
  } while (cursor.AcceptSymbol(","));
  cursor.ExpectSymbol(")");
  return properties;
}

Statement ParseCreateSchema(TokenCursor& cursor) {
  CreateSchema create;
  create.if_not_exists = IfNotExists(cursor);
  create.name = cursor.Qualified(2);
  if (cursor.Peek().IsWord("AUTHORIZATION")) {
    ThrowAt(errors::NOT_SUPPORTED, cursor.Here(), "AUTHORIZATION is not supported");
  }
  create.properties = ParseProperties(cursor);
  return {std::move(create), {}};
}

ColumnDefinition ParseColumn(TokenCursor& cursor) {
  ColumnDefinition column;
  if (cursor.Peek().IsWord("LIKE")) {
    ThrowAt(errors::NOT_SUPPORTED, cursor.Here(), "LIKE in CREATE TABLE is not supported");
  }
  column.name = LowerCase(cursor.Name());
  column.type = TextUntil(cursor, [&] {
    const Token& token = cursor.Peek();
    // `timestamp with time zone` is a type, `bigint WITH (...)` a type and properties.
    return AtCommaOrClose(cursor) || token.IsWord("NOT") || token.IsWord("COMMENT") ||
           token.IsWord("DEFAULT") || (token.IsWord("WITH") && cursor.Peek(1).IsSymbol("("));
  });
  if (column.type.empty()) cursor.Mismatch({"<type>"});
  if (cursor.Peek().IsWord("DEFAULT")) {
    ThrowAt(errors::NOT_SUPPORTED, cursor.Here(), "Column defaults are not supported");
  }
  if (cursor.AcceptWord("NOT")) {
    cursor.ExpectWord("NULL");
    column.nullable = false;
  }
  if (cursor.AcceptWord("COMMENT")) cursor.String();
  ParseProperties(cursor);
  return column;
}

/// Cuts `WITH [NO] DATA` off the end; true unless it says NO.
bool TakeWithData(std::string* query) {
  const auto tokens = Tokenize(*query);
  const size_t count = tokens.size() - 1;
  if (count < 3 || !tokens[count - 1].IsWord("DATA")) return true;
  const bool no = tokens[count - 2].IsWord("NO");
  const size_t with = count - (no ? 3 : 2);
  if (!tokens[with].IsWord("WITH")) return true;
  query->resize(tokens[with].offset);
  return !no;
}

Statement ParseCreateTable(TokenCursor& cursor, NewTableClauses table) {
  table.if_not_exists = IfNotExists(cursor);
  table.name = cursor.Qualified(3);
  std::vector<ColumnDefinition> columns;
  std::vector<std::string> aliases;
  if (cursor.AcceptSymbol("(")) {
    const bool names_only = cursor.Peek(1).IsSymbol(",") || cursor.Peek(1).IsSymbol(")");
    do {
      if (names_only) {
        aliases.push_back(LowerCase(cursor.Name()));
      } else {
        columns.push_back(ParseColumn(cursor));
      }
    } while (cursor.AcceptSymbol(","));
    cursor.ExpectSymbol(")");
  }
  if (cursor.AcceptWord("COMMENT")) table.comment = cursor.String();
  table.properties = ParseProperties(cursor);
  if (!columns.empty()) return {CreateTable{std::move(table), std::move(columns)}, {}};
  cursor.ExpectWord("AS");
  CreateTableAs create{std::move(table), std::move(aliases), {{}, cursor.Here()}, true};
  create.query.text = cursor.Rest();
  if (create.query.text.empty()) cursor.Mismatch({"<query>"});
  create.with_data = TakeWithData(&create.query.text);
  return {std::move(create), {}};
}

Statement ParseDropSchema(TokenCursor& cursor) {
  DropSchema drop;
  drop.if_exists = IfExists(cursor);
  drop.name = cursor.Qualified(2);
  drop.cascade = cursor.AcceptWord("CASCADE");
  if (!drop.cascade) cursor.AcceptWord("RESTRICT");
  return {std::move(drop), {}};
}

}  // namespace

std::optional<Statement> ParseDefinition(TokenCursor& cursor) {
  NewTableClauses table;
  table.location = cursor.Here();
  const Token& first = cursor.Peek();
  const Token& second = cursor.Peek(1);
  if (first.IsWord("CREATE")) {
    const bool replace = second.IsWord("OR") && cursor.Peek(2).IsWord("REPLACE");
    const bool creates_table = cursor.Peek(replace ? 3 : 1).IsWord("TABLE");
    const bool creates_schema = second.IsWord("SCHEMA");
    if (!creates_table && !creates_schema) return std::nullopt;
    for (int i = 0; i < (replace ? 4 : 2); i++) cursor.Next();
    if (creates_schema) return ParseCreateSchema(cursor);
    table.replace = replace;
    return ParseCreateTable(cursor, std::move(table));
  }
  if (first.IsWord("DROP") && second.IsWord("SCHEMA")) {
    cursor.Next();
    cursor.Next();
    return ParseDropSchema(cursor);
  }
  if (first.IsWord("DROP") && second.IsWord("TABLE")) {
    cursor.Next();
    cursor.Next();
    const bool if_exists = IfExists(cursor);
    return Statement{DropTable{cursor.Qualified(3), if_exists}, {}};
  }
  if (first.IsWord("TRUNCATE")) {
    cursor.Next();
    cursor.ExpectWord("TABLE");
    return Statement{TruncateTable{cursor.Qualified(3)}, {}};
  }
  return std::nullopt;
}

}  // namespace planaria::sql
