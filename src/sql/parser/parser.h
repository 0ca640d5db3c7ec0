// Recursive descent over Trino's grammar.
//
// A function is named for what it parses; it leaves the stream behind that, or throws Mismatch where a token
// does not fit. One token decides nearly always; where words that are not reserved could also be names, a few
// more do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast/statement.h"
#include "sql/parser/token_stream.h"

namespace planaria::sql::parser {

class Parser : public TokenStream {
 public:
  using TokenStream::TokenStream;

  /// One statement and the end.
  ast::StatementPtr WholeStatement();

 private:
  // statements.cc
  ast::StatementPtr Statement();
  std::optional<ast::Statement::Node> StatementNode();
  ast::Statement::Node Describe();
  ast::Statement::Node Set();
  ast::Statement::Node Reset();
  ast::Statement::Node Explain();
  ast::Statement::Node Execute();
  ast::Statement::Node StartTransaction();
  ast::Call Call();
  std::vector<ast::CallArgument> CallArguments();

  // show_statements.cc
  ast::Statement::Node Show();
  ast::ShowCreate ShowCreate();
  std::optional<ast::LikePattern> OptionalLike();
  bool AcceptFromOrIn();

  // definitions.cc
  ast::Statement::Node Create();
  ast::Statement::Node CreateTable(bool or_replace);
  ast::CreateView CreateView(bool or_replace);
  ast::CreateMaterializedView CreateMaterializedView(bool or_replace);
  ast::CreateSchema CreateSchema();
  ast::CreateCatalog CreateCatalog();
  ast::Statement::Node Drop();
  ast::DropObject DropObject(ast::ObjectKind kind);
  bool AcceptIfExists();
  bool AcceptIfNotExists();
  bool AcceptCascade();
  std::optional<std::string> OptionalComment();
  std::vector<ast::Property> OptionalProperties();
  std::vector<ast::Property> PropertyAssignments();
  std::vector<ast::TableElement> TableElements();
  ast::LikeClause LikeClause();
  ast::ColumnDefinition ColumnDefinition();
  ast::Comment Comment();

  // alterations.cc
  ast::Statement::Node Alter();
  ast::Statement::Node AlterTable();
  ast::Statement::Node AlterColumn(ast::QualifiedName table, bool if_exists);
  ast::Statement::Node AddColumn(ast::QualifiedName table, bool if_exists);
  ast::Statement::Node TableExecute(ast::QualifiedName table);
  ast::Statement::Node RenameOrAuthorize(ast::ObjectKind kind, std::string_view word);
  ast::Statement::Node SetAuthorization(std::string kind, ast::QualifiedName name);

  // access.cc
  ast::CreateRole CreateRole();
  ast::DropRole DropRole();
  ast::Statement::Node Grant();
  ast::Statement::Node Revoke();
  ast::GrantPrivileges Deny();
  ast::GrantRoles RolesGranted(bool revoke);
  bool SeesRoles() const;
  std::vector<std::string> Privileges();
  ast::GrantObject GrantObject();
  ast::Principal Principal();
  ast::Grantor Grantor();
  std::optional<ast::Identifier> OptionalInCatalog();

  // writes.cc
  ast::Insert Insert();
  ast::Delete Delete();
  ast::Update Update();
  ast::Merge Merge();
  ast::MergeCase MergeCase();
  std::vector<ast::Assignment> Assignments();
  ast::Analyze Analyze();

  // routines.cc
  ast::FunctionSpecification Function();
  std::vector<ast::RoutineParameter> RoutineParameters();
  std::optional<ast::RoutineCharacteristic> Characteristic();
  ast::ControlStatementPtr ControlStatement();
  ast::ControlStatement::Node ControlNode();
  ast::ControlStatement::Node LabelledLoop(std::optional<ast::Identifier> label);
  ast::CompoundStatement Compound();
  ast::IfStatement IfStatement();
  ast::CaseStatement CaseStatement();
  ast::ControlStatements ControlStatements();
  bool AtControlStatement();

  // queries.cc
  ast::QueryPtr RootQuery();
  ast::QueryPtr Query();
  void QueryRest(ast::Query& query);
  ast::With With();
  void OrderBy(std::vector<ast::SortItem>& items);
  ast::SortItem SortItem();
  ast::RowCount RowCount();
  ast::QueryBodyPtr QueryTerm(bool intersect_only);
  ast::QueryBodyPtr QueryPrimary();
  ast::QuerySpecification QuerySpecification();
  ast::SelectItem SelectItem();
  ast::GroupBy GroupBy();
  ast::GroupingElement GroupingElement();
  ast::ExpressionList GroupingSet();
  bool ContinuesExpression(const Token& token) const;
  /// Whether a query, parenthesised ones included, begins with the token at `index`.
  bool IsQuery(size_t index) const;
  bool AtQuery();
  bool SeesClause() const;

  // relations.cc
  ast::RelationPtr Relation();
  ast::RelationPtr JoinedWith(ast::RelationPtr left);
  ast::RelationPtr SampledRelation();
  ast::RelationPtr PatternedRelation();
  ast::RelationPtr RelationPrimary();
  ast::RelationPtr AliasedRelation();
  std::vector<ast::Identifier> ColumnAliases();
  ast::Table Table();

