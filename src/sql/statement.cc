#include "sql/statement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sql/definition_parser.h"
#include "sql/parse.h"
#include "sql/statement_kind.h"
#include "sql/token_cursor.h"
#include "sql/unsupported_parts.h"

namespace planaria::sql {

namespace {

/// How many EXPLAINs and PREPAREs may stand inside each other.
constexpr int kMaxDepth = 4;

Statement Parse(TokenCursor& cursor, int depth);

bool AcceptWords(TokenCursor& cursor, std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!cursor.Peek(ahead++).IsWord(word)) return false;
  }
  while (ahead-- > 0) cursor.Next();
  return true;
}

bool AcceptFrom(TokenCursor& cursor) { return cursor.AcceptWord("FROM") || cursor.AcceptWord("IN"); }

Statement ParseShowCreate(TokenCursor& cursor) {
  ShowCreate show;
  if (cursor.AcceptWord("TABLE")) {
    show.kind = ShowCreateKind::kTable;
  } else if (cursor.AcceptWord("VIEW")) {
    show.kind = ShowCreateKind::kView;
  } else if (cursor.AcceptWord("SCHEMA")) {
    show.kind = ShowCreateKind::kSchema;
  } else if (cursor.AcceptWord("FUNCTION")) {
    show.kind = ShowCreateKind::kFunction;
  } else if (AcceptWords(cursor, {"MATERIALIZED", "VIEW"})) {
    show.kind = ShowCreateKind::kMaterializedView;
  } else {
    cursor.Mismatch({"'FUNCTION'", "'MATERIALIZED'", "'SCHEMA'", "'TABLE'", "'VIEW'"});
  }
  show.name = cursor.Qualified(show.kind == ShowCreateKind::kSchema ? 2 : 3);
  return {std::move(show), {}};
}

Statement ParseShow(TokenCursor& cursor, ErrorLocation location) {
  if (cursor.AcceptWord("CATALOGS")) return {ShowCatalogs{cursor.Like()}, {}};
  if (cursor.AcceptWord("SCHEMAS")) {
    ShowSchemas show;
    show.location = location;
    if (AcceptFrom(cursor)) show.catalog = cursor.Qualified(1).parts.front();
    show.like = cursor.Like();
    return {std::move(show), {}};
  }
  if (cursor.AcceptWord("TABLES")) {
    ShowTables show;
    show.location = location;
    if (AcceptFrom(cursor)) show.schema = cursor.Qualified(2);
    show.like = cursor.Like();
    return {std::move(show), {}};
  }
  if (cursor.AcceptWord("COLUMNS")) {
    if (!AcceptFrom(cursor)) cursor.Mismatch({"'FROM'", "'IN'"});
    ShowColumns show;
    show.table = cursor.Qualified(3);
    show.like = cursor.Like();
    return {std::move(show), {}};
  }
  if (cursor.AcceptWord("FUNCTIONS")) {
    ShowFunctions show;
    if (AcceptFrom(cursor)) show.schema = cursor.Qualified(2);
    show.like = cursor.Like();
    return {std::move(show), {}};
  }
  if (cursor.AcceptWord("SESSION")) return {ShowSession{cursor.Like()}, {}};
  if (cursor.AcceptWord("CREATE")) return ParseShowCreate(cursor);
  for (const std::string_view other : {"STATS", "ROLES", "CURRENT", "ROLE", "GRANTS", "BRANCHES"}) {
    if (cursor.Peek().IsWord(other)) {
      ThrowAt(errors::NOT_SUPPORTED, location, fmt::format("SHOW {} is not supported", other));
    }
  }
  cursor.Mismatch(
      {"'CATALOGS'", "'COLUMNS'", "'CREATE'", "'FUNCTIONS'", "'SCHEMAS'", "'SESSION'", "'TABLES'"});
}

Statement ParseDescribe(TokenCursor& cursor) {
  // A table may be called input or output; then nothing, or a dot, follows.
  const TokenKind after = cursor.Peek(1).kind;
  const bool name_follows = after == TokenKind::kWord || after == TokenKind::kQuotedName;
  if (name_follows && cursor.AcceptWord("INPUT")) return {DescribeInput{cursor.Name()}, {}};
  if (name_follows && cursor.AcceptWord("OUTPUT")) return {DescribeOutput{cursor.Name()}, {}};
  return {ShowColumns{cursor.Qualified(3), std::nullopt}, {}};
}

