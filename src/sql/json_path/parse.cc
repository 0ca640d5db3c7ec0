#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "sql/json_path/json_path.h"

namespace planaria::sql::json_path {

namespace {

using Kind = Expression::Kind;

/// Nested more deeply, or longer, nothing that evaluates a path may recurse over it.
constexpr int kMaxDepth = 200;
constexpr int kMaxSteps = 2000;

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Path Parse() {
    path_.strict = Word("strict");
    if (!path_.strict && !Word("lax")) Mismatch("expecting {'lax', 'strict'}");
    path_.root = Sum();
    Blank();
    if (at_ < text_.size()) throw InvalidPath{at_, "extraneous input '" + Token() + "' expecting <EOF>"};
    return std::move(path_);
  }

 private:
  [[noreturn]] void Mismatch(const std::string& expected) {
    Blank();
    throw InvalidPath{at_, "mismatched input '" + Token() + "' " + expected};
  }
  [[noreturn]] void Fail() { Mismatch("in JSON path"); }
  [[noreturn]] void Unsupported(const std::string& what) {
    throw InvalidPath{at_, what + " in JSON path is not yet supported", true};
  }
  /// The word or character here.
  std::string Token() const {
    if (at_ >= text_.size()) return "<EOF>";
    size_t end = at_;
    while (end < text_.size() && InName(text_[end])) ++end;
    return std::string(text_.substr(at_, std::max<size_t>(end - at_, 1)));
  }

  class Level {
   public:
    explicit Level(PathParser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxDepth) parser_.Fail();
    }
    ~Level() { --parser_.depth_; }

   private:
    PathParser& parser_;
  };

  void Blank() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  static bool InName(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  }
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  bool Sees(std::string_view token) {
    Blank();
    return text_.substr(at_).starts_with(token);
  }
  bool Take(std::string_view token) {
    if (!Sees(token)) return false;
    at_ += token.size();
    return true;
  }
  void Require(std::string_view token) {
    if (!Take(token)) Mismatch("expecting '" + std::string(token) + "'");
  }
  bool Word(std::string_view word) {
    if (!Sees(word)) return false;
    const size_t end = at_ + word.size();
    if (end < text_.size() && InName(text_[end])) return false;
    at_ = end;
    return true;
  }
  std::string Name() {
    Blank();
    const size_t begin = at_;
    if (at_ < text_.size() && IsDigit(text_[at_])) Fail();
    while (at_ < text_.size() && InName(text_[at_])) ++at_;
    if (at_ == begin) Fail();
    return std::string(text_.substr(begin, at_ - begin));
  }
  /// With its quotes and escapes, which are JSON's.
  std::string_view Quoted() {
    const size_t begin = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\';
    if (at_ >= text_.size()) {
      at_ = begin;
      Fail();
    }
    ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string MemberName() {
    if (!Sees("\"")) return Name();
    std::string name;
    std::string_view inside = Quoted();
    inside = inside.substr(1, inside.size() - 2);
    for (size_t i = 0; i < inside.size(); ++i) {
      if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
      name.push_back(inside[i]);
    }
    return name;
  }

  ExpressionPtr Made(Kind kind, ExpressionPtr first = nullptr, ExpressionPtr second = nullptr) {
    if (++steps_ > kMaxSteps) Fail();
    auto made = std::make_unique<Expression>();
    made->kind = kind;
    if (first) made->operands.push_back(std::move(first));
    if (second) made->operands.push_back(std::move(second));
    return made;
  }

  ExpressionPtr Sum() {
    const Level level(*this);
    ExpressionPtr left = Product();
    for (;;) {
      if (Take("+")) {
        left = Made(Kind::kAdd, std::move(left), Product());
      } else if (Take("-")) {
        left = Made(Kind::kSubtract, std::move(left), Product());
      } else {
        return left;
      }
    }
  }
  ExpressionPtr Product() {
    ExpressionPtr left = Signed();
    for (;;) {
      if (Take("*")) {
        left = Made(Kind::kMultiply, std::move(left), Signed());
      } else if (Take("/")) {
        left = Made(Kind::kDivide, std::move(left), Signed());
      } else if (Take("%")) {
        left = Made(Kind::kModulus, std::move(left), Signed());
      } else {
        return left;
      }
    }
  }
  ExpressionPtr Signed() {
    const Level level(*this);
    if (Take("-")) return Made(Kind::kNegate, Signed());
    // `+x` is -(-x): both want numbers.
    if (Take("+")) return Made(Kind::kNegate, Made(Kind::kNegate, Signed()));
    return Accessors(Primary());
  }

  ExpressionPtr Primary() {
    Blank();
    if (Take("(")) {
      ExpressionPtr inner = Sum();
      Require(")");
      return inner;
    }
    if (Take("@")) return Made(Kind::kItem);
    if (Take("$")) {
      if (at_ >= text_.size() || !InName(text_[at_])) return Made(Kind::kRoot);
      ExpressionPtr variable = Made(Kind::kVariable);
      variable->offset = at_ - 1;
      variable->text = Name();
      path_.variables.push_back(variable->text);
      return variable;
    }
    if (Word("last")) return Made(Kind::kLast);
    for (const char* word : {"true", "false", "null"}) {
      if (!Word(word)) continue;
      ExpressionPtr literal = Made(Kind::kLiteral);
      literal->text = word;
      return literal;
    }
    if (Sees("\"")) {
      ExpressionPtr literal = Made(Kind::kLiteral);
      literal->text = Quoted();
      return literal;
    }
    ExpressionPtr literal = Made(Kind::kLiteral);
    literal->text = Number();
    return literal;
  }

  std::string Number() {
    const size_t begin = at_;
    const auto digits = [&] {
      const size_t first = at_;
      while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
      return at_ > first;
    };
    if (!digits()) Fail();
    if (at_ + 1 < text_.size() && text_[at_] == '.' && IsDigit(text_[at_ + 1])) {
      ++at_;
      digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) Fail();
    }
    if (at_ < text_.size() && InName(text_[at_])) Fail();
    return std::string(text_.substr(begin, at_ - begin));
  }

