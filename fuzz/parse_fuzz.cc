// Any bytes as a statement: parsed or refused with a syntax error, and what is parsed has a text that parses
// to itself. And as a path of SQL/JSON: parsed or refused where it goes wrong.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "sql/format.h"
#include "sql/json_path/json_path.h"
#include "sql/parse.h"

namespace {

[[noreturn]] void Fail(const char* what, const std::string& text, const std::string& detail) {
  std::fprintf(stderr, "%s\n--- text\n%s\n--- because\n%s\n", what, text.c_str(), detail.c_str());
  std::abort();
}

std::string FormattedAgain(const std::string& text) {
  try {
    return planaria::sql::Format(*planaria::sql::Parse(text));
  } catch (const planaria::TrinoException& exception) {
    Fail("The formatted text is refused", text, exception.error().message);
  }
}

}  // namespace

namespace {

void ParsePath(const std::string& text) {
  try {
    planaria::sql::json_path::Parse(text);
  } catch (const planaria::sql::json_path::InvalidPath& invalid) {
    if (invalid.offset > text.size()) Fail("Refused behind its end", text, invalid.message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ParsePath(text);
  std::string formatted;
  try {
    formatted = planaria::sql::Format(*planaria::sql::Parse(text));
  } catch (const planaria::TrinoException& exception) {
    if (!(exception.error().code == planaria::errors::SYNTAX_ERROR)) {
      Fail("Refused with another error", text, exception.error().ToString());
    }
    return 0;
  }
  const std::string again = FormattedAgain(formatted);
  if (again != formatted) Fail("The formatted text is another statement", formatted, again);
  return 0;
}