Statement ParseUse(TokenCursor& cursor) {
  const QualifiedName name = cursor.Qualified(2);
  Use use;
  use.location = name.location;
  use.schema = name.parts.back();
  if (name.parts.size() == 2) use.catalog = name.parts.front();
  return {std::move(use), {}};
}

Statement ParseSet(TokenCursor& cursor, ErrorLocation location) {
  if (AcceptWords(cursor, {"SESSION", "AUTHORIZATION"})) {
    ThrowAt(errors::NOT_SUPPORTED, location, "SET SESSION AUTHORIZATION is not supported");
  }
  if (cursor.AcceptWord("SESSION")) {
    SetSession set;
    set.name = cursor.Qualified(2);
    cursor.ExpectSymbol("=");
    set.value = cursor.Value();
    return {std::move(set), {}};
  }
  if (AcceptWords(cursor, {"TIME", "ZONE"})) {
    SetTimeZone set;
    set.location = cursor.Here();
    if (!cursor.AcceptWord("LOCAL")) set.zone = cursor.String();
    return {std::move(set), {}};
  }
  for (const std::string_view other : {"ROLE", "PATH"}) {
    if (cursor.Peek().IsWord(other)) {
      ThrowAt(errors::NOT_SUPPORTED, location, fmt::format("SET {} is not supported", other));
    }
  }
  cursor.Mismatch({"'PATH'", "'ROLE'", "'SESSION'", "'TIME'"});
}

Statement ParseReset(TokenCursor& cursor, ErrorLocation location) {
  cursor.ExpectWord("SESSION");
  if (cursor.Peek().IsWord("AUTHORIZATION")) {
    ThrowAt(errors::NOT_SUPPORTED, location, "RESET SESSION AUTHORIZATION is not supported");
  }
  return {ResetSession{cursor.Qualified(2)}, {}};
}

void ParseExplainOption(TokenCursor& cursor, Explain& explain) {
  static constexpr std::string_view kTypes[] = {"LOGICAL", "DISTRIBUTED", "VALIDATE", "IO"};
  static constexpr std::string_view kFormats[] = {"TEXT", "GRAPHVIZ", "JSON"};
  if (cursor.AcceptWord("TYPE")) {
    for (size_t i = 0; i < std::size(kTypes); ++i) {
      if (!cursor.AcceptWord(kTypes[i])) continue;
      explain.type = static_cast<ExplainType>(i);
      return;
    }
    cursor.Mismatch({"'DISTRIBUTED'", "'IO'", "'LOGICAL'", "'VALIDATE'"});
  }
  if (!cursor.AcceptWord("FORMAT")) cursor.Mismatch({"'FORMAT'", "'TYPE'"});
  for (size_t i = 0; i < std::size(kFormats); ++i) {
    if (!cursor.AcceptWord(kFormats[i])) continue;
    explain.format = static_cast<ExplainFormat>(i);
    return;
  }
  cursor.Mismatch({"'GRAPHVIZ'", "'JSON'", "'TEXT'"});
}

Statement ParseExplain(TokenCursor& cursor, int depth) {
  Explain explain;
  if (cursor.AcceptWord("ANALYZE")) {
    explain.analyze = true;
    explain.verbose = cursor.AcceptWord("VERBOSE");
  } else if (cursor.Peek().IsSymbol("(") &&
             (cursor.Peek(1).IsWord("TYPE") || cursor.Peek(1).IsWord("FORMAT"))) {
    do {
      cursor.Next();
      ParseExplainOption(cursor, explain);
    } while (cursor.Peek().IsSymbol(","));
    cursor.ExpectSymbol(")");
  }
  explain.statement = std::make_shared<const Statement>(Parse(cursor, depth + 1));
  return {std::move(explain), {}};
}

Statement ParsePrepare(TokenCursor& cursor, int depth) {
  Prepare prepare{cursor.Name(), {}};
  cursor.ExpectWord("FROM");
  const ErrorLocation location = cursor.Here();
  for (const std::string_view kind : {"PREPARE", "EXECUTE", "DEALLOCATE"}) {
    if (cursor.Peek().IsWord(kind)) {
      ThrowAt(errors::NOT_SUPPORTED, location,
              fmt::format("Invalid statement type for prepared statement: {}", kind));
    }
  }
  prepare.sql = Parse(cursor, depth + 1).text;
  return {std::move(prepare), {}};
}

std::vector<std::string> ParseUsing(TokenCursor& cursor) {
  if (!cursor.AcceptWord("USING")) return {};
  return cursor.ValueTexts();
}

