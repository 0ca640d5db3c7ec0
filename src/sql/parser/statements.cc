// Which statement it is; statements about the session, prepared statements, transactions and procedures.
#include "sql/parse.h"

#include "sql/parser/parser.h"
#include "sql/parser/scanner.h"

namespace planaria::sql {

ast::StatementPtr Parse(std::string_view sql) {
  const std::vector<parser::Token> tokens = parser::Scan(sql);
  try {
    return parser::Parser(tokens, false).WholeStatement();
  } catch (const parser::Mismatch&) {
  }
  parser::Parser again(tokens, true);
  try {
    again.WholeStatement();
  } catch (const parser::Mismatch&) {
  }
  again.ThrowMismatch();
}

std::string_view WithoutFinalSemicolon(std::string_view sql) {
  const std::vector<parser::Token> tokens = parser::Scan(sql);
  const bool semicolon = tokens.size() > 1 && tokens[tokens.size() - 2].type == parser::TokenType::kSemicolon;
  return semicolon ? sql.substr(0, tokens[tokens.size() - 2].offset) : sql;
}

namespace parser {

using enum TokenType;

ast::StatementPtr Parser::WholeStatement() {
  ast::StatementPtr statement = Statement();
  Expect(kEnd);
  ThrowRefusal();
  statement->parameters = parameters_;
  return statement;
}

ast::StatementPtr Parser::Statement() {
  Level level(*this);
  const ErrorLocation location = Location();
  std::optional<ast::Statement::Node> node = StatementNode();
  if (!node) node = RootQuery();
  return std::make_unique<ast::Statement>(location, std::move(*node));
}

/// Nothing, with the stream where it was, when a query begins here.
std::optional<ast::Statement::Node> Parser::StatementNode() {
  if (Accept(K_USE)) {
    ast::Use use{std::nullopt, Name()};
    if (Accept(kDot)) {
      use.catalog = std::move(use.schema);
      use.schema = Name();
    } else if (taking_notes()) {
      ReturnTo(position());
    }
    return use;
  }
  if (Accept(K_SHOW)) return Show();
  if (At(K_DESCRIBE) || At(K_DESC)) return Describe();
  if (Accept(K_SET)) return Set();
  if (Accept(K_RESET)) return Reset();
  if (Accept(K_EXPLAIN)) return Explain();
  if (Accept(K_PREPARE)) {
    ast::Prepare prepare{Name(), nullptr};
    Expect(K_FROM);
    prepare.statement = Statement();
    return prepare;
  }
  if (Accept(K_EXECUTE)) return Execute();
  if (Accept(K_DEALLOCATE)) {
    Expect(K_PREPARE);
    return ast::Deallocate{Name()};
  }
  if (Accept(K_START)) return StartTransaction();
  if (Accept(K_COMMIT)) {
    Accept(K_WORK);
    return ast::Commit{};
  }
  if (Accept(K_ROLLBACK)) {
    Accept(K_WORK);
    return ast::Rollback{};
  }
  if (Accept(K_CALL)) return Call();
  if (Accept(K_CREATE)) return Create();
  if (Accept(K_DROP)) return Drop();
  if (Accept(K_ALTER)) return Alter();
  if (Accept(K_COMMENT)) return Comment();
  if (Accept(K_TRUNCATE)) {
    Expect(K_TABLE);
    return ast::TruncateTable{Qualified()};
  }
  if (Accept(K_REFRESH)) {
    Expect({K_MATERIALIZED, K_VIEW});
    return ast::RefreshMaterializedView{Qualified()};
  }
  if (Accept(K_INSERT)) return Insert();
  if (Accept(K_DELETE)) return Delete();
  if (Accept(K_UPDATE)) return Update();
  if (Accept(K_MERGE)) return Merge();
  if (Accept(K_ANALYZE)) return Analyze();
  if (Accept(K_GRANT)) return Grant();
  if (Accept(K_REVOKE)) return Revoke();
  if (Accept(K_DENY)) return Deny();
  return std::nullopt;
}

ast::Statement::Node Parser::Describe() {
  const bool whole_word = Next().type == K_DESCRIBE;
  if (whole_word) {
    At(K_INPUT), At(K_OUTPUT);
    // A table may have these names.
    if (Here().type == K_INPUT && IsName(Ahead(1).type)) {
      Next();
      return ast::DescribeInput{Name()};
    }
    if (Here().type == K_OUTPUT && IsName(Ahead(1).type)) {
      Next();
      return ast::DescribeOutput{Name()};
    }
  }
  return ast::ShowColumns{Qualified(), std::nullopt};
}

ast::Statement::Node Parser::Set() {
  if (Accept(K_SESSION)) {
    At(K_AUTHORIZATION);
    if (Here().type == K_AUTHORIZATION && (IsName(Ahead(1).type) || IsString(Ahead(1).type))) {
      Next();
      if (AtString()) return ast::SetSessionAuthorization{String()};
      return ast::SetSessionAuthorization{Name()};
    }
    ast::SetSession set{Qualified(), nullptr};
    Expect(kEqual);
    set.value = Expression();
    return set;
  }
  if (Accept(K_TIME)) {
    Expect(K_ZONE);
    At(K_LOCAL);
    if (Sees({K_LOCAL, kEnd})) {
      Next();
      return ast::SetTimeZone{nullptr};
    }
    return ast::SetTimeZone{Expression()};
  }
  if (Accept(K_PATH)) {
    ast::SetPath set;
    do {
      ast::QualifiedName element{{}, Location()};
      element.parts.push_back(Name());
      if (Accept(kDot)) element.parts.push_back(Name());
      set.path.push_back(std::move(element));
    } while (Accept(kComma));
    return set;
  }
  Expect(K_ROLE);
  ast::SetRole set;
  const bool alone = Ahead(1).type == kEnd || Ahead(1).type == K_IN;
  if (At(K_ALL) && alone) {
    Next();
    set.kind = ast::SetRole::Kind::kAll;
  } else if (At(K_NONE) && alone) {
    Next();
    set.kind = ast::SetRole::Kind::kNone;
  } else {
    set.role = Name();
  }
  set.catalog = OptionalInCatalog();
  return set;
}

ast::Statement::Node Parser::Reset() {
  Expect(K_SESSION);
  At(K_AUTHORIZATION);
  if (Sees({K_AUTHORIZATION, kEnd})) {
    Next();
    return ast::ResetSessionAuthorization{};
  }
  return ast::ResetSession{Qualified()};
}

ast::Statement::Node Parser::Explain() {
  ast::Explain explain;
  At(kOpen);
  // ANALYZE and VERBOSE may begin the statement: EXPLAIN ANALYZE t.
  if (At(K_ANALYZE) && !IsName(Ahead(1).type)) {
    Next();
    explain.analyze = true;
  } else if (Here().type == K_ANALYZE && Ahead(1).type != kEnd && Ahead(1).type != K_WITH) {
    const TokenType next = Ahead(1).type;
    const TokenType after = Ahead(2).type;
    const bool analyzes_table = after == kEnd || after == kDot || after == K_WITH;
    if (!(IsName(next) && analyzes_table) || next == K_VERBOSE) {
      Next();
      explain.analyze = true;
      explain.verbose = Accept(K_VERBOSE);
    }
  } else if (Here().type == kOpen && (Ahead(1).type == K_TYPE || Ahead(1).type == K_FORMAT)) {
    do {
      Next();
      const Token& name = Here();
      ast::Explain::Option option;
      const auto take = [&](std::initializer_list<TokenType> values) {
        for (const TokenType value : values) {
          if (!Accept(value)) continue;
          option = {std::string(SpellingOf(name.type)), std::string(SpellingOf(value))};
          return;
        }
        Fail();
      };
      if (Accept(K_TYPE)) {
        take({K_LOGICAL, K_DISTRIBUTED, K_VALIDATE, K_IO});
      } else {
        Expect(K_FORMAT);
        take({K_TEXT, K_GRAPHVIZ, K_JSON});
      }
      explain.options.push_back(std::move(option));
    } while (At(kComma));
    Expect(kClose);
  }
  explain.statement = Statement();
  return explain;
}

ast::Statement::Node Parser::Execute() {
  At(K_IMMEDIATE);
  if (Here().type == K_IMMEDIATE && IsString(Ahead(1).type)) {
    Next();
    ast::ExecuteImmediate execute{String(), {}};
    if (Accept(K_USING)) execute.parameters = Expressions();
    return execute;
  }
  ast::Execute execute{Name(), {}};
  if (Accept(K_USING)) execute.parameters = Expressions();
  return execute;
}

ast::Statement::Node Parser::StartTransaction() {
  using Mode = ast::StartTransaction::Mode;
  Expect(K_TRANSACTION);
  ast::StartTransaction start;
  if (!At(K_ISOLATION) && !At(K_READ)) return start;
  do {
    if (Accept(K_ISOLATION)) {
      Expect(K_LEVEL);
      if (Accept(K_READ)) {
        if (Accept(K_UNCOMMITTED)) {
          start.modes.push_back(Mode::kReadUncommitted);
        } else {
          Expect(K_COMMITTED);
          start.modes.push_back(Mode::kReadCommitted);
        }
      } else if (Accept(K_REPEATABLE)) {
        Expect(K_READ);
        start.modes.push_back(Mode::kRepeatableRead);
      } else {
        Expect(K_SERIALIZABLE);
        start.modes.push_back(Mode::kSerializable);
      }
    } else {
      Expect(K_READ);
      if (Accept(K_ONLY)) {
        start.modes.push_back(Mode::kReadOnly);
      } else {
        Expect(K_WRITE);
        start.modes.push_back(Mode::kReadWrite);
      }
    }
  } while (Accept(kComma));
  return start;
}

ast::Call Parser::Call() {
  ast::Call call{Qualified(), {}};
  Expect(kOpen);
  if (!At(kClose)) call.arguments = CallArguments();
  Expect(kClose);
  return call;
}

std::vector<ast::CallArgument> Parser::CallArguments() {
  std::vector<ast::CallArgument> arguments;
  do {
    ast::CallArgument argument;
    if (AtName() && Ahead(1).type == kDoubleArrow) {
      argument.name = Name();
      Next();
    }
    argument.value = Expression();
    arguments.push_back(std::move(argument));
  } while (Accept(kComma));
  return arguments;
}

}  // namespace parser

}  // namespace planaria::sql
