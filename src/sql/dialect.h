// Makes the text of a Trino query acceptable to DuckDB's parser where the two only spell the same thing
// differently.
//
// Every rewrite is exact: it keeps the meaning or is not made. Without some of them DuckDB would answer
// wrongly rather than refuse (X'65' is text there, TIMESTAMP '.. UTC' drops its zone, DECIMAL '1.5' has three
// decimals).
//
//   VALUES 1, 2                                VALUES (1), (2)
//   X'6869'                                    CAST('\x68\x69' AS BLOB)
//   DECIMAL '1.50'                             CAST('1.50' AS DECIMAL(3,2))
//   CAST(x AS DECIMAL)                         CAST(x AS DECIMAL(38,0))
//   TIMESTAMP '2024-01-01 00:00:00 UTC'        TIMESTAMPTZ '...'
//   TIMESTAMP(6) WITH TIME ZONE                TIMESTAMP WITH TIME ZONE
//   CAST(x AS ARRAY(integer))                  CAST(x AS integer[])
//   lag(x) IGNORE NULLS OVER (...)             lag(x IGNORE NULLS) OVER (...)
//   listagg(x, ',') WITHIN GROUP (ORDER BY y)  listagg(x, ',' ORDER BY y)
//   TABLESAMPLE BERNOULLI (10)                 TABLESAMPLE BERNOULLI (10 PERCENT)
//   infinity(), nan()                          CAST('infinity' AS DOUBLE), CAST('nan' AS DOUBLE)
//   every, transform, filter, to_utf8          bool_and, list_transform, list_filter, encode
//   approx_distinct(x)                         approx_count_distinct(x)
//   check, qualify, ... as names               "check", "qualify", ...: reserved by DuckDB, not by Trino
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/statement.h"

namespace planaria::sql {

/// A query in DuckDB's spelling that still knows where its text came from.
class AdaptedQuery {
 public:
  const std::string& text() const { return text_; }

  /// Where the byte at `offset` of text() stands in the client's statement.
  ErrorLocation LocationOf(size_t offset) const;

 private:
  friend AdaptedQuery AdaptQuery(const Query& query);

  /// From here on text() runs along with the original again.
  struct Anchor {
    size_t adapted;
    size_t original;
  };

  std::string text_;
  std::string original_;
  ErrorLocation start_;
  std::vector<Anchor> anchors_;
};

/// Throws TrinoException(SYNTAX_ERROR or INVALID_LITERAL) for text that cannot be split or a literal that is
/// none.
AdaptedQuery AdaptQuery(const Query& query);

}  // namespace planaria::sql
