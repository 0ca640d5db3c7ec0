#include "kernel/functions/json_value.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "kernel/functions/function_set.h"
#include "kernel/java_number.h"

namespace planaria::kernel {

using namespace duckdb_yyjson;  // NOLINT: a C library in a namespace.

namespace {

constexpr int kMaxDepth = 1000;

/// yyjson reads without recursion; whatever walks the values may recurse.
bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

/// Numbers with a fraction as Java prints doubles.
void AppendNumber(std::string_view digits, std::string* out) {
  if (digits.find_first_of(".eE") == std::string_view::npos) {
    *out += digits == "-0" ? "0" : digits;
    return;
  }
  const double value = std::strtod(std::string(digits).c_str(), nullptr);
  if (std::isinf(value)) out->push_back('"');
  AppendJavaDouble(value, out);
  if (std::isinf(value)) out->push_back('"');
}

void AppendMember(std::string_view key, yyjson_val* value, bool first, JsonForm form, std::string* out) {
  if (!first) out->push_back(',');
  AppendJsonText(key, out);
  out->push_back(':');
  AppendJson(value, form, out);
}

}  // namespace

void JsonDocument::Free::operator()(yyjson_doc* document) const { yyjson_doc_free(document); }

JsonDocument::JsonDocument(std::string_view text) {
  if (IsTooDeep(text)) return;
  document_.reset(yyjson_read_opts(const_cast<char*>(text.data()), text.size(), YYJSON_READ_NUMBER_AS_RAW,
                                   nullptr, nullptr));
  root_ = yyjson_doc_get_root(document_.get());
}

JsonPath::JsonPath(std::string_view text) {
  const auto fail = [&] {
    FailFunction(errors::INVALID_FUNCTION_ARGUMENT, fmt::format("Invalid JSON path: '{}'", text));
  };
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  if (!text.starts_with('$')) fail();
  for (size_t at = 1; at < text.size();) {
    if (text[at] == '.') {
      const size_t begin = ++at;
      while (at < text.size() && in_name(text[at])) ++at;
      if (at == begin) fail();
      steps_.emplace_back(std::string(text.substr(begin, at - begin)));
    } else if (text[at] == '[' && at + 1 < text.size() && text[at + 1] == '"') {
      std::string name;
      for (at += 2; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') {
          if (++at == text.size() || (text[at] != '"' && text[at] != '\\')) fail();
        }
        name.push_back(text[at]);
      }
      if (text.substr(at, 2) != "\"]") fail();
      at += 2;
      steps_.emplace_back(std::move(name));
    } else if (text[at] == '[') {
      const size_t close = text.find(']', at);
      const std::string_view inside =
          close == std::string_view::npos ? "" : text.substr(at + 1, close - at - 1);
      if (inside.empty()) fail();
      bool index = inside.size() <= 9;
      bool word = true;
      for (const char c : inside) {
        index = index && c >= '0' && c <= '9';
        word = word && (std::isalnum(static_cast<unsigned char>(c)) || c == '_');
      }
      if (index) {
        steps_.emplace_back(static_cast<size_t>(std::strtoul(std::string(inside).c_str(), nullptr, 10)));
      } else if (word) {
        steps_.emplace_back(std::string(inside));
      } else {
        fail();
      }
      at = close + 1;
    } else {
      fail();
    }
  }
}

yyjson_val* JsonPath::Find(yyjson_val* value) const {
  for (const auto& step : steps_) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (yyjson_is_arr(value) && name->find_first_not_of("0123456789") == std::string::npos) {
        value = yyjson_arr_get(value, std::strtoul(name->c_str(), nullptr, 10));
      } else {
        value = yyjson_obj_getn(value, name->data(), name->size());
      }
    } else if (yyjson_is_obj(value)) {
      // `[1]` is a member's name as well.
      const std::string name = std::to_string(std::get<size_t>(step));
      value = yyjson_obj_getn(value, name.data(), name.size());
    } else {
      value = yyjson_arr_get(value, std::get<size_t>(step));
    }
    if (!value) return nullptr;
  }
  return value;
}

void AppendJson(yyjson_val* value, JsonForm form, std::string* out) {
  switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_RAW:
      AppendNumber(JsonTextOf(value), out);
      break;
    case YYJSON_TYPE_BOOL:
      *out += yyjson_is_true(value) ? "true" : "false";
      break;
    case YYJSON_TYPE_STR:
      AppendJsonText(JsonTextOf(value), out);
      break;
    case YYJSON_TYPE_ARR: {
      out->push_back('[');
      yyjson_arr_iter elements = yyjson_arr_iter_with(value);
      for (bool first = true; auto* element = yyjson_arr_iter_next(&elements); first = false) {
        if (!first) out->push_back(',');
        AppendJson(element, form, out);
      }
      out->push_back(']');
      break;
    }
    case YYJSON_TYPE_OBJ: {
      out->push_back('{');
      yyjson_obj_iter members = yyjson_obj_iter_with(value);
      std::map<std::string_view, yyjson_val*> sorted;
      bool first = true;
      while (auto* key = yyjson_obj_iter_next(&members)) {
        if (form == JsonForm::kCanonical) {
          sorted[JsonTextOf(key)] = yyjson_obj_iter_get_val(key);
        } else {
          AppendMember(JsonTextOf(key), yyjson_obj_iter_get_val(key), first, form, out);
          first = false;
        }
      }
      for (const auto& [key, member] : sorted) {
        AppendMember(key, member, first, form, out);
        first = false;
      }
      out->push_back('}');
      break;
    }
    default:
      *out += "null";
  }
}

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    static constexpr std::string_view kEscaped = "\"\\\b\t\n\f\r";
    static constexpr std::string_view kLetters = "\"\\btnfr";
    if (const size_t at = kEscaped.find(c); at != std::string_view::npos) {
      out->push_back('\\');
      out->push_back(kLetters[at]);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(*out), "\\u{:04X}", static_cast<int>(c));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

std::string_view JsonTextOf(yyjson_val* value) {
  return {unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value)};
}

}  // namespace planaria::kernel
