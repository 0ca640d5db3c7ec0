#include "kernel/functions/json_path.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <compare>

#include "kernel/functions/function_set.h"
#include "kernel/functions/java_parse.h"

namespace planaria::kernel {

using namespace duckdb_yyjson;  // NOLINT: a C library in a namespace.

namespace {

using Items = std::vector<JsonItem>;
using Steps = std::vector<std::unique_ptr<SqlJsonPath::Step>>;

enum class Truth { kFalse, kTrue, kUnknown };

/// `last` and `last - n` count from the end.
struct Index {
  bool from_end = false;
  int64_t offset = 0;
};
struct Range {
  Index from;
  std::optional<Index> to;
};

/// `@.a > 1`, `exists(@.b)`, `a && b`.
struct Predicate {
  enum class Kind { kAnd, kOr, kNot, kExists, kStartsWith, kCompare, kIsUnknown };
  Kind kind = Kind::kCompare;
  std::vector<std::unique_ptr<Predicate>> parts;
  std::string op;
  /// Paths from the item, or literals.
  struct Operand {
    bool from_root = false;
    Steps steps;
    std::shared_ptr<JsonDocument> literal;
  };
  std::vector<Operand> operands;
};

}  // namespace

struct SqlJsonPath::Step {
  enum class Kind { kMember, kAnyMember, kElements, kAnyElement, kFilter, kSize, kType };
  Kind kind = Kind::kMember;
  std::string name;
  std::vector<Range> ranges;
  std::unique_ptr<Predicate> filter;
};

SqlJsonPath::~SqlJsonPath() = default;

namespace {

using Step = SqlJsonPath::Step;

class PathParser {
 public:
  explicit PathParser(std::string_view text) : whole_(text), rest_(text) {}

  Steps Parse(bool& strict) {
    strict = Word("strict");
    if (!strict) Word("lax");
    Require("$");
    Steps steps = ParseSteps();
    if (!Blank().empty()) Fail();
    return steps;
  }

 private:
  [[noreturn]] void Fail() const {
    FailFunction(errors::INVALID_PATH, fmt::format("Invalid JSON path: '{}'", whole_));
  }
  [[noreturn]] void Unsupported(std::string_view what) const {
    FailFunction(errors::NOT_SUPPORTED, fmt::format("{} in a JSON path is not supported", what));
  }

