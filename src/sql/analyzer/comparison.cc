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
  if (!common || common->IsSketch()) {
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

}  // namespace planaria::sql
