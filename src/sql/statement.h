// What a client's text asks for. Statements that the coordinator answers by itself are read completely; a
// query is recognised and kept as text for the kernel's parser (dialect.h adapts it).
//
// Names are lower case even when quoted, as the engine stores them, except names of prepared statements,
// which are as written. Locations are in the whole text of the statement.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace planaria::sql {

struct QualifiedName {
  std::vector<std::string> parts;
  ErrorLocation location;
  /// `c.s.t`
  std::string ToString() const;
};

struct LikePattern {
  std::string pattern;
  /// One character; Trino has no default escape.
  std::optional<std::string> escape;
};

enum class LiteralKind : uint8_t { kString, kNumber, kBoolean, kNull };
/// `text` is the value without quotes: `x`, `-1.5`, `true`, empty for NULL.
struct Literal {
  LiteralKind kind = LiteralKind::kNull;
  std::string text;
  ErrorLocation location;
};

/// SELECT, WITH, VALUES, TABLE or a parenthesised query.
struct Query {
  /// Without the final `;`, and where it starts.
  std::string text;
  ErrorLocation location;
};

/// INSERT, DELETE, UPDATE and MERGE: recognised and kept as text.
struct Modify {
  Query statement;
};

/// `name = expression` of a WITH clause; texts as written, names lower case.
using Properties = std::vector<std::pair<std::string, std::string>>;

struct CreateSchema {
  /// `s` or `c.s`
  QualifiedName name;
  bool if_not_exists = false;
  Properties properties;
};
struct DropSchema {
  QualifiedName name;
  bool if_exists = false;
  bool cascade = false;
};
struct ColumnDefinition {
  std::string name;
  /// SQL text.
  std::string type;
  bool nullable = true;
};
/// What CREATE TABLE and CREATE TABLE AS share.
struct NewTableClauses {
  QualifiedName name;
  bool if_not_exists = false;
  bool replace = false;
  std::optional<std::string> comment;
  Properties properties;
  /// Of the statement.
  ErrorLocation location;
};
struct CreateTable {
  NewTableClauses table;
  std::vector<ColumnDefinition> columns;
};
struct CreateTableAs {
  NewTableClauses table;
  std::vector<std::string> aliases;
  Query query;
  bool with_data = true;
};
struct DropTable {
  QualifiedName name;
  bool if_exists = false;
};
struct TruncateTable {
  QualifiedName name;
};

struct ShowCatalogs {
  std::optional<LikePattern> like;
};
struct ShowSchemas {
  std::optional<std::string> catalog;
  std::optional<LikePattern> like;
  ErrorLocation location;
};
struct ShowTables {
  /// `s` or `c.s`
  std::optional<QualifiedName> schema;
  std::optional<LikePattern> like;
  ErrorLocation location;
};
/// Also DESCRIBE t and DESC t.
struct ShowColumns {
  QualifiedName table;
  std::optional<LikePattern> like;
};
struct ShowFunctions {
  std::optional<QualifiedName> schema;
  std::optional<LikePattern> like;
};
struct ShowSession {
  std::optional<LikePattern> like;
};
enum class ShowCreateKind : uint8_t { kTable, kView, kSchema, kMaterializedView, kFunction };
struct ShowCreate {
  ShowCreateKind kind = ShowCreateKind::kTable;
  QualifiedName name;
};
struct Use {
  std::optional<std::string> catalog;
  std::string schema;
  ErrorLocation location;
};
struct SetSession {
  /// `property` or `catalog.property`
  QualifiedName name;
  Literal value;
};
struct ResetSession {
  QualifiedName name;
};
struct SetTimeZone {
  /// A zone name or offset such as `+02:00`; nothing for LOCAL.
  std::optional<std::string> zone;
  ErrorLocation location;
};

struct Statement;
enum class ExplainType : uint8_t { kLogical, kDistributed, kValidate, kIo };
enum class ExplainFormat : uint8_t { kText, kGraphviz, kJson };
struct Explain {
  ExplainType type = ExplainType::kDistributed;
  ExplainFormat format = ExplainFormat::kText;
  bool analyze = false;
  bool verbose = false;
  std::shared_ptr<const Statement> statement;
};

struct Prepare {
  std::string name;
  /// Of the inner statement, which has been parsed and may hold `?`.
  std::string sql;
};
struct Execute {
  std::string name;
  /// SQL text of each value.
  std::vector<std::string> parameters;
};
struct ExecuteImmediate {
  std::string sql;
  std::vector<std::string> parameters;
};
struct Deallocate {
  std::string name;
};
struct DescribeInput {
  std::string name;
};
struct DescribeOutput {
  std::string name;
};
struct StartTransaction {
  /// `READ COMMITTED` and so on; nothing when not said.
  std::optional<std::string> isolation;
  bool read_only = false;
};
struct Commit {};
struct Rollback {};
struct CallArgument {
  std::optional<std::string> name;
  Literal value;
};
struct Call {
  QualifiedName procedure;
  std::vector<CallArgument> arguments;
};

struct Statement {
  std::variant<Query, Modify, CreateSchema, DropSchema, CreateTable, CreateTableAs, DropTable, TruncateTable,
               ShowCatalogs, ShowSchemas, ShowTables, ShowColumns, ShowFunctions, ShowSession, ShowCreate,
               Use, SetSession, ResetSession, SetTimeZone, Explain, Prepare, Execute, ExecuteImmediate,
               Deallocate, DescribeInput, DescribeOutput, StartTransaction, Commit, Rollback, Call>
      body;
  /// The statement's own text, without comments around it and the final `;`.
  std::string text;
};

/// Throws TrinoException: SYNTAX_ERROR (`line L:C: mismatched input 'x'. Expecting: ...`, location set), or
/// NOT_SUPPORTED naming the kind of statement that is known and cannot be run yet.
Statement ParseStatement(std::string_view sql);

/// How many `?` the statement holds.
size_t CountParameters(std::string_view sql);

/// `sql` with each `?` replaced by the text of its value, in parentheses where that is more than one token.
/// Throws INVALID_PARAMETER_USAGE when the counts differ.
std::string SubstituteParameters(std::string_view sql, const std::vector<std::string>& parameters);

}  // namespace planaria::sql
