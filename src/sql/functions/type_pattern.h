// Types with variables, as functions.inc writes them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types/type.h"

namespace planaria::sql {

/// What variables stand for in one call.
struct Bindings {
  /// T, U
  std::map<std::string, Type, std::less<>> types;
  /// p, s, x
  std::map<std::string, int32_t, std::less<>> numbers;
};

class TypePattern {
 public:
  /// `array(T)`, `decimal(p,s)`, `varchar`; the texts are ours and are not checked.
  static TypePattern Parse(std::string_view text);
  static std::vector<TypePattern> ParseList(std::string_view text);

  /// Learns from an argument what the variables are; with `coerce`, from one that may be turned into the
  /// pattern's type. False when it cannot be.
  bool Bind(const Type& argument, bool coerce, Bindings& bindings) const;

  /// The type with the variables filled in. A pattern that takes every length takes the one of `given`.
  Type Made(const Bindings& bindings, const Type& given) const;

 private:
  /// Of a variable such as T; otherwise empty.
  std::string variable_;
  TypeKind kind_ = TypeKind::kUnknown;
  /// What stands for precision and scale: numbers, variables, or expressions of theirs.
  std::vector<std::string> numbers_;
  std::vector<TypePattern> children_;
};

}  // namespace planaria::sql