  std::string_view Blank() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_[0]))) rest_.remove_prefix(1);
    return rest_;
  }
  bool Take(std::string_view token) {
    if (!Blank().starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void Require(std::string_view token) {
    if (!Take(token)) Fail();
  }
  static bool InName(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  }
  bool Word(std::string_view word) {
    if (!Blank().starts_with(word) || (rest_.size() > word.size() && InName(rest_[word.size()])))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string Name() {
    size_t end = 0;
    while (end < Blank().size() && InName(rest_[end])) ++end;
    if (end == 0) Fail();
    const std::string name(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return name;
  }
  std::string Quoted() {
    std::string text;
    Require("\"");
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    Require("\"");
    return text;
  }
  int64_t Number() {
    int64_t number = 0;
    Blank();
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (failure != std::errc()) Fail();
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return number;
  }
  Index ParseIndex() {
    if (!Word("last")) return {false, Number()};
    return {true, Take("-") ? -Number() : 0};
  }

  std::unique_ptr<Step> Made(Step::Kind kind) {
    auto step = std::make_unique<Step>();
    step->kind = kind;
    return step;
  }

  Steps ParseSteps() {
    Steps steps;
    for (;;) {
      if (Take(".")) {
        if (Take("*")) {
          steps.push_back(Made(Step::Kind::kAnyMember));
          continue;
        }
        const std::string name = Blank().starts_with('"') ? Quoted() : Name();
        if (Take("(")) {
          Require(")");
          if (name != "size" && name != "type") Unsupported(fmt::format("The method {}()", name));
          steps.push_back(Made(name == "size" ? Step::Kind::kSize : Step::Kind::kType));
          continue;
        }
        steps.push_back(Made(Step::Kind::kMember));
        steps.back()->name = name;
      } else if (Take("[")) {
        if (Take("*")) {
          steps.push_back(Made(Step::Kind::kAnyElement));
          Require("]");
          continue;
        }
        steps.push_back(Made(Step::Kind::kElements));
        do {
          Range range{ParseIndex(), std::nullopt};
          if (Word("to")) range.to = ParseIndex();
          steps.back()->ranges.push_back(range);
        } while (Take(","));
        Require("]");
      } else if (Take("?")) {
        Require("(");
        steps.push_back(Made(Step::Kind::kFilter));
        steps.back()->filter = Or();
        Require(")");
      } else {
        return steps;
      }
    }
  }

  std::unique_ptr<Predicate> Joined(Predicate::Kind kind, std::unique_ptr<Predicate> left,
                                    std::unique_ptr<Predicate> right) {
    auto whole = std::make_unique<Predicate>();
    whole->kind = kind;
    whole->parts.push_back(std::move(left));
    if (right) whole->parts.push_back(std::move(right));
    return whole;
  }
  std::unique_ptr<Predicate> Or() {
    auto left = And();
    while (Take("||")) left = Joined(Predicate::Kind::kOr, std::move(left), And());
    return left;
  }
  std::unique_ptr<Predicate> And() {
    auto left = Term();
    while (Take("&&")) left = Joined(Predicate::Kind::kAnd, std::move(left), Term());
    return left;
  }
  std::unique_ptr<Predicate> Term() {
    if (++depth_ > kMaxDepth) Fail();
    auto term = TermWithin();
    --depth_;
    return term;
  }
  std::unique_ptr<Predicate> TermWithin() {
    if (Take("!")) return Joined(Predicate::Kind::kNot, Term(), nullptr);
    if (Take("(")) {
      auto inner = Or();
      Require(")");
      if (Word("is")) {
        if (!Word("unknown")) Fail();
        return Joined(Predicate::Kind::kIsUnknown, std::move(inner), nullptr);
      }
      return inner;
    }
    auto made = std::make_unique<Predicate>();
    if (Word("exists")) {
      made->kind = Predicate::Kind::kExists;
      Require("(");
      made->operands.push_back(ParseOperand());
      Require(")");
      return made;
    }
    made->operands.push_back(ParseOperand());
    if (Word("starts")) {
      if (!Word("with")) Fail();
      made->kind = Predicate::Kind::kStartsWith;
    } else if (Word("like_regex")) {
      Unsupported("like_regex");
    } else {
      for (const char* op : {"==", "!=", "<>", "<=", ">=", "<", ">"}) {
        if (!made->op.empty() || !Take(op)) continue;
        made->op = op;
      }
      if (made->op.empty()) Fail();
    }
    made->operands.push_back(ParseOperand());
    return made;
  }

  Predicate::Operand ParseOperand() {
    Predicate::Operand operand;
    Blank();
    if (Take("@") || Take("$")) {
      operand.from_root = rest_.data()[-1] == '$';
      if (operand.from_root && !rest_.empty() && InName(rest_[0])) Unsupported("A variable");
      operand.steps = ParseSteps();
      return operand;
    }
    size_t end = 0;
    if (rest_.starts_with('"')) {
      for (end = 1; end < rest_.size() && rest_[end] != '"'; ++end) end += rest_[end] == '\\';
      ++end;
    } else {
      while (end < rest_.size() &&
             (InName(rest_[end]) || std::string_view("+-.").find(rest_[end]) != std::string_view::npos))
        ++end;
    }
    operand.literal = std::make_shared<JsonDocument>(rest_.substr(0, end));
    if (end == 0 || operand.literal->root() == nullptr) Fail();
    rest_.remove_prefix(std::min(end, rest_.size()));
    return operand;
  }

  static constexpr int kMaxDepth = 200;

  std::string_view whole_;
  std::string_view rest_;
  int depth_ = 0;
};

class PathWalk {
 public:
  PathWalk(bool strict, yyjson_val* root) : strict_(strict), root_(root) {}

  /// False when a strict path does not fit.
  bool Follow(const Steps& steps, Items& items) const {
    for (const auto& step : steps) {
      Items next;
      for (const JsonItem& item : items) {
        if (!Take(*step, item, next)) return false;
      }
      items = std::move(next);
    }
    return true;
  }

 private:
  template <typename Call>
  static bool EachElement(const JsonItem& array, Call call) {
    auto elements = yyjson_arr_iter_with(array.value);
    while (auto* element = yyjson_arr_iter_next(&elements)) {
      if (!call(JsonItem{element, array.made})) return false;
    }
    return true;
  }
  static JsonItem Make(const std::string& json) {
    auto document = std::make_shared<JsonDocument>(json);
    return {document->root(), document};
  }

  bool Take(const Step& step, const JsonItem& item, Items& next) const {
    const bool array = yyjson_is_arr(item.value);
    const bool unwraps = step.kind == Step::Kind::kMember || step.kind == Step::Kind::kAnyMember ||
                         step.kind == Step::Kind::kFilter;
    if (array && unwraps && !strict_) {
      return EachElement(item, [&](const JsonItem& element) { return TakeOne(step, element, next); });
    }
    return TakeOne(step, item, next);
  }

  bool TakeOne(const Step& step, const JsonItem& item, Items& next) const {
    yyjson_val* value = item.value;
    switch (step.kind) {
      case Step::Kind::kMember: {
        yyjson_val* member =
            yyjson_is_obj(value) ? yyjson_obj_getn(value, step.name.data(), step.name.size()) : nullptr;
        if (member) next.push_back({member, item.made});
        return member || !strict_;
      }
      case Step::Kind::kAnyMember: {
        if (!yyjson_is_obj(value)) return !strict_;
        auto members = yyjson_obj_iter_with(value);
        while (auto* key = yyjson_obj_iter_next(&members)) {
          next.push_back({yyjson_obj_iter_get_val(key), item.made});
        }
        return true;
      }
      case Step::Kind::kAnyElement:
        if (!yyjson_is_arr(value)) {
          if (!strict_) next.push_back(item);
          return !strict_;
        }
        return EachElement(item, [&](const JsonItem& element) {
          next.push_back(element);
          return true;
        });
      case Step::Kind::kElements:
        return TakeElements(step.ranges, item, next);
      case Step::Kind::kFilter:
        if (Holds(*step.filter, item) == Truth::kTrue) next.push_back(item);
        return true;
      case Step::Kind::kSize:
        if (!yyjson_is_arr(value) && strict_) return false;
        next.push_back(Make(std::to_string(yyjson_is_arr(value) ? yyjson_arr_size(value) : 1)));
        return true;
      case Step::Kind::kType:
        next.push_back(Make(fmt::format("\"{}\"", TypeName(value))));
        return true;
    }
    return false;
  }

  static std::string_view TypeName(yyjson_val* value) {
    if (yyjson_is_arr(value)) return "array";
    if (yyjson_is_obj(value)) return "object";
    if (yyjson_is_str(value)) return "string";
    if (yyjson_is_bool(value)) return "boolean";
    return yyjson_is_null(value) ? "null" : "number";
  }

  bool TakeElements(const std::vector<Range>& ranges, const JsonItem& item, Items& next) const {
    const bool array = yyjson_is_arr(item.value);
    if (!array && strict_) return false;
    const int64_t size = array ? static_cast<int64_t>(yyjson_arr_size(item.value)) : 1;
    const auto position = [&](const Index& index) {
      return index.from_end ? size - 1 + index.offset : index.offset;
    };
    for (const Range& range : ranges) {
      const int64_t from = position(range.from);
      const int64_t to = range.to ? position(*range.to) : from;
      if (strict_ && (from < 0 || to >= size || from > to)) return false;
      for (int64_t i = std::max<int64_t>(from, 0); i <= std::min(to, size - 1); ++i) {
        next.push_back(array ? JsonItem{yyjson_arr_get(item.value, static_cast<size_t>(i)), item.made}
                             : item);
      }
    }
    return true;
  }

  /// The items of an operand, arrays taken apart as lax paths do; nothing for an error.
  std::optional<Items> ValuesOf(const Predicate::Operand& operand, const JsonItem& item) const {
    if (operand.literal) return Items{{operand.literal->root(), operand.literal}};
    Items items = {operand.from_root ? JsonItem{root_, nullptr} : item};
    if (!Follow(operand.steps, items)) return std::nullopt;
    if (strict_) return items;
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

  Truth Holds(const Predicate& predicate, const JsonItem& item) const {
    using Kind = Predicate::Kind;
    switch (predicate.kind) {
      case Kind::kNot: {
        const Truth inner = Holds(*predicate.parts[0], item);
        return inner == Truth::kUnknown ? inner : inner == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
      }
      case Kind::kIsUnknown:
        return Holds(*predicate.parts[0], item) == Truth::kUnknown ? Truth::kTrue : Truth::kFalse;
      case Kind::kAnd:
      case Kind::kOr: {
        const Truth decides = predicate.kind == Kind::kAnd ? Truth::kFalse : Truth::kTrue;
        const Truth left = Holds(*predicate.parts[0], item);
        const Truth right = Holds(*predicate.parts[1], item);
        if (left == decides || right == decides) return decides;
        return left == Truth::kUnknown ? left : right;
      }
      case Kind::kExists: {
        const auto items = ValuesOf(predicate.operands[0], item);
        if (!items) return Truth::kUnknown;
        return items->empty() ? Truth::kFalse : Truth::kTrue;
      }
      case Kind::kStartsWith:
      case Kind::kCompare:
        break;
    }
    const auto left = ValuesOf(predicate.operands[0], item);
    const auto right = ValuesOf(predicate.operands[1], item);
    if (!left || !right) return Truth::kUnknown;
    bool found = false;
    for (const JsonItem& a : *left) {
      for (const JsonItem& b : *right) {
        const Truth one = predicate.kind == Kind::kStartsWith ? StartsWith(a.value, b.value)
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
  yyjson_val* root_;
};

}  // namespace

SqlJsonPath::SqlJsonPath(std::string_view text) { steps_ = PathParser(text).Parse(strict_); }

std::optional<std::vector<JsonItem>> SqlJsonPath::Find(yyjson_val* root) const {
  Items items = {{root, nullptr}};
  if (!PathWalk(strict_, root).Follow(steps_, items)) return std::nullopt;
  return items;
}

}  // namespace planaria::kernel
