// Splits a statement into tokens as Trino's lexer does.
#pragma once

#include <string_view>
#include <vector>

#include "sql/parser/token.h"

namespace planaria::sql::parser {

/// All tokens and a final kEnd, without comments and blanks. Never fails: what begins no token becomes
/// kUnrecognized, character by character, and is refused by the grammar. `sql` must outlive the tokens.
std::vector<Token> Scan(std::string_view sql);

}  // namespace planaria::sql::parser
