// Constructors and destructors, where every node is complete.
#include "sql/ast/statement.h"

namespace planaria::sql::ast {

Expression::Expression(ErrorLocation location, Node node) : location(location), node(std::move(node)) {}
Expression::~Expression() = default;

Relation::Relation(ErrorLocation location, Node node) : location(location), node(std::move(node)) {}
Relation::~Relation() = default;

QueryBody::QueryBody(ErrorLocation location, Node node) : location(location), node(std::move(node)) {}
QueryBody::~QueryBody() = default;

Query::Query() = default;
Query::~Query() = default;

ControlStatement::ControlStatement(ErrorLocation location, Node node)
    : location(location), node(std::move(node)) {}
ControlStatement::~ControlStatement() = default;

Statement::Statement(ErrorLocation location, Node node) : location(location), node(std::move(node)) {}
Statement::~Statement() = default;

}  // namespace planaria::sql::ast
