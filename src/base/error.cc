#include "base/error.h"

namespace planaria {

namespace {
constexpr ErrorCode kErrorCodes[] = {
#define PLANARIA_ERROR(NAME, CODE, TYPE) errors::NAME,
#include "base/error_codes.inc"
#undef PLANARIA_ERROR
};
}  // namespace

std::string_view ErrorTypeName(ErrorType type) {
  switch (type) {
    case ErrorType::kUserError:
      return "USER_ERROR";
    case ErrorType::kInternalError:
      return "INTERNAL_ERROR";
    case ErrorType::kInsufficientResources:
      return "INSUFFICIENT_RESOURCES";
    case ErrorType::kExternal:
      return "EXTERNAL";
  }
  return "INTERNAL_ERROR";
}

ErrorCode ErrorCodeOf(int32_t code) {
  for (const ErrorCode& known : kErrorCodes) {
    if (known.code == code) return known;
  }
  return errors::GENERIC_INTERNAL_ERROR;
}

std::string Error::ToString() const { return std::string(code.name) + ": " + message; }

}  // namespace planaria