  // table_functions.cc
  ast::TableFunctionCall TableFunction();
  ast::TableFunctionArgument TableFunctionArgument();
  ast::TableArgument TableArgument();
  ast::DescriptorArgument Descriptor();
  void Copartition(ast::TableFunctionCall& call);

  // json_table.cc
  ast::JsonTable JsonTable();
  std::vector<ast::JsonTableColumn> JsonTableColumns();
  ast::JsonTableColumn JsonTableColumn();
  ast::JsonTablePlan JsonTablePlan();
  ast::JsonTablePlan JsonTablePlanPrimary();
  ast::JsonTableDefaultPlan JsonTableDefaultPlan();

  // row_patterns.cc
  ast::MatchRecognize MatchRecognize(ast::RelationPtr input);
  std::vector<ast::Measure> Measures();
  ast::SkipTo SkipTo();
  ast::PatternSearch PatternSearch();
  std::vector<ast::SubsetDefinition> Subsets();
  std::vector<ast::VariableDefinition> VariableDefinitions();
  ast::RowPatternPtr RowPattern();
  ast::RowPatternPtr PatternSequence();
  ast::RowPatternPtr PatternFactor();
  ast::RowPatternPtr PatternPrimary();
  bool AtPatternPrimary();

  // windows.cc
  ast::WindowPtr Over();
  ast::WindowSpecification WindowSpecification();
  std::optional<ast::WindowFrame> OptionalFrame();
  ast::FrameBound FrameBound();

  // expressions.cc
  ast::ExpressionPtr Expression();
  static bool StartsExpression(TokenType type);
  bool AtExpression();
  ast::ExpressionPtr Or();
  ast::ExpressionPtr And();
  ast::ExpressionPtr Not();
  ast::ExpressionPtr Predicate();
  ast::ExpressionPtr PredicateOn(ast::ExpressionPtr value);
  ast::ExpressionPtr ComparisonOf(ast::ExpressionPtr value, ErrorLocation location);
  ast::ExpressionPtr InOf(ast::ExpressionPtr value, ErrorLocation location);
  ast::ExpressionPtr NegatablePredicateOf(ast::ExpressionPtr value, ErrorLocation location);
  ast::ExpressionPtr Value(int precedence = 0);
  ast::ExpressionPtr Unary();
  ast::ExpressionPtr Zoned();
  ast::ExpressionList Expressions();

  // primaries.cc
  ast::ExpressionPtr Primary();
  ast::ExpressionPtr PrimaryHead();
  ast::Expression::Node Parenthesized();
  ast::ArrayConstructor Array();
  ast::Expression::Node NameOrCall();
  ast::Expression::Node Number();
  ast::IntervalLiteral Interval();
  std::optional<ast::IntervalField> AcceptIntervalField();
  bool SeesIntervalLiteral() const;
  ast::Case Case();
  ast::Cast Cast(bool safe);
  ast::Lambda Lambda(std::vector<ast::Identifier> parameters);
  ast::CurrentTime CurrentTime(ast::CurrentTime::Kind kind);

  // calls.cc
  ast::Expression::Node Call(ErrorLocation location);
  ast::Expression::Node FinishCall(ast::FunctionCall call, ErrorLocation location);
  ast::Expression::Node Extract(ErrorLocation location);
  ast::Expression::Node Trim(ErrorLocation location);
  ast::Expression::Node Substring();
  ast::Expression::Node Position();
  ast::Expression::Node Normalize();
  ast::GroupingOperation Grouping();
  ast::Listagg Listagg();
  ast::ExpressionPtr OptionalFilter();
  bool SeesBefore(size_t open, TokenType type) const;

  // json.cc
  ast::JsonPathInvocation JsonPath();
  ast::JsonValueExpression JsonInput();
  std::optional<ast::JsonFormat> OptionalJsonFormat();
  ast::JsonFormat JsonFormat();
  ast::JsonExists JsonExists();
  ast::JsonValue JsonValue();
  ast::JsonQuery JsonQuery();
  ast::JsonObject JsonObject();
  ast::JsonArray JsonArray();
  std::optional<ast::JsonReturning> OptionalJsonReturning();
  std::optional<ast::JsonValueBehavior> OptionalValueBehavior();
  std::optional<ast::JsonQueryBehavior> OptionalQueryBehavior();
  std::optional<ast::JsonWrapper> OptionalWrapper();
  ast::JsonQuotes OptionalQuotes();

  // types.cc
  ast::DataTypePtr Type();
  ast::DataType SimpleType();
  ast::DataType DateTime(ast::DateTimeType::Kind kind);
  ast::GenericType Generic();
  ast::TypeParameter TypeParameter();
  ast::RowField RowField();
  bool SeesFieldName() const;

  size_t parameters_ = 0;
  /// Whether `.*` may follow here: in a select list.
  bool star_allowed_ = false;
  /// How many operands of expressions the one here stands in, up to the next query.
  int primary_depth_ = 0;
  /// Where the last operand began.
  size_t primary_start_ = 0;
};

/// The call `name(arguments...)`.
ast::FunctionCall CallOf(std::string name, ErrorLocation location, ast::ExpressionList arguments);

template <typename Node>
ast::ExpressionPtr NewExpression(ErrorLocation location, Node node) {
  return std::make_unique<ast::Expression>(location, std::move(node));
}

}  // namespace planaria::sql::parser
