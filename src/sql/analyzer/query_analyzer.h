// Walks a query and its expressions, scope by scope.
//
// What is not analysed yet throws NotAnalyzed, which analyzer.cc catches.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/correlation.h"
#include "sql/analyzer/row_pattern.h"
#include "sql/analyzer/scope.h"
#include "sql/analyzer/typed.h"
#include "sql/ast/statement.h"
#include "sql/functions/function_table.h"

namespace planaria::sql {

/// A query, or what FROM names, as text and columns.
struct AnalyzedRelation {
  LoweredQuery sql;
  /// How each is named from outside in Field::sql: by name alone for a query, with its relation in FROM.
  std::vector<Field> columns;
  /// Has one row, whatever there is to aggregate.
  bool one_row = false;
  /// Of a query.
  Correlation correlation = {};
};

class QueryAnalyzer {
 public:
  /// With `parameter_types`, one for each `?`, no parameters are needed: it finds their types.
  QueryAnalyzer(const ast::ExpressionList& parameters, const AnalysisSession& session,
                const Metadata& metadata, std::vector<Type>* parameter_types = nullptr)
      : parameters_(parameters), session_(session), metadata_(metadata), parameter_types_(parameter_types) {}

  /// Whose rows the client reads: columns are called as the client sees them, be it twice the same.
  AnalyzedQuery Statement(const ast::Query& query);

  // routines.cc
  /// Checks what CREATE FUNCTION defines, and tells whether it is deterministic.
  bool CheckFunction(const ast::FunctionSpecification& function) {
    CheckRoutine({&function, 0});
    return deterministic_;
  }

  // writes.cc
  LoweredQuery Delete(const ast::Delete& remove, ErrorLocation location);
  LoweredQuery Update(const ast::Update& update, ErrorLocation location);
  LoweredQuery Merge(const ast::Merge& merge, ErrorLocation location);

 private:
  /// Of an expression: what it may name and hold.
  struct Context {
    const Scope* scope = nullptr;
    /// Texts of the expressions that are grouped by; nullptr before the grouping.
    const std::set<std::string>* keys = nullptr;
    /// WINDOW names of the query.
    const std::vector<ast::WindowDefinition>* windows = nullptr;
    /// Names that go before all others: those of SELECT, in ORDER BY.
    const std::vector<std::pair<std::string, const Typed*>>* aliases = nullptr;
    /// Of an expression about the rows of a match.
    const PatternPlace* pattern = nullptr;
  };
  /// A function that is written in SQL.
  struct Routine {
    const ast::FunctionSpecification* function = nullptr;
    /// So many of `routines_` it may call.
    size_t visible = 0;
    /// Of one that a catalog keeps.
    std::shared_ptr<const ast::FunctionSpecification> stored = nullptr;
    /// The one in whose body it was called.
    const Routine* around = nullptr;
  };
  struct SelectColumn {
    std::string name;
    bool named = false;
    Typed value;
    std::vector<std::string> origin = {};
    bool aliased = false;
  };

  /// A column that an expression has named, as the kernel names it.
  struct Reference {
    const Scope* scope = nullptr;
    std::string column;
  };
  /// Of a query, in comparisons of WHERE with columns outside.
  struct CorrelatedColumns {
    /// Of its own, all that WHERE names, and all that is selected.
    std::set<std::string> own;
    std::set<std::string> selected;
    std::set<std::string> compared;
    /// Those that equal something outside.
    std::set<std::string> equated;
  };

  /// Of ORDER BY.
  struct SortKey {
    /// The number of the column that it is, from 1.
    std::optional<size_t> position;
    LoweredQuery sql;
    /// ` DESC NULLS LAST`
    std::string_view order;
  };

  // writes.cc
  void Assign(const std::vector<ast::Assignment>& assignments, const std::vector<Field>& columns,
              const Context& context, LoweredQuery& sql);
  /// As the column of that name takes it.
  LoweredQuery ValueFor(const ast::Expression& expression, const std::string& name,
                        const std::vector<Field>& columns, const Context& context);

