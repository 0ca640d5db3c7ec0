#include "sql/analyzer/comparison.h"

#include <fmt/format.h>

#include "sql/analyzer/operators.h"
#include "sql/error_at.h"
#include "sql/number_text.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

void RequireBoolean(Typed& value, std::string_view what) {
  if (value.type.Is(TypeKind::kUnknown)) value = Coerce(std::move(value), Type::Of(TypeKind::kBoolean));
  if (value.type.Is(TypeKind::kBoolean)) return;
  ThrowAt(errors::TYPE_MISMATCH, value.location,
          fmt::format("{} must evaluate to a boolean (actual: {})", what, value.type.ToString()));
}

std::optional<Type> DecimalOfLiteral(const ast::Expression& expression) {
  const auto* number = std::get_if<ast::IntegerLiteral>(&expression.node);
  const auto value = number == nullptr ? std::nullopt : BigintOf(number->text);
  if (!value) return std::nullopt;
  std::string digits = std::to_string(*value);
  if (digits[0] == '-') digits.erase(0, 1);
  return Type::Decimal(static_cast<int32_t>(digits.size()), 0);
}

void ToCommonType(Typed& left, const ast::Expression& left_node, Typed& right,
                  const ast::Expression& right_node, std::string_view symbol, ErrorLocation location) {
  auto common = CommonSuperType(left.type, right.type);
  const bool orders = symbol == " < " || symbol == " <= ";
  if (!common || !(orders ? common->IsOrderable() : common->IsComparable())) {
    ThrowAt(
        errors::TYPE_MISMATCH, location,
        fmt::format("Cannot apply operator: {}{}{}", left.type.ToString(), symbol, right.type.ToString()));
  }
  const auto narrow = [&](const Typed& decimal, const ast::Expression& literal) {
    const auto digits = DecimalOfLiteral(literal);
    if (decimal.type.Is(TypeKind::kDecimal) && digits) common = CommonSuperType(decimal.type, *digits);
  };
  narrow(left, right_node);
  narrow(right, left_node);
  left = Coerce(std::move(left), *common);
  right = Coerce(std::move(right), *common);
}

namespace {

/// A number that is written out is none that NaN could be.
bool IsNumberLiteral(const ast::Expression& expression) {
  const auto& node = expression.node;
  if (const auto* sign = std::get_if<ast::ArithmeticUnary>(&node)) return IsNumberLiteral(*sign->value);
  return std::holds_alternative<ast::IntegerLiteral>(node) ||
         std::holds_alternative<ast::DecimalLiteral>(node) ||
         std::holds_alternative<ast::DoubleLiteral>(node);
}

/// An expression that is written out twice must not be long, as it may hold others of its kind.
constexpr size_t kLongestRepeated = 200;

}  // namespace

bool MayBeNan(const Typed& value, const ast::Expression& node) {
  return value.type.IsFloat() && !IsNumberLiteral(node) && value.sql.text().size() <= kLongestRepeated;
}

std::string Infinity(const Type& type) {
  return fmt::format("CAST('infinity' AS {})", type.Is(TypeKind::kReal) ? "FLOAT" : "DOUBLE");
}

Typed CompareFloats(const Typed& left, const ast::Expression& left_node, const Typed& right,
                    const ast::Expression& right_node, ast::ComparisonOperator op, std::string_view symbol,
                    ErrorLocation location) {
  using Op = ast::ComparisonOperator;
  const Type boolean = Type::Of(TypeKind::kBoolean);
  const bool unequal = op == Op::kNotEqual;
  const bool greater = op == Op::kGreater || op == Op::kGreaterEqual || unequal;
  // With a NaN on this side the kernel says what Trino does not.
  const Typed& suspect = greater ? left : right;
  const bool suspected = MayBeNan(suspect, greater ? left_node : right_node);
  const bool needs_two = op == Op::kEqual || unequal;
  const bool other = MayBeNan(greater ? right : left, greater ? right_node : left_node);
  if (!suspected || (needs_two && !other) || op == Op::kIsDistinctFrom) {
    return Compose(boolean, location, {"(", &left, symbol, &right, ")"});
  }
  return Compose(boolean, location,
                 {"((", &left, symbol, &right, unequal ? ") OR (" : ") AND (", &suspect,
                  unequal ? " > " : " <= ", Infinity(left.type), "))"});
}

}  // namespace planaria::sql
