#include "sql/analyzer/typed.h"

namespace planaria::sql {

void Append(Typed& whole, const Typed& part) {
  whole.sql.Append(part.sql);
  whole.constant = whole.constant && part.constant;
  whole.ungrouped = whole.ungrouped || part.ungrouped;
  whole.aggregates.insert(whole.aggregates.end(), part.aggregates.begin(), part.aggregates.end());
  whole.windows.insert(whole.windows.end(), part.windows.begin(), part.windows.end());
}

void Append(Typed& whole, std::string_view text) { whole.sql.Append(text); }

Typed Compose(const Type& type, ErrorLocation location, std::initializer_list<Part> parts) {
  Typed whole;
  whole.type = type;
  whole.location = location;
  whole.sql.Mark(location);
  for (const Part& part : parts) {
    whole.sql.Append(part.text);
    if (part.operand == nullptr) continue;
    Append(whole, *part.operand);
    whole.sql.Mark(location);
  }
  return whole;
}

Typed Expand(const Type& type, ErrorLocation location, std::string_view pattern,
             const std::vector<Typed>& operands) {
  Typed whole = Compose(type, location, {});
  size_t copied = 0;
  for (size_t at = pattern.find('$'); at != std::string_view::npos; at = pattern.find('$', at + 1)) {
    const char next = at + 1 < pattern.size() ? pattern[at + 1] : ' ';
    if (next != '*' && (next < '1' || next > '9')) continue;
    Append(whole, pattern.substr(copied, at - copied));
    copied = at + 2;
    if (next != '*') {
      Append(whole, operands.at(static_cast<size_t>(next - '1')));
    } else {
      for (size_t i = 0; i < operands.size(); ++i) {
        if (i > 0) Append(whole, ", ");
        Append(whole, operands[i]);
      }
    }
    whole.sql.Mark(location);
  }
  Append(whole, pattern.substr(copied));
  return whole;
}

}  // namespace planaria::sql