  // queries.cc
  AnalyzedRelation Query(const ast::Query& query, const Scope* outer, bool outermost);
  AnalyzedRelation Body(const ast::QueryBody& body, const Scope& scope, const ast::Query* ordered,
                        bool outermost);
  AnalyzedRelation Values(const ast::Values& values, const Scope& scope);
  AnalyzedRelation SetOperation(const ast::SetOperation& operation, ErrorLocation location,
                                const Scope& scope, bool outermost);
  void OrderByColumns(const ast::Query& query, const Scope& outer, AnalyzedRelation& relation);
  void OrderByExpressions(const ast::Query& query, const Scope& outer, AnalyzedRelation& relation);
  /// The rows of FETCH FIRST WITH TIES, and ORDER BY.
  LoweredQuery OrderedBy(const ast::Query& query, const std::vector<SortKey>& keys);
  /// Makes a query of the same columns over the query, and gives what they are called in it.
  std::vector<Field> Enclose(AnalyzedRelation& relation, const void* node);
  void CheckFetch(const ast::Query& query) const;
  void LimitTo(const ast::Query& query, LoweredQuery& sql);
  void RowCount(const ast::RowCount& count, LoweredQuery& sql);
  /// The query with its columns turned into `types`; `node` is what it was made of.
  LoweredQuery WithCasts(AnalyzedRelation relation, const std::vector<Type>& types, const void* node);
  void With(const ast::WithQuery& named, Scope& scope, LoweredQuery& sql);
  void WithRecursive(const ast::WithQuery& named, Scope& scope, LoweredQuery& sql);

  // select.cc
  AnalyzedRelation Select(const ast::QuerySpecification& select, ErrorLocation location, const Scope& scope,
                          const ast::Query* ordered, bool outermost);
  std::vector<SelectColumn> SelectColumns(const ast::QuerySpecification& select, ErrorLocation location,
                                          const Context& context);
  void Star(const ast::AllColumns& all, ErrorLocation location, const Context& context,
            std::vector<SelectColumn>& columns);
  /// The fields of a row as columns.
  void StarOfRow(const ast::Expression& expression, const Context& context,
                 std::vector<SelectColumn>& columns);
  LoweredQuery GroupBy(const ast::GroupBy& group_by, const ast::QuerySpecification& select,
                       const Context& context, std::set<std::string>& keys);
  void GroupByAuto(const ast::QuerySpecification& select, const Context& context, std::set<std::string>& keys,
                   LoweredQuery& sql);
  // group_by_distinct.cc
  LoweredQuery GroupByDistinct(const ast::GroupBy& group_by, const ast::QuerySpecification& select,
                               const Context& context, std::set<std::string>& keys);

  // select.cc
  std::vector<SortKey> OrderBy(const ast::QuerySpecification& select, const ast::Query& ordered,
                               const std::vector<SelectColumn>& columns, const Context& context,
                               bool& aggregates, std::vector<const ast::Expression*>& ungrouped);
  Typed Condition(const ast::Expression& condition, const Context& context, std::string_view clause);
  void NameColumns(std::vector<SelectColumn>& columns, bool outermost, AnalyzedRelation& relation);

