// Errors carry Trino's code, type and name from where they are born to the client.
//
// An Error is a value: it travels in reports, journals and responses. Code that cannot continue throws
// TrinoException, which only wraps one. Nothing catches it to forget it: whoever catches, reports it.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria {

/// Decides what may be retried: USER_ERROR never, the others while attempts remain.
enum class ErrorType : uint8_t { kUserError, kInternalError, kInsufficientResources, kExternal };

std::string_view ErrorTypeName(ErrorType type);

/// One row of Trino's StandardErrorCode. `code` goes over the wire, `name` is what tools test.
struct ErrorCode {
  int32_t code;
  std::string_view name;
  ErrorType type;

  bool operator==(const ErrorCode& other) const { return code == other.code; }
};

namespace errors {
#define PLANARIA_ERROR(NAME, CODE, TYPE) inline constexpr ErrorCode NAME{CODE, #NAME, ErrorType::TYPE};
#include "base/error_codes.inc"
#undef PLANARIA_ERROR
}  // namespace errors

/// The code with this number; GENERIC_INTERNAL_ERROR when it is unknown here (a newer peer's code).
ErrorCode ErrorCodeOf(int32_t code);

/// Position in the statement's text, both 1-based.
struct ErrorLocation {
  int32_t line = 1;
  int32_t column = 1;
  bool operator==(const ErrorLocation&) const = default;
};

struct Error {
  ErrorCode code = errors::GENERIC_INTERNAL_ERROR;
  std::string message;
  std::optional<ErrorLocation> location;
  /// Earlier failures of the same task or query, newest last; Trino attaches the last five.
  std::vector<Error> suppressed;

  /// True unless the type is USER_ERROR: what TASK retries may run again.
  bool retriable() const { return code.type != ErrorType::kUserError; }
  /// `NAME: message`, for logs.
  std::string ToString() const;
};

class TrinoException : public std::exception {
 public:
  explicit TrinoException(Error error) : error_(std::move(error)) {}
  TrinoException(ErrorCode code, std::string message) : error_{code, std::move(message), {}, {}} {}

  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

}  // namespace planaria