Statement ParseExecute(TokenCursor& cursor) {
  if (cursor.Peek().IsWord("IMMEDIATE") && cursor.Peek(1).kind == TokenKind::kString) {
    cursor.Next();
    ExecuteImmediate execute;
    execute.sql = cursor.String();
    execute.parameters = ParseUsing(cursor);
    return {std::move(execute), {}};
  }
  Execute execute{cursor.Name(), {}};
  execute.parameters = ParseUsing(cursor);
  return {std::move(execute), {}};
}

Statement ParseStartTransaction(TokenCursor& cursor) {
  cursor.ExpectWord("TRANSACTION");
  StartTransaction start;
  if (cursor.AtEnd()) return {std::move(start), {}};
  do {
    if (AcceptWords(cursor, {"READ", "ONLY"})) {
      start.read_only = true;
    } else if (AcceptWords(cursor, {"READ", "WRITE"})) {
      start.read_only = false;
    } else if (AcceptWords(cursor, {"ISOLATION", "LEVEL"})) {
      if (AcceptWords(cursor, {"READ", "UNCOMMITTED"})) {
        start.isolation = "READ UNCOMMITTED";
      } else if (AcceptWords(cursor, {"READ", "COMMITTED"})) {
        start.isolation = "READ COMMITTED";
      } else if (AcceptWords(cursor, {"REPEATABLE", "READ"})) {
        start.isolation = "REPEATABLE READ";
      } else if (cursor.AcceptWord("SERIALIZABLE")) {
        start.isolation = "SERIALIZABLE";
      } else {
        cursor.Mismatch({"'READ'", "'REPEATABLE'", "'SERIALIZABLE'"});
      }
    } else {
      cursor.Mismatch({"'ISOLATION'", "'READ'"});
    }
  } while (cursor.AcceptSymbol(","));
  return {std::move(start), {}};
}

Statement ParseCall(TokenCursor& cursor) {
  Call call;
  call.procedure = cursor.Qualified(3);
  cursor.ExpectSymbol("(");
  if (!cursor.AcceptSymbol(")")) {
    do {
      CallArgument argument;
      if (cursor.Peek(1).IsSymbol("=>")) {
        argument.name = LowerCase(cursor.Name());
        cursor.Next();
      }
      argument.value = cursor.Value();
      call.arguments.push_back(std::move(argument));
    } while (cursor.AcceptSymbol(","));
    cursor.ExpectSymbol(")");
  }
  return {std::move(call), {}};
}

/// `CREATE VIEW`, `GRANT`: as much of the statement's head as names its kind.
std::string KindOfUnsupported(TokenCursor& cursor) {
  static constexpr std::string_view kFirst[] = {"CREATE",  "DROP",  "ALTER",  "COMMENT", "ANALYZE",
                                                "REFRESH", "GRANT", "REVOKE", "DENY"};
  static constexpr std::string_view kObjects[] = {"TABLE",    "VIEW", "MATERIALIZED", "SCHEMA",
                                                  "FUNCTION", "ROLE", "CATALOG",      "BRANCH"};
  for (const std::string_view first : kFirst) {
    if (!cursor.Peek().IsWord(first)) continue;
    const size_t object = cursor.Peek(1).IsWord("OR") && cursor.Peek(2).IsWord("REPLACE") ? 3 : 1;
    for (const std::string_view kind : kObjects) {
      if (!cursor.Peek(object).IsWord(kind)) continue;
      return fmt::format("{} {}{}", first, kind, kind == "MATERIALIZED" ? " VIEW" : "");
    }
    return std::string(first);
  }
  return {};
}

bool StartsModification(const Token& token) {
  return token.IsWord("INSERT") || token.IsWord("DELETE") || token.IsWord("UPDATE") || token.IsWord("MERGE");
}

bool StartsQuery(const Token& token) {
  return token.IsWord("SELECT") || token.IsWord("WITH") || token.IsWord("VALUES") || token.IsWord("TABLE") ||
         token.IsSymbol("(");
}

