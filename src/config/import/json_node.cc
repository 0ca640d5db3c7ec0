#include "config/import/json_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace planaria {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 64;

[[noreturn]] void Fail(const std::string& where, std::string_view message) {
  throw TrinoException(errors::CONFIGURATION_INVALID, fmt::format("{}: {}", where, message));
}

/// `line 3, column 14` of a byte, both from 1.
std::string LineAndColumn(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const size_t line_start = before.rfind('\n');
  return fmt::format("line {}, column {}", std::count(before.begin(), before.end(), '\n') + 1,
                     before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1);
}

/// Watches what the parser would let pass: of two members of one name it keeps the last.
class Watcher {
 public:
  explicit Watcher(const std::string& source) : source_(source) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > kDeepest) Fail(source_, fmt::format("is nested deeper than {} levels", kDeepest));
    if (event == Json::parse_event_t::object_start) names_.emplace_back();
    if (event == Json::parse_event_t::object_end) names_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names_.back().insert(name).second) Fail(source_, fmt::format("has member '{}' twice", name));
    }
    return true;
  }

 private:
  const std::string& source_;
  std::vector<std::set<std::string>> names_;
};

bool SameButCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return lower(a) == lower(b);
  });
}

std::string PlaceOfMember(const std::string& place, const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (plain) return place + (place.empty() ? "" : ".") + name;
  return place + '[' + Json(name).dump(-1, ' ', true, Json::error_handler_t::replace) + ']';
}

}  // namespace

JsonNode::JsonNode(std::shared_ptr<const std::string> source, std::shared_ptr<const Json> value,
                   std::string place)
    : source_(std::move(source)), value_(std::move(value)), place_(std::move(place)) {}

JsonNode JsonNode::Below(const Json& value, std::string place) const {
  return {source_, std::shared_ptr<const Json>(value_, &value), std::move(place)};
}

JsonNode JsonNode::Parse(const std::string& source, std::string_view text) {
  const auto name = std::make_shared<const std::string>(source);
  try {
    // By reference: the parser copies its callback.
    Watcher watcher(*name);
    auto value = std::make_shared<const Json>(Json::parse(text.begin(), text.end(), std::ref(watcher)));
    return {name, std::move(value), ""};
  } catch (const Json::parse_error& error) {
    // The library's own message quotes what it read last, which may be a secret.
    Fail(source, fmt::format("is not JSON: malformed at {}", LineAndColumn(text, error.byte)));
  } catch (const Json::out_of_range&) {
    Fail(source, "has a number that is too large");
  }
}

bool JsonNode::IsObject() const { return value_->is_object(); }
bool JsonNode::IsArray() const { return value_->is_array(); }

std::vector<std::pair<std::string, JsonNode>> JsonNode::Members() const {
  std::vector<std::pair<std::string, JsonNode>> members;
  if (!IsObject()) return members;
  for (const auto& [name, value] : value_->items()) {
    members.emplace_back(name, Below(value, PlaceOfMember(place_, name)));
  }
  return members;
}

std::vector<JsonNode> JsonNode::Elements() const {
  std::vector<JsonNode> elements;
  if (!IsArray()) return elements;
  for (const Json& value : *value_) {
    elements.push_back(Below(value, fmt::format("{}[{}]", place_, elements.size())));
  }
  return elements;
}

std::optional<JsonNode> JsonNode::Member(std::string_view name) const {
  if (!IsObject()) return std::nullopt;
  const auto found = value_->find(std::string(name));
  if (found == value_->end()) return std::nullopt;
  return Below(*found, PlaceOfMember(place_, std::string(name)));
}

std::optional<JsonNode> JsonNode::MemberAnyCase(std::string_view name) const {
  std::optional<JsonNode> found;
  for (const auto& [other, node] : Members()) {
    if (!SameButCase(other, name)) continue;
    if (found) Refuse(fmt::format("has member '{}' twice, in different cases", name));
    found = node;
  }
  return found;
}

std::string JsonNode::Text() const {
  if (value_->is_string()) return value_->get<std::string>();
  if (value_->is_number() || value_->is_boolean()) return value_->dump();
  Refuse(fmt::format("is {}, expected a string", value_->type_name()));
}

void JsonNode::ExpectObject() const {
  if (!IsObject()) Refuse(fmt::format("is {}, expected an object", value_->type_name()));
}

void JsonNode::ExpectArray() const {
  if (!IsArray()) Refuse(fmt::format("is {}, expected an array", value_->type_name()));
}

void JsonNode::Refuse(std::string_view message) const { Fail(Where(), message); }

}  // namespace planaria
