#include "kernel/functions/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>

#include "kernel/functions/function_set.h"
#include "kernel/functions/java_parse.h"
#include "kernel/functions/json_arithmetic.h"

namespace planaria::kernel {

using namespace duckdb_yyjson;  // NOLINT: a C library in a namespace.
using sql::json_path::Expression;
using sql::json_path::Predicate;

namespace {

using Items = std::vector<JsonItem>;
using Kind = Expression::Kind;

enum class Truth { kFalse, kTrue, kUnknown };

/// Of a literal: a number with a fraction and no exponent.
bool IsDecimal(const std::string& text) {
  return text[0] >= '0' && text[0] <= '9' && text.find('.') != std::string::npos &&
         text.find_first_of("eE") == std::string::npos;
}

class PathWalk {
 public:
  PathWalk(bool strict, const JsonItem& root, yyjson_val* variables, std::string* failure)
      : strict_(strict), root_(root), variables_(variables), failure_(failure) {}

  /// `item` is what `@` stands for, `last` the number of the array's last element. False when the path does
  /// not fit.
  bool Find(const Expression& expression, const JsonItem& item, int64_t last, Items& found) {
    switch (expression.kind) {
      case Kind::kRoot:
        found.push_back(root_);
        return true;
      case Kind::kItem:
        found.push_back(item);
        return true;
      case Kind::kLast:
        found.push_back(MakeItem(std::to_string(last)));
        return true;
      case Kind::kVariable:
        if (yyjson_val* value = yyjson_obj_getn(variables_, expression.text.data(), expression.text.size())) {
          found.push_back({value, nullptr});
        }
        return true;
      case Kind::kLiteral:
        found.push_back(MakeItem(expression.text, IsDecimal(expression.text)));
        return true;
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kMultiply:
      case Kind::kDivide:
      case Kind::kModulus:
        return Compute(expression, item, last, found);
      default:
        break;
    }
    Items base;
    if (!Find(*expression.operands[0], item, last, base)) return false;
    for (const JsonItem& one : base) {
      if (!Take(expression, one, last, found)) return false;
    }
    return true;
  }

 private:
  bool Fail(std::string reason) {
    *failure_ = std::move(reason);
    return false;
  }
  bool WrongKind(std::string_view expected, yyjson_val* value) {
    return Fail(fmt::format("invalid item type. Expected: {}, actual: {}", expected, JsonKindOf(value)));
  }

  template <typename Call>
  static bool EachElement(const JsonItem& array, Call call) {
    auto elements = yyjson_arr_iter_with(array.value);
    while (auto* element = yyjson_arr_iter_next(&elements)) {
      if (!call(JsonItem{element, array.made})) return false;
    }
    return true;
  }
  /// Arrays taken apart, as lax paths do.
  static Items Flat(const Items& items) {
    Items flat;
    for (const JsonItem& one : items) {
      if (!yyjson_is_arr(one.value)) {
        flat.push_back(one);
        continue;
      }
      EachElement(one, [&](const JsonItem& element) {
        flat.push_back(element);
        return true;
      });
    }
    return flat;
  }

  bool Compute(const Expression& expression, const JsonItem& item, int64_t last, Items& found) {
    Items sides[2];
    for (size_t i = 0; i < 2; ++i) {
      if (!Find(*expression.operands[i], item, last, sides[i])) return false;
      if (!strict_) sides[i] = Flat(sides[i]);
    }
    if (sides[0].size() != 1 || sides[1].size() != 1) {
      return Fail("arithmetic binary expression requires singleton operands");
    }
    auto result = ComputeJson(expression.kind, sides[0][0], sides[1][0], failure_);
    if (!result) return false;
    found.push_back(std::move(*result));
    return true;
  }

  bool Take(const Expression& step, const JsonItem& item, int64_t last, Items& found) {
    static constexpr Kind kWhole[] = {Kind::kElements, Kind::kAnyElement, Kind::kDescendants, Kind::kSize,
                                      Kind::kType};
    const bool whole = std::find(std::begin(kWhole), std::end(kWhole), step.kind) != std::end(kWhole);
    if (yyjson_is_arr(item.value) && !whole && !strict_) {
      return EachElement(item, [&](const JsonItem& element) { return TakeOne(step, element, last, found); });
    }
    return TakeOne(step, item, last, found);
  }