Statement ParseBody(TokenCursor& cursor, int depth) {
  const ErrorLocation location = cursor.Here();
  if (StartsQuery(cursor.Peek())) return {Query{std::string(cursor.Rest()), location}, {}};
  if (cursor.AcceptWord("SHOW")) return ParseShow(cursor, location);
  if (cursor.AcceptWord("DESCRIBE") || cursor.AcceptWord("DESC")) return ParseDescribe(cursor);
  if (cursor.AcceptWord("USE")) return ParseUse(cursor);
  if (cursor.AcceptWord("SET")) return ParseSet(cursor, location);
  if (cursor.AcceptWord("RESET")) return ParseReset(cursor, location);
  if (cursor.AcceptWord("EXPLAIN")) return ParseExplain(cursor, depth);
  if (cursor.AcceptWord("PREPARE")) return ParsePrepare(cursor, depth);
  if (cursor.AcceptWord("EXECUTE")) return ParseExecute(cursor);
  if (AcceptWords(cursor, {"DEALLOCATE", "PREPARE"})) return {Deallocate{cursor.Name()}, {}};
  if (cursor.AcceptWord("START")) return ParseStartTransaction(cursor);
  if (cursor.AcceptWord("COMMIT")) {
    cursor.AcceptWord("WORK");
    return {Commit{}, {}};
  }
  if (cursor.AcceptWord("ROLLBACK")) {
    cursor.AcceptWord("WORK");
    return {Rollback{}, {}};
  }
  if (cursor.AcceptWord("CALL")) return ParseCall(cursor);
  if (StartsModification(cursor.Peek())) return {Modify{{std::string(cursor.Rest()), location}}, {}};
  if (auto definition = ParseDefinition(cursor)) return std::move(*definition);
  if (const std::string kind = KindOfUnsupported(cursor); !kind.empty()) {
    ThrowAt(errors::NOT_SUPPORTED, location, fmt::format("{} is not supported", kind));
  }
  cursor.Mismatch({"'CALL'",     "'COMMIT'", "'CREATE'",   "'DEALLOCATE'", "'DELETE'", "'DESC'",
                   "'DESCRIBE'", "'DROP'",   "'EXECUTE'",  "'EXPLAIN'",    "'INSERT'", "'MERGE'",
                   "'PREPARE'",  "'RESET'",  "'ROLLBACK'", "'SET'",        "'SHOW'",   "'START'",
                   "'TRUNCATE'", "'UPDATE'", "'USE'",      "<query>"});
}

Statement Parse(TokenCursor& cursor, int depth) {
  if (depth > kMaxDepth) ThrowAt(errors::NOT_SUPPORTED, cursor.Here(), "statements are nested too deeply");
  TokenCursor whole = cursor;
  std::string text(whole.Rest());
  Statement statement = ParseBody(cursor, depth);
  cursor.ExpectEnd();
  statement.text = std::move(text);
  return statement;
}

}  // namespace

std::string QualifiedName::ToString() const { return fmt::format("{}", fmt::join(parts, ".")); }

Statement ParseStatement(std::string_view sql) {
  const ast::StatementPtr statement = sql::Parse(WithoutFinalSemicolon(sql));
  if (const auto part = FindUnsupportedPart(*statement)) {
    ThrowAt(errors::NOT_SUPPORTED, part->location, fmt::format("{} is not supported", part->what));
  }
  TokenCursor cursor(sql);
  try {
    return Parse(cursor, 0);
  } catch (const TrinoException& e) {
    if (e.error().code != errors::SYNTAX_ERROR) throw;
    // It is Trino's all right, in a form that is read by the parser only.
    const ErrorLocation at = e.error().location.value_or(statement->location);
    ThrowAt(errors::NOT_SUPPORTED, at, fmt::format("{} is not supported in this form", KindOf(*statement)));
  }
}

size_t CountParameters(std::string_view sql) {
  size_t count = 0;
  for (const Token& token : Tokenize(sql)) count += token.kind == TokenKind::kParameter ? 1 : 0;
  return count;
}

std::string SubstituteParameters(std::string_view sql, const std::vector<std::string>& parameters) {
  const size_t expected = CountParameters(sql);
  if (expected != parameters.size()) {
    ThrowAt(
        errors::INVALID_PARAMETER_USAGE, {1, 1},
        fmt::format("Incorrect number of parameters: expected {} but found {}", expected, parameters.size()));
  }
  std::string out;
  size_t copied = 0;
  size_t next = 0;
  for (const Token& token : Tokenize(sql)) {
    if (token.kind != TokenKind::kParameter) continue;
    const std::string& value = parameters[next++];
    out += sql.substr(copied, token.offset - copied);
    // One token and the end. Blanks keep the value from growing together with its neighbours.
    const bool single = Tokenize(value).size() == 2;
    out += single ? fmt::format(" {} ", value) : fmt::format("({})", value);
    copied = token.end();
  }
  return out.append(sql.substr(copied));
}

}  // namespace planaria::sql
