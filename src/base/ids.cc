#include "base/ids.h"

#include <charconv>

#include "base/error.h"

namespace planaria {

std::string TaskId::ToString() const {
  return query.value + '.' + std::to_string(fragment.value) + '.' + std::to_string(partition.value) + '.' +
         std::to_string(attempt.value);
}

TaskId TaskId::Parse(std::string_view text) {
  const auto malformed = [&] {
    return TrinoException(errors::GENERIC_INTERNAL_ERROR, "Malformed task id: '" + std::string(text) + "'");
  };
  uint32_t numbers[3];
  std::string_view rest = text;
  for (int i = 2; i >= 0; i--) {
    const size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos) throw malformed();
    const std::string_view digits = rest.substr(dot + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), numbers[i]);
    if (code != std::errc() || end != digits.data() + digits.size()) throw malformed();
    rest = rest.substr(0, dot);
  }
  if (rest.empty()) throw malformed();
  return {{std::string(rest)}, {numbers[0]}, {numbers[1]}, {numbers[2]}};
}

}  // namespace planaria
