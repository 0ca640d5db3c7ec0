#include "sql/functions/function_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "sql/functions/type_pattern.h"
#include "sql/types/coercion.h"

namespace planaria::sql {

namespace {

struct Overload {
  FunctionKind kind = FunctionKind::kScalar;
  std::string_view text;
  std::vector<TypePattern> arguments;
  bool variadic = false;
  TypePattern result;
  std::string_view pattern;
};

using Table = std::unordered_map<std::string_view, std::vector<Overload>>;

void Add(Table& table, FunctionKind kind, std::string_view name, std::string_view arguments,
         std::string_view result, std::string_view pattern) {
  Overload overload{kind, arguments, {}, arguments.ends_with("..."), TypePattern::Parse(result), pattern};
  if (overload.variadic) arguments.remove_suffix(3);
  overload.arguments = TypePattern::ParseList(arguments);
  table[name].push_back(std::move(overload));
}

const Table& Functions() {
  static const Table table = [] {
    Table made;
#define FUNCTION(KIND, NAME, ARGUMENTS, RESULT, PATTERN) \
  Add(made, FunctionKind::k##KIND, NAME, ARGUMENTS, RESULT, PATTERN);
#include "sql/functions/functions.inc"
#undef FUNCTION
    return made;
  }();
  return table;
}

const std::vector<Overload>& Named(std::string_view name) {
  static const std::vector<Overload> none;
  const auto found = Functions().find(name);
  return found == Functions().end() ? none : found->second;
}

const TypePattern& PatternOf(const Overload& overload, size_t argument) {
  return overload.arguments[std::min(argument, overload.arguments.size() - 1)];
}

bool TakesCount(const Overload& overload, size_t count) {
  if (!overload.variadic) return overload.arguments.size() == count;
  return count >= overload.arguments.size();
}

/// The types that the arguments have to have, with the variables bound; nothing when they cannot.
std::optional<std::vector<Type>> ArgumentsFor(const Overload& overload, const std::vector<Type>& given,
                                              bool coerce, Bindings& bindings) {
  if (!TakesCount(overload, given.size())) return std::nullopt;
  for (size_t i = 0; i < given.size(); ++i) {
    if (!PatternOf(overload, i).Bind(given[i], coerce, bindings)) return std::nullopt;
  }
  std::vector<Type> types;
  for (size_t i = 0; i < given.size(); ++i) {
    const Type type = PatternOf(overload, i).Made(bindings, given[i]);
    if (coerce ? !CanCoerce(given[i], type) : given[i] != type) return std::nullopt;
    types.push_back(type);
  }
  return types;
}

std::string WithDigits(std::string_view pattern, const Bindings& bindings) {
  std::string text(pattern);
  for (const char* variable : {"p", "s", "x", "y"}) {
    const auto bound = bindings.numbers.find(variable);
    if (bound == bindings.numbers.end()) continue;
    const std::string place = std::string("$") + variable;
    for (size_t at = text.find(place); at != std::string::npos; at = text.find(place)) {
      text.replace(at, place.size(), std::to_string(bound->second));
    }
  }
  return text;
}

struct Candidate {
  const Overload* overload;
  ResolvedFunction resolved;
};

/// True when whatever `left` takes could be given to the other as well.
bool IsMoreSpecific(const Candidate& left, const Candidate& right) {
  Bindings bindings;
  return ArgumentsFor(*right.overload, left.resolved.arguments, true, bindings).has_value();
}

std::vector<Candidate> Fitting(std::string_view name, const std::vector<Type>& given, bool coerce) {
  std::vector<Candidate> candidates;
  for (const Overload& overload : Named(name)) {
    Bindings bindings;
    auto arguments = ArgumentsFor(overload, given, coerce, bindings);
    if (!arguments) continue;
    candidates.push_back({&overload,
                          {overload.kind, std::move(*arguments), overload.result.Made(bindings, Type()),
                           WithDigits(overload.pattern, bindings)}});
  }
  return candidates;
}

/// What Trino takes when no candidate is best: one that only NULLs have to be converted for, and of several
/// with the same result whichever.
std::optional<ResolvedFunction> ForNulls(std::vector<Candidate> candidates, const std::vector<Type>& given) {
  if (std::none_of(given.begin(), given.end(),
                   [](const Type& type) { return type.Is(TypeKind::kUnknown); })) {
    return std::nullopt;
  }
  std::vector<Candidate> nulls_only;
  for (const Candidate& candidate : candidates) {
    bool fits = true;
    for (size_t i = 0; i < given.size(); ++i) {
      fits = fits && (given[i].Is(TypeKind::kUnknown) || given[i] == candidate.resolved.arguments[i]);
    }
    if (fits) nulls_only.push_back(candidate);
  }
  if (!nulls_only.empty()) candidates = std::move(nulls_only);
  for (const Candidate& candidate : candidates) {
    if (candidate.resolved.result != candidates[0].resolved.result) return std::nullopt;
  }
  return candidates[0].resolved;
}

}  // namespace

bool HasFunction(std::string_view name) { return !Named(name).empty(); }

bool IsKnownToTrino(std::string_view name) {
  // Those that take lambda expressions, and those that nothing here computes.
  static constexpr std::string_view kOthers[] = {"all_match",
                                                 "any_match",
                                                 "approx_most_frequent",
                                                 "approx_percentile",
                                                 "at_timezone",
                                                 "bar",
                                                 "color",
                                                 "current_groups",
                                                 "current_timezone",
                                                 "filter",
                                                 "format",
                                                 "from_iso8601_timestamp_nanos",
                                                 "from_unixtime_nanos",
                                                 "listagg",
                                                 "map_filter",
                                                 "map_zip_with",
                                                 "none_match",
                                                 "numeric_histogram",
                                                 "reduce",
                                                 "reduce_agg",
                                                 "render",
                                                 "rgb",
                                                 "shuffle",
                                                 "timezone",
                                                 "timezone_hour",
                                                 "timezone_minute",
                                                 "transform",
                                                 "transform_keys",
                                                 "transform_values",
                                                 "uuid",
                                                 "version",
                                                 "with_timezone",
                                                 "word_stem",
                                                 "zip_with"};
  return HasFunction(name) || std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers);
}

bool IsAggregate(std::string_view name) {
  const std::vector<Overload>& overloads = Named(name);
  return std::any_of(overloads.begin(), overloads.end(),
                     [](const Overload& overload) { return overload.kind == FunctionKind::kAggregate; });
}

bool TakesArguments(std::string_view name, size_t count) {
  const std::vector<Overload>& overloads = Named(name);
  return std::any_of(overloads.begin(), overloads.end(),
                     [&](const Overload& overload) { return TakesCount(overload, count); });
}

std::optional<ResolvedFunction> Resolve(std::string_view name, const std::vector<Type>& arguments) {
  std::vector<Candidate> candidates = Fitting(name, arguments, false);
  if (candidates.empty()) candidates = Fitting(name, arguments, true);
  if (candidates.empty()) return std::nullopt;
  for (const Candidate& candidate : candidates) {
    const bool best = std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
      return &other == &candidate || IsMoreSpecific(candidate, other);
    });
    if (best) return candidate.resolved;
  }
  return ForNulls(std::move(candidates), arguments);
}

std::string Overloads(std::string_view name) {
  std::vector<std::string> texts;
  for (const Overload& overload : Named(name)) texts.push_back(fmt::format("{}({})", name, overload.text));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace planaria::sql
