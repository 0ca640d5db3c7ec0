// Nodes that hold each other are owned through these pointers.
#pragma once

#include <memory>
#include <vector>

namespace planaria::sql::ast {

struct Expression;
struct Query;
struct Relation;
struct RowPattern;
struct DataType;
struct Statement;
struct ControlStatement;
struct Window;

using ExpressionPtr = std::unique_ptr<Expression>;
using ExpressionList = std::vector<ExpressionPtr>;
using QueryPtr = std::unique_ptr<Query>;
using RelationPtr = std::unique_ptr<Relation>;
using RowPatternPtr = std::unique_ptr<RowPattern>;
using DataTypePtr = std::unique_ptr<DataType>;
using StatementPtr = std::unique_ptr<Statement>;
using ControlStatementPtr = std::unique_ptr<ControlStatement>;
using WindowPtr = std::unique_ptr<Window>;

}  // namespace planaria::sql::ast
