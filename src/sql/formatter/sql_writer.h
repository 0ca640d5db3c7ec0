// Writes nodes one after the other into one text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast/statement.h"

namespace planaria::sql::formatter {

class SqlWriter {
 public:
  std::string Take() { return std::move(out_); }

  void Write(const ast::Statement& statement, int indent);
  void Write(const ast::Query& query, int indent);
  void Write(const ast::Expression& expression);
  void Write(const ast::DataType& type);
  void Write(const ast::Identifier& name);
  void Write(const ast::QualifiedName& name);

 private:
  // sql_writer.cc
  void Put(std::string_view text) { out_ += text; }
  /// Three blanks for each level, then the text.
  void PutAt(int indent, std::string_view text);
  void PutString(std::string_view text);
  template <typename List, typename One>
  void Separated(const List& list, std::string_view separator, One one) {
    bool first = true;
    for (const auto& element : list) {
      if (!first) Put(separator);
      first = false;
      one(element);
    }
  }
  void Names(const std::vector<ast::Identifier>& names);
  void Expressions(const ast::ExpressionList& list);
  void OrderBy(const std::vector<ast::SortItem>& items);
  void SortItems(const std::vector<ast::SortItem>& items);
  /// `name = value`
  void Properties(const std::vector<ast::Property>& properties, std::string_view separator);

  // types
  void Node(const ast::GenericType& type);
  void Node(const ast::RowType& type);
  void Node(const ast::DateTimeType& type);
  void Node(const ast::IntervalType& type);
  void Parameter(const ast::TypeParameter& parameter);

  // format_expression.cc
  void Node(const ast::NullLiteral&);
  void Node(const ast::BooleanLiteral& literal);
  void Node(const ast::StringLiteral& literal);
  void Node(const ast::BinaryLiteral& literal);
  void Node(const ast::IntegerLiteral& literal);
  void Node(const ast::DecimalLiteral& literal);
  void Node(const ast::DoubleLiteral& literal);
  void Node(const ast::GenericLiteral& literal);
  void Node(const ast::IntervalLiteral& literal);
  void Node(const ast::Parameter&);
  void Node(const ast::Identifier& name);
  void Node(const ast::Dereference& dereference);
  void DottedBase(const ast::Expression& base);
  void Node(const ast::Subscript& subscript);
  void Node(const ast::ArithmeticBinary& arithmetic);
  void Node(const ast::ArithmeticUnary& arithmetic);
  void Node(const ast::Comparison& comparison);
  void Node(const ast::QuantifiedComparison& comparison);
  void Node(const ast::Logical& logical);
  void Node(const ast::Not& negation);
  void Node(const ast::IsNull& predicate);
  void Node(const ast::Between& between);
  void Node(const ast::InList& in);
  void Node(const ast::InSubquery& in);
  void Node(const ast::Like& like);
  void Node(const ast::Exists& exists);
  void Node(const ast::ScalarSubquery& subquery);
  void Node(const ast::Case& expression);
  void Node(const ast::ArrayConstructor& array);
  void Node(const ast::RowConstructor& row);
  void Element(const ast::Expression& expression);
  void Node(const ast::Lambda& lambda);
  void Node(const ast::AtTimeZone& at);

  // format_function.cc
  void Node(const ast::FunctionCall& call);
  void Node(const ast::WindowMeasure& measure);
  void Node(const ast::SpecialForm& form);
  void Node(const ast::Cast& cast);
  void Node(const ast::Extract& extract);
  void Node(const ast::Trim& trim);
  void Node(const ast::CurrentTime& time);
  void Node(const ast::CurrentSession& session);
  void Node(const ast::GroupingOperation& grouping);
  void Node(const ast::Listagg& listagg);
  void Over(const ast::Window& window);
  void Specification(const ast::WindowSpecification& window);
  void Frame(const ast::WindowFrame& frame);
  void Bound(const ast::FrameBound& bound);

