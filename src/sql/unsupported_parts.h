// What Trino's grammar has and no executor knows yet.
#pragma once

#include <optional>
#include <string_view>

#include "sql/ast/statement.h"

namespace planaria::sql {

struct UnsupportedPart {
  /// `MATCH_RECOGNIZE`
  std::string_view what;
  ErrorLocation location;
};

/// The first such part of a statement's queries, those in FROM and WITH included; subqueries in expressions
/// are left to the kernel's parser.
std::optional<UnsupportedPart> FindUnsupportedPart(const ast::Statement& statement);

}  // namespace planaria::sql