  ExpressionPtr Accessors(ExpressionPtr base) {
    for (;;) {
      if (Take("..")) {
        base = Made(Kind::kDescendants, std::move(base));
        base->text = MemberName();
      } else if (Take(".")) {
        base = Member(std::move(base));
      } else if (Take("[")) {
        base = Elements(std::move(base));
      } else if (Take("?")) {
        Require("(");
        base = Made(Kind::kFilter, std::move(base));
        base->filter = Or();
        Require(")");
      } else {
        return base;
      }
    }
  }

  ExpressionPtr Member(ExpressionPtr base) {
    static const std::map<std::string, Kind> methods = {
        {"abs", Kind::kAbs},     {"ceiling", Kind::kCeiling},   {"double", Kind::kDouble},
        {"floor", Kind::kFloor}, {"keyvalue", Kind::kKeyValue}, {"size", Kind::kSize},
        {"type", Kind::kType}};
    if (Take("*")) return Made(Kind::kAnyMember, std::move(base));
    const bool quoted = Sees("\"");
    const std::string name = MemberName();
    if (quoted || !Sees("(")) {
      ExpressionPtr member = Made(Kind::kMember, std::move(base));
      member->text = name;
      return member;
    }
    const auto method = methods.find(name);
    if (method == methods.end()) {
      if (name == "datetime") Unsupported("datetime method");
      Fail();
    }
    Require("(");
    Require(")");
    return Made(method->second, std::move(base));
  }

  ExpressionPtr Elements(ExpressionPtr base) {
    if (Take("*")) {
      Require("]");
      return Made(Kind::kAnyElement, std::move(base));
    }
    ExpressionPtr elements = Made(Kind::kElements, std::move(base));
    do {
      Subscript subscript{Sum(), nullptr};
      if (Word("to")) subscript.to = Sum();
      elements->subscripts.push_back(std::move(subscript));
    } while (Take(","));
    Require("]");
    return elements;
  }

  static PredicatePtr Joined(Predicate::Kind kind, PredicatePtr left, PredicatePtr right = nullptr) {
    auto whole = std::make_unique<Predicate>();
    whole->kind = kind;
    whole->parts.push_back(std::move(left));
    if (right) whole->parts.push_back(std::move(right));
    return whole;
  }
  PredicatePtr Or() {
    PredicatePtr left = And();
    while (Take("||")) left = Joined(Predicate::Kind::kOr, std::move(left), And());
    return left;
  }
  PredicatePtr And() {
    PredicatePtr left = Term();
    while (Take("&&")) left = Joined(Predicate::Kind::kAnd, std::move(left), Term());
    return left;
  }
  PredicatePtr Term() {
    const Level level(*this);
    if (++steps_ > kMaxSteps) Fail();
    if (!Sees("!=") && Take("!")) return Joined(Predicate::Kind::kNot, Term());
    if (Sees("(")) {
      if (PredicatePtr inner = InParentheses()) return inner;
    }
    auto made = std::make_unique<Predicate>();
    if (Word("exists")) {
      made->kind = Predicate::Kind::kExists;
      Require("(");
      made->operands.push_back(Sum());
      Require(")");
      return made;
    }
    made->operands.push_back(Sum());
    if (Word("starts")) {
      if (!Word("with")) Mismatch("expecting 'with'");
      made->kind = Predicate::Kind::kStartsWith;
    } else if (Word("like_regex")) {
      Unsupported("like_regex predicate");
    } else {
      for (const char* op : {"==", "!=", "<>", "<=", ">=", "<", ">"}) {
        if (!made->op.empty() || !Take(op)) continue;
        made->op = op;
      }
      if (made->op.empty()) Fail();
    }
    made->operands.push_back(Sum());
    return made;
  }

  /// Null where the parenthesis is one of an expression, as in `(@ + 1) > 2`.
  PredicatePtr InParentheses() {
    const size_t begin = at_;
    const int depth = depth_;
    const size_t variables = path_.variables.size();
    try {
      Require("(");
      PredicatePtr inner = Or();
      Require(")");
      if (Word("is")) {
        if (!Word("unknown")) Mismatch("expecting 'unknown'");
        return Joined(Predicate::Kind::kIsUnknown, std::move(inner));
      }
      return inner;
    } catch (const InvalidPath& failure) {
      if (failure.not_supported) throw;
      at_ = begin;
      depth_ = depth;
      path_.variables.resize(variables);
      return nullptr;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  int steps_ = 0;
  Path path_;
};

}  // namespace

Path Parse(std::string_view text) { return PathParser(text).Parse(); }

}  // namespace planaria::sql::json_path