  // format_json.cc
  void Node(const ast::JsonExists& exists);
  void Node(const ast::JsonValue& value);
  void Node(const ast::JsonQuery& query);
  void Node(const ast::JsonObject& object);
  void Node(const ast::JsonArray& array);
  void Node(const ast::JsonTable& table, int indent);
  void JsonPath(const ast::JsonPathInvocation& path);
  void JsonInput(const ast::JsonValueExpression& value);
  void Behavior(const ast::JsonValueBehavior& behavior, std::string_view on);
  void Behavior(ast::JsonQueryBehavior behavior, std::string_view on);
  void Wrapper(ast::JsonWrapper wrapper);
  void Quotes(ast::JsonQuotes quotes);
  void Returning(const std::optional<ast::JsonReturning>& returning, std::string_view before);
  void Columns(const std::vector<ast::JsonTableColumn>& columns, int indent);
  void Column(const ast::OrdinalityColumn& column, int indent);
  void Column(const ast::ValueColumn& column, int indent);
  void Column(const ast::QueryColumn& column, int indent);
  void Column(const ast::NestedColumns& column, int indent);
  void Plan(const ast::JsonTablePlan& plan);

  // format_pattern.cc
  void Pattern(const ast::RowPattern& pattern);
  void Node(const ast::PatternVariable& variable);
  void Node(const ast::EmptyPattern&);
  void Node(const ast::PatternAnchor& anchor);
  void Node(const ast::ExcludedPattern& excluded);
  void Node(const ast::PatternPermutation& permutation);
  void Node(const ast::PatternConcatenation& concatenation);
  void Node(const ast::PatternAlternation& alternation);
  void Node(const ast::QuantifiedPattern& quantified);
  void Skip(const ast::SkipTo& skip);
  void Measure(const ast::Measure& measure);
  void Subset(const ast::SubsetDefinition& subset);
  void Definition(const ast::VariableDefinition& definition);
  void Node(const ast::MatchRecognize& match, int indent);

  // format_query.cc
  void Subquery(const ast::Query& query);
  void Parenthesized(const ast::Query& query, int indent);
  void Body(const ast::QueryBody& body, int indent);
  void Node(const ast::QuerySpecification& select, int indent);
  void Node(const ast::Values& values, int indent);
  void Node(const ast::TableQuery& table, int indent);
  void Node(const ast::SetOperation& operation, int indent);
  void Node(const ast::QueryPtr& query, int indent);
  void Item(const ast::SelectItem& item);
  void GroupBy(const ast::GroupBy& group_by);

  // format_relation.cc
  void Relation(const ast::Relation& relation, int indent);
  /// What an alias, a sample or a pattern is put on.
  void Operand(const ast::Relation& relation, int indent);
  void Node(const ast::Table& table, int indent);
  void Node(const ast::SubqueryRelation& subquery, int indent);
  void Node(const ast::Lateral& lateral, int indent);
  void Node(const ast::Unnest& unnest, int indent);
  void Node(const ast::AliasedRelation& aliased, int indent);
  void Node(const ast::SampledRelation& sampled, int indent);
  void Node(const ast::Join& join, int indent);
  void Node(const ast::TableFunctionCall& call, int indent);
  void Argument(const ast::TableFunctionArgument& argument, int indent);
  void Argument(const ast::TableArgument& argument, int indent);

  // format_statement.cc
  void Node(const ast::Use& use, int indent);
  void Node(const ast::SetSession& set, int indent);
  void Node(const ast::ResetSession& reset, int indent);
  void Node(const ast::SetSessionAuthorization& set, int indent);
  void Node(const ast::ResetSessionAuthorization&, int indent);
  void Node(const ast::SetPath& set, int indent);
  void Node(const ast::SetTimeZone& set, int indent);
  void Node(const ast::SetRole& set, int indent);
  void Node(const ast::Explain& explain, int indent);
  void Node(const ast::Prepare& prepare, int indent);
  void Node(const ast::Execute& execute, int indent);
  void Node(const ast::ExecuteImmediate& execute, int indent);
  void Node(const ast::Deallocate& deallocate, int indent);
  void Node(const ast::DescribeInput& describe, int indent);
  void Node(const ast::DescribeOutput& describe, int indent);
  void Node(const ast::StartTransaction& start, int indent);
  void Node(const ast::Commit&, int indent);
  void Node(const ast::Rollback&, int indent);
  void Node(const ast::Call& call, int indent);
  void Arguments(const std::vector<ast::CallArgument>& arguments);
  void Node(const ast::ShowCatalogs& show, int indent);
  void Node(const ast::ShowSchemas& show, int indent);
  void Node(const ast::ShowTables& show, int indent);
  void Node(const ast::ShowColumns& show, int indent);
  void Node(const ast::ShowFunctions& show, int indent);
  void Node(const ast::ShowSession& show, int indent);
  void Node(const ast::ShowCreate& show, int indent);
  void Node(const ast::ShowStats& show, int indent);
  void Node(const ast::ShowRoles& show, int indent);
  void Node(const ast::ShowRoleGrants& show, int indent);
  void Node(const ast::ShowGrants& show, int indent);
  void Like(const std::optional<ast::LikePattern>& like);

