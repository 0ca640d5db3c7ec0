// Any expression.
#pragma once

#include <variant>

#include "sql/ast/function_call.h"
#include "sql/ast/json.h"
#include "sql/ast/literal.h"
#include "sql/ast/operators.h"

namespace planaria::sql::ast {

/// A name stands as Identifier; `a.b` is a Dereference until scopes say what it names.
struct Expression {
  using Node =
      std::variant<NullLiteral, BooleanLiteral, StringLiteral, BinaryLiteral, IntegerLiteral, DecimalLiteral,
                   DoubleLiteral, GenericLiteral, IntervalLiteral, Parameter, Identifier, Dereference,
                   Subscript, ArithmeticBinary, ArithmeticUnary, Comparison, QuantifiedComparison, Logical,
                   Not, IsNull, Between, InList, InSubquery, Like, Exists, ScalarSubquery, Case,
                   ArrayConstructor, RowConstructor, Lambda, AtTimeZone, FunctionCall, WindowMeasure,
                   SpecialForm, Cast, Extract, Trim, CurrentTime, CurrentSession, GroupingOperation, Listagg,
                   JsonExists, JsonValue, JsonQuery, JsonObject, JsonArray>;

  Expression(ErrorLocation location, Node node);
  ~Expression();

  ErrorLocation location;
  Node node;
};

}  // namespace planaria::sql::ast