  bool TakeOne(const Expression& step, const JsonItem& item, int64_t last, Items& found) {
    yyjson_val* value = item.value;
    switch (step.kind) {
      case Kind::kMember: {
        if (!yyjson_is_obj(value)) return !strict_ || WrongKind("OBJECT", value);
        yyjson_val* member = yyjson_obj_getn(value, step.text.data(), step.text.size());
        if (member) found.push_back({member, item.made});
        return member || !strict_ ||
               Fail(fmt::format("structural error: missing member '{}' in JSON object", step.text));
      }
      case Kind::kAnyMember: {
        if (!yyjson_is_obj(value)) return !strict_ || WrongKind("OBJECT", value);
        auto members = yyjson_obj_iter_with(value);
        while (auto* key = yyjson_obj_iter_next(&members)) {
          found.push_back({yyjson_obj_iter_get_val(key), item.made});
        }
        return true;
      }
      case Kind::kDescendants:
        Descend(step.text, item, found);
        return true;
      case Kind::kAnyElement:
        if (!yyjson_is_arr(value)) {
          if (strict_) return WrongKind("ARRAY", value);
          found.push_back(item);
          return true;
        }
        return EachElement(item, [&](const JsonItem& element) {
          found.push_back(element);
          return true;
        });
      case Kind::kElements:
        return TakeElements(step, item, found);
      case Kind::kFilter:
        if (Holds(*step.filter, item, last) == Truth::kTrue) found.push_back(item);
        return true;
      case Kind::kSize:
        if (!yyjson_is_arr(value) && strict_) return WrongKind("ARRAY", value);
        found.push_back(MakeItem(std::to_string(yyjson_is_arr(value) ? yyjson_arr_size(value) : 1)));
        return true;
      case Kind::kType: {
        std::string name = JsonKindOf(value);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return static_cast<char>(c - 'A' + 'a'); });
        found.push_back(MakeItem("\"" + name + "\""));
        return true;
      }
      case Kind::kKeyValue:
        return TakeKeyValues(item, found);
      default: {
        auto result = ComputeJson(step.kind, item, failure_);
        if (!result) return false;
        found.push_back(std::move(*result));
        return true;
      }
    }
  }

  static void Descend(const std::string& name, const JsonItem& item, Items& found) {
    if (yyjson_is_obj(item.value)) {
      if (auto* member = yyjson_obj_getn(item.value, name.data(), name.size())) {
        found.push_back({member, item.made});
      }
      auto members = yyjson_obj_iter_with(item.value);
      while (auto* key = yyjson_obj_iter_next(&members)) {
        Descend(name, {yyjson_obj_iter_get_val(key), item.made}, found);
      }
    } else if (yyjson_is_arr(item.value)) {
      EachElement(item, [&](const JsonItem& element) {
        Descend(name, element, found);
        return true;
      });
    }
  }

  bool TakeKeyValues(const JsonItem& item, Items& found) {
    if (!yyjson_is_obj(item.value)) return WrongKind("OBJECT", item.value);
    auto members = yyjson_obj_iter_with(item.value);
    while (auto* key = yyjson_obj_iter_next(&members)) {
      std::string text = "{\"name\":";
      AppendJsonText(JsonTextOf(key), &text);
      text += ",\"value\":";
      AppendJson(yyjson_obj_iter_get_val(key), JsonForm::kPlain, &text);
      text += fmt::format(",\"id\":{}}}", next_object_);
      found.push_back(MakeItem(text));
    }
    ++next_object_;
    return true;
  }

  std::optional<int64_t> IndexOf(const Expression& expression, const JsonItem& item, int64_t last,
                                 std::string_view word) {
    Items found;
    if (!Find(expression, item, last, found)) return std::nullopt;
    if (found.size() != 1) {
      Fail(fmt::format("array subscript '{}' value must be singleton numeric", word));
      return std::nullopt;
    }
    return JsonIndexOf(found[0], failure_);
  }

  bool TakeElements(const Expression& step, const JsonItem& item, Items& found) {
    const bool array = yyjson_is_arr(item.value);
    if (!array && strict_) return WrongKind("ARRAY", item.value);
    const int64_t size = array ? static_cast<int64_t>(yyjson_arr_size(item.value)) : 1;
    for (const auto& subscript : step.subscripts) {
      const auto from = IndexOf(*subscript.from, item, size - 1, "from");
      if (!from) return false;
      const auto to = subscript.to ? IndexOf(*subscript.to, item, size - 1, "to") : from;
      if (!to) return false;
      if (strict_ && (*from < 0 || *to >= size || *from > *to)) {
        return Fail(
            size == 0
                ? "structural error: invalid array subscript for empty array"
                : fmt::format("structural error: invalid array subscript: [{}, {}] for array of size {}",
                              *from, *to, size));
      }
      for (int64_t i = std::max<int64_t>(*from, 0); i <= std::min(*to, size - 1); ++i) {
        found.push_back(array ? JsonItem{yyjson_arr_get(item.value, static_cast<size_t>(i)), item.made}
                              : item);
      }
    }
    return true;
  }