  // format_access.cc
  void Node(const ast::CreateRole& create, int indent);
  void Node(const ast::DropRole& drop, int indent);
  void Node(const ast::GrantRoles& grant, int indent);
  void Node(const ast::GrantPrivileges& grant, int indent);
  void Principal(const ast::Principal& principal);
  void Grantor(const ast::Grantor& grantor);
  void Object(const ast::GrantObject& object);
  void InCatalog(const std::optional<ast::Identifier>& catalog);

  // format_definition.cc
  void Node(const ast::CreateCatalog& create, int indent);
  void Node(const ast::CreateSchema& create, int indent);
  void Node(const ast::CreateTable& create, int indent);
  void Node(const ast::CreateTableAs& create, int indent);
  void Node(const ast::CreateView& create, int indent);
  void Node(const ast::CreateMaterializedView& create, int indent);
  void Node(const ast::RefreshMaterializedView& refresh, int indent);
  void Node(const ast::DropObject& drop, int indent);
  void Node(const ast::RenameObject& rename, int indent);
  void Node(const ast::SetProperties& set, int indent);
  void Node(const ast::SetAuthorization& set, int indent);
  void Node(const ast::TruncateTable& truncate, int indent);
  void Node(const ast::AddColumn& add, int indent);
  void Node(const ast::RenameColumn& rename, int indent);
  void Node(const ast::DropColumn& drop, int indent);
  void Node(const ast::SetColumnType& set, int indent);
  void Node(const ast::DropNotNull& drop, int indent);
  void Node(const ast::Comment& comment, int indent);
  void Column(const ast::ColumnDefinition& column);
  void AlterTable(const ast::QualifiedName& table, bool if_exists);
  void CommentLine(const std::optional<std::string>& comment);
  void PropertyLines(const std::vector<ast::Property>& properties);

  // format_write.cc
  void Node(const ast::Insert& insert, int indent);
  void Node(const ast::Delete& remove, int indent);
  void Node(const ast::Update& update, int indent);
  void Node(const ast::Merge& merge, int indent);
  void Node(const ast::Analyze& analyze, int indent);
  void Node(const ast::TableExecute& execute, int indent);

  // format_routine.cc
  void Node(const ast::CreateFunction& create, int indent);
  void Node(const ast::DropFunction& drop, int indent);
  void Function(const ast::FunctionSpecification& function, int indent, std::string_view head);
  void Characteristic(const ast::RoutineCharacteristic& characteristic, int indent);
  void Control(const ast::ControlStatement& statement, int indent);
  void Controls(const ast::ControlStatements& statements, int indent);
  void Label(const std::optional<ast::Identifier>& label);
  void Node(const ast::ReturnStatement& statement, int indent);
  void Node(const ast::AssignmentStatement& statement, int indent);
  void Node(const ast::CompoundStatement& statement, int indent);
  void Node(const ast::IfStatement& statement, int indent);
  void Node(const ast::CaseStatement& statement, int indent);
  void Node(const ast::LoopStatement& statement, int indent);
  void Node(const ast::WhileStatement& statement, int indent);
  void Node(const ast::RepeatStatement& statement, int indent);
  void Node(const ast::IterateStatement& statement, int indent);
  void Node(const ast::LeaveStatement& statement, int indent);

  std::string out_;
};

}  // namespace planaria::sql::formatter
