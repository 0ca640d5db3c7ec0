// The XML that object stores and Hadoop's files speak, as a tree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::storage {

struct XmlElement {
  /// Without namespace prefix.
  std::string name;
  /// All text directly inside.
  std::string text;
  std::vector<XmlElement> children;

  /// The first child of this name; nullptr without one.
  const XmlElement* Child(std::string_view name) const;
  /// Its text; empty without one.
  std::string Text(std::string_view name) const;
};

/// The root; nothing when the text is not one well-formed document. Entities are not expanded beyond XML's
/// own.
std::optional<XmlElement> ParseXml(std::string_view text);

/// For text between tags.
std::string EscapeXml(std::string_view text);

}  // namespace planaria::storage