  /// The items of an operand; nothing when it does not fit.
  std::optional<Items> ValuesOf(const Expression& operand, const JsonItem& item, int64_t last) {
    Items items;
    if (!Find(operand, item, last, items)) return std::nullopt;
    return strict_ ? items : Flat(items);
  }

  Truth Holds(const Predicate& predicate, const JsonItem& item, int64_t last) {
    using Of = Predicate::Kind;
    switch (predicate.kind) {
      case Of::kNot: {
        const Truth inner = Holds(*predicate.parts[0], item, last);
        return inner == Truth::kUnknown ? inner : inner == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
      }
      case Of::kIsUnknown:
        return Holds(*predicate.parts[0], item, last) == Truth::kUnknown ? Truth::kTrue : Truth::kFalse;
      case Of::kAnd:
      case Of::kOr: {
        const Truth decides = predicate.kind == Of::kAnd ? Truth::kFalse : Truth::kTrue;
        const Truth left = Holds(*predicate.parts[0], item, last);
        const Truth right = Holds(*predicate.parts[1], item, last);
        if (left == decides || right == decides) return decides;
        return left == Truth::kUnknown ? left : right;
      }
      case Of::kExists: {
        Items items;
        if (!Find(*predicate.operands[0], item, last, items)) return Truth::kUnknown;
        return items.empty() ? Truth::kFalse : Truth::kTrue;
      }
      case Of::kStartsWith:
      case Of::kCompare:
        break;
    }
    const auto left = ValuesOf(*predicate.operands[0], item, last);
    const auto right = ValuesOf(*predicate.operands[1], item, last);
    if (!left || !right) return Truth::kUnknown;
    bool found = false;
    for (const JsonItem& a : *left) {
      for (const JsonItem& b : *right) {
        const Truth one = predicate.kind == Of::kStartsWith ? StartsWith(a.value, b.value)
                                                            : Compare(a.value, predicate.op, b.value);
        if (one == Truth::kUnknown) return one;
        found = found || one == Truth::kTrue;
      }
    }
    return found ? Truth::kTrue : Truth::kFalse;
  }

  static Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

  static Truth StartsWith(yyjson_val* text, yyjson_val* start) {
    if (!yyjson_is_str(text) || !yyjson_is_str(start)) return Truth::kUnknown;
    return Of(JsonTextOf(text).starts_with(JsonTextOf(start)));
  }

  static Truth Compare(yyjson_val* left, std::string_view op, yyjson_val* right) {
    std::partial_ordering order = std::partial_ordering::unordered;
    const bool nulls = yyjson_is_null(left) || yyjson_is_null(right);
    if (nulls) {
      const bool both = yyjson_is_null(left) && yyjson_is_null(right);
      if (op == "==") return Of(both);
      if (op == "!=" || op == "<>") return Of(!both);
      return Truth::kUnknown;
    }
    if (yyjson_is_str(left) && yyjson_is_str(right)) {
      order = JsonTextOf(left) <=> JsonTextOf(right);
    } else if (yyjson_is_raw(left) && yyjson_is_raw(right)) {
      order =
          ParseJavaDouble(JsonTextOf(left)).value_or(0) <=> ParseJavaDouble(JsonTextOf(right)).value_or(0);
    } else if (yyjson_is_bool(left) && yyjson_is_bool(right)) {
      order = yyjson_is_true(left) <=> yyjson_is_true(right);
    }
    if (order == std::partial_ordering::unordered) return Truth::kUnknown;
    if (op == "==") return Of(order == 0);
    if (op == "<") return Of(order < 0);
    if (op == "<=") return Of(order <= 0);
    if (op == ">") return Of(order > 0);
    if (op == ">=") return Of(order >= 0);
    return Of(order != 0);
  }

  bool strict_;
  const JsonItem& root_;
  yyjson_val* variables_;
  std::string* failure_;
  /// Of keyvalue().
  int next_object_ = 0;
};

}  // namespace

void AppendItem(const JsonItem& item, std::string* out) {
  if (item.decimal) {
    *out += JsonTextOf(item.value);
  } else {
    AppendJson(item.value, JsonForm::kPlain, out);
  }
}

SqlJsonPath::SqlJsonPath(std::string_view text) {
  try {
    path_ = sql::json_path::Parse(text);
  } catch (const sql::json_path::InvalidPath& failure) {
    FailFunction(failure.not_supported ? errors::NOT_SUPPORTED : errors::INVALID_PATH, failure.message);
  }
}

std::optional<std::vector<JsonItem>> SqlJsonPath::Find(const JsonItem& root, yyjson_val* variables,
                                                       std::string* failure) const {
  Items items;
  if (!PathWalk(path_.strict, root, variables, failure).Find(*path_.root, root, 0, items)) {
    return std::nullopt;
  }
  return items;
}

}  // namespace planaria::kernel
