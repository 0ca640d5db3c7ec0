// A JSON document read with errors that say where: `cluster.json: [1].Properties["retry-policy"]: ...`.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planaria {

/// A value and its place in the document. Cheap to copy; keeps the document alive. Members whose values have
/// the wrong kind are TrinoException(CONFIGURATION_INVALID), which names the place and never shows the value.
class JsonNode {
 public:
  /// `source` begins every error. Throws when the text is not one JSON document, has a member twice, or is
  /// nested deeper than 64 levels.
  static JsonNode Parse(const std::string& source, std::string_view text);

  bool IsObject() const;
  bool IsArray() const;
  /// Of an object, by name; empty for anything else.
  std::vector<std::pair<std::string, JsonNode>> Members() const;
  /// Of an array; empty for anything else.
  std::vector<JsonNode> Elements() const;
  std::optional<JsonNode> Member(std::string_view name) const;
  /// As above, whatever the case of the name's letters. Two that differ in nothing else are an error.
  std::optional<JsonNode> MemberAnyCase(std::string_view name) const;
  /// A string, or a number or boolean as JSON writes it.
  std::string Text() const;

  /// Throws unless it is one.
  void ExpectObject() const;
  void ExpectArray() const;
  [[noreturn]] void Refuse(std::string_view message) const;

  /// `[1].Properties["retry-policy"]`; `$` for the whole document.
  std::string place() const { return place_.empty() ? "$" : place_; }
  /// The source and the place, to begin an error with.
  std::string Where() const { return *source_ + ": " + place(); }

 private:
  JsonNode(std::shared_ptr<const std::string> source, std::shared_ptr<const nlohmann::json> value,
           std::string place);
  JsonNode Below(const nlohmann::json& value, std::string place) const;

  std::shared_ptr<const std::string> source_;
  std::shared_ptr<const nlohmann::json> value_;
  std::string place_;
};

}  // namespace planaria