  // relations.cc
  AnalyzedRelation Relation(const ast::Relation& relation, const Scope& scope, const Scope* lateral);
  AnalyzedRelation Table(const ast::QualifiedName& name, ErrorLocation location, const Scope& scope,
                         const ast::AliasedRelation* aliased);
  std::optional<std::vector<TableColumn>> FindTable(const std::vector<std::string>& name,
                                                    ErrorLocation location) const;
  /// What DELETE, UPDATE or MERGE changes: TABLE_NOT_FOUND says all that may be missing.
  AnalyzedRelation Target(const ast::QualifiedName& name, ErrorLocation location, const Scope& scope,
                          const ast::AliasedRelation* aliased);
  AnalyzedRelation Subquery(const ast::Query& query, const Scope* outer, std::string_view before,
                            const ast::AliasedRelation* aliased);
  AnalyzedRelation Unnest(const ast::Unnest& unnest, ErrorLocation location, const Scope& scope,
                          const ast::AliasedRelation* aliased);
  AnalyzedRelation Aliased(const ast::AliasedRelation& aliased, ErrorLocation location, const Scope& scope,
                           const Scope* lateral);
  // correlation.cc
  /// Whether a column of a query around the scope's has been named since `first`.
  bool NamesOuter(const Scope& scope, size_t first) const;
  /// The scope's own columns that have been named since.
  std::set<std::string> OwnColumns(const Scope& scope, size_t first) const;
  /// The own column that the term says to equal something that only names columns outside.
  std::optional<std::string> EquatedColumn(const ast::Expression& term, const Context& context);
  /// What WHERE, which holds no subqueries, compares with columns outside.
  void Correlate(const ast::Expression& where, const Context& context, Correlation& correlation,
                 CorrelatedColumns& columns);
  /// `keys`: the texts of what is grouped by.
  static void CorrelateSelected(const ast::QuerySpecification& select,
                                const std::vector<SelectColumn>& selected, std::set<std::string> keys,
                                const CorrelatedColumns& columns, Correlation& correlation);
  static void CorrelateLimit(const ast::Query& query, Correlation& correlation);

  // join_condition.cc
  /// Computes what ON of an outer join says with subqueries about one side alone as a column of that side.
  /// Gives the terms of ON, where such a column stands for its term.
  std::vector<Typed> ConditionOf(const ast::Join& join, const Scope& scope, AnalyzedRelation& left,
                                 AnalyzedRelation& right);

  // match_recognize.cc
  AnalyzedRelation MatchRecognize(const ast::MatchRecognize& match, ErrorLocation location,
                                  const Scope& scope, const ast::AliasedRelation* aliased);
  /// An expression of DEFINE or MEASURES.
  Typed OfMatch(const ast::Expression& expression, const Scope& input, PatternPlace place);

  // pattern_calls.cc
  /// A column of a row of the match, of the universal variable when there is no label.
  static Typed PatternColumn(const Field& column, const std::optional<size_t>& label, ErrorLocation location,
                             const Context& context);
  /// `label.column`
  Typed PatternDereference(const ast::Identifier& first, const std::vector<std::string>& name,
                           ErrorLocation location, const Context& context);
  /// A value that is the same for all rows, computed outside of the match.
  Typed OutsideOfMatch(const ast::Expression& expression, const Context& context);
  /// A call of a pattern recognition function or an aggregate function in DEFINE or MEASURES; nothing for
  /// other calls.
  std::optional<Typed> PatternCall(const ast::Expression& expression, const ast::FunctionCall& call,
                                   const Context& context);
  Typed PatternNavigation(const ast::Expression& expression, const ast::FunctionCall& call,
                          const std::string& name, const Context& context);
  static Typed Classifier(const ast::FunctionCall& call, ErrorLocation location, const PatternPlace& place);
  Typed PatternAggregate(const ast::Expression& expression, const ast::FunctionCall& call,
                         const Context& context);

  // sampled.cc
  AnalyzedRelation Sampled(const ast::SampledRelation& sampled, ErrorLocation location, const Scope& scope,
                           const Scope* lateral);
  /// A table of its own that holds the `columns` of the relation where `condition` (` WHERE ...`) holds. They
  /// keep the names that they have.
  AnalyzedRelation Derived(const AnalyzedRelation& relation, const std::vector<Field>& columns,
                           const LoweredQuery& condition, const std::string& name, const void* node);

  // table_functions.cc
  AnalyzedRelation TableFunction(const ast::TableFunctionCall& call, ErrorLocation location,
                                 const Scope& scope, const ast::AliasedRelation* aliased);
  AnalyzedRelation Sequence(const std::vector<const ast::TableFunctionArgument*>& arguments,
                            ErrorLocation location);
  AnalyzedRelation ExcludeColumns(const std::vector<const ast::TableFunctionArgument*>& arguments,
                                  const Scope& scope);
  /// An expression that names no column. Throws EXPRESSION_NOT_CONSTANT for a subquery in it.
  Typed Constant(const ast::Expression& expression);

