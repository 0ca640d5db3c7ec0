// Between DuckDB's errors and Trino's: every error that leaves the kernel has a Trino code, and one that our
// own operators threw comes out as it went in.
//
// DuckDB keeps an exception's text only (a JSON map of type, message and extra entries), so a TrinoException
// must not be thrown through it: ThrowIntoKernel carries code, message, location and suppressed errors in the
// extra entries, and the Translate functions restore them.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "duckdb/common/error_data.hpp"

namespace planaria::kernel {

/// Throws `error` so that it survives DuckDB's error handling.
[[noreturn]] void ThrowIntoKernel(const Error& error);

/// The statement an error belongs to. All parts are borrowed and may be empty.
struct StatementText {
  /// The text that DuckDB's positions refer to: with it, errors of names and syntax get a location, and
  /// messages start with `line L:C: ` as Trino's do.
  std::string_view sql;
  /// The session's defaults, which complete the names in messages.
  std::string_view catalog, schema;
  /// Where a byte of `sql` stands in what the client wrote, for texts that were made from it; without it the
  /// two are the same.
  std::function<ErrorLocation(size_t)> locate = nullptr;
};

/// True when `error` is one that ThrowIntoKernel threw.
bool CarriesTrinoError(const duckdb::ErrorData& error);

/// An error at a byte of the statement: with the location, and its message as Trino starts it.
Error LocatedError(ErrorCode code, std::string message, std::optional<size_t> position,
                   const StatementText& statement);

/// The Trino error for what DuckDB reports.
Error TranslateError(const duckdb::ErrorData& error, const StatementText& statement = {});

/// The same for anything caught around a call into DuckDB, TrinoException included.
Error TranslateException(const std::exception& exception, const StatementText& statement = {});

/// Runs code of ours that DuckDB called: its TrinoExceptions reach the caller of DuckDB unchanged.
template <typename Call>
auto InsideKernel(Call&& call) -> decltype(call()) {
  try {
    return std::forward<Call>(call)();
  } catch (const TrinoException& exception) {
    ThrowIntoKernel(exception.error());
  }
}

/// Runs code that calls into DuckDB: whatever it throws becomes a TrinoException.
template <typename Call>
auto OutsideKernel(Call&& call, const StatementText& statement = {}) -> decltype(call()) {
  try {
    return std::forward<Call>(call)();
  } catch (const TrinoException&) {
    throw;
  } catch (const std::exception& exception) {
    throw TrinoException(TranslateException(exception, statement));
  }
}

}  // namespace planaria::kernel
