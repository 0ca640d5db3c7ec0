#include "coordinator/session_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "sql/error_at.h"
#include "sql/format.h"
#include "sql/names.h"
#include "sql/number_text.h"
#include "sql/types/type.h"

namespace planaria::coordinator {

namespace {

using sql::ast::Expression;

/// A literal as text, with its type.
struct Constant {
  /// Nothing for NULL.
  std::optional<std::string> text;
  std::string type;
};

const Expression& ValueOf(const Expression& expression, const sql::ast::ExpressionList& parameters) {
  const auto* parameter = std::get_if<sql::ast::Parameter>(&expression.node);
  return parameter != nullptr && parameter->index < parameters.size() ? *parameters[parameter->index]
                                                                      : expression;
}

/// Nothing for expressions that are no literal, nor a literal with a sign or NOT before it.
std::optional<Constant> ConstantOf(const Expression& expression) {
  const auto& node = expression.node;
  if (const auto* text = std::get_if<sql::ast::StringLiteral>(&node)) {
    return Constant{text->value, fmt::format("varchar({})", text->value.size())};
  }
  if (const auto* number = std::get_if<sql::ast::IntegerLiteral>(&node)) {
    const int64_t value = sql::BigintOf(number->text).value_or(0);
    return Constant{std::to_string(value), value == static_cast<int32_t>(value) ? "integer" : "bigint"};
  }
  if (const auto* number = std::get_if<sql::ast::DecimalLiteral>(&node)) {
    return Constant{number->text, "decimal"};
  }
  if (std::holds_alternative<sql::ast::DoubleLiteral>(node)) {
    return Constant{sql::Format(expression), "double"};
  }
  if (const auto* boolean = std::get_if<sql::ast::BooleanLiteral>(&node)) {
    return Constant{boolean->value ? "true" : "false", "boolean"};
  }
  if (std::holds_alternative<sql::ast::NullLiteral>(node)) return Constant{std::nullopt, "unknown"};
  if (const auto* sign = std::get_if<sql::ast::ArithmeticUnary>(&node)) {
    auto value = ConstantOf(*sign->value);
    if (!value || !value->text || value->type == "boolean" || value->type.starts_with("varchar")) {
      return std::nullopt;
    }
    if (sign->negative) {
      value->text = value->text->starts_with('-') ? value->text->substr(1) : "-" + *value->text;
    }
    return value;
  }
  if (const auto* negation = std::get_if<sql::ast::Not>(&node)) {
    auto value = ConstantOf(*negation->value);
    if (!value || value->type != "boolean") return std::nullopt;
    value->text = value->text == "true" ? "false" : "true";
    return value;
  }
  return std::nullopt;
}

/// Whether Trino makes a value of the property's type of a literal's by itself.
bool Fits(const std::string& literal, const std::string& property) {
  if (property == "varchar") return literal.starts_with("varchar");
  if (property == "boolean") return literal == "boolean";
  if (property == "integer") return literal == "integer";
  if (property == "bigint") return literal == "integer" || literal == "bigint";
  return literal == "integer" || literal == "bigint" || literal == "decimal" || literal == "double";
}

}  // namespace

std::string PropertyValue(const SessionProperty& property, const Expression& expression,
                          const sql::ast::ExpressionList& parameters) {
  const Expression& value = ValueOf(expression, parameters);
  const auto refuse = [&](const std::string& why) {
    return TrinoException(errors::INVALID_SESSION_PROPERTY,
                          fmt::format("Unable to set session property '{}' to '{}': {}", property.name,
                                      sql::Format(value), why));
  };
  const auto constant = ConstantOf(value);
  if (!constant) {
    if (const auto* name = std::get_if<sql::ast::Identifier>(&value.node)) {
      throw refuse("Column '" + sql::NameOf(*name) + "' cannot be resolved");
    }
    if (std::holds_alternative<sql::ast::ScalarSubquery>(value.node)) {
      throw refuse("Constant expression cannot contain a subquery");
    }
    sql::ThrowAt(errors::NOT_SUPPORTED, value.location, "SET SESSION is supported with literals only");
  }
  if (!constant->text) throw refuse("Session property value must not be null");
  if (!Fits(constant->type, property.type)) {
    throw refuse("Cannot cast type " + constant->type + " to " + property.type);
  }
  return *constant->text;
}

std::string TimeZoneOf(const Expression& expression, const sql::ast::ExpressionList& parameters) {
  const Expression& zone = ValueOf(expression, parameters);
  if (const auto* name = std::get_if<sql::ast::StringLiteral>(&zone.node)) return name->value;
  const auto* interval = std::get_if<sql::ast::IntervalLiteral>(&zone.node);
  const bool hours = interval != nullptr && interval->from == sql::ast::IntervalField::kHour;
  const bool minutes = interval != nullptr && interval->from == sql::ast::IntervalField::kMinute;
  if (!hours && !minutes) {
    sql::ThrowAt(errors::TYPE_MISMATCH, zone.location,
                 "Expected expression of varchar or interval day-time type");
  }
  // The sign may stand in the text as well as before it.
  const bool turned = interval->value.starts_with('-');
  const std::string text = interval->value.substr(turned ? 1 : 0);
  const bool negative = interval->negative != turned;
  const size_t colon = text.find(':');
  const int64_t first = sql::BigintOf(text.substr(0, colon)).value_or(0);
  const int64_t second = colon == std::string::npos ? 0 : sql::BigintOf(text.substr(colon + 1)).value_or(0);
  const int64_t offset = hours ? first * 60 + second : first;
  if (offset > 14 * 60) {
    throw TrinoException(errors::NOT_SUPPORTED, fmt::format("Time zone offset not supported: {}", offset));
  }
  return fmt::format("{}{:02}:{:02}", negative ? '-' : '+', offset / 60, offset % 60);
}

KillQuery KillQueryOf(const sql::ast::Call& call, const sql::ast::ExpressionList& parameters,
                      ErrorLocation location) {
  KillQuery kill;
  std::string* const values[] = {&kill.query_id, &kill.message};
  bool given[] = {false, false};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const sql::ast::CallArgument& argument = call.arguments[i];
    size_t position = i;
    if (argument.name) {
      std::string name = argument.name->value;
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
      position = name == "QUERY_ID" ? 0 : name == "MESSAGE" ? 1 : 2;
      if (position == 2) {
        sql::ThrowAt(errors::INVALID_ARGUMENTS, argument.name->location, "Unknown argument name: " + name);
      }
      if (given[position]) {
        sql::ThrowAt(errors::INVALID_ARGUMENTS, argument.name->location,
                     "Duplicate procedure argument: " + name);
      }
    }
    if (position >= 2) {
      sql::ThrowAt(errors::INVALID_ARGUMENTS, location, "Too many arguments for procedure");
    }
    const Expression& value = ValueOf(*argument.value, parameters);
    const auto constant = ConstantOf(value);
    if (!constant) {
      sql::ThrowAt(errors::NOT_SUPPORTED, value.location, "CALL is supported with literals only");
    }
    if (constant->text && !constant->type.starts_with("varchar")) {
      sql::ThrowAt(errors::TYPE_MISMATCH, value.location,
                   "Cannot cast type " + constant->type + " to varchar");
    }
    *values[position] = constant->text.value_or("");
    given[position] = true;
  }
  if (!given[0]) {
    sql::ThrowAt(errors::INVALID_ARGUMENTS, location, "Required procedure argument 'QUERY_ID' is missing");
  }
  return kill;
}

TransactionControl TransactionOf(const sql::ast::StartTransaction& start, ErrorLocation location) {
  using Mode = sql::ast::StartTransaction::Mode;
  TransactionControl control;
  bool access = false;
  for (const Mode mode : start.modes) {
    if (mode == Mode::kReadOnly || mode == Mode::kReadWrite) {
      if (access) {
        sql::ThrowAt(errors::SYNTAX_ERROR, location, "Multiple transaction read modes specified");
      }
      access = true;
      control.read_only = mode == Mode::kReadOnly;
      continue;
    }
    if (!control.isolation_level.empty()) {
      sql::ThrowAt(errors::SYNTAX_ERROR, location, "Multiple transaction isolation levels specified");
    }
    control.isolation_level = mode == Mode::kReadUncommitted  ? "READ UNCOMMITTED"
                              : mode == Mode::kReadCommitted  ? "READ COMMITTED"
                              : mode == Mode::kRepeatableRead ? "REPEATABLE READ"
                                                              : "SERIALIZABLE";
  }
  if (control.isolation_level.empty()) control.isolation_level = "READ UNCOMMITTED";
  return control;
}

}  // namespace planaria::coordinator