  // relations.cc
  AnalyzedRelation Join(const ast::Join& join, ErrorLocation location, const Scope& scope,
                        const Scope* lateral);
  /// Puts `AS alias (columns)` behind the text and names the columns after it.
  void PutAlias(AnalyzedRelation& relation, const ast::AliasedRelation* aliased, std::string name,
                const void* node);
  /// A name that nothing else of the statement has. A node that is analysed again has the same one again, so
  /// that the same expression has the same text.
  std::string Unique(const std::string& name, const void* node);

  // expressions.cc
  Typed Expression(const ast::Expression& expression, const Context& context);
  std::vector<Typed> Expressions(const ast::ExpressionList& list, const Context& context);
  Typed Node(const ast::Expression& expression, const Context& context);
  Typed CurrentTime(const ast::CurrentTime& time, ErrorLocation location);
  Typed Name(const std::vector<std::string>& name, ErrorLocation location, const Context& context);
  std::optional<Typed> FindName(const std::vector<std::string>& name, ErrorLocation location,
                                const Context& context);
  Typed Subscript(const ast::Subscript& subscript, ErrorLocation location, const Context& context);
  Typed Dereference(const ast::Dereference& dereference, ErrorLocation location, const Context& context);
  Typed ScalarSubquery(const ast::Query& query, ErrorLocation location, const Context& context);
  /// Of a query with several columns: a row of them.
  Typed RowSubquery(const AnalyzedRelation& columns, const ast::Query& query, ErrorLocation location);
  Typed Case(const ast::Case& expression, ErrorLocation location, const Context& context);
  Typed SpecialForm(const ast::SpecialForm& form, ErrorLocation location, const Context& context);
  /// The only column of a subquery.
  AnalyzedRelation OneColumn(const ast::Query& query, ErrorLocation location, const Context& context);
  /// A query with several columns as one of rows of these types.
  AnalyzedRelation RowQuery(AnalyzedRelation query, const std::vector<Type>& types, const void* node);
  /// One of rows, if `value` is a row that can be compared with them or an untyped NULL; else as it is.
  AnalyzedRelation RowsLike(const Type& value, AnalyzedRelation query, const void* node);
  /// Turns all into one type; `what` begins the message when there is none.
  Type Unify(std::vector<Typed>& values, std::string_view what, ErrorLocation location);

  // predicates.cc
  Typed Compare(const ast::Comparison& comparison, ErrorLocation location, const Context& context,
                bool negated);
  static Typed CompareRows(const Typed& left, const Typed& right, ast::ComparisonOperator op,
                           ErrorLocation location);
  Typed Not(const ast::Not& negation, ErrorLocation location, const Context& context);
  Typed Logical(const ast::Logical& logical, ErrorLocation location, const Context& context);
  Typed Between(const ast::Between& between, ErrorLocation location, const Context& context, bool negated);
  Typed InList(const ast::InList& in, ErrorLocation location, const Context& context, bool negated);
  Typed InSubquery(const ast::InSubquery& in, ErrorLocation location, const Context& context, bool negated);
  Typed RowInSubquery(const ast::RowConstructor& row, const ast::InSubquery& in, ErrorLocation location,
                      const Context& context, bool negated);
  Typed Quantified(const ast::QuantifiedComparison& comparison, ErrorLocation location,
                   const Context& context);
  Typed Like(const ast::Like& like, ErrorLocation location, const Context& context, bool negated);

