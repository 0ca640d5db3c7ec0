// Writes nodes one after the other into one text for DuckDB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/ast/statement.h"
#include "sql/lowering/lowered_query.h"

namespace planaria::sql::lowering {

/// `What is not supported` at a place.
[[noreturn]] void Unsupported(ErrorLocation location, std::string_view what);

class DuckDbWriter {
 public:
  explicit DuckDbWriter(const ast::ExpressionList& parameters) : parameters_(parameters) {}

  LoweredQuery Take() { return std::move(out_); }

  void Write(const ast::Query& query);
  void Write(const ast::DataType& type);
  void Expression(const ast::Expression& expression);

  // lower_write.cc
  /// An INSERT up to its query.
  void Target(const ast::Insert& insert, ErrorLocation location);
  void Node(const ast::Insert& insert, ErrorLocation location);
  void Node(const ast::Delete& remove, ErrorLocation location);
  void Node(const ast::Update& update, ErrorLocation location);
  void Node(const ast::Merge& merge, ErrorLocation location);

 private:
  void Assignments(const std::vector<ast::Assignment>& assignments);
  void Put(std::string_view text) { out_.Append(text); }
  void PutName(const ast::Identifier& name);
  template <typename List, typename One>
  void Separated(const List& list, std::string_view separator, One one) {
    bool first = true;
    for (const auto& element : list) {
      if (!first) Put(separator);
      first = false;
      one(element);
    }
  }
  /// `("a", "b")`; nothing for none.
  void ColumnNames(const std::vector<ast::Identifier>& names);
  void Table(const ast::QualifiedName& name);

  // lower_query.cc
  void Parenthesized(const ast::Query& query);
  void With(const ast::With& with);
  void Body(const ast::QueryBody& body);
  void Node(const ast::QuerySpecification& select, ErrorLocation location);
  void Node(const ast::Values& values, ErrorLocation location);
  void Node(const ast::TableQuery& table, ErrorLocation location);
  void Node(const ast::SetOperation& operation, ErrorLocation location);
  void Node(const ast::QueryPtr& query, ErrorLocation location);
  void Operand(const ast::QueryBody& operand, const ast::SetOperation& operation, bool right);
  void Item(const ast::SingleColumn& column);
  void Item(const ast::AllColumns& all);
  void GroupBy(const ast::GroupBy& group_by, ErrorLocation location);
  void OrderBy(const std::vector<ast::SortItem>& items);
  void SortItems(const std::vector<ast::SortItem>& items);
  void SortItem(const ast::Expression& key, const ast::SortItem& item);
  void WithTies(const ast::Query& query);
  void RowCount(const ast::RowCount& count);

  // lower_relation.cc
  void Relation(const ast::Relation& relation);
  void Node(const ast::Table& table, ErrorLocation location);
  void Node(const ast::SubqueryRelation& subquery, ErrorLocation location);
  void Node(const ast::Lateral& lateral, ErrorLocation location);
  void Node(const ast::Unnest& unnest, ErrorLocation location);
  void Node(const ast::AliasedRelation& aliased, ErrorLocation location);
  void Node(const ast::SampledRelation& sampled, ErrorLocation location);
  void Node(const ast::Join& join, ErrorLocation location);
  void Node(const ast::MatchRecognize& match, ErrorLocation location);
  void Node(const ast::TableFunctionCall& call, ErrorLocation location);
  void Node(const ast::JsonTable& table, ErrorLocation location);

  // lower_literal.cc
  void Node(const ast::NullLiteral&, ErrorLocation location);
  void Node(const ast::BooleanLiteral& literal, ErrorLocation location);
  void Node(const ast::StringLiteral& literal, ErrorLocation location);
  void Node(const ast::BinaryLiteral& literal, ErrorLocation location);
  void Node(const ast::IntegerLiteral& literal, ErrorLocation location);
  void Node(const ast::DecimalLiteral& literal, ErrorLocation location);
  void Node(const ast::DoubleLiteral& literal, ErrorLocation location);
  void Node(const ast::GenericLiteral& literal, ErrorLocation location);
  void Node(const ast::IntervalLiteral& literal, ErrorLocation location);

