#include "sql/functions/type_pattern.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

constexpr std::pair<std::string_view, TypeKind> kNames[] = {
    {"boolean", TypeKind::kBoolean},
    {"tinyint", TypeKind::kTinyint},
    {"smallint", TypeKind::kSmallint},
    {"integer", TypeKind::kInteger},
    {"bigint", TypeKind::kBigint},
    {"real", TypeKind::kReal},
    {"double", TypeKind::kDouble},
    {"decimal", TypeKind::kDecimal},
    {"varchar", TypeKind::kVarchar},
    {"char", TypeKind::kChar},
    {"varbinary", TypeKind::kVarbinary},
    {"date", TypeKind::kDate},
    {"time", TypeKind::kTime},
    {"time with time zone", TypeKind::kTimeWithTimeZone},
    {"timestamp", TypeKind::kTimestamp},
    {"timestamp with time zone", TypeKind::kTimestampWithTimeZone},
    {"interval day to second", TypeKind::kIntervalDayToSecond},
    {"interval year to month", TypeKind::kIntervalYearToMonth},
    {"array", TypeKind::kArray},
    {"map", TypeKind::kMap},
    {"row", TypeKind::kRow},
    {"json", TypeKind::kJson},
    {"uuid", TypeKind::kUuid},
    {"ipaddress", TypeKind::kIpAddress},
    {"color", TypeKind::kColor},
    {"HyperLogLog", TypeKind::kHyperLogLog},
    {"P4HyperLogLog", TypeKind::kP4HyperLogLog},
    {"SetDigest", TypeKind::kSetDigest},
    {"tdigest", TypeKind::kTdigest},
    {"qdigest", TypeKind::kQdigest}};

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The parts between commas outside of parentheses.
std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    const std::string_view part = Trimmed(text.substr(begin, i - begin));
    if (!part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

bool IsVariable(std::string_view text) { return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z'; }

}  // namespace

TypePattern TypePattern::Parse(std::string_view text) {
  text = Trimmed(text);
  TypePattern pattern;
  if (IsVariable(text)) {
    pattern.variable_ = std::string(text);
    return pattern;
  }
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  std::string name(text.substr(0, open));
  if (open != std::string_view::npos) name += text.substr(close + 1);
  for (const auto& [known, kind] : kNames) {
    if (known == name) pattern.kind_ = kind;
  }
  if (open == std::string_view::npos) return pattern;
  const bool nested = pattern.kind_ == TypeKind::kArray || pattern.kind_ == TypeKind::kMap ||
                      pattern.kind_ == TypeKind::kRow || pattern.kind_ == TypeKind::kQdigest;
  for (const std::string_view part : Parts(text.substr(open + 1, close - open - 1))) {
    if (nested) {
      pattern.children_.push_back(Parse(part));
    } else {
      pattern.numbers_.emplace_back(part);
    }
  }
  return pattern;
}

std::vector<TypePattern> TypePattern::ParseList(std::string_view text) {
  std::vector<TypePattern> patterns;
  for (const std::string_view part : Parts(text)) patterns.push_back(Parse(part));
  return patterns;
}

bool TypePattern::Bind(const Type& argument, bool coerce, Bindings& bindings) const {
  if (!variable_.empty()) {
    const auto [bound, added] = bindings.types.emplace(variable_, argument);
    if (added || bound->second == argument) return true;
    if (!coerce) return false;
    const auto common = CommonSuperType(bound->second, argument);
    if (common) bound->second = *common;
    return common.has_value();
  }
  if (argument.Is(TypeKind::kUnknown)) {
    for (const std::string& number : numbers_)
      bindings.numbers.emplace(number, number == "p" || number == "q" ? 1 : 0);
    for (const TypePattern& child : children_) {
      if (!child.Bind(argument, coerce, bindings)) return false;
    }
    return coerce;
  }
  if (kind_ == TypeKind::kDecimal) {
    if (!argument.Is(TypeKind::kDecimal) && !(coerce && argument.IsInteger())) return false;
    const Type decimal =
        argument.Is(TypeKind::kDecimal) ? argument : *CommonSuperType(argument, Type::Decimal(1, 0));
    bindings.numbers.emplace(numbers_[0], decimal.precision);
    bindings.numbers.emplace(numbers_[1], decimal.scale);
    return true;
  }
  if (argument.kind != kind_) {
    for (const std::string& number : numbers_)
      bindings.numbers.emplace(number, argument.Is(TypeKind::kDate) ? 0 : std::max(3, argument.precision));
    return coerce && CommonSuperType(argument, Type::Of(kind_)).has_value();
  }
  const bool fixed = !numbers_.empty() && std::isdigit(static_cast<unsigned char>(numbers_[0][0])) != 0;
  if (!numbers_.empty() && !fixed) bindings.numbers.emplace(numbers_[0], argument.precision);
  if (children_.size() > argument.children.size()) return false;
  for (size_t i = 0; i < children_.size(); ++i) {
    if (!children_[i].Bind(argument.children[i], coerce, bindings)) return false;
  }
  return true;
}

Type TypePattern::Made(const Bindings& bindings, const Type& given) const {
  const auto number = [&](const std::string& text) -> int32_t {
    const auto bound = bindings.numbers.find(text);
    if (bound != bindings.numbers.end()) return bound->second;
    const auto variable = [&](const char* name) { return bindings.numbers.find(name)->second; };
    // A whole number of the decimal's size, rounded up perhaps.
    if (text == "rounded") return std::min(38, variable("p") - variable("s") + std::min(1, variable("s")));
    if (text == "whole") return std::max(1, variable("p") - variable("s"));
    if (text == "12x")
      return static_cast<int32_t>(std::min<int64_t>(Type::kUnbounded, int64_t{12} * variable("x")));
    // What starts and ends a color.
    if (text == "x+15")
      return static_cast<int32_t>(std::min<int64_t>(Type::kUnbounded, int64_t{15} + variable("x")));
    if (text == "x+y") return std::min(65536, variable("x") + variable("y"));
    // The longest year, and the fraction with its point.
    if (text == "iso") return 22 + variable("p") + (variable("p") > 0 ? 1 : 0);
    if (text == "zoned") return 28 + variable("p") + (variable("p") > 0 ? 1 : 0);
    if (text == "p+1") return std::min(38, variable("p") + 1);
    if (text == "max(s,t)") return std::max(variable("s"), variable("t"));
    if (text == "modulus") {
      return std::min(variable("p") - variable("s"), variable("q") - variable("t")) +
             std::max(variable("s"), variable("t"));
    }
    // Every place of x replaced by y, and y put between them.
    const bool replaced = text == "replaced";
    if (replaced || text == "replaced by pattern") {
      const double x = variable("x");
      const double y =
          replaced ? variable("y") : std::max(std::floor(x * variable("y") / 2), 1.0 * variable("y"));
      return static_cast<int32_t>(std::min<double>(Type::kUnbounded, x + y * (x + 1)));
    }
    return std::stoi(text);
  };
  if (!variable_.empty()) return bindings.types.find(variable_)->second;
  Type type = Type::Of(kind_);
  if (numbers_.empty() && kind_ == TypeKind::kVarchar) {
    return given.Is(TypeKind::kVarchar) ? given : Type::Varchar();
  }
  if (numbers_.empty() && kind_ == given.kind) type = given;
  if (!numbers_.empty()) type.precision = number(numbers_[0]);
  if (numbers_.size() > 1) type.scale = number(numbers_[1]);
  for (size_t i = 0; i < children_.size(); ++i) {
    const Type child = i < given.children.size() ? given.children[i] : Type();
    type.children.resize(children_.size());
    type.children[i] = children_[i].Made(bindings, child);
  }
  if (kind_ == TypeKind::kRow && type.field_names.empty()) {
    type.field_names = given.Is(TypeKind::kRow) ? given.field_names : std::vector<std::string>();
    type.field_names.resize(type.children.size());
  }
  return type;
}

}  // namespace planaria::sql