  // calls.cc
  Typed Call(const ast::Expression& expression, const ast::FunctionCall& call, const Context& context);
  Typed SpecialCall(const std::string& name, const ast::FunctionCall& call, std::vector<Typed>& arguments,
                    ErrorLocation location);
  Typed FormatCall(const ast::FunctionCall& call, ErrorLocation location, const Context& context);
  static Typed Concat(std::vector<Typed>& values, ErrorLocation location);
  Typed Aggregate(const ast::Expression& expression, const ast::FunctionCall& call,
                  const ResolvedFunction& function, const std::vector<Typed>& arguments,
                  const Context& context);
  static void CheckDistinctOrder(const ast::FunctionCall& call);
  /// What stands behind the name of an aggregate function: arguments, FILTER and OVER.
  Typed CallOver(const ast::FunctionCall& call, const std::vector<Typed>& arguments, ErrorLocation location,
                 const Context& context);
  /// Whether the query stands where columns of one around it can be named.
  static bool SeesOuterColumns(const Context& context);
  Typed Listagg(const ast::Expression& expression, const ast::Listagg& listagg, const Context& context);
  Typed Grouping(const ast::Expression& expression, const ast::GroupingOperation& grouping,
                 const Context& context);
  Typed Extract(const ast::Extract& extract, ErrorLocation location, const Context& context);
  Typed Trim(const ast::Trim& trim, ErrorLocation location, const Context& context);
  Typed Over(const ast::Window& window, const Context& context);
  /// `counted`: an offset of rows or groups.
  Typed Bound(const ast::FrameBound& bound, bool counted, const Context& context);
  Typed SortItems(const std::vector<ast::SortItem>& items, const Context& context);

  // json.cc
  Typed Json(const ast::JsonExists& exists, ErrorLocation location, const Context& context);
  Typed Json(const ast::JsonValue& value, ErrorLocation location, const Context& context);
  Typed Json(const ast::JsonQuery& query, ErrorLocation location, const Context& context);
  Typed Json(const ast::JsonObject& object, ErrorLocation location, const Context& context);
  Typed Json(const ast::JsonArray& array, ErrorLocation location, const Context& context);
  /// The text that a path searches.
  Typed JsonInput(const ast::JsonPathInvocation& path, const Context& context);
  /// A value as JSON's text. Throws NOT_SUPPORTED for a sketch that is passed to `function`, unless that is
  /// empty.
  Typed JsonText(const ast::JsonValueExpression& expression, std::string_view function, ErrorLocation call,
                 const Context& context);
  /// NULL for input that is NULL.
  Typed JsonValueOf(const Typed& input, const Typed& passing, const std::string& path, const Type& type,
                    const ast::JsonValueBehavior& on_empty, const ast::JsonValueBehavior& on_error,
                    ErrorLocation location, const void* node, const Context& context);
  static Typed JsonQueryOf(const Typed& input, const Typed& passing, const std::string& path,
                           ast::JsonWrapper wrapper, ast::JsonQuotes quotes, ast::JsonQueryBehavior on_empty,
                           ast::JsonQueryBehavior on_error, ErrorLocation location);
  /// The values of PASSING as an object of JSON.
  Typed JsonPassed(const ast::JsonPathInvocation& path, const Context& context);
  static Typed JsonOutput(Typed text, const Type& type, ast::JsonFormat format, ErrorLocation location);
  static Typed JsonReturned(Typed text, const std::optional<ast::JsonReturning>& returning,
                            ErrorLocation location);

  // json_table.cc
  AnalyzedRelation JsonTable(const ast::JsonTable& table, ErrorLocation location, const Scope& scope,
                             const ast::AliasedRelation* aliased);
  /// The column of a value or of JSON; `item` is the JSON that its path searches.
  Typed JsonTableValue(const ast::ValueColumn& column, ErrorLocation location, const Typed& item,
                       bool errors_fail, const Context& context);
  Typed JsonTableValue(const ast::QueryColumn& column, ErrorLocation location, const Typed& item,
                       bool errors_fail);

  // corresponding.cc
  /// Both sides with the columns alone that they have in common, in the order of the left one.
  void KeepCorresponding(const ast::SetOperation& operation, ErrorLocation location, AnalyzedRelation& left,
                         AnalyzedRelation& right);
  AnalyzedRelation Projected(AnalyzedRelation relation, const std::vector<Field>& columns, const void* node);