  // lower_expression.cc
  void Expressions(const ast::ExpressionList& list);
  void Node(const ast::Parameter& parameter, ErrorLocation location);
  void Node(const ast::Identifier& name, ErrorLocation location);
  void Node(const ast::Dereference& dereference, ErrorLocation location);
  void Node(const ast::Subscript& subscript, ErrorLocation location);
  void Node(const ast::ArithmeticBinary& arithmetic, ErrorLocation location);
  void Node(const ast::ArithmeticUnary& arithmetic, ErrorLocation location);
  void Node(const ast::Comparison& comparison, ErrorLocation location);
  void Compare(const ast::Comparison& comparison, std::string_view op, ErrorLocation location);
  void Node(const ast::QuantifiedComparison& comparison, ErrorLocation location);
  void Node(const ast::Logical& logical, ErrorLocation location);
  void Node(const ast::Not& negation, ErrorLocation location);
  void Node(const ast::IsNull& predicate, ErrorLocation location);
  void Node(const ast::Between& between, ErrorLocation location) { Predicate(between, false, location); }
  void Node(const ast::InList& in, ErrorLocation location) { Predicate(in, false, location); }
  void Node(const ast::InSubquery& in, ErrorLocation location) { Predicate(in, false, location); }
  void Node(const ast::Like& like, ErrorLocation location) { Predicate(like, false, location); }
  void Predicate(const ast::Between& between, bool negated, ErrorLocation location);
  void Predicate(const ast::InList& in, bool negated, ErrorLocation location);
  void Predicate(const ast::InSubquery& in, bool negated, ErrorLocation location);
  void Predicate(const ast::Like& like, bool negated, ErrorLocation location);
  void Node(const ast::Exists& exists, ErrorLocation location);
  void Node(const ast::ScalarSubquery& subquery, ErrorLocation location);
  void Node(const ast::Case& expression, ErrorLocation location);
  void Node(const ast::ArrayConstructor& array, ErrorLocation location);
  void Node(const ast::RowConstructor& row, ErrorLocation location);
  void Node(const ast::Lambda& lambda, ErrorLocation location);
  void Node(const ast::AtTimeZone& at, ErrorLocation location);
  void Node(const ast::Cast& cast, ErrorLocation location);
  void Node(const ast::SpecialForm& form, ErrorLocation location);

  // lower_function.cc
  void Node(const ast::FunctionCall& call, ErrorLocation location);
  void Call(std::string_view name, const ast::FunctionCall& call);
  void Node(const ast::WindowMeasure& measure, ErrorLocation location);
  void Node(const ast::Extract& extract, ErrorLocation location);
  void Node(const ast::Trim& trim, ErrorLocation location);
  void Node(const ast::CurrentTime& time, ErrorLocation location);
  void Node(const ast::CurrentSession& session, ErrorLocation location);
  void Node(const ast::GroupingOperation& grouping, ErrorLocation location);
  void Node(const ast::Listagg& listagg, ErrorLocation location);
  void Node(const ast::JsonExists&, ErrorLocation location);
  void Node(const ast::JsonValue&, ErrorLocation location);
  void Node(const ast::JsonQuery&, ErrorLocation location);
  void Node(const ast::JsonObject&, ErrorLocation location);
  void Node(const ast::JsonArray&, ErrorLocation location);
  void FilterAndWindow(const ast::ExpressionPtr& filter, const ast::WindowPtr& window);
  void Specification(const ast::WindowSpecification& window, ErrorLocation location);
  void Frame(const ast::WindowFrame& frame, ErrorLocation location);
  void Bound(const ast::FrameBound& bound);

  // lower_type.cc
  void Type(const ast::GenericType& type, ErrorLocation location);
  void Type(const ast::RowType& type, ErrorLocation location);
  void Type(const ast::DateTimeType& type, ErrorLocation location);
  void Type(const ast::IntervalType& type, ErrorLocation location);

  const ast::ExpressionList& parameters_;
  LoweredQuery out_;
};

}  // namespace planaria::sql::lowering
