#include "storage/xml.h"

#include <expat.h>

#include <algorithm>
#include <memory>

namespace planaria::storage {
namespace {

constexpr size_t kDeepest = 64;

struct Builder {
  XML_Parser parser;
  XmlElement document;
  std::vector<XmlElement*> open{&document};

  static void OnStart(void* self, const char* name, const char**) {
    auto& builder = *static_cast<Builder*>(self);
    if (builder.open.size() > kDeepest) {
      XML_StopParser(builder.parser, XML_FALSE);
      return;
    }
    const std::string_view full = name;
    const size_t colon = full.rfind(':');
    // Only the innermost element grows: pointers to the outer ones stay valid.
    XmlElement& element = builder.open.back()->children.emplace_back();
    element.name = colon == std::string_view::npos ? full : full.substr(colon + 1);
    builder.open.push_back(&element);
  }
  static void OnEnd(void* self, const char*) { static_cast<Builder*>(self)->open.pop_back(); }
  static void OnText(void* self, const char* text, int size) {
    static_cast<Builder*>(self)->open.back()->text.append(text, static_cast<size_t>(size));
  }
  /// No store sends a document type; those who do want to make the parser work.
  static void OnDoctype(void* self, const char*, const char*, const char*, int) {
    XML_StopParser(static_cast<Builder*>(self)->parser, XML_FALSE);
  }
};

}  // namespace

const XmlElement* XmlElement::Child(std::string_view name) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlElement& child) { return child.name == name; });
  return found == children.end() ? nullptr : &*found;
}

std::string XmlElement::Text(std::string_view name) const {
  const XmlElement* const child = Child(name);
  return child == nullptr ? std::string() : child->text;
}

std::optional<XmlElement> ParseXml(std::string_view text) {
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate(nullptr),
                                                                       XML_ParserFree);
  Builder builder{parser.get(), {}};
  XML_SetUserData(parser.get(), &builder);
  XML_SetElementHandler(parser.get(), &Builder::OnStart, &Builder::OnEnd);
  XML_SetCharacterDataHandler(parser.get(), &Builder::OnText);
  XML_SetStartDoctypeDeclHandler(parser.get(), &Builder::OnDoctype);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK ||
      builder.document.children.empty()) {
    return std::nullopt;
  }
  return std::move(builder.document.children.front());
}

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace planaria::storage