  // routines.cc
  /// Those of a query's WITH, from then on.
  void DeclareFunctions(const ast::Query& query);
  /// Analyses its body, for its errors.
  void CheckRoutine(const Routine& routine);
  /// A call of a SQL routine; nothing when no function of that name takes the arguments.
  std::optional<Typed> RoutineCall(const ast::QualifiedName& name, const std::vector<Typed>& arguments,
                                   ErrorLocation location);
  bool MayBeRoutine(const ast::QualifiedName& name) const;
  /// Those of that name that may be called here: of WITH FUNCTION, else of the catalogs.
  std::vector<Routine> RoutinesOf(const ast::QualifiedName& name) const;
  Typed CallOf(const Routine& routine, const std::vector<Type>& types, const std::vector<Typed>& arguments,
               ErrorLocation location);
  /// `values` are of `types`.
  Typed Inlined(const Routine& routine, const ast::ReturnStatement& returned, const std::vector<Type>& types,
                const std::vector<Typed>& values, ErrorLocation location);
  /// An expression of its body, which sees the functions that were declared before it, and no query.
  Typed InRoutine(const Routine& routine, const ast::Expression& expression, const Scope& scope);

  // lambdas.cc
  /// Whether it is a call that LambdaCall knows.
  static bool TakesLambda(const ast::FunctionCall& call);
  Typed LambdaCall(const ast::Expression& expression, const ast::FunctionCall& call, const Context& context);
  /// regexp_replace: every match becomes what the lambda makes of its groups.
  Typed ReplaceMatches(std::vector<Typed>& values, const ast::Lambda& lambda, ErrorLocation location,
                       const Context& context);
  Typed LambdaOverArray(const std::string& name, std::vector<Typed>& values, const ast::Lambda& lambda,
                        ErrorLocation location, const Context& context);
  Typed LambdaOverMap(const std::string& name, std::vector<Typed>& values, const ast::Lambda& lambda,
                      ErrorLocation location, const Context& context);
  /// Without `output` it is the state that comes out.
  Typed Reduce(std::vector<Typed>& values, const ast::Lambda& step, const ast::Lambda* output,
               ErrorLocation location, const Context& context);
  /// The kernel's name of a parameter; of one more than there are, a name for a row of all.
  std::string LambdaVariable(const ast::Lambda& lambda, size_t parameter);
  /// `values` are the texts that the parameters stand for.
  Typed LambdaBody(const ast::Lambda& lambda, const std::vector<Type>& types,
                   const std::vector<std::string>& values, const Context& context);

  const ast::ExpressionList& parameters_;
  const AnalysisSession& session_;
  const Metadata& metadata_;
  std::vector<Type>* parameter_types_;
  /// Of WITH FUNCTION, in the order of declaration; the first so many can be called.
  std::vector<Routine> routines_;
  size_t visible_routines_ = 0;
  /// The one whose body is being analysed, and whether it called something that is not deterministic.
  const Routine* inside_ = nullptr;
  bool deterministic_ = true;
  /// The first lambda of each text: the same expression has the same text, whatever node it is.
  std::map<std::string, const ast::Lambda*> lambdas_;
  /// Whether an expression of DEFINE or MEASURES is being analysed.
  bool inside_pattern_ = false;
  /// How many queries have been analysed.
  size_t queries_ = 0;
  /// In the order in which they are analysed.
  std::vector<Reference> references_;
  /// Of the query at hand: a relation that is joined, an aggregate or a window names columns outside.
  bool joins_outer_ = false;
  bool aggregates_outer_ = false;
  /// Names of relations that are taken.
  std::set<std::string> taken_;
  std::map<const void*, std::string> names_;
};

/// A query in FROM that is not LATERAL.
bool IsSubquery(const ast::Relation& relation);

/// For LATERAL, as for subqueries; `on_true`: it is joined without a condition. Nothing for other relations.
void RequireJoinable(const AnalyzedRelation& relation, const ast::Relation& node, bool on_true);

/// The operands of the condition's outermost ANDs.
void AddTerms(const ast::Expression& condition, std::vector<const ast::Expression*>& terms);

/// ` DESC NULLS LAST` and the like.
std::string_view SortOrder(const ast::SortItem& item);

}  // namespace planaria::sql
