// Statements about the session and the cluster: what their literals mean.
#pragma once

#include <string>

#include "config/session_properties.h"
#include "coordinator/statement_preparation.h"
#include "sql/ast/statement.h"

namespace planaria::coordinator {

/// What SET SESSION gives the property, as headers carry it. `parameters` stand for `?`. Throws
/// INVALID_SESSION_PROPERTY with Trino's text when it is not of the property's type, NOT_SUPPORTED for
/// expressions that are no literal.
std::string PropertyValue(const SessionProperty& property, const sql::ast::Expression& value,
                          const sql::ast::ExpressionList& parameters);

/// The zone of SET TIME ZONE: a name, or hours and minutes from UTC. Throws NOT_SUPPORTED for a zone that is
/// none, TYPE_MISMATCH.
std::string TimeZoneOf(const sql::ast::Expression& zone, const sql::ast::ExpressionList& parameters);

/// Throws INVALID_ARGUMENTS and TYPE_MISMATCH.
KillQuery KillQueryOf(const sql::ast::Call& call, const sql::ast::ExpressionList& parameters,
                      ErrorLocation location);

/// Throws SYNTAX_ERROR when a mode is given twice.
TransactionControl TransactionOf(const sql::ast::StartTransaction& start, ErrorLocation location);

}  // namespace planaria::coordinator
